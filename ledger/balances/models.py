"""Tables of the sums that are kept of postings, and of what was known when.

For: the shapes; what fills them are `ledger_roll` (migrations/region/versions/0009_balances.py) and `ledger_note_known`
(0010_ledger_known.py), which alone may write.
Not for: reading balances (ledger.balances.accounts, ledger.balances.roles).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.tables import MoneySen, RegionBase, Xact

__all__ = [
    "BalanceDay",
    "BalanceMonth",
    "BalancePart",
    "BalancePast",
    "BalancePiece",
    "BalancePosition",
    "KnownPosition",
    "LateEntry",
]


class BalancePosition(RegionBase):
    """How far sums reach: entries of transactions below `upto_xact`, of which those below `cut_xact` are in pieces.

    Transaction numbers are those of one `cluster`; entries up to `after_id` came here with a dump of another one.
    """

    __tablename__ = "balance_position"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    cluster: Mapped[int] = mapped_column(BigInteger)
    after_id: Mapped[int] = mapped_column(BigInteger)
    upto_xact: Mapped[int] = mapped_column(Xact)
    cut_xact: Mapped[int] = mapped_column(Xact)
    moved_to: Mapped[int | None] = mapped_column(BigInteger)
    moved_id: Mapped[int | None] = mapped_column(BigInteger)
    moved_xact: Mapped[int | None] = mapped_column(Xact)


class KnownPosition(RegionBase):
    """Until which moment answers as known then are final: entries of transactions below `known_xact` alone make them.

    `known_id` is the highest id by then. `noted_at` becomes final when all transactions below `noted_xact` have ended.
    """

    __tablename__ = "known_position"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    known_until: Mapped[datetime | None]
    known_xact: Mapped[int] = mapped_column(Xact)
    known_id: Mapped[int] = mapped_column(BigInteger)
    noted_at: Mapped[datetime | None]
    noted_xact: Mapped[int | None] = mapped_column(Xact)


class LateEntry(RegionBase):
    """An entry that was written behind a moment which was final already, and since when it counts as known."""

    __tablename__ = "late_entry"
    __table_args__ = (Index("ix_late_entry_recorded_xact", "recorded_xact"),)

    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    known_from: Mapped[datetime]
    recorded_xact: Mapped[int] = mapped_column(Xact, server_default=text("pg_current_xact_id()"))


class BalancePiece(RegionBase):
    """A stretch of the ledger's history, to be summed up as known at a past moment.

    Level 0 covers entries from one transaction until another (or from one id to another); number n of level k + 1
    covers the numbers 4n - 3 to 4n of level k. `known_from` and `known_to`: since when its first and last is known.
    """

    __tablename__ = "balance_piece"
    __table_args__ = (UniqueConstraint("level", "number"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(BigInteger)
    after_id: Mapped[int | None] = mapped_column(BigInteger)
    upto_id: Mapped[int | None] = mapped_column(BigInteger)
    from_xact: Mapped[int | None] = mapped_column(Xact)
    upto_xact: Mapped[int | None] = mapped_column(Xact)
    known_from: Mapped[datetime]
    known_to: Mapped[datetime]


class _Sum:
    """What a stretch of dates brought to an account of an entity, per counterpart (0: none) and partner ('': none)."""

    starts_on: Mapped[date] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    counterpart_entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    debit_sen: Mapped[int] = mapped_column(MoneySen)
    credit_sen: Mapped[int] = mapped_column(MoneySen)
    closing: Mapped[bool] = mapped_column(primary_key=True)
    partner: Mapped[str] = mapped_column(String(40), primary_key=True)


class BalanceDay(_Sum, RegionBase):
    """What each accounting date brought to each account, of all that is rolled up."""

    __tablename__ = "balance_day"
    __table_args__ = (Index("ix_balance_day_starts_on_account_id", "starts_on", "account_id"),)


class BalancePart(_Sum, RegionBase):
    """The same per part of a month (five days)."""

    __tablename__ = "balance_part"
    __table_args__ = (Index("ix_balance_part_starts_on_account_id", "starts_on", "account_id"),)


class BalanceMonth(_Sum, RegionBase):
    """The same per month."""

    __tablename__ = "balance_month"
    __table_args__ = (Index("ix_balance_month_starts_on_account_id", "starts_on", "account_id"),)


class BalancePast(_Sum, RegionBase):
    """What each day, part and month brought, of the entries of one piece of history."""

    __tablename__ = "balance_past"
    piece_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    span: Mapped[str] = mapped_column(String(5), primary_key=True)
