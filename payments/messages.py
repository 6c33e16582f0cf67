"""The archive of messages with partners: raw body, headers and answer, kept ten years.

For: writing one row per message, whatever came of it, and showing those that contradict an earlier one.
Not for: deciding anything. A message that led to a payment is written in the payment's own transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.db import fetch_row
from foundation.ids import new_uid
from payments.models import Partner, PartnerMessage

__all__ = ["Contradiction", "MessageLogged", "list_contradictions", "log_message"]

_LOG = (
    "INSERT INTO partner_message (uid, partner_id, direction, service, path, headers, body, reference,"
    " response_status, response_code, response_body, outcome, received_at, answered_at)"
    " VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"
)
_HEADERS_KEPT = (
    "content-type",
    "x-timestamp",
    "x-signature",
    "x-client-key",
    "x-partner-id",
    "x-external-id",
    "channel-id",
    "x-ip-address",
    "origin",
)


@dataclass(frozen=True, slots=True)
class MessageLogged:
    """A message and its answer, as they went over the wire. `headers` may be all of them; only named ones are kept
    (never the bearer token)."""

    partner_id: int | None
    direction: str
    service: str
    path: str
    headers: dict[str, str]
    body: bytes
    reference: str | None
    response_status: int
    response_code: str
    response_body: bytes
    outcome: str
    received_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A partner's message for a person to look at.

    `outcome` is "contradiction" (it contradicts what the partner said before) or "untaken" (it reports money that
    moved, and could not be taken).
    """

    uid: UUID
    partner: str
    service: str
    reference: str | None
    response_code: str
    received_at: datetime
    outcome: str


def log_message(session: Session, message: MessageLogged) -> None:
    """Write one message to the archive. Bodies are bounded by the door that read them."""
    kept = {name.lower(): value[:600] for name, value in message.headers.items() if name.lower() in _HEADERS_KEPT}
    values = (
        new_uid(),
        message.partner_id,
        message.direction,
        message.service[:20],
        message.path[:300],
        orjson.dumps(kept).decode(),
        message.body,
        message.reference[:128] if message.reference else None,
        message.response_status,
        message.response_code[:20],
        message.response_body,
        message.outcome[:40],
        message.received_at,
        message.answered_at,
    )
    fetch_row(session, _LOG, values)


def list_contradictions(session: Session, *, since: datetime, limit: int = 200) -> list[Contradiction]:
    """The newest messages since a moment that a person must look at."""
    rows = session.execute(
        select(
            PartnerMessage.uid,
            Partner.code,
            PartnerMessage.service,
            PartnerMessage.reference,
            PartnerMessage.response_code,
            PartnerMessage.received_at,
            PartnerMessage.outcome,
        )
        .join(Partner, Partner.id == PartnerMessage.partner_id)
        .where(PartnerMessage.outcome.in_(("contradiction", "untaken")), PartnerMessage.received_at >= since)
        .order_by(PartnerMessage.id.desc())
        .limit(limit)
    )
    return [Contradiction(*row) for row in rows]
