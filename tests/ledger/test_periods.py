"""Periods: what an open, adjusting or closed month takes, its hash, and the way back."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from foundation.db import unit_of_work
from foundation.regions import Region
from foundation.states import MoveRefused, all_state_tables
from ledger import (
    ADJUSTING_KINDS,
    EntryKeyReused,
    Period,
    PeriodAdjusting,
    PeriodBusy,
    PeriodClosed,
    PeriodNotOver,
    PeriodTooEarly,
    PostingDraft,
    PpkdMissing,
    ReasonInvalid,
    accounting_date,
    adjust_period,
    check_periods,
    close_period,
    journals,
    list_entries,
    list_periods,
    post_entry,
)
from tests.database import TestDatabase
from tests.ledger.entries import AT, DAY, credited, draft, everything, money, post, wait_until_settled
from tests.ledger.months import APRIL, BY, LATER, MARCH, MAY, adjust, close, reopen, seen
from tests.ledger.seals import tamper


def acts(region: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Audit rows about periods."""
    asked = text("SELECT actor, action, details FROM audit_event WHERE thing = 'accounting_period' ORDER BY id")
    with unit_of_work(region) as session:
        return [(row.actor, row.action, row.details) for row in session.execute(asked)]


def test_a_month_is_open_until_somebody_moves_it(books: str) -> None:
    assert seen(books) == Period(MARCH, "OPEN")
    post(books, draft("m", accounted_on=date(2026, 3, 31)))
    post(books, draft("j", accounted_on=date(2026, 1, 5)))
    close(books, MAY)
    with unit_of_work(books) as session:
        found = list_periods(session)
    assert [(each.name, each.state) for each in found] == [
        ("2026-01", "OPEN"),
        ("2026-03", "OPEN"),
        ("2026-05", "CLOSED"),
    ]


def test_a_month_that_is_adjusted_takes_adjusting_and_closing_kinds_only(books: str) -> None:
    assert adjust(books) == Period(MARCH, "ADJUSTING")
    before = everything(books)
    with pytest.raises(PeriodAdjusting) as refused:
        post(books, draft("late"))
    assert (refused.value.field, refused.value.facts) == (
        "accounted_on", {"month": "2026-03", "kind": "paid_at_partner"},
    )  # fmt: skip
    assert everything(books) == before
    for kind in ADJUSTING_KINDS:
        assert post(books, draft(f"adjusting:{kind}", kind=kind)).first_time
    assert post(books, draft("elsewhere", accounted_on=APRIL)).first_time


@pytest.mark.parametrize(
    "kind, postings",
    [
        ("blud_authorised", journals.blud_authorised(entity="BAPENDA", kind="PBB-P2", amount=money(7))),
        ("overpayment_assessed", journals.overpayment_assessed(entity="BAPENDA", kind="PBB-P2", amount=money(7))),
    ],
)
def test_what_is_decided_in_january_for_december_adjusts_it(
    books: str, kind: str, postings: tuple[PostingDraft, ...]
) -> None:
    adjust(books)
    posted = post(books, draft("decided", postings, kind=kind))
    wait_until_settled(books)
    with unit_of_work(books) as session:
        entry = list_entries(session, limit=1).entries[0]
    assert (entry.uid, entry.kind, entry.accounted_on) == (posted.uid, kind, DAY)


def test_a_closed_month_takes_nothing_and_its_neighbours_everything(books: str) -> None:
    post(books, draft("m"))
    close(books)
    before = everything(books)
    for day in (MARCH, date(2026, 3, 31)):
        for kind in ("paid_at_partner", "closing"):
            with pytest.raises(PeriodClosed) as refused:
                post(books, draft("late", kind=kind, accounted_on=day))
            assert (refused.value.field, refused.value.facts["month"]) == ("accounted_on", "2026-03")
    assert everything(books) == before
    post(books, draft("before", accounted_on=date(2026, 2, 28)))
    post(books, draft("after", accounted_on=APRIL))


def test_what_was_posted_before_the_close_is_still_answered_after_it(books: str) -> None:
    first = post(books, draft("m"))
    close(books)
    again = post(books, draft("m"))
    assert (again.uid, again.first_time) == (first.uid, False)


