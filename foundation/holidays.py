"""The calendar of holidays of a region (national, collective leave, bank holidays), and working days.

For: moving a due date or a deposit term to the next working day.
Not for: opening hours or bank cut-offs. Weekends are Saturday and Sunday.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.tables import RegionBase

__all__ = ["Holiday", "next_working_day", "working_days_between"]


class Holiday(RegionBase):
    """One day on which offices and banks rest."""

    __tablename__ = "holiday"

    on_date: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    legal_basis: Mapped[str] = mapped_column(String(300))


def next_working_day(session: Session, after: date, *, days: int = 1) -> date:
    """The working day that is `days` working days after a date."""
    holidays = _holidays(session, after, after + timedelta(days=days * 4 + 30))
    day = after
    for _ in range(days):
        day += timedelta(days=1)
        while day.weekday() >= 5 or day in holidays:
            day += timedelta(days=1)
    return day


def working_days_between(session: Session, start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; 0 when end is not after start."""
    holidays = _holidays(session, start, end)
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(1 for day in days if day.weekday() < 5 and day not in holidays)


def _holidays(session: Session, start: date, end: date) -> set[date]:
    return set(session.scalars(select(Holiday.on_date).where(Holiday.on_date.between(start, end))))
