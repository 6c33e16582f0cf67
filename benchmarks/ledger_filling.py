"""A ledger with millions of entries, made in minutes, and processes that post into it.

For: `fill_ledger` and `post_together`, for the ledger's benchmarks.
Not for: the product: the superuser writes past every trigger here, which nobody else can (and no lesser way makes ten
million entries in minutes). What is written is what `post_entries` would have written.

The entries: two postings each, over one year in order of their date, 50 per database transaction; 400 combinations of
account, entity and partner, all of which occur among the first 10,000 entries as among 10,000,000.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import text

from benchmarks.figures import say
from benchmarks.ground import CannotMeasure, Ground, cpu_seconds
from foundation import clock
from foundation.connections import dispose_engines
from foundation.db import unit_of_work
from foundation.money import Money
from foundation.tables import schema_of
from ledger import EntryDraft, PostingDraft, note_known, roll_balances

__all__ = ["YEAR", "Posted", "accounts_to_post_on", "entry_between", "fill_ledger", "post_together", "roll_up"]

YEAR = 2025
_PER_TRANSACTION = 50
_Act = Callable[[int, int], int]

# Each transaction number is that of a transaction that ended: its horizon has passed.
_USE_UP_TRANSACTIONS = """
CREATE PROCEDURE pg_temp.use_up(in_count bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOR turn IN 1..in_count LOOP
        PERFORM pg_current_xact_id();
        COMMIT;
    END LOOP;
END $$
"""

_ENTRIES = """
INSERT INTO {schema}.journal_entry (recorded_xact, occurred_at, recorded_at, accounted_on, posting_count, uid,
    source_uid, source_kind, kind, key, content_hash, description, actor)
SELECT (%(first)s + n / %(per)s)::text::xid8, at.moment, at.moment, (at.moment AT TIME ZONE 'Asia/Jakarta')::date, 2,
    gen_random_uuid(), gen_random_uuid(), 'benchmark', 'assessment_issued', 'filled:' || n,
    sha256(int8send(n)), 'Ketetapan contoh', 'cli:benchmark'
FROM generate_series(0::bigint, %(count)s - 1) n
CROSS JOIN LATERAL (
    SELECT timestamptz '{year}-01-01 00:00:00+07' + n * (interval '364 days 23 hours' / %(count)s) AS moment) at
ORDER BY n
"""

_POSTINGS = """
INSERT INTO {schema}.posting (entry_id, account_id, entity_id, amount_sen, accounted_on, line_no, book, side, partner)
SELECT e.id, (%(accounts)s::bigint[])[1 + (c.place + l.line * 7) %% 20],
    (%(entities)s::bigint[])[1 + c.place / 20 %% 4],
    100 + e.id %% 100000, e.accounted_on, l.line, 'F', CASE l.line WHEN 1 THEN 'debit' ELSE 'credit' END,
    CASE WHEN l.line = 1 THEN 'BANK' || c.place / 80 END
FROM {schema}.journal_entry e
CROSS JOIN LATERAL (SELECT (e.id * 7919 %% 400)::int AS place) c
CROSS JOIN (VALUES (1), (2)) l (line)
ORDER BY e.id, l.line
"""

_INDEXES = """
SELECT c.conname, pg_get_constraintdef(c.oid), NULL FROM pg_constraint c
WHERE c.conrelid = %(table)s::regclass AND c.contype IN ('p', 'u')
UNION ALL
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indexrelid FROM pg_index i
WHERE i.indrelid = %(table)s::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


@dataclass(frozen=True)
class Posted:
    """What processes posted together: entries, seconds of the slowest, processor seconds of server and clients."""

    entries: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Entries per second."""
        return self.entries / self.seconds


def fill_ledger(ground: Ground, region: str, count: int) -> None:
    """Write `count` entries into an empty ledger and roll them up, as the worker would have done by then."""
    schema, began = schema_of(region), time.perf_counter()
    with ground.superuser() as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        first = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        connection.execute(_USE_UP_TRANSACTIONS)
        connection.execute("CALL pg_temp.use_up(%s)", [count // _PER_TRANSACTION + 1])
        connection.execute("SET session_replication_role = replica")
        with _without_indexes(connection, f"{schema}.journal_entry"), _without_indexes(connection, f"{schema}.posting"):
            values = {"count": count, "per": _PER_TRANSACTION, "first": first and first[0] + 1}
            connection.execute(_ENTRIES.format(schema=schema, year=YEAR), values)
            accounts, entities = _ids(connection, schema)
            connection.execute(_POSTINGS.format(schema=schema), {"accounts": accounts, "entities": entities})
        connection.execute(f"VACUUM ANALYZE {schema}.journal_entry, {schema}.posting")
    say(f"{count} entries written in {time.perf_counter() - began:.0f} s …")
    began = time.perf_counter()
    rolled = roll_up(region, least=1)
    if rolled != count:
        raise CannotMeasure(f"{count} entries were written, {rolled} rolled up")
    say(f"rolled up in {time.perf_counter() - began:.0f} s …")
    with ground.superuser() as connection:
        for table in ("day", "part", "month", "past", "piece"):
            connection.execute(f"VACUUM ANALYZE {schema}.balance_{table}")


def roll_up(region: str, *, least: int = 1000) -> int:
    """Roll up until nothing waits, history too; how many entries that were."""
    total = 0
    for _ in ("noted", "final"):
        with unit_of_work(region) as session:
            note_known(session, at=clock.now(), grace=timedelta(0), every=timedelta(microseconds=1))
    while True:
        with unit_of_work(region) as session:
            rolled = roll_balances(session, least=least)
        total += rolled
        if not rolled:
            return total


def accounts_to_post_on(region: str) -> list[str]:
    """Twenty accounts of the financial book that need no counterpart."""
    with unit_of_work(region) as session:
        return list(
            session.scalars(
                text(
                    "SELECT code FROM account WHERE level = 6 AND book = 'F' AND NOT requires_counterpart"
                    " ORDER BY code LIMIT 20"
                )
            )
        )


def entry_between(key: str, accounts: list[str], sen: int, *, on: date | None = None) -> EntryDraft:
    """An entry of two postings between two of the accounts, now, accounted today or on that date."""
    debit, credit = random.sample(accounts, 2)
    at = clock.now()
    return EntryDraft(
        kind="assessment_issued",
        key=key,
        occurred_at=at,
        accounted_on=on or at.date(),
        description="Ketetapan contoh",
        postings=(
            PostingDraft("F", "LH", "", "debit", Money(sen), account=debit),
            PostingDraft("F", "LH", "", "credit", Money(sen), account=credit),
        ),
        source_kind="benchmark",
    )


def post_together(ground: Ground, processes: int, seconds: float, act: _Act) -> Posted:
    """Run `act(number, turn)` over and over in so many processes; it posts and returns how many entries it did."""
    dispose_engines()
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(processes + 1), context.Queue()
    running = [
        context.Process(target=_keep_posting, args=(barrier, number, seconds, act, results))
        for number in range(processes)
    ]
    for process in running:
        process.start()
    barrier.wait(120)
    server = cpu_seconds(ground.server_pid())
    found = [results.get(timeout=seconds + 300) for _ in running]
    for process in running:
        process.join()
    used = cpu_seconds(ground.server_pid()) - server + sum(cpu for _, _, cpu in found)
    return Posted(sum(count for count, _, _ in found), max(took for _, took, _ in found), used)


def _keep_posting(barrier: Barrier, number: int, seconds: float, act: _Act, results: Any) -> None:
    act(number, 0)  # connects, and lets statements be prepared
    barrier.wait(120)
    began, used, turn, count = time.perf_counter(), time.process_time(), 0, 0
    while time.perf_counter() < began + seconds:
        turn += 1
        count += act(number, turn)
    results.put((count, time.perf_counter() - began, time.process_time() - used))
    dispose_engines()


class _without_indexes:  # noqa: N801 - reads as what it does in a with statement
    """Drop a table's indexes for the time of a load, and make them again."""

    def __init__(self, connection: Any, table: str) -> None:
        self._connection, self._table = connection, table

    def __enter__(self) -> None:
        self._kept = self._connection.execute(_INDEXES, {"table": self._table}).fetchall()
        for name, _, index in self._kept:
            self._connection.execute(
                f"ALTER TABLE {self._table} DROP CONSTRAINT {name}" if index is None else f"DROP INDEX {name}"
            )

    def __exit__(self, *_: object) -> None:
        for name, definition, index in self._kept:
            self._connection.execute(
                f"ALTER TABLE {self._table} ADD CONSTRAINT {name} {definition}" if index is None else definition
            )


def _ids(connection: Any, schema: str) -> tuple[list[int], list[int]]:
    accounts = connection.execute(
        f"SELECT id FROM {schema}.account WHERE level = 6 AND book = 'F' AND NOT requires_counterpart"
        " ORDER BY code LIMIT 20"
    ).fetchall()
    entities = connection.execute(f"SELECT id FROM {schema}.entity ORDER BY code").fetchall()
    if len(accounts) < 20 or len(entities) < 4:
        raise CannotMeasure("the sample chart has too few accounts or entities")
    return [row[0] for row in accounts], [row[0] for row in entities]
