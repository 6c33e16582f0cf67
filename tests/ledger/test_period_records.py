"""No move of a month commits without its reason in the state history and its audit row, whoever moves it and how."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text

from foundation.db import unit_of_work
from ledger import Period
from tests.database import TestDatabase
from tests.ledger.entries import AT, draft, post
from tests.ledger.months import BY, MARCH, adjust, close, reopen, seen

Connection = psycopg.Connection[Any]
UPDATE = "UPDATE accounting_period SET state = %s WHERE month = '2026-03-01'"


@pytest.fixture
def closed(books: str) -> Period:
    """March, closed over one entry."""
    post(books, draft("m"))
    return close(books)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection in the region's schema."""
    with closing(psycopg.connect(url)) as connection:
        connection.execute("SET search_path = r3316")
        connection.commit()
        yield connection


@pytest.fixture
def app(database: TestDatabase) -> Iterator[Connection]:
    """The application's own role."""
    with connected(database.url) as connection:
        yield connection


@pytest.fixture
def owner(database: TestDatabase) -> Iterator[Connection]:
    """The owner, who alone may insert entries by plain SQL."""
    with connected(database.owner_url) as connection:
        yield connection


def step(app: Connection, target: str) -> None:
    assert app.execute(UPDATE, [target]).rowcount == 1


def history(
    app: Connection, source: str, target: str, *, event: str = "reopened", why: str = "Sebab", **more: Any
) -> None:
    """A row of state history as `foundation.states.move` writes it, unless told otherwise."""
    facts = {"thing": "accounting_period", "month": "2026-03-01", "by": BY} | more
    app.execute(
        "SELECT foundation_record_move(%s, p.id, %s, %s, %s, %s, %s, %s) FROM accounting_period p WHERE p.month = %s",
        [facts["thing"], source, target, event, facts["by"], why, AT, facts["month"]],
    )


def act(app: Connection, source: str, target: str, reopenings: int, held: Period | None, **more: Any) -> None:
    """An audit row as `ledger.periods.moving` writes it, unless told otherwise."""
    facts = {"actor": BY, "action": "period.reopened", "thing": "accounting_period", "month": "2026-03"} | more
    told: dict[str, Any] = {"from": source, "to": target, "reopenings": reopenings, "reason": "Sebab"}
    if held is not None:
        assert held.sha256 is not None
        told |= {"entries": held.entry_count, "postings": held.posting_count, "sha256": held.sha256.hex()}
    told |= facts.get("details", {})
    app.execute(
        "INSERT INTO audit_event (uid, at, actor, action, thing, thing_uid, details)"
        " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s)",
        [AT, facts["actor"], facts["action"], facts["thing"], facts["month"], json.dumps(told)],
    )


def require_refused(app: Connection, books: str, closed: Period) -> None:
    """The commit is refused by name, and the month is as it was."""
    with pytest.raises(errors.CheckViolation) as refused:
        app.commit()
    assert refused.value.diag.constraint_name == "ledger_period_recorded"
    assert seen(books) == closed


def counts(books: str) -> tuple[int, int]:
    """How many rows state history and audit have about months."""
    asked = text(
        "SELECT (SELECT count(*) FROM recorded_moves WHERE thing = 'accounting_period'),"
        " (SELECT count(*) FROM recorded_acts WHERE thing = 'accounting_period')"
    )
    with unit_of_work(books) as session:
        moves, acts = session.execute(asked).one()
    return moves, acts


def test_a_step_back_with_reason_and_audit_row_commits(books: str, closed: Period, app: Connection) -> None:
    step(app, "ADJUSTING")
    history(app, "CLOSED", "ADJUSTING")
    act(app, "CLOSED", "ADJUSTING", 1, closed)
    app.commit()
    assert seen(books) == Period(MARCH, "ADJUSTING", reopenings=1)
    assert counts(books) == (3, 3)


def test_a_plain_update_is_refused_at_commit(books: str, closed: Period, app: Connection) -> None:
    step(app, "ADJUSTING")
    require_refused(app, books, closed)
    assert counts(books) == (2, 2)


def test_every_way_to_write_the_row_is_held_to_its_records(books: str, closed: Period, app: Connection) -> None:
    app.execute(
        "INSERT INTO accounting_period (month, state) VALUES ('2026-03-01', 'OPEN')"
        " ON CONFLICT (month) DO UPDATE SET state = 'ADJUSTING'"
    )
    require_refused(app, books, closed)
    app.execute(
        "MERGE INTO accounting_period p USING (VALUES ('2026-03-01'::date)) v (month) ON p.month = v.month"
        " WHEN MATCHED THEN UPDATE SET state = 'ADJUSTING'"
    )
    require_refused(app, books, closed)


@pytest.mark.parametrize("why", ["", "  ", "\t\n"])
def test_a_step_without_a_reason_is_refused(books: str, closed: Period, app: Connection, why: str) -> None:
    step(app, "ADJUSTING")
    history(app, "CLOSED", "ADJUSTING", why=why)
    act(app, "CLOSED", "ADJUSTING", 1, closed, details={"reason": why})
    require_refused(app, books, closed)


