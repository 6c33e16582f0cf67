"""What stands on accounts at the end of a day, as the closing journals take it.

For: the year's end (ledger.year_end), and consolidation, which looks at the same RK.
Not for: balances as people read them (ledger.balances).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ledger.balances import sums_by_account
from ledger.journals import Standing

__all__ = ["NOMINAL", "standing_below", "standing_on_codes", "standing_on_rk", "standing_on_role"]

# Belanja, pembiayaan and both kinds of revenue, and beban: emptied each year. 1, 2 and 3 carry.
NOMINAL = ("4", "5", "6", "7", "8")

_BY_COUNTERPART = """
SELECT p.book, n.code AS entity, a.code AS account, c.code AS counterpart, p.partner,
    sum(CASE p.side WHEN 'debit' THEN p.amount_sen ELSE -p.amount_sen END)::bigint AS net_sen
FROM posting p
JOIN account a ON a.id = p.account_id
JOIN entity n ON n.id = p.entity_id
LEFT JOIN entity c ON c.id = p.counterpart_entity_id
WHERE p.accounted_on <= :on_date AND p.account_id IN (SELECT x.id FROM account x WHERE {which})
GROUP BY p.book, n.code, a.code, c.code, p.partner
HAVING sum(CASE p.side WHEN 'debit' THEN p.amount_sen ELSE -p.amount_sen END) <> 0
ORDER BY a.code, n.code, c.code, p.partner
"""
_ON_RK = text(_BY_COUNTERPART.format(which="x.requires_counterpart"))
_ON_CODES = text(_BY_COUNTERPART.format(which="x.code = ANY(:codes)"))
_CODES_OF_ROLE = text(
    "SELECT DISTINCT r.account_code FROM account_role r WHERE r.role = :role AND r.valid_from <= :on_date"
)


def standing_below(session: Session, code: str, *, on: date) -> list[Standing]:
    """What stands on an account and all below it, per entity; nothing where the chart has no such account."""
    return [
        Standing(row.book, row.entity, row.account, row.debit - row.credit)
        for row in sums_by_account(session, since=None, on=on, known_at=None, account=code)
        if row.debit != row.credit
    ]


def standing_on_role(session: Session, role: str, *, on: date) -> list[Standing]:
    """What stands on every account that ever had a role until then, per entity."""
    codes = session.scalars(_CODES_OF_ROLE, {"role": role, "on_date": on}).all()
    return [each for code in sorted(codes) for each in standing_below(session, code, on=on)]


def standing_on_rk(session: Session, *, on: date) -> list[Standing]:
    """What stands on every RK, per entity and counterpart."""
    return [_standing(row) for row in session.execute(_ON_RK, {"on_date": on})]


def standing_on_codes(session: Session, codes: list[str], *, on: date) -> list[Standing]:
    """What stands on accounts, per entity, counterpart and partner."""
    return [_standing(row) for row in session.execute(_ON_CODES, {"on_date": on, "codes": codes})]


def _standing(row: Row[Any]) -> Standing:
    return Standing(row.book, row.entity, row.account, row.net_sen, row.counterpart, row.partner)
