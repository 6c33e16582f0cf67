"""Exports: four listings in their formats, each with a manifest, all of one moment."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from foundation.clock import now
from foundation.db import unit_of_work
from foundation.money import Money
from ledger import (
    EXPORT_FORMATS,
    ExportImpossible,
    SnapshotUnknown,
    account_balances,
    budget_recognised,
    load_chart,
    open_export,
    post_entry,
    stream_entries,
    take_moment,
    trial_balance,
)
from ledger.pulling.listings import listing_table
from ledger.pulling.rows import Table, table_csv, table_jsonl
from ledger.pulling.workbook import workbook_pieces
from tests.ledger.entries import AT, DAY, credited, draft, issued, money, paid, post, wait_until_settled
from tests.ledger.exported_files import exported, sheets_of
from tests.ledger.plain_files import entries_as_csv, entries_as_jsonl

YEAR: dict[str, Any] = {"accounted_from": date(2026, 3, 10), "accounted_to": date(2026, 12, 31)}
# Accounts that were posted on, under other names from June on.
FURTHER_ROWS = b"""kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai
1.1.01.01.01.0001,Nama Baru RKUD,debit,tidak,ya,2026-06-01,
1.1.01.90.01.0001,Nama Baru Perjalanan,debit,tidak,ya,2026-06-01,
1.1.13.01.01.0001,Nama Baru RK,debit,ya,ya,2026-06-01,
"""
ALL_EXPORTS = [(what, form) for what, forms in EXPORT_FORMATS.items() for form in forms]


def lunas(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture
def two_days(books: str) -> str:
    """9 March: 500.000 assessed, 150.000 paid (budget book too). 10 March: credited, 80.000 assessed by another."""
    post(
        books, draft("issue:1", issued(500_000), kind="assessment_issued", description='=1+1; "dikutip", [2026-01-01]')
    )
    both = paid(150_000) + budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=money(150_000))
    post(books, draft("payment:1", both))
    later = DAY + timedelta(days=1)
    post(books, draft("batch:1", credited(150_000), kind="credited_to_rkud", accounted_on=later, description="* (x)"))
    other = issued(80_000, entity="LH", kind="RETRIBUSI-KEBERSIHAN")
    post(books, draft("issue:2", other, kind="assessment_issued", accounted_on=later, description=""))
    wait_until_settled(books)
    return books


def test_copied_json_lines_are_those_of_the_entries(two_days: str) -> None:
    post(two_days, draft('kutip"\\/\u0001\n', description="é – \U0001f9fe\u2028\x7f\t", source_uid=UUID(int=7)))
    wait_until_settled(two_days)
    content, manifest = exported(two_days, "entries", "jsonl")
    with unit_of_work(two_days) as session:
        assert content.decode() == entries_as_jsonl(stream_entries(session))
    assert manifest["rows"] == content.count(b"\n") == 5


def test_the_copied_csv_is_the_csv_of_the_entries(two_days: str) -> None:
    content, manifest = exported(two_days, "entries", "csv")
    with unit_of_work(two_days) as session:
        assert content.decode() == entries_as_csv(stream_entries(session))
        narrowed = entries_as_csv(stream_entries(session, entity="BAPENDA", known_at=AT))
    assert exported(two_days, "entries", "csv", entity="BAPENDA", known_at=AT)[0].decode() == narrowed
    assert narrowed.count("\r\n") == 9
    assert {name: manifest[name] for name in ("rows", "entries", "postings", "totals")} == {
        "rows": 12,
        "entries": 4,
        "postings": 12,
        "totals": [
            {"book": "A", "debit": "150000.00", "credit": "150000.00"},
            {"book": "F", "debit": "1030000.00", "credit": "1030000.00"},
        ],
    }


def test_a_manifest_tells_what_was_written(two_days: str) -> None:
    content, manifest = exported(two_days, "entries", "jsonl", entity="LH")
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert manifest["size"] == len(content)
    assert re.fullmatch(r"[0-9]+-0", manifest["snapshot"])
    del manifest["sha256"], manifest["size"], manifest["snapshot"]
    assert manifest == {
        "lunas_manifest": 1,
        "what": "entries",
        "format": "jsonl",
        "region": "3316",
        "filters": {"entity": "LH"},
        "written_at": "2026-03-09T04:05:06Z",
        "rows": 1,
        "entries": 1,
        "postings": 2,
        "totals": [{"book": "F", "debit": "80000.00", "credit": "80000.00"}],
    }


@pytest.mark.parametrize("what, form", ALL_EXPORTS)
def test_a_snapshot_gives_the_same_bytes_though_entries_arrived(two_days: str, what: str, form: str) -> None:
    dates = YEAR if what in ("trial-balance", "account-ledger") else {}
    before, manifest = exported(two_days, what, form, **dates)
    post(two_days, draft("later", accounted_on=DAY + timedelta(days=1)))
    post(two_days, draft("earlier date, later entry", issued(1_000), kind="assessment_issued"))
    with unit_of_work(two_days) as session:
        load_chart(session, accounts=FURTHER_ROWS, actor="cli:test", at=AT)
    post(two_days, draft("under new names", paid(2_000) + credited(3_000), accounted_on=date(2026, 6, 10)))
    wait_until_settled(two_days)
    assert exported(two_days, what, form, **dates)[0] != before
    again, told = exported(two_days, what, form, snapshot=manifest["snapshot"], **dates)
    assert again == before
    assert told == manifest


def test_the_account_ledger_runs_on_from_what_stood_before(two_days: str) -> None:
    content, manifest = exported(two_days, "account-ledger", "csv", account="1.1.01", **YEAR)
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [(r["account"], r["key"], r["description"], r["debit"], r["credit"], r["balance"]) for r in rows] == [
        ("1.1.01.01.01.0001", "", "", "", "", "0.00"),
        ("1.1.01.01.01.0001", "batch:1", "* (x)", "150000.00", "", "150000.00"),
        ("1.1.01.90.01.0001", "", "", "", "", "150000.00"),
        ("1.1.01.90.01.0001", "batch:1", "* (x)", "", "150000.00", "0.00"),
    ]
    assert manifest["rows"] == 4
    assert manifest["totals"] == [{"book": "F", "debit": "150000.00", "credit": "150000.00"}]


@pytest.mark.parametrize(
    "asked", [{}, YEAR, {"account": "1.1"}, {"partner": "BPD", "entity": "PPKD"}, {"known_at": AT}]
)
def test_the_copied_account_ledger_is_that_of_the_rows(two_days: str, asked: dict[str, Any]) -> None:
    post(two_days, draft("'=x", description="'-\u0001\"\n, \U0001f9fe", accounted_on=DAY + timedelta(days=2)))
    wait_until_settled(two_days)
    with unit_of_work(two_days) as session:
        moment = take_moment(session)
        tables = [listing_table(session, "account-ledger", moment, asked) for _ in range(2)]
        as_csv, as_jsonl = "".join(table_csv(tables[0])), "".join(table_jsonl(tables[1]))
    content, manifest = exported(two_days, "account-ledger", "csv", **asked)
    assert content.decode() == as_csv
    assert exported(two_days, "account-ledger", "jsonl", **asked)[0].decode() == as_jsonl
    assert manifest["rows"] == as_jsonl.count("\n")
    assert exported(two_days, "account-ledger", "xlsx", **asked)[1]["totals"] == manifest["totals"]


def test_balances_and_trial_balance_are_those_of_the_ledger(two_days: str) -> None:
    content, manifest = exported(two_days, "trial-balance", "jsonl", **YEAR)
    rows = [json.loads(line) for line in content.splitlines()]
    with unit_of_work(two_days) as session:
        lines = trial_balance(session, since=YEAR["accounted_from"], on=YEAR["accounted_to"]).lines
        balances = account_balances(session)
    assert [(r["account"], r["entity"], r["opening"], r["closing"]) for r in rows] == [
        (line.account, line.entity, line.opening.plain(), line.closing.plain()) for line in lines
    ]
    for total in manifest["totals"]:
        assert total["closing_debit"] == total["closing_credit"]
    rows = [json.loads(line) for line in exported(two_days, "balances", "jsonl")[0].splitlines()]
    assert [(r["account"], r["balance"]) for r in rows] == [(b.account, b.balance.plain()) for b in balances]


def test_a_workbook_holds_amounts_as_numbers_and_text_as_text(two_days: str) -> None:
    content, manifest = exported(two_days, "entries", "xlsx")
    rows = sheets_of(content)["Jurnal"]
    assert len(rows) == 1 + manifest["rows"]
    assert rows[0][:3] == ["Nomor jurnal\nentry_id", "UID jurnal\nentry_uid", "Jenis jurnal\nkind"]
    assert '=1+1; "dikutip", [2026-01-01]' in rows[1]
    assert "500000.00" in rows[1]


def test_a_workbook_goes_on_in_a_further_sheet_and_never_rounds() -> None:
    amounts = [Money(1), Money(10**15 - 1), Money(10**15), Money(-(10**17) - 1), Money(0)]
    table = Table("saldo", ("amount", "on"), [(amount, DAY) for amount in amounts], ())
    assert sheets_of(b"".join(workbook_pieces(table, most_rows=2))) == {
        "saldo": [["amount", "on"], ["0.01", "46090"], ["9999999999999.99", "46090"]],
        "saldo 2": [["amount", "on"], ["10000000000000.00", "46090"], ["-1000000000000000.01", "46090"]],
        "saldo 3": [["amount", "on"], ["0.00", "46090"]],
    }


def test_a_day_that_spreadsheets_cannot_count_stands_as_text() -> None:
    days = [date(1000, 1, 1), date(1899, 12, 31), date(1900, 1, 1), date(1900, 3, 1), date(9999, 12, 31)]
    table = Table("saldo", ("on",), [(day,) for day in days], ())
    assert sheets_of(b"".join(workbook_pieces(table))) == {
        "saldo": [["on"], ["1000-01-01"], ["1899-12-31"], ["1"], ["61"], ["2958465"]]
    }


@pytest.mark.parametrize(
    "what, form, asked, field",
    [
        ("balances", "hledger", {}, "format"),
        ("balances", "csv", {"kind": "paid_at_partner"}, "kind"),
        ("account-ledger", "csv", {"before_closing": True}, "before_closing"),
        ("trial-balance", "csv", {"accounted_from": DAY}, "accounted_to"),
        ("trial-balance", "csv", {"accounted_to": DAY}, "accounted_from"),
    ],
)
def test_what_does_not_go_together_is_refused(
    books: str, what: str, form: str, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(ExportImpossible) as refused:
        exported(books, what, form, **asked)
    assert refused.value.field == field


@pytest.mark.parametrize("snapshot", ["", "1", "x-0", "9223372036854775807-0", "3-5", "-1-0", "1-0 "])
def test_a_snapshot_that_no_answer_gave_is_refused(books: str, snapshot: str) -> None:
    with pytest.raises(SnapshotUnknown) as refused:
        exported(books, "entries", "csv", snapshot=snapshot)
    assert refused.value.field == "snapshot"


def test_an_entry_that_has_not_settled_is_in_no_export(two_days: str) -> None:
    whole = {what: exported(two_days, what, "csv", **YEAR)[0] for what in EXPORT_FORMATS}
    with unit_of_work(two_days) as slow:
        post_entry(slow, draft("slow", accounted_on=YEAR["accounted_from"]), actor="job:slow", recorded_at=AT)
        post(two_days, draft("committed, but younger", accounted_on=YEAR["accounted_from"]))
        for what, content in whole.items():
            assert exported(two_days, what, "csv", **YEAR)[0] == content, what
    wait_until_settled(two_days)
    for what, content in whole.items():
        assert exported(two_days, what, "csv", **YEAR)[0] != content, what


def test_an_empty_ledger_exports_its_headers_alone(books: str) -> None:
    for what in EXPORT_FORMATS:
        content, manifest = exported(books, what, "csv", **YEAR)
        assert content.count(b"\r\n") == 1
        assert (manifest["rows"], manifest["totals"]) == (0, [])
    assert exported(books, "entries", "jsonl")[0] == b""
    assert b"account" not in exported(books, "entries", "hledger")[0]


def test_a_manifest_before_the_last_byte_is_a_programming_error(two_days: str) -> None:
    with unit_of_work(two_days) as session:
        opened = open_export(session, "entries", "csv", region=two_days, written_at=AT)
        next(iter(opened))
        with pytest.raises(RuntimeError, match="whole"):
            opened.manifest()


def test_the_command_writes_the_file_and_its_manifest(two_days: str, tmp_path: Path) -> None:
    place = tmp_path / "buku besar.xlsx"
    words = ("ledger", "export", "--region", two_days, "--what", "account-ledger", "--format", "xlsx")
    told = lunas(*words, "--to", "2026-03-09", "--output", str(place))
    assert (told.exit_code, told.output) == (0, "")
    manifest = json.loads((tmp_path / "buku besar.xlsx.manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(place.read_bytes()).hexdigest()
    assert (manifest["file"], manifest["filters"]) == ("buku besar.xlsx", {"accounted_to": "2026-03-09"})
    assert datetime.fromisoformat(manifest["written_at"]) <= now()
    told = lunas(*words, "--snapshot", "1-1")
    assert told.exit_code == 1
    assert "The snapshot 1-1 is not known on this server." in told.output


def test_commands_show_the_account_ledger_and_the_trial_balance(two_days: str) -> None:
    with unit_of_work(two_days) as session:
        of = {entry.key: entry.uid for entry in stream_entries(session)}
    told = lunas("ledger", "account", "--region", two_days, "--account", "1.1.01.90", "--limit", "2")
    lines = told.output.splitlines()
    assert lines[0] == "Tanggal\tKunci\tUraian\tDebit\tKredit\tSaldo\tUID jurnal"
    assert lines[1:4] == [
        "F PPKD 1.1.01.90.01.0001  CONTOH – Kas dalam Perjalanan pada Bank Mitra",
        "\t\tSaldo awal / opening\t\t\t0.00",
        f"2026-03-09\tpayment:1\tPembayaran PBB-P2\t150000.00\t\t150000.00\t{of['payment:1']}",
    ]
    cursor = lines[4].removeprefix("Berikutnya / next: --cursor ")
    told = lunas("ledger", "account", "--region", two_days, "--account", "1.1.01.90", "--cursor", cursor)
    assert told.output.splitlines()[1:] == [f"2026-03-10\tbatch:1\t* (x)\t\t150000.00\t0.00\t{of['batch:1']}"]
    dates = ("--from", "2026-03-10", "--to", "2026-03-31")
    told = lunas("ledger", "trial-balance", "--region", two_days, *dates, "--entity", "PPKD")
    heading = "Buku\tEntitas\tRekening\tSaldo awal\tDebit\tKredit\tSaldo debit\tSaldo kredit\tNama\n"
    assert told.output == heading + (
        "F\tPPKD\t1.1.01.01.01.0001\t0.00\t150000.00\t0.00\t150000.00\t0.00\tKas di Kas Daerah\n"
        "F\tPPKD\t1.1.01.90.01.0001\t150000.00\t0.00\t150000.00\t0.00\t0.00\t"
        "CONTOH – Kas dalam Perjalanan pada Bank Mitra\n"
        "F\tPPKD\t1.1.13.01.01.0001\t-150000.00\t0.00\t0.00\t0.00\t150000.00\tCONTOH – RK-SKPD\n"
        "F\t\t\t\t\t\t150000.00\t150000.00\tJumlah / total\n"
    )
    earlier = (AT - timedelta(seconds=1)).astimezone(timezone(timedelta(hours=7))).strftime("%Y-%m-%dT%H:%M:%S%z")
    told = lunas("ledger", "trial-balance", "--region", two_days, *dates, "--known-at", earlier)
    assert (told.exit_code, told.stdout) == (0, heading)
    assert told.stderr == "Belum final: masih dapat berubah / not final: it may still change\n"
    told = lunas("ledger", "account", "--region", two_days, "--known-at", earlier)
    assert told.stdout == "Tanggal\tKunci\tUraian\tDebit\tKredit\tSaldo\tUID jurnal\n"
    assert told.stderr == "Belum final: masih dapat berubah / not final: it may still change\n"
