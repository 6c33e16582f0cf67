"""Lists of payments for staff: today's payments, unapplied money with its age, sums by channel.

For: the treasury pages. Paged by id, newest first, at most 200 rows at a time.
Not for: reconciliation, which reads `payment_v` in bulk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from foundation.money import Money
from payments.models import Partner, Payment
from payments.receipts import ntpd_of

__all__ = ["PAGE", "ChannelSum", "PaymentShown", "list_payments", "list_unapplied", "sum_by_channel"]

PAGE = 200


@dataclass(frozen=True, slots=True)
class PaymentShown:
    """One payment as staff see it; `id` is the cursor of the next page."""

    id: int
    uid: UUID
    ntpd: str
    partner: str
    partner_name: str
    channel: str
    bank_reference: str
    payment_code: str | None
    amount: Money
    state: str
    unapplied_reason: str | None
    revenue_kind: str | None
    entity: str | None
    paid_at: datetime
    received_at: datetime
    bank_business_date: date
    settled_on: date | None
    rkud_credited_on: date | None


@dataclass(frozen=True, slots=True)
class ChannelSum:
    """How much came through one partner and channel on a day, applied or not."""

    partner: str
    partner_name: str
    channel: str
    count: int
    amount: Money


def list_payments(
    session: Session,
    *,
    on: date,
    partner: str | None = None,
    channel: str | None = None,
    before_id: int | None = None,
    limit: int = PAGE,
) -> list[PaymentShown]:
    """Payments of one bank business date, newest first, of one partner and channel where they are given.

    `before_id` continues after a page's last row.
    """
    wanted = [Payment.bank_business_date == on]
    if partner is not None:
        wanted.append(Partner.code == partner)
    if channel is not None:
        wanted.append(Payment.channel == channel)
    return _list(session, *wanted, before_id=before_id, limit=limit)


def list_unapplied(session: Session, *, before_id: int | None = None, limit: int = PAGE) -> list[PaymentShown]:
    """Money that fits no bill yet, newest first."""
    return _list(session, Payment.state == "UNAPPLIED", before_id=before_id, limit=limit)


def sum_by_channel(session: Session, *, on: date) -> list[ChannelSum]:
    """Sums of one bank business date per partner and channel."""
    rows = session.execute(
        select(Partner.code, Partner.name, Payment.channel, func.count(), func.sum(Payment.amount_sen))
        .join(Partner, Partner.id == Payment.partner_id)
        .where(Payment.bank_business_date == on)
        .group_by(Partner.code, Partner.name, Payment.channel)
        .order_by(Partner.code, Payment.channel)
    )
    return [ChannelSum(code, name, channel, count, Money(int(total))) for code, name, channel, count, total in rows]


def count_unapplied(session: Session) -> tuple[int, Money, datetime | None]:
    """How many payments are unapplied, what they come to, and since when the oldest waits."""
    count, total, oldest = session.execute(
        select(func.count(), func.coalesce(func.sum(Payment.amount_sen), 0), func.min(Payment.received_at)).where(
            Payment.state == "UNAPPLIED"
        )
    ).one()
    return count, Money(int(total)), oldest


def _list(session: Session, *conditions: ColumnElement[bool], before_id: int | None, limit: int) -> list[PaymentShown]:
    query = (
        select(Payment, Partner.code, Partner.name)
        .join(Partner, Partner.id == Payment.partner_id)
        .where(*conditions)
        .order_by(Payment.id.desc())
        .limit(min(limit, PAGE))
    )
    if before_id is not None:
        query = query.where(Payment.id < before_id)
    return [_shown(payment, code, name) for payment, code, name in session.execute(query)]


def _shown(payment: Payment, partner: str, partner_name: str) -> PaymentShown:
    return PaymentShown(
        id=payment.id,
        uid=payment.uid,
        ntpd=ntpd_of(payment),
        partner=partner,
        partner_name=partner_name,
        channel=payment.channel,
        bank_reference=payment.bank_reference,
        payment_code=payment.payment_code,
        amount=Money(payment.amount_sen),
        state=payment.state,
        unapplied_reason=payment.unapplied_reason,
        revenue_kind=payment.revenue_kind,
        entity=payment.entity,
        paid_at=payment.paid_at,
        received_at=payment.received_at,
        bank_business_date=payment.bank_business_date,
        settled_on=payment.settled_on,
        rkud_credited_on=payment.rkud_credited_on,
    )
