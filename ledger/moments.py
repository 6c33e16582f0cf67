"""The moment that a reader pins: which entries are settled, the same ones whenever he comes back with it.

For: pages, streams, exports and sums that must all be of one moment (`Moment`; manifests name it as "snapshot").
Not for: past moments by the clock (`known_at`, see ledger.balances).

An entry is settled when its transaction is older than every transaction still running; none of those can be joined by
another later, so what is settled at a moment never changes. Entries that came with a dump from another server have
transaction numbers that mean nothing here; they are told by their ids, up to the one that `roll_balances` noted. Until
it has, a moment that would leave entries out is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.errors import LedgerMoved, SnapshotUnknown

__all__ = ["Moment", "take_moment"]

_SNAPSHOT = re.compile(r"([0-9]{1,19})-([0-9]{1,18})")
_NOW = text("""
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS upto_xact, coalesce((
        SELECT b.after_id FROM balance_position b, pg_control_system() c WHERE b.cluster = c.system_identifier
    ), 0) AS after_id, EXISTS (
        SELECT 1 FROM balance_position b, pg_control_system() c WHERE b.cluster <> c.system_identifier AND EXISTS (
            SELECT 1 FROM journal_entry e WHERE e.recorded_xact >= pg_snapshot_xmin(pg_current_snapshot()))
    ) AS unplaced
""")


@dataclass(frozen=True, slots=True)
class Moment:
    """Settled are entries of transactions below `upto_xact`, and those with ids up to `after_id` (came with a dump)."""

    upto_xact: int
    after_id: int

    @property
    def snapshot(self) -> str:
        """The text by which a reader comes back to this moment."""
        return f"{self.upto_xact}-{self.after_id}"

    @property
    def settled(self) -> str:
        """The condition over journal_entry e, in SQL of our own numbers."""
        native = f"e.recorded_xact < '{self.upto_xact}'"
        return f"({native} OR e.id <= {self.after_id})" if self.after_id else native

    @property
    def unsettled(self) -> str:
        """The opposite of `settled`, in the form that finds its rows by index."""
        return f"e.recorded_xact >= '{self.upto_xact}' AND e.id + 0 > {self.after_id}"

    @property
    def stretches(self) -> tuple[str, ...]:
        """`settled` in parts to be read one after the other, each in the order (recorded_xact, id)."""
        native = f"e.recorded_xact < '{self.upto_xact}'"
        if not self.after_id:
            return (native,)
        return (f"e.id <= {self.after_id}", f"{native} AND e.id > {self.after_id}")


def take_moment(session: Session, snapshot: str | None = None) -> Moment:
    """The newest moment, or the one that an earlier answer or manifest named.

    Raises SnapshotUnknown for a text that no answer gave, or of a server that the database has since left, and
    LedgerMoved while entries of a restored dump would look as if they were still being written.
    """
    now = session.execute(_NOW).one()
    if now.unplaced:
        raise LedgerMoved()
    newest = Moment(now.upto_xact, now.after_id)
    if snapshot is None:
        return newest
    match = _SNAPSHOT.fullmatch(snapshot)
    asked = Moment(int(match[1]), int(match[2])) if match else None
    if asked is None or asked.after_id != newest.after_id or asked.upto_xact > newest.upto_xact:
        raise SnapshotUnknown(field="snapshot", snapshot=snapshot)
    return asked
