"""Tables of the ledger: entities, accounts, roles, journal entries, postings.

For: the shapes; the checks live in migrations/region/versions/0003_ledger.py, where no writer can avoid them.
Not for: writing rows; entries are written by ledger.posting and charts by ledger.chart, nobody else.

All five tables refuse UPDATE, DELETE and TRUNCATE. Postings have no foreign keys on purpose: a trigger checks the same
without locking the account's row for each posting.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.tables import MoneySen, RegionBase, Xact

__all__ = ["Account", "AccountRole", "Entity", "JournalEntry", "Posting"]


class Entity(RegionBase):
    """A bookkeeping entity: a Perangkat Daerah ("PD"), or the one PPKD/BUD ("PPKD")."""

    __tablename__ = "entity"
    __table_args__ = (
        Index("uq_entity_one_ppkd", "kind", unique=True, postgresql_where=text("kind = 'PPKD'")),
        Index("ix_entity_recorded_xact", "recorded_xact"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(4))
    recorded_xact: Mapped[int] = mapped_column(Xact, server_default=text("pg_current_xact_id()"))


class Account(RegionBase):
    """One account of the chart from `valid_from` until `valid_to` or the next row of its code. Level 6 takes postings.

    `book` follows from the code: 4, 5, 6 and 3.1.02 (Ekuitas SAL) are "A", the rest "F".
    """

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("code", "valid_from"), Index("ix_account_recorded_xact", "recorded_xact"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(300))
    level: Mapped[int] = mapped_column(SmallInteger)
    parent_code: Mapped[str | None] = mapped_column(String(20))
    book: Mapped[str] = mapped_column(String(1))
    normal_side: Mapped[str] = mapped_column(String(6))
    requires_counterpart: Mapped[bool]
    is_sample: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_xact: Mapped[int] = mapped_column(Xact, server_default=text("pg_current_xact_id()"))


class AccountRole(RegionBase):
    """The account of a role from `valid_from` until the next row of its role and qualifier ("" is the fallback)."""

    __tablename__ = "account_role"
    __table_args__ = (Index("ix_account_role_recorded_xact", "recorded_xact"),)

    role: Mapped[str] = mapped_column(String(40), primary_key=True)
    qualifier: Mapped[str] = mapped_column(String(40), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    account_code: Mapped[str] = mapped_column(String(20))
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    recorded_xact: Mapped[int] = mapped_column(Xact, server_default=text("pg_current_xact_id()"))


class JournalEntry(RegionBase):
    """One entry: when it happened, the date it is accounted on, when it was recorded, by whom and from what."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index("ix_journal_entry_recorded_xact_id", "recorded_xact", "id"),
        Index("ix_journal_entry_accounted_on", "accounted_on"),
        Index("ix_journal_entry_source_uid", "source_uid", postgresql_where=text("source_uid IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    recorded_xact: Mapped[int] = mapped_column(Xact, server_default=text("pg_current_xact_id()"))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    accounted_on: Mapped[date]
    posting_count: Mapped[int] = mapped_column(SmallInteger)
    uid: Mapped[UUID] = mapped_column(unique=True)
    source_uid: Mapped[UUID | None]
    source_kind: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    content_hash: Mapped[bytes]
    description: Mapped[str] = mapped_column(String(300))
    actor: Mapped[str] = mapped_column(String(120))


class Posting(RegionBase):
    """One line of an entry: book, entity, account, side and a positive amount; RK lines name their counterpart."""

    __tablename__ = "posting"
    __table_args__ = (Index("ix_posting_account_id_accounted_on", "account_id", "accounted_on"),)

    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger)
    entity_id: Mapped[int] = mapped_column(BigInteger)
    counterpart_entity_id: Mapped[int | None] = mapped_column(BigInteger)
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    accounted_on: Mapped[date]
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    book: Mapped[str] = mapped_column(String(1))
    side: Mapped[str] = mapped_column(String(6))
    partner: Mapped[str | None] = mapped_column(String(40))
