"""What must go outside is written here, in the same transaction as the act, and sent after it.

For: messages to others that follow from an act (webhooks now; mail and bank calls later).
Not for: questions that a person waits for (asking the acquirer for a QR), nor the sending itself (app/outside).

States: QUEUED → SENT, QUEUED → DROPPED (nobody asked for this topic), QUEUED → FAILED (gave up after `MAX_ATTEMPTS`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Identity, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.states import Move, State, StateTable, move
from foundation.tables import Json, RegionBase

__all__ = ["MAX_ATTEMPTS", "OUTBOX_STATES", "OutboxMessage", "drop_due", "enqueue", "has_due", "send_due"]

MAX_ATTEMPTS = 12
OUTBOX_STATES = StateTable(
    "outbox_message",
    initial="QUEUED",
    states={
        "QUEUED": State("Menunggu dikirim", "Waiting to be sent"),
        "SENT": State("Terkirim", "Sent", finished=True),
        "DROPPED": State("Tidak ada penerima", "No receiver", finished=True),
        "FAILED": State("Gagal dikirim", "Could not be sent", finished=True),
    },
    moves=(
        Move("sent", "QUEUED", "SENT"),
        Move("dropped", "QUEUED", "DROPPED"),
        Move("gave_up", "QUEUED", "FAILED"),
    ),
)


class OutboxMessage(RegionBase):
    """One message that waits to go outside, or has gone."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "next_attempt_at", postgresql_where=text("state = 'QUEUED'")),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    topic: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


def enqueue(session: Session, topic: str, payload: dict[str, Any], *, key: str, at: datetime) -> None:
    """Queue a message once per key; a second call with the same key adds nothing."""
    session.execute(
        text("SELECT foundation_enqueue(:topic, :key, CAST(:payload AS jsonb), :at)").bindparams(
            topic=topic, key=key, at=at
        ),
        {"payload": orjson.dumps(payload).decode()},
    )


def has_due(session: Session, *, at: datetime) -> bool:
    """True when a message waits to be sent."""
    due = select(OutboxMessage.id).where(OutboxMessage.state == "QUEUED", OutboxMessage.next_attempt_at <= at)
    return session.scalar(due.limit(1)) is not None


def drop_due(session: Session, *, at: datetime, limit: int = 5000) -> int:
    """Drop what is due where nobody asks for any topic, in one statement; returns how many."""
    dropped = session.execute(
        text(
            "WITH due AS (SELECT id FROM outbox_message WHERE state = 'QUEUED' AND next_attempt_at <= :at"
            " ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED),"
            " gone AS (UPDATE outbox_message m SET state = 'DROPPED', attempts = m.attempts + 1, sent_at = :at"
            " FROM due WHERE m.id = due.id RETURNING m.id, m.topic)"
            " SELECT count(foundation_record_move("
            "'outbox_message', g.id, 'QUEUED', 'DROPPED', 'dropped', 'job:outbox', g.topic, :at)) FROM gone g"
        ),
        {"at": at, "limit": limit},
    )
    return int(dropped.scalar_one())


def send_due(
    session: Session, deliver: Callable[[OutboxMessage], bool], *, at: datetime, limit: int = 20
) -> tuple[int, int]:
    """Send what is due, oldest first; returns how many went and how many stay.

    `deliver` returns True when sent, False when nobody asked for the topic, and raises when it failed; a failure is
    kept with its reason and tried again after 2^attempts minutes (at most a day), so nothing is swallowed.
    """
    rows = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.state == "QUEUED", OutboxMessage.next_attempt_at <= at)
        .order_by(OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    gone = 0
    for row in rows:
        row.attempts += 1
        try:
            delivered = deliver(row)
        except Exception as error:  # noqa: BLE001 - whatever the receiver does, the reason is kept and tried again
            row.last_error = f"{type(error).__name__}: {error}"[:500]
            row.next_attempt_at = at + timedelta(minutes=min(2**row.attempts, 1440))
            if row.attempts >= MAX_ATTEMPTS:
                move(session, OUTBOX_STATES, row, "gave_up", by="job:outbox", why=row.last_error, at=at)
            continue
        row.sent_at = at
        event = "sent" if delivered else "dropped"
        move(session, OUTBOX_STATES, row, event, by="job:outbox", why=row.topic, at=at)
        gone += 1
    return gone, len(rows) - gone
