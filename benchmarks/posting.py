"""The third benchmark: journal entries through the ledger's own front, beside bare psycopg with the same statements.

For: entries of two postings per second with 8 connections, one by one, each in a unit of work of its own.
Not for: batches, hot accounts and growth; they are measured when the ledger has those fronts.

Both sides run as 8 processes with one connection each, so that neither waits for Python's lock.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing.synchronize import Barrier

import orjson
import psycopg

from benchmarks.figures import Figure, Options, say
from benchmarks.ground import CannotMeasure, Ground
from benchmarks.scene import ENTITY, KIND, make_region
from foundation import clock
from foundation.db import database_url, dispose_engines, unit_of_work
from foundation.ids import new_uid
from foundation.money import Money
from ledger import EntryDraft, assessment_issued, post_entry

__all__ = ["measure_posting"]

_CONNECTIONS = 8
_REGION = "3316"
_ACTOR = "cli:benchmark"
# The statements of a unit of work that posts one entry, as PostgreSQL sees them from the front.
_PATH = "SET LOCAL search_path = r3316, pg_temp"
_POST = (
    "SELECT entry_id, entry_uid, first_time, stored_hash"
    " FROM ledger_post(%s::uuid, %s::jsonb, %s::bytea, %s::text, %s::timestamptz)"
)
_Worker = Callable[[int, float, str], int]


def measure_posting(ground: Ground, options: Options) -> list[Figure]:
    """Post for some seconds by the front, then by bare psycopg, and count what stands in the ledger."""
    make_region(_REGION, "Kabupaten Blora")
    say(f"through the front, {_CONNECTIONS} connections, {options.seconds} s …")
    ground.settle_down()
    front = _together(_post_by_front, options.seconds, "front")
    say("bare psycopg, the same statements …")
    ground.settle_down()
    bare = _together(_post_bare, options.seconds, "bare")
    with ground.superuser() as connection:
        row = connection.execute(f"SELECT count(*) FROM r{_REGION}.journal_entry").fetchone()
    if row is None or row[0] != front + bare:
        raise CannotMeasure(f"{front + bare} entries were posted, {row and row[0]} stand in the ledger")
    return [
        Figure("entries through the front, one by one", front / options.seconds, "/s", 4000),
        Figure("entries by bare psycopg", bare / options.seconds, "/s"),
        Figure("ratio", front / bare, "", 0.8),
    ]


def _together(worker: _Worker, seconds: int, name: str) -> int:
    """Run 8 processes of a worker for this long; how many entries they posted."""
    dispose_engines()
    context = multiprocessing.get_context("fork")
    barrier, counts = context.Barrier(_CONNECTIONS), context.Queue()
    processes = [
        context.Process(target=_run_one, args=(worker, number, seconds, name, barrier, counts))
        for number in range(_CONNECTIONS)
    ]
    for process in processes:
        process.start()
    total: int = sum(counts.get(timeout=seconds + 120) for _ in processes)
    for process in processes:
        process.join()
    return total


def _run_one(
    worker: _Worker, number: int, seconds: int, name: str, barrier: Barrier, counts: multiprocessing.Queue[int]
) -> None:
    barrier.wait(60)
    counts.put(worker(number, time.perf_counter() + seconds, name))


def _post_by_front(number: int, until: float, name: str) -> int:
    posted = 0
    while time.perf_counter() < until:
        at = clock.now()
        draft = EntryDraft(
            kind="assessment_issued",
            key=f"benchmark:{name}:{number}:{posted}",
            occurred_at=at,
            accounted_on=at.date(),
            description="Ketetapan contoh",
            postings=assessment_issued(entity=ENTITY, kind=KIND, amount=Money(15_000_000 + 100 * posted)),
            source_kind="benchmark",
            source_uid=new_uid(),
        )
        with unit_of_work(_REGION) as session:
            post_entry(session, draft, actor=_ACTOR, recorded_at=at)
        posted += 1
    return posted


def _post_bare(number: int, until: float, name: str) -> int:
    posted = 0
    with psycopg.connect(database_url("app")) as connection:
        while time.perf_counter() < until:
            connection.execute(_PATH)
            connection.execute(_POST, _bare_arguments(f"benchmark:{name}:{number}:{posted}", posted, clock.now()))
            connection.commit()
            posted += 1
    return posted


def _bare_arguments(key: str, posted: int, at: datetime) -> tuple[object, ...]:
    line = {"book": "F", "entity": ENTITY, "qualifier": KIND, "sen": 15_000_000 + 100 * posted}
    content = orjson.dumps(
        {
            "kind": "assessment_issued",
            "key": key,
            "occurred_at": at,
            "accounted_on": at.date(),
            "description": "Ketetapan contoh",
            "source_kind": "benchmark",
            "source_uid": new_uid(),
            "lines": [
                {**line, "role": "receivable", "side": "debit", "counterpart": None, "partner": None},
                {**line, "role": "revenue_lo", "side": "credit", "counterpart": None, "partner": None},
            ],
        }
    )
    return (new_uid(), content.decode(), hashlib.sha256(content).digest(), _ACTOR, at)
