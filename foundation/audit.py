"""Who did what: one append-only row per act of a person or of an office-holder's command.

For: acts that change something or reveal something (sign-in, partner added, file imported, policy set).
Not for: each payment of a citizen (the payment, its entry and the message log say that) or state history
(foundation.states records it).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, String, insert, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.ids import new_uid
from foundation.tables import Json, RegionBase, Xact

__all__ = ["AuditEvent", "record_act"]


class AuditEvent(RegionBase):
    """One act. The database refuses UPDATE, DELETE and TRUNCATE."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_recorded_xact_id", "recorded_xact", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(80))
    thing: Mapped[str] = mapped_column(String(80))
    thing_uid: Mapped[str | None] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    recorded_xact: Mapped[int] = mapped_column(Xact, server_default=text("pg_current_xact_id()"))


def record_act(
    session: Session,
    *,
    actor: str,
    action: str,
    thing: str,
    thing_uid: UUID | str | None,
    details: dict[str, Any],
    at: datetime,
) -> None:
    """Write one audit row in the act's own unit of work. `details` is JSON-ready, without personal data."""
    session.execute(
        insert(AuditEvent).values(
            uid=new_uid(),
            at=at,
            actor=actor,
            action=action,
            thing=thing,
            thing_uid=None if thing_uid is None else str(thing_uid),
            details=details,
        )
    )
