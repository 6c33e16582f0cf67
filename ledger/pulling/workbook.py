"""Listings as XLSX workbooks, of any length: past a million rows they go on in a further sheet.

For: people with a spreadsheet.
Not for: programs (CSV, JSON Lines), or workbooks with formulas and charts.

Amounts are numbers with two decimals. A spreadsheet keeps 15 digits (those of a whole rupiah amount without its sen,
which are none); an amount of more stands as text, so that none is ever rounded. Text is text: nothing becomes a
formula, a link or a number. The same rows give the same bytes.
Each sheet begins with one row of headings, Indonesian first and below it the column's name in CSV; it stays in sight,
carries the filter and is printed on every page, below the region, the title and the filters. What the file is and comes
to stands on a last sheet, so that the rows can be summed and pivoted as they are; only listings of balances have their
totals below them as well.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

from foundation.money import Money
from ledger.pulling.rows import Table, plain_cell
from ledger.pulling.workbook_words import AMOUNTS, FOOTED, HEADINGS, SHEETS, WIDTHS

__all__ = ["MOST_ROWS", "Ending", "workbook_pieces"]

# What a sheet holds, its header not counted.
MOST_ROWS = 1_048_575
_MOST_EXACT = 10**15
_LONGEST_HEADER = 200  # of 255 characters that a page's header may have
_PIECE = 64 * 1024
_MADE_AT = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_OPTIONS = {"constant_memory": True}
_A4 = 9
# Spreadsheets count days from here on; a day before stands as text.
_FIRST_DAY = date(1900, 1, 1)
_HEADING_HEIGHT = 45  # three lines
# Once the rows have passed: facts for the last sheet, and totals as ({"book": …, "debit": …}, …).
Ending = Callable[[], tuple[Sequence[tuple[str, str]], Sequence[dict[str, str]]]]


def workbook_pieces(
    table: Table, ending: Ending | None = None, *, most_rows: int = MOST_ROWS
) -> Generator[bytes, None, None]:
    """The workbook in pieces. Its rows wait in temporary files, not in memory."""
    with tempfile.TemporaryDirectory(prefix="lunas-xlsx-") as folder, tempfile.TemporaryFile(dir=folder) as file:
        with xlsxwriter.Workbook(file, _OPTIONS | {"tmpdir": folder}) as book:
            book.set_properties({"title": SHEETS.get(table.name, table.name), "created": _MADE_AT})
            _Writing(book, table, most_rows).write(ending)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


class _Writing:
    """One workbook while its rows pass."""

    def __init__(self, book: Any, table: Table, most_rows: int) -> None:
        self._book = book
        self._table = table
        self._most_rows = most_rows
        heading = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
        self._head = book.add_format(heading)
        self._head_of_amounts = book.add_format(heading | {"align": "right"})
        self._bold = book.add_format({"bold": True, "valign": "top"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._money = book.add_format({"num_format": "#,##0.00", "align": "right"})
        self._total = book.add_format({"num_format": "#,##0.00", "align": "right", "bold": True, "top": 1})
        self._date = book.add_format({"num_format": "dd/mm/yyyy"})

    def write(self, ending: Ending | None) -> None:
        """All sheets, in the order they stand."""
        sheet, last = self._new_sheet(1), 0
        for number, row in enumerate(self._table.rows):
            last = 1 + number % self._most_rows
            if number and last == 1:
                self._finish(sheet, self._most_rows)
                sheet = self._new_sheet(1 + number // self._most_rows)
            for column, cell in enumerate(row):
                self._write_cell(sheet, last, column, cell)
        self._finish(sheet, last)
        if ending is not None:
            facts, totals = ending()
            if self._table.name in FOOTED and last + len(totals) < self._most_rows:
                self._write_totals_below(sheet, last + 1, totals)
            self._write_facts(facts, totals)
            told = " – ".join(value for _, value in facts[:3] if value != "–").translate(_NOT_XML)
            told = told[:_LONGEST_HEADER].replace("&", "&&")
            for each in self._book.worksheets():
                each.set_header(f"&L{told}")

    def _new_sheet(self, number: int) -> Any:
        name = SHEETS.get(self._table.name, self._table.name)
        sheet = self._book.add_worksheet(name if number == 1 else f"{name} {number}")
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&L&A&R&P / &N")
        sheet.set_row(0, _HEADING_HEIGHT)
        for column, name in enumerate(self._table.columns):
            sheet.set_column(column, column, WIDTHS.get(name, 18))
            words = f"{HEADINGS[name]}\n{name}" if name in HEADINGS else name
            sheet.write_string(0, column, words, self._head_of_amounts if name in AMOUNTS else self._head)
        return sheet

    def _finish(self, sheet: Any, last_row: int) -> None:
        sheet.autofilter(0, 0, last_row, len(self._table.columns) - 1)

    def _write_cell(self, sheet: Any, row: int, column: int, cell: Any) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, str):
            self._write_text(sheet, row, column, cell)
        elif isinstance(cell, Money):
            self._write_amount(sheet, row, column, cell, self._money)
        elif isinstance(cell, int) and abs(cell) < _MOST_EXACT:
            sheet.write_number(row, column, cell)
        elif isinstance(cell, date) and not isinstance(cell, datetime) and cell >= _FIRST_DAY:
            sheet.write_datetime(row, column, cell, self._date)
        else:
            sheet.write_string(row, column, plain_cell(cell) or "")

    def _write_text(self, sheet: Any, row: int, column: int, words: str, look: Any = None) -> None:
        words = words.translate(_NOT_XML)
        # xlsxwriter would take this for its own mark-up and write it unescaped; so it gets mark-up that says the text.
        if words.startswith("<r>") and words.endswith("</r>"):
            words = f'<r><t xml:space="preserve">{escape(words)}</t></r>'
        sheet.write_string(row, column, words, look)

    def _write_totals_below(self, sheet: Any, row: int, totals: Sequence[dict[str, str]]) -> None:
        for each in totals:
            sheet.write_string(row, 0, f"Jumlah {each['book']}", self._bold)
            for name in self._table.totalled:
                self._write_amount(sheet, row, self._table.columns.index(name), _read(each[name]), self._total)
            row += 1

    def _write_facts(self, facts: Sequence[tuple[str, str]], totals: Sequence[dict[str, str]]) -> None:
        sheet = self._book.add_worksheet("Keterangan")
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 50)
        sheet.set_column(1, 1, 60, self._wrapped)
        for row, (name, told) in enumerate(facts):
            sheet.write_string(row, 0, name, self._bold)
            self._write_text(sheet, row, 1, told, self._wrapped)
        row = len(facts) + 1
        for each in totals:
            for name in self._table.totalled:
                sheet.write_string(row, 0, f"Jumlah {each['book']}: {HEADINGS.get(name, name)} / {name}", self._bold)
                self._write_amount(sheet, row, 1, _read(each[name]), self._total)
                row += 1

    def _write_amount(self, sheet: Any, row: int, column: int, amount: Money, look: Any) -> None:
        digits = abs(amount.sen) // 100 if amount.is_whole_rupiah else abs(amount.sen)
        if digits < _MOST_EXACT:
            sheet.write_number(row, column, Decimal(amount.sen).scaleb(-2), look)
        else:
            sheet.write_string(row, column, amount.plain(), look)


def _read(plain: str) -> Money:
    return Money(int(Decimal(plain).scaleb(2)))


# PostgreSQL stores these two; no XML may hold them, not even escaped.
_NOT_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}
