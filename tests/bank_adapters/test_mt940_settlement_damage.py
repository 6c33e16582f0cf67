"""Damaged files: whatever happens to the bytes, a file is refused by name or what was read is proved.

For: random damage to good files, and random bytes.
Not for: particular faults (test_mt940_refusals, test_settlement_refusals).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bank_adapters.contract import BankFileRefused, SettlementUnreadable, StatementUnreadable
from bank_adapters.statements import SANDBOX_SETTLEMENT, Mt940Reader, SettlementCsvReader, recognise
from foundation.money import Money

SAMPLES = Path(__file__).parents[2] / "samples" / "statements"
MT940 = (SAMPLES / "mt940-two-days.sta").read_bytes()
SETTLEMENT = (SAMPLES / "settlement-sandbox.csv").read_bytes()


@st.composite
def _damaged(draw: st.DrawFn, good: bytes) -> bytes:
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        put = draw(
            st.binary(max_size=6) | st.sampled_from([b":61:", b"\n", b"\r\n:86:", b",", b'"', b"-}", b"{4:", b"0"])
        )
        data[start:end] = put
    return bytes(data)


def _read_mt940(data: bytes) -> None:
    try:
        statements = Mt940Reader().read(data, filename="rusak.sta")
    except StatementUnreadable:
        return
    lines = [line for statement in statements for line in statement.lines]
    assert all(statement.footing_difference == Money(0) for statement in statements)
    assert all(line.amount > Money(0) for line in lines)
    rows = data.replace(b"\r", b"\n").split(b"\n")
    assert len(lines) == sum(row.lstrip().startswith(b":61:") for row in rows)


def _read_settlement(data: bytes) -> None:
    try:
        file = SettlementCsvReader(SANDBOX_SETTLEMENT).read(data, filename="rusak.csv")
    except SettlementUnreadable:
        return
    assert file.gross == Money(sum(line.amount.sen for line in file.lines))
    assert file.gross - file.fee == file.net
    assert all(line.amount > Money(0) for line in file.lines)


@given(_damaged(MT940))
def test_a_damaged_statement_is_refused_or_still_proved(data: bytes) -> None:
    _read_mt940(data)


@given(_damaged(SETTLEMENT))
def test_a_damaged_settlement_is_refused_or_still_proved(data: bytes) -> None:
    _read_settlement(data)


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_refused_or_recognised_and_then_proved(data: bytes) -> None:
    _read_mt940(data)
    _read_settlement(data)
    with suppress(BankFileRefused):
        assert recognise("berkas.csv", data) in ("mt940", "settlement-csv")


def test_every_beginning_of_a_settlement_but_the_whole_is_refused() -> None:
    whole = SETTLEMENT.rstrip()
    for length in range(len(whole)):
        try:
            file = SettlementCsvReader(SANDBOX_SETTLEMENT).read(whole[:length], filename="terpotong.csv")
        except SettlementUnreadable:
            continue
        # Cut within the last figure, "450500" is still what "450500.00" says.
        assert (length, file.net) == (len(whole) - 3, Money(45050000))
