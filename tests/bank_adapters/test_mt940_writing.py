"""What the sandbox bank writes is MT940 as Mandiri lays it out, and is read back to the same statements.

For: the writer, and writer and reader together over invented statements of every kind.
Not for: files of other banks (test_mt940_reading).
"""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_adapters.contract import StatementFile, StatementLine
from bank_adapters.statements import Mt940Reader, write_mt940
from foundation.money import Money

NOV_20, NOV_21 = date(2026, 11, 20), date(2026, 11, 21)

LINE = StatementLine(
    line_no=6,
    value_on=NOV_21,
    entry_on=NOV_21,
    amount=Money(15000000),
    direction="credit",
    bank_reference="SWP261121BC01",
    owner_reference="BC01",
    text="PELIMPAHAN PENDAPATAN NON TUNAI BANK CONTOH STL261121BC01 TANGGAL BUKU 21/11/2026",
)
STATEMENT = StatementFile(
    account_no="1400099990002",
    statement_no="00325",
    opening_on=NOV_20,
    opening=Money(100000000),
    closing_on=NOV_21,
    closing=Money(115000000),
    lines=(LINE,),
    reference="LNS2611210002",
)


def test_a_statement_is_written_as_the_guideline_lays_it_out() -> None:
    assert write_mt940([STATEMENT]) == (
        b"{1:F01LNSBIDJAXXXX0000000000}{2:I940LNSBIDJAXXXXN}{4:\r\n"
        b":20:LNS2611210002\r\n"
        b":25:1400099990002\r\n"
        b":28C:00325\r\n"
        b":60F:C261120IDR1000000,00\r\n"
        b":61:2611211121C150000,00NTRFBC01//SWP261121BC01\r\n"
        b":86:PELIMPAHAN PENDAPATAN NON TUNAI BANK CONTOH STL261121BC01\r\n"
        b"TANGGAL BUKU 21/11/2026\r\n"
        b":62F:C261121IDR1150000,00\r\n"
        b":64:C261121IDR1150000,00\r\n"
        b"-}\r\n"
    )


def test_a_file_without_statements_is_empty() -> None:
    assert write_mt940([]) == b""


@pytest.mark.parametrize(
    "change",
    [
        {"bank_reference": None},
        {"bank_reference": "X" * 17},
        {"bank_reference": "A//B"},
        {"bank_reference": "/A"},
        {"bank_reference": "A/"},
        {"bank_reference": "RÉF"},
        {"bank_reference": "A\nB"},
        {"owner_reference": "X" * 17},
        {"text": "É"},
        {"text": "A\n:61:"},
        {"text": "A " * 300},
        {"text": "X" * 65 + ":61:261121C1,00NTRF"},
        {"amount": Money(0)},
        {"amount": Money(-1)},
        {"entry_on": NOV_21 + timedelta(days=40)},
        {"value_on": date(1999, 12, 31), "entry_on": date(1999, 12, 31)},
    ],
    ids=str,
)
def test_a_line_that_the_format_cannot_carry_is_not_written(change: dict[str, object]) -> None:
    line = replace(LINE, **change)  # type: ignore[arg-type]  # each case names a field and a value of its kind
    closing = STATEMENT.opening + line.amount
    with pytest.raises(ValueError):
        write_mt940([replace(STATEMENT, lines=(line,), closing=closing)])


def test_a_statement_that_does_not_foot_is_not_written() -> None:
    with pytest.raises(ValueError, match=r"does not foot by 0\.01"):
        write_mt940([replace(STATEMENT, closing=Money(115000001))])


def test_a_bank_reference_used_twice_is_not_written() -> None:
    with pytest.raises(ValueError, match="uses a bank reference twice"):
        write_mt940([replace(STATEMENT, lines=(LINE, LINE), closing=Money(130000000))])


def test_a_word_longer_than_a_row_is_cut_and_read_back_whole() -> None:
    text = "X" * 150 + " AKHIR"
    written = write_mt940([replace(STATEMENT, lines=(replace(LINE, text=text),))])
    assert [len(row) for row in written.split(b"\r\n") if b"X" * 15 in row] == [
        len(":86:") + 65,
        65,
        20 + len(" AKHIR"),
    ]
    (statement,) = Mt940Reader().read(written, filename="sandbox.sta")
    assert statement.lines[0].text == text


_references = st.text(string.ascii_letters + string.digits + ".-", min_size=1, max_size=16)
_words = st.text(string.ascii_letters + string.digits + "/-:{}?.,'+();", min_size=1, max_size=20)
_texts = st.lists(_words, max_size=14).map(" ".join).filter(lambda text: len(text) <= 300)
_days = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@st.composite
def _lines(draw: st.DrawFn, reference: str) -> StatementLine:
    value_on = draw(_days)
    return StatementLine(
        line_no=0,
        value_on=value_on,
        entry_on=value_on + timedelta(days=draw(st.integers(-31, 31))),
        amount=Money(draw(st.integers(1, 10**14))),
        direction=draw(st.sampled_from(["credit", "debit"])),
        bank_reference=reference,
        owner_reference=draw(st.none() | _references.filter(lambda text: text != "NONREF")),
        text=draw(_texts),
        reversal=draw(st.booleans()),
    )


@st.composite
def _statements(draw: st.DrawFn) -> StatementFile:
    references = draw(st.lists(_references.filter(lambda text: text != "NONREF"), max_size=6, unique=True))
    lines = tuple(draw(_lines(reference)) for reference in references)
    opening = draw(st.integers(-(10**14), 10**14))
    moved = sum(line.amount.sen if line.direction == "credit" else -line.amount.sen for line in lines)
    opening_on = draw(_days)
    return StatementFile(
        account_no=draw(st.text(string.digits, min_size=1, max_size=35)),
        statement_no=f"{draw(st.integers(0, 99999)):05d}",
        opening_on=opening_on,
        opening=Money(opening),
        closing_on=opening_on + timedelta(days=draw(st.integers(0, 31))),
        closing=Money(opening + moved),
        lines=lines,
        reference=draw(_references),
    )


def _placeless(statement: StatementFile) -> StatementFile:
    return replace(statement, lines=tuple(replace(line, line_no=0) for line in statement.lines))


@given(_statements(), st.sampled_from(["\r\n", "\n", "\r"]))
def test_what_is_written_is_read_back_the_same(statement: StatementFile, line_end: str) -> None:
    written = write_mt940([statement]).decode("ascii").replace("\r\n", line_end).encode("ascii")
    assert [_placeless(read) for read in Mt940Reader().read(written, filename="sandbox.sta")] == [statement]


@given(st.lists(_statements(), min_size=1, max_size=4, unique_by=lambda statement: statement.account_no))
def test_a_file_of_several_accounts_is_read_back_the_same(statements: list[StatementFile]) -> None:
    read = Mt940Reader().read(write_mt940(statements), filename="sandbox.sta")
    assert [_placeless(statement) for statement in read] == statements
