"""Receipts: what a payer is shown once a bill is settled, under its NTPD.

For: the receipt block of the bill's page, and finding a payment by its NTPD.
Not for: signed documents (foundation/documents) or the treasurer's TBP.

There is no national format for a regional NTPD. Ours has 16 digits: yymmdd of the bank's business date, nine digits of
the payment's number, and a Luhn check digit; it is derived from the payment and so never stored twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.luhn import check_digit, is_valid
from foundation.money import Money
from payments.models import Partner, Payment

__all__ = ["Receipt", "find_payment_by_ntpd", "find_receipt", "ntpd_of"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of payment of one bill."""

    ntpd: str
    paid_at: datetime
    channel: str
    partner_name: str
    amount: Money
    bank_reference: str


def ntpd_of(payment: Payment) -> str:
    """The regional receipt number of a payment."""
    digits = f"{payment.bank_business_date:%y%m%d}{payment.id % 1_000_000_000:09d}"
    return digits + check_digit(digits)


def find_payment_by_ntpd(session: Session, ntpd: str) -> Payment | None:
    """The payment with this receipt number, or None (also when the number cannot be one)."""
    if len(ntpd) != 16 or not is_valid(ntpd):
        return None
    payment = session.get(Payment, int(ntpd[6:15]))
    return payment if payment is not None and ntpd_of(payment) == ntpd else None


def find_receipt(session: Session, bill_uid: UUID) -> Receipt | None:
    """The receipt of a settled bill, or None."""
    row = session.execute(
        select(Payment, Partner.name)
        .join(Partner, Partner.id == Payment.partner_id)
        .where(Payment.bill_uid == bill_uid, Payment.state == "APPLIED")
    ).first()
    if row is None:
        return None
    payment, partner_name = row
    return Receipt(
        ntpd=ntpd_of(payment),
        paid_at=payment.paid_at,
        channel=payment.channel,
        partner_name=partner_name,
        amount=Money(payment.amount_sen),
        bank_reference=payment.bank_reference,
    )
