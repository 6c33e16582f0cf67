"""Which codes still hold a balance that belongs on another code.

For: what `close_year` tells at a year's end, so that `carry_to_codes` can move it.
Not for: moving it (ledger.year_end.carrying).
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.queries import list_accounts
from ledger.standing import standing_below

__all__ = ["list_ending"]

# Codes that a carry emptied or that a role has had, and the codes that roles have.
_LEFT = text(
    "SELECT split_part(e.key, ':', 4) FROM journal_entry e"
    " WHERE e.accounted_on IN (SELECT make_date(y, 12, 31) FROM generate_series("
    "(SELECT extract(year FROM min(a.valid_from))::int FROM account a), :year) y)"
    " AND e.kind = 'carry_forward' AND e.key LIKE 'carry-forward:%:%:%'"
    " UNION SELECT r.account_code FROM account_role r WHERE r.valid_from <= :on_date"
)
_IN_USE = text(
    "SELECT DISTINCT ON (r.role, r.qualifier) r.account_code FROM account_role r WHERE r.valid_from <= :on_date"
    " ORDER BY r.role, r.qualifier, r.valid_from DESC"
)


def list_ending(session: Session, last_day: date) -> tuple[str, ...]:
    """Codes of the balance sheet that hold something at a year's end and should not.

    They take no postings on the next day, or a role has had them or their balance was once carried, and no role has
    them any more: it was not carried, or something came back.
    """
    next_day = last_day + timedelta(days=1)
    held = {each.account for code in ("1", "2", "3") for each in standing_below(session, code, on=last_day)}
    going_on: set[str] = set()
    after = ""
    while page := list_accounts(session, on=next_day, after=after, limit=1000):
        going_on.update(account.code for account in page)
        after = page[-1].code
    left = set(session.scalars(_LEFT, {"year": last_day.year, "on_date": next_day}))
    left -= set(session.scalars(_IN_USE, {"on_date": next_day}))
    return tuple(sorted(held - going_on | held & left))
