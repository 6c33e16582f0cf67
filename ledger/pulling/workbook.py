"""Listings as XLSX workbooks, of any length: past a million rows they go on in a further sheet.

For: people with a spreadsheet.
Not for: programs (CSV, JSON Lines), or workbooks with formulas and charts.

Amounts are numbers with two decimals. A spreadsheet keeps 15 digits; an amount of more stands as text, so that none is
ever rounded. Text is text: nothing becomes a formula, a link or a number. The same rows give the same bytes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from foundation.money import Money
from ledger.pulling.rows import Table, plain_cell

__all__ = ["MOST_ROWS", "workbook_pieces"]

# What a sheet holds, its header not counted.
MOST_ROWS = 1_048_575
_MOST_EXACT_SEN = 10**15
_PIECE = 64 * 1024
_MADE_AT = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_OPTIONS = {"constant_memory": True}


def workbook_pieces(table: Table, *, most_rows: int = MOST_ROWS) -> Generator[bytes, None, None]:
    """The workbook in pieces. Its rows wait in temporary files, not in memory."""
    with tempfile.TemporaryDirectory(prefix="lunas-xlsx-") as folder, tempfile.TemporaryFile(dir=folder) as file:
        with xlsxwriter.Workbook(file, _OPTIONS | {"tmpdir": folder}) as book:
            book.set_properties({"title": table.name, "created": _MADE_AT})
            _write_sheets(book, table, most_rows)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _write_sheets(book: Any, table: Table, most_rows: int) -> None:
    formats = {
        "head": book.add_format({"bold": True}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet = _new_sheet(book, table, 1, formats)
    for number, row in enumerate(table.rows):
        if number and number % most_rows == 0:
            sheet = _new_sheet(book, table, 1 + number // most_rows, formats)
        for column, cell in enumerate(row):
            _write_cell(sheet, 1 + number % most_rows, column, cell, formats)


def _new_sheet(book: Any, table: Table, number: int, formats: dict[str, Any]) -> Any:
    sheet = book.add_worksheet(table.name if number == 1 else f"{table.name} {number}")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(table.columns) - 1, 18)
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, name, formats["head"])
    return sheet


def _write_cell(sheet: Any, row: int, column: int, cell: Any, formats: dict[str, Any]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, Money) and abs(cell.sen) < _MOST_EXACT_SEN:
        sheet.write_number(row, column, Decimal(cell.sen).scaleb(-2), formats["money"])
    elif isinstance(cell, date) and not isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, formats["date"])
    elif isinstance(cell, int) and abs(cell) < _MOST_EXACT_SEN:
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, plain_cell(cell) or "")
