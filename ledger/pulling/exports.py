"""Exports: one listing of one moment in one format, with its manifest.

For: files by command and by API.
Not for: where the bytes go, or who may have them (app/).

A manifest is JSON-ready: `lunas_manifest` (its version), `what`, `format`, `region`, `filters`, `snapshot` (given
again, the same bytes come), `written_at`, where `known_at` is asked `final` (whether the answer can no longer change),
`rows` (CSV and XLSX rows, JSON lines, hledger transactions), for entries also `entries` and `postings`, `totals` per
book, `size` in bytes and `sha256` of the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.asking import check_asked
from ledger.balances import is_known_finally
from ledger.errors import ExportDatesMissing, ExportFormUnknown, ExportImpossible
from ledger.moments import Moment, take_moment
from ledger.pulling.account_ledger import list_sections
from ledger.pulling.account_ledger_files import account_ledger_totals, copy_account_ledger
from ledger.pulling.copying import Passed
from ledger.pulling.entries import stream_entries
from ledger.pulling.entry_files import entries_csv, entries_hledger, entries_jsonl
from ledger.pulling.listings import LISTING_FILTERS, listing_table
from ledger.pulling.rows import Cell, Table, entry_table, plain_cell, table_csv, table_jsonl
from ledger.pulling.totals import EntryTotals, total_entries
from ledger.pulling.workbook import Ending, workbook_pieces
from ledger.pulling.workbook_words import FILTERS, SHEETS, SIDES

__all__ = ["EXPORT_FORMATS", "Export", "open_export"]

EXPORT_FORMATS: dict[str, tuple[str, ...]] = {
    "entries": ("csv", "jsonl", "xlsx", "hledger"),
    "account-ledger": ("csv", "jsonl", "xlsx"),
    "balances": ("csv", "jsonl", "xlsx"),
    "trial-balance": ("csv", "jsonl", "xlsx"),
}


class _Counted:
    """What passed into a file, and what it comes to per book."""

    def __init__(
        self, totals: dict[str, dict[str, Money]], *, of: EntryTotals | None = None, per_posting: bool = True
    ) -> None:
        self.totals = totals
        self.passed = 0
        self._of = of
        self._per_posting = per_posting

    def add(self, rows: int) -> None:
        """Note that so many rows, or of entries so many postings, went by."""
        self.passed += rows

    def numbers(self) -> dict[str, int]:
        """The manifest's counts. Raises RuntimeError when other postings went by than the database had counted."""
        if self._of is None:
            return {"rows": self.passed}
        entries, postings = self._of.entries, self._of.postings
        if self.passed != postings:
            raise RuntimeError(f"the database counted {postings} postings and sent {self.passed}")
        return {"rows": postings if self._per_posting else entries, "entries": entries, "postings": postings}

    def told(self) -> list[dict[str, str]]:
        """The totals, JSON-ready, by book."""
        return [
            {"book": book} | {name: amount.plain() for name, amount in sums.items()}
            for book, sums in sorted(self.totals.items())
        ]


