"""Moving months, for the tests of the ledger.

For: closing and reopening March 2026, in which the other drafts are accounted, in one line.
Not for: other packages' tests.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from foundation.db import unit_of_work
from ledger import Period, adjust_period, close_period, list_periods, reopen_period

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
TODAY = date(2026, 6, 2)
LATER = datetime(2026, 6, 2, 1, 2, 3, tzinfo=UTC)
BY = "user:kuasa.bud"


def adjust(region: str, month: date = MARCH) -> Period:
    with unit_of_work(region) as session:
        return adjust_period(session, month, today=TODAY, by=BY, at=LATER)


def close(region: str, month: date = MARCH) -> Period:
    adjust(region, month)
    with unit_of_work(region) as session:
        return close_period(session, month, by=BY, at=LATER)


def reopen(region: str, month: date = MARCH, *, reason: str = "Koreksi pemeriksaan BPK") -> Period:
    with unit_of_work(region) as session:
        return reopen_period(session, month, reason=reason, by=BY, at=LATER)


def seen(region: str, month: date = MARCH) -> Period:
    """The month as the list tells it; OPEN where it is not in it, since nothing was posted or moved there."""
    with unit_of_work(region) as session:
        return next((each for each in list_periods(session) if each.month == month), Period(month, "OPEN"))
