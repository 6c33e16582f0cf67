"""Which opening balances stand, and when the others were undone.

For: taking over (ledger.opening), which begins an entity's books once, and for reversing entries and reopening months.
Not for: reading or posting balances (ledger.opening).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

__all__ = ["OPENING_KIND", "Opening", "find_opening_after", "list_openings", "lock_openings", "undoes_opening"]

OPENING_KIND = "opening_balance"

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('ledger.opening'), hashtext(current_schema()))")
# Each opening with the entries of its chain, itself first. `reverse_entry` ends a chain with the first reversal; who
# writes past it can reverse that one too.
_OPENINGS = text("""
WITH RECURSIVE chain AS (
    SELECT e.id AS opening_id, e.id, e.uid, e.accounted_on, 0 AS place
    FROM journal_entry e WHERE e.kind = :kind
    UNION ALL
    SELECT c.opening_id, r.id, r.uid, r.accounted_on, c.place + 1
    FROM chain c JOIN entry_reversal x ON x.entry_id = c.id JOIN journal_entry r ON r.id = x.reversal_id
)
SELECT e.key, array_agg(c.id ORDER BY c.place) AS ids, array_agg(c.uid ORDER BY c.place) AS uids,
    array_agg(CAST(c.accounted_on AS date) ORDER BY c.place) AS dates
FROM chain c JOIN journal_entry e ON e.id = c.opening_id GROUP BY e.id, e.key ORDER BY e.id
""")
_UNDOES = text("""
WITH RECURSIVE undone AS (
    SELECT x.entry_id FROM entry_reversal x WHERE x.reversal_id = :entry_id
    UNION
    SELECT x.entry_id FROM undone u JOIN entry_reversal x ON x.reversal_id = u.entry_id
)
SELECT EXISTS (SELECT 1 FROM undone u JOIN journal_entry e ON e.id = u.entry_id WHERE e.kind = :kind)
""")


@dataclass(frozen=True, slots=True)
class Opening:
    """An entry of opening balances with what undid it, what undid that, and so on, itself first."""

    key: str
    ids: tuple[int, ...]
    uids: tuple[UUID, ...]
    dates: tuple[date, ...]

    @property
    def stands(self) -> bool:
        """Whether its balances are in the books: it was not reversed, or the reversal was."""
        return len(self.ids) % 2 == 1

    def undone_after(self, day: date) -> tuple[date, UUID] | None:
        """The accounting date and uid of a reversal until which its balances are in the books after that day."""
        for place in range(1, len(self.dates), 2):
            begun, ended = self.dates[place - 1 : place + 1]
            if ended > max(begun, day):
                return ended, self.uids[place]
        return None


def lock_openings(session: Session) -> None:
    """Books begin and are undone one after the other, and no month before them is reopened meanwhile."""
    session.execute(_LOCK)


def find_opening_after(session: Session, month: date) -> Opening | None:
    """The first opening that stands and is accounted after the month that begins on that day, or None.

    Books begin with a month (ledger.opening.beginning).
    """
    after = [each for each in list_openings(session) if each.stands and each.dates[0] > month]
    return min(after, key=lambda each: each.dates[0], default=None)


def list_openings(session: Session) -> list[Opening]:
    """Every entry of opening balances, whether it stands or not, in the order of their ids."""
    rows = session.execute(_OPENINGS, {"kind": OPENING_KIND})
    return [Opening(row.key, tuple(row.ids), tuple(row.uids), tuple(row.dates)) for row in rows]


def undoes_opening(session: Session, entry_id: int) -> bool:
    """Whether an entry undoes an opening, or undoes what undid one, and so on; an opening itself does not."""
    return bool(session.scalar(_UNDOES, {"entry_id": entry_id, "kind": OPENING_KIND}))
