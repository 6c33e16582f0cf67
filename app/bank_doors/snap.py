"""The SNAP doors: access token, virtual account inquiry and payment, QRIS notification.

For: one function per message, each on one screen: admit, read, then in one unit of work check, change and answer.
Not for: signatures and wording (bank_adapters.snap) or what happens to the money (payments/receiving.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, jsonify
from sqlalchemy.orm import Session

from app.bank_doors.snap_admission import Caller, admit_token_request
from app.bank_doors.snap_knock import Answer, Knock, RepeatedPayment, answer_knock, read_knock
from app.bank_doors.snap_openapi import snap_document
from app.permissions import requires
from bank_adapters.contract import QRIS_SUCCESS, QrisNotification, VaInquiryAnswer, VaPayment
from bank_adapters.snap import (
    QRIS_NOTIFY,
    TOKEN,
    VA_INQUIRY,
    VA_PAYMENT,
    Case,
    SnapRefusal,
    parse_qris_notification,
    parse_token_request,
    parse_va_inquiry,
    parse_va_payment,
    render_qris_notified,
    render_token,
    render_va_inquiry,
    render_va_payment,
)
from billing import PayableBill, find_payable
from foundation.money import Money
from payments import (
    ExternalIdReused,
    PaymentNotice,
    Received,
    find_qris_by_reference,
    has_payment,
    issue_access_token,
    receive_payment,
    require_payable,
    use_external_id,
)

__all__ = ["snap_doors"]

snap_doors = Blueprint("snap", __name__, url_prefix="/<region:region>/snap")


@snap_doors.get("/openapi.json")
@requires("public")
def show_document() -> Response:
    """The doors described in OpenAPI."""
    return jsonify(snap_document(g.region))


@snap_doors.post("/v1.0/access-token/b2b")
@requires("bank-signature")
def give_token() -> Response:
    """Service 73: a bearer token for the partner whose key signed the request."""
    return answer_knock(read_knock(TOKEN), _give_token)


@snap_doors.post("/v1.0/transfer-va/inquiry")
@requires("bank-signature")
def answer_inquiry() -> Response:
    """Service 24: what is owed on a virtual account."""
    return answer_knock(read_knock(VA_INQUIRY), _answer_inquiry)


@snap_doors.post("/v1.0/transfer-va/payment")
@requires("bank-signature")
def take_va_payment() -> Response:
    """Service 25: a virtual account is paid."""
    return answer_knock(read_knock(VA_PAYMENT), _take_va_payment)


@snap_doors.post("/v1.0/qr/qr-mpm-notify")
@requires("bank-signature")
def take_qris_notification() -> Response:
    """Service 52: the acquirer reports what became of a QRIS payment."""
    return answer_knock(read_knock(QRIS_NOTIFY), _take_qris_notification)


def _give_token(knock: Knock) -> Callable[[Session], Answer]:
    caller = admit_token_request(knock.region, knock.headers, at=knock.received_at)
    knock.caller = caller
    parse_token_request(knock.body)

    def change(session: Session) -> Answer:
        token = issue_access_token(
            session, caller.partner, lifetime_seconds=caller.profile.token_lifetime_seconds, at=knock.received_at
        )
        return Answer(render_token(caller.profile, access_token=token))

    return change


def _answer_inquiry(knock: Knock) -> Callable[[Session], Answer]:
    caller = knock.admit()
    inquiry = parse_va_inquiry(knock.body, caller.profile)
    knock.reference = inquiry.inquiry_request_id
    if inquiry.partner_service_id != caller.partner.va_prefix:
        raise SnapRefusal(VA_INQUIRY, Case.BILL_NOT_FOUND)

    def change(session: Session) -> Answer:
        _use_external_id(session, knock, caller)
        bill = require_payable(
            session,
            inquiry.customer_no,
            amount=inquiry.amount or None,
            on=knock.received_at,
            zone=knock.region.timezone,
        )
        return Answer(render_va_inquiry(inquiry, _bill_facts(bill, knock), caller.profile))

    return change


def _take_va_payment(knock: Knock) -> Callable[[Session], Answer]:
    caller = knock.admit()
    knock.reports_fact = not caller.profile.refusal_returns_money
    message = parse_va_payment(knock.body, caller.profile)
    knock.reference = message.payment_request_id
    notice = _notice_of_va(knock, caller, message)
    knock.reports_fact = not notice.may_be_refused

    def change(session: Session) -> Answer:
        received = _receive(session, knock, notice)
        if not received.first_time and not message.flag_advise:
            raise RepeatedPayment(VA_PAYMENT)
        bill = received.bill
        if bill is None and received.payment.bill_id and notice.payment_code:
            bill = find_payable(session, notice.payment_code)
        body = render_va_payment(
            message,
            caller.profile,
            answer=_bill_facts(bill, knock) if bill else None,
            biller_reference=str(received.payment.uid),
        )
        return Answer(body, "accepted" if received.first_time else "repeat")

    return change


def _take_qris_notification(knock: Knock) -> Callable[[Session], Answer]:
    caller = knock.admit()
    knock.reports_fact = True
    message = parse_qris_notification(knock.body, caller.profile)
    knock.reference = message.original_reference_no

    def change(session: Session) -> Answer:
        if message.latest_status != QRIS_SUCCESS:
            # Nothing is booked, so there is nothing that a second report of the same could do twice.
            use_external_id(session, caller.partner, knock.external_id)
            return Answer(render_qris_notified(), _outcome_of_no_success(session, caller, message))
        notice = _notice_of_qris(session, knock, caller, message)
        received = _receive(session, knock, notice)
        return Answer(render_qris_notified(), "accepted" if received.first_time else "repeat")

    return change


def _receive(session: Session, knock: Knock, notice: PaymentNotice) -> Received:
    """Receive a payment under its external id. A repeat of a payment may bring its old external id or a new one."""
    try:
        return receive_payment(session, notice, received_at=knock.received_at, external_id=knock.external_id)
    except ExternalIdReused as reused:
        raise SnapRefusal(knock.service, Case.CONFLICT, field="X-EXTERNAL-ID") from reused


def _outcome_of_no_success(session: Session, caller: Caller, message: QrisNotification) -> str:
    """Anything but success books nothing; after a success it contradicts (say, refunded), and a person must look."""
    if has_payment(session, caller.partner, message.original_reference_no):
        return "contradiction"
    return f"accepted: status {message.latest_status}"


def _use_external_id(session: Session, knock: Knock, caller: Caller) -> None:
    if not use_external_id(session, caller.partner, knock.external_id):
        raise SnapRefusal(knock.service, Case.CONFLICT, field="X-EXTERNAL-ID")


def _notice_of_va(knock: Knock, caller: Caller, message: VaPayment) -> PaymentNotice:
    """A payment that the bank repeats as already debited (flagAdvise) is a fact, and cannot be refused any more."""
    facts: dict[str, Any] = {key: value for key, value in message.raw.items() if key != "flagAdvise"}
    is_ours = message.partner_service_id == caller.partner.va_prefix
    return PaymentNotice(
        partner=caller.partner,
        channel="VA",
        bank_reference=message.payment_request_id,
        payment_code=message.customer_no if is_ours else None,
        amount=message.paid_amount,
        stated_total=message.total_amount,
        facts=facts,
        may_be_refused=caller.profile.refusal_returns_money and not message.flag_advise,
        zone=knock.region.timezone,
        paid_at=message.trx_at,
        partner_reference=message.reference_no,
    )


def _notice_of_qris(session: Session, knock: Knock, caller: Caller, message: QrisNotification) -> PaymentNotice:
    """The QRIS was asked for one bill; its reference, ours or the acquirer's, leads back to it."""
    asked = find_qris_by_reference(
        session,
        caller.partner,
        partner_reference_no=message.original_partner_reference_no,
        reference_no=message.original_reference_no,
    )
    # A dynamic QRIS carries its amount and the payer cannot change it, so a report without one means that amount.
    amount = message.amount or (Money(asked.amount_sen) if asked else None)
    if amount is None:
        raise SnapRefusal(QRIS_NOTIFY, Case.MISSING_FIELD, field="amount")
    return PaymentNotice(
        partner=caller.partner,
        channel="QRIS-MPM",
        bank_reference=message.original_reference_no,
        payment_code=asked.payment_code if asked else None,
        amount=amount,
        facts=dict(message.raw),
        may_be_refused=False,
        zone=knock.region.timezone,
        paid_at=message.paid_at,
        partner_reference=message.original_partner_reference_no,
        rrn=message.rrn,
    )


def _bill_facts(bill: PayableBill, knock: Knock) -> VaInquiryAnswer:
    title = f"{bill.kind} {bill.period}"
    return VaInquiryAnswer(
        name=bill.payer_name,
        total=bill.amount,
        bill_no=bill.payment_code,
        bill_name=title,
        bill_short_name=bill.kind,
        description_id=title,
        description_en=title,
        free_text_id=knock.region.name,
        free_text_en=knock.region.name,
    )