def test_a_step_with_one_of_both_records_is_refused(books: str, closed: Period, app: Connection) -> None:
    step(app, "ADJUSTING")
    history(app, "CLOSED", "ADJUSTING")
    require_refused(app, books, closed)
    step(app, "ADJUSTING")
    act(app, "CLOSED", "ADJUSTING", 1, closed)
    require_refused(app, books, closed)
    assert counts(books) == (2, 2)


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "ADJUSTING"},
        {"target": "OPEN"},
        {"event": "closed"},
        {"thing": "bill"},
        {"month": "2026-02-01"},
        {"by": "user:lain"},
    ],
)
def test_the_state_history_tells_this_very_step(
    books: str, closed: Period, app: Connection, changed: dict[str, str]
) -> None:
    app.execute("INSERT INTO accounting_period (month, state) VALUES ('2026-02-01', 'OPEN')")
    step(app, "ADJUSTING")
    history(app, **({"source": "CLOSED", "target": "ADJUSTING"} | changed))
    act(app, "CLOSED", "ADJUSTING", 1, closed)
    require_refused(app, books, closed)


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "OPEN"},
        {"target": "OPEN"},
        {"reopenings": 0},
        {"actor": "user:lain"},
        {"action": "period.closed"},
        {"thing": "year"},
        {"month": "2026-04"},
        {"held": None},
        {"details": {"reason": "Lain"}},
        {"details": {"entries": 2}},
        {"details": {"postings": 5}},
        {"details": {"sha256": "00" * 32}},
    ],
)
def test_the_audit_row_tells_this_very_step(
    books: str, closed: Period, app: Connection, changed: dict[str, Any]
) -> None:
    step(app, "ADJUSTING")
    history(app, "CLOSED", "ADJUSTING")
    told: dict[str, Any] = {"source": "CLOSED", "target": "ADJUSTING", "reopenings": 1, "held": closed}
    act(app, **(told | changed))
    require_refused(app, books, closed)


def test_records_of_an_earlier_transaction_do_not_count(books: str, closed: Period, app: Connection) -> None:
    history(app, "CLOSED", "ADJUSTING")
    act(app, "CLOSED", "ADJUSTING", 1, closed)
    app.commit()
    step(app, "ADJUSTING")
    require_refused(app, books, closed)


def test_a_closing_that_claims_another_hash_is_refused(books: str, app: Connection) -> None:
    post(books, draft("m"))
    adjusting = adjust(books)
    step(app, "CLOSED")
    history(app, "ADJUSTING", "CLOSED", event="closed")
    held = Period(MARCH, "CLOSED", 0, 1, 4, bytes(32))
    act(app, "ADJUSTING", "CLOSED", 0, held, action="period.closed")
    require_refused(app, books, adjusting)


def test_two_steps_need_two_records_each(books: str, closed: Period, app: Connection) -> None:
    for twice in (False, True):
        step(app, "ADJUSTING")
        step(app, "CLOSED")
        history(app, "CLOSED", "ADJUSTING")
        act(app, "CLOSED", "ADJUSTING", 1, closed)
        if twice:
            history(app, "ADJUSTING", "CLOSED", event="closed")
        require_refused(app, books, closed)
    step(app, "ADJUSTING")
    step(app, "CLOSED")
    history(app, "CLOSED", "ADJUSTING")
    history(app, "ADJUSTING", "CLOSED", event="closed")
    act(app, "CLOSED", "ADJUSTING", 1, closed)
    act(app, "ADJUSTING", "CLOSED", 1, closed, action="period.closed")
    app.commit()
    assert seen(books) == Period(MARCH, "CLOSED", 1, closed.entry_count, closed.posting_count, closed.sha256)


def test_checking_early_lends_no_records_to_later_steps(books: str, closed: Period, app: Connection) -> None:
    step(app, "ADJUSTING")
    step(app, "CLOSED")
    history(app, "CLOSED", "ADJUSTING")
    history(app, "ADJUSTING", "CLOSED", event="closed")
    act(app, "CLOSED", "ADJUSTING", 1, closed)
    act(app, "ADJUSTING", "CLOSED", 1, closed, action="period.closed")
    app.execute("SET CONSTRAINTS ALL IMMEDIATE")
    app.execute("SET CONSTRAINTS ALL DEFERRED")
    step(app, "ADJUSTING")
    step(app, "CLOSED")
    require_refused(app, books, closed)


def test_checking_at_once_refuses_at_once(books: str, closed: Period, app: Connection) -> None:
    app.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(errors.CheckViolation) as refused:
        app.execute(UPDATE, ["ADJUSTING"])
    assert refused.value.diag.constraint_name == "ledger_period_recorded"
    app.rollback()
    assert seen(books) == closed


