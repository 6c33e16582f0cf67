"""What narrows a pull of entries, as SQL over fixed texts.

For: pages, streams, copies and totals of entries, which must all mean the same by a filter.
Not for: narrowing balances (ledger.balances).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from ledger.balances import KNOWN_AT, refuse_ahead
from ledger.queries import ACCOUNT_AND_BELOW, ENTITY_ID

__all__ = ["EntryFilter", "entry_condition"]


class EntryFilter(TypedDict, total=False):
    """What narrows a pull. Dates are inclusive; an account stands for itself and all below it.

    account, entity, book and partner hold on one and the same posting; the entry is given with all its postings.
    `known_at` takes what was known at that moment (ledger.balances).
    """

    accounted_from: date | None
    accounted_to: date | None
    account: str | None
    entity: str | None
    book: str | None
    partner: str | None
    kind: str | None
    source_uid: UUID | None
    known_at: datetime | None


_OF_ENTRY = {
    "accounted_from": "e.accounted_on >= :accounted_from",
    "accounted_to": "e.accounted_on <= :accounted_to",
    "kind": "e.kind = :kind",
    "source_uid": "e.source_uid = :source_uid",
    "known_at": KNOWN_AT,
}
_OF_POSTING = {
    "account": f"f.account_id IN {ACCOUNT_AND_BELOW}",
    "entity": f"f.entity_id = {ENTITY_ID}",
    "book": "f.book = :book",
    "partner": "f.partner = :partner",
}


def entry_condition(wanted: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The filters over journal_entry e, each part begun by " AND ", and the values they bind.

    Raises TypeError for a filter we do not have, MomentAhead.
    """
    refuse_ahead(wanted.get("known_at"))
    values = {name: value for name, value in wanted.items() if value is not None}
    unknown = set(wanted) - set(_OF_ENTRY) - set(_OF_POSTING)
    if unknown:
        raise TypeError(f"no such filter: {', '.join(sorted(unknown))}")
    parts = [_OF_ENTRY[name] for name in values if name in _OF_ENTRY]
    of_posting = [_OF_POSTING[name] for name in values if name in _OF_POSTING]
    if of_posting:
        joined = " AND ".join(of_posting)
        parts.append(f"EXISTS (SELECT 1 FROM posting f WHERE f.entry_id = e.id AND {joined})")  # noqa: S608 - fixed texts
    return "".join(f" AND {part}" for part in parts), values
