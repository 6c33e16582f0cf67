"""Balances: what stands on accounts and roles as of an accounting date.

For: the treasury's balances per account, and what reconciliation asks of clearing and RKUD.
Not for: the entries behind them (ledger.pulling).

Sums are of committed postings plus those of the session's own unit of work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.errors import RoleNotMapped
from ledger.posting import CREDIT, DEBIT
from ledger.queries import ACCOUNT_AND_BELOW, ENTITY_ID
from ledger.roles import ROLES

__all__ = ["AccountBalance", "RoleMovement", "account_balances", "role_balance", "role_movements"]


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account of one entity: sums of both sides, and the balance on its normal side (negative: on the other)."""

    book: str
    entity: str
    account: str
    account_name: str
    normal_side: str
    debit: Money
    credit: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class RoleMovement:
    """What one accounting date brought to a role: sums of both sides, per partner (None: no partner named)."""

    accounted_on: date
    partner: str | None
    debit: Money
    credit: Money


_DEBIT = "coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'debit'), 0)::bigint AS debit"
_CREDIT = "coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'credit'), 0)::bigint AS credit"

# Accounts that postings of a role may stand on: those of the qualifier's own rows, and those of the fallback as far as
# it was in force, that is before the qualifier had a row of its own.
_ROLE_ACCOUNTS = """
    SELECT a.id FROM account a JOIN account_role r ON r.account_code = a.code
    WHERE r.role = :role AND r.valid_from <= :on_date AND (r.qualifier = :qualifier OR r.qualifier = '' AND NOT EXISTS (
        SELECT 1 FROM account_role o
        WHERE o.role = :role AND o.qualifier = :qualifier AND o.valid_from <= r.valid_from))
"""


def account_balances(
    session: Session,
    *,
    on: date | None = None,
    since: date | None = None,
    account: str | None = None,
    entity: str | None = None,
    book: str | None = None,
) -> list[AccountBalance]:
    """Every account that has postings, by book, entity and code; `account` stands for itself and all below it.

    `on` takes what is accounted until that date, `since` only what is accounted from that date (a year's movement).
    """
    narrowed = {
        "p.accounted_on <= :on_date": on,
        "p.accounted_on >= :since": since,
        f"p.account_id IN {ACCOUNT_AND_BELOW}": account,
        f"p.entity_id = {ENTITY_ID}": entity,
        "p.book = :book": book,
    }
    conditions = " AND ".join(["true", *(part for part, value in narrowed.items() if value is not None)])
    rows = session.execute(
        text(
            "SELECT g.book, n.code AS entity, a.code AS account,"  # noqa: S608 - fixed texts; values are bound
            " (array_agg(a.name ORDER BY a.valid_from DESC))[1] AS account_name, min(a.normal_side) AS normal_side,"
            " sum(g.debit)::bigint AS debit, sum(g.credit)::bigint AS credit"
            f" FROM (SELECT p.book, p.entity_id, p.account_id, {_DEBIT}, {_CREDIT} FROM posting p WHERE {conditions}"
            " GROUP BY p.book, p.entity_id, p.account_id) g"
            " JOIN account a ON a.id = g.account_id JOIN entity n ON n.id = g.entity_id"
            " GROUP BY g.book, n.code, a.code ORDER BY g.book, n.code, a.code"
        ),
        {"on_date": on, "since": since, "account": account, "entity": entity, "book": book},
    )
    return [
        AccountBalance(
            book=row.book,
            entity=row.entity,
            account=row.account,
            account_name=row.account_name,
            normal_side=row.normal_side,
            debit=Money(row.debit),
            credit=Money(row.credit),
            balance=_on_side(row.normal_side, row.debit, row.credit),
        )
        for row in rows
    ]


def role_balance(
    session: Session, role: str, qualifier: str = "", *, on: date, partner: str | None = None, entity: str | None = None
) -> Money:
    """The balance of a role's accounts on their normal side, of what is accounted until `on`.

    A role that is qualified by partner ("clearing") counts that partner's postings only, also where partners share the
    fallback account. Raises RoleNotMapped.
    """
    if partner is None and ROLES[role].qualified_by == "partner":
        partner = qualifier or None
    values = {"role": role, "qualifier": qualifier, "on_date": on, "partner": partner, "entity": entity}
    normal_side = _normal_side(session, values)
    narrowed = _partner_and_entity(partner, entity)
    row = session.execute(
        text(
            f"SELECT {_DEBIT}, {_CREDIT} FROM posting p"  # noqa: S608 - fixed texts; values are bound
            f" WHERE p.account_id IN ({_ROLE_ACCOUNTS}) AND p.accounted_on <= :on_date{narrowed}"
        ),
        values,
    ).one()
    return _on_side(normal_side, row.debit, row.credit)


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

    Narrowed to one partner as in `role_balance`. Raises RoleNotMapped.
    """
    if partner is None and ROLES[role].qualified_by == "partner":
        partner = qualifier or None
    values = {"role": role, "qualifier": qualifier, "on_date": accounted_to, "partner": partner}
    _normal_side(session, values)
    narrowed = _partner_and_entity(partner, None)
    rows = session.execute(
        text(
            f"SELECT p.accounted_on, p.partner, {_DEBIT}, {_CREDIT} FROM posting p"  # noqa: S608 - fixed texts
            f" WHERE p.account_id IN ({_ROLE_ACCOUNTS}) AND p.accounted_on BETWEEN :since AND :on_date{narrowed}"
            " GROUP BY p.accounted_on, p.partner ORDER BY p.accounted_on, p.partner NULLS FIRST"
        ),
        values | {"since": accounted_from},
    )
    return [RoleMovement(row.accounted_on, row.partner, Money(row.debit), Money(row.credit)) for row in rows]


def _normal_side(session: Session, values: dict[str, Any]) -> str:
    side: str | None = session.scalar(
        text(f"SELECT min(a.normal_side) FROM account a WHERE a.id IN ({_ROLE_ACCOUNTS})"),  # noqa: S608 - fixed text
        values,
    )
    if side is None:
        raise RoleNotMapped(field="role", role=values["role"], qualifier=values["qualifier"])
    return side


def _partner_and_entity(partner: str | None, entity: str | None) -> str:
    parts = "" if partner is None else " AND p.partner = :partner"
    if entity is not None:
        parts += f" AND p.entity_id = {ENTITY_ID}"
    return parts


def _on_side(normal_side: str, debit: int, credit: int) -> Money:
    return Money({DEBIT: debit - credit, CREDIT: credit - debit}[normal_side])
