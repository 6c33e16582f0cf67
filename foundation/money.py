"""Money as a whole number of sen (1 rupiah = 100 sen).

For: holding, adding, parsing and writing amounts without ever guessing.
Not for: rounding rules of a tax (they belong to the tariff that states them) or currencies other than rupiah.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from foundation.errors import AmountUnreadable

__all__ = ["Money", "split_whole_rupiah"]

_PLAIN = re.compile(r"(\d{1,15})(?:\.(\d{2}))?")
_INDONESIAN = re.compile(r"(\d{1,3}(?:\.\d{3})*|\d{1,15})(?:,(\d{2}))?")
_INDONESIAN_MARKS = str.maketrans(",.", ".,")
# A BIGINT of sen would hold more; no region's budget does, and a longer figure is a typing error.
_LONGEST = 15


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in sen. May be negative as a difference; what is paid, billed or posted is checked where it happens."""

    sen: int

    def __post_init__(self) -> None:
        # bool is an int to Python; an amount of True would be a bug that travels.
        if type(self.sen) is not int:
            raise TypeError(f"Money takes a whole number of sen, not {type(self.sen).__name__}")

    @classmethod
    def from_rupiah(cls, rupiah: int) -> Money:
        """Whole rupiah to Money."""
        return cls(rupiah * 100)

    @classmethod
    def parse(cls, text: str, *, field: str = "amount", line: int | None = None) -> Money:
        """Read "150000" or "150000.00": digits, at most one full stop, exactly two decimals.

        Raises AmountUnreadable naming the field (and line). Signs, blanks, thousands marks, commas and
        scientific notation are refused, never repaired.
        """
        return cls._from_match(_PLAIN.fullmatch(text) if text.isascii() else None, text, field, line)

    @classmethod
    def parse_indonesian(cls, text: str, *, field: str = "amount", line: int | None = None) -> Money:
        """Read "1.500.000,00", "1.500.000" or "1500000": only for a file whose format says that it is written so."""
        return cls._from_match(_INDONESIAN.fullmatch(text) if text.isascii() else None, text, field, line)

    @classmethod
    def _from_match(cls, match: re.Match[str] | None, text: str, field: str, line: int | None) -> Money:
        if match is None:
            raise AmountUnreadable(field=field, line=line, text=text[:40])
        digits = match[1].replace(".", "")
        if len(digits) > _LONGEST:
            raise AmountUnreadable(field=field, line=line, text=text[:40])
        return cls(int(digits) * 100 + int(match[2] or 0))

    @property
    def is_whole_rupiah(self) -> bool:
        """True when there are no odd sen."""
        return self.sen % 100 == 0

    def plain(self) -> str:
        """ "150000.00": the form of SNAP amounts and of our API."""
        sign = "-" if self.sen < 0 else ""
        rupiah, sen = divmod(abs(self.sen), 100)
        return f"{sign}{rupiah}.{sen:02d}"

    def on_screen(self, language: str = "id") -> str:
        """ "Rp1.250.000", with ",50" only when there are odd sen: the form of pages and documents in any language.

        Sentences of refusals in English ("en") write "Rp1,250,000.50".
        """
        sign = "-" if self.sen < 0 else ""
        rupiah, sen = divmod(abs(self.sen), 100)
        text = f"{sign}Rp{rupiah:,}" + (f".{sen:02d}" if sen else "")
        return text if language == "en" else text.translate(_INDONESIAN_MARKS)

    def __add__(self, other: Money) -> Money:
        return Money(self.sen + other.sen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.sen - other.sen)

    def __neg__(self) -> Money:
        return Money(-self.sen)

    def __bool__(self) -> bool:
        return self.sen != 0

    def __str__(self) -> str:
        return self.plain()


def split_whole_rupiah(whole: Money, weights: Sequence[int], *, residue_on: int = 0) -> list[Money]:
    """Split a whole-rupiah amount by weights into whole-rupiah parts that sum to it exactly.

    Each part is rounded down to the rupiah; what is left over goes on the part named by `residue_on`, because a
    split that loses or invents a rupiah cannot be booked. Raises ValueError on weights that split nothing.
    """
    total = sum(weights)
    if not whole.is_whole_rupiah or whole.sen < 0 or total <= 0 or min(weights) < 0:
        raise ValueError("a split needs a whole non-negative rupiah amount and weights that sum above zero")
    rupiah = whole.sen // 100
    parts = [rupiah * weight // total for weight in weights]
    parts[residue_on] += rupiah - sum(parts)
    return [Money.from_rupiah(part) for part in parts]
