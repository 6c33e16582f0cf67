"""Writing pulled entries to files: CSV and JSON Lines.

For: exports by command and by API; each writer turns an iterator of entries into pieces of UTF-8 text, one by one, so
that memory stays flat.
Not for: choosing the entries (ledger.pulling) or where the pieces go.

CSV has one row per posting with the entry's columns before it; JSON Lines one entry per line with its postings in
`lines`. Amounts are "150000.00". A CSV cell of free text that a spreadsheet would take for a formula gets an
apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from ledger.pulling import LedgerEntry, LedgerLine

__all__ = ["CSV_COLUMNS", "csv_pieces", "entry_as_dict", "jsonl_pieces"]

CSV_COLUMNS = (
    *("entry_id", "entry_uid", "kind", "key", "accounted_on", "occurred_at", "recorded_at", "description"),
    *("source_kind", "source_uid", "actor", "line_no", "book", "entity", "account", "account_name"),
    *("debit", "credit", "counterpart", "partner"),
)
_ENTRIES_PER_PIECE = 500
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_pieces(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    """CSV with a header line, comma separated, CRLF line ends (RFC 4180), in pieces of some hundred rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(CSV_COLUMNS)
    for number, entry in enumerate(entries, start=1):
        head = _head_cells(entry)
        writer.writerows((*head, *_line_cells(line)) for line in entry.lines)
        if number % _ENTRIES_PER_PIECE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def jsonl_pieces(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    """One JSON object per line, each ended by a line feed."""
    for entry in entries:
        yield orjson.dumps(entry_as_dict(entry)).decode() + "\n"


def entry_as_dict(entry: LedgerEntry) -> dict[str, Any]:
    """The entry as JSON-ready data; moments in UTC, amounts as "150000.00"."""
    return {
        "id": entry.id,
        "uid": str(entry.uid),
        "kind": entry.kind,
        "key": entry.key,
        "accounted_on": entry.accounted_on.isoformat(),
        "occurred_at": _moment(entry.occurred_at),
        "recorded_at": _moment(entry.recorded_at),
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


def _head_cells(entry: LedgerEntry) -> tuple[object, ...]:
    return (
        entry.id,
        entry.uid,
        _as_text(entry.kind),
        _as_text(entry.key),
        entry.accounted_on,
        _moment(entry.occurred_at),
        _moment(entry.recorded_at),
        _as_text(entry.description),
        _as_text(entry.source_kind),
        entry.source_uid or "",
        _as_text(entry.actor),
    )


def _line_cells(line: LedgerLine) -> tuple[object, ...]:
    amount = line.amount.plain()
    return (
        line.line_no,
        line.book,
        _as_text(line.entity),
        line.account,
        _as_text(line.account_name),
        amount if line.side == "debit" else "",
        amount if line.side == "credit" else "",
        _as_text(line.counterpart or ""),
        _as_text(line.partner or ""),
    )


def _as_text(value: str) -> str:
    return "'" + value if value.startswith(_FORMULA_STARTS) else value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
