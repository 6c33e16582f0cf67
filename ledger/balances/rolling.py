"""Rolling up: bringing the kept sums nearer to the newest entries, behind the writers.

For: the worker's job and `lunas ledger roll`; it waits for nobody and nobody waits for it.
Not for: reading balances: they are right whether or when anything is rolled up, only slower when it is not. Nor for
proving the sums (ledger.balances.checking).
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

__all__ = ["BALANCES_LAG", "balances_lag_behind", "roll_balances"]

# So many entries a reader sums by himself in some milliseconds; fewer are not worth the writing.
BALANCES_LAG = 1000
_MOST_AT_ONCE = 50_000
_PIECE = 8192


def balances_lag_behind(session: Session) -> bool:
    """Whether enough entries wait to be worth a `roll_balances`, or the ledger came here from another server."""
    return bool(session.scalar(text("SELECT ledger_roll_waiting(:most)"), {"most": BALANCES_LAG}) == BALANCES_LAG)


def roll_balances(
    session: Session, *, least: int = BALANCES_LAG, most: int = _MOST_AT_ONCE, piece: int = _PIECE
) -> int:
    """Add the oldest entries that no sum holds yet, about `most` at once; returns how many there were.

    0 when there are fewer than `least`, or when another does it now. One call per unit of work, again until it gives
    0. Every `piece` entries become a piece of history, once it is final when they were known (`note_known`). Of a
    ledger that came from another server the first call notes what came along, which waits for its writers at most five
    seconds, and the second sums all of it.
    """
    rolled: int = session.execute(
        text("SELECT ledger_roll(:least, :most, :piece)"), {"least": least, "most": most, "piece": piece}
    ).scalar_one()
    return rolled