class Export:
    """Bytes to write in the order they come, once; afterwards `manifest()` tells what they were."""

    def __init__(self, pieces: Generator[bytes, None, None], facts: dict[str, Any], counted: _Counted) -> None:
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
        figures = {"totals": self._counted.told(), "size": self._size, "sha256": self._hash.hexdigest()}
        return {"lunas_manifest": 1} | self._facts | self._counted.numbers() | figures


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
    DatesReversed, AccountUnknown, SnapshotUnknown, MomentAhead.
    """
    chosen = {name: value for name, value in wanted.items() if value is not None and value is not False}
    _refuse_what_does_not_go(what, form, chosen)
    check_asked(session, chosen)
    moment = take_moment(session, snapshot)
    facts: dict[str, Any] = {
        "what": what,
        "format": form,
        "region": region,
        "filters": {name: value if isinstance(value, bool) else plain_cell(value) for name, value in chosen.items()},
        "snapshot": moment.snapshot,
        "written_at": plain_cell(written_at),
    }
    if "known_at" in chosen:
        facts["final"] = is_known_finally(session, chosen["known_at"])
    if what == "entries":
        totals = total_entries(session, moment, chosen)
        counted = _Counted(totals.by_book(), of=totals, per_posting=form in ("csv", "xlsx"))
        if form == "xlsx":
            table = entry_table(stream_entries(session, moment=moment, **chosen))
            table = replace(table, rows=_passing(table.rows, counted.add))
            return Export(workbook_pieces(table, _ending(facts, counted)), facts, counted)
        title = f"Lunas, wilayah {region}, potret {moment.snapshot}"
        return Export(_entry_pieces(session, form, moment, chosen, totals, title, counted.add), facts, counted)
    if what == "account-ledger" and form != "xlsx":
        sections = list_sections(session, moment, chosen)
        counted = _Counted(account_ledger_totals(sections))
        return Export(copy_account_ledger(session, form, moment, chosen, sections, counted.add), facts, counted)
    counted = _Counted({})
    table = listing_table(session, what, moment, chosen)
    table = replace(table, rows=_summed(table, counted))
    return Export(_table_pieces(form, table, _ending(facts, counted)), facts, counted)


def _refuse_what_does_not_go(what: str, form: str, chosen: Mapping[str, Any]) -> None:
    if form not in EXPORT_FORMATS[what]:
        raise ExportFormUnknown(field="format", what=what, form=form, listed=", ".join(EXPORT_FORMATS[what]))
    for name in sorted(set(chosen) - LISTING_FILTERS[what]):
        raise ExportImpossible(field=name, what=what)
    first, last = chosen.get("accounted_from"), chosen.get("accounted_to")
    if what == "trial-balance" and (first is None or last is None):
        raise ExportDatesMissing(field="accounted_from" if first is None else "accounted_to")


def _entry_pieces(
    session: Session,
    form: str,
    moment: Moment,
    wanted: Mapping[str, Any],
    totals: EntryTotals,
    title: str,
    passed: Passed,
) -> Generator[bytes, None, None]:
    if form == "csv":
        return entries_csv(session, moment, wanted, passed)
    if form == "jsonl":
        return entries_jsonl(session, moment, wanted, passed)
    return entries_hledger(session, moment, wanted, totals, title, passed)


def _table_pieces(form: str, table: Table, ending: Ending) -> Generator[bytes, None, None]:
    if form == "xlsx":
        return workbook_pieces(replace(table, rows=_in_words(table)), ending)
    return _encoded(table_csv(table) if form == "csv" else table_jsonl(table))


def _encoded(pieces: Iterator[str]) -> Generator[bytes, None, None]:
    return (piece.encode() for piece in pieces)


def _ending(facts: Mapping[str, Any], counted: _Counted) -> Ending:
    """What a workbook tells of itself; not when it was written, so that the same rows give the same bytes."""

    def end() -> tuple[list[tuple[str, str]], list[dict[str, str]]]:
        asked = facts["filters"].items()
        filters = ", ".join(f"{FILTERS[name]} = {'ya' if value is True else value}" for name, value in asked)
        told = [
            ("Wilayah / region", str(facts["region"])),
            ("Isi / what", SHEETS[facts["what"]]),
            ("Saringan / filters", filters or "–"),
            ("Potret data / snapshot", str(facts["snapshot"])),
            ("Banyaknya baris / rows", str(counted.numbers()["rows"])),
            ("Nilai / amounts", "Rupiah"),
        ]
        return told, counted.told()

    return end


def _in_words(table: Table) -> Iterable[tuple[Cell, ...]]:
    """The rows with the side of each account in a reader's word; programs read the codes of CSV and JSON Lines."""
    if "normal_side" not in table.columns:
        return table.rows
    place = table.columns.index("normal_side")
    return ((*row[:place], SIDES[str(row[place])], *row[place + 1 :]) for row in table.rows)


def _passing(rows: Iterable[tuple[Cell, ...]], passed: Passed) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        passed(1)
        yield row


def _summed(table: Table, counted: _Counted) -> Iterator[tuple[Cell, ...]]:
    """The table's rows, counted and their amounts summed up per book as they pass."""
    book = table.columns.index("book")
    places = [(name, table.columns.index(name)) for name in table.totalled]
    for row in _passing(table.rows, counted.add):
        sums = counted.totals.setdefault(str(row[book]), dict.fromkeys(table.totalled, Money(0)))
        for name, place in places:
            amount = row[place]
            if isinstance(amount, Money):
                sums[name] += amount
        yield row
