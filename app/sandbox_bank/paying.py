"""Payments by the sandbox bank's customers: the debit, and the message to Lunas that goes with it.

For: the payer's confirmation (pages, api) and what became of a virtual account payment once Lunas answered.
Not for: sending (telling), or asking what is owed (asking).

States of a payment
    DEBITED   virtual account: taken from the payer, lies in transit until Lunas answers
    DONE      lies on the region's holding account and belongs into a settlement; a QRIS payment starts here,
              because its notification reports a fact
    RETURNED  Lunas refused; the payer has the money back
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from app.sandbox_bank.bookkeeping import get_own_account, move_money
from app.sandbox_bank.errors import InquiryUsed
from app.sandbox_bank.issuing import require_payable
from app.sandbox_bank.models import Account, Client, Inquiry, Message, Payment, Qris
from bank_adapters.snap import new_external_id
from foundation.clock import business_date
from foundation.ids import new_uid
from foundation.money import Money

__all__ = ["new_reference", "pay_qris", "pay_virtual_account", "queue_message", "record_answer", "record_untold"]


def new_reference(kind: str, client: Client, at: datetime) -> str:
    """A bank reference of at most 30 characters, e.g. "VA3316261121" and ten digits, unique without asking."""
    day = business_date(at, client.timezone)
    return f"{kind}{client.region}{day:%y%m%d}{secrets.randbelow(10**10):010d}"


def pay_virtual_account(
    session: Session, inquiry: Inquiry, *, at: datetime, amount: Money | None = None, notifications: int = 1
) -> Payment:
    """The payer confirms an answered inquiry: debit, and a payment message that is due at once.

    `amount` other than the answered total is a misbehaviour for tests. Raises InquiryUsed or BalanceTooLow.
    """
    session.refresh(inquiry, with_for_update={"key_share": True})
    if inquiry.state != "OPEN" or inquiry.total_sen is None:
        raise InquiryUsed()
    inquiry.state = "PAID"
    client = inquiry.client
    payment = _new_payment(
        session, client, inquiry.payer, amount or Money(inquiry.total_sen), at,
        channel="VA", bank_reference=inquiry.inquiry_request_id, payment_code=inquiry.customer_no,
        payee_name=inquiry.name or "-", state="DEBITED",
    )  # fmt: skip
    move_money(
        session, source=inquiry.payer, target=get_own_account(session, "TRANSIT"), amount=Money(payment.amount_sen),
        remark=_remark(payment), booked_on=payment.business_on, at=at, payment_id=payment.id,
    )  # fmt: skip
    for _ in range(notifications):
        queue_message(session, payment, at=at)
    return payment


def pay_qris(
    session: Session,
    qris: Qris,
    payer: Account,
    *,
    at: datetime,
    after_expiry: bool = False,
    notifications: int = 1,
) -> Payment:
    """The payer confirms a scanned QRIS: debit, credit of the holding account, and a notification that is due at once.

    `after_expiry` lets an expired code be paid and `notifications` other than 1 tells Lunas never or more than once;
    both are misbehaviours for tests. Raises QrisAlreadyPaid, QrisExpired or BalanceTooLow.
    """
    session.refresh(qris, with_for_update={"key_share": True})
    if qris.state == "PAID" or not after_expiry:
        require_payable(qris, at=at)
    qris.state = "PAID"
    client = qris.client
    payment = _new_payment(
        session, client, payer, Money(qris.amount_sen), at,
        channel="QRIS-MPM", bank_reference=qris.reference_no, partner_reference=qris.partner_reference_no,
        rrn=f"{secrets.randbelow(10**12):012d}", payee_name=client.merchant_name, state="DONE",
    )  # fmt: skip
    _credit_holding(session, payment, payer, at=at)
    for _ in range(notifications):
        queue_message(session, payment, at=at)
    return payment


def record_untold(session: Session, client: Client, payer: Account, amount: Money, *, at: datetime) -> Payment:
    """Misbehaviour: a payment that will be settled although Lunas is never told of it."""
    payment = _new_payment(
        session, client, payer, amount, at,
        channel="QRIS-MPM", bank_reference=new_reference("QX", client, at), rrn=f"{secrets.randbelow(10**12):012d}",
        payee_name=client.merchant_name, state="DONE",
    )  # fmt: skip
    _credit_holding(session, payment, payer, at=at)
    return payment


def queue_message(session: Session, payment: Payment, *, at: datetime) -> Message:
    """Tell Lunas of a payment: due at once, and again until it answers, under one external id of its own."""
    kind = "VA_PAYMENT" if payment.channel == "VA" else "QRIS_NOTIFY"
    message = Message(
        payment=payment, kind=kind, external_id=new_external_id(), state="WAITING", tries=0, next_try_at=at,
        created_at=at,
    )  # fmt: skip
    session.add(message)
    session.flush()
    return message


def record_answer(session: Session, payment: Payment, *, accepted: bool, at: datetime) -> None:
    """What Lunas's answer does to a virtual account payment: to the holding account, or back to the payer.

    Only the first answer does anything; a QRIS payment stays what it is whatever Lunas says.
    """
    session.refresh(payment, with_for_update={"key_share": True})
    if payment.state != "DEBITED":
        return
    transit = get_own_account(session, "TRANSIT")
    if accepted:
        payment.state = "DONE"
        _credit_holding(session, payment, transit, at=at)
        return
    payment.state = "RETURNED"
    move_money(
        session, source=transit, target=payment.payer, amount=Money(payment.amount_sen),
        remark=f"DIKEMBALIKAN {_remark(payment)}", booked_on=business_date(at, payment.client.timezone), at=at,
        payment_id=payment.id,
    )  # fmt: skip


def _new_payment(
    session: Session, client: Client, payer: Account, amount: Money, at: datetime, **facts: str | None
) -> Payment:
    payment = Payment(
        uid=new_uid(), client=client, payer=payer, amount_sen=amount.sen,
        # Messages carry whole seconds; the settlement must state the same moment.
        paid_at=at.replace(microsecond=0), business_on=business_date(at, client.timezone), **facts,
    )  # fmt: skip
    session.add(payment)
    session.flush()
    return payment


def _credit_holding(session: Session, payment: Payment, source: Account, *, at: datetime) -> None:
    move_money(
        session, source=source, target=payment.client.holding, amount=Money(payment.amount_sen),
        remark=_remark(payment), booked_on=business_date(at, payment.client.timezone), at=at, payment_id=payment.id,
    )  # fmt: skip


def _remark(payment: Payment) -> str:
    named = payment.payment_code or f"RRN {payment.rrn}"
    return f"{payment.channel} {named} {payment.bank_reference}"
