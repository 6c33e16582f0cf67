"""Who may call the database's functions: the application's role what it needs, and nobody else anything.

For: the rights on every function of a region's schema and of the shared one, and what a role that only reads can do.
Not for: what the functions refuse to those who may call them (test_database_guards), or rights on tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import errors, sql

from tests.database import TestDatabase
from tests.ledger.entries import draft, everything, post

# What the application calls, and what those functions and the triggers call with its own rights.
CALLED = {
    "billing_settle",
    "foundation_enqueue",
    "foundation_policy",
    "foundation_record_move",
    "ledger_carried_code",
    "ledger_daily_sums",
    "ledger_hold_writers",
    "ledger_lock_period",
    "ledger_note_known",
    "ledger_open_date",
    "ledger_period_digest",
    "ledger_post",
    "ledger_post_many",
    "ledger_ppkd",
    "ledger_roll",
    "ledger_roll_waiting",
    "ledger_sums",
    "ledger_sums_of_postings",
    "payments_record",
}
OURS = "FROM pg_proc p WHERE p.pronamespace::regnamespace::text = ANY (ARRAY['r3316', 'r6471', 'lunas'])"


@pytest.fixture
def reader(books: str, database: TestDatabase) -> Iterator[psycopg.Connection]:
    """A connection as a role that may use the region's schema and read what the application may, and nothing else."""
    role = sql.Identifier(f"reader_of_{database.name}")
    with closing(psycopg.connect(database.superuser_url, autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE ROLE {}").format(role))
        try:
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA r3316 TO {}").format(role))
            connection.execute("SET search_path = r3316, pg_temp")
            # Not alembic_version: rights that were once given and taken show, and restored schemas are compared.
            for (table,) in connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'r3316'::regnamespace AND relkind IN ('r', 'v')"
                " AND relacl IS NOT NULL"
            ).fetchall():
                connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(table), role))
            connection.execute(sql.SQL("SET ROLE {}").format(role))
            yield connection
        finally:
            connection.execute("RESET ROLE")
            connection.execute(sql.SQL("DROP OWNED BY {}").format(role))
            connection.execute(sql.SQL("DROP ROLE {}").format(role))


def test_no_function_of_ours_is_for_everybody(books: str, database: TestDatabase) -> None:
    with closing(psycopg.connect(database.owner_url)) as connection:
        found = connection.execute(
            "SELECT p.oid::regprocedure::text, has_function_privilege('public', p.oid, 'EXECUTE') " + OURS
        ).fetchall()
    assert len(found) > 2 * len(CALLED)
    assert [name for name, everybody in found if everybody] == []


def test_the_application_may_call_exactly_what_it_calls(books: str, database: TestDatabase) -> None:
    with closing(psycopg.connect(database.url)) as connection:
        found = connection.execute(
            "SELECT p.pronamespace::regnamespace::text, p.proname "
            + OURS
            + " AND has_function_privilege(p.oid, 'EXECUTE')"
        ).fetchall()
    assert sorted(found) == sorted((region, name) for region in ("r3316", "r6471") for name in CALLED)


@pytest.mark.parametrize(
    "call",
    [
        "ledger_post(gen_random_uuid(), '{}', sha256('x'), 'a', now())",
        "ledger_post_many('[]', '', '', 'a', now())",
        "ledger_hold_writers()",
        "ledger_lock_period('2026-03-01')",
        "ledger_open_date('2026-03-01', 'x')",
        "ledger_roll(1, 1, 1)",
        "ledger_roll_moved(1, 1)",
        "ledger_add_sums(0, 1, '0', '1')",
        "ledger_note_known(now(), '1 second')",
        "ledger_move_known(0, 1, '1')",
        "billing_settle(1, gen_random_uuid(), now(), 'a', now())",
        "payments_record('{}', 'a')",
        "foundation_record_move('bill', 1, 'a', 'b', 'c', 'd', 'e', now())",
        "foundation_enqueue('a', 'b', '{}', now())",
    ],
)
def test_a_role_that_only_reads_calls_nothing_that_writes_or_locks(
    books: str, reader: psycopg.Connection, call: str
) -> None:
    post(books, draft())
    before = everything(books), reader.execute("SELECT k::text FROM known_position k").fetchall()
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied for function"):
        reader.execute(f"SELECT {call}".encode())
    assert (everything(books), reader.execute("SELECT k::text FROM known_position k").fetchall()) == before
    assert reader.execute("SELECT count(*) FROM posting").fetchone() == (4,)
