"""Tables of periods and reversals.

For: the shapes; the checks live in migrations/region/versions/0007_periods.py, where no writer can avoid them.
Not for: writing rows (ledger.periods.moving, ledger.periods.reversing).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.tables import RegionBase, Xact

__all__ = ["AccountingPeriod", "AdjustingKind", "EntryReversal"]


class AccountingPeriod(RegionBase):
    """A month that somebody has moved, named by its first day; all other months are open.

    Counts and SHA-256 are the database's, set while it is closed. `moved_xact` is the database transaction that moved
    it last, and `moved_times` how often that one did: so many records of this transaction the move must have.
    """

    __tablename__ = "accounting_period"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    month: Mapped[date] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(16))
    reopenings: Mapped[int]
    entry_count: Mapped[int | None] = mapped_column(BigInteger)
    posting_count: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[bytes | None]
    moved_xact: Mapped[int | None] = mapped_column(Xact)
    moved_times: Mapped[int]


class AdjustingKind(RegionBase):
    """A kind of entry that a month takes while it is being adjusted; put there by migrations only."""

    __tablename__ = "adjusting_kind"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    nature: Mapped[str] = mapped_column(String(16))


class EntryReversal(RegionBase):
    """An entry, the entry that mirrors it, why, and the entry that stands in its place if it was corrected."""

    __tablename__ = "entry_reversal"
    __table_args__ = (Index("ix_entry_reversal_recorded_xact", "recorded_xact"),)

    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    reversal_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    replacement_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    reason: Mapped[str] = mapped_column(String(300))
    recorded_xact: Mapped[int] = mapped_column(Xact, server_default=text("pg_current_xact_id()"))
