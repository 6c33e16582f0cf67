"""Moving a month: into adjustment, closed, and back.

For: the three acts of a person; each records the move, writes an audit row and changes nothing else.
Not for: what a move is allowed to be, or the hash of a closed month: the database sees to both, and at commit refuses
(`ledger_period_recorded`) a move whose state history with a reason and audit row are not of the same transaction.

Which months there are to adjust: from the first in which any account of the chart is valid, or any entry stands if
that is earlier, to the last that is over. No earlier month can hold an entry; a later one still takes what happens.

A month is moved alone: the act waits up to three seconds for those who are writing into that month.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.states import move
from ledger.errors import (
    PeriodBusy,
    PeriodNotOver,
    PeriodTakenOver,
    PeriodTooEarly,
    PpkdMissing,
    ReasonInvalid,
)
from ledger.periods.models import AccountingPeriod
from ledger.periods.queries import Period, first_month, first_of, name_of, period_of
from ledger.periods.states import PERIOD_STATES
from ledger.periods.taken_over import find_opening_after, lock_openings
from ledger.waiting import wait_for

__all__ = ["adjust_period", "check_reason", "close_period", "reopen_period"]

LONGEST_REASON = 300
# Why a month goes forward, where nobody is asked for a reason.
_OVER, _ADJUSTED = "Bulan telah berakhir", "Penyesuaian telah selesai"
_LOCK = text("SELECT ledger_lock_period(:month)")


def adjust_period(session: Session, month: date, *, today: date, by: str, at: datetime) -> Period:
    """Let an open month take adjusting and closing entries only. `today` is the business date in the region's zone.

    Raises PeriodNotOver for the month that runs and all after it, PeriodTooEarly before the first month in which an
    account is valid or an entry stands, PpkdMissing while there is no chart, MoveRefused when it is not open, or
    PeriodBusy.
    """
    if first_of(today) <= first_of(month):
        raise PeriodNotOver(field="month", month=name_of(month))
    first = first_month(session)
    if first is None:
        raise PpkdMissing
    if first_of(month) < first:
        raise PeriodTooEarly(field="month", month=name_of(month), first=name_of(first))
    return _move(session, month, "adjusting_began", by=by, why=_OVER, at=at)


def close_period(session: Session, month: date, *, by: str, at: datetime) -> Period:
    """Close a month that has been adjusted, with the counts and the SHA-256 of what it holds.

    Raises MoveRefused when it is open or closed, or PeriodBusy.
    """
    return _move(session, month, "closed", by=by, why=_ADJUSTED, at=at)


def reopen_period(session: Session, month: date, *, reason: str, by: str, at: datetime) -> Period:
    """Take a month one step back: from CLOSED to ADJUSTING, from ADJUSTING to OPEN. Counted for good.

    Raises ReasonInvalid without a reason of 1 to 300 characters, PeriodTakenOver while an opening of books stands that
    is accounted after the month, MoveRefused when it is open, or PeriodBusy.
    """
    why = check_reason(reason)
    lock_openings(session)
    opening = find_opening_after(session, first_of(month))
    if opening is not None:
        raise PeriodTakenOver(field="month", month=name_of(month), cut_over=opening.dates[0], uid=opening.uids[0])
    return _move(session, month, "reopened", by=by, why=why, at=at)


def check_reason(reason: str) -> str:
    """The reason without blanks around it. Raises ReasonInvalid."""
    stripped = reason.strip()
    if not stripped or len(stripped) > LONGEST_REASON or "\x00" in stripped:
        raise ReasonInvalid(field="reason", longest=LONGEST_REASON)
    return stripped


def _move(session: Session, month: date, event: str, *, by: str, why: str, at: datetime) -> Period:
    row = _take(session, first_of(month))
    before = period_of(row)
    move(session, PERIOD_STATES, row, event, by=by, why=why, at=at)
    session.refresh(row)
    after = period_of(row)
    details: dict[str, Any] = {"from": before.state, "to": after.state, "reopenings": after.reopenings}
    details |= {"reason": why} if event == "reopened" else {}
    closed = after if after.state == "CLOSED" else before
    if closed.sha256 is not None:
        details |= {"entries": closed.entry_count, "postings": closed.posting_count, "sha256": closed.sha256.hex()}
    record_act(
        session, actor=by, action=f"period.{event}", thing="accounting_period", thing_uid=after.name,
        details=details, at=at,
    )  # fmt: skip
    return after


def _take(session: Session, month: date) -> AccountingPeriod:
    """The month's row, made if it is the first time, held alone until the unit of work ends."""
    wait_for(session, _LOCK, {"month": month}, refusal=PeriodBusy(field="month", month=name_of(month)))
    session.execute(insert(AccountingPeriod).values(month=month, state="OPEN").on_conflict_do_nothing())
    return session.scalars(
        select(AccountingPeriod)
        .where(AccountingPeriod.month == month)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
