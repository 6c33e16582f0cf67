"""The kinds of entries that a month takes while it is being adjusted.

For: one list, equal to the rows of `adjusting_kind` that the migrations put there (a test compares).
Not for: adding kinds at run time; a new kind comes with a migration.
"""

__all__ = ["ADJUSTING_KINDS"]

ADJUSTING_KINDS: dict[str, str] = {
    "reversal": "adjusting",
    "payment_reversed": "adjusting",
    "correction": "adjusting",
    "closing": "closing",
}
