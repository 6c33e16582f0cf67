"""The states of a bill.

For: the one table of states and moves that screens, documents and tests read.
Not for: "lewat jatuh tempo", which is a date compared with today (billing.queries.expired), not a state.

The move `settled` is made on the payment's hot path by the SQL function `billing_settle`, which records it through
`foundation_record_move`; a test holds the function to this table.
"""

from __future__ import annotations

from foundation.states import Move, State, StateTable

__all__ = ["BILL_STATES", "ISSUED", "PAID"]

ISSUED = "ISSUED"
PAID = "PAID"

BILL_STATES = StateTable(
    "bill",
    initial=ISSUED,
    states={
        ISSUED: State("BELUM LUNAS", "Unpaid"),
        PAID: State("LUNAS", "Paid", finished=True),
    },
    moves=(Move("settled", ISSUED, PAID),),
)
