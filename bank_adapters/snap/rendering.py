"""The bodies we answer SNAP requests with, successes and refusals.

For: the doors that banks knock on, and the sandbox bank's door for QR generation (47).
Not for: requests that we or the sandbox bank send (`asking.py`), or which answer is right.
Source: interfaces.md §2.2, §2.8 to §2.11. Texts are cut to the lengths stated there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from bank_adapters.contract import QrisOffer, QrisRequest, VaInquiry, VaInquiryAnswer, VaPayment
from bank_adapters.snap.codes import (
    QR_GENERATE,
    QRIS_NOTIFY,
    TOKEN,
    VA_INQUIRY,
    VA_PAYMENT,
    Case,
    Service,
    compose_code,
    compose_message,
)
from bank_adapters.snap.errors import SnapRefusal
from bank_adapters.snap.parsing import read_va_echo
from bank_adapters.snap.profile import SnapProfile
from bank_adapters.snap.timestamps import write_timestamp
from foundation.money import Money

__all__ = [
    "amount_object",
    "render_qr_offer",
    "render_qris_notified",
    "render_refusal",
    "render_token",
    "render_va_inquiry",
    "render_va_payment",
    "write_body",
]

Body = dict[str, Any]

# We settle into one account, so no bill row names another company of the bank's.
_SUB_COMPANY = "00000"
_LONGEST_ANSWERED_REFERENCE = 15


def write_body(body: Mapping[str, Any]) -> bytes:
    """The body as compact UTF-8 JSON: the bytes that are signed, sent and archived."""
    return orjson.dumps(body)


def amount_object(amount: Money) -> dict[str, str]:
    """{"value": "12345678.00", "currency": "IDR"}."""
    return {"value": amount.plain(), "currency": "IDR"}


def render_token(profile: SnapProfile, *, access_token: str) -> Body:
    """2007300 with the token; `expiresIn` in seconds, as text or as a number by the profile."""
    lifetime = profile.token_lifetime_seconds
    return {
        **_head(TOKEN, Case.SUCCESSFUL),
        "accessToken": access_token,
        "tokenType": "Bearer",
        "expiresIn": lifetime if profile.expires_in_numeric else str(lifetime),
    }


def render_va_inquiry(inquiry: VaInquiry, answer: VaInquiryAnswer, profile: SnapProfile) -> Body:
    """2002400: one bill, to be paid in full (closed)."""
    data: Body = {
        "inquiryStatus": "00",
        "inquiryReason": _reason(Case.SUCCESSFUL),
        "partnerServiceId": inquiry.partner_service_id.rjust(8),
        "customerNo": inquiry.customer_no,
        "virtualAccountNo": inquiry.virtual_account_no.rjust(8 + len(inquiry.customer_no)),
        "virtualAccountName": answer.name[: profile.name_max],
        "inquiryRequestId": inquiry.inquiry_request_id,
        "totalAmount": amount_object(answer.total),
        "subCompany": _SUB_COMPANY,
        "billDetails": [{**_bill_row(answer), "additionalInfo": {}}],
        "freeTexts": _free_texts(answer, profile),
        "virtualAccountTrxType": "C",
        "feeAmount": amount_object(Money(0)),
    }
    return {**_head(VA_INQUIRY, Case.SUCCESSFUL), "virtualAccountData": data, "additionalInfo": {}}


def render_va_payment(
    payment: VaPayment,
    profile: SnapProfile,
    *,
    answer: VaInquiryAnswer | None = None,
    biller_reference: str | None = None,
) -> Body:
    """2002500 with paymentFlagStatus "00": the payment is recorded.

    `answer` gives the bill's facts; without it (money recorded that fits no bill) only what the bank said is
    repeated. `biller_reference` is our own reference of the payment, at most 64 characters.
    """
    name = answer.name if answer is not None else payment.virtual_account_name or ""
    total = answer.total if answer is not None else payment.total_amount
    data: Body = {
        "paymentFlagReason": _reason(Case.SUCCESSFUL),
        "partnerServiceId": payment.partner_service_id.rjust(8),
        "customerNo": payment.customer_no,
        "virtualAccountNo": payment.virtual_account_no.rjust(8 + len(payment.customer_no)),
        "virtualAccountName": name[: profile.name_max],
        "paymentRequestId": payment.payment_request_id,
        "paidAmount": amount_object(payment.paid_amount),
        "totalAmount": amount_object(total or payment.paid_amount),
        **_repeated(payment),
        "paymentFlagStatus": "00",
        "billDetails": [] if answer is None else [_paid_bill_row(answer, biller_reference)],
        "freeTexts": [] if answer is None else _free_texts(answer, profile),
    }
    return {**_head(VA_PAYMENT, Case.SUCCESSFUL), "virtualAccountData": data, "additionalInfo": {}}


def render_qris_notified() -> Body:
    """2005200: the notification is recorded."""
    return {**_head(QRIS_NOTIFY, Case.SUCCESSFUL), "additionalInfo": {}}


def render_qr_offer(request: QrisRequest, offer: QrisOffer, *, merchant_name: str) -> Body:
    """2004700 with the QR's content and until when it lives."""
    body: Body = {
        **_head(QR_GENERATE, Case.SUCCESSFUL),
        "partnerReferenceNo": offer.partner_reference_no,
        "qrContent": offer.qr_content,
        "merchantName": merchant_name[:25],
        "amount": amount_object(request.amount),
        "validityPeriod": write_timestamp(offer.valid_until),
        "additionalInfo": {},
    }
    for key, value in (
        ("referenceNo", offer.reference_no),
        ("storeId", request.store_id),
        ("terminalId", request.terminal_id),
    ):
        if value is not None:
            body[key] = value
    return body


