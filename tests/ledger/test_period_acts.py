"""Months are held to the audit acts about them: what is moved past the guards is found, and nothing else is."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from ledger import Finding, PeriodCheck, check_periods, list_unsealed_months
from tests.database import TestDatabase
from tests.ledger.entries import credited, draft, post
from tests.ledger.months import APRIL, MARCH, MAY, adjust, close, reopen
from tests.ledger.seals import seal, tamper, verify

REWRITE = (
    "UPDATE accounting_period SET (entry_count, posting_count, sha256) ="
    " (SELECT d.entry_count, d.posting_count, d.digest FROM ledger_period_digest('2026-03-01') d)"
    " WHERE month = '2026-03-01'"
)
PUT_IN = (
    "UPDATE journal_entry SET accounted_on = '2026-03-20' WHERE key = 'april'",
    "UPDATE posting p SET accounted_on = '2026-03-20' FROM journal_entry e WHERE e.id = p.entry_id AND e.key = 'april'",
)
ACT = (
    "INSERT INTO audit_event (uid, at, actor, action, thing, thing_uid, details) VALUES"
    " (gen_random_uuid(), now(), 'user:x', '{action}', 'accounting_period', '{month}', '{details}')"
)


def checks(region: str, month: date | None = None) -> list[PeriodCheck]:
    with unit_of_work(region) as session:
        return check_periods(session, month=month)


def unsealed(region: str) -> list[date]:
    """The months whose newest act is not sealed, of those that `checks` gives."""
    with unit_of_work(region) as session:
        return list_unsealed_months(session, check_periods(session))


def faults(region: str) -> list[tuple[str, str, str]]:
    """(kind, month, told) of every fault of every month."""
    return [(fault.kind, fault.month, fault.told_en) for each in checks(region) for fault in each.faults]


def in_verify(region: str) -> list[Finding]:
    """What `verify_ledger` finds of months."""
    return [each for each in verify(region).findings if each.kind.startswith("period_")]


def test_what_people_did_is_never_a_fault(books: str) -> None:
    post(books, draft("m"))
    close(books)
    reopen(books)
    reopen(books)
    close(books)
    adjust(books, APRIL)
    adjust(books, MAY)
    reopen(books, MAY)
    assert [(each.month, each.state, each.is_intact) for each in checks(books)] == [(MARCH, "CLOSED", True)]
    assert unsealed(books) == [MARCH]
    assert [checks(books, month) for month in (APRIL, MAY, date(2026, 2, 1))] == [[], [], []]
    found = verify(books)
    assert (found.findings, found.periods, found.periods_unsealed) == ([], 1, ("2026-03", "2026-04", "2026-05"))
    seal(books)
    found = verify(books)
    assert (found.findings, found.periods, found.periods_unsealed) == ([], 1, ())
    assert unsealed(books) == []


def test_a_month_closed_again_over_other_entries_differs_from_its_act(books: str, database: TestDatabase) -> None:
    post(books, draft("m"))
    closed = close(books)
    close(books, MAY)
    seal(books)
    post(books, draft("april", credited(1), accounted_on=APRIL))
    tamper(database, *PUT_IN, REWRITE)
    march, may = checks(books)
    assert closed.sha256 is not None
    assert march.sha256 is not None
    assert (march.entry_count, march.entries_found, march.sha256 == march.sha256_found) == (2, 2, True)
    now, then = march.sha256.hex(), closed.sha256.hex()
    told = f"entries 2, should be 1; postings 6, should be 4; SHA-256 {now}, should be {then}"
    told_id = f"jurnal 2, seharusnya 1; baris jurnal 6, seharusnya 4; SHA-256 {now}, seharusnya {then}"
    assert [(each.kind, each.month, each.told_en) for each in march.faults] == [
        ("period_not_as_recorded", "2026-03", told)
    ]
    assert (unsealed(books), may.is_intact) == ([], True)
    assert march.faults[0].message_id == f"Periode 2026-03 berbeda dari catatan audit terakhirnya: {told_id}"
    assert march.faults[0].message_en == f"Period 2026-03 is not what its newest audit act says: {told}"
    (finding,) = in_verify(books)
    assert finding == Finding("period_not_as_recorded", "period 2026-03", told_id=told_id, told_en=told)
    assert (finding.message_id, finding.message_en) == (march.faults[0].message_id, march.faults[0].message_en)


def test_a_closing_that_is_not_sealed_yet_is_told_as_such(books: str) -> None:
    close(books)
    seal(books)
    close(books, APRIL)
    assert ([each.month for each in checks(books)], unsealed(books)) == ([MARCH, APRIL], [APRIL])
    assert verify(books).periods_unsealed == ("2026-04",)
    seal(books)
    reopen(books)
    assert ([each.month for each in checks(books)], unsealed(books)) == ([APRIL], [])
    found = verify(books)
    assert (found.findings, found.periods, found.periods_unsealed) == ([], 1, ("2026-03",))


@pytest.mark.parametrize(
    "state, told", [("ADJUSTING", "state ADJUSTING, should be CLOSED"), ("OPEN", "state OPEN, should be CLOSED")]
)
def test_a_month_closed_in_its_act_alone_differs_from_its_act(
    books: str, database: TestDatabase, state: str, told: str
) -> None:
    close(books)
    close(books, APRIL)
    tamper(
        database,
        f"UPDATE accounting_period SET state = '{state}', entry_count = NULL, posting_count = NULL, sha256 = NULL"
        " WHERE month = '2026-03-01'",
    )
    assert faults(books) == [("period_not_as_recorded", "2026-03", told)]
    assert [(each.kind, each.told_en) for each in in_verify(books)] == [("period_not_as_recorded", told)]


def test_a_month_without_its_row_differs_from_its_act(books: str, database: TestDatabase) -> None:
    close(books)
    tamper(database, "DELETE FROM accounting_period")
    assert faults(books) == [
        ("period_not_as_recorded", "2026-03", "state OPEN, should be CLOSED"),
        ("period_history_differs", "2026-03", "move 1 none, should be OPEN→ADJUSTING"),
    ]


def test_a_month_closed_in_its_row_alone_differs_from_its_act(books: str, database: TestDatabase) -> None:
    adjust(books)
    closing = REWRITE.replace("(entry_count", "state = 'CLOSED', (entry_count")
    tamper(database, closing)
    assert faults(books) == [("period_not_as_recorded", "2026-03", "state CLOSED, should be ADJUSTING")]
    tamper(database, "INSERT INTO accounting_period (month, state, reopenings, moved_times) VALUES"
           " ('2026-04-01', 'ADJUSTING', 0, 0)")  # fmt: skip
    assert faults(books)[1:] == [("period_moved_unrecorded", "2026-04", "state ADJUSTING")]


def test_a_reopening_that_was_not_counted_differs_from_its_act(books: str, database: TestDatabase) -> None:
    close(books)
    reopen(books)
    tamper(database, "UPDATE accounting_period SET reopenings = 0")
    assert faults(books) == [("period_not_as_recorded", "2026-03", "reopenings 0, should be 1")]
    ((fault,),) = (each.faults for each in checks(books))
    assert fault.message_id == (
        "Periode 2026-03 berbeda dari catatan audit terakhirnya: pembukaan kembali 0, seharusnya 1"
    )
    assert fault.message_en == "Period 2026-03 is not what its newest audit act says: reopenings 0, should be 1"


def test_a_closing_act_put_in_without_a_reopening_does_not_follow(books: str, database: TestDatabase) -> None:
    """The row, and an act that says the same, written anew over other entries."""
    post(books, draft("m"))
    close(books)
    seal(books)
    post(books, draft("april", credited(1), accounted_on=APRIL))
    forged = (
        "INSERT INTO audit_event (uid, at, actor, action, thing, thing_uid, details) SELECT gen_random_uuid(), now(),"
        " 'user:x', 'period.closed', 'accounting_period', '2026-03', jsonb_build_object('from', 'ADJUSTING', 'to',"
        " p.state, 'reopenings', 0, 'entries', p.entry_count, 'postings', p.posting_count, 'sha256',"
        " encode(p.sha256, 'hex')) FROM accounting_period p"
    )
    tamper(database, *PUT_IN, REWRITE, forged)
    with unit_of_work(books) as session:
        last = session.scalar(text("SELECT max(id) FROM audit_event"))
    assert faults(books) == [
        ("period_acts_broken", "2026-03", f"audit act {last}: state ADJUSTING, should be CLOSED"),
        ("period_history_differs", "2026-03", "move 3 none, should be ADJUSTING→CLOSED"),
    ]


def test_a_reopening_act_that_names_another_hash_does_not_follow(books: str, database: TestDatabase) -> None:
    closed = close(books)
    reopen(books)
    tamper(
        database,
        "UPDATE audit_event SET details = details || '{\"entries\": 7}' WHERE action = 'period.reopened'",
    )
    assert closed.entry_count == 0
    ((kind, month, told),) = faults(books)
    assert (kind, month, told.partition(": ")[2]) == ("period_acts_broken", "2026-03", "entries 7, should be 0")


def test_a_move_that_was_taken_out_of_the_state_history_is_missed(books: str, database: TestDatabase) -> None:
    close(books)
    reopen(books)
    tamper(database, "DELETE FROM state_change WHERE event = 'reopened'")
    assert faults(books) == [("period_history_differs", "2026-03", "move 3 none, should be CLOSED→ADJUSTING")]


def test_an_audit_act_that_was_taken_out_is_missed(books: str, database: TestDatabase) -> None:
    close(books)
    reopen(books)
    tamper(database, "DELETE FROM audit_event WHERE action = 'period.reopened'")
    (march,) = checks(books)
    assert march.sha256_found is None
    assert faults(books) == [
        ("period_not_as_recorded", "2026-03", "state ADJUSTING, should be CLOSED; reopenings 1, should be 0"),
        ("period_history_differs", "2026-03", "move 3 CLOSED→ADJUSTING, should be none"),
    ]


@pytest.mark.parametrize(
    "month, details, found",
    [
        ("2026-03", "[]", True),
        ("2026-03", '{"from": 1, "to": {}, "reopenings": "x"}', True),
        ("2026-13", '{"from": "OPEN", "to": "CLOSED"}', False),
        ("Maret", '{"from": "OPEN", "to": "CLOSED"}', False),
        ("2027-02", '{"from": "OPEN", "to": "CLOSED"}', True),
    ],
)
def test_an_audit_act_without_a_move_is_found(
    books: str, database: TestDatabase, month: str, details: str, found: bool
) -> None:
    """The application's role may write audit rows: one without its move is found, and never hinders the check."""
    close(books)
    tamper(database, ACT.format(action="period.closed", month=month, details=details))
    assert {name for _, name, _ in faults(books)} == ({month} if found else set())
    assert {each.stream for each in in_verify(books)} == ({f"period {month}"} if found else set())


def test_what_a_closed_month_holds_no_longer_is_told_beside_its_act(books: str, database: TestDatabase) -> None:
    post(books, draft("m"))
    closed = close(books)
    post(books, draft("april", credited(1), accounted_on=APRIL))
    tamper(database, *PUT_IN)
    (march,) = checks(books)
    assert march.sha256_found is not None
    assert closed.sha256 is not None
    now, then = march.sha256_found.hex(), closed.sha256.hex()
    told = f"entries 2, should be 1; postings 6, should be 4; SHA-256 {now}, should be {then}"
    assert [(each.kind, each.told_en) for each in march.faults] == [("period_changed", told)]
    with unit_of_work(books) as session:
        (unread,) = check_periods(session, contents=False)
    assert (unread.is_intact, unread.sha256, unread.sha256_found) == (True, closed.sha256, None)
