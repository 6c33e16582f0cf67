"""Signing in, in two steps, and the session that follows.

For: the sign-in pages. The edge calls each function in a unit of work of its own, in this order:
`count_sign_in`, `try_password`, then `count_second_factor`, `try_second_factor`.
Not for: cookies (app/web/staff.py) or API tokens.

A refusal is recorded, so `try_…` returns None instead of raising: raising would undo the record.
A session ends after 30 minutes without a request, after 10 hours, or when it is revoked. One that still waits for its
second factor ends after 10 minutes and opens nothing else; the second factor gives it a new secret.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.identity.models import StaffAssignment, StaffSession, StaffUser
from foundation.identity.passwords import hash_password, needs_new_hash, password_fits
from foundation.identity.roles import permissions_of
from foundation.identity.second_factor import find_step, open_secret
from foundation.identity.users import get_user
from foundation.ids import new_uid
from foundation.limits import count_and_check

__all__ = [
    "StaffIdentity",
    "count_second_factor",
    "count_sign_in",
    "find_session",
    "revoke_sessions",
    "sign_out",
    "try_password",
    "try_second_factor",
]

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
WAITING_FOR_SECOND_FACTOR = timedelta(minutes=10)
# An hour-long guess at one password, or at one code, must stay hopeless; a whole office may share one address.
SIGN_INS_PER_USER = 10
SIGN_INS_PER_ADDRESS = 60
CODES_PER_USER = 6
WINDOW_SECONDS = 15 * 60
# Writing the time of every request would make every page a write.
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StaffIdentity:
    """Who has signed in, and what they may do today. Without a second factor the permissions are empty."""

    user_uid: UUID
    username: str
    name: str
    session_uid: UUID
    second_factor: bool
    roles: tuple[str, ...]
    permissions: frozenset[str]

    @property
    def actor(self) -> str:
        """How audit rows name this person."""
        return f"user:{self.username}"


def count_sign_in(session: Session, username: str, *, address: str, at: datetime) -> None:
    """Count an attempt for the user and for the address. Raises TooManyAttempts."""
    name = username.strip().lower()[:60]
    count_and_check(
        session, f"sign-in:address:{address}", limit=SIGN_INS_PER_ADDRESS, window_seconds=WINDOW_SECONDS, at=at
    )
    count_and_check(session, f"sign-in:user:{name}", limit=SIGN_INS_PER_USER, window_seconds=WINDOW_SECONDS, at=at)


def try_password(session: Session, username: str, password: str, *, at: datetime) -> str | None:
    """The secret of a new session that waits for its second factor, or None when name and password do not fit."""
    name = username.strip().lower()
    user = session.scalar(select(StaffUser).where(StaffUser.username == name, StaffUser.active))
    if not password_fits(password, user.password_hash if user else None) or user is None:
        # A wrong name may be a password typed into the wrong field, so it is not kept.
        uid = user.uid if user else None
        record_act(session, actor="anonymous", action="sign_in.refused", thing="user", thing_uid=uid, details={}, at=at)
        return None
    if needs_new_hash(user.password_hash):
        user.password_hash = hash_password(password)
    secret = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            uid=new_uid(),
            staff_user_id=user.id,
            token_hash=_hash(secret),
            signed_in_at=at,
            last_seen_at=at,
            expires_at=at + WAITING_FOR_SECOND_FACTOR,
        )
    )
    return secret


def count_second_factor(session: Session, secret: str, *, at: datetime) -> None:
    """Count an attempt at the second factor for the session's user. Raises TooManyAttempts."""
    found = _find_live(session, secret, at=at)
    if found is not None:
        bucket = f"second-factor:user:{found[1].username}"
        count_and_check(session, bucket, limit=CODES_PER_USER, window_seconds=WINDOW_SECONDS, at=at)


def try_second_factor(session: Session, secret: str, code: str, *, at: datetime) -> str | None:
    """The new secret of the now full session, or None when the code is wrong or was used before."""
    found = _find_live(session, secret, at=at, lock=True)
    if found is None or found[0].second_factor_at is not None:
        return None
    row, user = found
    step = find_step(open_secret(user.totp_secret, user.uid), code, at=at, after=user.totp_last_step)
    if step is None:
        record_act(
            session,
            actor=f"user:{user.username}",
            action="second_factor.refused",
            thing="user",
            thing_uid=user.uid,
            details={},
            at=at,
        )
        return None
    user.totp_last_step = step
    fresh = secrets.token_urlsafe(32)
    row.token_hash = _hash(fresh)
    row.second_factor_at = row.last_seen_at = at
    row.expires_at = at + ABSOLUTE
    record_act(
        session,
        actor=f"user:{user.username}",
        action="signed_in",
        thing="session",
        thing_uid=row.uid,
        details={},
        at=at,
    )
    return fresh


def find_session(session: Session, secret: str, *, at: datetime, on: date) -> StaffIdentity | None:
    """Who holds this secret, with what their assignments allow on the region's date; None when the session is over."""
    found = _find_live(session, secret, at=at)
    if found is None:
        return None
    row, user = found
    if at - row.last_seen_at >= _SEEN_EVERY:
        row.last_seen_at = at
    roles = tuple(
        session.scalars(
            select(StaffAssignment.role)
            .where(
                StaffAssignment.staff_user_id == user.id,
                StaffAssignment.valid_from <= on,
                or_(StaffAssignment.valid_to.is_(None), StaffAssignment.valid_to >= on),
            )
            .distinct()
            .order_by(StaffAssignment.role)
        )
    )
    full = row.second_factor_at is not None
    return StaffIdentity(
        user_uid=user.uid,
        username=user.username,
        name=user.name,
        session_uid=row.uid,
        second_factor=full,
        roles=roles,
        permissions=permissions_of(roles) if full else frozenset(),
    )


def sign_out(session: Session, secret: str, *, at: datetime) -> None:
    """End the session of this secret; nothing happens when there is none."""
    found = _find_live(session, secret, at=at)
    if found is not None:
        found[0].revoked_at = at
        actor = f"user:{found[1].username}"
        record_act(
            session, actor=actor, action="signed_out", thing="session", thing_uid=found[0].uid, details={}, at=at
        )


def revoke_sessions(session: Session, username: str, *, by: str, at: datetime) -> int:
    """End every session of a user; returns how many were alive. Raises UserUnknown."""
    user = get_user(session, username)
    revoked = session.execute(
        update(StaffSession)
        .where(StaffSession.staff_user_id == user.id, StaffSession.revoked_at.is_(None), StaffSession.expires_at > at)
        .values(revoked_at=at)
        .returning(StaffSession.id)
    ).all()
    details = {"sessions": len(revoked)}
    record_act(session, actor=by, action="sessions.revoked", thing="user", thing_uid=user.uid, details=details, at=at)
    return len(revoked)


def _find_live(
    session: Session, secret: str, *, at: datetime, lock: bool = False
) -> tuple[StaffSession, StaffUser] | None:
    query = (
        select(StaffSession, StaffUser)
        .join(StaffUser, StaffUser.id == StaffSession.staff_user_id)
        .where(
            StaffSession.token_hash == _hash(secret),
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > at,
            StaffSession.last_seen_at > at - IDLE,
            StaffUser.active,
        )
    )
    found = session.execute(query.with_for_update() if lock else query).first()
    return None if found is None else (found[0], found[1])


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