def render_refusal(refusal: SnapRefusal, raw: bytes, profile: SnapProfile, *, flag_status: str = "01") -> Body:
    """The body of a refusal; the HTTP status is `refusal.status`.

    For virtual account messages a 4xx other than 401 still carries `virtualAccountData` (unless the profile says
    otherwise): status "01", the reason in two languages, and of the request's identifying fields what can be read.
    `flag_status` is the first payment's status where a repeated request is answered with 404xx18.
    """
    head = {"responseCode": refusal.response_code, "responseMessage": refusal.response_message}
    service = refusal.service
    carries_data = profile.errors_carry_va_data and 400 <= refusal.status < 500 and refusal.status != 401
    if not carries_data or service not in (VA_INQUIRY, VA_PAYMENT):
        return head
    echo = read_va_echo(service, raw)
    status_key, reason_key, id_key = (
        ("inquiryStatus", "inquiryReason", "inquiryRequestId")
        if service == VA_INQUIRY
        else ("paymentFlagStatus", "paymentFlagReason", "paymentRequestId")
    )
    data: Body = {status_key: flag_status, reason_key: _reason(refusal.case)}
    for key in ("partnerServiceId", "customerNo", "virtualAccountNo"):
        data[key] = echo.pop(key, "")
    data["virtualAccountName"] = ""
    data[id_key] = echo.pop(id_key, "")
    return {**head, "virtualAccountData": {**data, **echo}, "additionalInfo": {}}


def _head(service: Service, case: Case) -> Body:
    return {"responseCode": compose_code(service, case), "responseMessage": compose_message(case)}


def _reason(case: Case) -> dict[str, str]:
    return {"english": case.english, "indonesia": case.indonesia}


def _bill_row(answer: VaInquiryAnswer) -> Body:
    return {
        "billCode": answer.bill_code[:2],
        "billNo": answer.bill_no[:18],
        "billName": answer.bill_name[:20],
        "billShortName": answer.bill_short_name[:10],
        "billDescription": {"english": answer.description_en[:18], "indonesia": answer.description_id[:18]},
        "billSubCompany": _SUB_COMPANY,
        "billAmount": amount_object(answer.total),
    }


def _paid_bill_row(answer: VaInquiryAnswer, biller_reference: str | None) -> Body:
    row = {**_bill_row(answer), "status": "00", "reason": _reason(Case.SUCCESSFUL)}
    if biller_reference is not None:
        row["billerReferenceId"] = biller_reference[:64]
    return row


def _free_texts(answer: VaInquiryAnswer, profile: SnapProfile) -> list[dict[str, str]]:
    if profile.free_texts_max == 0 or answer.free_text_id is None:
        return []
    english = answer.free_text_en if answer.free_text_en is not None else answer.free_text_id
    return [{"english": english[:32], "indonesia": answer.free_text_id[:32]}]


def _repeated(payment: VaPayment) -> Body:
    """What the bank sent and expects back as it was: empty fields are left out."""
    repeated = {key: payment.raw.get(key) for key in ("trxDateTime", "trxId", "paidBills", "journalNum", "paymentType")}
    # The answer's referenceNo is shorter than the request's (sic), and a cut reference would be another one.
    if payment.reference_no is not None and len(payment.reference_no) <= _LONGEST_ANSWERED_REFERENCE:
        repeated["referenceNo"] = payment.reference_no
    if payment.flag_advise:
        repeated["flagAdvise"] = "Y"
    return {key: value for key, value in repeated.items() if value not in (None, "")}
