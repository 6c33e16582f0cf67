"""API tokens: a program's access, with the permissions it was given and an end.

For: `lunas token` and routes that take "Authorization: Bearer lunas_<region>_<id>_<secret>".
Not for: banks; their access tokens live an hour and belong to payments.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.identity.errors import TokenInvalid, TokenNameTaken, TokenUnknown
from foundation.identity.models import ApiToken
from foundation.identity.roles import check_permissions
from foundation.ids import new_uid

__all__ = ["TokenIdentity", "authenticate_token", "create_token", "list_tokens", "revoke_token"]

LONGEST_DAYS = 1_100
_SHAPE = re.compile(r"lunas_([0-9]{2}(?:[0-9]{2})?)_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class TokenIdentity:
    """Which token asks, and what it may do."""

    name: str
    permissions: frozenset[str]

    @property
    def actor(self) -> str:
        """How audit rows name this program."""
        return f"token:{self.name}"


def create_token(
    session: Session, name: str, *, region: str, permissions: tuple[str, ...], days: int, by: str, at: datetime
) -> str:
    """Make a token and return it; it cannot be shown again.

    Raises TokenInvalid (name, permission, days), PermissionUnknown or TokenNameTaken.
    """
    if not 3 <= len(name.strip()) <= 60:
        raise TokenInvalid(field="name")
    if not permissions:
        raise TokenInvalid(field="permission")
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenInvalid(field="days")
    check_permissions(permissions)
    if session.scalar(select(ApiToken.id).where(ApiToken.name == name.strip())) is not None:
        raise TokenNameTaken(field="name", name=name.strip())
    public_id = secrets.token_hex(6)
    secret = secrets.token_urlsafe(32)
    token = ApiToken(
        uid=new_uid(),
        public_id=public_id,
        name=name.strip(),
        secret_hash=_hash(secret),
        permissions=sorted(set(permissions)),
        created_by=by,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    details = {"name": token.name, "permissions": token.permissions, "days": days}
    record_act(session, actor=by, action="token.created", thing="token", thing_uid=token.uid, details=details, at=at)
    return f"lunas_{region}_{public_id}_{secret}"


def authenticate_token(session: Session, text: str, *, region: str, at: datetime) -> TokenIdentity | None:
    """The token's name and permissions, or None when it is not in force in this region."""
    shape = _SHAPE.fullmatch(text)
    if shape is None or shape[1] != region:
        return None
    token = session.scalar(select(ApiToken).where(ApiToken.public_id == shape[2]))
    fits = hmac.compare_digest(_hash(shape[3]), token.secret_hash if token else bytes(32))
    if token is None or not fits or token.revoked_at is not None or token.expires_at <= at:
        return None
    return TokenIdentity(token.name, frozenset(token.permissions))


def revoke_token(session: Session, name: str, *, by: str, at: datetime) -> None:
    """End a token now; doing it twice changes nothing. Raises TokenUnknown."""
    token = session.scalar(select(ApiToken).where(ApiToken.name == name.strip()).with_for_update())
    if token is None:
        raise TokenUnknown(field="name", name=name.strip())
    if token.revoked_at is None:
        token.revoked_at = at
        details = {"name": token.name}
        record_act(
            session, actor=by, action="token.revoked", thing="token", thing_uid=token.uid, details=details, at=at
        )


def list_tokens(session: Session) -> list[ApiToken]:
    """All tokens by name, revoked ones too; they are few."""
    return list(session.scalars(select(ApiToken).order_by(ApiToken.name)))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
