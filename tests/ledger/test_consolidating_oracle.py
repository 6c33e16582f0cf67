"""Consolidation against plain look-throughs of what was posted, on ledgers made up at random, some of them forged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import ConsolidatedBalance, PostingDraft, RkPair, consolidated_balances, one_sided_entries, rk_pairs
from tests.database import TestDatabase
from tests.ledger.entries import draft, issued, money, post
from tests.ledger.oracle_scene import ASKED_DAYS, MADE_CHARTS, MADE_ENTRIES, ORACLE, REGION, Line, Scene, build, rename
from tests.ledger.seals import tamper
from tests.ledger.slips import slip_in

SPANS = st.lists(st.tuples(ASKED_DAYS, st.none() | ASKED_DAYS), min_size=12, max_size=20)
DAYS = st.lists(ASKED_DAYS, min_size=6, max_size=10)
FORGED = st.lists(st.tuples(st.integers(0, 99), st.sampled_from(("amount", "counterpart"))), max_size=3)


def naive_consolidation(scene: Scene, on: date, since: date | None) -> list[ConsolidatedBalance]:
    """Per book and account, named as on the last day that something was posted on it; RK accounts are left out."""
    found: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in scene.lines:
        if line.on <= on and (since is None or line.on >= since) and line.account not in scene.rk:
            found[line.book, line.account].append(line)
    rows = []
    for (book, account), lines in sorted(found.items()):
        debit, credit = (Money(sum(line.sen for line in lines if line.side == side)) for side in ("debit", "credit"))
        side = scene.sides[account]
        name = scene.name_on(account, max(line.on for line in lines))
        balance = debit - credit if side == "debit" else credit - debit
        rows.append(ConsolidatedBalance(book, account, name, side, debit, credit, balance))
    return rows


def pair_of(line: Line) -> tuple[str, str]:
    """The two entities of an RK posting by their codes; one that names nobody stands beside "-"."""
    if line.counterpart is None:
        return line.entity, "-"
    first, second = sorted((line.entity, line.counterpart))
    return first, second


def naive_pairs(scene: Scene, on: date) -> list[RkPair]:
    sums: defaultdict[tuple[str, str], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in scene.lines:
        if line.account in scene.rk and line.on <= on:
            sums[pair_of(line)][line.entity] += line.signed
    return [
        RkPair(first, second, Money(by[first]), Money(by[second]))
        for (first, second), by in sorted(sums.items())
        if by[first] or by[second]
    ]


def naive_one_sided(scene: Scene, on: date) -> list[tuple[str, str, str, Money]]:
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for line in scene.lines:
        if line.account in scene.rk and line.on <= on:
            sums[(line.key, *pair_of(line))] += line.signed
    return sorted((*place, Money(net)) for place, net in sums.items() if net)


def forge(scene: Scene, database: TestDatabase, forged: list[tuple[int, str]]) -> list[date]:
    """Change RK postings past the guards, and in the plain list alike; the days of those."""
    days = []
    for which, what in forged:
        places = [number for number, line in enumerate(scene.lines) if line.account in scene.rk]
        if not places:
            break
        place = places[which % len(places)]
        line = scene.lines[place]
        days.append(line.on)
        line_no = 1 + sum(each.key == line.key for each in scene.lines[:place])
        change, scene.lines[place] = {
            "amount": ("amount_sen = amount_sen + 7", replace(line, sen=line.sen + 7)),
            "counterpart": ("counterpart_entity_id = NULL", replace(line, counterpart=None)),
        }[what]
        of_entry = f"(SELECT e.id FROM journal_entry e WHERE e.key = '{line.key}')"
        tamper(database, f"UPDATE posting SET {change} WHERE entry_id = {of_entry} AND line_no = {line_no}")
    return days


def hold_pairs(scene: Scene, days: list[date], *, forged: bool) -> None:
    """The pairs of each day, and the entries that skew them: none unless somebody wrote past the guards."""
    with unit_of_work(REGION) as session:
        for on in days:
            pairs = rk_pairs(session, on=on)
            assert pairs == naive_pairs(scene, on), on
            assert forged or not any(pair.difference for pair in pairs), on
            skewed = one_sided_entries(session, on=on)
            told = sorted((each.key, each.first, each.second, each.difference) for each in skewed)
            assert told == naive_one_sided(scene, on), on


def test_every_filter_of_the_consolidated_balances_and_of_the_pairs_of_rk(
    restore_regions: Callable[[], None], database: TestDatabase
) -> None:
    @ORACLE
    @given(chart=MADE_CHARTS, entries=MADE_ENTRIES, spans=SPANS, forged=FORGED, days=DAYS)
    def check(
        chart: dict[str, Any],
        entries: list[dict[str, Any]],
        spans: list[tuple[date, date | None]],
        forged: list[tuple[int, str]],
        days: list[date],
    ) -> None:
        scene = build(restore_regions, chart, entries)
        with unit_of_work(REGION) as session:
            for on, since in spans:
                if slip := slip_in({"since": since, "on": on}, "since", "on"):
                    with pytest.raises(slip):
                        consolidated_balances(session, on=on, since=since)
                    continue
                found = consolidated_balances(session, on=on, since=since)
                assert found == naive_consolidation(scene, on, since), (on, since)
        hold_pairs(scene, days, forged=False)
        forged_on = forge(scene, database, forged)
        hold_pairs(scene, days + forged_on, forged=bool(forged))

    check()


def test_an_account_of_all_entities_bears_the_name_it_had_when_it_was_last_posted_on(books: str) -> None:
    rename(books, "1.1.03.15.01.0001", "Piutang PBB-P2 baru", since="2026-04-01")
    post(books, draft("new", issued(3_000, entity="BAPENDA"), accounted_on=date(2026, 4, 1)))
    post(books, draft("old", issued(2_000, entity="PPKD"), accounted_on=date(2026, 3, 31)))
    with unit_of_work(books) as session:
        told = {on: consolidated_balances(session, on=on)[0] for on in (date(2026, 3, 31), date(2026, 4, 1))}
        since_april = consolidated_balances(session, on=date(2026, 4, 1), since=date(2026, 4, 1))[0]
    assert [(each.account_name, each.balance) for each in told.values()] == [
        ("CONTOH – Piutang PBBP2", money(2_000)),
        ("Piutang PBB-P2 baru", money(5_000)),
    ]
    assert (since_april.account_name, since_april.balance) == ("Piutang PBB-P2 baru", money(3_000))


def test_a_pair_whose_rk_have_come_to_nothing_is_not_listed(books: str) -> None:
    def claim(side: str, other: str, partner: str) -> tuple[PostingDraft, ...]:
        def line(entity: str, role: str, side: str, counterpart: str | None, qualifier: str = "") -> PostingDraft:
            return PostingDraft(
                "F", entity, role, side, money(9), qualifier, counterpart, partner if counterpart else None
            )

        return (
            line("LH", "rk_ppkd", side, "PPKD"), line("LH", "receivable", other, None, "PBB-P2"),
            line("PPKD", "suspense", side, None), line("PPKD", "rk_skpd", other, "LH"),
        )  # fmt: skip

    post(books, draft("there", claim("debit", "credit", "BPD"), accounted_on=date(2026, 3, 31)))
    post(books, draft("back", claim("credit", "debit", "BANK2"), accounted_on=date(2026, 4, 1)))
    with unit_of_work(books) as session:
        assert rk_pairs(session, on=date(2026, 3, 31)) == [RkPair("LH", "PPKD", money(9), -money(9))]
        assert rk_pairs(session, on=date(2026, 4, 1)) == []
