"""Look-ups in the chart: entities, accounts, and the account that a role has on a date.

For: asking by code or role, without writing.
Not for: entries (ledger.pulling), balances (ledger.balances) or loading a chart (ledger.chart).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from ledger.errors import AccountTakesNoPostings, EntityUnknown, PpkdMissing, RoleNotMapped
from ledger.models import Account, AccountRole, Entity

__all__ = [
    "ACCOUNT_AND_BELOW",
    "ENTITY_ID",
    "find_account",
    "find_account_of_role",
    "get_entity",
    "get_ppkd",
    "list_accounts",
    "resolve_account",
]

# Fixed pieces of SQL that narrow postings; they bind :account and :entity, which are codes.
ACCOUNT_AND_BELOW = "(SELECT x.id FROM account x WHERE x.code = :account OR starts_with(x.code, :account || '.'))"
ENTITY_ID = "(SELECT x.id FROM entity x WHERE x.code = :entity)"


def get_entity(session: Session, code: str) -> Entity:
    """The entity with this code. Raises EntityUnknown."""
    entity = session.scalar(select(Entity).where(Entity.code == code))
    if entity is None:
        raise EntityUnknown(field="entity", entity=code)
    return entity


def get_ppkd(session: Session) -> Entity:
    """The region's PPKD/BUD. Raises PpkdMissing before a chart was loaded."""
    entity = session.scalar(select(Entity).where(Entity.kind == "PPKD"))
    if entity is None:
        raise PpkdMissing
    return entity


def list_accounts(session: Session, *, on: date, prefix: str = "", after: str = "", limit: int = 200) -> list[Account]:
    """Accounts in force on a date by code, from the first whose code is greater than `after`; at most `limit`."""
    newer = aliased(Account)
    superseded = exists().where(
        newer.code == Account.code, newer.valid_from > Account.valid_from, newer.valid_from <= on
    )
    return list(
        session.scalars(
            select(Account)
            .where(Account.valid_from <= on, or_(Account.valid_to.is_(None), Account.valid_to >= on), ~superseded)
            .where(Account.code > after, Account.code.startswith(prefix, autoescape=True))
            .order_by(Account.code)
            .limit(limit)
        )
    )


def find_account(session: Session, code: str, *, on: date) -> Account | None:
    """The row of this code in force on a date, or None."""
    row = session.scalar(
        select(Account)
        .where(Account.code == code, Account.valid_from <= on)
        .order_by(Account.valid_from.desc())
        .limit(1)
    )
    return None if row is None or (row.valid_to is not None and row.valid_to < on) else row


def find_account_of_role(session: Session, role: str, qualifier: str, *, on: date) -> Account | None:
    """The account that `ledger_post` would choose for a role on a date, or None."""
    code = _code_of_role(session, role, qualifier, on)
    return None if code is None else find_account(session, code, on=on)


def resolve_account(session: Session, role: str, qualifier: str, on: date) -> Account:
    """The account of a role on a date; the qualifier's own row goes before the fallback "".

    Raises RoleNotMapped, or AccountTakesNoPostings when the mapped account is not valid on the date.
    """
    code = _code_of_role(session, role, qualifier, on)
    if code is None:
        raise RoleNotMapped(field="role", role=role, qualifier=qualifier)
    account = find_account(session, code, on=on)
    if account is None:
        raise AccountTakesNoPostings(field="role", account=code)
    return account


def _code_of_role(session: Session, role: str, qualifier: str, on: date) -> str | None:
    return session.scalar(
        select(AccountRole.account_code)
        .where(AccountRole.role == role, AccountRole.qualifier.in_([qualifier, ""]), AccountRole.valid_from <= on)
        .order_by(AccountRole.qualifier.desc(), AccountRole.valid_from.desc())
        .limit(1)
    )
