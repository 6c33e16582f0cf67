"""The third benchmark: journal entries through the ledger's own front, beside bare psycopg with the same statements.

For: entries of two postings per second with 8 connections, one by one, each in a unit of work of its own.
Not for: batches and hot accounts (benchmarks.ledger_batches), or large ledgers (benchmarks.ledger_growth).

Both sides run as 8 processes with one connection each, so that neither waits for Python's lock. The bare side sends
BEGIN and COMMIT as the front does, straight through libpq; a second figure of it uses psycopg's own execute and commit,
as one would write it by hand.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from types import SimpleNamespace
from typing import Any, cast

import psycopg
from sqlalchemy.orm import Session

from benchmarks.figures import Figure, Options, say
from benchmarks.ground import CannotMeasure, Ground
from benchmarks.scene import ENTITY, KIND, make_region
from foundation import clock
from foundation.connections import database_url, dispose_engines
from foundation.db import unit_of_work
from foundation.ids import new_uid
from foundation.money import Money
from ledger import EntryDraft, assessment_issued, post_entry

__all__ = ["measure_posting"]

_CONNECTIONS = 8
_ROUNDS = 4  # both sides in turns, so that they meet the same machine
_REGION = "3316"
_ACTOR = "cli:benchmark"
# What begins a unit of work (foundation.connections), as PostgreSQL sees it.
_BEGIN = f"BEGIN; SET LOCAL search_path = r{_REGION}, pg_temp"
_Statement = tuple[str, tuple[Any, ...]]
# Makes ready whatever it will send, waits for the others, posts, and returns how many entries in how many seconds.
_Worker = Callable[[Barrier, str, float], tuple[int, float]]


def measure_posting(ground: Ground, options: Options) -> list[Figure]:
    """Post for some seconds by the front, then as many entries by bare psycopg, in turns, and count what stands."""
    make_region(_REGION, "Kabupaten Blora")
    front, bare, plain = _Turns(), _Turns(), _Turns()
    for turn in range(_ROUNDS):
        say(f"turn {turn + 1} of {_ROUNDS}: through the front, bare psycopg, psycopg's own execute and commit …")
        ground.settle_down()
        posted = front.add(_together(_post_by_front, turn, options.seconds / _ROUNDS))
        for turns, worker in ((bare, _post_bare), (plain, _post_plain)):
            ground.settle_down()
            turns.add(_together(worker, turn, max(posted // _CONNECTIONS, 1)))
    expected = front.posted + bare.posted + plain.posted
    with ground.superuser() as connection:
        row = connection.execute(f"SELECT count(*) FROM r{_REGION}.journal_entry").fetchone()
    if row is None or row[0] != expected:
        raise CannotMeasure(f"{expected} entries were posted, {row and row[0]} stand in the ledger")
    return [
        Figure("entries through the front, one by one", front.rate, "/s", 4000),
        Figure("entries by bare psycopg", bare.rate, "/s"),
        Figure("ratio", front.rate / bare.rate, "", 0.8),
        Figure("entries by psycopg's execute and commit", plain.rate, "/s"),
        Figure("ratio to that", front.rate / plain.rate, "", 0.8),
    ]


@dataclass
class _Turns:
    """What one side posted in all its turns."""

    posted: int = 0
    seconds: float = 0.0

    def add(self, told: tuple[int, float]) -> int:
        """One turn more; how many entries it posted."""
        self.posted += told[0]
        self.seconds += told[1]
        return told[0]

    @property
    def rate(self) -> float:
        """Entries per second."""
        return self.posted / self.seconds


def _together(worker: _Worker, turn: int, amount: float) -> tuple[int, float]:
    """Run a worker in 8 processes at once: how many entries they posted, and the seconds of the slowest."""
    dispose_engines()
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(_CONNECTIONS), context.Queue()
    processes = [
        context.Process(target=_run_one, args=(worker, barrier, f"{turn}:{number}", amount, results))
        for number in range(_CONNECTIONS)
    ]
    for process in processes:
        process.start()
    told: list[tuple[int, float]] = [results.get(timeout=600) for _ in processes]
    for process in processes:
        process.join()
    return sum(posted for posted, _ in told), max(seconds for _, seconds in told)


def _run_one(
    worker: _Worker, barrier: Barrier, name: str, amount: float, results: multiprocessing.Queue[tuple[int, float]]
) -> None:
    results.put(worker(barrier, name, amount))


def _post_by_front(barrier: Barrier, name: str, seconds: float) -> tuple[int, float]:
    barrier.wait(60)
    began = time.perf_counter()
    posted = 0
    while time.perf_counter() - began < seconds:
        with unit_of_work(_REGION) as session:
            _post_one(session, f"benchmark:front:{name}:{posted}", posted)
        posted += 1
    return posted, time.perf_counter() - began


def _post_bare(barrier: Barrier, name: str, count: float) -> tuple[int, float]:
    begin = _BEGIN.encode()
    with psycopg.connect(database_url("app"), autocommit=True) as connection:

        def post(statement: str, arguments: tuple[Any, ...]) -> None:
            connection.pgconn.exec_(begin)
            connection.execute(statement, arguments).fetchone()
            if connection.pgconn.exec_(b"COMMIT").command_status != b"COMMIT":
                raise CannotMeasure("a commit was refused")

        return _send(barrier, f"bare:{name}", int(count), post)


def _post_plain(barrier: Barrier, name: str, count: float) -> tuple[int, float]:
    with psycopg.connect(database_url("app"), autocommit=True) as connection:

        def post(statement: str, arguments: tuple[Any, ...]) -> None:
            connection.execute(_BEGIN, prepare=False)
            connection.execute(statement, arguments).fetchone()
            connection.commit()

        return _send(barrier, f"plain:{name}", int(count), post)


def _send(barrier: Barrier, name: str, count: int, post: Callable[[str, tuple[Any, ...]], None]) -> tuple[int, float]:
    statements = [_statement_of_front(f"benchmark:{name}:{each}", each) for each in range(count)]
    barrier.wait(600)
    began = time.perf_counter()
    for statement, arguments in statements:
        post(statement, arguments)
    return count, time.perf_counter() - began


def _post_one(session: Session, key: str, number: int) -> None:
    at = clock.now()
    draft = EntryDraft(
        kind="assessment_issued",
        key=key,
        occurred_at=at,
        accounted_on=at.date(),
        description="Ketetapan contoh",
        postings=assessment_issued(entity=ENTITY, kind=KIND, amount=Money(15_000_000 + 100 * number)),
        source_kind="benchmark",
        source_uid=new_uid(),
    )
    post_entry(session, draft, actor=_ACTOR, recorded_at=at)


def _statement_of_front(key: str, number: int) -> _Statement:
    """The one statement that the front would send, taken from it instead of being sent."""
    seen: list[_Statement] = []

    def execute(statement: str, arguments: tuple[Any, ...]) -> Any:
        seen.append((statement, arguments))
        return SimpleNamespace(fetchone=lambda: (0, new_uid(), True, b""))

    driver = SimpleNamespace(cursor=lambda: SimpleNamespace(execute=execute))
    connection = SimpleNamespace(connection=SimpleNamespace(driver_connection=driver))
    _post_one(cast("Session", SimpleNamespace(info={}, connection=lambda: connection)), key, number)
    if len(seen) != 1:
        raise CannotMeasure(f"the front sends {len(seen)} statements; this benchmark knows one")
    return seen[0]
