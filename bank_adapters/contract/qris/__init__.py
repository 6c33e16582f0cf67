"""The QRIS codec: reading, judging and writing merchant-presented QR texts. Pure; needs no database and no settings.

For: payments (what the acquirer offered), the sandbox bank (both sides of a QR), and `lunas qris decode`.
Not for: images of QR codes, consumer-presented codes, or deciding whether Lunas may make a code.

    code = decode(text)                      # QrisInvalid(tag, reason), or a code with warnings
    require_merchant_code(code)              # refuse QRIS transfer
    code.amount, code.bill_number, code.merchant_name, code.mpans

Invariants
- Whatever text is given, `decode` returns or raises QrisInvalid, and `describe` always returns.
- What the encoders write, `decode` reads without a warning that was not there before.
- The limit of a payment is an argument, never a constant.
"""

from bank_adapters.contract.errors import QrisInvalid, QrisOverLimit
from bank_adapters.contract.qris.container import QrisObject, crc_of
from bank_adapters.contract.qris.decoding import DecodedQris, decode, require_merchant_code
from bank_adapters.contract.qris.describing import describe
from bank_adapters.contract.qris.encoding import FieldValue, QrisMerchant, encode, encode_merchant, with_amount
from bank_adapters.contract.qris.mpan import mpan_key, same_mpan
from bank_adapters.contract.qris.rules import QrisWarning

__all__ = [
    "decode",
    "DecodedQris",
    "QrisObject",
    "QrisWarning",
    "require_merchant_code",
    "describe",
    "encode",
    "FieldValue",
    "encode_merchant",
    "QrisMerchant",
    "with_amount",
    "crc_of",
    "mpan_key",
    "same_mpan",
    "QrisInvalid",
    "QrisOverLimit",
]
