"""Reading the CSV files that the office gives to the ledger, with every fault named by file, line and column.

For: charts, opening balances and codes of a new year: UTF-8 with or without byte order mark, separated by comma or
semicolon; the first line names the columns, in any order.
Not for: what a file's columns mean (ledger.chart_files, ledger.opening.files, ledger.year_end.carrying).
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from ledger.errors import FileProblem

if TYPE_CHECKING:
    from _csv import Reader

__all__ = ["SIDES", "Problems", "Row", "read_rows"]

_T = TypeVar("_T")
# How the office writes a side.
SIDES = {"debit": "debit", "kredit": "credit"}
# Control characters (C0, DEL, C1) and the two separators that end a line: printed, a name could forge a row of a table.
_BREAKS = ("Cc", "Zl", "Zp")


class Problems:
    """Collects the faults of one file."""

    def __init__(self, file: str, found: list[FileProblem]) -> None:
        self.file = file
        self.found = found

    def add(self, line: int, field: str, message_id: str, message_en: str) -> None:
        """Note one fault."""
        self.found.append(FileProblem(self.file, line, field, message_id, message_en))


class Row:
    """One line's cells; each asked for cell is checked, and a fault noted."""

    def __init__(self, line: int, cells: dict[str, str], problems: Problems) -> None:
        self.line = line
        self.cells = cells
        self.problems = problems
        self.sound = True

    def fault(self, field: str, message_id: str, message_en: str) -> None:
        """Note a fault of this line."""
        self.sound = False
        self.problems.add(self.line, field, message_id, message_en)

    def text(self, field: str, longest: int, *, may_be_empty: bool = False) -> str:
        """The cell, of at most so many characters, on one line and without signs that steer a terminal."""
        value = self.cells[field]
        if len(value) > longest or (not value and not may_be_empty):
            self.fault(field, f"harus 1-{longest} karakter", f"must have 1-{longest} characters")
        sign = next((each for each in value if unicodedata.category(each) in _BREAKS), None)
        if sign is not None:
            told = f"U+{ord(sign):04X}"
            self.fault(field, f"ada karakter kendali {told}", f"there is a control character {told}")
        return value

    def choice(self, field: str, choices: dict[str, _T]) -> _T | None:
        """What the cell's word stands for."""
        chosen = choices.get(self.cells[field])
        if chosen is None:
            allowed = ", ".join(choices)
            self.fault(field, f"harus salah satu dari: {allowed}", f"must be one of: {allowed}")
        return chosen

    def date(self, field: str) -> date:
        """The cell as a date."""
        value = self.cells[field]
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fault(field, "harus tanggal berbentuk 2026-01-31", "must be a date like 2026-01-31")
        return date.min


def read_rows(data: bytes, columns: tuple[str, ...], problems: Problems) -> Iterator[Row]:
    """The lines of a file with these columns; what is no such line is noted."""
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.add(line, "berkas", "bukan teks UTF-8", "not UTF-8 text")
        return
    first = content.partition("\n")[0]
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=";" if ";" in first else ",")
    try:
        yield from _rows_of(reader, columns, problems)
    except csv.Error as error:
        # A cell of over 131,072 characters, most often after a quotation mark that is never closed.
        told_id = f"tidak terbaca sebagai CSV ({error}); periksa tanda kutip"
        problems.add(max(reader.line_num, 1), "berkas", told_id, f"not readable as CSV ({error}); look at its quotes")


def _rows_of(reader: Reader, columns: tuple[str, ...], problems: Problems) -> Iterator[Row]:
    header = [name.strip() for name in next(reader, [])]
    if sorted(header) != sorted(columns):
        told = ",".join(columns)
        problems.add(1, "berkas", f"baris pertama harus {told}", f"the first line must be {told}")
        return
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            problems.add(reader.line_num, "berkas", f"harus {len(header)} kolom", f"must have {len(header)} columns")
            continue
        yield Row(reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True)), problems)
