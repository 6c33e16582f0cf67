"""Exports: one listing of one moment in one format, with its manifest.

For: files by command and by API.
Not for: where the bytes go, or who may have them (app/).

A manifest is JSON-ready: `lunas_manifest` (its version), `what`, `format`, `region`, `filters`, `snapshot` (given
again, the same bytes come), `written_at`, `rows` (CSV and XLSX rows, JSON lines, hledger transactions), for
entries also `entries` and `postings`, `totals` per book, `size` in bytes and `sha256` of the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.errors import ExportImpossible
from ledger.moments import Moment, take_moment
from ledger.pulling.copying import copy_csv, copy_jsonl
from ledger.pulling.entries import stream_entries
from ledger.pulling.hledger import hledger_pieces
from ledger.pulling.listings import LISTING_FILTERS, listing_table
from ledger.pulling.rows import Cell, Table, entry_table, plain_cell, table_csv, table_jsonl
from ledger.pulling.totals import EntryTotals, total_entries
from ledger.pulling.workbook import workbook_pieces

__all__ = ["EXPORT_FORMATS", "Export", "open_export"]

EXPORT_FORMATS: dict[str, tuple[str, ...]] = {
    "entries": ("csv", "jsonl", "xlsx", "hledger"),
    "account-ledger": ("csv", "jsonl", "xlsx"),
    "balances": ("csv", "jsonl", "xlsx"),
    "trial-balance": ("csv", "jsonl", "xlsx"),
}


class Export:
    """Bytes to write in the order they come, once; afterwards `manifest()` tells what they were."""

    def __init__(self, pieces: Generator[bytes, None, None], facts: dict[str, Any], counted: dict[str, Any]) -> None:
        self._pieces = pieces
        self._facts = facts
        self._counted = counted
        self._hash = hashlib.sha256()
        self._size = 0
        self._whole = False

    @property
    def snapshot(self) -> str:
        """The moment that is exported."""
        snapshot: str = self._facts["snapshot"]
        return snapshot

    def __iter__(self) -> Iterator[bytes]:
        """The bytes; the unit of work must stay open until the last."""
        for piece in self._pieces:
            self._hash.update(piece)
            self._size += len(piece)
            yield piece
        self._whole = True

    def close(self) -> None:
        """Break off: what the database still had to send is not read. Nothing when the export is whole."""
        self._pieces.close()

    def manifest(self) -> dict[str, Any]:
        """The manifest, JSON-ready. Raises RuntimeError before the last byte was taken."""
        if not self._whole:
            raise RuntimeError("a manifest tells of a whole export")
        totals = [
            {"book": book} | {name: amount.plain() for name, amount in sums.items()}
            for book, sums in sorted(self._counted.pop("totals").items())
        ]
        seal = {"totals": totals, "size": self._size, "sha256": self._hash.hexdigest()}
        return {"lunas_manifest": 1} | self._facts | self._counted | seal


def open_export(
    session: Session,
    what: str,
    form: str,
    *,
    region: str,
    written_at: datetime,
    snapshot: str | None = None,
    **wanted: Any,
) -> Export:
    """An export of "entries", "account-ledger", "balances" or "trial-balance" in one of its EXPORT_FORMATS.

    `wanted` are the listing's filters (EntryFilter, AccountLedgerFilter; for balances dates, account, entity, book,
    known_at; for a trial balance also before_closing, and both dates are needed). Raises ExportImpossible,
    SnapshotUnknown, EntryInvalid.
    """
    chosen = {name: value for name, value in wanted.items() if value is not None and value is not False}
    _refuse_what_does_not_go(what, form, chosen)
    moment = take_moment(session, snapshot)
    facts = {
        "what": what,
        "format": form,
        "region": region,
        "filters": {name: value if isinstance(value, bool) else plain_cell(value) for name, value in chosen.items()},
        "snapshot": moment.snapshot,
        "written_at": plain_cell(written_at),
    }
    if what == "entries":
        totals = total_entries(session, moment, chosen)
        counted = {
            "rows": totals.postings if form in ("csv", "xlsx") else totals.entries,
            "entries": totals.entries,
            "postings": totals.postings,
            "totals": totals.by_book(),
        }
        title = f"Lunas, wilayah {region}, potret {moment.snapshot}"
        return Export(_entry_pieces(session, form, moment, chosen, totals, title), facts, counted)
    counted = {"rows": 0, "totals": {}}
    table = _counting(listing_table(session, what, moment, chosen), counted)
    return Export(_table_pieces(form, table), facts, counted)


def _refuse_what_does_not_go(what: str, form: str, chosen: Mapping[str, Any]) -> None:
    if form not in EXPORT_FORMATS[what]:
        listed = ", ".join(EXPORT_FORMATS[what])
        raise ExportImpossible(field="format", what=what, reason_id=f"pilih {listed}", reason_en=f"choose {listed}")
    for name in sorted(set(chosen) - LISTING_FILTERS[what]):
        raise ExportImpossible(field=name, what=what, reason_id="tidak dikenal di sini", reason_en="it has none")
    if what == "trial-balance":
        for name in ("accounted_from", "accounted_to"):
            if name not in chosen:
                raise ExportImpossible(field=name, what=what, reason_id="wajib diisi", reason_en="it is needed")


def _entry_pieces(
    session: Session, form: str, moment: Moment, wanted: Mapping[str, Any], totals: EntryTotals, title: str
) -> Generator[bytes, None, None]:
    if form == "csv":
        return copy_csv(session, moment, wanted)
    if form == "jsonl":
        return copy_jsonl(session, moment, wanted)
    entries = stream_entries(session, moment=moment, **wanted)
    if form == "xlsx":
        return workbook_pieces(entry_table(entries))
    return _encoded(hledger_pieces(title, entries, list(totals.accounts)))


def _table_pieces(form: str, table: Table) -> Generator[bytes, None, None]:
    if form == "xlsx":
        return workbook_pieces(table)
    return _encoded(table_csv(table) if form == "csv" else table_jsonl(table))


def _encoded(pieces: Iterator[str]) -> Generator[bytes, None, None]:
    return (piece.encode() for piece in pieces)


def _counting(table: Table, counted: dict[str, Any]) -> Table:
    """The same table, its rows counted and its amounts summed up per book as they pass."""
    return Table(table.name, table.columns, _counted_rows(table, counted), table.totalled)


def _counted_rows(table: Table, counted: dict[str, Any]) -> Iterator[tuple[Cell, ...]]:
    book = table.columns.index("book")
    places = [(name, table.columns.index(name)) for name in table.totalled]
    for row in table.rows:
        counted["rows"] += 1
        sums = counted["totals"].setdefault(row[book], dict.fromkeys(table.totalled, Money(0)))
        for name, place in places:
            amount = row[place]
            if isinstance(amount, Money):
                sums[name] += amount
        yield row
