"""Proving that closed months still hold what they held when they were closed.

For: computing the counts and the SHA-256 anew and comparing.
Not for: naming which entry differs; the seals do that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.periods.queries import first_of

__all__ = ["PeriodCheck", "check_periods"]

_CHECK = text(
    "SELECT p.month, p.entry_count, p.posting_count, p.sha256, d.entry_count AS entries_found,"
    " d.posting_count AS postings_found, d.digest AS sha256_found"
    " FROM accounting_period p CROSS JOIN LATERAL ledger_period_digest(p.month) d"
    " WHERE p.state = 'CLOSED' AND (CAST(:month AS date) IS NULL OR p.month = :month) ORDER BY p.month"
)


@dataclass(frozen=True, slots=True)
class PeriodCheck:
    """One closed month: what it was closed with, and what it holds now."""

    month: date
    entry_count: int
    posting_count: int
    sha256: bytes
    entries_found: int
    postings_found: int
    sha256_found: bytes

    @property
    def is_intact(self) -> bool:
        """Whether it holds exactly what it was closed with."""
        return (self.entry_count, self.posting_count, self.sha256) == (
            self.entries_found,
            self.postings_found,
            self.sha256_found,
        )


def check_periods(session: Session, *, month: date | None = None) -> list[PeriodCheck]:
    """Every closed month, or the one that a day is in (none when it is not closed), oldest first."""
    rows = session.execute(_CHECK, {"month": None if month is None else first_of(month)}).all()
    return [
        PeriodCheck(
            row.month, row.entry_count, row.posting_count, bytes(row.sha256),
            row.entries_found, row.postings_found, bytes(row.sha256_found),
        )
        for row in rows
    ]  # fmt: skip
