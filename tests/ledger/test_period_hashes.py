"""What a closed month is held to: its hash computed by hand, and every change of what it holds found."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date

import psycopg
import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from ledger import check_periods
from tests.database import TestDatabase
from tests.ledger.entries import credited, draft, post
from tests.ledger.months import APRIL, MARCH, MAY, close, seen


def as_superuser(database: TestDatabase, statement: str, *values: object) -> None:
    """Do what no role of the application can: change what stands, past every trigger."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET search_path = r3316")
        assert connection.execute(statement.encode(), values).rowcount > 0


def test_closing_counts_and_hashes_what_the_month_holds(books: str) -> None:
    post(books, draft("one", description='Kas "É"\n\t\\ 円', accounted_on=date(2026, 3, 31)))
    post(books, draft("two", credited(1)))
    post(books, draft("three", credited(2), accounted_on=MARCH))
    post(books, draft("april", accounted_on=APRIL))
    closed = close(books)
    assert (closed.state, closed.entry_count, closed.posting_count) == ("CLOSED", 3, 8)
    assert closed.sha256 == digest_by_hand(books)
    assert seen(books) == closed


def test_an_empty_month_closes_with_the_hash_of_nothing(books: str) -> None:
    closed = close(books)
    assert (closed.entry_count, closed.posting_count, closed.sha256) == (0, 0, hashlib.sha256().digest())


def digest_by_hand(region: str) -> bytes:
    """The hash of March as ledger/periods/__init__.py words it, in plain Python over plain rows."""
    entries = text(
        "SELECT id, uid, kind, key, occurred_at, accounted_on, recorded_at, description, source_kind, source_uid,"
        " actor, posting_count, content_hash FROM journal_entry"
        " WHERE accounted_on BETWEEN '2026-03-01' AND '2026-03-31'"
    )
    postings = text(
        "SELECT line_no, p.book, n.code AS entity, a.code, side, amount_sen, c.code AS counterpart, partner,"
        " accounted_on FROM posting p JOIN account a ON a.id = p.account_id JOIN entity n ON n.id = p.entity_id"
        " LEFT JOIN entity c ON c.id = p.counterpart_entity_id WHERE p.entry_id = :id ORDER BY line_no"
    )
    days: dict[date, list[tuple[str, bytes]]] = {}
    with unit_of_work(region) as session:
        for e in session.execute(entries).all():
            moments = [f"{m.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z" for m in (e.occurred_at, e.recorded_at)]
            head = [
                str(e.uid), e.kind, e.key, moments[0], e.accounted_on.isoformat(), moments[1], e.description,
                e.source_kind, e.source_uid, e.actor, e.posting_count, bytes(e.content_hash).hex(),
            ]  # fmt: skip
            rows = [head]
            for p in session.execute(postings, {"id": e.id}):
                rows.append([*p[:8], p.accounted_on.isoformat()])
            told = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
            days.setdefault(e.accounted_on, []).append((str(e.uid), hashlib.sha256(told.encode()).digest()))
    joined = [hashlib.sha256(b"".join(h for _, h in sorted(each))).digest() for _, each in sorted(days.items())]
    return hashlib.sha256(b"".join(joined)).digest()


UNHASHED = {"journal_entry": {"id", "recorded_xact"}, "posting": {"entry_id"}}


def columns_of(table: str, database: TestDatabase) -> list[tuple[str, str]]:
    with psycopg.connect(database.superuser_url) as connection:
        found = connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'r3316' AND table_name = %s ORDER BY 1",
            [table],
        ).fetchall()
    return [(name, kind) for name, kind in found if name not in UNHASHED[table]]


OTHER = {
    "uuid": "gen_random_uuid()",
    "bytea": "sha256('other')",
    "date": "{0} + 1",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "smallint": "{0} + 20",
    "bigint": "{0} + 1",
    "character varying": "coalesce({0}, '') || 'x'",
}
BY_NAME = {
    "book": "'A'",
    "side": "CASE side WHEN 'debit' THEN 'credit' ELSE 'debit' END",
    "entity_id": "(SELECT id FROM entity WHERE code = 'LH')",
    "counterpart_entity_id": "(SELECT id FROM entity WHERE code = 'LH')",
    "account_id": "(SELECT id FROM account WHERE code = '2.1.06.90.01.0001')",
}


@pytest.mark.parametrize("table", ["journal_entry", "posting"])
def test_a_change_of_any_column_is_found_in_a_closed_month(books: str, database: TestDatabase, table: str) -> None:
    post(books, draft("m"))
    close(books)
    for name, kind in columns_of(table, database):
        other = BY_NAME.get(name, OTHER[kind]).format(name)
        where = "" if table == "journal_entry" else " WHERE line_no = 1"
        with psycopg.connect(database.superuser_url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET search_path = r3316")
            connection.execute(f"UPDATE {table} SET {name} = {other}{where}".encode())
            found = connection.execute("SELECT digest FROM ledger_period_digest('2026-03-01')").fetchone()
            connection.rollback()
        assert found is not None
        assert found[0] != seen(books).sha256, f"{table}.{name}"


def test_checking_tells_what_is_no_longer_there(books: str, database: TestDatabase) -> None:
    post(books, draft("m"))
    closed, april = close(books), close(books, APRIL)
    with unit_of_work(books) as session:
        assert [(each.month, each.is_intact) for each in check_periods(session)] == [(MARCH, True), (APRIL, True)]
    as_superuser(database, "DELETE FROM posting")
    as_superuser(database, "DELETE FROM journal_entry")
    with unit_of_work(books) as session:
        (march,) = check_periods(session, month=date(2026, 3, 9))
        assert [each.is_intact for each in check_periods(session)] == [False, True]
        assert check_periods(session, month=MAY) == []
    assert (march.entry_count, march.posting_count, march.sha256) == (1, 4, closed.sha256)
    assert (march.entries_found, march.postings_found, march.sha256_found) == (0, 0, april.sha256)
