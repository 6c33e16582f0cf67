"""Gapless numbers per series, year and unit, from a locked row.

For: document numbers and payment-code serials, where a missing number is a question from an auditor.
Not for: primary keys (identity columns). The row stays locked until the unit of work ends, so take numbers late and
keep the unit short; an undone unit gives its numbers back.
"""

from __future__ import annotations

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.tables import RegionBase

__all__ = ["DocumentCounter", "take_numbers"]


class DocumentCounter(RegionBase):
    """The last number given in one series."""

    __tablename__ = "document_counter"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(String(40), primary_key=True)
    last_number: Mapped[int]


def take_numbers(session: Session, series: str, *, year: int, unit: str, count: int = 1) -> range:
    """The next `count` numbers, beginning at 1 in a new series."""
    last = session.execute(
        text(
            "INSERT INTO document_counter AS c (series, year, unit, last_number) VALUES (:series, :year, :unit, :count)"
            " ON CONFLICT (series, year, unit) DO UPDATE SET last_number = c.last_number + excluded.last_number"
            " RETURNING last_number"
        ),
        {"series": series, "year": year, "unit": unit, "count": count},
    ).scalar_one()
    return range(last - count + 1, last + 1)
