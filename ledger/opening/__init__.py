"""Taking over: the balances with which a region's books begin at a cut-over date.

For: `open_balances`, which checks a file whole and posts it as entries of the kind "opening_balance", one per book.
Not for: balances of a later year; they carry by nature, since nothing empties balance sheet accounts (ledger.year_end).

Invariants
- A faulty file is refused whole with every fault by line and field; nothing is posted.
- The same file again adds nothing, also with its lines in another order.
- An entity's books begin once: another file for it is refused until the entry that opened it is reversed, on its date.
- Nothing is accounted before books begin: all months before are closed, and stay so while an opening stands. So do the
  months of the region's other entities: the years before are closed first.
"""

from ledger.opening.taking_over import BooksOpened, open_balances

__all__ = ["BooksOpened", "open_balances"]
