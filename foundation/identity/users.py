"""Making staff, giving them roles by decree, and giving them new credentials.

For: the keeper of users (`lunas user`). Every act writes an audit row.
Not for: signing in (foundation.identity.signing_in).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.identity.errors import (
    AssignmentInvalid,
    AssignmentOverlaps,
    UsernameInvalid,
    UsernameTaken,
    UserUnknown,
)
from foundation.identity.models import StaffAssignment, StaffUser
from foundation.identity.passwords import check_strength, hash_password, new_password
from foundation.identity.roles import check_role
from foundation.identity.second_factor import enrolment_address, new_secret, seal_secret
from foundation.ids import new_uid

__all__ = [
    "NewCredentials",
    "assign_role",
    "create_user",
    "end_assignment",
    "get_user",
    "list_assignments",
    "list_users",
    "renew_credentials",
    "set_active",
]


@dataclass(frozen=True, slots=True)
class NewCredentials:
    """What a user is handed once and what cannot be shown again. It has no repr, so that no log keeps it."""

    user_uid: UUID
    username: str
    password: str
    totp_secret: str
    totp_uri: str

    def __repr__(self) -> str:
        return f"NewCredentials(username={self.username!r})"


def create_user(
    session: Session, username: str, *, name: str, issuer: str, by: str, at: datetime, password: str | None = None
) -> NewCredentials:
    """Make a user without any role; without a password a random one is made.

    `issuer` is what the authenticator app shows, e.g. "Lunas Kabupaten Blora". Raises UsernameInvalid, UsernameTaken
    or PasswordTooWeak.
    """
    if not re.fullmatch(r"[a-z][a-z0-9.-]{2,39}", username):
        raise UsernameInvalid(field="username", username=username)
    if not 1 <= len(name.strip()) <= 100:
        raise UsernameInvalid(field="name", username=name)
    if session.scalar(select(StaffUser.id).where(StaffUser.username == username)) is not None:
        raise UsernameTaken(field="username", username=username)
    user = StaffUser(uid=new_uid(), username=username, name=name.strip(), active=True, created_at=at)
    credentials = _give_credentials(user, password, issuer)
    session.add(user)
    session.flush()
    record_act(session, actor=by, action="user.created", thing="user", thing_uid=user.uid, details={}, at=at)
    return credentials


def renew_credentials(
    session: Session, username: str, *, issuer: str, by: str, at: datetime, password: str | None = None
) -> NewCredentials:
    """A new password and a new second factor, e.g. when a phone is lost; the caller also revokes the sessions.

    Raises UserUnknown or PasswordTooWeak.
    """
    user = get_user(session, username)
    credentials = _give_credentials(user, password, issuer)
    record_act(
        session, actor=by, action="user.credentials_renewed", thing="user", thing_uid=user.uid, details={}, at=at
    )
    return credentials


def set_active(session: Session, username: str, *, active: bool, by: str, at: datetime) -> None:
    """Block a user or let them in again. Raises UserUnknown."""
    user = get_user(session, username)
    user.active = active
    action = "user.unblocked" if active else "user.blocked"
    record_act(session, actor=by, action=action, thing="user", thing_uid=user.uid, details={}, at=at)


def assign_role(
    session: Session,
    username: str,
    role: str,
    *,
    decree_number: str,
    valid_from: date,
    valid_to: date | None = None,
    entity: str = "",
    by: str,
    at: datetime,
) -> UUID:
    """Let a user hold a role from a date (to a date, both included) for one entity or, empty, the whole region.

    Returns the assignment's uid. Raises UserUnknown, RoleUnknown, AssignmentInvalid or AssignmentOverlaps.
    """
    check_role(role)
    user = get_user(session, username)
    if not 1 <= len(decree_number.strip()) <= 100:
        raise AssignmentInvalid(field="decree_number")
    if valid_to is not None and valid_to < valid_from:
        raise AssignmentInvalid(field="valid_to")
    # The row lock keeps two clerks from giving the same role twice at once.
    session.refresh(user, with_for_update=True)
    overlapping = select(StaffAssignment.id).where(
        StaffAssignment.staff_user_id == user.id,
        StaffAssignment.role == role,
        StaffAssignment.entity == entity,
        or_(StaffAssignment.valid_to.is_(None), StaffAssignment.valid_to >= valid_from),
    )
    if valid_to is not None:
        overlapping = overlapping.where(StaffAssignment.valid_from <= valid_to)
    if session.scalar(overlapping.limit(1)) is not None:
        raise AssignmentOverlaps(username=username, role=role)
    assignment = StaffAssignment(
        uid=new_uid(),
        staff_user_id=user.id,
        role=role,
        entity=entity,
        decree_number=decree_number.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
        created_by=by,
        created_at=at,
    )
    session.add(assignment)
    session.flush()
    details = {"username": username, "role": role, "entity": entity, "decree_number": decree_number.strip()}
    record_act(
        session, actor=by, action="role.assigned", thing="assignment", thing_uid=assignment.uid, details=details, at=at
    )
    return assignment.uid


def end_assignment(session: Session, username: str, role: str, *, last_day: date, by: str, at: datetime) -> int:
    """End every open assignment of a role on its last day; returns how many.

    Raises RoleUnknown, UserUnknown or AssignmentInvalid.
    """
    check_role(role)
    user = get_user(session, username)
    open_ones = session.scalars(
        select(StaffAssignment)
        .where(
            StaffAssignment.staff_user_id == user.id,
            StaffAssignment.role == role,
            or_(StaffAssignment.valid_to.is_(None), StaffAssignment.valid_to > last_day),
        )
        .with_for_update()
    ).all()
    if any(last_day < assignment.valid_from for assignment in open_ones):
        raise AssignmentInvalid(field="last_day")
    for assignment in open_ones:
        assignment.valid_to = last_day
        details = {"username": username, "role": role, "last_day": last_day.isoformat()}
        record_act(
            session,
            actor=by,
            action="role.ended",
            thing="assignment",
            thing_uid=assignment.uid,
            details=details,
            at=at,
        )
    return len(open_ones)


def list_users(session: Session, *, after: str = "", limit: int = 200) -> list[StaffUser]:
    """Users by name, those after a name; for pages and the command line."""
    query = select(StaffUser).where(StaffUser.username > after).order_by(StaffUser.username).limit(limit)
    return list(session.scalars(query))


def list_assignments(session: Session, username: str) -> list[StaffAssignment]:
    """All assignments of a user, oldest first; they are few. Raises UserUnknown."""
    user = get_user(session, username)
    query = select(StaffAssignment).where(StaffAssignment.staff_user_id == user.id)
    return list(session.scalars(query.order_by(StaffAssignment.valid_from, StaffAssignment.id)))


def get_user(session: Session, username: str) -> StaffUser:
    """The user of this name. Raises UserUnknown."""
    user = session.scalar(select(StaffUser).where(StaffUser.username == username))
    if user is None:
        raise UserUnknown(field="username", username=username)
    return user


def _give_credentials(user: StaffUser, password: str | None, issuer: str) -> NewCredentials:
    chosen = new_password() if password is None else password
    check_strength(chosen, username=user.username)
    secret = new_secret()
    user.password_hash = hash_password(chosen)
    user.totp_secret = seal_secret(secret, user.uid)
    user.totp_last_step = None
    address = enrolment_address(secret, username=user.username, issuer=issuer)
    return NewCredentials(user.uid, user.username, chosen, secret, address)
