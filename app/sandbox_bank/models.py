"""The sandbox bank's tables, all in its own database.

For: clients (regions), accounts and transfers, QRIS, payments, messages to Lunas, and what a day's close left behind.
Not for: the tables of Lunas; they lie in another database that this program has no address of.

Moments end in `_at` (UTC), business dates in `_on` (the region's zone), amounts are whole sen in `_sen`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, MetaData, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from foundation.tables import MoneySen, UtcDateTime

__all__ = [
    "AccessToken",
    "Account",
    "BankFile",
    "BankSecret",
    "Client",
    "Inquiry",
    "Message",
    "Payment",
    "Qris",
    "SandboxBase",
    "SettlementBatch",
    "Statement",
    "Transfer",
    "UsedExternalId",
]


class SandboxBase(DeclarativeBase):
    """The tables of the sandbox bank."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSONB()}  # noqa: RUF012 - SQLAlchemy's own declaration


class BankSecret(SandboxBase):
    """A secret of the program itself, made at the first start: the key of its session cookies."""

    __tablename__ = "bank_secret"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


class Account(SandboxBase):
    """One account. Kinds: PAYER (an invented customer), HOLDING and RKUD (a region's), TRANSIT, FEES and WORLD (the
    bank's own). Every transfer moves the balance of two, so all balances always sum to zero."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(String(34), unique=True)
    owner: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    balance_sen: Mapped[int] = mapped_column(MoneySen, default=0)
    __table_args__ = (CheckConstraint("kind <> 'PAYER' OR balance_sen >= 0", name="payer_not_overdrawn"),)


class Client(SandboxBase):
    """A region as the bank's client: how it is named, its numbers, and the keys of both directions.

    `lunas_…` is what Lunas answered to our connection file; it is empty until then.
    """

    __tablename__ = "client"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    region: Mapped[str] = mapped_column(String(4), unique=True)
    region_name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(40))
    partner_code: Mapped[str] = mapped_column(String(20))
    bank_name: Mapped[str] = mapped_column(String(80))
    va_prefix: Mapped[str] = mapped_column(String(8), unique=True)
    private_key_pem: Mapped[str]
    acquirer_client_id: Mapped[str] = mapped_column(String(36), unique=True)
    acquirer_client_secret: Mapped[str] = mapped_column(String(80))
    merchant_id: Mapped[str] = mapped_column(String(15), unique=True)
    merchant_name: Mapped[str] = mapped_column(String(25))
    merchant_city: Mapped[str] = mapped_column(String(15))
    merchant_postal: Mapped[str] = mapped_column(String(10))
    nmid: Mapped[str] = mapped_column(String(15))
    mpan: Mapped[str] = mapped_column(String(18))
    notify_signature: Mapped[str] = mapped_column(String(10), default="symmetric")
    lunas_base_url: Mapped[str | None] = mapped_column(String(300))
    lunas_client_id: Mapped[str | None] = mapped_column(String(36))
    lunas_client_secret: Mapped[str | None] = mapped_column(String(200))
    lunas_public_key_pem: Mapped[str | None]
    holding_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    rkud_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    holding: Mapped[Account] = relationship(foreign_keys=holding_account_id)
    rkud: Mapped[Account] = relationship(foreign_keys=rkud_account_id)


class Qris(SandboxBase):
    """One dynamic QRIS that we issued for a client. States: ISSUED, PAID; expired is told by `valid_until`."""

    __tablename__ = "qris"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    reference_no: Mapped[str] = mapped_column(String(25), unique=True)
    partner_reference_no: Mapped[str] = mapped_column(String(64))
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    content: Mapped[str] = mapped_column(String(512))
    issued_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    store_id: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="ISSUED")
    client: Mapped[Client] = relationship()
    __table_args__ = (UniqueConstraint("client_id", "partner_reference_no"),)


class Inquiry(SandboxBase):
    """What Lunas answered about a virtual account; a payer confirms exactly this. States: OPEN, PAID, REFUSED."""

    __tablename__ = "inquiry"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    payer_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    customer_no: Mapped[str] = mapped_column(String(20))
    inquiry_request_id: Mapped[str] = mapped_column(String(30), unique=True)
    response_code: Mapped[str] = mapped_column(String(7))
    name: Mapped[str | None] = mapped_column(String(255))
    total_sen: Mapped[int | None] = mapped_column(MoneySen)
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    client: Mapped[Client] = relationship()
    payer: Mapped[Account] = relationship()


class SettlementBatch(SandboxBase):
    """One settlement of one business date: what the file says, and what was swept to RKUD for it."""

    __tablename__ = "settlement_batch"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    business_on: Mapped[date]
    gross_sen: Mapped[int] = mapped_column(MoneySen)
    fee_sen: Mapped[int] = mapped_column(MoneySen)
    swept_sen: Mapped[int] = mapped_column(MoneySen)
    misbehaviour: Mapped[str] = mapped_column(String(300), default="")
    closed_at: Mapped[datetime]


class Payment(SandboxBase):
    """One payment by an invented payer. Channels: VA, QRIS-MPM. States: see `paying`."""

    __tablename__ = "payment"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    payer_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    channel: Mapped[str] = mapped_column(String(10))
    bank_reference: Mapped[str] = mapped_column(String(30), unique=True)
    partner_reference: Mapped[str | None] = mapped_column(String(64))
    payment_code: Mapped[str | None] = mapped_column(String(20))
    rrn: Mapped[str | None] = mapped_column(String(12))
    payee_name: Mapped[str] = mapped_column(String(255))
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    paid_at: Mapped[datetime]
    business_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_batch.id"))
    client: Mapped[Client] = relationship()
    payer: Mapped[Account] = relationship()
    batch: Mapped[SettlementBatch | None] = relationship()
    messages: Mapped[list[Message]] = relationship(back_populates="payment", order_by="Message.id")
    __table_args__ = (Index("ix_payment_unsettled", "client_id", "business_on", postgresql_where="batch_id IS NULL"),)


class Message(SandboxBase):
    """One message to Lunas about a payment, repeated under its external id until Lunas answers.

    Kinds: VA_PAYMENT, QRIS_NOTIFY. States: WAITING, ACCEPTED, REFUSED. `tries` counts the attempts made;
    `maybe_received` is true once an attempt may have reached Lunas without its answer reaching us.
    """

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    external_id: Mapped[str] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(10), default="WAITING")
    tries: Mapped[int] = mapped_column(default=0)
    maybe_received: Mapped[bool] = mapped_column(default=False)
    next_try_at: Mapped[datetime]
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    response_code: Mapped[str | None] = mapped_column(String(7))
    response_message: Mapped[str | None] = mapped_column(String(150))
    last_fault: Mapped[str | None] = mapped_column(String(300))
    payment: Mapped[Payment] = relationship(back_populates="messages")
    __table_args__ = (Index("ix_message_waiting", "next_try_at", postgresql_where="state = 'WAITING'"),)


class Statement(SandboxBase):
    """One issued statement of one account; the next one opens where it closed."""

    __tablename__ = "statement"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[int]
    statement_on: Mapped[date]
    opening_sen: Mapped[int] = mapped_column(MoneySen)
    closing_sen: Mapped[int] = mapped_column(MoneySen)
    account: Mapped[Account] = relationship()
    __table_args__ = (UniqueConstraint("account_id", "number"),)


class Transfer(SandboxBase):
    """Money moved from one account to another; each side appears once on a statement of that account."""

    __tablename__ = "transfer"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    from_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    to_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    amount_sen: Mapped[int] = mapped_column(MoneySen)
    booked_on: Mapped[date]
    moved_at: Mapped[datetime]
    remark: Mapped[str] = mapped_column(String(300))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_batch.id"))
    from_statement_id: Mapped[int | None] = mapped_column(ForeignKey("statement.id"))
    to_statement_id: Mapped[int | None] = mapped_column(ForeignKey("statement.id"))
    __table_args__ = (
        CheckConstraint("amount_sen > 0", name="amount_above_zero"),
        CheckConstraint("from_account_id <> to_account_id", name="two_accounts"),
    )


class BankFile(SandboxBase):
    """A file as written; writing it again gives the same name and the same bytes. Kinds: settlement, mt940."""

    __tablename__ = "bank_file"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    kind: Mapped[str] = mapped_column(String(10))
    business_on: Mapped[date]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    content: Mapped[bytes]
    made_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class AccessToken(SandboxBase):
    """A bearer token that Lunas holds, kept as its hash."""

    __tablename__ = "access_token"
    token_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    expires_at: Mapped[datetime]


class UsedExternalId(SandboxBase):
    """An X-EXTERNAL-ID that Lunas used with us on a day."""

    __tablename__ = "used_external_id"
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), primary_key=True)
    used_on: Mapped[date] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(36), primary_key=True)
