"""Tables of reconciliation: files, statements and their lines, settlement batches and their lines, runs, differences.

For: the shape of the rows. Amounts are in sen; `_on` dates are business dates of the region or of the bank.
Not for: how they come about (the modules named for what the office does).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.tables import Json, MoneySen, RegionBase

__all__ = [
    "BankFile",
    "BankStatement",
    "BankStatementLine",
    "BatchCredit",
    "ReconciliationDifference",
    "ReconciliationRun",
    "SettledLine",
    "SettlementBatch",
]


class BankFile(RegionBase):
    """One file of a bank as it arrived, and what became of it."""

    __tablename__ = "bank_file"
    __table_args__ = (Index("ix_bank_file_received_at", "received_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16))
    problems: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    received_at: Mapped[datetime]
    received_by: Mapped[str] = mapped_column(String(120))


class SettlementBatch(RegionBase):
    """What a partner says it settles of one business date under one reference, and how much of it stands on RKUD."""

    __tablename__ = "settlement_batch"
    __table_args__ = (
        UniqueConstraint("partner", "batch_reference", name="uq_settlement_batch_partner_batch_reference"),
        Index("ix_settlement_batch_partner_business_on", "partner", "business_on"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    file_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_file.id"))
    partner: Mapped[str] = mapped_column(String(20))
    batch_reference: Mapped[str] = mapped_column(String(200))
    business_on: Mapped[date]
    gross_sen: Mapped[int] = mapped_column(MoneySen)
    fee_sen: Mapped[int] = mapped_column(MoneySen)
    net_sen: Mapped[int] = mapped_column(MoneySen)
    line_count: Mapped[int]
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16))
    credited_sen: Mapped[int] = mapped_column(MoneySen)
    credited_on: Mapped[date | None]
    received_at: Mapped[datetime]


class SettledLine(RegionBase):
    """One line of a settlement file with the payment it names. `until_sen` is the running gross of the batch."""

    __tablename__ = "settlement_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "line_no", name="uq_settlement_line_batch_id_line_no"),
        Index(
            "uq_settlement_line_payment",
            "payment_id",
            unique=True,
            postgresql_where=text("outcome <> 'SETTLED_BEFORE'"),
        ),
        Index("ix_settlement_line_outcome", "batch_id", postgresql_where=text("outcome <> 'MATCHED'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    batch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("settlement_batch.id"))
    line_no: Mapped[int]
    bank_reference: Mapped[str] = mapped_column(String(200))
    partner_reference: Mapped[str | None] = mapped_column(String(200))
    rrn: Mapped[str | None] = mapped_column(String(200))
    payment_code: Mapped[str | None] = mapped_column(String(200))
    channel: Mapped[str | None] = mapped_column(String(200))
    paid_at: Mapped[datetime | None]
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    fee_sen: Mapped[int] = mapped_column(MoneySen)
    net_sen: Mapped[int] = mapped_column(MoneySen)
    until_sen: Mapped[int] = mapped_column(MoneySen)
    outcome: Mapped[str] = mapped_column(String(20))
    payment_id: Mapped[int] = mapped_column(BigInteger)


class BankStatement(RegionBase):
    """One statement of RKUD or of a partner's holding account."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        UniqueConstraint(
            "account_no",
            "statement_no",
            "closing_on",
            name="uq_bank_statement_account_no_statement_no_closing_on",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    file_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_file.id"))
    account_no: Mapped[str] = mapped_column(String(35))
    account_role: Mapped[str] = mapped_column(String(8))
    partner: Mapped[str | None] = mapped_column(String(20))
    statement_no: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(40))
    opening_on: Mapped[date]
    opening_sen: Mapped[int] = mapped_column(MoneySen)
    closing_on: Mapped[date]
    closing_sen: Mapped[int] = mapped_column(MoneySen)
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]


class BankStatementLine(RegionBase):
    """One line of a statement: what the bank said, and how much of it is booked against batches or in suspense."""

    __tablename__ = "statement_line"
    __table_args__ = (
        UniqueConstraint("statement_id", "line_no", name="uq_statement_line_statement_id_line_no"),
        Index("ix_statement_line_open", "id", postgresql_where=text("state IN ('WAITING', 'SUSPENSE')")),
        Index("uq_statement_line_payment", "payment_id", unique=True, postgresql_where=text("payment_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    statement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_statement.id"))
    line_no: Mapped[int]
    occurrence: Mapped[int]
    value_on: Mapped[date]
    entry_on: Mapped[date]
    accounted_on: Mapped[date]
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    direction: Mapped[str] = mapped_column(String(6))
    reversal: Mapped[bool]
    bank_reference: Mapped[str | None] = mapped_column(String(40))
    owner_reference: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    booked_sen: Mapped[int] = mapped_column(MoneySen)
    suspense_sen: Mapped[int] = mapped_column(MoneySen)
    payment_id: Mapped[int | None] = mapped_column(BigInteger)


class BatchCredit(RegionBase):
    """One credit on RKUD counted towards one batch, and the entry that booked it. Append-only."""

    __tablename__ = "batch_credit"
    __table_args__ = (
        UniqueConstraint("line_id", "batch_id", name="uq_batch_credit_line_id_batch_id"),
        Index("ix_batch_credit_batch_id", "batch_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    line_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("statement_line.id"))
    batch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("settlement_batch.id"))
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    from_suspense: Mapped[bool]
    accounted_on: Mapped[date]
    entry_uid: Mapped[UUID]


class ReconciliationRun(RegionBase):
    """One run as of a business date: its result and the figures it rests on. Append-only."""

    __tablename__ = "reconciliation_run"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    run_at: Mapped[datetime]
    run_by: Mapped[str] = mapped_column(String(120))
    on_date: Mapped[date]
    result: Mapped[str] = mapped_column(String(10))
    difference_count: Mapped[int]
    figures: Mapped[dict[str, Any]] = mapped_column(Json)


class ReconciliationDifference(RegionBase):
    """One thing that a run found different. `amount_sen` is the bank's side less ours. Append-only."""

    __tablename__ = "reconciliation_difference"
    __table_args__ = (Index("ix_reconciliation_difference_run_id", "run_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reconciliation_run.id"))
    code: Mapped[str] = mapped_column(String(40))
    side: Mapped[str] = mapped_column(String(5))
    partner: Mapped[str | None] = mapped_column(String(20))
    account_no: Mapped[str | None] = mapped_column(String(35))
    on_date: Mapped[date | None]
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    reference: Mapped[str] = mapped_column(String(200))
    text_id: Mapped[str] = mapped_column(String(400))
    text_en: Mapped[str] = mapped_column(String(400))
    link_kind: Mapped[str] = mapped_column(String(20))
    link_uid: Mapped[UUID | None]
    explained: Mapped[bool]
