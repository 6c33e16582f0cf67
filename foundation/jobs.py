"""The job table: what the worker has to do, claimed by one process at a time.

For: queueing work once per key, claiming it with SKIP LOCKED, and recording how it ended.
Not for: the schedule (app/worker ticks and queues) or the work itself (one call per job in app/worker).

States: QUEUED → RUNNING → DONE; RUNNING → QUEUED (failed, tried again, or its worker died) or FAILED (gave up).
A claim is a lease: when it runs out, the job is anybody's again, so a job must be safe to do twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, String, delete, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.states import Move, State, StateTable, move
from foundation.tables import Json, RegionBase

__all__ = ["JOB_STATES", "Job", "claim_job", "drop_finished_jobs", "enqueue_job", "finish_job", "fail_job", "list_jobs"]

JOB_STATES = StateTable(
    "job",
    initial="QUEUED",
    states={
        "QUEUED": State("Menunggu", "Queued"),
        "RUNNING": State("Berjalan", "Running"),
        "DONE": State("Selesai", "Done", finished=True),
        "FAILED": State("Gagal", "Failed", finished=True),
    },
    moves=(
        Move("claimed", "QUEUED", "RUNNING"),
        Move("done", "RUNNING", "DONE"),
        Move("retried", "RUNNING", "QUEUED"),
        Move("gave_up", "RUNNING", "FAILED"),
    ),
)
MAX_ATTEMPTS = 5


class Job(RegionBase):
    """One piece of work."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "run_at", postgresql_where=text("state IN ('QUEUED', 'RUNNING')")),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(16))
    run_at: Mapped[datetime]
    attempts: Mapped[int]
    leased_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(80))
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


def enqueue_job(
    session: Session, kind: str, payload: dict[str, Any], *, key: str, run_at: datetime, at: datetime
) -> bool:
    """Queue a job once per key; False when the key was queued before."""
    statement = (
        insert(Job)
        .values(kind=kind, key=key, payload=payload, state="QUEUED", run_at=run_at, attempts=0, created_at=at)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Job.id)
    )
    return session.execute(statement).first() is not None


def claim_job(session: Session, *, worker: str, at: datetime, lease: timedelta = timedelta(minutes=15)) -> Job | None:
    """Take the oldest due job, or one whose lease ran out; None when there is nothing to do."""
    job = session.scalar(
        select(Job)
        .where(
            or_(
                (Job.state == "QUEUED") & (Job.run_at <= at),
                (Job.state == "RUNNING") & (Job.leased_until < at),
            )
        )
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job is None:
        return None
    if job.state == "RUNNING":
        move(session, JOB_STATES, job, "retried", by=f"worker:{worker}", why="lease ran out", at=at)
    job.attempts += 1
    job.worker = worker
    job.leased_until = at + lease
    move(session, JOB_STATES, job, "claimed", by=f"worker:{worker}", why=job.kind, at=at)
    return job


def finish_job(session: Session, job_id: int, *, at: datetime) -> None:
    """Record that the job is done."""
    job = session.get_one(Job, job_id, with_for_update=True)
    job.finished_at, job.leased_until, job.last_error = at, None, None
    move(session, JOB_STATES, job, "done", by=f"job:{job.kind}", why="", at=at)


def fail_job(session: Session, job_id: int, *, reason: str, at: datetime) -> None:
    """Record a failure; the job is tried again after 2^attempts minutes, and given up after MAX_ATTEMPTS."""
    job = session.get_one(Job, job_id, with_for_update=True)
    job.last_error, job.leased_until = reason[:2000], None
    if job.attempts >= MAX_ATTEMPTS:
        job.finished_at = at
        move(session, JOB_STATES, job, "gave_up", by=f"job:{job.kind}", why=reason[:300], at=at)
        return
    job.run_at = at + timedelta(minutes=2**job.attempts)
    move(session, JOB_STATES, job, "retried", by=f"job:{job.kind}", why=reason[:300], at=at)


def list_jobs(session: Session, *, state: str | None = None, limit: int = 200) -> list[Job]:
    """The newest jobs, optionally of one state."""
    query = select(Job).order_by(Job.id.desc()).limit(limit)
    return list(session.scalars(query if state is None else query.where(Job.state == state)))


def drop_finished_jobs(session: Session, *, before: datetime) -> None:
    """Forget jobs that were done before a moment; those that gave up stay for a person."""
    session.execute(delete(Job).where(Job.state == "DONE", Job.finished_at < before))
