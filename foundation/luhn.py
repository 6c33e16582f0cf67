"""The Luhn check digit (ISO/IEC 7812-1 Annex B).

For: payment codes and 19-digit MPANs: it finds every single wrong digit and most swaps of neighbours.
Not for: security; anyone can compute it.
"""

from __future__ import annotations

__all__ = ["check_digit", "is_valid"]


def check_digit(digits: str) -> str:
    """The digit that makes `digits` + it valid. Raises ValueError on anything but ASCII digits."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("a check digit is computed over digits only")
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_valid(digits: str) -> bool:
    """True when the last digit is the check digit of those before it."""
    if len(digits) < 2 or not (digits.isascii() and digits.isdigit()):
        return False
    return check_digit(digits[:-1]) == digits[-1]
