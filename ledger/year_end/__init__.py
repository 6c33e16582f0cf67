"""The end of a year: closing its accounts, and carrying what stands forward.

For: `close_year` (row 28 of the standard journals), `carry_to_codes` for a new year's chart, and the date on which the
budget book recognises money that was on its way on 31 December.
Not for: closing months (ledger.periods), or the journals before closing, such as allowances and accruals
(ledger.journals), which are posted while December is being adjusted.

How a year ends
1. Its months are closed, December is being adjusted; the adjusting journals are posted.
2. `close_year`: 7 and 8 go to Surplus-LO and on to Ekuitas; 4, 5 and 6 to Surplus-LRA; the DPA is reversed; RK are
   carried or closed by policy. It closes what stands, so it may be run again after a further adjustment.
3. Where the new year's chart has other codes: they are loaded valid from 31 December, and `carry_to_codes` moves what
   stands on the old ones. All other balance sheet accounts carry by nature: nothing empties them.
4. December is closed.

Policies (foundation.policies), as of 31 December: `ledger.surplus_lra_at_closing`, `ledger.rk_at_closing`,
`ledger.treasurer_cash_at_year_end`, `ledger.cash_on_its_way_at_year_end`.
"""

from ledger.year_end.carrying import CodesCarried, carry_to_codes
from ledger.year_end.closing_year import YearClosed, close_year, is_year_closed
from ledger.year_end.cutting_off import OLD_YEAR_KIND, budget_recognised_on

__all__ = [
    "OLD_YEAR_KIND",
    "CodesCarried",
    "YearClosed",
    "budget_recognised_on",
    "carry_to_codes",
    "close_year",
    "is_year_closed",
]
