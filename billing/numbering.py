"""Numbers that name an object or a bill: NOP, other object numbers, payment codes; how they are read and shown.

For: the canonical form that is stored, and the form that people see.
Not for: virtual account numbers (payments derives them) or handing out serials (billing.issuing).

NOP: 18 digits = PP(2) DD(2) KKK(3) LLL(3) BBB(3) UUUU(4) J(1), shown PP.DD.KKK.LLL.BBB-UUUU.J; it has no check digit,
and its district digits are the old DJP list, so they are not compared with the region's code (domain.md §2).
Payment code: 18 digits = region (4) + kind (2) + yyMM of issue (4) + serial (7) + Luhn check digit (1).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from foundation import luhn

__all__ = [
    "OBJECT_RULES",
    "format_object_number",
    "format_payment_code",
    "is_payment_code",
    "object_reader",
    "payment_code",
    "payment_code_prefix",
    "payment_code_sql",
    "read_nop",
    "search_forms",
]

_NOP = re.compile(r"(\d{2})[. -]?(\d{2})[. -]?(\d{3})[. -]?(\d{3})[. -]?(\d{3})[. -]?(\d{4})[. -]?(\d)", re.ASCII)
_FREE = re.compile(r"[0-9A-Z](?:[0-9A-Z./-]{0,38}[0-9A-Z])?")
_DIGITS_RULE = re.compile(r"digits([1-9]|[1-3][0-9]|40)")
OBJECT_RULES = "nop18, digits<n>, free"
"""The rules a kind may state: an NOP; exactly n digits; or letters, digits and . / - up to 40 places."""


def object_reader(rule: str) -> Callable[[str], str | None] | None:
    """The function that turns a written object number into its canonical form (None: not such a number).

    None for a rule that is not one of OBJECT_RULES.
    """
    if rule == "nop18":
        return read_nop
    if rule == "free":
        return _read_free
    digits = _DIGITS_RULE.fullmatch(rule)
    if digits is None:
        return None
    pattern = re.compile(rf"\d{{{digits[1]}}}", re.ASCII)
    return lambda text: text if pattern.fullmatch(text) else None


def read_nop(text: str) -> str | None:
    """The 18 digits of an NOP written plain or with dots, dashes or blanks between its parts, else None."""
    match = _NOP.fullmatch(text)
    return None if match is None else "".join(match.groups())


def _read_free(text: str) -> str | None:
    upper = text.upper()
    return upper if _FREE.fullmatch(upper) else None


def format_object_number(number: str, rule: str) -> str:
    """An object number as people write it: an NOP in its parts, any other as it is stored."""
    match = _NOP.fullmatch(number) if rule == "nop18" else None
    if match is None:
        return number
    province, district, subdistrict, village, block, plot, sort = match.groups()
    return f"{province}.{district}.{subdistrict}.{village}.{block}-{plot}.{sort}"


def payment_code_prefix(region: str, digits: str, issued_on: date) -> str:
    """The first 10 digits of a payment code; a province's two digits are padded with zeros on the right."""
    return f"{region.ljust(4, '0')}{digits}{issued_on:%y%m}"


def payment_code(prefix: str, serial: int) -> str:
    """The payment code of a serial from 1 to 9,999,999 under a prefix of 10 digits."""
    digits = f"{prefix}{serial:07d}"
    return digits + luhn.check_digit(digits)


def payment_code_sql(prefix: str, serial: str) -> str:
    """The same as an SQL expression over a column of serials, for bills by the million; a test holds the two equal.

    `prefix` becomes SQL: it must be 10 digits. Places count from the right of the serial; since the check digit will
    follow, the even ones are doubled, and a doubled digit above 9 loses 9. Raises ValueError.
    """
    if len(prefix) != 10 or not (prefix.isascii() and prefix.isdigit()):
        raise ValueError("a prefix has 10 digits")
    sums = [str(-int(luhn.check_digit(prefix + "0000000")) % 10)]
    for place in range(7):
        digit = f"({serial} / {10**place} % 10)"
        sums.append(digit if place % 2 else f"(2 * {digit} - 9 * ({digit} / 5))")
    return f"'{prefix}' || lpad({serial}::text, 7, '0') || ((10 - ({' + '.join(sums)}) % 10) % 10)::text"


def is_payment_code(text: str) -> bool:
    """True for 18 digits whose last is their check digit."""
    return len(text) == 18 and luhn.is_valid(text)


def format_payment_code(code: str) -> str:
    """In groups of four, as people read and type it: "3316 0126 1100 0000 17"."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def search_forms(query: str) -> list[str]:
    """The stored forms that a person's typing may mean: without blanks, and as bare digits where marks only part them.

    Empty when it can be no number of ours.
    """
    compact = "".join(query.split()).upper() if len(query) <= 100 else ""
    if not _FREE.fullmatch(compact):
        return []
    bare = re.sub(r"[.-]", "", compact)
    return [compact] if bare == compact or not bare.isdecimal() else [compact, bare]