def test_what_a_savepoint_undid_counts_for_nothing(books: str, closed: Period, app: Connection) -> None:
    app.execute("SAVEPOINT before")
    step(app, "ADJUSTING")
    app.execute("ROLLBACK TO before")
    app.commit()
    assert seen(books) == closed
    step(app, "ADJUSTING")
    app.execute("SAVEPOINT before")
    history(app, "CLOSED", "ADJUSTING")
    act(app, "CLOSED", "ADJUSTING", 1, closed)
    app.execute("ROLLBACK TO before")
    require_refused(app, books, closed)


def test_a_temporary_table_stands_for_no_record(books: str, closed: Period, app: Connection) -> None:
    app.execute(
        "CREATE TEMP TABLE recorded_moves AS SELECT pg_current_xact_id() AS recorded_xact, 1::bigint AS id,"
        " 'accounting_period' AS thing, p.id AS thing_id, 'CLOSED' AS from_state, 'ADJUSTING' AS to_state,"
        " 'reopened' AS event, 'user:x' AS moved_by, 'y' AS why FROM accounting_period p"
    )
    step(app, "ADJUSTING")
    require_refused(app, books, closed)


def test_a_month_that_is_inserted_is_open_and_was_never_moved(books: str, app: Connection) -> None:
    app.execute("INSERT INTO accounting_period (month, state) VALUES ('2026-03-01', 'CLOSED')")
    app.commit()
    assert seen(books) == Period(MARCH, "OPEN")
    assert close(books).state == "CLOSED"


@pytest.mark.parametrize("month", ["infinity", "-infinity", "20000-01-01", "0999-12-01", "0044-03-01 BC", "2026-03-02"])
def test_a_month_that_nobody_could_name_is_refused(books: str, app: Connection, month: str) -> None:
    with pytest.raises(errors.CheckViolation) as refused:
        app.execute("INSERT INTO accounting_period (month, state) VALUES (%s, 'OPEN')", [month])
    assert refused.value.diag.constraint_name == "ck_accounting_period_month"


@pytest.mark.parametrize("column", ["moved_xact = NULL", "moved_times = 0", "reopenings = 0", "id = DEFAULT"])
def test_the_marks_of_a_move_are_the_database_s(books: str, closed: Period, app: Connection, column: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(f"UPDATE accounting_period SET state = 'ADJUSTING', {column}".encode())
    app.rollback()
    assert seen(books) == closed


POST_HALF = (
    "INSERT INTO journal_entry (uid, kind, key, content_hash, occurred_at, accounted_on, recorded_at, description,"
    " source_kind, actor, posting_count) VALUES (gen_random_uuid(), 'correction', 'half', sha256('x'), now(),"
    " '2026-03-05', now(), '', '', 'a', 2) RETURNING id"
)
POST_LINE = (
    "INSERT INTO posting (entry_id, line_no, accounted_on, book, entity_id, account_id, side, amount_sen)"
    " SELECT %s, %s, '2026-03-05', 'F', (SELECT id FROM entity WHERE code = 'PPKD'),"
    " (SELECT id FROM account WHERE code = '1.1.01.01.01.0001'), %s, 100"
)


def test_an_entry_that_is_not_whole_keeps_its_month_from_being_closed(books: str, owner: Connection) -> None:
    """Its further postings would come behind the hash, in the same transaction."""
    adjusting = adjust(books)
    for already in (0, 1):
        row = owner.execute(POST_HALF).fetchone()
        assert row is not None
        if already:
            owner.execute(POST_LINE, [row[0], 1, "debit"])
        with pytest.raises(errors.CheckViolation) as refused:
            owner.execute(UPDATE, ["CLOSED"])
        assert refused.value.diag.constraint_name == "ledger_period_whole"
        owner.rollback()
    assert seen(books) == adjusting


def test_one_statement_does_not_both_post_into_a_month_and_close_it(books: str, owner: Connection) -> None:
    adjusting = adjust(books)
    both = f"WITH e AS ({POST_HALF}), p AS ({UPDATE % chr(39).join(('', 'CLOSED', ''))} RETURNING 1) SELECT 1 FROM e, p"
    with pytest.raises(errors.CheckViolation) as refused:
        owner.execute(both.encode())
    assert refused.value.diag.constraint_name in {"ledger_period_whole", "ledger_period_closed"}
    owner.rollback()
    assert seen(books) == adjusting


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE", "READ UNCOMMITTED"])
def test_a_month_is_moved_in_read_committed_only(books: str, closed: Period, app: Connection, isolation: str) -> None:
    app.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
    with pytest.raises(errors.CheckViolation) as refused:
        app.execute(UPDATE, ["ADJUSTING"])
    assert refused.value.diag.constraint_name == "ledger_period_isolation"
    app.rollback()
    assert seen(books) == closed


def test_each_step_of_a_person_has_its_reason(books: str) -> None:
    close(books)
    reopen(books, reason="Temuan BPK")
    asked = text("SELECT event, why FROM recorded_moves WHERE thing = 'accounting_period' ORDER BY id")
    with unit_of_work(books) as session:
        told = [tuple(row) for row in session.execute(asked)]
    assert told == [
        ("adjusting_began", "Bulan telah berakhir"),
        ("closed", "Penyesuaian telah selesai"),
        ("reopened", "Temuan BPK"),
    ]
