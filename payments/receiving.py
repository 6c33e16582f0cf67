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

from billing import PayableBill, find_payable
from foundation.clock import business_date
from foundation.errors import LunasError
from foundation.money import Money
from payments.booking import accounting_day, book_payment
from payments.errors import (
    AmountMismatch,
    BillExpired,
    BillNotFound,
    BillPaid,
    ExternalIdReused,
    ReportContradicts,
)
from payments.models import Partner, PartnerExternalId, Payment
from payments.notices import ExternalId, PaymentNotice
from payments.partners import terms_of
from payments.recording import RecordedPayment, record_payment

__all__ = [
    "Received",
    "bank_business_date",
    "facts_sha256",
    "find_payment_by_reference",
    "has_payment",
    "receive_payment",
    "require_payable",
    "use_external_id",
]

# A bank's own time of payment decides lateness, so it is believed within bounds only. A moment further ahead than this
# is its clock's fault.
_CLOCK_SLACK = timedelta(minutes=5)
# A bank that asks before it pays speaks of now; an older moment would let a payment evade its due date.
_ASKING_SLACK = timedelta(minutes=15)
# A report of a fact may come late: after a long holiday, or with a settlement file that was missing. Older is an error.
_REPORTING_SLACK = timedelta(days=31)
_REASONS: dict[type[LunasError], str] = {
    BillNotFound: "BILL_NOT_FOUND",
    BillPaid: "BILL_PAID",
    BillExpired: "BILL_EXPIRED",
    AmountMismatch: "AMOUNT_MISMATCH",
}


@dataclass(frozen=True, slots=True)
class Received:
    """The payment of a notice, whether this notice made it (False: it repeats an earlier one), and the bill that it
    settled just now, as it stood before."""

    payment: RecordedPayment
    first_time: bool
    bill: PayableBill | None = None


def receive_payment(
    session: Session, notice: PaymentNotice, *, received_at: datetime, external_id: ExternalId | None = None
) -> Received:
    """Record a payment: settle its bill and post row 4a, or post row 19 and leave it unapplied with a reason.

    The same notice again returns the first payment and changes nothing. `external_id` is what the message
    brought, which this payment uses up for the day. Raises ReportContradicts when the bank reference was
    reported with other facts, ExternalIdReused, and BillNotFound, BillPaid, BillExpired or AmountMismatch where the
    partner may be refused; after any of these the unit of work is to be undone.
    """
    paid_at = _believable(notice, received_at)
    bill = find_payable(session, notice.payment_code, lock=True) if notice.payment_code else None
    objection = _objection(notice, bill, paid_at)
    if objection is not None:
        # Also this same payment, settled by another connection while we waited for the bill.
        first = find_payment_by_reference(session, notice)
        if first is not None:
            return Received(_recorded(first), first_time=False)
        if notice.may_be_refused:
            _require_new_external_id(session, notice, external_id)
            raise objection
    settled = bill if objection is None else None
    accounted_on = accounting_day(session, notice, settled, paid_at=paid_at, received_at=received_at)
    recording = record_payment(
        session,
        notice,
        settled,
        unapplied_reason=_REASONS[type(objection)] if objection else None,
        facts_sha256=facts_sha256(notice.facts),
        paid_at=paid_at,
        bank_business_date=bank_business_date(notice.partner, paid_at, notice.zone),
        received_at=received_at,
        accounted_on=accounted_on,
        external_id=external_id,
    )
    if recording is None:
        return Received(_recorded(_require_first(session, notice)), first_time=False)
    book_payment(session, notice, recording, settled, recorded_at=received_at)
    return Received(recording.payment, first_time=True, bill=settled)


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


def has_payment(session: Session, partner: Partner, bank_reference: str) -> bool:
    """True when a payment stands under this reference of the partner."""
    query = select(Payment.id).where(Payment.partner_id == partner.id, Payment.bank_reference == bank_reference)
    return session.scalar(query) is not None


def use_external_id(session: Session, partner: Partner, external_id: ExternalId) -> bool:
    """Use up an X-EXTERNAL-ID of a partner for its day; False when it was used before.

    Lives and dies with the unit of work, so a refused message does not use it up.
    """
    statement = (
        insert(PartnerExternalId)
        .values(partner_id=partner.id, used_on=external_id.used_on, external_id=external_id.value)
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


def _believable(notice: PaymentNotice, received_at: datetime) -> datetime:
    """When the payer paid: the partner's own time within its bounds, else the moment we were told."""
    claimed = notice.paid_at
    earliest = received_at - (_ASKING_SLACK if notice.may_be_refused else _REPORTING_SLACK)
    if claimed is None or not earliest <= claimed <= received_at + _CLOCK_SLACK:
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


def _require_first(session: Session, notice: PaymentNotice) -> Payment:
    payment = find_payment_by_reference(session, notice)
    if payment is None:
        raise AssertionError("a reference that conflicts exists")
    return payment


def _recorded(payment: Payment) -> RecordedPayment:
    return RecordedPayment(payment.id, payment.uid, payment.state, payment.paid_at, payment.bill_id)


def _require_new_external_id(session: Session, notice: PaymentNotice, external_id: ExternalId | None) -> None:
    """A message under a used external id is refused for that, whatever else is wrong with it."""
    if external_id is not None and not use_external_id(session, notice.partner, external_id):
        raise ExternalIdReused(external_id=external_id.value)


def bank_business_date(partner: Partner, paid_at: datetime, zone: str) -> date:
    """The partner's business date of a payment: the calendar date in the region, or the next after its cut-off."""
    ends = terms_of(partner).day_ends_at
    local = paid_at.astimezone(ZoneInfo(zone))
    if ends is not None and local.time() >= ends:
        return local.date() + timedelta(days=1)
    return local.date()
