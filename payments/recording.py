"""Recording a payment: its row, its first state, its bill's settlement and what is told outside, in one statement.

For: `record_payment`, called by payments.receiving under the lock of the bill.
Not for: whether the money fits the bill (payments.receiving), or its journal entry (payments.booking).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billing import PayableBill
from foundation.db import constraint_of, fetch_row
from foundation.ids import new_uid
from foundation.policies import POLICIES
from payments.errors import ExternalIdReused
from payments.notices import ExternalId, PaymentNotice
from payments.states import PAYMENT_STATES

__all__ = ["RecordedPayment", "Recording", "record_payment"]

_RECORD = "SELECT payment_id, ppkd, budget_recognised FROM payments_record(%s::jsonb, %s::text)"


@dataclass(frozen=True, slots=True)
class RecordedPayment:
    """A payment as it stands: its ids, state and moment, and the bill it settled (None while unapplied)."""

    id: int
    uid: UUID
    state: str
    paid_at: datetime
    bill_id: int | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A new payment, and what booking it needs to know: its day, PPKD's code, and whether row 4A goes with it."""

    payment: RecordedPayment
    accounted_on: date
    ppkd: str | None
    budget_recognised: bool


def record_payment(
    session: Session,
    notice: PaymentNotice,
    bill: PayableBill | None,
    *,
    unapplied_reason: str | None,
    facts_sha256: bytes,
    paid_at: datetime,
    bank_business_date: date,
    received_at: datetime,
    accounted_on: date,
    external_id: ExternalId | None,
) -> Recording | None:
    """Write the payment of a notice, applied to `bill`, or unapplied for a reason; None when its reference stands
    already. Raises ExternalIdReused; then the unit of work cannot go on and nothing of it is kept."""
    uid = new_uid()
    state = PAYMENT_STATES.target_of("RECORDED", event := "applied" if bill else "left_unapplied")
    values: dict[str, Any] = {
        "uid": uid,
        "partner_id": notice.partner.id,
        "channel": notice.channel,
        "bank_reference": notice.bank_reference,
        "source": notice.source,
        "facts_sha256": facts_sha256.hex(),
        "amount_sen": notice.amount.sen,
        "payment_code": notice.payment_code,
        "bill_id": bill.id if bill else None,
        "bill_uid": bill.uid if bill else None,
        "entity": bill.entity if bill else None,
        "revenue_kind": bill.kind if bill else None,
        "state": state,
        "event": event,
        "unapplied_reason": unapplied_reason,
        "partner_reference": notice.partner_reference,
        "rrn": notice.rrn,
        "paid_at": paid_at,
        "bank_business_date": bank_business_date,
        "received_at": received_at,
        "external_id": external_id.value if external_id else None,
        "used_on": external_id.used_on if external_id else None,
        "accounted_on": accounted_on,
        "policy_default": POLICIES["ledger.budget_recognised_at"].default,
        "told": {
            "payment": uid,
            "bill": bill.uid if bill else None,
            "state": state,
            "amount": notice.amount.plain(),
            "paid_at": paid_at,
        },
    }
    try:
        row = fetch_row(session, _RECORD, (orjson.dumps(values).decode(), f"partner:{notice.partner.code}"))
    except IntegrityError as error:
        if constraint_of(error) == "pk_partner_external_id":
            raise ExternalIdReused(external_id=external_id.value if external_id else None) from error
        raise
    if row is None or row[0] is None:
        return None
    recorded = RecordedPayment(row[0], uid, state, paid_at, bill.id if bill else None)
    return Recording(recorded, accounted_on, ppkd=row[1], budget_recognised=row[2])
