"""Every filter of every query against plain look-throughs of the same postings, on ledgers made up at random."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from foundation.db import unit_of_work
from foundation.errors import LunasError
from foundation.money import Money
from ledger import (
    LedgerEntry,
    LedgerRow,
    account_balances,
    budget_recognised,
    list_account_ledger,
    list_entries,
    open_export,
    post_entry,
    roll_balances,
    stream_entries,
    take_moment,
    trial_balance,
)
from ledger.pulling.account_ledger import stream_account_ledger
from tests.ledger.entries import AT, DAY, credited, draft, issued, money, paid, wait_until_settled
from tests.ledger.slips import slip_in

ACCOUNTS = [None, "1", "1.1", "1.1.0", "1.1.01.90.01.0001", "1.1.03", "1.1.13", "3.1.03.01.01.0001", "4", "7", "%"]
FILTERS: dict[str, st.SearchStrategy[Any]] = {
    "accounted_from": st.none() | st.sampled_from([DAY + timedelta(days=n) for n in (-40, 0, 2, 3, 33)]),
    "accounted_to": st.none() | st.sampled_from([DAY + timedelta(days=n) for n in (-1, 0, 2, 30, 90)]),
    "account": st.sampled_from(ACCOUNTS),
    "entity": st.sampled_from([None, "BAPENDA", "LH", "PPKD", "TIDAK-ADA"]),
    "book": st.sampled_from([None, "F", "A"]),
    "partner": st.sampled_from([None, "BPD", "BANK2", "TIDAK-ADA"]),
    "kind": st.sampled_from([None, "paid_at_partner", "assessment_issued", "closing_revenue_lo"]),
    "source_uid": st.none() | st.sampled_from([UUID(int=1), UUID(int=2), UUID(int=9)]),
    "known_at": st.none() | st.sampled_from([AT + timedelta(hours=n) for n in (-1, 0, 2, 9)]),
}
ENTRY_FILTERS = tuple(FILTERS)
LEDGER_FILTERS = ("accounted_from", "accounted_to", "account", "entity", "book", "partner", "known_at")
BALANCE_FILTERS = ("accounted_from", "accounted_to", "account", "entity", "book", "known_at")


@dataclass(frozen=True)
class Line:
    """One posting with all that a filter may look at."""

    entry: LedgerEntry
    line_no: int
    book: str
    entity: str
    account: str
    side: str
    amount: Money
    partner: str | None

    @property
    def place(self) -> tuple[str, str, str]:
        return (self.book, self.entity, self.account)


made_entries = st.lists(
    st.tuples(
        st.sampled_from(["issued", "paid", "credited"]),
        st.sampled_from(["BAPENDA", "LH", "PPKD"]),
        st.sampled_from(["BPD", "BANK2"]),
        st.integers(1, 999),
        st.sampled_from([0, 0, 1, 2, 3, 20, 33]),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=14,
)


def asked(*names: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({name: FILTERS[name] for name in names}), min_size=6, max_size=12)


def post_all(region: str, round_: int, entries: list[Any]) -> list[str]:
    """Post in one unit of work per entry, so that transactions and times of recording differ; the keys."""
    keys = []
    for number, (what, entity, partner, thousands, day, budget, hour) in enumerate(entries):
        amount = thousands * 1000
        kind, postings = {
            "issued": ("assessment_issued", issued(amount, entity=entity)),
            "paid": ("paid_at_partner", paid(amount, entity=entity, partner=partner)),
            "credited": ("credited_to_rkud", credited(amount, partner=partner)),
        }[what]
        if budget:
            postings += budget_recognised(entity=entity, kind="PBB-P2", amount=money(amount))
        keys.append(f"{round_}:{number}")
        entry = draft(
            keys[-1], postings, kind=kind, accounted_on=DAY + timedelta(days=day), source_uid=UUID(int=1 + number % 3)
        )
        with unit_of_work(region) as session:
            post_entry(session, entry, actor="test", recorded_at=AT + timedelta(hours=hour))
        if number % 5 == 4:
            with unit_of_work(region) as session:
                roll_balances(session, least=1)
    wait_until_settled(region)
    return keys


def all_lines(region: str) -> list[Line]:
    with unit_of_work(region) as session:
        entries = list(stream_entries(session))
    return [
        Line(entry, p.line_no, p.book, p.entity, p.account, p.side, p.amount, p.partner)
        for entry in entries
        for p in entry.lines
    ]


def chosen(line: Line, wanted: dict[str, Any], *but: str) -> bool:
    """Whether a posting fits all filters, except those named in `but`."""
    fits: dict[str, Callable[[Any], bool]] = {
        "accounted_from": lambda day: line.entry.accounted_on >= day,
        "accounted_to": lambda day: line.entry.accounted_on <= day,
        "account": lambda code: line.account == code or line.account.startswith(f"{code}."),
        "entity": lambda code: line.entity == code,
        "book": lambda book: line.book == book,
        "partner": lambda code: line.partner == code,
        "kind": lambda kind: line.entry.kind == kind,
        "source_uid": lambda uid: line.entry.source_uid == uid,
        "known_at": lambda moment: line.entry.recorded_at <= moment,
    }
    return all(fits[name](value) for name, value in wanted.items() if value is not None and name not in but)


def refuses(slip: type[LunasError], read: Callable[..., Any], *asked: Any, **wanted: Any) -> None:
    with pytest.raises(slip):
        read(*asked, **wanted)


def streamed(session: Any, **wanted: Any) -> list[LedgerEntry]:
    return list(stream_entries(session, **wanted))


def streamed_ledger(session: Any, **wanted: Any) -> list[LedgerRow]:
    return list(stream_account_ledger(session, **wanted))


def signed(line: Line) -> int:
    return line.amount.sen if line.side == "debit" else -line.amount.sen


def naive_ledger(lines: list[Line], wanted: dict[str, Any], normal: dict[str, str]) -> list[tuple[Any, ...]]:
    """(place, key or None, line_no, debit, credit, balance) of the account ledger, from plain data."""
    places: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        if chosen(line, wanted, "accounted_from"):
            places[line.place].append(line)
    first = wanted.get("accounted_from") or date.min
    rows: list[tuple[Any, ...]] = []
    for place in sorted(places):
        sign = 1 if normal[place[2]] == "debit" else -1
        balance = sum(signed(line) for line in places[place] if line.entry.accounted_on < first)
        rows.append((place, None, None, None, None, Money(sign * balance)))
        later = [line for line in places[place] if line.entry.accounted_on >= first]
        for line in sorted(later, key=lambda line: (line.entry.accounted_on, line.entry.id, line.line_no)):
            balance += signed(line)
            sides = (line.amount, None) if line.side == "debit" else (None, line.amount)
            rows.append((place, line.entry.key, line.line_no, *sides, Money(sign * balance)))
    return rows


def as_told(row: LedgerRow) -> tuple[Any, ...]:
    return ((row.book, row.entity, row.account), row.key, row.line_no, row.debit, row.credit, row.balance)


def pages(read: Callable[[str | None], tuple[Any, str | None]]) -> list[Any]:
    found: list[Any] = []
    cursor = None
    while True:
        rows, cursor = read(cursor)
        found += rows
        if cursor is None:
            return found


class Rounds:
    """Counts examples, so that keys of one ledger never meet twice; entries of earlier examples stay in it."""

    def __init__(self) -> None:
        self.number = 0

    def next(self) -> int:
        self.number += 1
        return self.number


# Not made shorter: what a failure asked is told, and making fourteen entries fewer takes minutes.
SETTINGS = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def normal_sides(region: str) -> dict[str, str]:
    with unit_of_work(region) as session:
        return {row.account: row.normal_side for row in account_balances(session)}


def test_every_filter_of_entries(books: str) -> None:
    rounds = Rounds()

    @SETTINGS
    @given(entries=made_entries, queries=asked(*ENTRY_FILTERS), limit=st.integers(1, 9))
    def check(entries: list[Any], queries: list[dict[str, Any]], limit: int) -> None:
        post_all(books, rounds.next(), entries)
        lines = all_lines(books)
        for wanted in queries:
            hit = {line.entry.id for line in lines if chosen(line, wanted)}
            expected = list({line.entry.id: line.entry for line in lines if line.entry.id in hit}.values())
            with unit_of_work(books) as session:

                def read(cursor: str | None, session: Any = session, wanted: Any = wanted) -> tuple[Any, str | None]:
                    page = list_entries(session, cursor=cursor, limit=limit, **wanted)
                    return page.entries, page.next_cursor

                if slip := slip_in(wanted):
                    refuses(slip, streamed, session, **wanted)
                    refuses(slip, list_entries, session, **wanted)
                    continue
                assert list(stream_entries(session, **wanted)) == expected, wanted
                assert pages(read) == expected, wanted
                opened = open_export(session, "entries", "csv", region=books, written_at=AT, **wanted)
                content = b"".join(opened)
            told = opened.manifest()
            postings = [line for entry in expected for line in entry.lines]
            assert (told["entries"], told["postings"]) == (len(expected), len(postings)), wanted
            assert content.count(b"\r\n") == 1 + len(postings), wanted
            assert {total["book"]: total["debit"] for total in told["totals"]} == {
                book: Money(sum(p.amount.sen for p in postings if (p.book, p.side) == (book, "debit"))).plain()
                for book in {p.book for p in postings}
            }, wanted

    check()


def test_every_filter_of_the_account_ledger(books: str) -> None:
    rounds = Rounds()

    @SETTINGS
    @given(entries=made_entries, queries=asked(*LEDGER_FILTERS), limit=st.integers(1, 9))
    def check(entries: list[Any], queries: list[dict[str, Any]], limit: int) -> None:
        post_all(books, rounds.next(), entries)
        lines, normal = all_lines(books), normal_sides(books)
        for wanted in queries:
            expected = naive_ledger(lines, wanted, normal)
            with unit_of_work(books) as session:

                def read(cursor: str | None, session: Any = session, wanted: Any = wanted) -> tuple[Any, str | None]:
                    page = list_account_ledger(session, cursor=cursor, limit=limit, **wanted)
                    return page.rows, page.next_cursor

                if slip := slip_in(wanted):
                    refuses(slip, streamed_ledger, session, **wanted)
                    refuses(slip, list_account_ledger, session, **wanted)
                    continue
                assert [as_told(row) for row in stream_account_ledger(session, **wanted)] == expected, wanted
                assert [as_told(row) for row in pages(read)] == expected, wanted

    check()


def test_every_filter_of_balances_and_the_trial_balance(books: str) -> None:
    rounds = Rounds()

    @SETTINGS
    @given(before=made_entries, after=made_entries, queries=asked(*BALANCE_FILTERS))
    def check(before: list[Any], after: list[Any], queries: list[dict[str, Any]]) -> None:
        post_all(books, rounds.next(), before)
        old = all_lines(books)
        with unit_of_work(books) as session:
            moment = take_moment(session)
        post_all(books, rounds.next(), after)
        for wanted in queries:
            for lines, pinned in ((all_lines(books), None), (old, moment)):
                with unit_of_work(books) as session:
                    if slip := slip_in(wanted):
                        refuses(slip, balances, session, wanted, pinned)
                    else:
                        assert balances(session, wanted, pinned) == naive_balances(lines, wanted), wanted
                    since, until = dates_of(wanted)
                    if slip := slip_in(wanted | {"accounted_from": since, "accounted_to": until}):
                        refuses(slip, trial, session, wanted, pinned)
                    else:
                        assert trial(session, wanted, pinned) == naive_trial(lines, wanted), wanted

    check()


def balances(session: Any, wanted: dict[str, Any], moment: Any) -> dict[Any, tuple[int, int]]:
    renamed = {"accounted_from": "since", "accounted_to": "on"}
    asked_for = {renamed.get(name, name): value for name, value in wanted.items()}
    rows = account_balances(session, moment=moment, **asked_for)
    return {(row.book, row.entity, row.account): (row.debit.sen, row.credit.sen) for row in rows}


def naive_balances(lines: list[Line], wanted: dict[str, Any]) -> dict[Any, tuple[int, int]]:
    return _sums([line for line in lines if chosen(line, wanted)])


def dates_of(wanted: dict[str, Any]) -> tuple[date, date]:
    since: date = wanted["accounted_from"] or DAY
    until: datetime | date = wanted["accounted_to"] or DAY + timedelta(days=90)
    return since, max(since, until)


def trial(session: Any, wanted: dict[str, Any], moment: Any) -> dict[Any, tuple[int, int, int]]:
    """Opening on the debit side, and both movements."""
    since, until = dates_of(wanted)
    narrowed = {name: wanted[name] for name in ("account", "entity", "book", "known_at")}
    found = trial_balance(session, since=since, on=until, moment=moment, **narrowed)
    told = {}
    for line in found.lines:
        sign = 1 if line.normal_side == "debit" else -1
        assert line.closing_debit.sen - line.closing_credit.sen == sign * line.closing.sen
        assert line.closing.sen == line.opening.sen + sign * (line.debit.sen - line.credit.sen)
        told[(line.book, line.entity, line.account)] = (sign * line.opening.sen, line.debit.sen, line.credit.sen)
    return told


def naive_trial(lines: list[Line], wanted: dict[str, Any]) -> dict[Any, tuple[int, int, int]]:
    since, until = dates_of(wanted)
    fitting = [
        line
        for line in lines
        if chosen(line, wanted, "accounted_from", "accounted_to") and line.entry.accounted_on <= until
    ]
    opening = _sums([line for line in fitting if line.entry.accounted_on < since])
    moved = _sums([line for line in fitting if line.entry.accounted_on >= since])
    found = {}
    for place in {line.place for line in fitting}:
        debit, credit = opening.get(place, (0, 0))
        found[place] = (debit - credit, *moved.get(place, (0, 0)))
    return found


def _sums(lines: list[Line]) -> dict[Any, tuple[int, int]]:
    sums: dict[Any, tuple[int, int]] = {}
    for line in lines:
        debit, credit = sums.get(line.place, (0, 0))
        amount = line.amount.sen
        sums[line.place] = (debit + amount, credit) if line.side == "debit" else (debit, credit + amount)
    return sums
