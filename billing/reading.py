"""Reading a bill file: bytes to lines, lines to cells, cells to rows, with every problem found on the way.

For: `BillFile`, one pass over the file that gives the rows and keeps the list of what is wrong.
Not for: single fields (billing.fields) or what only other rows and the database can tell (billing.issuing).

One physical line is one row: a line break inside quotes is refused, so that one quotation mark left open spoils one
line and not the rest of the file, and every line number is the one an editor shows. Blank lines are no rows.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from billing.errors import LineProblem
from billing.fields import (
    FieldWrong,
    amount_reader,
    date_reader,
    nik_reader,
    number_reader,
    period_reader,
    phone_reader,
    read_name,
    text_reader,
)
from billing.mapping import ENCODINGS, BillMapping
from billing.numbering import object_reader

__all__ = ["BillFile", "BillRow"]

_LONGEST_LINE = 20_000
# Bytes that do not decode become this noncharacter, which no honest text holds, and are found by their line and field.
_UNREADABLE = "\ufffe"
codecs.register_error("billing.unreadable", lambda error: (_UNREADABLE, error.end))  # type: ignore[attr-defined]  # every UnicodeError given here has an end
# C0 and C1 controls, line and paragraph separators, marks that turn the direction of text, noncharacters, and the
# replacement character, which says that a letter was lost before the file came to us.
_SIGNS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd-\uffff]")
_SIGNS_BUT_TAB = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd-\uffff]")
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WORKBOOKS = {b"PK\x03\x04": "Excel (.xlsx)", b"\xd0\xcf\x11\xe0": "Excel (.xls)", b"%PDF": "PDF"}
# Fewer NOPs than this may well all end in 000 by chance.
_ENOUGH_TO_JUDGE = 5


class BillRow(NamedTuple):
    """One row whose key could be read; amount and due date are None where they could not (a problem says so)."""

    line: int
    object_number: str
    period: str
    payer_name: str | None
    object_address: str | None
    amount_sen: int | None
    due_on: str | None
    nik: str | None
    phone: str | None


class BillFile:
    """A bill file under its mapping. Go through `rows()` once; then `problems` holds everything found wrong."""

    def __init__(self, data: bytes, mapping: BillMapping, object_rule: str) -> None:
        self.problems: list[LineProblem] = []
        self._data = data
        self._mapping = mapping
        self._rule = object_rule
        self._signs = _SIGNS_BUT_TAB if mapping.file.delimiter == "\t" else _SIGNS
        self._count = 0
        self._rounded = 0

    def rows(self) -> Iterator[BillRow]:
        """The rows whose key is readable, in order of the file."""
        lines = self._lines()
        if lines is None:
            return
        width = 0
        line = 0
        for line, content in lines:
            if line < self._mapping.file.header_line or not content:
                continue
            cells = self._cells(line, content)
            if not width:
                if cells is None or not self._place_columns(line, cells):
                    return
                width = len(cells)
                continue
            self._count += 1
            if cells is not None and len(cells) != width:
                self._wrong(line, None, "column_count", found=len(cells), expected=width)
            elif cells is not None:
                row = self._row(line, cells)
                if row is not None:
                    yield row
        self._judge_whole(width, line)

    def _wrong(self, line: int | None, field: str | None, code: str, **facts: object) -> None:
        self.problems.append(LineProblem(line, field, code, facts))

    def _lines(self) -> Iterator[tuple[int, str]] | None:
        """Numbered lines without their ends, or None when the bytes are no such text at all."""
        stated = self._mapping.file.encoding
        mark = next((mark for mark in _MARKS if self._data.startswith(mark)), b"")
        found = _MARKS.get(mark)
        workbook = next((what for start, what in _WORKBOOKS.items() if self._data.startswith(start)), None)
        if not self._data:
            self._wrong(None, None, "file_empty")
        elif workbook is not None:
            self._wrong(None, None, "file_is_workbook", what=workbook)
        elif found is not None and found != stated and not (stated == "utf-16" and found.startswith(stated)):
            self._wrong(1, None, "encoding_differs", found=found, stated=stated)
        elif found is None and stated == "utf-16":
            self._wrong(1, None, "encoding_mark_missing", stated=stated)
        else:
            return self._decoded(len(mark), ENCODINGS[found or stated])
        return None

    def _decoded(self, start: int, codec: str) -> Iterator[tuple[int, str]]:
        stream = io.BytesIO(self._data)
        stream.seek(start)
        # Line ends are "\n" or "\r\n", and "\r" alone only where the whole file is written so.
        newline = "\r" if b"\r" in self._data and b"\n" not in self._data else "\n"
        text = io.TextIOWrapper(stream, encoding=codec, errors="billing.unreadable", newline=newline)
        return ((number, content.rstrip("\r\n")) for number, content in enumerate(text, start=1))

    def _cells(self, line: int, content: str) -> list[str] | None:
        form = self._mapping.file
        if len(content) > _LONGEST_LINE:
            self._wrong(line, None, "line_too_long", length=len(content))
            return None
        if not form.quote or form.quote not in content:
            return content.split(form.delimiter)
        try:
            return next(csv.reader([content], delimiter=form.delimiter, quotechar=form.quote, strict=True))
        except csv.Error:
            self._wrong(line, None, "quote_wrong")
            return None

    def _sign_wrong(self, line: int, field: str | None, text: str) -> None:
        found = self._signs.search(text)
        sign = found[0] if found else _UNREADABLE
        if sign in (_UNREADABLE, "\ufffd", "\uffff"):
            self._wrong(line, field, "text_unreadable", encoding=self._mapping.file.encoding)
        else:
            self._wrong(line, field, "control_character", sign=f"U+{ord(sign):04X}")

    def _place_columns(self, line: int, header: list[str]) -> bool:
        """Find each mapped column in the header, whatever its case; the file may have more columns than we need."""
        names = [name.strip().casefold() for name in header]
        places: list[tuple[str, int]] = []
        for field, column in self._mapping.columns.items():
            count = names.count(column.casefold())
            if count != 1:
                self._wrong(line, field, "column_missing" if count == 0 else "column_doubled", column=column)
            else:
                places.append((field, names.index(column.casefold())))
        readers = self._readers()
        self._places = [(field, place, readers[field]) for field, place in places]
        constants: dict[str, str | int] = dict(self._mapping.constants)
        if "amount" in constants:
            constants["amount"] = amount_reader("plain")(self._mapping.constants["amount"])
        self._constants = constants
        return len(places) == len(self._mapping.columns)

    def _readers(self) -> dict[str, Callable[[str], object]]:
        form = self._mapping.file
        read_object = object_reader(self._rule)
        if read_object is None:
            raise ValueError(f"not an object rule: {self._rule}")
        return {
            "object_number": number_reader(self._rule, read_object, form.text_marks),
            "period": period_reader(form.periods, form.text_marks),
            "payer_name": read_name,
            "object_address": text_reader(required=False, most=200),
            "amount": amount_reader(form.amounts),
            "due_on": date_reader(form.dates),
            "nik": nik_reader(form.text_marks),
            "phone": phone_reader(form.text_marks),
        }

    def _row(self, line: int, cells: list[str]) -> BillRow | None:
        values: dict[str, Any] = dict(self._constants)
        known = len(self.problems)
        dirty = self._signs.search("".join(cells)) is not None
        for field, place, read in self._places:
            text = cells[place].strip(" ")
            if dirty and self._signs.search(text):
                self._sign_wrong(line, field, text)
                continue
            try:
                values[field] = read(text)
            except FieldWrong as wrong:
                self.problems.append(LineProblem(line, field, wrong.code, wrong.facts))
        if dirty and len(self.problems) == known:
            self._sign_wrong(line, None, "".join(cells))
        return self._as_row(line, values)

    def _as_row(self, line: int, values: dict[str, Any]) -> BillRow | None:
        get = values.get
        number, period = get("object_number"), get("period")
        if number is None or period is None:
            return None
        if number.endswith("000"):
            self._rounded += 1
        return BillRow(
            line,
            number,
            period,
            get("payer_name"),
            get("object_address"),
            get("amount"),
            get("due_on"),
            get("nik"),
            get("phone"),
        )

    def _judge_whole(self, width: int, lines: int) -> None:
        form = self._mapping.file
        if not width and 0 < lines < form.header_line:
            self._wrong(None, None, "header_missing", header_line=form.header_line)
        elif not width:
            self._wrong(None, None, "file_empty")
        elif self._count == 0:
            self._wrong(None, None, "file_without_rows")
        elif self._rule == "nop18" and self._rounded == self._count >= _ENOUGH_TO_JUDGE:
            # Excel keeps 15 digits of a number: a column of NOPs once held as numbers all end in 000.
            self._wrong(None, "object_number", "nop_rounded")
