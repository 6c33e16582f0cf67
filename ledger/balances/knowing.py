"""What was known when: which moments are final, and which entries count as known at one.

For: `note_known`, which the worker calls again and again; `known_until`, which says whether an answer can still change;
`KNOWN_AT`, the condition that every reader "as known at" uses.
Not for: pinning the present for pages and exports (ledger.moments).

The definition is in the docstring of ledger.balances; the statements are in
migrations/region/versions/0010_ledger_known.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation import clock
from ledger.errors import MomentAhead

__all__ = ["KNOWN_AT", "is_known_finally", "known_until", "note_known", "refuse_ahead"]

# So much may lie between the moment that an act calls its own and its first writing without the entry being late.
_GRACE = timedelta(seconds=30)
_EVERY = timedelta(seconds=15)

# Over journal_entry e; binds :known_at. Whether the moment is final is asked once per statement.
KNOWN_AT = """(e.recorded_at <= :known_at
    AND NOT EXISTS (SELECT 1 FROM late_entry l WHERE l.entry_id = e.id AND l.known_from > :known_at)
    AND ((SELECT k.known_until IS NULL OR k.known_until < :known_at FROM known_position k)
        OR e.id <= (SELECT k.known_id FROM known_position k)
        AND (e.id <= (SELECT b.after_id FROM balance_position b)
            OR e.recorded_xact < (SELECT k.known_xact FROM known_position k))))"""


def note_known(
    session: Session, *, at: datetime, grace: timedelta = _GRACE, every: timedelta = _EVERY
) -> datetime | None:
    """Let answers become final until `grace` before `at`; returns until when they are now (None: never yet).

    It takes two calls: one notes the moment, a later one settles it when every act has ended that had begun by then.
    A moment less than `every` after the last is not noted. Waits for nobody. The first thing in its unit of work: what
    began after that began does not make it wait.
    """
    session.execute(
        text("SELECT ledger_note_known(CAST(:at AS timestamptz), CAST(:every AS interval))"),
        {"at": at - grace, "every": every},
    )
    return known_until(session)


def known_until(session: Session) -> datetime | None:
    """Answers as known at this moment and before are final; later ones may still change. None: all may."""
    found: datetime | None = session.scalar(text("SELECT k.known_until FROM known_position k"))
    return found


def is_known_finally(session: Session, known_at: datetime | None) -> bool:
    """Whether an answer as known at the moment can no longer change; True where no moment is named.

    Ask before the question itself, in the same unit of work: what becomes final in between does not change it.
    """
    if known_at is None:
        return True
    until = known_until(session)
    return until is not None and known_at <= until


def refuse_ahead(known_at: datetime | None) -> None:
    """Refuse a moment that has not come yet: nobody knows what will be known. Raises MomentAhead."""
    if known_at is not None and known_at > clock.now():
        raise MomentAhead(field="known_at", moment=known_at.isoformat())
