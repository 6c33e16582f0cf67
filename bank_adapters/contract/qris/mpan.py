"""The merchant's PAN: 18 digits in a QR, 19 with a check digit in messages and reports.

For: comparing MPANs from different sources and judging one.
Not for: who owns an MPAN (the register of partners).
"""

from __future__ import annotations

import re

from foundation.luhn import is_valid

__all__ = ["has_wrong_check_digit", "mpan_key", "same_mpan"]

_DIGITS = re.compile(r"[0-9]{18,19}")


def mpan_key(mpan: str) -> str:
    """The first 18 digits, by which an MPAN is matched wherever it comes from (interfaces.md 1.6).

    A shorter or otherwise unusual text is returned as it is: it then matches only itself.
    """
    return mpan[:18] if _DIGITS.fullmatch(mpan) else mpan


def same_mpan(one: str, other: str) -> bool:
    """True when both name the same merchant, with or without the check digit."""
    return mpan_key(one) == mpan_key(other)


def has_wrong_check_digit(mpan: str) -> bool:
    """True for 19 digits that fail Luhn. The 18 digits of a QR carry no check digit, so they are never wrong."""
    return len(mpan) == 19 and mpan.isascii() and mpan.isdigit() and not is_valid(mpan)
