"""Balances and movements of roles: what reconciliation asks of clearing and RKUD.

For: the balance of a role's accounts on a date, and what each date brought to them.
Not for: balances per account (ledger.balances.accounts).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.balances.knowing import refuse_ahead
from ledger.balances.sums import on_side
from ledger.errors import AccountRoleUnknown, RoleNotMapped
from ledger.queries import ENTITY_ID
from ledger.roles import ROLES

__all__ = ["RoleMovement", "role_balance", "role_movements"]


@dataclass(frozen=True, slots=True)
class RoleMovement:
    """What one accounting date brought to a role: sums of both sides, per partner (None: no partner named)."""

    accounted_on: date
    partner: str | None
    debit: Money
    credit: Money


# Accounts that postings of a role may stand on: those of the qualifier's own rows, and those of the fallback as far as
# it was in force, that is before the qualifier had a row of its own.
_ROLE_ACCOUNTS = """
    SELECT a.id FROM account a JOIN account_role r ON r.account_code = a.code
    WHERE r.role = :role AND r.valid_from <= :on_date AND (r.qualifier = :qualifier OR r.qualifier = '' AND NOT EXISTS (
        SELECT 1 FROM account_role o
        WHERE o.role = :role AND o.qualifier = :qualifier AND o.valid_from <= r.valid_from))
"""


def role_balance(
    session: Session,
    role: str,
    qualifier: str = "",
    *,
    on: date,
    known_at: datetime | None = None,
    partner: str | None = None,
    entity: str | None = None,
) -> Money:
    """The balance of a role's accounts on the role's normal side (ledger.roles), of what is accounted until `on`.

    A role that is qualified by partner ("clearing") counts that partner's postings only, also where partners share the
    fallback account. `known_at` leaves out what was not known at that moment. Raises AccountRoleUnknown,
    RoleNotMapped, MomentAhead.
    """
    refuse_ahead(known_at)
    named = _partner_of(role, qualifier)
    partner = named if partner is None else partner
    values = {"role": role, "qualifier": qualifier, "on_date": on, "partner": partner, "entity": entity}
    _check_mapped(session, values)
    of_entity = "NULL" if entity is None else f"coalesce({ENTITY_ID}, 0)"
    of_partner = "" if partner is None else " WHERE s.partner = :partner"
    row = session.execute(
        text(
            "SELECT coalesce(sum(s.debit), 0)::bigint AS debit, coalesce(sum(s.credit), 0)::bigint AS credit"  # noqa: S608 - fixed texts; values are bound
            f" FROM ledger_sums(NULL, :on_date, :known_at, ARRAY({_ROLE_ACCOUNTS}), {of_entity}) s{of_partner}"
        ),
        values | {"known_at": known_at},
    ).one()
    return on_side(ROLES[role].normal_side, row.debit, row.credit)


def role_movements(
    session: Session,
    role: str,
    qualifier: str = "",
    *,
    accounted_from: date,
    accounted_to: date,
    partner: str | None = None,
) -> list[RoleMovement]:
    """What each accounting date (both ends included) brought to a role's accounts, per date and partner.

    Narrowed to one partner as in `role_balance`. Raises AccountRoleUnknown, RoleNotMapped.
    """
    named = _partner_of(role, qualifier)
    partner = named if partner is None else partner
    values = {"role": role, "qualifier": qualifier, "on_date": accounted_to, "partner": partner}
    _check_mapped(session, values)
    of_partner = "" if partner is None else " WHERE d.partner = :partner"
    rows = session.execute(
        text(
            "SELECT d.accounted_on, d.partner, sum(d.debit)::bigint AS debit, sum(d.credit)::bigint AS credit"  # noqa: S608 - fixed texts; values are bound
            f" FROM ledger_daily_sums(:since, :on_date, ARRAY({_ROLE_ACCOUNTS})) d{of_partner}"
            " GROUP BY d.accounted_on, d.partner ORDER BY d.accounted_on, d.partner NULLS FIRST"
        ),
        values | {"since": accounted_from},
    )
    return [RoleMovement(row.accounted_on, row.partner, Money(row.debit), Money(row.credit)) for row in rows]


def _partner_of(role: str, qualifier: str) -> str | None:
    """The partner that a qualifier names; None where it names a kind or nothing."""
    if role not in ROLES:
        raise AccountRoleUnknown(field="role", role=role)
    return qualifier or None if ROLES[role].qualified_by == "partner" else None


def _check_mapped(session: Session, values: dict[str, Any]) -> None:
    mapped = text(f"SELECT EXISTS ({_ROLE_ACCOUNTS})")
    if not session.scalar(mapped, values):
        raise RoleNotMapped(field="role", role=values["role"], qualifier=values["qualifier"])
