"""What the sandbox bank settles is read back the same.

For: the writer of the sandbox layout, and writer and reader together.
Not for: other layouts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_adapters.contract import SettlementFile, SettlementLine
from bank_adapters.statements import SANDBOX_SETTLEMENT, SettlementCsvReader, write_settlement
from foundation.money import Money

LINE = SettlementLine(
    line_no=2,
    bank_reference="VA2611210001",
    amount=Money(15000000),
    fee=Money(45050),
    net=Money(14954950),
    payment_code="331601261100001234",
    paid_at=datetime(2026, 11, 21, 8, 5, tzinfo=timezone(timedelta(hours=7))),
    channel="VA",
)
FILE = SettlementFile(
    partner_ref="BANK-CONTOH",
    business_on=date(2026, 11, 21),
    batch_reference="STL261121BC01",
    lines=(LINE,),
    gross=Money(15000000),
    fee=Money(45050),
    net=Money(14954950),
)


def test_a_settlement_is_written_in_its_documented_layout() -> None:
    assert write_settlement(FILE) == (
        b"record,no,partner,batch_reference,business_date,bank_reference,partner_reference_no,rrn,payment_code,channel,"
        b"paid_at,gross,fee,net\r\n"
        b"DETAIL,1,BANK-CONTOH,STL261121BC01,2026-11-21,VA2611210001,,,331601261100001234,VA,"
        b"2026-11-21T01:05:00+00:00,150000.00,450.50,149549.50\r\n"
        b"TOTAL,1,BANK-CONTOH,STL261121BC01,2026-11-21,,,,,,,150000.00,450.50,149549.50\r\n"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"bank_reference": ""},
        {"bank_reference": " VA1"},
        {"bank_reference": "VA\n1"},
        {"bank_reference": "1.5E17"},
        {"paid_at": None},
        {"paid_at": datetime(2026, 11, 21, 8, 5)},  # noqa: DTZ001 - a moment without a zone is the case
        {"fee": Money(0)},
        {"amount": Money(0), "fee": Money(0), "net": Money(0)},
        {"fee": Money(-1), "net": Money(15000001)},
    ],
    ids=str,
)
def test_a_line_that_cannot_be_is_not_written(change: dict[str, object]) -> None:
    line = replace(LINE, **change)  # type: ignore[arg-type]  # each case names a field and a value of its kind
    with pytest.raises(ValueError):
        write_settlement(replace(FILE, lines=(line,), gross=line.amount, fee=line.fee, net=line.net))


@pytest.mark.parametrize("sum_name", ["gross", "fee", "net"])
def test_sums_that_are_not_those_of_the_lines_are_not_written(sum_name: str) -> None:
    with pytest.raises(ValueError, match="is not the sum of its lines"):
        write_settlement(replace(FILE, **{sum_name: Money(1)}))  # type: ignore[arg-type]  # the three are Money


_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: text == text.strip() and "E" not in text.upper()
)


@st.composite
def _lines(draw: st.DrawFn) -> SettlementLine:
    amount = draw(st.integers(1, 10**14))
    fee = draw(st.integers(0, amount))
    return SettlementLine(
        line_no=0,
        bank_reference=draw(_texts),
        amount=Money(amount),
        fee=Money(fee),
        net=Money(amount - fee),
        payment_code=draw(st.none() | st.text("0123456789", min_size=18, max_size=18)),
        paid_at=draw(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001 - bounds of the strategy, which adds the zone
        channel=draw(st.none() | st.sampled_from(["VA", "QRIS-MPM"])),
        partner_reference=draw(st.none() | _texts),
        rrn=draw(st.none() | _texts),
    )


@given(st.lists(_lines(), max_size=6, unique_by=lambda line: line.bank_reference), _texts, _texts, st.dates())
def test_what_is_written_is_read_back_the_same(
    lines: list[SettlementLine], partner: str, batch: str, business_on: date
) -> None:
    gross, fee, net = (Money(sum(getattr(line, name).sen for line in lines)) for name in ("amount", "fee", "net"))
    file = SettlementFile(
        partner_ref=partner,
        business_on=business_on,
        batch_reference=batch,
        lines=tuple(lines),
        gross=gross,
        fee=fee,
        net=net,
    )
    read = SettlementCsvReader(SANDBOX_SETTLEMENT).read(write_settlement(file), filename="sandbox.csv")
    assert replace(read, lines=tuple(replace(line, line_no=0) for line in read.lines)) == file
