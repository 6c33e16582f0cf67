"""Read an acquirer's settlement CSV by its stated format: every row a line, all sums proved, or the file refused.

For: headings, rows, the facts of the whole file, and the totals row.
Not for: the layout of an acquirer (`settlement_format` states it), or whether we know the payments (reconciliation).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bank_adapters.contract import SettlementFile, SettlementLine, SettlementUnreadable
from bank_adapters.statements.decoding import text_lines
from bank_adapters.statements.occurrences import number_occurrences
from bank_adapters.statements.problems import ProblemList
from bank_adapters.statements.settlement_cells import Row, read_amount, read_date, read_moment, read_reference
from bank_adapters.statements.settlement_format import SettlementFormat, Source
from foundation.money import Money

__all__ = ["SettlementCsvReader"]

_FILE_FACTS = ("batch_reference", "business_on", "partner_ref")


@dataclass(frozen=True, slots=True)
class SettlementCsvReader:
    """A `SettlementReader` for one acquirer's stated format."""

    format: SettlementFormat

    def read(self, data: bytes, *, filename: str) -> SettlementFile:
        """The settlement in the file: one batch of one business date, in the order of its rows.

        Raises SettlementUnreadable with every problem (`.problems`: line, field, code, sentence). Rows equal in every
        fact stay rows of their own, told apart by `occurrence`. A row that is refunded, pending or in another currency
        is refused where the format's `must_be` says so; none is left out.
        """
        problems = ProblemList()
        lines = text_lines(data, problems, encoding=self.format.encoding)
        problems.refuse_if_any(SettlementUnreadable)
        table = _cut_table(self.format, lines, problems)
        problems.refuse_if_any(SettlementUnreadable)
        read = [line for row in table.rows if (line := _read_line(self.format, row, problems)) is not None]
        facts = _FileFacts(self.format, table, filename, problems)
        batch_reference, partner_ref = facts.text("batch_reference"), facts.text("partner_ref")
        business_on = facts.business_on()
        # A line that cannot be read would make the sums wrong as well, and say nothing new.
        if len(read) == len(table.rows):
            _check_totals(self.format, table, read, problems)
        problems.refuse_if_any(SettlementUnreadable)
        assert business_on is not None
        return SettlementFile(
            partner_ref=partner_ref,
            business_on=business_on,
            batch_reference=batch_reference,
            lines=number_occurrences(read),
            gross=_sum(line.amount for line in read),
            fee=_sum(line.fee for line in read),
            net=_sum(line.net for line in read),
        )


@dataclass(slots=True)
class _Table:
    preamble: list[Row]
    heading_line: int
    rows: list[Row]
    totals: Row | None


def _cut_table(stated: SettlementFormat, lines: list[str], problems: ProblemList) -> _Table:
    """Find the headings, then make every row after them a line or the totals row."""
    table = _Table([], 0, [], None)
    headings: list[str] | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = _cells(stated, number, line, problems)
        if cells is None:
            continue
        if headings is None:
            if stated.headings("amount")[0] in cells:
                headings, table.heading_line = cells, number
                _check_headings(stated, headings, number, problems)
            else:
                table.preamble.append(Row(number, {str(at): cell for at, cell in enumerate(cells)}))
        elif len(cells) != len(headings):
            problems.add("cells_wrong", line=number, counted=len(cells), stated=len(headings))
        else:
            _take_row(stated, Row(number, dict(zip(headings, cells, strict=True))), table, problems)
    if headings is None:
        problems.add("header_missing", field=stated.headings("amount")[0])
    elif stated.totals and table.totals is None:
        problems.add("totals_missing", line=len(lines), field=stated.totals.column, text=stated.totals.marker)
    return table


def _cells(stated: SettlementFormat, number: int, line: str, problems: ProblemList) -> list[str] | None:
    # Line by line, so that one quote left open cannot swallow the rows after it.
    try:
        cells = next(csv.reader([line], delimiter=stated.delimiter, strict=True))
    except csv.Error as fault:
        problems.add("row_unreadable", line=number, text=str(fault))
        return None
    bare = [cell.strip() for cell in cells]
    return [cell.removeprefix("'") for cell in bare] if stated.apostrophes else bare


def _check_headings(stated: SettlementFormat, headings: list[str], number: int, problems: ProblemList) -> None:
    for heading in stated.all_headings():
        if heading not in headings:
            problems.add("column_missing", line=number, field=heading, text=heading)
    for heading, times in Counter(headings).items():
        if times > 1 and heading:
            problems.add("column_repeated", line=number, field=heading, text=heading)


def _take_row(stated: SettlementFormat, row: Row, table: _Table, problems: ProblemList) -> None:
    if table.totals is not None:
        problems.add("row_after_totals", line=row.line)
    elif stated.totals and row.cells.get(stated.totals.column) == stated.totals.marker:
        table.totals = row
    else:
        table.rows.append(row)


