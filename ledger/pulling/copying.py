"""Entries as CSV straight from the database's own COPY: several times as quick as row by row.

For: large exports; the bytes are those of `csv_pieces` over the same entries.
Not for: any other listing or format.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.db import raw_connection
from ledger.moments import Moment
from ledger.pulling.entries import LINE_JOINS
from ledger.pulling.filters import entry_condition
from ledger.pulling.rows import CSV_COLUMNS

__all__ = ["copy_csv"]

_ROWS_PER_PIECE = 1000


def copy_csv(session: Session, moment: Moment, wanted: Mapping[str, Any]) -> Generator[bytes, None, None]:
    """CSV with a header line, in pieces of a thousand rows; the unit of work stays open meanwhile."""
    condition, values = entry_condition(wanted)
    yield ",".join(CSV_COLUMNS).encode() + b"\r\n"
    for stretch in moment.stretches:
        query = (
            f"COPY (SELECT {_CELLS} FROM journal_entry e JOIN posting p ON p.entry_id = e.id {LINE_JOINS}"  # noqa: S608 - fixed texts; values are bound
            f" WHERE {stretch}{condition} ORDER BY e.recorded_xact, e.id, p.line_no) TO STDOUT (FORMAT csv)"
        )
        # COPY takes no parameters; psycopg puts them in as literals.
        statement = str(text(query).compile(dialect=session.get_bind().dialect))
        with raw_connection(session).cursor() as cursor, cursor.copy(statement, values) as copy:
            yield from _pieces(copy)


def _pieces(rows: Any) -> Iterator[bytes]:
    """The server sends row by row, each ended by a line feed; RFC 4180 wants CRLF."""
    piece = bytearray()
    for number, row in enumerate(rows, start=1):
        piece += row[:-1]
        piece += b"\r\n"
        if number % _ROWS_PER_PIECE == 0:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _free_text(column: str) -> str:
    """An apostrophe before what a spreadsheet would take for a formula; null for an empty text, which is not quoted."""
    formula = rf"left({column}, 1) IN ('=', '+', '-', '@', E'\t', E'\r', E'\n')"
    return f"CASE WHEN {formula} THEN '''' || {column} ELSE nullif({column}, '') END"


def _moment(column: str) -> str:
    written = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24\\:MI\\:SS.US\"Z\"')"
    return f"replace({written}, '.000000Z', 'Z')"


def _amount(side: str) -> str:
    written = "p.amount_sen / 100 || '.' || lpad(mod(p.amount_sen, 100)::text, 2, '0')"
    return f"CASE p.side WHEN '{side}' THEN {written} END"


_CELLS = ", ".join(
    (
        "e.id",
        "e.uid",
        _free_text("e.kind"),
        _free_text("e.key"),
        "e.accounted_on",
        _moment("e.occurred_at"),
        _moment("e.recorded_at"),
        _free_text("e.description"),
        _free_text("e.source_kind"),
        "e.source_uid",
        _free_text("e.actor"),
        "p.line_no",
        "p.book",
        _free_text("n.code"),
        "a.code",
        _free_text("a.name"),
        _amount("debit"),
        _amount("credit"),
        _free_text("c.code"),
        _free_text("p.partner"),
    )
)
