"""Read single MT940 fields with the mt-940 library, by shapes stricter than its own.

For: `:61:`, balances and the statement number, each into typed values or a problem that names its line.
Not for: which fields a statement must have, or whether it foots (`mt940_reading`).

The library's own shapes suit many banks and therefore forgive much: of "12.345,00" it takes 12, of a sixteenth digit
nothing, a `:61:` without type code is overwritten by the next one, and 30 February becomes the 28th. Our shapes, given
to it as tags of our own, leave no such room; amounts, signs and dates are then the library's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import mt940

from bank_adapters.contract import StatementLine
from bank_adapters.statements.mt940_pages import Field
from bank_adapters.statements.problems import ProblemList
from foundation.money import Money

__all__ = ["NO_REFERENCE", "WIDTH", "Balance", "read_account", "read_balance", "read_line", "read_number", "read_text"]

# What SWIFT writes where the owner gave no reference.
NO_REFERENCE = "NONREF"
# Columns of a row of `:86:`.
WIDTH = 65

_OPTIONS = mt940.Options.all()


class _StrictLine(mt940.tags.Statement):
    """6!n[4!n]2a[1!a]15d1!a3!c[x][//x] and one row of details, as SWIFT states; references may be longer than 16.

    The type code starts with S, N or F: a looser first letter would take "1,5E3NTRF" for 1,5 and a code E3NT.
    """

    RE_FLAGS = re.VERBOSE | re.ASCII
    pattern = r"""
    (?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})
    (?:(?P<entry_month>\d{2})(?P<entry_day>\d{2})|\ {4})?
    (?P<status>R?[DC])
    (?P<funds_code>[A-Z])?
    (?P<amount>\d{1,15},\d{0,2})
    (?P<id>[SNF][A-Z0-9]{3})
    (?P<customer_reference>(?:(?!//)[\x20-\x7e])*)
    (?://(?P<bank_reference>[\x20-\x7e]*))?
    (?:\n(?P<extra_details>[^\n]*))?
    """


class _StrictBalance(mt940.tags.BalanceBase):
    """1!a6!n3!a15d, to the last character."""

    RE_FLAGS = re.VERBOSE | re.ASCII
    pattern = r"""
    (?P<status>[DC])
    (?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})
    (?P<currency>[A-Z]{3})
    (?P<amount>\d{1,15},\d{0,2})
    """


class _StrictNumber(mt940.tags.StatementNumber):
    """5n[/5n]."""

    RE_FLAGS = re.VERBOSE | re.ASCII
    pattern = r"(?P<statement_number>\d{1,5})(?:/(?P<sequence_number>\d{1,5}))?"


_LINE = _StrictLine()
_BALANCE = _StrictBalance()
_NUMBER = _StrictNumber()


@dataclass(frozen=True, slots=True)
class Balance:
    """A signed balance on a date; `paged` where the tag ends in M: the statement has another page."""

    on: date
    amount: Money
    paged: bool
    line: int


def read_balance(field: Field, problems: ProblemList) -> Balance | None:
    """A `:60F:`, `:60M:`, `:62F:` or `:62M:`; None, and a problem noted, when it is not as SWIFT says or not in IDR."""
    values = _shape(_BALANCE, field, problems)
    if values is None:
        return None
    place = f":{field.tag}:"
    if values["currency"] != "IDR":
        problems.add("currency_not_idr", line=field.line, field=place, text=values["currency"])
        return None
    read = _ask_library(_BALANCE, values, field, problems)
    if read is None:
        return None
    balance = read[_BALANCE.slug]
    return Balance(_plain_date(balance.date), _money(balance.amount.amount), field.tag.endswith("M"), field.line)


def read_line(field: Field, text: str, problems: ProblemList) -> StatementLine | None:
    """A `:61:` with the remark of its `:86:`; None, and a problem noted, when it is not as SWIFT says.

    RC takes back a credit, so it is a debit; RD is a credit. A missing entry date is the value date. The row of
    details below the `:61:`, where a bank writes one, goes before the remark.
    """
    values = _shape(_LINE, field, problems)
    if values is None:
        return None
    read = _ask_library(_LINE, values, field, problems)
    if read is None:
        return None
    signed = _money(read["amount"].amount)
    if not signed:
        problems.add("amount_not_positive", line=field.line, field=":61:")
        return None
    value_on = _plain_date(read["date"])
    return StatementLine(
        line_no=field.line,
        value_on=value_on,
        entry_on=_plain_date(read.get("entry_date", value_on)),
        amount=Money(abs(signed.sen)),
        direction="debit" if signed.sen < 0 else "credit",
        bank_reference=_reference(read["bank_reference"]),
        owner_reference=_reference(read["customer_reference"]),
        text=" ".join(f"{read['extra_details'] or ''} {text}".split()),
        reversal=read["status"].startswith("R"),
    )


def read_number(field: Field, problems: ProblemList) -> tuple[str, int] | None:
    """A `:28C:` as (statement number as written, page from 1); None, and a problem noted, when it is none."""
    values = _shape(_NUMBER, field, problems)
    if values is None:
        return None
    return values["statement_number"], int(values["sequence_number"] or 1)


def read_account(field: Field, problems: ProblemList) -> str | None:
    """A `:25:` or the first row of a `:25P:`, at most 35 printable characters without blanks around them."""
    account = field.rows[0].strip()
    if not re.fullmatch(r"[\x21-\x7e](?:[\x20-\x7e]{0,33}[\x21-\x7e])?", account):
        problems.add("field_unreadable", line=field.line, field=f":{field.tag}:", text=account)
        return None
    return account


def read_text(fields: list[Field]) -> str:
    """The remark of one or more `:86:` as one line.

    A row that fills all its columns was cut in the middle, so the next one follows without a blank; else with one.
    """
    text = ""
    for row in (row for field in fields for row in field.rows):
        text += row if len(row) >= WIDTH else f"{row} "
    return " ".join(text.split())


def _shape(tag: mt940.tags.Tag, field: Field, problems: ProblemList) -> dict[str, Any] | None:
    value = "\n".join(field.rows)
    match = tag.re.fullmatch(value)
    if match is None:
        problems.add("field_unreadable", line=field.line, field=f":{field.tag}:", text=value)
        return None
    return match.groupdict()


def _ask_library(
    tag: mt940.tags.Tag, values: dict[str, Any], field: Field, problems: ProblemList
) -> dict[str, Any] | None:
    try:
        return tag(mt940.models.Transactions(options=_OPTIONS), values)
    except ValueError:
        # The shape is right, so only a day that the calendar does not have can be wrong.
        problems.add("date_unreadable", line=field.line, field=f":{field.tag}:", text=field.rows[0][:11])
        return None


def _money(amount: Decimal) -> Money:
    sen = amount.scaleb(2)
    if sen != sen.to_integral_value():
        raise ArithmeticError("an MT940 amount with two decimals has no part of a sen")
    return Money(int(sen))


def _plain_date(day: date) -> date:
    return date(day.year, day.month, day.day)


def _reference(text: str | None) -> str | None:
    stripped = (text or "").strip()
    return None if stripped in ("", NO_REFERENCE) else stripped
