"""Pulling entries out: page by page for those who come back, or as one stream.

For: BPKAD, auditors and exports; every entry with all its postings, as plain data.
Not for: balances (ledger.balances) or file formats (ledger.exporting).

Order: (transaction, id), only below the snapshot horizon: transactions older than every one still running. Ids alone
will not do, since they commit out of order and a page that went past a late one would never show it. So an entry shows
as soon as no older transaction is open, a moment after its commit, and pages stay right while entries arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypedDict, Unpack
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.errors import CursorInvalid
from ledger.queries import ACCOUNT_AND_BELOW, ENTITY_ID

__all__ = ["EntryFilter", "EntryPage", "LedgerEntry", "LedgerLine", "list_entries", "stream_entries"]

MOST_PER_PAGE = 1000
_STREAM_ROWS = 2000
_CURSOR = re.compile(r"([0-9]{1,19})-([0-9]{1,18})")


class EntryFilter(TypedDict, total=False):
    """What narrows a pull. Dates are inclusive; an account stands for itself and all below it.

    account, entity, book and partner hold on one and the same posting; the entry is given with all its postings.
    """

    accounted_from: date | None
    accounted_to: date | None
    account: str | None
    entity: str | None
    book: str | None
    partner: str | None
    kind: str | None
    source_uid: UUID | None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One posting: `account` and `entity` are codes; `amount` is positive; `counterpart` stands on RK lines only."""

    line_no: int
    book: str
    entity: str
    account: str
    account_name: str
    side: str
    amount: Money
    counterpart: str | None
    partner: str | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry with all its postings in their order."""

    id: int
    uid: UUID
    kind: str
    key: str
    occurred_at: datetime
    accounted_on: date
    recorded_at: datetime
    description: str
    source_kind: str
    source_uid: UUID | None
    actor: str
    lines: tuple[LedgerLine, ...]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page. `next_cursor` is None when no more is there now; `position` is where to go on at any later time."""

    entries: tuple[LedgerEntry, ...]
    next_cursor: str | None
    position: str


_ENTRY = (
    "e.recorded_xact::text AS xact, e.id, e.uid, e.kind, e.key, e.occurred_at, e.accounted_on, e.recorded_at,"
    " e.description, e.source_kind, e.source_uid, e.actor"
)
_LINE = (
    "p.line_no, p.book, n.code AS entity, a.code AS account, a.name AS account_name, p.side, p.amount_sen,"
    " c.code AS counterpart, p.partner"
)
_LINE_JOINS = (
    " JOIN account a ON a.id = p.account_id JOIN entity n ON n.id = p.entity_id"
    " LEFT JOIN entity c ON c.id = p.counterpart_entity_id"
)
_SETTLED = "e.recorded_xact < pg_snapshot_xmin(pg_current_snapshot())"
_OF_ENTRY = {
    "accounted_from": "e.accounted_on >= :accounted_from",
    "accounted_to": "e.accounted_on <= :accounted_to",
    "kind": "e.kind = :kind",
    "source_uid": "e.source_uid = :source_uid",
}
_OF_POSTING = {
    "account": f"f.account_id IN {ACCOUNT_AND_BELOW}",
    "entity": f"f.entity_id = {ENTITY_ID}",
    "book": "f.book = :book",
    "partner": "f.partner = :partner",
}


def list_entries(
    session: Session, *, cursor: str | None = None, limit: int = 200, **wanted: Unpack[EntryFilter]
) -> EntryPage:
    """The entries after `cursor` (None: from the beginning), at most `limit` (1-1000).

    Raises CursorInvalid for a cursor that no page gave.
    """
    if not 1 <= limit <= MOST_PER_PAGE:
        raise ValueError(f"a page has 1 to {MOST_PER_PAGE} entries")
    condition, values = _condition(wanted)
    if cursor is not None:
        condition += " AND (e.recorded_xact, e.id) > (CAST(:after_xact AS xid8), :after_id)"
        values |= _read_cursor(cursor)
    found = session.execute(
        text(f"SELECT {_ENTRY} FROM journal_entry e WHERE {condition} ORDER BY e.recorded_xact, e.id LIMIT :limit"),  # noqa: S608 - fixed texts; values are bound
        values | {"limit": limit + 1},
    ).all()
    shown = found[:limit]
    lines = _lines_of(session, [row.id for row in shown])
    position = f"{shown[-1].xact}-{shown[-1].id}" if shown else cursor or "0-0"
    entries = tuple(_entry(row, lines[row.id]) for row in shown)
    return EntryPage(entries, position if len(found) > limit else None, position)


