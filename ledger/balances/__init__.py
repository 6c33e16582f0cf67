"""Balances: what stands on accounts and roles as of an accounting date, and as it was known at a past moment.

For: balances per account, the trial balance, balances of roles; and the sums behind them, which a job keeps.
Not for: the entries behind them (ledger.pulling).

Two times
- `on` and `since` are accounting dates, both included.
- `known_at` takes the entries that were known at a moment: those whose recorded_at is not later, unless they were
  written behind a moment that was final already.

What was known when
- recorded_at is the moment that an act calls its own, by the clock of whoever posted; it is sealed with the entry. A
  slow act writes it long before it commits, and a wrong clock writes anything. So a moment becomes final by the order
  of transactions: `note_known` (the worker, all the time) notes a moment some seconds back, never ahead of the
  database's own clock, with the newest transaction number given out by then. When all transactions below that number
  have ended, the moment is final: of the entries in transactions below the number those recorded by then are what was
  known; what is in later transactions is not, whatever its recorded_at says.
- An entry that is in a later transaction and yet says it was recorded by then is late. It is noted (table late_entry)
  and counts as known from just after the newest moment that was final before it, on. So no answer about a final moment
  ever changes: not by an act that commits late, a wrong clock, a backdated row, or a restore on another server.
- About a moment that is not final yet the answer is that of now, and `final` of a trial balance and `known_until` say
  that it may change. A moment that has not come is refused (MomentAhead).
- Whoever has the entries and the rows of late_entry can compute every such answer without us: an entry is known at T
  when greatest(recorded_at, known_from) is not later than T.

How it is quick at any size
- No posting writes a balance. `roll_balances` adds what has settled (transactions older than every one that still
  runs) to sums per day, per five days and per month; readers add the postings of entries past it. Both are read in one
  snapshot, so a balance is exact at every moment, with whatever is committed and the unit of work's own postings.
- For past moments the same sums are kept in pieces of some thousands of entries, and of 4, 16 … times as many; a
  reader takes the largest that were known whole by then, and postings only of those that were halfway.
- Sums belong to the transaction numbers of one server. A dump restored on another is noticed; until two further
  `roll_balances` (the worker's next job) readers sum the postings themselves.

Invariants, kept by the database (migrations/region/versions/0009_balances.py, 0010_ledger_known.py)
- Only its function `ledger_roll` writes sums, and it reads them from postings: the application cannot state a balance.
  Only `ledger_note_known` says what is final; late_entry refuses every change.
- `check_rollup` and `list_wrong_sums` prove every sum, of days, parts, months and all history, from the postings.
"""

from ledger.balances.accounts import AccountBalance, TrialBalance, TrialBalanceLine, account_balances, trial_balance
from ledger.balances.checking import WrongSum, check_rollup, list_wrong_sums
from ledger.balances.knowing import KNOWN_AT, is_known_finally, known_until, note_known, refuse_ahead
from ledger.balances.roles import RoleMovement, role_balance, role_movements
from ledger.balances.rolling import BALANCES_LAG, balances_lag_behind, roll_balances
from ledger.balances.sums import AccountSums, on_side, sums_by_account

__all__ = [
    "BALANCES_LAG",
    "KNOWN_AT",
    "AccountBalance",
    "AccountSums",
    "RoleMovement",
    "TrialBalance",
    "TrialBalanceLine",
    "WrongSum",
    "account_balances",
    "balances_lag_behind",
    "check_rollup",
    "is_known_finally",
    "known_until",
    "list_wrong_sums",
    "note_known",
    "on_side",
    "refuse_ahead",
    "role_balance",
    "role_movements",
    "roll_balances",
    "sums_by_account",
    "trial_balance",
]
