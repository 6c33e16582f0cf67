"""Tables of payments: partners with keys, tokens and external ids, the message log, payments and QRIS requests.

For: the shape of the rows. Not for: how they come about (the modules named for what the office does).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.tables import Json, MoneySen, RegionBase

__all__ = [
    "Partner",
    "PartnerAccessToken",
    "PartnerExternalId",
    "PartnerKey",
    "PartnerMessage",
    "Payment",
    "QrisAsked",
]


class Partner(RegionBase):
    """A bank or acquirer that this region has an agreement with.

    `profile` is how it speaks (read by the adapter), `terms` what was agreed (read by `payments.partners.terms_of`).
    `acquirer` is where and how we ask it for a QRIS, or None when it is not our acquirer.
    """

    __tablename__ = "partner"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    client_id: Mapped[str] = mapped_column(String(36), unique=True)
    va_prefix: Mapped[str] = mapped_column(String(8), unique=True)
    profile: Mapped[dict[str, Any]] = mapped_column(Json)
    terms: Mapped[dict[str, Any]] = mapped_column(Json)
    acquirer: Mapped[dict[str, Any] | None] = mapped_column(Json)
    active: Mapped[bool]
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(120))


class PartnerKey(RegionBase):
    """A key of a partner, in force between two moments; secrets are encrypted, public keys are PEM text."""

    __tablename__ = "partner_key"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    partner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partner.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    material: Mapped[bytes] = mapped_column(LargeBinary)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class PartnerAccessToken(RegionBase):
    """A bearer token we gave to a partner; only its SHA-256 is kept."""

    __tablename__ = "partner_access_token"

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    partner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partner.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class PartnerExternalId(RegionBase):
    """An X-EXTERNAL-ID that an accepted message used up, per partner and calendar day."""

    __tablename__ = "partner_external_id"

    partner_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    used_on: Mapped[date] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(36), primary_key=True)


class PartnerMessage(RegionBase):
    """One message with a partner and its answer, raw; kept ten years. `outcome` begins with one of
    accepted, repeat, refused, contradiction, untaken, failed."""

    __tablename__ = "partner_message"
    __table_args__ = (
        Index("ix_partner_message_received_at", "received_at"),
        Index(
            "ix_partner_message_contradiction",
            "received_at",
            postgresql_where=text("outcome IN ('contradiction', 'untaken')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID]
    partner_id: Mapped[int | None] = mapped_column(BigInteger)
    direction: Mapped[str] = mapped_column(String(3))
    service: Mapped[str] = mapped_column(String(20))
    path: Mapped[str] = mapped_column(String(300))
    headers: Mapped[dict[str, Any]] = mapped_column(Json)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    reference: Mapped[str | None] = mapped_column(String(128))
    response_status: Mapped[int]
    response_code: Mapped[str] = mapped_column(String(20))
    response_body: Mapped[bytes] = mapped_column(LargeBinary)
    outcome: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime]
    answered_at: Mapped[datetime]


class Payment(RegionBase):
    """One payment that a partner reported. Amounts in sen; `_on` dates are in the region's zone.

    `accounted_on`: the day of its entry. `budget_recognised`: the entry has row 4A, so the credit on RKUD (4b) brings
    none.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("partner_id", "bank_reference", name="uq_payment_partner_id_bank_reference"),
        Index("uq_payment_applied_bill", "bill_id", unique=True, postgresql_where=text("state = 'APPLIED'")),
        Index("ix_payment_partner_id_bank_business_date", "partner_id", "bank_business_date"),
        Index("ix_payment_received_at", "received_at"),
        Index("ix_payment_bill_uid", "bill_uid"),
        Index("ix_payment_unapplied", "received_at", postgresql_where=text("state = 'UNAPPLIED'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    partner_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(16))
    bank_reference: Mapped[str] = mapped_column(String(128))
    source: Mapped[str] = mapped_column(String(12))
    facts_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    payment_code: Mapped[str | None] = mapped_column(String(40))
    bill_id: Mapped[int | None] = mapped_column(BigInteger)
    bill_uid: Mapped[UUID | None]
    entity: Mapped[str | None] = mapped_column(String(40))
    revenue_kind: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16))
    unapplied_reason: Mapped[str | None] = mapped_column(String(40))
    budget_recognised: Mapped[bool]
    partner_reference: Mapped[str | None] = mapped_column(String(64))
    rrn: Mapped[str | None] = mapped_column(String(40))
    paid_at: Mapped[datetime]
    bank_business_date: Mapped[date]
    received_at: Mapped[datetime]
    accounted_on: Mapped[date]
    settled_on: Mapped[date | None]
    rkud_credited_on: Mapped[date | None]


class QrisAsked(RegionBase):
    """One request to an acquirer for a dynamic QRIS, and what came of it."""

    __tablename__ = "qris_request"
    __table_args__ = (
        Index("ix_qris_request_bill_id", "bill_id"),
        Index("ix_qris_request_reference_no", "reference_no"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    partner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partner.id"))
    bill_id: Mapped[int] = mapped_column(BigInteger)
    bill_uid: Mapped[UUID]
    payment_code: Mapped[str] = mapped_column(String(40))
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    partner_reference_no: Mapped[str] = mapped_column(String(64), unique=True)
    reference_no: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    qr_content: Mapped[str | None] = mapped_column(String(512))
    requested_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    valid_until: Mapped[datetime]
    failure: Mapped[str | None] = mapped_column(String(300))
