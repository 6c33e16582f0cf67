"""Writing a QRIS code that keeps every rule.

For: an acquirer (our sandbox bank is one) that issues codes, and the one permitted change of a static code.
Not for: deciding that Lunas may make a code: NMID, MPAN and the QR come from the acquirer (interfaces.md 0).

We write stricter than we read: whole rupiah without decimals, and nothing that would earn a warning.
The limit of a QRIS payment is a dated setting of the region, so it is always an argument here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bank_adapters.contract.errors import QrisInvalid, QrisOverLimit, Reason
from bank_adapters.contract.qris.container import join_path, write_code, write_object
from bank_adapters.contract.qris.decoding import DecodedQris, decode, require_merchant_code
from bank_adapters.contract.qris.rules import read_amount
from bank_adapters.contract.qris.table import is_template
from foundation.money import Money

__all__ = ["FieldValue", "QrisMerchant", "encode", "encode_merchant", "with_amount"]

# What a tag holds: a text, or for a template the fields inside it.
FieldValue: TypeAlias = "str | Mapping[str, FieldValue]"

_WHOLE_RUPIAH = re.compile(r"[1-9][0-9]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class QrisMerchant:
    """A merchant as its acquirer registered it: everything in a code that does not change from payment to payment.

    `mpan` is the 18 digits without check digit; `category_code` is the MCC (9311 for tax payments); `guid` is the
    acquirer's reverse domain, "ID.CO.BANKCONTOH.WWW".
    """

    name: str
    city: str
    postal_code: str
    category_code: str
    guid: str
    mpan: str
    merchant_id: str
    criteria: str
    nmid: str
    account_tag: str = "26"
    repository_guid: str = "ID.CO.QRIS.WWW"


def encode(fields: Mapping[str, FieldValue], *, limit: Money) -> str:
    """Write a code from its fields: tag to text, or to the fields of a template ({"26": {"00": …, "01": …}}).

    "00" and "63" are set here and may not be given. Tags are written in ascending order at each level. Raises
    QrisInvalid with the tag at fault, also for what `decode` would only warn of, and QrisOverLimit when tag 54 is
    above `limit`.
    """
    for tag in ("00", "63"):
        if tag in fields:
            raise QrisInvalid(tag, Reason("ditulis oleh penyandi sendiri", "the encoder writes it itself"))
    if "54" in fields:
        _check_written_amount(fields["54"], limit)
    text = write_code((tag, _write_value(fields[tag], tag)) for tag in sorted(fields))
    for warning in decode(text).warnings:
        raise QrisInvalid(warning.tag, warning.reason)
    return text


def encode_merchant(
    merchant: QrisMerchant,
    *,
    limit: Money,
    amount: Money | None = None,
    bill_number: str | None = None,
    terminal: str | None = None,
) -> str:
    """Write a merchant's code: dynamic when there is an amount, else static.

    Raises as `encode` does; an amount with odd sen, zero or below zero is QrisInvalid("54").
    """
    additional = {tag: text for tag, text in (("01", bill_number), ("07", terminal)) if text is not None}
    fields: dict[str, FieldValue] = {
        "01": "11" if amount is None else "12",
        merchant.account_tag: {
            "00": merchant.guid,
            "01": merchant.mpan,
            "02": merchant.merchant_id,
            "03": merchant.criteria,
        },
        "51": {"00": merchant.repository_guid, "02": merchant.nmid, "03": merchant.criteria},
        "52": merchant.category_code,
        "53": "360",
        "58": "ID",
        "59": merchant.name,
        "60": merchant.city,
        "61": merchant.postal_code,
    }
    if amount is not None:
        fields["54"] = _amount_text(amount)
    if additional:
        fields["62"] = additional
    return encode(fields, limit=limit)


def with_amount(text: str, *, amount: Money, bill_number: str, limit: Money) -> str:
    """Make a dynamic code from a static one: amount and bill number set, "01" to "12", CRC anew; all else is kept.

    Call this only where the acquirer has agreed to it in writing (interfaces.md 0); without that agreement the
    payment may be refused or arrive without the bill number.
    Raises QrisInvalid when the text is not a static code of a merchant, carries an amount or asks for a tip, or when
    amount or bill number cannot be written; QrisOverLimit when the amount is above `limit`.
    """
    static = decode(text)
    require_merchant_code(static)
    _require_static(static)
    amount_text = _amount_text(amount)
    _check_written_amount(amount_text, limit)
    additional = next((found.children for found in static.objects if found.tag == "62"), ())
    kept = [(child.tag, child.value) for child in additional if child.tag != "01"]
    values = {found.tag: found.value for found in static.objects if found.tag not in ("00", "63")}
    values["01"] = "12"
    values["54"] = amount_text
    values["62"] = "".join(write_object(tag, value, path=f"62.{tag}") for tag, value in [("01", bill_number), *kept])
    dynamic = write_code((tag, values[tag]) for tag in sorted(values))
    return decode(dynamic).text


def _require_static(code: DecodedQris) -> None:
    if code.is_dynamic:
        raise QrisInvalid("01", Reason("kode ini sudah dinamis", "this code is dynamic already"))
    if code.amount is not None:
        raise QrisInvalid("54", Reason("kode ini sudah membawa nilai", "this code carries an amount already"))
    if code.find_value("55") is not None:
        raise QrisInvalid("55", Reason("tagihan tidak boleh ditambah tip", "a tip must not be added to a bill"))


def _write_value(value: FieldValue, path: str) -> str:
    if isinstance(value, str):
        return value
    if not is_template(path):
        raise QrisInvalid(path, Reason("tag ini tidak berisi tag lain", "this tag holds no other tags"))
    return "".join(
        write_object(tag, _write_value(value[tag], join_path(path, tag)), path=join_path(path, tag))
        for tag in sorted(value)
    )


def _amount_text(amount: Money) -> str:
    if not amount.is_whole_rupiah or amount.sen <= 0:
        raise QrisInvalid("54", Reason("harus rupiah bulat di atas nol", "it must be whole rupiah above zero"))
    return str(amount.sen // 100)


def _check_written_amount(value: FieldValue, limit: Money) -> None:
    if not isinstance(value, str) or not _WHOLE_RUPIAH.fullmatch(value):
        raise QrisInvalid("54", Reason("harus rupiah bulat tanpa desimal", "it must be whole rupiah without decimals"))
    amount = read_amount(value, tag="54")
    if amount > limit:
        raise QrisOverLimit(amount, limit)
