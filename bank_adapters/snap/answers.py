"""Reading what a partner answers when we, or the sandbox bank, called it.

For: typed answers from the JSON of a SNAP answer, checked as strictly as a request: an answer that is not what the
service promises raises PartnerUnreachable, because acting on half of it would be a guess.
Not for: sending (`client.py`). Callers key on the code only: wordings differ between banks (interfaces.md §2.6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bank_adapters.contract import QrisInvalid, QrisOffer, QrisRequest
from bank_adapters.contract.qris import decode, require_merchant_code
from bank_adapters.snap.codes import QR_GENERATE, TOKEN, Service
from bank_adapters.snap.errors import PartnerUnreachable, SnapRefusal
from bank_adapters.snap.parsing.body import read_body
from bank_adapters.snap.parsing.fields import ANY_TEXT, Fields
from foundation.money import Money

__all__ = ["SnapAnswer", "TokenGrant", "VaReply", "read_answer", "read_qr_offer", "read_token_grant", "read_va_reply"]

_RESPONSE_CODE = re.compile("[1-5][0-9]{6}")
# A token that would be used for longer than a day is not believed.
_LONGEST_TOKEN_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class SnapAnswer:
    """A well-formed SNAP answer, whatever it says. `values` is the whole body; it may hold personal data."""

    service: Service
    response_code: str
    response_message: str
    values: Mapping[str, Any] = field(repr=False)

    @property
    def succeeded(self) -> bool:
        """True for 200xx00 only: 202 means that the outcome is not known yet."""
        return self.response_code == f"200{self.service.number}00"

    @property
    def case(self) -> str:
        """HTTP status and case without the service: "40414", as cases are told apart across services."""
        return self.response_code[:3] + self.response_code[5:]


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """An access token and for how many seconds it may be used."""

    access_token: str = field(repr=False)
    expires_in_seconds: int


@dataclass(frozen=True, slots=True)
class VaReply:
    """What Lunas answered to a VA inquiry or payment: `status` is "00" (yes), "01" (no) or "02", None where absent."""

    response_code: str
    response_message: str
    status: str | None
    reason_id: str | None
    reason_en: str | None
    name: str | None
    total: Money | None


def read_answer(service: Service, http_status: int, body: bytes) -> SnapAnswer:
    """The answer's JSON with its code. Raises PartnerUnreachable where it is no SNAP answer to this service.

    A 2xx code must come with a 2xx status and name the service, since it is acted on; a refusal may be a gateway's,
    which does not always know the service.
    """
    try:
        fields = Fields(service, read_body(service, body))
        code = fields.get_text("responseCode", 7, _RESPONSE_CODE)
        message = fields.find_text("responseMessage", 150, ANY_TEXT) or ""
    except SnapRefusal as fault:
        raise PartnerUnreachable(detail=f"HTTP {http_status}, {fault.field or 'JSON'}") from fault
    if code[0] == "2" and (code[3:5] != service.number or not 200 <= http_status < 300):
        raise PartnerUnreachable(detail=f"HTTP {http_status}, responseCode {code}")
    return SnapAnswer(service, code, message, fields.values)


def read_token_grant(answer: SnapAnswer) -> TokenGrant:
    """The access token of a 2007300. Raises PartnerUnreachable where it is not there or its lifetime is not told.

    `expiresIn` is met as text and as a number.
    """
    fields = Fields(TOKEN, answer.values)
    try:
        token = fields.get_text("accessToken", 2048, re.compile("[!-~]+"))
        seconds = fields.find_number_or_text("expiresIn", 6)
    except SnapRefusal as fault:
        raise PartnerUnreachable(detail=str(fault.field)) from fault
    if seconds is None:
        raise PartnerUnreachable(detail="expiresIn")
    return TokenGrant(token, min(int(seconds), _LONGEST_TOKEN_SECONDS))


def read_qr_offer(answer: SnapAnswer, request: QrisRequest) -> QrisOffer:
    """The QR of a 2004700, checked against what was asked. Raises PartnerUnreachable naming what does not fit.

    The QR must be a valid QRIS that carries exactly the asked amount, and an echoed reference or amount must be ours:
    a QR for another amount would take the wrong money.
    """
    fields = Fields(QR_GENERATE, answer.values)
    try:
        content = fields.get_text("qrContent", 512, ANY_TEXT)
        reference = fields.find_text("referenceNo", 64)
        own_reference = fields.find_text("partnerReferenceNo", 64)
        amount = fields.find_amount("amount", 15)
        valid_until = _valid_until(fields) or request.validity_until
        code = decode(content)
        require_merchant_code(code)
        carried = code.amount
    except SnapRefusal as fault:
        raise PartnerUnreachable(detail=str(fault.field)) from fault
    except QrisInvalid as fault:
        raise PartnerUnreachable(detail=f"qrContent, {fault.message_en}") from fault
    if own_reference not in (None, request.partner_reference_no):
        raise PartnerUnreachable(detail="partnerReferenceNo")
    if carried != request.amount or amount not in (None, request.amount):
        raise PartnerUnreachable(detail="amount")
    return QrisOffer(
        partner_reference_no=request.partner_reference_no,
        reference_no=reference,
        qr_content=content,
        valid_until=valid_until,
        raw=answer.values,
    )


def _valid_until(fields: Fields) -> datetime | None:
    """The acquirer's own validity, at the root or, as some do, in `additionalInfo`."""
    named = fields.find_moment("validityPeriod")
    if named is not None:
        return named
    remarks = fields.values.get("additionalInfo")
    inner = fields.find_object("additionalInfo") if isinstance(remarks, dict) else None
    return inner.find_moment("validityPeriod") if inner is not None else None


def read_va_reply(answer: SnapAnswer) -> VaReply:
    """The answer to a VA inquiry or payment, with the bill's name and total where it carries them.

    Raises PartnerUnreachable where a field of it cannot be read.
    """
    fields = Fields(answer.service, answer.values)
    try:
        data = fields.find_object("virtualAccountData") or Fields(answer.service, {})
        status = data.find_text("inquiryStatus", 2) or data.find_text("paymentFlagStatus", 2)
        reason = data.find_object("inquiryReason") or data.find_object("paymentFlagReason")
        return VaReply(
            response_code=answer.response_code,
            response_message=answer.response_message,
            status=status,
            reason_id=None if reason is None else reason.find_text("indonesia", 200, ANY_TEXT),
            reason_en=None if reason is None else reason.find_text("english", 200, ANY_TEXT),
            name=data.find_text("virtualAccountName", 255, ANY_TEXT),
            total=data.find_amount("totalAmount", 15),
        )
    except SnapRefusal as fault:
        raise PartnerUnreachable(detail=str(fault.field)) from fault
