"""Tables of billing: kinds of revenue, batches of issue, bills.

For: the shape of the rows; the migration `0004_billing` makes them, and a test holds the two equal.
Not for: rules of issue or settlement (billing.issuing, billing.settling) or what other packages see (billing.queries).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.tables import MoneySen, RegionBase

__all__ = ["Bill", "BillBatch", "RevenueKind"]


class RevenueKind(RegionBase):
    """One kind of tax or levy the region bills for. `digits` stand in its payment codes; rows are never changed."""

    __tablename__ = "revenue_kind"
    __table_args__ = (
        CheckConstraint("digits ~ '^[0-9]{2}$'", name="digits"),
        CheckConstraint("family IN ('pajak', 'retribusi')", name="family"),
    )

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    digits: Mapped[str] = mapped_column(String(2), unique=True)
    name_id: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    family: Mapped[str] = mapped_column(String(10))
    object_label: Mapped[str] = mapped_column(String(20))
    object_rule: Mapped[str] = mapped_column(String(16))
    declared_by: Mapped[str] = mapped_column(String(120))
    declared_at: Mapped[datetime]


class BillBatch(RegionBase):
    """One file whose new bills were issued together and booked as one entry. Rows are never changed."""

    __tablename__ = "bill_batch"
    __table_args__ = (
        UniqueConstraint("id", "kind", "entity"),
        CheckConstraint("bill_count > 0", name="bill_count"),
        CheckConstraint("total_sen > 0", name="total_sen"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(24), ForeignKey("revenue_kind.code"))
    entity: Mapped[str] = mapped_column(String(40))
    account: Mapped[str] = mapped_column(String(40))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    bill_count: Mapped[int]
    already_issued: Mapped[int]
    total_sen: Mapped[int] = mapped_column(MoneySen)
    issued_on: Mapped[date]
    imported_by: Mapped[str] = mapped_column(String(120))
    imported_at: Mapped[datetime]


class Bill(RegionBase):
    """One amount that one object owes for one period. After issue only `state`, `paid_at` and `payment_uid` move.

    NIK and phone are encrypted (contexts "taxpayer.nik" and "taxpayer.phone"); `nik_index` finds equal NIKs blindly.
    """

    __tablename__ = "bill"
    __table_args__ = (
        ForeignKeyConstraint(["batch_id", "kind", "entity"], ["bill_batch.id", "bill_batch.kind", "bill_batch.entity"]),
        UniqueConstraint("kind", "object_number", "period"),
        CheckConstraint("amount_sen > 0 AND amount_sen % 100 = 0", name="amount_sen"),
        CheckConstraint("payment_code ~ '^[0-9]{18}$'", name="payment_code"),
        CheckConstraint(
            "(state = 'ISSUED' AND paid_at IS NULL AND payment_uid IS NULL)"
            " OR (state = 'PAID' AND paid_at IS NOT NULL AND payment_uid IS NOT NULL)",
            name="state",
        ),
        Index("ix_bill_nik_index", "nik_index", postgresql_where=text("nik_index IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    batch_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(24))
    entity: Mapped[str] = mapped_column(String(40))
    object_number: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(7))
    payer_name: Mapped[str] = mapped_column(String(100))
    object_address: Mapped[str] = mapped_column(String(200))
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    issued_on: Mapped[date]
    due_on: Mapped[date]
    payment_code: Mapped[str] = mapped_column(String(18), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    paid_at: Mapped[datetime | None]
    payment_uid: Mapped[UUID | None]
    nik_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    nik_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
