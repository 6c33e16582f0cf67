"""Settling a bill: the one move that a payment makes.

For: marking a bill paid inside the payment's own unit of work.
Not for: deciding whether a payment fits (payments.receiving checks amount, state and date under the row's lock).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from billing.errors import BillAlreadyPaid
from billing.queries import PayableBill

__all__ = ["settle_bill"]

_SETTLE = text("SELECT billing_settle(:bill_id, :payment_uid, :paid_at, :settled_by, :settled_at)")


def settle_bill(
    session: Session, bill: PayableBill, *, payment_uid: UUID, paid_at: datetime, by: str, at: datetime
) -> None:
    """Move a bill from ISSUED to PAID and record the move. Raises BillAlreadyPaid; then nothing has changed.

    `paid_at` is when the payer paid, `at` when we record it, `by` the actor (e.g. "partner:BPDJTG").
    """
    if paid_at.tzinfo is None or at.tzinfo is None:
        raise ValueError("a moment needs its zone")
    settled = session.execute(
        _SETTLE,
        {
            "bill_id": bill.id,
            "payment_uid": payment_uid,
            "paid_at": paid_at,
            "settled_by": by,
            "settled_at": at,
        },
    ).scalar_one()
    if not settled:
        raise BillAlreadyPaid(field="payment_code", payment_code=bill.payment_code)
