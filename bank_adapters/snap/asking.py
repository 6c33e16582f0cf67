"""The bodies of the requests that a caller sends: VA inquiry and payment, QRIS notification, QR generation.

For: Lunas asking its acquirer for a QR, and the sandbox bank asking Lunas.
Not for: answers (`rendering.py`), or sending (`client.py`).
"""

from __future__ import annotations

from typing import Any

from bank_adapters.contract import QrisNotification, QrisRequest, VaInquiry, VaPayment
from bank_adapters.snap.rendering import amount_object
from bank_adapters.snap.timestamps import write_timestamp

__all__ = [
    "write_qr_generate",
    "write_qris_notification",
    "write_token_request",
    "write_va_inquiry",
    "write_va_payment",
]

Body = dict[str, Any]


def write_token_request() -> Body:
    """The body of an access token request (73)."""
    return {"grantType": "client_credentials", "additionalInfo": {}}


def write_va_inquiry(inquiry: VaInquiry) -> Body:
    """The body of a virtual account inquiry (24); prefix and account are padded here."""
    return _told(
        {
            **_account(inquiry),
            "inquiryRequestId": inquiry.inquiry_request_id,
            "amount": None if inquiry.amount is None else amount_object(inquiry.amount),
            "channelCode": _channel(inquiry.channel_code),
            "sourceBankCode": inquiry.source_bank_code,
            "trxDateInit": None if inquiry.asked_at is None else write_timestamp(inquiry.asked_at),
            "additionalInfo": {},
        }
    )


def write_va_payment(payment: VaPayment) -> Body:
    """The body of a virtual account payment (25); prefix and account are padded here."""
    total = payment.total_amount
    return _told(
        {
            **_account(payment),
            "virtualAccountName": payment.virtual_account_name,
            "trxId": payment.trx_id,
            "paymentRequestId": payment.payment_request_id,
            "channelCode": _channel(payment.channel_code),
            "sourceBankCode": payment.source_bank_code,
            "paidAmount": amount_object(payment.paid_amount),
            "totalAmount": None if total is None else amount_object(total),
            "trxDateTime": None if payment.trx_at is None else write_timestamp(payment.trx_at),
            "referenceNo": payment.reference_no,
            "flagAdvise": "Y" if payment.flag_advise else "N",
            "additionalInfo": {},
        }
    )


def write_qris_notification(notification: QrisNotification) -> Body:
    """The body of a QRIS notification (52); rrn, mpan, issuer and paidTime go into `additionalInfo`."""
    paid_at = notification.paid_at
    remarks = {
        "rrn": notification.rrn,
        "mpan": notification.mpan,
        "issuer": notification.issuer,
        "paidTime": None if paid_at is None else write_timestamp(paid_at),
    }
    amount = notification.amount
    return _told(
        {
            "originalReferenceNo": notification.original_reference_no,
            "originalPartnerReferenceNo": notification.original_partner_reference_no,
            "latestTransactionStatus": notification.latest_status,
            "amount": None if amount is None else amount_object(amount),
            "externalStoreId": notification.external_store_id,
            "additionalInfo": _told(remarks),
        }
    )


def write_qr_generate(request: QrisRequest) -> Body:
    """The body of a request for a dynamic QRIS (47)."""
    return _told(
        {
            "partnerReferenceNo": request.partner_reference_no,
            "amount": amount_object(request.amount),
            "merchantId": request.merchant_id,
            "storeId": request.store_id,
            "terminalId": request.terminal_id,
            "validityPeriod": write_timestamp(request.validity_until),
            "additionalInfo": {},
        }
    )


def _account(message: VaInquiry | VaPayment) -> Body:
    padded = message.partner_service_id.rjust(8)
    return {
        "partnerServiceId": padded,
        "customerNo": message.customer_no,
        "virtualAccountNo": padded + message.customer_no,
    }


def _channel(code: str | None) -> int | None:
    # ASPI's type is a number.
    return None if code is None else int(code)


def _told(body: Body) -> Body:
    return {key: value for key, value in body.items() if value is not None}
