"""Tables of identity: users, dated assignments, sessions and API tokens. All are the region's own.

For: this package only.
Not for: others; they ask the functions of foundation.identity.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from foundation.tables import RegionBase

__all__ = ["ApiToken", "StaffAssignment", "StaffSession", "StaffUser"]


class StaffUser(RegionBase):
    """One member of staff. `totp_last_step` is the newest accepted 30-second step: no code is accepted twice."""

    __tablename__ = "staff_user"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_secret: Mapped[bytes] = mapped_column(LargeBinary)
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    active: Mapped[bool]
    created_at: Mapped[datetime]


class StaffAssignment(RegionBase):
    """A role held from a date, by a decree. `entity` is an entity's code, or empty for the whole region."""

    __tablename__ = "staff_assignment"
    __table_args__ = (
        UniqueConstraint("staff_user_id", "role", "entity", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    staff_user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("staff_user.id"))
    role: Mapped[str] = mapped_column(String(40))
    entity: Mapped[str] = mapped_column(String(60))
    decree_number: Mapped[str] = mapped_column(String(100))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]


class StaffSession(RegionBase):
    """One sign-in. Without `second_factor_at` it opens nothing but the second factor's page."""

    __tablename__ = "staff_session"
    __table_args__ = (Index(None, "staff_user_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    staff_user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("staff_user.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    signed_in_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiToken(RegionBase):
    """A program's access. `public_id` is the part of the token that may be shown; the secret is kept as a hash."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
