"""QRIS messages: the acquirer's notification (52), and the request to generate a QR (47) as a bank receives it.

For: raw bytes to `QrisNotification` and `QrisRequest`.
Not for: the QR's own content (the QRIS codec) or what a notification books (payments).
Source: interfaces.md §2.10 and §2.11.
"""

from __future__ import annotations

from datetime import datetime

from bank_adapters.contract import QRIS_SUCCESS, QrisNotification, QrisRequest
from bank_adapters.snap.codes import QR_GENERATE, QRIS_NOTIFY, LatestStatus
from bank_adapters.snap.errors import TimestampUnreadable
from bank_adapters.snap.parsing.body import read_body
from bank_adapters.snap.parsing.fields import ANY_TEXT, Fields
from bank_adapters.snap.profile import SnapProfile
from bank_adapters.snap.timestamps import parse_moment
from foundation.money import Money

__all__ = ["parse_qr_generate", "parse_qris_notification"]

_STATUS_CODES = tuple(status.code for status in LatestStatus)


def parse_qris_notification(raw: bytes, profile: SnapProfile) -> QrisNotification:
    """An acquirer reports a payment. Raises SnapRefusal 4005200, 4005201 or 4005202 naming the field.

    Strict on what we use; a report of moved money must not fail on a side remark, so fields we do not use are not
    checked, and `additionalInfo` is read for rrn, mpan, issuer and paidTime with None for what is unreadable in it
    (it stays in `raw`). `originalPartnerReferanceNo` is an acquirer's misspelling.
    """
    fields = Fields(QRIS_NOTIFY, read_body(QRIS_NOTIFY, raw))
    status = fields.find_choice("latestTransactionStatus", _STATUS_CODES)
    if status is None:
        raise fields.absence("latestTransactionStatus")
    own_reference = fields.find_text("originalPartnerReferenceNo", 64)
    misspelt_reference = fields.find_text("originalPartnerReferanceNo", 64)
    return QrisNotification(
        original_reference_no=fields.get_text("originalReferenceNo", 64),
        original_partner_reference_no=own_reference or misspelt_reference,
        latest_status=status,
        amount=_amount(fields, profile, status),
        external_store_id=fields.find_text("externalStoreId", 64),
        rrn=_remark(fields, "rrn", 12),
        mpan=_remark(fields, "mpan", 19),
        issuer=_remark(fields, "issuer", 64),
        paid_at=_paid_at(fields),
        raw=fields.values,
    )


def _amount(fields: Fields, profile: SnapProfile, status: str) -> Money | None:
    amount = fields.find_amount("amount", profile.amount_digits_max)
    # A failed payment may be reported with zero rupiah, which states nothing; a successful one may not.
    if amount is not None and not amount:
        if status == QRIS_SUCCESS:
            raise fields.refusal("amount.value")
        return None
    return amount


def _remark(fields: Fields, key: str, longest: int) -> str | None:
    remarks = fields.values.get("additionalInfo")
    value = remarks.get(key) if isinstance(remarks, dict) else None
    if type(value) is int:
        value = str(value)
    if type(value) is not str or not 0 < len(value) <= longest or ANY_TEXT.fullmatch(value) is None:
        return None
    return value


def _paid_at(fields: Fields) -> datetime | None:
    text = _remark(fields, "paidTime", 35)
    if text is None:
        return None
    try:
        return parse_moment(text, field="additionalInfo.paidTime")
    except TimestampUnreadable:
        return None


def parse_qr_generate(raw: bytes, profile: SnapProfile, *, default_valid_until: datetime) -> QrisRequest:
    """The request for a dynamic QRIS. Raises SnapRefusal 4004700, 4004701 or 4004702 naming the field.

    The amount is whole rupiah above zero; without `validityPeriod` the QR lives until `default_valid_until`.
    """
    fields = Fields(QR_GENERATE, read_body(QR_GENERATE, raw))
    amount = fields.get_amount("amount", profile.amount_digits_max)
    if not amount.is_whole_rupiah:
        raise fields.refusal("amount.value")
    fields.find_amount("feeAmount", profile.amount_digits_max)
    fields.find_text("subMerchantId", 32)
    fields.find_object("additionalInfo")
    return QrisRequest(
        partner_reference_no=fields.get_text("partnerReferenceNo", 64),
        amount=amount,
        validity_until=fields.find_moment("validityPeriod") or default_valid_until,
        merchant_id=fields.find_text("merchantId", 64),
        store_id=fields.find_text("storeId", 64),
        terminal_id=fields.find_text("terminalId", 16),
    )
