"""The QRIS tables as data: what each tag is called, how long it may be, how it is written, and what must be there.

For: naming fields and checking them, in one place, in the order of the specification's tables.
Not for: rules between fields (rules.py) or the container itself (container.py).

Source: EMVCo merchant-presented mode as profiled by Bank Indonesia and ASPI; interfaces.md 1.3 to 1.9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bank_adapters.contract.errors import Reason

__all__ = [
    "ACCOUNT_TAGS",
    "TRANSFER_TAG",
    "TagRule",
    "defined_rule",
    "expected_tags",
    "is_template",
    "mandatory_tags",
    "tag_name",
]

LONGEST_VALUE = 99
_WRONG_FORM = Reason("bentuknya salah", "its form is wrong")

# 02-25 belong to the card networks and are opaque to us; 26-45 are the domestic templates; 40 is QRIS transfer.
ACCOUNT_TAGS = frozenset(f"{number:02d}" for number in range(2, 46))
DOMESTIC_TAGS = frozenset(f"{number:02d}" for number in range(26, 46))
TRANSFER_TAG = "40"


@dataclass(frozen=True, slots=True)
class TagRule:
    """One row of a table: `longest` in characters; `form` must match the whole value, else `form_reason` says why.

    `overlong_passes` marks a name that real codes write too long: a warning and not an error.
    """

    name: str
    longest: int = LONGEST_VALUE
    form: re.Pattern[str] | None = None
    form_reason: Reason = _WRONG_FORM
    overlong_passes: bool = False


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


_NO_BAR = _form(r"[^|]*")
_NO_BAR_REASON = Reason('tanda "|" tidak boleh dipakai', 'the sign "|" is not allowed')
_CRITERIA = _form(r"UMI|UKE|UME|UBE|URE|PSO|BLU")
_CRITERIA_REASON = Reason(
    "kriteria harus salah satu dari UMI, UKE, UME, UBE, URE, PSO, BLU",
    "the criteria must be one of UMI, UKE, UME, UBE, URE, PSO, BLU",
)
_DIGITS = _form(r"\d+")
_DIGITS_REASON = Reason("harus angka semua", "it must be digits only")

ROOT: dict[str, TagRule] = {
    "00": TagRule("Payload format indicator", 2, _form("01"), Reason('harus "01"', 'it must be "01"')),
    "01": TagRule(
        "Point of initiation",
        2,
        _form("11|12"),
        Reason('harus "11" (statis) atau "12" (dinamis)', 'it must be "11" (static) or "12" (dynamic)'),
    ),
    "51": TagRule("Central repository"),
    "52": TagRule("Merchant category code", 4, _form(r"\d{4}"), Reason("harus 4 angka", "it must be 4 digits")),
    "53": TagRule("Currency", 3, _form("360"), Reason('harus "360" (rupiah)', 'it must be "360" (rupiah)')),
    "54": TagRule("Amount", 13),
    "55": TagRule(
        "Tip indicator", 2, _form("0[123]"), Reason('harus "01", "02" atau "03"', 'it must be "01", "02" or "03"')
    ),
    "56": TagRule("Tip, fixed", 13),
    "57": TagRule(
        "Tip, percentage",
        5,
        _form(r"(?!0{1,2}(\.0{1,2})?$)\d{1,2}(\.\d{1,2})?"),
        Reason("harus 00.01 sampai 99.99", "it must be 00.01 to 99.99"),
    ),
    "58": TagRule("Country", 2, _form("ID"), Reason('harus "ID"', 'it must be "ID"')),
    "59": TagRule("Merchant name", 25, _NO_BAR, _NO_BAR_REASON, overlong_passes=True),
    "60": TagRule("Merchant city", 15, _NO_BAR, _NO_BAR_REASON),
    "61": TagRule("Postal code", 10, _NO_BAR, _NO_BAR_REASON),
    "62": TagRule("Additional data"),
    "63": TagRule("CRC", 4),
    "64": TagRule("Language template"),
}

ACCOUNT: dict[str, TagRule] = {
    "00": TagRule("Globally unique identifier", 32),
    "01": TagRule("Merchant PAN", 19, _DIGITS, _DIGITS_REASON),
    "02": TagRule("Merchant ID", 15, _NO_BAR, _NO_BAR_REASON),
    "03": TagRule("Merchant criteria", 3, _CRITERIA, _CRITERIA_REASON),
}

TRANSFER: dict[str, TagRule] = {
    "00": TagRule("Globally unique identifier", 32),
    "01": TagRule(
        "Customer PAN", 19, _form(r"\d{16,19}"), Reason("harus 16 sampai 19 angka", "it must be 16 to 19 digits")
    ),
    "02": TagRule("Beneficiary ID", 15, _NO_BAR, _NO_BAR_REASON),
    "04": TagRule(
        "Beneficiary BIC",
        11,
        _form(r"[0-9A-Za-z]{8,11}"),
        Reason("harus 8 sampai 11 huruf atau angka", "it must be 8 to 11 letters or digits"),
    ),
}

REPOSITORY: dict[str, TagRule] = {
    "00": TagRule("Globally unique identifier", 32),
    "02": TagRule("National merchant ID", 15),
    "03": TagRule("Merchant criteria", 3, _CRITERIA, _CRITERIA_REASON),
}

ADDITIONAL: dict[str, TagRule] = {
    "01": TagRule("Bill number", 25),
    "02": TagRule("Mobile number", 25),
    "03": TagRule("Store label", 25),
    "04": TagRule("Loyalty number", 25),
    "05": TagRule("Reference label", 25),
    "06": TagRule("Customer label", 25),
    "07": TagRule("Terminal label", 25),
    "08": TagRule("Purpose", 25),
    "09": TagRule(
        "Consumer data request",
        3,
        _form(r"(?!.*(.).*\1)[AME]{1,3}"),
        Reason("hanya A, M, E, masing-masing sekali", "only A, M, E, each at most once"),
    ),
    **{f"{number}": TagRule("Payment system data") for number in range(50, 99)},
    "99": TagRule("Proprietary data"),
}

PROPRIETARY: dict[str, TagRule] = {
    "00": TagRule("Globally unique identifier", 32),
    "01": TagRule("Proprietary value", 81),
}

LANGUAGE: dict[str, TagRule] = {
    "00": TagRule(
        "Language", 2, _form("[A-Za-z]{2}"), Reason("harus dua huruf ISO 639", "it must be two letters of ISO 639")
    ),
    "01": TagRule("Merchant name, alternative", 25, overlong_passes=True),
    "02": TagRule("Merchant city, alternative", 15),
}

# The template that stands at a path; "" is the root. 62.99 is the only template inside a template.
_TEMPLATES: dict[str, dict[str, TagRule]] = {
    "": ROOT,
    **dict.fromkeys(DOMESTIC_TAGS, ACCOUNT),
    TRANSFER_TAG: TRANSFER,
    "51": REPOSITORY,
    "62": ADDITIONAL,
    "62.99": PROPRIETARY,
    "64": LANGUAGE,
}

_MANDATORY: dict[str, tuple[str, ...]] = {
    "": ("00", "52", "53", "58", "59", "60", "61", "63"),
    **dict.fromkeys(DOMESTIC_TAGS, ("00", "01", "02")),
    TRANSFER_TAG: ("00", "01"),
    "51": ("00", "02"),
    "62.99": ("00",),
    "64": ("00", "01"),
}

# The table says mandatory, real codes leave it out and every reader copes: a warning.
_EXPECTED: dict[str, tuple[str, ...]] = {
    **{tag: ("03",) for tag in DOMESTIC_TAGS if tag != TRANSFER_TAG},
}


def is_template(path: str) -> bool:
    """True when the value at this path ("26", "62.99") consists of objects itself."""
    return path in _TEMPLATES


def mandatory_tags(path: str) -> tuple[str, ...]:
    """The tags that must stand in the template at this path."""
    return _MANDATORY.get(path, ())


def expected_tags(path: str) -> tuple[str, ...]:
    """The tags whose absence from the template at this path earns a warning."""
    return _EXPECTED.get(path, ())


def defined_rule(path: str) -> TagRule | None:
    """The row for the tag at this path ("54", "26.01"), or None where the tables define none (reserved tags)."""
    parent, _, tag = path.rpartition(".")
    row = _TEMPLATES.get(parent, {}).get(tag)
    if row is not None or parent:
        return row
    if tag == TRANSFER_TAG:
        return TagRule("QRIS transfer account")
    if tag in ACCOUNT_TAGS:
        return TagRule("Merchant account")
    return TagRule("Unreserved template") if "80" <= tag <= "99" else None


def tag_name(path: str) -> str:
    """What the tag at this path is called; "Reserved" where the tables define none."""
    row = defined_rule(path)
    return row.name if row else "Reserved"
