"""What the seals cost: sealing beside posting one by one, and verifying, per second.

For: the share of posting's time that sealing the same entries takes (goal: under 5 %), and rows verified per second,
with no month closed and with every month closed.
Not for: posting by itself (benchmarks.posting).

Entries of two postings are posted by 8 processes for some seconds; then everything is sealed, and verified, by one
process. Then every month is closed, and all is verified again: what each month holds is hashed anew as well.
Verifying comes after ANALYZE, so that no figure depends on whether autovacuum has passed by.
Costs are processor time, of our processes and of the server (its process at work for us, while sealing): on a busy
machine that is what counts.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from datetime import timedelta

from sqlalchemy import text

from benchmarks.figures import Figure, Options, say
from benchmarks.ground import CannotMeasure, Ground, cpu_seconds
from benchmarks.scene import ENTITY, KIND, make_region
from foundation import clock
from foundation.config import settings
from foundation.connections import dispose_engines
from foundation.db import unit_of_work
from foundation.ids import new_uid
from foundation.money import Money
from ledger import (
    EntryDraft,
    adjust_period,
    assessment_issued,
    close_period,
    list_periods,
    load_signer,
    post_entry,
    seal_next,
    verify_ledger,
)

__all__ = ["measure_seals"]

_REGION = "3316"
_CONNECTIONS = 8


def measure_seals(ground: Ground, options: Options) -> list[Figure]:
    """Post, seal and verify; the figures, or CannotMeasure when something does not add up."""
    make_region(_REGION, "Kabupaten Blora")
    seal_all()
    say(f"posting one by one for {options.seconds} s …")
    ground.settle_down()
    server, began = cpu_seconds(ground.server_pid()), _own_cpu()
    entries = _post_together(options.seconds)
    posting = cpu_seconds(ground.server_pid()) - server + _own_cpu() - began
    say(f"sealing {entries} entries …")
    dispose_engines()
    with unit_of_work(_REGION) as session:
        backend = session.scalars(text("SELECT pg_backend_pid()")).one()
    server, began, at = cpu_seconds(backend), _own_cpu(), time.perf_counter()
    sealed = seal_all()
    sealing = cpu_seconds(backend) - server + _own_cpu() - began
    sealing_time = time.perf_counter() - at
    if sealed != entries:
        raise CannotMeasure(f"{entries} entries were posted, {sealed} sealed")
    say("verifying …")
    open_rows, open_busy = _verify(ground, entries, closed=0)
    say("verifying with every month closed …")
    months = _close_all()
    seal_all()
    closed_rows, closed_busy = _verify(ground, entries, closed=months)
    return [
        Figure("entries sealed", entries / sealing_time, "/s"),
        Figure("sealing, processor time per entry", 1_000_000 * sealing / entries, "µs"),
        Figure("sealing, share of posting's processor time", 100 * sealing / posting, "%", 5, at_most=True),
        Figure("rows verified, no month closed", open_rows, "/s", 100_000),
        Figure("rows verified, no month closed, per second of processor time", open_busy, "/s"),
        Figure("rows verified, every month closed", closed_rows, "/s", 100_000),
        Figure("rows verified, every month closed, per second of processor time", closed_busy, "/s"),
    ]


def _verify(ground: Ground, entries: int, *, closed: int) -> tuple[float, float]:
    """Rows verified per second, and per second of processor time; CannotMeasure when not all is there and sound."""
    with ground.superuser() as connection:
        connection.execute("ANALYZE")
    ground.settle_down()
    server, began, at = cpu_seconds(ground.server_pid()), _own_cpu(), time.perf_counter()
    with unit_of_work(_REGION) as session:
        found = verify_ledger(session, trusted=[load_signer(settings().seal_key_file).public])
    verifying = time.perf_counter() - at
    busy = cpu_seconds(ground.server_pid()) - server + _own_cpu() - began
    if not found.sound or found.sealed["entry"] != entries or found.periods != closed:
        raise CannotMeasure(f"verifying found {found.periods} closed months, {found.findings[:3]}")
    return found.rows / verifying, found.rows / busy


def _close_all() -> int:
    """Close every month that holds entries, as if it were over; how many that were."""
    at, by = clock.now(), "cli:benchmark"
    with unit_of_work(_REGION) as session:
        months = [period.month for period in list_periods(session)]
    for month in months:
        with unit_of_work(_REGION) as session:
            adjust_period(session, month, today=at.date() + timedelta(days=62), by=by, at=at)
        with unit_of_work(_REGION) as session:
            close_period(session, month, by=by, at=at)
    return len(months)


def seal_all() -> int:
    """Seal until nothing is left; how many entries that were."""
    signer, sealed = load_signer(settings().seal_key_file), 0
    while True:
        with unit_of_work(_REGION) as session:
            block = seal_next(session, signer, at=clock.now(), by="cli:benchmark")
        if block is None:
            return sealed
        sealed += block.count if block.stream == "entry" else 0


def _post_together(seconds: int) -> int:
    """Post from 8 processes, each with a connection of its own; how many entries that made."""
    dispose_engines()
    context = multiprocessing.get_context("fork")
    counts: multiprocessing.Queue[int] = context.Queue()
    processes = [context.Process(target=_post, args=(number, seconds, counts)) for number in range(_CONNECTIONS)]
    for process in processes:
        process.start()
    total = sum(counts.get(timeout=seconds + 120) for _ in processes)
    for process in processes:
        process.join()
    return total


def _post(number: int, seconds: int, counts: multiprocessing.Queue[int]) -> None:
    until, posted = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        at = clock.now()
        draft = EntryDraft(
            kind="assessment_issued",
            key=f"benchmark:seals:{number}:{posted}",
            occurred_at=at,
            accounted_on=at.date(),
            description="Ketetapan contoh",
            postings=assessment_issued(entity=ENTITY, kind=KIND, amount=Money(15_000_000 + 100 * posted)),
            source_kind="benchmark",
            source_uid=new_uid(),
        )
        with unit_of_work(_REGION) as session:
            post_entry(session, draft, actor="cli:benchmark", recorded_at=at)
        posted += 1
    counts.put(posted)


def _own_cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
