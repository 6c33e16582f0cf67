"""Read single cells of a settlement row: amounts, dates, moments, references.

For: exactly the form that the format states, or a problem that names line and heading.
Not for: which cells a row must have (`settlement_reading`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bank_adapters.statements.problems import ProblemList
from bank_adapters.statements.settlement_format import SettlementFormat
from foundation.errors import AmountUnreadable
from foundation.money import Money

__all__ = ["MANGLED", "Row", "read_amount", "read_date", "read_moment", "read_reference"]

# 1.23E+17: a spreadsheet rounded a long number, and its last digits are lost.
MANGLED = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})*(?:\.\d{2})?", re.ASCII)


@dataclass(slots=True)
class Row:
    """A row below the headings: its line in the file (from 1) and its cells by heading, without blanks around them."""

    line: int
    cells: dict[str, str]


def read_amount(stated: SettlementFormat, row: Row, heading: str, problems: ProblemList) -> Money | None:
    """An amount in the style of the format, never below zero; None, and a problem noted, when it is none."""
    text = row.cells[heading]
    try:
        if stated.amounts == "indonesian":
            return Money.parse_indonesian(text)
        if stated.amounts == "grouped" and _GROUPED.fullmatch(text):
            return Money.parse(text.replace(",", ""))
        return Money.parse(text)
    except AmountUnreadable:
        problems.add("amount_unreadable", line=row.line, field=heading, text=text)
        return None


def read_reference(stated: SettlementFormat, row: Row, fact: str, problems: ProblemList) -> str | None:
    """A reference or word as written; "" where it is empty, None where the format has no such column."""
    headings = stated.headings(fact)
    if not headings:
        return None
    text = row.cells[headings[0]]
    if MANGLED.fullmatch(text):
        problems.add("number_mangled", line=row.line, field=headings[0], text=text)
    return text


def read_moment(stated: SettlementFormat, row: Row, problems: ProblemList) -> datetime | None:
    """When it was paid, in UTC; None where the format has no such column, or, a problem noted, when unreadable.

    Several headings (date and hour) are read as one text with a blank between. A moment that states no zone is in
    that of the format.
    """
    headings = stated.headings("paid_at")
    if not headings:
        return None
    text = " ".join(row.cells[heading] for heading in headings)
    moment = _moment(text, stated.moment_format)
    if moment is None:
        problems.add(
            "value_unreadable" if text.strip() else "value_missing", line=row.line, field=headings[0], text=text
        )
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(stated.timezone))
    return moment.astimezone(UTC)


def read_date(
    stated: SettlementFormat, text: str, place: str, problems: ProblemList, *, line: int | None
) -> date | None:
    """A date in the form of the format; None, and a problem noted, when it is none."""
    try:
        # strptime knows no dates alone; the hour that it adds is dropped again.
        return datetime.strptime(text, stated.date_format).date()  # noqa: DTZ007 - a business date has no zone
    except ValueError:
        problems.add("date_unreadable", line=line, field=place, text=text)
        return None


def _moment(text: str, form: str) -> datetime | None:
    try:
        if form != "iso":
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller gives it the zone of the format
        # A date alone would be read as midnight, which nobody said.
        return datetime.fromisoformat(text) if len(text) > len("2026-11-21") else None
    except ValueError:
        return None
