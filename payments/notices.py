"""What a partner tells: that money moved, or asks whether it may move it.

For: the one form in which every door and settlement file hands a payment to payments.receiving.
Not for: what came of it (payments.recording).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from foundation.money import Money
from payments.models import Partner

__all__ = ["ExternalId", "PaymentNotice"]


@dataclass(frozen=True, slots=True)
class ExternalId:
    """The X-EXTERNAL-ID of a message, and the calendar day of the partner's own clock on which it was used.

    The day is that of X-TIMESTAMP in its own offset: a bank that numbers its messages anew each day does so by its
    own midnight, not by the region's.
    """

    value: str
    used_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice:
    """A partner tells that money moved, or asks whether it may move it.

    bank_reference: paymentRequestId or originalReferenceNo; facts: what the partner said, JSON-ready, compared on a
    repeat; paid_at: the partner's own time of payment, or None; may_be_refused: True only when the partner asks first
    and returns the payer's money on a refusal; amounts: every amount the partner states for it, all of which must be
    what is owed; zone: the region's zone; source: "message", or "settlement" when only the partner's settlement file
    told us.
    """

    partner: Partner
    channel: str
    bank_reference: str
    payment_code: str | None
    amount: Money
    facts: dict[str, Any]
    may_be_refused: bool
    zone: str
    source: str = "message"
    paid_at: datetime | None = None
    stated_total: Money | None = None
    partner_reference: str | None = None
    rrn: str | None = None
