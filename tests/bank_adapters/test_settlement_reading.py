"""A settlement CSV is read as its format states it, every row a line, every sum proved.

For: files that are accepted, in the sandbox layout and in an acquirer's own.
Not for: files that are refused (test_settlement_refusals), formats that are (test_settlement_format).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bank_adapters.contract import SettlementLine, SettlementReader
from bank_adapters.statements import SANDBOX_SETTLEMENT, SettlementCsvReader, SettlementFormat, Source
from foundation.money import Money

SAMPLES = Path(__file__).parents[2] / "samples" / "statements"

ACQUIRER = SettlementFormat(
    name="akuirer-contoh",
    valid_from=date(2026, 1, 1),
    columns={"bank_reference": "REF", "amount": "TOTAL", "net": "NET"},
    partner_ref=Source(constant="AKUIRER-CONTOH"),
    batch_reference=Source(filename=r"^SETTLE_(\w+)_\d{8}\.csv$"),
    business_on=Source(filename=r"_(\d{8})\.csv$"),
    date_format="%Y%m%d",
    delimiter="|",
    amounts="grouped",
)


def test_the_sandbox_sample_is_read_with_its_sums() -> None:
    reader: SettlementReader = SettlementCsvReader(SANDBOX_SETTLEMENT)
    file = reader.read((SAMPLES / "settlement-sandbox.csv").read_bytes(), filename="settlement-sandbox.csv")
    assert (file.partner_ref, file.batch_reference, file.business_on) == (
        "BANK-CONTOH",
        "STL261121BC01",
        date(2026, 11, 21),
    )
    assert (file.gross, file.fee, file.net) == (Money(45050000), Money(0), Money(45050000))
    assert len(file.lines) == 3
    assert file.lines[2] == SettlementLine(
        line_no=4,
        bank_reference="QR2611210003",
        amount=Money(2500000),
        fee=Money(0),
        net=Money(2500000),
        payment_code="331602261100000017",
        paid_at=datetime(2026, 11, 21, 6, 7, tzinfo=UTC),
        channel="QRIS-MPM",
        partner_reference="Q-0000000000000003",
        rrn="632507130003",
    )


def test_an_acquirers_own_layout_is_read_by_its_toml() -> None:
    stated = SettlementFormat.from_toml((SAMPLES / "settlement-acquirer.toml").read_bytes())
    file = SettlementCsvReader(stated).read(
        (SAMPLES / "settlement-acquirer.csv").read_bytes(), filename="settlement-acquirer.csv"
    )
    assert (file.partner_ref, file.batch_reference, file.business_on) == (
        "ID1026000000001",
        "AC-20261121-01",
        date(2026, 11, 21),
    )
    assert (file.gross, file.fee, file.net) == (Money(155000000), Money(450000), Money(154550000))
    assert file.lines[2] == SettlementLine(
        line_no=8,
        bank_reference="000000261121000103",
        amount=Money(150000000),
        fee=Money(450000),
        net=Money(149550000),
        paid_at=datetime(2026, 11, 21, 9, 48, tzinfo=UTC),
        channel="QRIS-MPM",
        partner_reference="Q-0000000000000103",
        rrn="063250713003",
    )


def test_the_facts_of_the_file_may_stand_in_its_name_and_the_fee_follows_from_the_net() -> None:
    file = SettlementCsvReader(ACQUIRER).read(
        b"REF|TOTAL|NET\r\nA1|1,500,000.00|1,495,500.00\r\n\r\nA2|25000|25000.00\r\n", filename="SETTLE_B7_20261121.csv"
    )
    assert (file.partner_ref, file.batch_reference, file.business_on) == ("AKUIRER-CONTOH", "B7", date(2026, 11, 21))
    assert [(line.bank_reference, line.amount, line.fee, line.net) for line in file.lines] == [
        ("A1", Money(150000000), Money(450000), Money(149550000)),
        ("A2", Money(2500000), Money(0), Money(2500000)),
    ]
    assert file.lines[0].paid_at is None
    assert file.lines[0].payment_code is None


def test_a_format_without_fees_settles_gross() -> None:
    free = replace(ACQUIRER, columns={"bank_reference": "REF", "amount": "TOTAL"}, fee_free=True)
    file = SettlementCsvReader(free).read(b"REF|TOTAL\nA1|150000.00\n", filename="SETTLE_B7_20261121.csv")
    assert (file.gross, file.fee, file.net) == (Money(15000000), Money(0), Money(15000000))


def test_two_rows_equal_in_everything_stay_two() -> None:
    file = SettlementCsvReader(ACQUIRER).read(
        b"REF|TOTAL|NET\nA1|25000|25000\nA1|25000|25000\nA1|25000|24000\n", filename="SETTLE_B7_20261121.csv"
    )
    assert [(line.line_no, line.net, line.occurrence) for line in file.lines] == [
        (2, Money(2500000), 1),
        (3, Money(2500000), 2),
        (4, Money(2400000), 1),
    ]
    assert file.gross == Money(7500000)


def test_a_day_without_payments_is_a_settlement_of_nothing() -> None:
    head, *_ = (SAMPLES / "settlement-sandbox.csv").read_bytes().split(b"\r\n")
    data = head + b"\r\nTOTAL,0,BANK-CONTOH,STL261122BC01,2026-11-22,,,,,,,0.00,0.00,0.00\r\n"
    file = SettlementCsvReader(SANDBOX_SETTLEMENT).read(data, filename="settlement.csv")
    assert (file.lines, file.gross, file.batch_reference) == ((), Money(0), "STL261122BC01")
    assert file.business_on == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("zone", "hour"), [("Asia/Jakarta", 7), ("Asia/Makassar", 6), ("Asia/Jayapura", 5)], ids=["WIB", "WITA", "WIT"]
)
def test_a_moment_without_a_zone_is_in_that_of_the_format(zone: str, hour: int) -> None:
    stated = replace(ACQUIRER, columns={**ACQUIRER.columns, "paid_at": "PAID"}, timezone=zone)
    file = SettlementCsvReader(stated).read(
        b"REF|TOTAL|NET|PAID\nA1|25000|25000|2026-11-21 14:05:09\n", filename="SETTLE_B7_20261121.csv"
    )
    assert file.lines[0].paid_at == datetime(2026, 11, 21, hour, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_decides_the_encoding(encoding: str) -> None:
    text = "REF|TOTAL|NET\r\nA1|25000|25000\r\n"
    file = SettlementCsvReader(ACQUIRER).read(text.encode(encoding), filename="SETTLE_B7_20261121.csv")
    assert file.gross == Money(2500000)


def test_columns_that_the_format_does_not_name_may_stand_anywhere() -> None:
    file = SettlementCsvReader(ACQUIRER).read(
        b'X|NET|"REF"|Y|TOTAL\n1|25000|"A|1"|Warga Contoh 0123|25000\n', filename="SETTLE_B7_20261121.csv"
    )
    assert [(line.bank_reference, line.amount) for line in file.lines] == [("A|1", Money(2500000))]
