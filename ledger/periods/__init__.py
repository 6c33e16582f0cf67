"""Accounting periods: a region's months, open, being adjusted or closed; and undoing what was posted, by posting more.

For: moving a month (`adjust_period`, `close_period`, `reopen_period`), the date on which a late item is accounted,
proving that a closed month still holds what it held, and reversing or correcting an entry.
Not for: closing a year's accounts (the closing journals), or hindering anybody who may post (foundation.identity).

Invariants, kept by the database against every writer (migrations/region/versions/0007_periods.py)
- A month that nobody has moved is OPEN. It goes OPEN → ADJUSTING → CLOSED, and back one step at a time by
  `reopen_period` alone, which gives a reason; the database counts the steps back.
- A move commits only together with its own row of state history, which gives a reason, and its own audit row, which
  says the same and what a closed month held.
- ADJUSTING takes entries of the kinds in `adjusting_kind` only, CLOSED takes none.
- Moving a month waits for the writers of that month and no others. An entry that began before the close is in the
  hash or is refused, and one that has not all its postings yet keeps its month from being closed.
- An entry is reversed once at most, and its reversal is its exact mirror. A reversal is an entry like any other.

What a closed month is held to, so that anybody can compute it from the entries
- A text per entry: a JSON array of uid, kind, key, occurred_at, accounted_on, recorded_at, description, source_kind,
  source_uid, actor, posting_count and the content hash in hex; then for each posting, by line number, a line break and
  a JSON array of line number, book, entity, account code, side, amount in sen, counterpart, partner, accounted_on.
- Arrays are written as `["a", 1, null]` (comma and blank), in UTF-8, escaping no more than JSON must; moments are UTC
  to the microsecond, `2026-03-09T04:05:06.000000Z`.
- SHA-256 of each text; of a day's hashes joined in order of uid; of the days' hashes joined in order of date.
"""

from ledger.periods.checking import PeriodCheck, check_periods
from ledger.periods.faults import PERIOD_FAULTS, PeriodFault
from ledger.periods.kinds import ADJUSTING_KINDS
from ledger.periods.moving import adjust_period, close_period, reopen_period
from ledger.periods.queries import Period, accounting_date, first_month, first_of, list_periods, name_of
from ledger.periods.reversing import (
    Correction,
    Reversal,
    correct_entry,
    find_reversal,
    find_source_kind,
    reverse_entry,
)
from ledger.periods.states import PERIOD_STATES
from ledger.periods.taken_over import OPENING_KIND, Opening, list_openings, lock_openings

__all__ = [
    "ADJUSTING_KINDS",
    "OPENING_KIND",
    "PERIOD_FAULTS",
    "PERIOD_STATES",
    "Correction",
    "Opening",
    "Period",
    "PeriodCheck",
    "PeriodFault",
    "Reversal",
    "accounting_date",
    "adjust_period",
    "check_periods",
    "close_period",
    "correct_entry",
    "find_reversal",
    "find_source_kind",
    "first_month",
    "first_of",
    "list_openings",
    "list_periods",
    "lock_openings",
    "name_of",
    "reopen_period",
    "reverse_entry",
]
