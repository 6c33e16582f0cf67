"""Exports and the `lunas chart` and `lunas ledger` commands."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import list_entries, post_entry, stream_entries
from ledger.pulling.rows import CSV_COLUMNS, entry_table, table_csv
from tests.ledger.entries import AT, credited, draft, everything, paid, post, wait_until_settled
from tests.ledger.plain_files import entries_as_csv, entries_as_jsonl
from tests.sample_chart import SAMPLES

OPEN = "Belum final: masih dapat berubah / not final: it may still change\n"


def lunas(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture
def two_entries(books: str) -> str:
    post(books, draft("payment:1", paid(150_000), description='=HYPERLINK("x")'))
    post(books, draft("batch:1", credited(150_000), kind="credited_to_rkud", description="-1+1", source_kind="batch"))
    wait_until_settled(books)
    return books


def test_csv_has_one_row_per_posting_and_no_formulas(two_entries: str) -> None:
    with unit_of_work(two_entries) as session:
        content = entries_as_csv(stream_entries(session))
    rows = list(csv.DictReader(io.StringIO(content)))
    assert content.startswith(",".join(CSV_COLUMNS) + "\r\n")
    assert content.count("\r\n") == 7
    assert [(r["line_no"], r["account"], r["debit"], r["credit"], r["counterpart"], r["partner"]) for r in rows] == [
        ("1", "3.1.03.01.01.0001", "150000.00", "", "PPKD", ""),
        ("2", "1.1.03.15.01.0001", "", "150000.00", "", ""),
        ("3", "1.1.01.90.01.0001", "150000.00", "", "", "BPD"),
        ("4", "1.1.13.01.01.0001", "", "150000.00", "BAPENDA", ""),
        ("1", "1.1.01.01.01.0001", "150000.00", "", "", "BPD"),
        ("2", "1.1.01.90.01.0001", "", "150000.00", "", "BPD"),
    ]
    assert {r["description"] for r in rows} == {'\'=HYPERLINK("x")', "'-1+1"}
    assert {r["occurred_at"] for r in rows} == {"2026-03-09T04:05:06Z"}
    assert {r["accounted_on"] for r in rows} == {"2026-03-09"}


def test_json_lines_have_one_entry_per_line(two_entries: str) -> None:
    with unit_of_work(two_entries) as session:
        content = entries_as_jsonl(stream_entries(session))
    entries = [json.loads(line) for line in content.splitlines()]
    assert content.endswith("\n")
    assert [e["key"] for e in entries] == ["payment:1", "batch:1"]
    assert entries[0]["description"] == '=HYPERLINK("x")'
    assert entries[1]["lines"] == [
        {
            "line_no": 1,
            "book": "F",
            "entity": "PPKD",
            "account": "1.1.01.01.01.0001",
            "account_name": "Kas di Kas Daerah",
            "side": "debit",
            "amount": "150000.00",
            "counterpart": None,
            "partner": "BPD",
        },
        {
            "line_no": 2,
            "book": "F",
            "entity": "PPKD",
            "account": "1.1.01.90.01.0001",
            "account_name": "CONTOH – Kas dalam Perjalanan pada Bank Mitra",
            "side": "credit",
            "amount": "150000.00",
            "counterpart": None,
            "partner": "BPD",
        },
    ]


def test_an_empty_ledger_exports_its_header(books: str) -> None:
    with unit_of_work(books) as session:
        assert entries_as_csv(stream_entries(session)) == ",".join(CSV_COLUMNS) + "\r\n"
        assert entries_as_jsonl(stream_entries(session)) == ""


def test_many_entries_come_in_pieces(books: str) -> None:
    with unit_of_work(books) as session:
        for number in range(1001):
            post_entry(session, draft(f"b{number}", credited(1)), actor="a", recorded_at=AT)
    wait_until_settled(books)
    with unit_of_work(books) as session:
        pieces = list(table_csv(entry_table(stream_entries(session))))
    assert [piece.count("\r\n") for piece in pieces] == [1001, 1000, 2]


def test_the_command_exports_to_a_file_and_to_the_screen(two_entries: str, tmp_path: Path) -> None:
    place = tmp_path / "ledger.csv"
    told = lunas("ledger", "export", "--region", two_entries, "--output", str(place))
    assert (told.exit_code, told.output) == (0, "")
    assert place.read_bytes().count(b"\r\n") == 7
    assert sorted(tmp_path.iterdir()) == [place, tmp_path / "ledger.csv.manifest.json"]
    narrowed = ("--partner", "BPD", "--account", "1.1.01.01")
    told = lunas("ledger", "export", "--region", two_entries, "--format", "jsonl", *narrowed)
    assert told.exit_code == 0
    assert [json.loads(line)["key"] for line in told.output.splitlines()] == ["batch:1"]


def test_a_failed_export_leaves_the_old_file_alone(two_entries: str, tmp_path: Path) -> None:
    place = tmp_path / "ledger.csv"
    place.write_text("old")
    (tmp_path / "ledger.csv.part").mkdir()
    told = lunas("ledger", "export", "--region", two_entries, "--output", str(place))
    assert told.exit_code != 0
    assert place.read_text() == "old"


def test_the_command_lists_entries_and_balances(two_entries: str) -> None:
    told = lunas("ledger", "entries", "--region", two_entries, "--limit", "1")
    lines = told.output.splitlines()
    with unit_of_work(two_entries) as session:
        first, second = list_entries(session).entries
    assert lines[0] == '2026-03-09  paid_at_partner  =HYPERLINK("x")'
    assert lines[1] == f"    {first.uid}  nomor {first.id}  [payment:1]"
    assert lines[4].split() == [
        *("F", "PPKD", "1.1.01.90.01.0001", "Rp150.000"),
        *("CONTOH", "–", "Kas", "dalam", "Perjalanan", "pada", "Bank", "Mitra"),
    ]
    cursor = lines[-1].removeprefix("Berikutnya / next: --cursor ")
    told = lunas("ledger", "entries", "--region", two_entries, "--cursor", cursor)
    assert told.output.splitlines()[:2] == [
        "2026-03-09  credited_to_rkud  -1+1",
        f"    {second.uid}  nomor {second.id}  [batch:1]",
    ]
    told = lunas("ledger", "entries", "--region", two_entries, "--known-at", "2026-03-01T00:00:00+0700")
    assert (told.stdout, told.stderr) == ("", OPEN)
    told = lunas("ledger", "balances", "--region", two_entries, "--account", "1.1.01", "--on", "2026-03-09")
    assert told.output == (
        "Buku\tEntitas\tRekening\tDebit\tKredit\tSaldo\tNama\n"
        "F\tPPKD\t1.1.01.01.01.0001\t150000.00\t0.00\t150000.00\tKas di Kas Daerah\n"
        "F\tPPKD\t1.1.01.90.01.0001\t150000.00\t150000.00\t0.00\tCONTOH – Kas dalam Perjalanan pada Bank Mitra\n"
    )


def test_the_command_loads_a_chart_once(region: Region) -> None:
    files = ["--accounts", str(SAMPLES / "accounts.csv"), "--roles", str(SAMPLES / "roles-3316.csv")]
    words = ["chart", "load", "--region", region.code, *files, "--entities", str(SAMPLES / "entities-3316.csv")]
    told = lunas(*words)
    assert told.output.splitlines()[0] == "Dimuat: 4 entitas, 292 rekening, 64 peran."
    told = lunas(*words)
    assert told.output.splitlines()[0] == "Dimuat: 0 entitas, 0 rekening, 0 peran."
    told = lunas("chart", "list", "--region", region.code, "--account", "4.1.01.15")
    assert told.output.splitlines()[2] == "4.1.01.15.01.0001\tA\tcredit\tPBBP2"


def test_the_command_lists_every_fault_and_loads_nothing(region: Region, tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.csv"
    accounts.write_text((SAMPLES / "accounts.csv").read_text().replace("1.1.01,", "1.1.1,", 1))
    entities = SAMPLES / "entities-3316.csv"
    told = lunas("chart", "load", "--region", region.code, "--accounts", str(accounts), "--entities", str(entities))
    assert told.exit_code == 1
    assert "- accounts, baris 4, kode: bukan kode rekening: '1.1.1'" in told.stderr
    assert "- accounts, line 5, kode: there is no parent account 1.1.01" in told.stderr
    assert everything(region.code)["account"] == []
