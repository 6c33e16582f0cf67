"""Virtual account messages that a bank sends us: inquiry (24) and payment (25).

For: raw bytes to `VaInquiry` and `VaPayment`, every field checked as interfaces.md §2.8 and §2.9 say.
Not for: whether the account or the amount is right (payments).

The padded prefix and account number stay in `raw`, for the answer to echo; the typed fields hold them unpadded.
"""

from __future__ import annotations

import re
from typing import Any

from bank_adapters.contract import VaInquiry, VaPayment
from bank_adapters.snap.codes import VA_INQUIRY, VA_PAYMENT, Service
from bank_adapters.snap.errors import SnapRefusal
from bank_adapters.snap.parsing.body import read_body
from bank_adapters.snap.parsing.fields import ANY_TEXT, ASCII, DIGITS, Fields
from bank_adapters.snap.profile import SnapProfile

__all__ = ["parse_va_inquiry", "parse_va_payment", "read_va_echo"]

# Eight characters, padded with blanks on the left; at least one digit.
_SERVICE_ID = re.compile(" *[0-9]+")
_PADDED_ACCOUNT = re.compile(" *[0-9]+")
_PAID_BILLS = re.compile("[0-9A-Fa-f]+")
_ONE_CHARACTER = re.compile("[0-9A-Za-z]")

# What an answer repeats, with the longest it may be; the common part first.
_ECHOED = {"partnerServiceId": 8, "customerNo": 20, "virtualAccountNo": 28}
_ECHOED_OF_INQUIRY = {**_ECHOED, "inquiryRequestId": 128}
_ECHOED_OF_PAYMENT = {**_ECHOED, "paymentRequestId": 128, "trxDateTime": 35, "flagAdvise": 1}


def parse_va_inquiry(raw: bytes, profile: SnapProfile) -> VaInquiry:
    """A bank asks what is owed. Raises SnapRefusal 4002400, 4002401 or 4002402 naming the field by its JSON path.

    `trxDateInit` is also met as `txnDateInit`. An amount of zero states nothing and is read as None.
    """
    fields = Fields(VA_INQUIRY, read_body(VA_INQUIRY, raw))
    service_id, customer_no = _account(fields, profile)
    amount = fields.find_amount("amount", profile.amount_digits_max)
    asked_at = fields.find_moment("trxDateInit")
    asked_at_alias = fields.find_moment("txnDateInit")
    fields.find_text("language", 2)
    fields.find_text("hashedSourceAccountNo", 32)
    fields.find_text("passApp", 64)
    fields.find_object("additionalInfo")
    return VaInquiry(
        partner_service_id=service_id,
        customer_no=customer_no,
        virtual_account_no=service_id + customer_no,
        inquiry_request_id=fields.get_text("inquiryRequestId", profile.request_id_max),
        amount=amount if amount else None,
        channel_code=fields.find_number_or_text("channelCode", 4),
        source_bank_code=fields.find_text("sourceBankCode", 11),
        asked_at=asked_at or asked_at_alias,
        raw=fields.values,
    )


def parse_va_payment(raw: bytes, profile: SnapProfile) -> VaPayment:
    """A bank pays. Raises SnapRefusal 4002500, 4002501 or 4002502 naming the field by its JSON path.

    `paidAmount` is above zero. `paidBills` and the bill rows are checked for shape and kept in `raw` only: the order
    of the bits is not settled, and one account carries one bill.
    """
    fields = Fields(VA_PAYMENT, read_body(VA_PAYMENT, raw))
    service_id, customer_no = _account(fields, profile)
    _check_unused(fields, profile)
    return VaPayment(
        partner_service_id=service_id,
        customer_no=customer_no,
        virtual_account_no=service_id + customer_no,
        payment_request_id=fields.get_text("paymentRequestId", profile.request_id_max),
        paid_amount=fields.get_amount("paidAmount", profile.amount_digits_max),
        total_amount=fields.find_amount("totalAmount", profile.amount_digits_max),
        trx_at=fields.find_moment("trxDateTime"),
        reference_no=fields.find_text("referenceNo", 64),
        channel_code=fields.find_number_or_text("channelCode", 4),
        source_bank_code=fields.find_text("sourceBankCode", 11),
        flag_advise=fields.find_choice("flagAdvise", ("Y", "N")) == "Y",
        trx_id=fields.find_text("trxId", 64),
        virtual_account_name=fields.find_text("virtualAccountName", 255, ANY_TEXT),
        raw=fields.values,
    )


def _account(fields: Fields, profile: SnapProfile) -> tuple[str, str]:
    """(prefix without blanks, customer number), checked against the whole account number."""
    padded = fields.get_text("partnerServiceId", 8, _SERVICE_ID)
    if len(padded) != 8:
        raise fields.refusal("partnerServiceId")
    customer_no = fields.get_text("customerNo", profile.customer_no_max, DIGITS)
    whole = fields.get_text("virtualAccountNo", profile.virtual_account_no_max, _PADDED_ACCOUNT)
    if whole != padded + customer_no:
        raise fields.refusal("virtualAccountNo")
    return padded.lstrip(" "), customer_no


def _check_unused(fields: Fields, profile: SnapProfile) -> None:
    """Fields that change nothing here still must be what they claim to be: a malformed message is refused whole."""
    fields.find_text("virtualAccountEmail", 255)
    fields.find_text("virtualAccountPhone", 30)
    fields.find_text("hashedSourceAccountNo", 32)
    fields.find_amount("cumulativePaymentAmount", profile.amount_digits_max)
    fields.find_text("paidBills", 6, _PAID_BILLS)
    fields.find_number_or_text("journalNum", 6, ASCII)
    fields.find_number_or_text("paymentType", 1, _ONE_CHARACTER)
    fields.find_text("subCompany", 5)
    fields.find_object("additionalInfo")
    for bill in fields.list_objects("billDetails", profile.bill_details_max):
        bill.find_text("billCode", 2)
        bill.find_text("billNo", 18)
        bill.find_text("billName", 20, ANY_TEXT)
        bill.find_text("billShortName", 10, ANY_TEXT)
        bill.find_text("billSubCompany", 5)
        bill.find_number_or_text("billReferenceNo", 15, ASCII)
        bill.find_amount("billAmount", profile.amount_digits_max)
        _check_two_languages(bill.find_object("billDescription"), 18)
    for text in fields.list_objects("freeTexts", profile.free_texts_max):
        _check_two_languages(text, 32)


def _check_two_languages(texts: Fields | None, longest: int) -> None:
    if texts is not None:
        texts.find_text("english", longest, ANY_TEXT)
        texts.find_text("indonesia", longest, ANY_TEXT)


def read_va_echo(service: Service, raw: bytes) -> dict[str, Any]:
    """The identifying fields of a VA message as far as they can be read, for the body of a refusal. Never raises.

    Only text of a believable length is echoed, so that nothing of the caller's choosing grows in our answer.
    """
    try:
        values = read_body(service, raw)
    except SnapRefusal:
        return {}
    wanted = _ECHOED_OF_PAYMENT if service == VA_PAYMENT else _ECHOED_OF_INQUIRY
    return {
        key: value
        for key, longest in wanted.items()
        if type(value := values.get(key)) is str and len(value) <= longest and ANY_TEXT.fullmatch(value)
    }
