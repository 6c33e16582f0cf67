"""From what arrives (headers, raw body bytes) to typed messages, strict and bounded.

For: the doors that banks knock on, and the sandbox bank's own door for QR generation.
Not for: signatures, or the decision what to answer. Whatever the bytes, only `SnapRefusal` comes out.
"""

from bank_adapters.snap.parsing.body import MAX_BODY_BYTES, read_body
from bank_adapters.snap.parsing.headers import (
    RequestHeaders,
    TokenHeaders,
    parse_request_headers,
    parse_token_headers,
    require_fresh,
)
from bank_adapters.snap.parsing.qris import parse_qr_generate, parse_qris_notification
from bank_adapters.snap.parsing.token import parse_token_request
from bank_adapters.snap.parsing.va import parse_va_inquiry, parse_va_payment, read_va_echo

__all__ = [
    "MAX_BODY_BYTES",
    "RequestHeaders",
    "TokenHeaders",
    "parse_qr_generate",
    "parse_qris_notification",
    "parse_request_headers",
    "parse_token_headers",
    "parse_token_request",
    "parse_va_inquiry",
    "parse_va_payment",
    "read_body",
    "read_va_echo",
    "require_fresh",
]
