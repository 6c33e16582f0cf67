"""Tables of the sums that are kept of postings.

For: the shapes; what fills them is `ledger_roll` in migrations/region/versions/0009_balances.py, which alone may write.
Not for: reading balances (ledger.balances.accounts, ledger.balances.roles).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import MoneySen, RegionBase, Xact

__all__ = ["BalancePiece", "BalancePosition", "BalanceSum"]


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


class BalancePiece(RegionBase):
    """A stretch of the ledger's history, to be summed up as known at a past moment.

    Level 0 covers entries from one transaction until another (or from one id to another); number n of level k + 1
    covers the numbers 16n - 15 to 16n of level k.
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
    recorded_from: Mapped[datetime]
    recorded_to: Mapped[datetime]


class BalanceSum(RegionBase):
    """What a day, part (five days) or month brought to an account of an entity, per counterpart (0: none) and partner.

    Piece 0 is everything that is rolled up; other pieces hold their own stretch of history.
    """

    __tablename__ = "balance_sum"
    __table_args__ = (Index("ix_balance_sum_piece_id_span_starts_on", "piece_id", "span", "starts_on"),)

    piece_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    counterpart_entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    debit_sen: Mapped[int] = mapped_column(MoneySen)
    credit_sen: Mapped[int] = mapped_column(MoneySen)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    closing: Mapped[bool] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(String(5), primary_key=True)
    partner: Mapped[str] = mapped_column(String(40), primary_key=True)
