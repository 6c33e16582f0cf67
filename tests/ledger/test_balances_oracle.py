"""Balances and the trial balance, names and all, against plain look-throughs, now and at a moment that was pinned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from foundation.db import unit_of_work
from ledger import ADJUSTING_KINDS, Moment, account_balances, open_export, take_moment, trial_balance
from tests.ledger.entries import AT, draft, issued, post, wait_until_settled
from tests.ledger.oracle_scene import (
    ASKED_DAYS,
    LAST_DAY,
    MADE_CHARTS,
    MADE_ENTRIES,
    MOMENTS,
    ORACLE,
    REGION,
    Line,
    Scene,
    build,
    post_more,
    rename,
)
from tests.ledger.slips import slip_in

QUERIES = st.lists(
    st.fixed_dictionaries(
        {
            "since": st.none() | ASKED_DAYS,
            "on": st.none() | ASKED_DAYS,
            "known_at": MOMENTS,
            "account": st.sampled_from((None, None, "1", "1.1.01", "1.1.01.90.01.0001", "1.1.0", "4", "%")),
            "entity": st.sampled_from((None, None, "BAPENDA", "PPKD", "TIDAK-ADA")),
            "book": st.sampled_from((None, None, "F", "A")),
            "before_closing": st.booleans(),
        }
    ),
    min_size=6,
    max_size=10,
)
Sums = tuple[str, int, int, int, int]


def naive_sums(scene: Scene, lines: list[Line], wanted: dict[str, Any]) -> dict[tuple[str, str, str], Sums]:
    """Name, opening debit and credit, debit and credit by book, entity and account."""
    places: defaultdict[tuple[str, str, str], list[Line]] = defaultdict(list)
    since, on = wanted["since"] or date.min, wanted["on"] or date.max
    for line in lines:
        left_out = wanted["before_closing"] and ADJUSTING_KINDS.get(line.kind) == "closing" and line.on >= since
        if (
            not left_out
            and line.on <= on
            and (wanted["known_at"] is None or line.known_from <= wanted["known_at"])
            and (wanted["account"] is None or f"{line.account}.".startswith(f"{wanted['account']}."))
            and wanted["entity"] in (None, line.entity)
            and wanted["book"] in (None, line.book)
        ):
            places[line.book, line.entity, line.account].append(line)
    found = {}
    for place, fitting in sorted(places.items()):
        sums = [0, 0, 0, 0]
        for line in fitting:
            sums[2 * (line.on >= since) + (line.side == "credit")] += line.sen
        name = scene.name_on(place[2], max(line.on for line in fitting))
        found[place] = (name, sums[0], sums[1], sums[2], sums[3])
    return found


def hold_balances(session: Session, scene: Scene, lines: list[Line], wanted: dict[str, Any], at: Moment | None) -> None:
    """Account balances tell what the lines come to."""
    plain = naive_sums(scene, lines, wanted | {"before_closing": False})
    asked = {name: value for name, value in wanted.items() if name != "before_closing"}
    if slip := slip_in(wanted, "since", "on"):
        with pytest.raises(slip):
            account_balances(session, moment=at, **asked)
        return
    found = account_balances(session, moment=at, **asked)
    told = [
        (each.book, each.entity, each.account, each.account_name, each.debit.sen, each.credit.sen) for each in found
    ]
    assert told == [
        (*place, name, debit, credit) for place, (name, _, _, debit, credit) in plain.items() if debit or credit
    ], (wanted, at)


def hold_trial_balance(
    session: Session, scene: Scene, lines: list[Line], wanted: dict[str, Any], at: Moment | None
) -> None:
    """A trial balance tells what the lines come to; where a date is missing or before the other, of another span."""
    since, on = sorted((wanted["since"] or date.min, wanted["on"] or LAST_DAY))
    wanted = wanted | {"since": since, "on": on}
    if slip := slip_in(wanted, "since", "on"):
        with pytest.raises(slip):
            trial_balance(session, moment=at, **wanted)
        return
    plain = naive_sums(scene, lines, wanted)
    found = trial_balance(session, moment=at, **wanted)
    expected = []
    for place, (name, opened, owed, debit, credit) in plain.items():
        sign = 1 if scene.sides[place[2]] == "debit" else -1
        net = opened - owed + debit - credit
        expected.append((place, name, sign * (opened - owed), debit, credit, sign * net, max(net, 0), max(-net, 0)))
    assert [
        (
            (each.book, each.entity, each.account), each.account_name, each.opening.sen, each.debit.sen,
            each.credit.sen, each.closing.sen, each.closing_debit.sen, each.closing_credit.sen,
        )
        for each in found.lines
    ] == expected, (wanted, at)  # fmt: skip


def test_every_filter_of_balances_now_and_at_a_pinned_moment(restore_regions: Callable[[], None]) -> None:
    @ORACLE
    @given(chart=MADE_CHARTS, entries=MADE_ENTRIES, later=MADE_ENTRIES, queries=QUERIES)
    def check(
        chart: dict[str, Any], entries: list[dict[str, Any]], later: list[dict[str, Any]], queries: list[dict[str, Any]]
    ) -> None:
        scene = build(restore_regions, chart, entries)
        wait_until_settled(REGION)
        with unit_of_work(REGION) as session:
            moment, old = take_moment(session), list(scene.lines)
        post_more(scene, later)
        with unit_of_work(REGION) as session:
            for wanted in queries:
                for lines, pinned in ((scene.lines, None), (old, moment)):
                    hold_balances(session, scene, lines, wanted, pinned)
                    hold_trial_balance(session, scene, lines, wanted, pinned)

    check()


@pytest.mark.parametrize("what", ["account-ledger", "balances", "trial-balance"])
def test_a_snapshot_keeps_the_names_it_had_when_the_account_is_posted_on_under_another(books: str, what: str) -> None:
    def exported(snapshot: str | None) -> tuple[bytes, str]:
        with unit_of_work(books) as session:
            dates = {"accounted_from": date(2026, 1, 1), "accounted_to": date(2026, 12, 31)}
            export = open_export(session, what, "csv", region=books, written_at=AT, snapshot=snapshot, **dates)
            return b"".join(export), export.snapshot

    rename(books, "1.1.03.15.01.0001", "Piutang PBB-P2 baru", since="2026-04-01")
    post(books, draft("old", issued(2_000), accounted_on=date(2026, 3, 31)))
    wait_until_settled(books)
    before, snapshot = exported(None)
    post(books, draft("new", issued(3_000), accounted_on=date(2026, 4, 1)))
    wait_until_settled(books)
    assert exported(snapshot)[0] == before
    assert "CONTOH – Piutang PBBP2".encode() in before
    assert b"Piutang PBB-P2 baru" in exported(None)[0]
