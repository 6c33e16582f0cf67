"""The jobs: one call per kind.

For: `JOBS`, which says what each kind of the job table does in a region.
Not for: claiming, retrying or recording how a job ended (running). Every job is safe to do twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from app.outside.webhooks import send_webhook
from app.worker.heads import keep_head
from app.worker.inbox import take_inbox
from foundation import clock
from foundation.config import settings
from foundation.db import run_unit, unit_of_work
from foundation.jobs import drop_finished_jobs
from foundation.limits import drop_old_counters
from foundation.outbox import OutboxMessage, drop_due, send_due
from foundation.policies import get_policy
from foundation.regions import Region
from ledger import load_signer, roll_balances, seal_next
from payments import forget_expired
from reconciliation import reconcile

__all__ = ["JOBS", "clean", "reconcile_region", "roll_up", "send_outbox", "take_files"]

log = structlog.get_logger("lunas.worker")

# A job holds its messages locked while it sends: few where each may take seconds, many where they are only dropped.
_SENT_AT_ONCE, _DROPPED_AT_ONCE, _MOST_ROUNDS = 20, 5000, 50
_KEEP_COUNTERS, _KEEP_JOBS = timedelta(days=2), timedelta(days=30)


def take_files(region: Region) -> None:
    """Take the inbox, and reconcile when something new was in it. Raises what kept a file from being taken."""
    taken = take_inbox(region, by="job:inbox")
    if taken.imported:
        reconcile_region(region)
    for _, error in taken.failed:
        raise error


def reconcile_region(region: Region) -> None:
    """Reconcile as of today: overdue sweeps and credits whose wait is over are found though no file came."""
    at = clock.now()
    result = run_unit(
        region.code, lambda session: reconcile(session, region=region, at=at, by="job:reconcile"), attempts=5
    )
    log.info("reconciled", region=region.code, balanced=result.balanced, differences=len(result.differences))


def send_outbox(region: Region) -> None:
    """Send what is due to the region's webhook, or drop it where there is none; in rounds, until nothing is due."""
    for _ in range(_MOST_ROUNDS):
        at = clock.now()
        with unit_of_work(region.code) as session:
            url = get_policy(session, "outside.webhook_url", on=clock.business_date(at, region.timezone))
            if not url:
                gone, limit = drop_due(session, at=at, limit=_DROPPED_AT_ONCE), _DROPPED_AT_ONCE
            else:
                gone, limit = _send(session, url, region, at), _SENT_AT_ONCE
        if gone < limit:
            return


def _send(session: Session, url: str, region: Region, at: datetime) -> int:
    def deliver(message: OutboxMessage) -> bool:
        send_webhook(url, region.code, message, at=clock.now())
        return True

    gone, staying = send_due(session, deliver, at=at, limit=_SENT_AT_ONCE)
    if staying:
        log.warning("outbox_waits", region=region.code, messages=staying)
    return gone


def roll_up(region: Region) -> None:
    """Bring the ledger's kept sums up to its newest settled entries, some ten thousand per unit of work."""
    while run_unit(region.code, roll_balances):
        pass


def clean(region: Region) -> None:
    """Forget what has served: old counters, expired bearer tokens and external ids, jobs that are done."""
    at = clock.now()
    with unit_of_work(region.code) as session:
        drop_old_counters(session, before=at - _KEEP_COUNTERS)
        forget_expired(session, at=at)
        drop_finished_jobs(session, before=at - _KEEP_JOBS)


def seal(region: Region) -> None:
    """Seal what can no longer change, block by block, each in a unit of work of its own.

    The log names each block with its hash; that is no head file, which `keep_head` writes.
    """
    signer = load_signer(settings().seal_key_file)
    while block := run_unit(region.code, lambda session: seal_next(session, signer, at=clock.now(), by="job:seal")):
        log.info("sealed", region=region.code, block=block.number, items=block.count, hash=block.block_hash.hex())


JOBS: dict[str, Callable[[Region], None]] = {
    "inbox": take_files,
    "reconcile": reconcile_region,
    "outbox": send_outbox,
    "balances": roll_up,
    "clean": clean,
    "seal": seal,
    "head": keep_head,
}
