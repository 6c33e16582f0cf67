"""What a question of the ledger must be before it is answered: an empty answer is then one of the books.

For: every reader of the front that takes a stretch of dates or an account.
Not for: filters that a listing does not have (ledger.pulling.exports), or moments (ledger.balances.knowing).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.errors import AccountUnknown, DatesReversed

__all__ = ["check_asked"]

_HAD = text("SELECT EXISTS (SELECT 1 FROM account a WHERE a.code = :account)")


def check_asked(
    session: Session, wanted: Mapping[str, Any], *, first: str = "accounted_from", last: str = "accounted_to"
) -> None:
    """Refuse what can only be a slip: the last date before the first, an account that the chart never had.

    `first` and `last` are the names of the dates in `wanted`. An account may be of any level and of any date: it stands
    for itself and all below it. Raises DatesReversed (field: `last`) or AccountUnknown.
    """
    since, on, account = wanted.get(first), wanted.get(last), wanted.get("account")
    if since is not None and on is not None and on < since:
        raise DatesReversed(field=last, since=since, on=on)
    if account is not None and not session.scalar(_HAD, {"account": account}):
        raise AccountUnknown(field="account", account=account)