def stream_entries(session: Session, **wanted: Unpack[EntryFilter]) -> Iterator[LedgerEntry]:
    """Every entry, as of one moment, through a server-side cursor: memory stays flat whatever there is.

    The session's unit of work must stay open while the stream is read.
    """
    condition, values = _condition(wanted)
    rows = session.execute(
        text(
            f"SELECT {_ENTRY}, {_LINE} FROM journal_entry e JOIN posting p ON p.entry_id = e.id {_LINE_JOINS}"  # noqa: S608 - fixed texts; values are bound
            f" WHERE {condition} ORDER BY e.recorded_xact, e.id, p.line_no"
        ),
        values,
        execution_options={"stream_results": True, "yield_per": _STREAM_ROWS},
    )
    for _, group in groupby(rows, key=lambda row: row.id):
        of_entry = list(group)
        yield _entry(of_entry[0], tuple(_line(row) for row in of_entry))


def _condition(wanted: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The filters as SQL over fixed texts, and the values they bind. Raises TypeError for a filter we do not have."""
    values = {name: value for name, value in wanted.items() if value is not None}
    unknown = set(wanted) - set(_OF_ENTRY) - set(_OF_POSTING)
    if unknown:
        raise TypeError(f"no such filter: {', '.join(sorted(unknown))}")
    parts = [_SETTLED, *(_OF_ENTRY[name] for name in values if name in _OF_ENTRY)]
    of_posting = [_OF_POSTING[name] for name in values if name in _OF_POSTING]
    if of_posting:
        joined = " AND ".join(of_posting)
        parts.append(f"EXISTS (SELECT 1 FROM posting f WHERE f.entry_id = e.id AND {joined})")  # noqa: S608 - fixed texts
    return " AND ".join(parts), values


def _read_cursor(cursor: str) -> dict[str, Any]:
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise CursorInvalid(field="cursor")
    return {"after_xact": match[1], "after_id": int(match[2])}


def _lines_of(session: Session, entry_ids: list[int]) -> dict[int, tuple[LedgerLine, ...]]:
    rows = session.execute(
        text(
            f"SELECT p.entry_id, {_LINE} FROM posting p {_LINE_JOINS}"  # noqa: S608 - fixed texts; values are bound
            " WHERE p.entry_id = ANY(:entry_ids) ORDER BY p.entry_id, p.line_no"
        ),
        {"entry_ids": entry_ids},
    )
    return {
        entry_id: tuple(_line(row) for row in group) for entry_id, group in groupby(rows, key=lambda row: row.entry_id)
    }


def _entry(row: Row[Any], lines: tuple[LedgerLine, ...]) -> LedgerEntry:
    return LedgerEntry(
        id=row.id,
        uid=row.uid,
        kind=row.kind,
        key=row.key,
        occurred_at=row.occurred_at,
        accounted_on=row.accounted_on,
        recorded_at=row.recorded_at,
        description=row.description,
        source_kind=row.source_kind,
        source_uid=row.source_uid,
        actor=row.actor,
        lines=lines,
    )


def _line(row: Row[Any]) -> LedgerLine:
    return LedgerLine(
        line_no=row.line_no,
        book=row.book,
        entity=row.entity,
        account=row.account,
        account_name=row.account_name,
        side=row.side,
        amount=Money(row.amount_sen),
        counterpart=row.counterpart,
        partner=row.partner,
    )
