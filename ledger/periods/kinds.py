"""The kinds of entries that a month takes while it is being adjusted.

For: one list, equal to the rows of `adjusting_kind` that the migrations put there (a test compares).
Not for: adding kinds at run time; a new kind comes with a migration.
"""

__all__ = ["ADJUSTING_KINDS"]

ADJUSTING_KINDS: dict[str, str] = {
    "reversal": "adjusting",
    "payment_reversed": "adjusting",
    "correction": "adjusting",
    "advance_earned": "adjusting",
    "allowance_changed": "adjusting",
    "assessment_reduced": "adjusting",
    "blud_authorised": "adjusting",
    "budget_recognised_old_year": "adjusting",
    "overpayment_assessed": "adjusting",
    "overpayment_set_off": "adjusting",
    "revenue_moved": "adjusting",
    "revenue_reclassified": "adjusting",
    "treasurer_shortage": "adjusting",
    "written_off": "adjusting",
    "year_end_accrued": "adjusting",
    "carry_forward": "closing",
    "closing": "closing",
}
