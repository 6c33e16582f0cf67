"""The cut-off of 31 December: in which year the budget book recognises money that was on its way.

For: whoever posts row 4A for money that a partner took in one year and RKUD receives in the next.
Not for: the financial book, where Kas dalam Perjalanan simply stands on the balance sheet of 31 December.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from foundation.policies import get_policy
from ledger.periods import accounting_date

__all__ = ["OLD_YEAR_KIND", "budget_recognised_on"]

# The kind of an entry of row 4A that goes back to 31 December: it adjusts a December that takes nothing else.
OLD_YEAR_KIND = "budget_recognised_old_year"


def budget_recognised_on(session: Session, *, taken_accounted_on: date, credited_on: date) -> date:
    """The date on which to account row 4A: `credited_on`, or by policy 31 December of the year of row 4a.

    Both are accounting dates: that of the entry by which a partner took the money, and that of its credit to RKUD;
    neither need be the day on which it happened. The policy `ledger.cash_on_its_way_at_year_end` is asked as of that
    31 December. A December that is closed keeps what it holds.
    """
    if taken_accounted_on.year >= credited_on.year:
        return credited_on
    last_day = date(taken_accounted_on.year, 12, 31)
    if get_policy(session, "ledger.cash_on_its_way_at_year_end", on=last_day) != "old_year":
        return credited_on
    return last_day if accounting_date(session, last_day, kind=OLD_YEAR_KIND) == last_day else credited_on
