"""Pulling entries out: page by page for those who come back, or as one stream.

For: BPKAD, auditors and exports; every entry with all its postings, as plain data.
Not for: balances (ledger.balances) or file formats (the other modules of this room).

Order: (transaction, id), only what is settled (ledger.moments). Ids alone will not do, since they commit out of order
and a page that went past a late one would never show it. So an entry shows as soon as no older transaction is open, a
moment after its commit, and pages stay right while entries arrive. What came with a dump from another server comes
first, in the order it had there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Unpack
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.asking import check_asked
from ledger.errors import CursorInvalid
from ledger.moments import Moment, take_moment
from ledger.pulling.filters import EntryFilter, entry_condition

__all__ = ["LINE_JOINS", "EntryPage", "LedgerEntry", "LedgerLine", "list_entries", "stream_entries"]

MOST_PER_PAGE = 1000
_STREAM_ROWS = 2000
_CURSOR = re.compile(r"([0-9]{1,19})-([0-9]{1,18})")


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
LINE_JOINS = (
    " JOIN account a ON a.id = p.account_id JOIN entity n ON n.id = p.entity_id"
    " LEFT JOIN entity c ON c.id = p.counterpart_entity_id"
)
_PAGE = (
    f"SELECT {_ENTRY} FROM journal_entry e"  # noqa: S608 - fixed texts; values are bound
    " WHERE {condition} AND (e.recorded_xact, e.id) > (CAST(:after_xact AS xid8), :after_id)"
    " ORDER BY e.recorded_xact, e.id LIMIT :limit"
)


def list_entries(
    session: Session,
    *,
    cursor: str | None = None,
    limit: int = 200,
    snapshot: str | None = None,
    **wanted: Unpack[EntryFilter],
) -> EntryPage:
    """The entries after `cursor` (None: from the beginning), at most `limit` (1-1000), of now or of a snapshot.

    Raises DatesReversed, AccountUnknown, MomentAhead, CursorInvalid for a cursor that no page gave, or SnapshotUnknown
    for a snapshot that no answer gave.
    """
    if not 1 <= limit <= MOST_PER_PAGE:
        raise ValueError(f"a page has 1 to {MOST_PER_PAGE} entries")
    check_asked(session, wanted)
    condition, values = entry_condition(wanted)
    after_xact, after_id = (0, 0) if cursor is None else _read_cursor(cursor)
    moment = take_moment(session, snapshot)
    # A cursor above what came with a dump has that stretch behind it.
    stretches = moment.stretches if after_id <= moment.after_id else moment.stretches[-1:]
    found: list[Row[Any]] = []
    for number, stretch in enumerate(stretches):
        values |= {"after_xact": str(after_xact), "after_id": after_id, "limit": limit + 1 - len(found)}
        if number:
            values |= {"after_xact": "0", "after_id": 0}
        found += session.execute(text(_PAGE.format(condition=stretch + condition)), values).all()
    shown = found[:limit]
    lines = _lines_of(session, [row.id for row in shown])
    position = f"{shown[-1].xact}-{shown[-1].id}" if shown else cursor or "0-0"
    entries = tuple(_entry(row, lines[row.id]) for row in shown)
    return EntryPage(entries, position if len(found) > limit else None, position)


def stream_entries(
    session: Session, *, moment: Moment | None = None, **wanted: Unpack[EntryFilter]
) -> Iterator[LedgerEntry]:
    """Every entry, as of one moment, through a server-side cursor: memory stays flat whatever there is.

    The session's unit of work must stay open while the stream is read. Raises, with the first entry, DatesReversed,
    AccountUnknown, MomentAhead.
    """
    check_asked(session, wanted)
    condition, values = entry_condition(wanted)
    for stretch in (moment or take_moment(session)).stretches:
        rows = session.execute(
            text(
                f"SELECT {_ENTRY}, {_LINE} FROM journal_entry e JOIN posting p ON p.entry_id = e.id {LINE_JOINS}"  # noqa: S608 - fixed texts; values are bound
                f" WHERE {stretch}{condition} ORDER BY e.recorded_xact, e.id, p.line_no"
            ),
            values,
            execution_options={"stream_results": True, "yield_per": _STREAM_ROWS},
        )
        for _, group in groupby(rows, key=lambda row: row.id):
            of_entry = list(group)
            yield _entry(of_entry[0], tuple(_line(row) for row in of_entry))


def _read_cursor(cursor: str) -> tuple[int, int]:
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise CursorInvalid(field="cursor")
    return int(match[1]), int(match[2])


def _lines_of(session: Session, entry_ids: list[int]) -> dict[int, tuple[LedgerLine, ...]]:
    rows = session.execute(
        text(
            f"SELECT p.entry_id, {_LINE} FROM posting p {LINE_JOINS}"  # noqa: S608 - fixed texts; values are bound
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
