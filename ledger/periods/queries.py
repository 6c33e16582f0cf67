"""Asking about periods: the state of a month, all of them, and where a late item is accounted.

For: reading; a month is named by any of its days.
Not for: moving a month (ledger.periods.moving).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ledger.periods.models import AccountingPeriod

__all__ = [
    "Period",
    "accounting_date",
    "first_month",
    "first_of",
    "list_moved",
    "list_periods",
    "name_of",
    "period_of",
]

# Each step of the recursion is one look into the index, however many entries a month holds.
_MONTHS = text(
    "WITH RECURSIVE held AS ("
    " SELECT date_trunc('month', min(e.accounted_on)::timestamp)::date AS month FROM journal_entry e"
    " UNION ALL"
    " SELECT (SELECT date_trunc('month', min(e.accounted_on)::timestamp)::date FROM journal_entry e"
    " WHERE e.accounted_on >= h.month + interval '1 month')"
    " FROM held h WHERE h.month IS NOT NULL)"
    " SELECT h.month FROM held h WHERE h.month IS NOT NULL"
)
_FIRST = text(
    "SELECT date_trunc('month', least("
    "(SELECT min(a.valid_from) FROM account a), (SELECT min(e.accounted_on) FROM journal_entry e))::timestamp)::date"
)


@dataclass(frozen=True, slots=True)
class Period:
    """One month, named by its first day. Counts and SHA-256 of what it holds stand only while it is CLOSED."""

    month: date
    state: str
    reopenings: int = 0
    entry_count: int | None = None
    posting_count: int | None = None
    sha256: bytes | None = None

    @property
    def name(self) -> str:
        """The month as people write it to the machine: "2026-03"."""
        return name_of(self.month)


def name_of(month: date) -> str:
    """A month as people write it to the machine, always with four digits of the year."""
    return month.isoformat()[:7]


def first_of(day: date) -> date:
    """The first day of the month that a day is in."""
    return day.replace(day=1)


def first_month(session: Session) -> date | None:
    """The first month in which any account is valid, or any entry stands if that is earlier; None without a chart."""
    found: date | None = session.scalar(_FIRST)
    return found


def period_of(row: AccountingPeriod) -> Period:
    """What is told of a row."""
    return Period(row.month, row.state, row.reopenings, row.entry_count, row.posting_count, row.sha256)


def list_periods(session: Session) -> list[Period]:
    """Every month that holds entries or was ever moved, oldest first: twelve a year."""
    found = {month: Period(month, "OPEN") for month in session.scalars(_MONTHS)}
    found |= {each.month: each for each in list_moved(session)}
    return [found[month] for month in sorted(found)]


def list_moved(session: Session) -> list[Period]:
    """Every month that was ever moved, in no order. A row may also say no more than that nobody has moved its month."""
    rows = (period_of(row) for row in session.scalars(select(AccountingPeriod)))
    return [each for each in rows if each != Period(each.month, "OPEN")]


def accounting_date(session: Session, wanted: date, *, kind: str = "") -> date:
    """The date on which to account what belongs on `wanted`: that date, or the first of the next month that takes it.

    `kind` is the entry's: adjusting and closing kinds may go into a month that is being adjusted. The answer stays true
    until the unit of work ends. An entry that `may_be_late` asks by itself.
    """
    found: date = session.execute(
        text("SELECT ledger_open_date(:wanted, :kind)"), {"wanted": wanted, "kind": kind}
    ).scalar_one()
    return found
