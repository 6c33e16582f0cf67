"""Refusals by the database, told in the ledger's words.

For: `refusal_of`, which knows the rule behind an error of `ledger_post` by the name of its constraint.
Not for: the refusals themselves (ledger.errors), or the rules (the migrations).
"""

from __future__ import annotations

import orjson
from sqlalchemy.exc import DBAPIError

from foundation.db import constraint_of
from foundation.errors import LunasError
from ledger.errors import (
    AccountTakesNoPostings,
    EntityUnknown,
    EntryInvalid,
    EntryTooLarge,
    PeriodAdjusting,
    PeriodClosed,
    RoleNotMapped,
)

__all__ = ["refusal_of"]

_BY_RULE: dict[str, type[LunasError]] = {
    "ledger_role_mapped": RoleNotMapped,
    "ledger_entity_known": EntityUnknown,
    "ledger_account_takes_postings": AccountTakesNoPostings,
    "ledger_entry_bounded": EntryTooLarge,
    "ledger_period_closed": PeriodClosed,
    "ledger_period_adjusting": PeriodAdjusting,
}
_ABOUT_THE_DATE = (PeriodClosed, PeriodAdjusting)
_BOUNDS = {
    "ck_journal_entry_accounted_on": ("accounted_on", "1000-01-01", "9999-12-31"),
    "ck_journal_entry_occurred_at": ("occurred_at", "1000-01-01", "9999-12-30"),
    "ck_journal_entry_recorded_at": ("recorded_at", "1000-01-01", "9999-12-30"),
}


def refusal_of(error: DBAPIError) -> LunasError | None:
    """The named refusal behind a database error of `ledger_post`, or None for any other error."""
    rule = constraint_of(error) or ""
    if rule in _BOUNDS:
        field, first, last = _BOUNDS[rule]
        return EntryInvalid(field=field, reason_id=f"dari {first} sampai {last}", reason_en=f"from {first} to {last}")
    named = _BY_RULE.get(rule)
    if named is None:
        return None
    detail = getattr(getattr(error.orig, "diag", None), "message_detail", None)
    field = "accounted_on" if named in _ABOUT_THE_DATE else "postings"
    return named(field=field, **orjson.loads(detail or "{}"))
