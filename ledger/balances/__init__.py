"""Balances: what stands on accounts and roles as of an accounting date, and as it was known at a past moment.

For: balances per account, the trial balance, balances of roles; and the sums behind them, which a job keeps.
Not for: the entries behind them (ledger.pulling).

Two times
- `on` and `since` are accounting dates, both included.
- `known_at` takes the entries whose recorded_at is not later. recorded_at is when the act that posted began, by the
  clock of whoever posted, and is sealed; so the answer about a moment is the same for ever, on every copy of the
  database, once all acts that began before it have ended. An act that was still running at the moment is counted from
  its commit on; clocks of several machines are trusted as they are.

How it is quick at any size
- No posting writes a balance. `roll_balances` adds what has settled (transactions older than every one that still
  runs) to sums per day, per five days and per month; readers add the postings of entries past it. Both are read in one
  snapshot, so a balance is exact at every moment, with whatever is committed and the unit of work's own postings.
- For past moments the same sums are kept in pieces of some thousands of entries, and of 16, 256 … times as many; a
  reader takes the largest that were recorded whole by then, and postings only of those that were halfway.
- Sums belong to the transaction numbers of one server. A dump restored on another is noticed; until two further
  `roll_balances` readers sum the postings themselves.

Invariants, kept by the database (migrations/region/versions/0009_balances.py)
- Only its function `ledger_roll` writes sums, and it reads them from postings: the application cannot state a balance.
- `check_rollup` proves all sums from their postings.
"""

from ledger.balances.accounts import AccountBalance, TrialBalance, TrialBalanceLine, account_balances, trial_balance
from ledger.balances.roles import RoleMovement, role_balance, role_movements
from ledger.balances.rolling import BALANCES_LAG, balances_lag_behind, check_rollup, roll_balances

__all__ = [
    "BALANCES_LAG",
    "AccountBalance",
    "RoleMovement",
    "TrialBalance",
    "TrialBalanceLine",
    "account_balances",
    "balances_lag_behind",
    "check_rollup",
    "role_balance",
    "role_movements",
    "roll_balances",
    "trial_balance",
]
