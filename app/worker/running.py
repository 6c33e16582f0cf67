"""Running jobs: claim the next one of any region, do it, record how it ended.

For: the loop of `lunas worker`, until it is told to stop.
Not for: what is queued when (ticking) or what a job does (jobs).

A job is claimed in a unit of work of its own, so a worker that dies leaves a lease that runs out, never a lock.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.orm import Session

from app.worker.jobs import JOBS
from app.worker.leading import Leader
from app.worker.ticking import tick
from foundation import clock
from foundation.db import run_unit
from foundation.errors import LunasError
from foundation.jobs import claim_job, fail_job, finish_job
from foundation.regions import Region, list_regions

__all__ = ["run_next", "work"]

log = structlog.get_logger("lunas.worker")


def work(stop: threading.Event, *, poll_seconds: float, tick_seconds: int) -> None:
    """Tick and run jobs until `stop` is set; the job at hand is finished first."""
    worker = f"{socket.gethostname()[:40]}:{os.getpid()}"
    leader = Leader()
    scheduler = BackgroundScheduler(timezone=UTC)
    options = {"seconds": tick_seconds}
    scheduler.add_job(tick, "interval", args=[leader], kwargs=options, max_instances=1, coalesce=True, **options)
    log.info("worker_started", worker=worker)
    tick(leader, seconds=tick_seconds)
    scheduler.start()
    try:
        while not stop.is_set():
            if not run_round(worker, stop):
                stop.wait(poll_seconds)
    finally:
        scheduler.shutdown(wait=True)
        leader.resign()
        log.info("worker_stopped", worker=worker)


def run_round(worker: str, stop: threading.Event) -> bool:
    """Run one job of each region that has one; False when there was nothing to do, or the database is away."""
    try:
        done = [run_next(region, worker=worker) for region in list_regions() if not stop.is_set()]
    except Exception as error:
        log.exception("round_failed", error=type(error).__name__)
        return False
    return any(done)


def run_next(region: Region, *, worker: str) -> bool:
    """Claim and do the region's next job; False when none is due. A failed job keeps its reason and is tried again."""
    claimed = run_unit(region.code, lambda session: _claim(session, worker))
    if claimed is None:
        return False
    job_id, kind = claimed
    try:
        JOBS[kind](region)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        log.exception("job_failed", region=region.code, kind=kind)
        _record(region, lambda session: fail_job(session, job_id, reason=reason, at=clock.now()))
    else:
        _record(region, lambda session: finish_job(session, job_id, at=clock.now()))
    return True


def _claim(session: Session, worker: str) -> tuple[int, str] | None:
    job = claim_job(session, worker=worker, at=clock.now())
    return None if job is None else (job.id, job.kind)


def _record(region: Region, act: Callable[[Session], None]) -> None:
    try:
        run_unit(region.code, act)
    except LunasError as refusal:
        # The lease ran out while we worked, and another worker has ended the job already.
        log.warning("job_ended_elsewhere", region=region.code, code=refusal.code)
