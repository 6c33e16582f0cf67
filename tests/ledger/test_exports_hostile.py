"""Exports of words that somebody chose to do harm, or that are only foreign: exact, and safe in each format.

For: descriptions, keys and codes that a spreadsheet, an XML reader or hledger could misread.
Not for: what an export holds (tests/ledger/test_exports.py).
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from ledger import open_export
from ledger.pulling.rows import FORMULA_STARTS
from ledger.pulling.spelling import one_line, percent_coded
from tests.ledger.entries import AT, draft, paid, post, wait_until_settled
from tests.ledger.hledger_program import hledger, needs_hledger

HOSTILE = [
    '=HYPERLINK("http://contoh.invalid","klik")',
    "+62811",
    "-1+1",
    "@SUM(A1)",
    "'=1",
    "''+1",
    "'Aisyiyah",
    "\t=1",
    "\r\n=1",
    "\uff1d1+1",
    "nol \u0000".replace("\u0000", "\u0001") + "\u0008\u000b\u001f\u007f\u0085",
    "baris satu\nbaris dua\r\nbaris tiga",
    "\U0001f9fe struk \U0001f469\u200d\U0001f33e e\u0301",
    "ضريبة الأرض \u202e2026",
    "x" * 300,
    "\U0001f9fe" * 300,
    "<r><t>x</t></r>",
    "<r></t></is></c><c><f>1+1</f></c></r>",
    "a & b < c > d ]]>",
    "_x0041_ _x000D_",
    "  dua  spasi  ",
    "* cleared",
    "\u00a0* cleared",
    "! (code) x",
    "(kode",
    "~ daily",
    "a;b | c, d: e",
    "date:2026-13-45 [2026-02-31] date2:x",
    "= 2026-01-01",
    "2026-03-09=2026-03-10 (x) y",
    "include /etc/passwd",
    "kutip \" ' ` \\ \\n \\. %s %(x)s {y} :nama $1",
    "akhir\\",
    "\u2028\u2029\ufeff",
    "\ufffe\uffff",
    "",
]


@pytest.fixture
def hostile(books: str) -> str:
    """One entry per text, the text both as its description and in its key."""
    for number, words in enumerate(HOSTILE):
        post(books, draft(f"{number}|{words}"[:200], paid(1_000 + number), description=words))
    wait_until_settled(books)
    return books


def exported(region: str, what: str, form: str) -> bytes:
    with unit_of_work(region) as session:
        return b"".join(open_export(session, what, form, region=region, written_at=AT))


def without_guard(cell: str) -> str:
    """What the documentation tells a reader to do."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS) else cell


@pytest.mark.parametrize("what", ["entries", "account-ledger"])
def test_csv_and_json_lines_give_every_text_back_exactly(hostile: str, what: str) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(hostile, what, "csv").decode(), newline="")))
    for row in rows:
        assert not any(cell.startswith(FORMULA_STARTS) for cell in row.values() if not re.fullmatch(r"-?[\d.]+", cell))
    moved = [row for row in rows if row["key"]]
    assert {without_guard(row["description"]) for row in moved} == set(HOSTILE)
    assert {without_guard(row["key"]) for row in moved} == {f"{n}|{words}"[:200] for n, words in enumerate(HOSTILE)}
    told = [json.loads(line) for line in exported(hostile, what, "jsonl").decode().split("\n")[:-1]]
    assert {row["description"] for row in told if row["key"]} == set(HOSTILE)


def test_a_workbook_gives_every_text_back_as_text(hostile: str) -> None:
    spread = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(exported(hostile, "entries", "xlsx"))) as book:
        assert book.testzip() is None
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{spread}f"))
    found = {
        "".join(t.text or "" for t in cell.iter(f"{spread}t"))
        for cell in sheet.iter(f"{spread}c")
        if re.fullmatch(r"H[0-9]+", cell.get("r") or "") and cell.get("t") == "inlineStr"
    }
    found = {re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), words) for words in found}
    # XML has one kind of line end, and no place for the two characters that are none.
    expected = {
        re.sub("\r\n?", "\n", words).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd") for words in HOSTILE
    }
    assert {re.sub("\r\n?", "\n", words) for words in found} - {"Uraian\ndescription"} == expected - {""}


def as_one_line(words: str) -> str:
    cleaned = re.sub(r"[\x01-\x1f\x7f-\xa0;|\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+", " ", words).strip(" ")
    return f". {cleaned}" if cleaned.startswith(("*", "!", "(", "=")) else cleaned


@needs_hledger
def test_hledger_reads_every_entry_as_it_is(hostile: str) -> None:
    content = exported(hostile, "entries", "hledger").decode()
    checked = hledger(content, "check", "--strict")
    assert (checked.returncode, checked.stderr) == (0, "")
    read: list[dict[str, Any]] = json.loads(hledger(content, "print", "--output-format", "json").stdout)
    told = [json.loads(line) for line in exported(hostile, "entries", "jsonl").decode().split("\n")[:-1]]
    entries = {entry["uid"]: entry for entry in told}
    assert len(read) == len(HOSTILE) + 1
    for transaction in read[:-1]:
        entry = entries.pop(dict(transaction["ttags"])["uid"])
        assert transaction["tdescription"] == as_one_line(entry["description"])
        assert (transaction["tdate"], transaction["tstatus"], transaction["tcode"]) == ("2026-03-09", "Unmarked", "")
        amounts = [posting["pamount"][0]["aquantity"]["decimalMantissa"] for posting in transaction["tpostings"]]
        assert [abs(amount) for amount in amounts] == [int(line["amount"].replace(".", "")) for line in entry["lines"]]
    assert entries == {}


@pytest.mark.parametrize("words", [*HOSTILE[:-1], "BPD", "5.02.0.00.0.00.01.0000", "100%", "a:b"])
def test_the_database_spells_codes_and_lines_as_python_does(books: str, words: str) -> None:
    with unit_of_work(books) as session:
        query = f"SELECT {percent_coded('x.word')}, {one_line('x.word')} FROM (SELECT CAST(:word AS text) AS word) x"
        code, line = session.execute(text(query), {"word": words}).one()
    assert code == quote(words, safe="")
    assert line == as_one_line(words)
