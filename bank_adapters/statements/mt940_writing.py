"""Write MT940 statements as Bank Mandiri's guideline lays them out (interfaces.md §4); the sandbox bank's pen.

For: files that `Mt940Reader` reads back to the same statements, with a unique bank reference on every `:61:` and the
remark in `:86:`, at most six rows of 65.
Not for: composing a remark or running the balances of an account (the sandbox bank does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from bank_adapters.contract import StatementFile, StatementLine
from bank_adapters.statements.mt940_fields import NO_REFERENCE, WIDTH
from foundation.money import Money

__all__ = ["write_mt940"]

_MOST_ROWS = 6
_ENVELOPE = "{1:F01LNSBIDJAXXXX0000000000}{2:I940LNSBIDJAXXXXN}{4:"
# 16x of SWIFT, which also forbids a slash at either end and two together.
_REFERENCE = re.compile(r"(?!/)(?!.*//)[\x21-\x7e](?:[\x20-\x7e]{0,14}[\x21-\x7e])?(?<!/)")
_ACCOUNT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,33}[\x21-\x7e])?")
_NUMBER = re.compile(r"\d{1,5}(?:/\d{1,5})?", re.ASCII)
_REMARK = re.compile(r"[\x20-\x7e]*")
# A row that starts so would be taken for a tag, a trailer or a SWIFT block.
_NEVER_FIRST = ":-{"
# An entry date has no year; farther from the value date than this, its year could be taken for another.
_MOST_DAYS_APART = 31


def write_mt940(statements: Sequence[StatementFile]) -> bytes:
    """The statements as one MT940 file: ASCII, CRLF, one SWIFT envelope each.

    Remarks are written with single blanks. Raises ValueError on what the format cannot carry or what no bank would
    write: a statement that does not foot, a bank reference missing, longer than 16 or used twice, a remark that does
    not fit. Nothing is shortened.
    """
    rows = [row for statement in statements for row in _statement_rows(statement)]
    return "".join(f"{row}\r\n" for row in rows).encode("ascii")


def _statement_rows(statement: StatementFile) -> Iterator[str]:
    if statement.footing_difference:
        raise ValueError(f"statement {statement.statement_no} does not foot by {statement.footing_difference}")
    references = [line.bank_reference for line in statement.lines]
    if len(set(references)) != len(references):
        raise ValueError(f"statement {statement.statement_no} uses a bank reference twice")
    yield _ENVELOPE
    yield f":20:{_fitting(_REFERENCE, statement.reference, 'reference')}"
    yield f":25:{_fitting(_ACCOUNT, statement.account_no, 'account_no')}"
    yield f":28C:{_fitting(_NUMBER, statement.statement_no, 'statement_no')}"
    yield f":60F:{_balance(statement.opening_on, statement.opening)}"
    for line in statement.lines:
        yield from _line_rows(line)
    yield f":62F:{_balance(statement.closing_on, statement.closing)}"
    yield f":64:{_balance(statement.closing_on, statement.closing)}"
    yield "-}"


def _line_rows(line: StatementLine) -> Iterator[str]:
    if line.amount.sen <= 0:
        raise ValueError(f"a statement line carries an amount above zero, not {line.amount}")
    if abs((line.entry_on - line.value_on).days) > _MOST_DAYS_APART:
        raise ValueError(f"entry date {line.entry_on} is too far from value date {line.value_on}")
    mark = "C" if line.direction == "credit" else "D"
    if line.reversal:
        # A reversal is named by what it takes back: RC is money going out again.
        mark = "RD" if line.direction == "credit" else "RC"
    owner = _fitting(_REFERENCE, line.owner_reference or NO_REFERENCE, "owner_reference")
    bank = _fitting(_REFERENCE, line.bank_reference or "", "bank_reference")
    yield f":61:{_day(line.value_on)}{line.entry_on:%m%d}{mark}{_amount(line.amount)}NTRF{owner}//{bank}"
    remark = _remark_rows(line.text)
    if remark:
        yield f":86:{remark[0]}"
        yield from remark[1:]


def _remark_rows(text: str) -> list[str]:
    """Cut at blanks where possible, so that a reference stays whole; a word longer than a row is cut at column 65."""
    rest = " ".join(_fitting(_REMARK, text, "text").split())
    rows: list[str] = []
    while rest:
        cut, resume = (len(rest), len(rest)) if len(rest) <= WIDTH else _cut(rest)
        rows.append(rest[:cut])
        rest = rest[resume:]
    if len(rows) > _MOST_ROWS:
        raise ValueError(f"a remark has {_MOST_ROWS} rows of {WIDTH}; this one needs {len(rows)}")
    return rows


def _cut(rest: str) -> tuple[int, int]:
    """Where the row ends and where the next begins. A row shorter than WIDTH is read back with a blank after it."""
    for at in range(WIDTH - 1, 0, -1):
        if rest[at] == " " and rest[at + 1] not in _NEVER_FIRST:
            return at, at + 1
    if rest[WIDTH] in f"{_NEVER_FIRST} " or rest[WIDTH - 1] == " ":
        raise ValueError("this remark cannot be cut into rows that read back the same")
    return WIDTH, WIDTH


def _balance(on: date, balance: Money) -> str:
    return f"{'D' if balance.sen < 0 else 'C'}{_day(on)}IDR{_amount(Money(abs(balance.sen)))}"


def _amount(amount: Money) -> str:
    rupiah, sen = divmod(amount.sen, 100)
    return f"{rupiah},{sen:02d}"


def _day(day: date) -> str:
    if not 2000 <= day.year <= 2099:
        raise ValueError(f"MT940 years have two digits and mean 2000 to 2099, not {day.year}")
    return f"{day:%y%m%d}"


def _fitting(shape: re.Pattern[str], text: str, name: str) -> str:
    if not shape.fullmatch(text):
        raise ValueError(f"{name} cannot be written in MT940: {text[:40]!r}")
    return text
