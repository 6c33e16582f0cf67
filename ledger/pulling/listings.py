"""The listings that are not entries, as tables: account ledger, balances, trial balance.

For: exports.
Not for: working them out (ledger.pulling.account_ledger, ledger.balances).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from ledger.balances import account_balances, trial_balance
from ledger.moments import Moment
from ledger.pulling.account_ledger import LEDGER_COLUMNS, stream_account_ledger
from ledger.pulling.rows import Table

__all__ = ["LISTING_FILTERS", "listing_table"]

_DATES = ("accounted_from", "accounted_to")
_PLACES = ("account", "entity", "book", "known_at")

# What narrows each listing; both dates of a trial balance are needed.
LISTING_FILTERS: dict[str, frozenset[str]] = {
    "entries": frozenset({*_DATES, *_PLACES, "partner", "kind", "source_uid"}),
    "account-ledger": frozenset({*_DATES, *_PLACES, "partner"}),
    "balances": frozenset({*_DATES, *_PLACES}),
    "trial-balance": frozenset({*_DATES, *_PLACES, "before_closing"}),
}

_PLACE_COLUMNS = ("book", "entity", "account", "account_name")
_BALANCE_COLUMNS = (*_PLACE_COLUMNS, "normal_side", "debit", "credit", "balance")
_TRIAL_COLUMNS = (
    *(*_PLACE_COLUMNS, "normal_side", "opening", "debit", "credit", "closing"),
    *("closing_debit", "closing_credit"),
)


def listing_table(session: Session, what: str, moment: Moment, wanted: Mapping[str, Any]) -> Table:
    """The named listing of a moment, its rows yet to be read. Raises DatesReversed, AccountUnknown."""
    if what == "account-ledger":
        found = stream_account_ledger(session, moment=moment, **wanted)
        return _table("account-ledger", LEDGER_COLUMNS, found, ("debit", "credit"))
    narrowed = dict(wanted)
    narrowed |= {"since": narrowed.pop("accounted_from", None), "on": narrowed.pop("accounted_to", None)}
    if what == "balances":
        balances = account_balances(session, moment=moment, **narrowed)
        return _table("balances", _BALANCE_COLUMNS, balances, ("debit", "credit"))
    lines = trial_balance(session, moment=moment, **narrowed).lines
    return _table("trial-balance", _TRIAL_COLUMNS, lines, ("debit", "credit", "closing_debit", "closing_credit"))


def _table(name: str, columns: tuple[str, ...], rows: Iterable[Any], totalled: tuple[str, ...]) -> Table:
    read = attrgetter(*columns)
    return Table(name, columns, (read(row) for row in rows), totalled)