def test_reopening_goes_one_step_back_with_a_reason_counted_and_told(books: str) -> None:
    post(books, draft("m"))
    closed = close(books)
    assert closed.sha256 is not None
    held = {"entries": 1, "postings": 4, "sha256": closed.sha256.hex()}
    assert reopen(books, reason=" Koreksi ") == Period(MARCH, "ADJUSTING", reopenings=1)
    post(books, draft("fix", credited(1), kind="correction"))
    assert reopen(books, reason="Salah bulan") == Period(MARCH, "OPEN", reopenings=2)
    post(books, draft("ordinary"))
    again = close(books)
    assert (again.entry_count, again.reopenings) == (3, 2)
    moved = [(action, details.get("reason"), details["from"], details["to"]) for _, action, details in acts(books)]
    assert moved == [
        ("period.adjusting_began", None, "OPEN", "ADJUSTING"),
        ("period.closed", None, "ADJUSTING", "CLOSED"),
        ("period.reopened", "Koreksi", "CLOSED", "ADJUSTING"),
        ("period.reopened", "Salah bulan", "ADJUSTING", "OPEN"),
        ("period.adjusting_began", None, "OPEN", "ADJUSTING"),
        ("period.closed", None, "ADJUSTING", "CLOSED"),
    ]
    told = [details for _, _, details in acts(books)]
    assert [held.items() <= each.items() for each in told] == [False, True, True, False, False, False]
    assert {actor for actor, _, _ in acts(books)} == {BY}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_reopening_without_a_reason_changes_nothing(books: str, reason: str) -> None:
    closed = close(books)
    with pytest.raises(ReasonInvalid):
        reopen(books, reason=reason)
    assert (seen(books), len(acts(books))) == (closed, 2)


def test_a_month_is_not_adjusted_before_it_is_over(books: str) -> None:
    with unit_of_work(books) as session, pytest.raises(PeriodNotOver):
        adjust_period(session, MARCH, today=date(2026, 3, 31), by=BY, at=LATER)
    with unit_of_work(books) as session:
        assert adjust_period(session, date(2026, 3, 31), today=APRIL, by=BY, at=LATER).state == "ADJUSTING"


def test_a_month_before_these_books_is_not_adjusted(books: str) -> None:
    for month in (date(1, 1, 1), date(2023, 12, 31)):
        with pytest.raises(PeriodTooEarly) as refused:
            adjust(books, month)
        assert refused.value.facts == {"month": month.isoformat()[:7], "first": "2024-01"}
        assert refused.value.field == "month"
    with unit_of_work(books) as session:
        assert list_periods(session) == []
    assert adjust(books, date(2024, 1, 1)) == Period(date(2024, 1, 1), "ADJUSTING")


def test_an_entry_that_stands_before_the_chart_can_be_closed_over(books: str, database: TestDatabase) -> None:
    post(books, draft("m"))
    tamper(database, "UPDATE journal_entry SET accounted_on = '2020-05-06'")
    assert close(books, date(2020, 5, 1)).entry_count == 1
    with pytest.raises(PeriodTooEarly) as refused:
        adjust(books, date(2020, 4, 1))
    assert refused.value.facts["first"] == "2020-05"


def test_without_a_chart_there_is_no_month_to_adjust(region: Region) -> None:
    with pytest.raises(PpkdMissing):
        adjust(region.code)


@pytest.mark.parametrize("month", [date(2026, 6, 1), date(2026, 7, 1), date(2028, 1, 1), date(9999, 12, 1)])
def test_no_month_that_runs_or_is_to_come_is_adjusted(books: str, month: date) -> None:
    with pytest.raises(PeriodNotOver) as refused:
        adjust(books, month)
    assert refused.value.facts == {"month": month.isoformat()[:7]}
    with unit_of_work(books) as session:
        assert list_periods(session) == []


def test_a_row_that_moved_nothing_is_not_listed(books: str, database: TestDatabase) -> None:
    with psycopg.connect(database.url) as connection:
        connection.execute("SET search_path = r3316")
        connection.execute("INSERT INTO accounting_period (month, state) VALUES ('2999-01-01', 'OPEN')")
    with unit_of_work(books) as session:
        assert (list_periods(session), check_periods(session)) == ([], [])


def test_steps_are_not_skipped(books: str) -> None:
    with unit_of_work(books) as session, pytest.raises(MoveRefused):
        close_period(session, MARCH, by=BY, at=LATER)
    with pytest.raises(MoveRefused):
        reopen(books)
    close(books)
    with pytest.raises(MoveRefused):
        adjust(books)
    with unit_of_work(books) as session, pytest.raises(MoveRefused):
        close_period(session, MARCH, by=BY, at=LATER)
    assert (seen(books).state, len(acts(books))) == ("CLOSED", 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounting_period SET state = 'OPEN'",
        "UPDATE accounting_period SET state = 'CLOSED'",
        "UPDATE accounting_period SET sha256 = sha256('x')",
        "UPDATE accounting_period SET reopenings = 0",
        "UPDATE accounting_period SET month = '2026-09-01'",
        "INSERT INTO accounting_period (month, state, reopenings) VALUES ('2026-09-01', 'OPEN', 7)",
        "INSERT INTO accounting_period (month, state) VALUES ('2026-09-02', 'OPEN')",
        "DELETE FROM accounting_period",
        "TRUNCATE accounting_period",
        "INSERT INTO adjusting_kind VALUES ('paid_at_partner', 'adjusting')",
        "DELETE FROM adjusting_kind",
        "INSERT INTO accounting_period (month, state) VALUES ('2026-03-01', 'OPEN')",
    ],
)
def test_a_period_is_not_moved_past_its_rules_by_plain_sql(books: str, database: TestDatabase, statement: str) -> None:
    closed = close(books)
    with closing(psycopg.connect(database.url)) as connection:
        connection.execute("SET search_path = r3316")
        with pytest.raises((errors.IntegrityError, errors.InsufficientPrivilege)):
            connection.execute(statement.encode())
    assert seen(books) == closed


