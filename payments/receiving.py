"""Receiving a payment: the bill is settled, the entry posted and the payment recorded in one unit of work.

For: `receive_payment`, called by every door that learns that money moved, and the checks before it.
Not for: the wire (app/bank_doors), who owes what (billing), how it is booked (ledger).

The bill's row is locked first, so two payments of one bill at the same moment are seen one after the other; the
unique bank reference is the last word on whether a report is new.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from billing import PayableBill, find_payable, settle_bill
from foundation.clock import business_date
from foundation.errors import LunasError
from foundation.ids import new_uid
from foundation.money import Money
from foundation.outbox import enqueue
from payments.booking import book_applied, book_unapplied
from payments.errors import (
    AmountMismatch,
    BillExpired,
    BillNotFound,
    BillPaid,
    ReportContradicts,
)
from payments.models import Partner, PartnerExternalId, Payment
from payments.partners import terms_of
from payments.states import PAYMENT_STATES, record_first_state

__all__ = [
    "PaymentNotice",
    "Received",
    "bank_business_date",
    "facts_sha256",
    "find_payment_by_reference",
    "receive_payment",
    "require_payable",
    "use_external_id",
]

# A bank's own time of payment is believed for the past; a moment further in the future than this is its clock's fault.
_CLOCK_SLACK = timedelta(minutes=5)
_REASONS: dict[type[LunasError], str] = {
    BillNotFound: "BILL_NOT_FOUND",
    BillPaid: "BILL_PAID",
    BillExpired: "BILL_EXPIRED",
    AmountMismatch: "AMOUNT_MISMATCH",
}


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


@dataclass(frozen=True, slots=True)
class Received:
    """The payment of a notice, and whether this notice made it (False: it repeats an earlier one)."""

    payment: Payment
    first_time: bool


def receive_payment(session: Session, notice: PaymentNotice, *, received_at: datetime) -> Received:
    """Record a payment: settle its bill and post row 4a, or post row 19 and leave it unapplied with a reason.

    The same notice again returns the first payment and changes nothing. Raises ReportContradicts when the bank
    reference was reported with other facts, and BillNotFound, BillPaid, BillExpired or AmountMismatch where the
    partner may be refused; after any of these nothing has changed.
    """
    first = find_payment_by_reference(session, notice)
    if first is not None:
        return Received(first, first_time=False)
    paid_at = _believable(notice.paid_at, received_at)
    bill = find_payable(session, notice.payment_code, lock=True) if notice.payment_code else None
    objection = _objection(notice, bill, paid_at)
    if objection is not None and notice.may_be_refused:
        first = find_payment_by_reference(session, notice)
        if first is not None:  # this same payment, settled by another connection while we waited for the bill
            return Received(first, first_time=False)
        raise objection
    payment = _insert(session, notice, bill if objection is None else None, objection, paid_at, received_at)
    if payment is None:  # another connection recorded the same reference while we waited for it
        return Received(_require_first(session, notice), first_time=False)
    _book(session, notice, payment, bill if objection is None else None, received_at)
    return Received(payment, first_time=True)


def require_payable(
    session: Session, payment_code: str, *, amount: Money | None, on: datetime, zone: str
) -> PayableBill:
    """The bill that an inquiry asks for.

    Raises BillNotFound, BillPaid, BillExpired, or AmountMismatch where the inquiry names an amount.
    """
    bill = find_payable(session, payment_code)
    objection = _why_not(bill, payment_code, [amount] if amount is not None else [], on, zone)
    if objection is not None:
        raise objection
    if bill is None:
        raise AssertionError("a bill without objection exists")
    return bill


def find_payment_by_reference(session: Session, notice: PaymentNotice) -> Payment | None:
    """The payment that this notice repeats, or None. Raises ReportContradicts when its facts are others."""
    payment = session.scalar(
        select(Payment).where(Payment.partner_id == notice.partner.id, Payment.bank_reference == notice.bank_reference)
    )
    if payment is not None and not _says_the_same(payment, notice):
        raise ReportContradicts(bank_reference=notice.bank_reference)
    return payment


def use_external_id(session: Session, partner: Partner, external_id: str, *, on: date) -> bool:
    """Use up an X-EXTERNAL-ID for a partner's calendar day; False when it was used before.

    Lives and dies with the unit of work, so a refused message does not use it up.
    """
    statement = (
        insert(PartnerExternalId)
        .values(partner_id=partner.id, used_on=on, external_id=external_id)
        .on_conflict_do_nothing()
        .returning(PartnerExternalId.external_id)
    )
    return session.execute(statement).first() is not None


def facts_sha256(facts: dict[str, Any]) -> bytes:
    """A hash of what a partner said, the same whatever the order of its fields."""
    return hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).digest()


def _says_the_same(payment: Payment, notice: PaymentNotice) -> bool:
    """A message is compared in all its facts; against a settlement file, which has fewer, in amount and code."""
    if payment.source == notice.source:
        return payment.facts_sha256 == facts_sha256(notice.facts)
    codes = {payment.payment_code, notice.payment_code} - {None}
    return payment.amount_sen == notice.amount.sen and len(codes) <= 1


def _believable(claimed: datetime | None, received_at: datetime) -> datetime:
    if claimed is None or claimed > received_at + _CLOCK_SLACK:
        return received_at
    return claimed


def _objection(notice: PaymentNotice, bill: PayableBill | None, paid_at: datetime) -> LunasError | None:
    amounts = [notice.amount] if notice.stated_total is None else [notice.amount, notice.stated_total]
    return _why_not(bill, notice.payment_code or "-", amounts, paid_at, notice.zone)


def _why_not(
    bill: PayableBill | None, payment_code: str, amounts: list[Money], on: datetime, zone: str
) -> LunasError | None:
    """Why this money cannot settle this bill, or None. A code is payable until its due date ends in the region."""
    if bill is None:
        return BillNotFound(payment_code=payment_code)
    if bill.state != "ISSUED":
        return BillPaid(payment_code=payment_code)
    if business_date(on, zone) > bill.due_on:
        return BillExpired(payment_code=payment_code)
    for amount in amounts:
        if amount != bill.amount:
            return AmountMismatch(paid=amount.plain(), owed=bill.amount.plain())
    return None


def _insert(
    session: Session,
    notice: PaymentNotice,
    bill: PayableBill | None,
    objection: LunasError | None,
    paid_at: datetime,
    received_at: datetime,
) -> Payment | None:
    statement = (
        insert(Payment)
        .values(
            uid=new_uid(),
            partner_id=notice.partner.id,
            channel=notice.channel,
            bank_reference=notice.bank_reference,
            source=notice.source,
            facts_sha256=facts_sha256(notice.facts),
            amount_sen=notice.amount.sen,
            payment_code=notice.payment_code,
            bill_id=bill.id if bill else None,
            bill_uid=bill.uid if bill else None,
            entity=bill.entity if bill else None,
            revenue_kind=bill.kind if bill else None,
            state=PAYMENT_STATES.target_of("RECORDED", "applied" if bill else "left_unapplied"),
            unapplied_reason=_REASONS[type(objection)] if objection else None,
            partner_reference=notice.partner_reference,
            rrn=notice.rrn,
            paid_at=paid_at,
            bank_business_date=bank_business_date(notice.partner, paid_at, notice.zone),
            received_at=received_at,
        )
        .on_conflict_do_nothing(constraint="uq_payment_partner_id_bank_reference")
        .returning(Payment)
    )
    return session.scalar(statement)


def _require_first(session: Session, notice: PaymentNotice) -> Payment:
    payment = find_payment_by_reference(session, notice)
    if payment is None:
        raise AssertionError("a reference that conflicts exists")
    return payment


def _book(
    session: Session, notice: PaymentNotice, payment: Payment, bill: PayableBill | None, received_at: datetime
) -> None:
    by = f"partner:{notice.partner.code}"
    record_first_state(session, payment, by=by, at=received_at)
    if bill is None:
        book_unapplied(session, payment, notice.partner, actor=by, recorded_at=received_at, zone=notice.zone)
    else:
        settle_bill(session, bill, payment_uid=payment.uid, paid_at=payment.paid_at, by=by, at=received_at)
        book_applied(session, payment, notice.partner, actor=by, recorded_at=received_at, zone=notice.zone)
    told = {
        "payment": str(payment.uid),
        "bill": str(payment.bill_uid) if payment.bill_uid else None,
        "state": payment.state,
        "amount": Money(payment.amount_sen).plain(),
        "paid_at": payment.paid_at.isoformat(),
    }
    enqueue(session, "payment.recorded", told, key=f"payment.recorded:{payment.uid}", at=received_at)


def bank_business_date(partner: Partner, paid_at: datetime, zone: str) -> date:
    """The partner's business date of a payment: the calendar date in the region, or the next after its cut-off."""
    ends = terms_of(partner).day_ends_at
    local = paid_at.astimezone(ZoneInfo(zone))
    if ends is not None and local.time() >= ends:
        return local.date() + timedelta(days=1)
    return local.date()