def _read_line(stated: SettlementFormat, row: Row, problems: ProblemList) -> SettlementLine | None:
    before = len(problems)
    for heading, allowed in stated.must_be.items():
        if row.cells[heading] not in allowed:
            told = " / ".join(allowed)
            problems.add("value_unexpected", line=row.line, field=heading, text=row.cells[heading], allowed=told)
    reference = read_reference(stated, row, "bank_reference", problems)
    if reference == "":
        problems.add("value_missing", line=row.line, field=stated.headings("bank_reference")[0])
    amount = read_amount(stated, row, stated.headings("amount")[0], problems)
    if amount is not None and not amount:
        problems.add("amount_not_positive", line=row.line, field=stated.headings("amount")[0])
    fee, net = _fee_and_net(stated, row, amount, problems)
    line = SettlementLine(
        line_no=row.line,
        bank_reference=reference or "",
        amount=amount or Money(0),
        fee=fee,
        net=net,
        payment_code=read_reference(stated, row, "payment_code", problems) or None,
        paid_at=read_moment(stated, row, problems),
        channel=read_reference(stated, row, "channel", problems) or None,
        partner_reference=read_reference(stated, row, "partner_reference", problems) or None,
        rrn=read_reference(stated, row, "rrn", problems) or None,
    )
    return line if len(problems) == before else None


def _fee_and_net(stated: SettlementFormat, row: Row, gross: Money | None, problems: ProblemList) -> tuple[Money, Money]:
    """Fee and net of a line; where the format states both they must agree with the gross, else one gives the other."""
    none = Money(0)
    named = [stated.headings(fact) for fact in ("fee", "net")]
    fee, net = (read_amount(stated, row, headings[0], problems) if headings else None for headings in named)
    if gross is None or any(headings and amount is None for headings, amount in zip(named, (fee, net), strict=True)):
        return none, none
    if fee is None:
        fee = gross - net if net is not None else none
    if net is None:
        net = gross - fee
    if gross - fee != net or fee.sen < 0 or net.sen < 0:
        heading = (named[1] or named[0])[0]
        problems.add("net_wrong", line=row.line, field=heading, stated=net, gross=gross, fee=fee)
    return fee, net


@dataclass(frozen=True, slots=True)
class _FileFacts:
    """What the file says of itself as a whole, wherever its format puts it."""

    format: SettlementFormat
    table: _Table
    filename: str
    problems: ProblemList

    def business_on(self) -> date | None:
        """The business date, or None when it cannot be read."""
        text = self.text("business_on")
        if not text:
            return None
        line = next((row.line for row in self._rows()), None) if self.format.business_on.column else None
        return read_date(self.format, text, self._place("business_on"), self.problems, line=line)

    def text(self, fact: str) -> str:
        """One fact as written; empty, and a problem noted, when it is missing or rows differ."""
        source: Source = getattr(self.format, fact)
        if source.column is not None:
            found = self._from_column(source.column)
        elif source.label is not None:
            found = next((row.cells.get("1", "") for row in self.table.preamble if row.cells["0"] == source.label), "")
        elif source.filename is not None:
            match = re.search(source.filename, self.filename)
            found = (match[1] or "") if match else ""
        else:
            found = source.constant or ""
        if not found:
            self.problems.add("value_missing", line=self.table.heading_line, field=self._place(fact))
        return found

    def _from_column(self, heading: str) -> str:
        found = ""
        for row in self._rows():
            cell = row.cells[heading]
            if cell == found:
                continue
            if row is self.table.totals and not cell:
                continue
            if not cell:
                self.problems.add("value_missing", line=row.line, field=heading)
            elif found:
                self.problems.add("value_differs", line=row.line, field=heading, text=cell, before=found)
            else:
                found = cell
        return found

    def _rows(self) -> list[Row]:
        return [*self.table.rows, *([self.table.totals] if self.table.totals else [])]

    def _place(self, fact: str) -> str:
        source: Source = getattr(self.format, fact)
        return source.column or source.label or ("filename" if source.filename else fact)


def _check_totals(stated: SettlementFormat, table: _Table, lines: list[SettlementLine], problems: ProblemList) -> None:
    row = table.totals
    if row is None or stated.totals is None:
        return
    if stated.totals.count:
        cell = row.cells[stated.totals.count]
        if not re.fullmatch(r"\d{1,9}", cell, re.ASCII):
            problems.add("value_unreadable", line=row.line, field=stated.totals.count, text=cell)
        elif int(cell) != len(lines):
            problems.add("count_wrong", line=row.line, field=stated.totals.count, stated=cell, counted=len(lines))
    for name, heading in stated.summed().items():
        told = read_amount(stated, row, heading, problems)
        counted = _sum(getattr(line, name) for line in lines)
        if told is not None and told != counted:
            problems.add("sum_wrong", line=row.line, field=heading, stated=told, counted=counted)


def _sum(amounts: Iterable[Money]) -> Money:
    return Money(sum(amount.sen for amount in amounts))
