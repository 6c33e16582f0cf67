"""Workbooks speak the office's language in their cells; CSV and JSON Lines keep the codes.

For: sides of accounts, and what the sheet `Keterangan` says. Not for: layout and amounts (test_exports.py).
"""

from __future__ import annotations

import json
from datetime import date

import pytest

from ledger import EXPORT_FORMATS
from ledger.pulling.listings import LISTING_FILTERS
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
