"""A settlement CSV that is not whole is refused whole, with every fault named by line and column.

For: hostile, truncated, mangled and wrong files.
Not for: files that are accepted (test_settlement_reading).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bank_adapters.contract import SettlementUnreadable
from bank_adapters.statements import SANDBOX_SETTLEMENT, SettlementCsvReader, SettlementFormat, Source

SAMPLE = (Path(__file__).parents[2] / "samples" / "statements" / "settlement-sandbox.csv").read_text("utf-8")

SMALL = SettlementFormat(
    name="kecil",
    valid_from=date(2026, 1, 1),
    columns={"bank_reference": "REF", "amount": "TOTAL", "fee": "MDR", "net": "NET"},
    partner_ref=Source(constant="AKUIRER-CONTOH"),
    batch_reference=Source(label="Batch"),
    business_on=Source(label="Tanggal"),
)
PREAMBLE = "Batch,B7\nTanggal,2026-11-21\nREF,TOTAL,MDR,NET\n"


def faults(
    data: str | bytes, stated: SettlementFormat = SANDBOX_SETTLEMENT, filename: str = "settlement.csv"
) -> list[tuple[int | None, str | None, str]]:
    given = data if isinstance(data, bytes) else data.encode()
    with pytest.raises(SettlementUnreadable) as refused:
        SettlementCsvReader(stated).read(given, filename=filename)
    return [(problem.line, problem.field, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\r\n \r\n", "file_empty"),
        (b"PK\x03\x04\x14\x00", "not_text"),
        (b"\xe9,1", "encoding_wrong"),
    ],
    ids=["nothing", "blank lines", "a spreadsheet", "not UTF-8"],
)
def test_what_is_no_text_is_refused(data: bytes, code: str) -> None:
    assert faults(data) == [(None, None, code)]


def test_a_huge_line_is_refused_by_its_number() -> None:
    assert faults(SAMPLE.replace("QRIS-MPM", "Q" * 5_000_000)) == [(4, None, "line_too_long")]


def test_a_file_without_headings_is_refused() -> None:
    assert faults("a,b,c\n1,2,3\n") == [(None, "gross", "header_missing")]


def test_headings_missing_or_doubled_are_named() -> None:
    assert faults(SAMPLE.replace("paid_at", "waktu").replace("channel", "net")) == [
        (1, "paid_at", "column_missing"),
        (1, "channel", "column_missing"),
        (1, "net", "column_repeated"),
    ]


@pytest.mark.parametrize(
    ("was", "now", "fault"),
    [
        ("275500.00,0.00", "275.500,0.00", (3, "gross", "amount_unreadable")),
        ("275500.00,0.00", "275500.00,0.00,1", (3, None, "cells_wrong")),
        ("VA2611210002,", '"VA2611210002,', (3, None, "row_unreadable")),
        ("VA2611210002,", '"VA26"11210002,', (3, None, "row_unreadable")),
        ("275500.00,0.00", "2.755E5,0.00", (3, "gross", "amount_unreadable")),
        ("275500.00,0.00", "-275500.00,0.00", (3, "gross", "amount_unreadable")),
        ("275500.00,0.00", "275500.5,0.00", (3, "gross", "amount_unreadable")),
        ("275500.00,0.00", "Rp275500.00,0.00", (3, "gross", "amount_unreadable")),
        ("275500.00,0.00", ",0.00", (3, "gross", "amount_unreadable")),
        ("275500.00,0.00,275500.00", "0.00,0.00,0.00", (3, "gross", "amount_not_positive")),
        ("275500.00,0.00", "275500.00,", (3, "fee", "amount_unreadable")),
        ("275500.00,0.00", "275500.00,100.00", (3, "net", "net_wrong")),
        ("VA2611210002", "", (3, "bank_reference", "value_missing")),
        ("VA2611210002", "2.61121E+17", (3, "bank_reference", "number_mangled")),
        ("331601261100001242", "3,31601E+17", (3, None, "cells_wrong")),
        ("331601261100001242", "3.31601E+17", (3, "payment_code", "number_mangled")),
        ("2026-11-21T02:41:00+00:00", "21/11/2026 09:41", (3, "paid_at", "value_unreadable")),
        ("2026-11-21T02:41:00+00:00", "2026-11-21", (3, "paid_at", "value_unreadable")),
        ("2026-11-21T02:41:00+00:00", "", (3, "paid_at", "value_missing")),
        ("DETAIL,2", "REFUND,2", (3, "record", "value_unexpected")),
        ("DETAIL,2", ",2", (3, "record", "value_unexpected")),
        ("TOTAL,3", "TOTAL,4", (5, "no", "count_wrong")),
        ("TOTAL,3", "TOTAL,3.0", (5, "no", "value_unreadable")),
        ("450500.00,0.00,450500.00", "450500.01,0.00,450500.00", (5, "gross", "sum_wrong")),
        ("450500.00,0.00,450500.00", "450500.00,1.00,450500.00", (5, "fee", "sum_wrong")),
        ("450500.00,0.00,450500.00", "450500.00,0.00,0.00", (5, "net", "sum_wrong")),
        ("450500.00,0.00,450500.00", "450500.00,0.00,", (5, "net", "amount_unreadable")),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column(was: str, now: str, fault: tuple[int, str | None, str]) -> None:
    assert was in SAMPLE
    assert faults(SAMPLE.replace(was, now, 1)) == [fault]


def test_a_file_cut_off_before_its_totals_is_refused() -> None:
    cut = SAMPLE[: SAMPLE.index("TOTAL,")]
    assert faults(cut) == [(len(cut.split("\n")), "record", "totals_missing")]


def test_a_missing_row_and_a_row_after_the_totals_are_refused() -> None:
    rows = SAMPLE.splitlines(keepends=True)
    assert faults("".join(rows[:2] + rows[3:])) == [
        (4, "no", "count_wrong"),
        (4, "gross", "sum_wrong"),
        (4, "net", "sum_wrong"),
    ]
    assert faults("".join([*rows, rows[1]])) == [(6, None, "row_after_totals")]


def test_two_batches_or_two_days_in_one_file_are_refused() -> None:
    rows = SAMPLE.splitlines(keepends=True)
    rows[2] = rows[2].replace("STL261121BC01", "STL261121BC02").replace("2026-11-21,", "2026-11-22,")
    assert faults("".join(rows)) == [
        (3, "batch_reference", "value_differs"),
        (3, "business_date", "value_differs"),
    ]


def test_facts_of_the_file_that_are_missing_are_named() -> None:
    assert faults("REF,TOTAL,MDR,NET\nA1,1000.00,0,1000\n", SMALL) == [
        (1, "Batch", "value_missing"),
        (1, "Tanggal", "value_missing"),
    ]
    named = replace(SMALL, batch_reference=Source(filename=r"^B_(\w+)\.csv$"))
    assert faults(PREAMBLE + "A1,1000.00,0,1000\n", named, filename="other.csv") == [(3, "filename", "value_missing")]


def test_a_business_date_that_is_none_is_refused() -> None:
    assert faults(PREAMBLE.replace("2026-11-21", "21-11-2026") + "A1,1000.00,0,1000\n", SMALL) == [
        (None, "Tanggal", "date_unreadable")
    ]
    assert faults(SAMPLE.replace("2026-11-21,", "2026-02-30,")) == [(2, "business_date", "date_unreadable")]


def test_a_fee_above_the_amount_is_refused() -> None:
    assert faults(PREAMBLE + "A1,1000.00,1000.01,0.01\n", SMALL) == [(4, "NET", "net_wrong")]
    net_only = replace(SMALL, columns={"bank_reference": "REF", "amount": "TOTAL", "net": "NET"})
    assert faults(PREAMBLE + "A1,1000.00,0,1000.01\n", net_only) == [(4, "NET", "net_wrong")]
    fee_only = replace(SMALL, columns={"bank_reference": "REF", "amount": "TOTAL", "fee": "MDR"})
    assert faults(PREAMBLE + "A1,1000.00,1000.01,0\n", fee_only) == [(4, "MDR", "net_wrong")]


def test_each_amount_style_refuses_the_others() -> None:
    indonesian, grouped = replace(SMALL, amounts="indonesian"), replace(SMALL, amounts="grouped")
    assert faults(PREAMBLE + "A1,1000.00,0,1000\n", indonesian) == [(4, "TOTAL", "amount_unreadable")]
    assert faults(PREAMBLE + '"A1","1.000,00",0,1000\n', grouped) == [(4, "TOTAL", "amount_unreadable")]
    assert faults(PREAMBLE + '"A1","1,00",0,1\n', grouped) == [(4, "TOTAL", "amount_unreadable")]
    assert faults(PREAMBLE + '"A1","1,000.00",0,1000\n', SMALL) == [(4, "TOTAL", "amount_unreadable")]


def test_all_faults_are_listed_in_the_order_of_the_file() -> None:
    assert faults(PREAMBLE + "A1,x,y,1000\n,1000.00,0,1000\nA3,1000.00,0,1000\n", SMALL) == [
        (4, "TOTAL", "amount_unreadable"),
        (4, "MDR", "amount_unreadable"),
        (5, "REF", "value_missing"),
    ]


def test_the_refusal_speaks_both_languages() -> None:
    with pytest.raises(SettlementUnreadable) as refused:
        SettlementCsvReader(SMALL).read((PREAMBLE + "A1,1.000,0,1000\n").encode(), filename="x.csv")
    assert (
        refused.value.message_id == "Berkas settlement ditolak, 1 masalah. Baris 4: Nilai uang '1.000' tidak terbaca."
    )
    assert refused.value.message_en == (
        "The settlement file is refused, 1 problem(s). Line 4: The amount '1.000' cannot be read."
    )
