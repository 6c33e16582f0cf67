"""SNAP BI (Standar Nasional Open API Pembayaran), both sides: signatures, messages in and out, and a caller.

For: the doors that banks knock on (app/bank_doors), the acquirer that we ask for a QR, and the sandbox bank.
Not for: what a payment means (payments), or routes (app). Pure over raw bytes and keys given as arguments; only
`client` talks to the network, and nothing here reads the clock or a database.

    parse_request_headers, parse_va_payment   bytes in, typed message out, or SnapRefusal
    verify_symmetric, verify_token            True or False, whatever was sent
    render_va_payment, render_refusal         typed answer in, body out; `write_body` makes the bytes
    SnapCaller                                signed requests out, checked answers back
"""

from bank_adapters.snap.answers import (
    SnapAnswer,
    TokenGrant,
    VaReply,
    read_answer,
    read_qr_offer,
    read_token_grant,
    read_va_reply,
)
from bank_adapters.snap.asking import (
    write_qr_generate,
    write_qris_notification,
    write_token_request,
    write_va_inquiry,
    write_va_payment,
)
from bank_adapters.snap.client import CallerIdentity, SnapBankCaller, SnapCaller, SnapQrisAcquirer, new_external_id
from bank_adapters.snap.codes import (
    QR_GENERATE,
    QR_QUERY,
    QRIS_NOTIFY,
    SERVICES,
    TOKEN,
    VA_INQUIRY,
    VA_PAYMENT,
    VA_STATUS,
    Case,
    LatestStatus,
    Service,
    compose_code,
    compose_message,
    http_status_of,
)
from bank_adapters.snap.errors import (
    KeyRefused,
    PartnerRefused,
    PartnerUnreachable,
    ProfileInvalid,
    SnapRefusal,
    TimestampUnreadable,
)
from bank_adapters.snap.parsing import (
    MAX_BODY_BYTES,
    RequestHeaders,
    TokenHeaders,
    parse_qr_generate,
    parse_qris_notification,
    parse_request_headers,
    parse_token_headers,
    parse_token_request,
    parse_va_inquiry,
    parse_va_payment,
    read_va_echo,
    require_fresh,
)
from bank_adapters.snap.profile import NAMED_PROFILES, SnapProfile
from bank_adapters.snap.rendering import (
    amount_object,
    render_qr_offer,
    render_qris_notified,
    render_refusal,
    render_token,
    render_va_inquiry,
    render_va_payment,
    write_body,
)
from bank_adapters.snap.signatures import (
    body_digest,
    load_private_key,
    load_public_key,
    minify,
    sign_asymmetric,
    sign_symmetric,
    sign_token,
    string_to_sign_asymmetric,
    string_to_sign_symmetric,
    string_to_sign_token,
    verify_asymmetric,
    verify_symmetric,
    verify_token,
)
from bank_adapters.snap.timestamps import (
    WIB,
    is_fresh,
    parse_moment,
    parse_timestamp,
    write_compact,
    write_timestamp,
)

__all__ = [
    # services, codes, profiles
    "Service",
    "SERVICES",
    "TOKEN",
    "VA_INQUIRY",
    "VA_PAYMENT",
    "VA_STATUS",
    "QR_GENERATE",
    "QR_QUERY",
    "QRIS_NOTIFY",
    "Case",
    "LatestStatus",
    "compose_code",
    "compose_message",
    "http_status_of",
    "SnapProfile",
    "NAMED_PROFILES",
    # errors
    "SnapRefusal",
    "KeyRefused",
    "ProfileInvalid",
    "TimestampUnreadable",
    "PartnerUnreachable",
    "PartnerRefused",
    # signatures and timestamps
    "minify",
    "body_digest",
    "string_to_sign_token",
    "string_to_sign_symmetric",
    "string_to_sign_asymmetric",
    "load_public_key",
    "load_private_key",
    "sign_token",
    "verify_token",
    "sign_symmetric",
    "verify_symmetric",
    "sign_asymmetric",
    "verify_asymmetric",
    "WIB",
    "parse_timestamp",
    "parse_moment",
    "write_timestamp",
    "write_compact",
    "is_fresh",
    # messages in
    "MAX_BODY_BYTES",
    "TokenHeaders",
    "RequestHeaders",
    "parse_token_headers",
    "parse_request_headers",
    "require_fresh",
    "parse_token_request",
    "parse_va_inquiry",
    "parse_va_payment",
    "parse_qris_notification",
    "parse_qr_generate",
    "read_va_echo",
    # answers out
    "amount_object",
    "render_token",
    "render_va_inquiry",
    "render_va_payment",
    "render_qris_notified",
    "render_qr_offer",
    "render_refusal",
    "write_body",
    # calling a partner
    "CallerIdentity",
    "SnapCaller",
    "SnapQrisAcquirer",
    "SnapBankCaller",
    "new_external_id",
    "write_token_request",
    "write_va_inquiry",
    "write_va_payment",
    "write_qris_notification",
    "write_qr_generate",
    "SnapAnswer",
    "TokenGrant",
    "VaReply",
    "read_answer",
    "read_token_grant",
    "read_va_reply",
    "read_qr_offer",
]
