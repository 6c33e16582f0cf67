"""States of an accounting period.

For: the table that the one door (foundation.states) and the tests read; the database holds to the same moves.
Not for: which kinds a state takes (ledger.periods.kinds).
"""

from foundation.states import Move, State, StateTable

__all__ = ["PERIOD_STATES"]

PERIOD_STATES = StateTable(
    "accounting_period",
    initial="OPEN",
    states={
        "OPEN": State("Terbuka", "Open"),
        "ADJUSTING": State("Penyesuaian", "Being adjusted"),
        "CLOSED": State("Ditutup", "Closed"),
    },
    moves=(
        Move("adjusting_began", "OPEN", "ADJUSTING"),
        Move("closed", "ADJUSTING", "CLOSED"),
        Move("reopened", "CLOSED", "ADJUSTING"),
        Move("reopened", "ADJUSTING", "OPEN"),
    ),
)
