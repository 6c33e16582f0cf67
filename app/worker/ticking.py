"""Ticks: what there is to do is queued per region, once per tick or day.

For: the leader's look at each region: files in the inbox, messages in the outbox, entries to be summed up, the day's
reconciling and cleaning.
Not for: doing it (running, jobs).

A tick queues only what has work, so that an idle region's tables stay small. A key names the tick or the day: the same
tick again, or a second leader, adds nothing.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from app.worker.inbox import has_files
from app.worker.leading import Leader
from foundation import clock
from foundation.db import unit_of_work
from foundation.jobs import enqueue_job
from foundation.outbox import has_due
from foundation.policies import get_policy_number
from foundation.regions import Region, list_regions
from ledger import balances_lag_behind, has_unsealed, list_seal_keys, note_known

__all__ = ["queue_due", "tick"]

log = structlog.get_logger("lunas.worker")


def tick(leader: Leader, *, seconds: int) -> None:
    """One tick: nothing unless this process leads. A region that fails never stops the others."""
    if not leader.is_leading():
        return
    at = clock.now()
    for region in _list_regions():
        try:
            with unit_of_work(region.code) as session:
                queue_due(session, region, at=at, seconds=seconds)
        except Exception as error:
            log.exception("tick_failed", region=region.code, error=type(error).__name__)


def _list_regions() -> list[Region]:
    try:
        return list_regions()
    except Exception as error:
        log.exception("tick_failed", error=type(error).__name__)
        return []


def queue_due(session: Session, region: Region, *, at: datetime, seconds: int) -> list[str]:
    """Queue what a region has to do now; returns the kinds that were queued for the first time.

    Not a job, since it must go on where there is nothing to do: what was known until just now becomes final.
    """
    note_known(session, at=at)
    slot = int(at.timestamp()) // seconds
    today = clock.business_date(at, region.timezone).isoformat()
    wanted = [("reconcile", f"reconcile:{today}"), ("clean", f"clean:{today}")]
    if has_files(region):
        wanted.insert(0, ("inbox", f"inbox:{seconds}:{slot}"))
    if has_due(session, at=at):
        wanted.append(("outbox", f"outbox:{seconds}:{slot}"))
    if balances_lag_behind(session):
        wanted.append(("balances", f"balances:{seconds}:{slot}"))
    minutes = get_policy_number(session, "ledger.seal_every_minutes", on=clock.business_date(at, region.timezone))
    if has_unsealed(session):
        wanted.append(("seal", f"seal:{minutes}:{int(at.timestamp()) // (60 * minutes)}"))
    if list_seal_keys(session):
        wanted.append(("head", f"head:{today}"))
    return [kind for kind, key in wanted if enqueue_job(session, kind, {}, key=key, run_at=at, at=at)]