def test_a_late_item_is_accounted_in_the_next_month_that_takes_it(books: str) -> None:
    close(books)
    adjust(books, APRIL)
    with unit_of_work(books) as session:
        assert accounting_date(session, date(2026, 2, 28)) == date(2026, 2, 28)
        assert accounting_date(session, date(2026, 3, 9)) == MAY
        assert accounting_date(session, date(2026, 3, 9), kind="correction") == APRIL
        assert accounting_date(session, date(2026, 4, 30), kind="correction") == date(2026, 4, 30)
        assert accounting_date(session, date(2026, 5, 7)) == date(2026, 5, 7)


def test_a_late_entry_moves_by_itself_and_keeps_when_it_happened(books: str) -> None:
    on_time = post(books, draft("on time", may_be_late=True))
    close(books)
    late = post(books, draft("late", may_be_late=True))
    asked = text("SELECT e.accounted_on, e.occurred_at, p.accounted_on FROM journal_entry e JOIN posting p"
                 " ON p.entry_id = e.id WHERE e.id = :id")  # fmt: skip
    with unit_of_work(books) as session:
        assert {tuple(row) for row in session.execute(asked, {"id": late.id})} == {(APRIL, AT, APRIL)}
        assert {tuple(row) for row in session.execute(asked, {"id": on_time.id})} == {(DAY, AT, DAY)}
    for key, first in (("late", late), ("on time", on_time)):
        again = post(books, draft(key, may_be_late=True))
        assert (again.uid, again.first_time) == (first.uid, False)
    yesterday = DAY - timedelta(days=1)
    for key, changed, field in (
        ("late", {"may_be_late": True, "description": "Lain"}, "description"),
        ("late", {"may_be_late": True, "accounted_on": yesterday}, "accounted_on"),
        ("late", {"may_be_late": False}, "may_be_late"),
        ("on time", {"may_be_late": False}, "may_be_late"),
        ("on time", {"may_be_late": True, "accounted_on": yesterday}, "accounted_on"),
    ):
        with pytest.raises(EntryKeyReused) as refused:
            post(books, draft(key, **changed))
        assert refused.value.field == field


def test_what_the_database_takes_is_what_the_code_says(books: str) -> None:
    with unit_of_work(books) as session:
        kinds = session.execute(text("SELECT kind, nature FROM adjusting_kind")).all()
    assert {row.kind: row.nature for row in kinds} == ADJUSTING_KINDS
    table = all_state_tables()["accounting_period"]
    assert {(source, target) for (source, _), target in table.moves.items()} == {
        ("OPEN", "ADJUSTING"),
        ("ADJUSTING", "CLOSED"),
        ("CLOSED", "ADJUSTING"),
        ("ADJUSTING", "OPEN"),
    }


def test_the_other_region_s_months_are_its_own(books: str, other_region: Any) -> None:
    close(books)
    assert seen(other_region.code) == Period(MARCH, "OPEN")


def test_a_month_that_is_being_written_into_is_busy(books: str) -> None:
    with unit_of_work(books) as writer:
        post_entry(writer, draft("slow"), actor="a", recorded_at=AT)
        with pytest.raises(PeriodBusy) as refused:
            adjust(books)
        adjust(books, APRIL)
    assert refused.value.facts == {"month": "2026-03"}
    assert adjust(books).state == "ADJUSTING"


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("moved_before", [True, False])
def test_a_writer_with_an_old_snapshot_is_refused(books: str, isolation: str, moved_before: bool) -> None:
    if moved_before:
        close(books)
        reopen(books)
        reopen(books)

    def act() -> None:
        with unit_of_work(books) as writer:
            writer.execute(text(f"SET TRANSACTION ISOLATION LEVEL {isolation}"))
            writer.execute(text("SELECT count(*) FROM journal_entry"))
            close(books)
            post_entry(writer, draft("old snapshot"), actor="a", recorded_at=AT)

    with pytest.raises(DBAPIError) as refused:
        act()
    assert getattr(refused.value.orig, "sqlstate", None) == "40001"
    with unit_of_work(books) as session:
        session.execute(text(f"SET TRANSACTION ISOLATION LEVEL {isolation}"))
        post_entry(session, draft("april", accounted_on=APRIL), actor="a", recorded_at=AT)
    with unit_of_work(books) as session:
        assert [each.is_intact for each in check_periods(session)] == [True]
