"""Listings as tables of plain rows, and the two text formats: CSV and JSON Lines.

For: one definition of each listing's columns, that CSV, JSON Lines and XLSX all write.
Not for: choosing what is listed, or where the pieces go.

Moments are in UTC, amounts "150000.00". A CSV cell of free text that a spreadsheet would take for a formula gets an
apostrophe before it, and so does one that has apostrophes before such a beginning: whoever takes one apostrophe away
from every cell of free text that begins so has the exact text again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from foundation.money import Money
from ledger.pulling.entries import LedgerEntry, LedgerLine

__all__ = [
    "CSV_COLUMNS",
    "Cell",
    "FORMULA_STARTS",
    "Table",
    "entry_as_dict",
    "entry_table",
    "plain_cell",
    "table_csv",
    "table_jsonl",
]

Cell = str | int | date | datetime | Money | UUID | None

CSV_COLUMNS = (
    *("entry_id", "entry_uid", "kind", "key", "accounted_on", "occurred_at", "recorded_at", "description"),
    *("source_kind", "source_uid", "actor", "line_no", "book", "entity", "account", "account_name"),
    *("debit", "credit", "counterpart", "partner"),
)
# What a spreadsheet takes for the beginning of a formula, also in East Asian width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_ROWS_PER_PIECE = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of a listing. Manifests give the sum per book of the amounts in the `totalled` columns."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]
    totalled: tuple[str, ...]


def table_csv(table: Table) -> Iterator[str]:
    """CSV with a header line, comma separated, CRLF line ends (RFC 4180), in pieces of a thousand rows."""
    return _pieces(table.columns, ([_csv_cell(cell) for cell in row] for row in table.rows))


def table_jsonl(table: Table) -> Iterator[str]:
    """One JSON object per line, each ended by a line feed; what is empty is null."""
    for row in table.rows:
        cells = zip(table.columns, (cell if isinstance(cell, int) else plain_cell(cell) for cell in row), strict=True)
        yield orjson.dumps(dict(cells)).decode() + "\n"


def entry_table(entries: Iterable[LedgerEntry]) -> Table:
    """Entries as a table of their postings."""
    rows = ((*head, *_line_cells(line)) for entry in entries for head in [_head_cells(entry)] for line in entry.lines)
    return Table("entries", CSV_COLUMNS, rows, ("debit", "credit"))


def entry_as_dict(entry: LedgerEntry) -> dict[str, Any]:
    """The entry as JSON-ready data; moments in UTC, amounts as "150000.00"."""
    return {
        "id": entry.id,
        "uid": str(entry.uid),
        "kind": entry.kind,
        "key": entry.key,
        "accounted_on": entry.accounted_on.isoformat(),
        "occurred_at": plain_cell(entry.occurred_at),
        "recorded_at": plain_cell(entry.recorded_at),
        "description": entry.description,
        "source_kind": entry.source_kind,
        "source_uid": None if entry.source_uid is None else str(entry.source_uid),
        "actor": entry.actor,
        "lines": [
            {
                "line_no": line.line_no,
                "book": line.book,
                "entity": line.entity,
                "account": line.account,
                "account_name": line.account_name,
                "side": line.side,
                "amount": line.amount.plain(),
                "counterpart": line.counterpart,
                "partner": line.partner,
            }
            for line in entry.lines
        ],
    }


def plain_cell(cell: Cell) -> str | None:
    """A cell as text: "150000.00", "2026-03-09", "2026-03-09T04:05:06Z"."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, Money):
        return cell.plain()
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _pieces(columns: tuple[str, ...], rows: Iterable[list[str]]) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow(row)
        if number % _ROWS_PER_PIECE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return "'" + cell if cell.lstrip("'").startswith(FORMULA_STARTS) else cell
    return plain_cell(cell) or ""


def _head_cells(entry: LedgerEntry) -> tuple[Cell, ...]:
    return (
        entry.id,
        entry.uid,
        entry.kind,
        entry.key,
        entry.accounted_on,
        entry.occurred_at,
        entry.recorded_at,
        entry.description,
        entry.source_kind,
        entry.source_uid,
        entry.actor,
    )


def _line_cells(line: LedgerLine) -> tuple[Cell, ...]:
    return (
        line.line_no,
        line.book,
        line.entity,
        line.account,
        line.account_name,
        line.amount if line.side == "debit" else None,
        line.amount if line.side == "credit" else None,
        line.counterpart,
        line.partner,
    )
