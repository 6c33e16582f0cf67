"""Workbooks speak the office's language in their cells; CSV and JSON Lines keep the codes.

For: sides of accounts, what the sheet `Keterangan` and printed pages say, and which amounts are numbers.
Not for: layout and the rows (test_exports.py).
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date
from html import unescape

import pytest

from foundation.money import Money
from ledger import EXPORT_FORMATS
from ledger.pulling.listings import LISTING_FILTERS
from ledger.pulling.rows import Table
from ledger.pulling.workbook import workbook_pieces
from ledger.pulling.workbook_words import FILTERS, SHEETS
from tests.ledger.entries import AT, draft, post, wait_until_settled
from tests.ledger.exported_files import exported, sheets_of

YEAR = {"accounted_from": date(2026, 1, 1), "accounted_to": date(2026, 12, 31)}


@pytest.fixture
def paid_once(books: str) -> str:
    post(books, draft("payment:1"))
    wait_until_settled(books)
    return books


def test_the_last_sheet_says_in_words_what_the_file_holds(paid_once: str) -> None:
    content, manifest = exported(paid_once, "trial-balance", "xlsx", **YEAR, book="F", known_at=AT, before_closing=True)
    assert sheets_of(content)["Keterangan"][:6] == [
        ["Wilayah / region", "3316"],
        ["Isi / what", "Neraca saldo"],
        [
            "Saringan / filters",
            "Tanggal pembukuan sejak = 2026-01-01, Tanggal pembukuan sampai = 2026-12-31, Buku = F,"
            " Seperti diketahui pada (UTC) = 2026-03-09T04:05:06Z, Tanpa jurnal penutup = ya",
        ],
        ["Potret data / snapshot", manifest["snapshot"]],
        ["Banyaknya baris / rows", "4"],
        ["Nilai / amounts", "Rupiah"],
    ]
    assert manifest["what"] == "trial-balance"
    assert list(manifest["filters"]) == ["accounted_from", "accounted_to", "book", "known_at", "before_closing"]


def test_each_printed_page_says_whose_and_what_it_is(paid_once: str) -> None:
    content, _ = exported(paid_once, "trial-balance", "xlsx", **YEAR)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for number in (1, 2):
            sheet = book.read(f"xl/worksheets/sheet{number}.xml").decode()
            told = re.search("<oddHeader>(.*?)</oddHeader>", sheet)
            assert told
            assert unescape(told[1]) == (
                "&L3316 – Neraca saldo – Tanggal pembukuan sejak = 2026-01-01, Tanggal pembukuan sampai = 2026-12-31"
            )
            assert 'paperSize="9"' in sheet
            assert 'fitToHeight="0"' in sheet


def test_whole_rupiah_are_numbers_up_to_fifteen_digits_without_their_sen() -> None:
    highest, too_high = Money.from_rupiah(10**15 - 1), Money.from_rupiah(10**15)
    odd = Money(10**15 + 1)
    amounts = [highest, too_high, odd, Money(-(10**17) + 100)]
    table = Table("entries", ("debit",), [(amount,) for amount in amounts], ())
    with zipfile.ZipFile(io.BytesIO(b"".join(workbook_pieces(table)))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r'<c r="(A\d)" s="\d+"><v>(.*?)</v>', sheet) == [
        ("A2", "999999999999999.0"),
        ("A5", "-999999999999999.0"),
    ]
    assert re.findall(r'<c r="(A\d)" s="\d+" t="inlineStr"><is><t>([-\d.]+)</t>', sheet) == [
        ("A3", "1000000000000000.00"),
        ("A4", "10000000000000.01"),
    ]


@pytest.mark.parametrize("what, asked", [("balances", {}), ("trial-balance", YEAR)])
def test_sides_are_words_in_a_workbook_and_codes_elsewhere(paid_once: str, what: str, asked: dict[str, date]) -> None:
    heading, *rows = sheets_of(exported(paid_once, what, "xlsx", **asked)[0])[SHEETS[what]]
    place = heading.index("Saldo normal\nnormal_side")
    lines = [json.loads(line) for line in exported(paid_once, what, "jsonl", **asked)[0].splitlines()]
    assert {line["normal_side"] for line in lines} == {"debit", "credit"}
    words = {"debit": "debit", "credit": "kredit"}
    assert [row[place] for row in rows[: len(lines)]] == [words[line["normal_side"]] for line in lines]


def test_every_listing_and_filter_has_a_word() -> None:
    assert set(SHEETS) == set(EXPORT_FORMATS)
    assert set(FILTERS) == set().union(*LISTING_FILTERS.values())
