"""`lunas ledger period …` and `lunas ledger reverse`: what they do, say and refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from app.cli import main
from foundation.db import unit_of_work
from foundation.regions import Region
from tests.database import TestDatabase
from tests.ledger.entries import draft, post
from tests.ledger.seals import seal
from tests.sample_chart import load_sample_chart

REGION = "3316"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["ledger", *arguments, "--region", REGION])


def done(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def entry(region: Region) -> UUID:
    """The uid of an entry of March 2026."""
    load_sample_chart(region.code)
    return post(region.code, draft()).uid


def test_a_month_is_adjusted_closed_checked_and_reopened(entry: UUID, database: TestDatabase) -> None:
    heading = "Bulan\tStatus\tDibuka kembali\tJurnal\tBaris jurnal\tSHA-256\n"
    assert done("period", "list") == heading + "2026-03\tTerbuka / Open\t0\n"
    assert done("period", "verify") == "Tidak ada bulan yang ditutup / no month is closed.\n"
    assert done("period", "adjust", "--month", "2026-03") == (
        "2026-03: Penyesuaian / Being adjusted\nDibuka kembali / reopened: 0 kali / times\n"
    )
    closed = done("period", "close", "--month", "2026-03")
    sha256 = closed.rstrip()[-64:]
    assert closed == (
        "2026-03: Ditutup / Closed\n"
        "Jurnal / entries: 1\n"
        "Baris jurnal / postings: 4\n"
        "Dibuka kembali / reopened: 0 kali / times\n"
        f"SHA-256: {sha256}\n"
    )
    assert bytes.fromhex(sha256)
    assert done("period", "list") == heading + f"2026-03\tDitutup / Closed\t0\t1\t4\t{sha256}\n"
    unsealed, sealed = "penutupan belum disegel / closing not sealed yet", "penutupan disegel / closing sealed"
    assert done("period", "verify") == f"2026-03\tutuh / intact\t1 {sha256}\t{unsealed}\n"
    seal(REGION)
    assert done("period", "verify") == f"2026-03\tutuh / intact\t1 {sha256}\t{sealed}\n"
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE r3316.posting SET amount_sen = amount_sen + 1")
    changed = run("period", "verify")
    assert changed.exit_code == 1
    assert changed.stdout == f"2026-03\tBERUBAH / CHANGED\t1 {sha256}\t{sealed}\n"
    said, english = changed.stderr.splitlines()
    assert said.startswith("Periode 2026-03 tidak lagi memuat apa yang ditutup: SHA-256 ")
    assert said.endswith(f", seharusnya {sha256}")
    assert english.startswith("  Period 2026-03 does not hold what it was closed with: SHA-256 ")
    assert english.endswith(f", should be {sha256}")
    whole = run("verify")
    assert whole.exit_code == 1
    assert "Period 2026-03 does not hold what it was closed with" in whole.stderr
    reopened = done("period", "reopen", "--month", "2026-03", "--reason", "Temuan BPK")
    assert reopened == "2026-03: Penyesuaian / Being adjusted\nDibuka kembali / reopened: 1 kali / times\n"


def test_a_month_moved_past_the_guards_is_told_by_both_verifications(entry: UUID, database: TestDatabase) -> None:
    for word in ("adjust", "close"):
        done("period", word, "--month", "2026-03")
    assert "  Perubahan terakhir belum disegel / newest move not sealed yet: 2026-03\n" in done("verify")
    seal(REGION)
    told = done("verify")
    assert "Periode ditutup / closed periods: 1\n" in told
    assert "not sealed yet" not in told
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE r3316.accounting_period"
            " SET state = 'OPEN', entry_count = NULL, posting_count = NULL, sha256 = NULL, reopenings = 2"
        )
    for words in (("period", "verify"), ("verify",)):
        found = run(*words)
        assert found.exit_code == 1
        assert found.stderr == (
            "Periode 2026-03 berbeda dari catatan audit terakhirnya:"
            " status OPEN, seharusnya CLOSED; pembukaan kembali 2, seharusnya 0\n"
            "  Period 2026-03 is not what its newest audit act says:"
            " state OPEN, should be CLOSED; reopenings 2, should be 0\n"
        )
    assert run("period", "verify").stdout == ("2026-03\tBERUBAH / CHANGED\t-\tpenutupan disegel / closing sealed\n")


def test_what_is_refused_is_said_in_both_languages(entry: UUID) -> None:
    early = run("period", "close", "--month", "2026-03")
    assert early.exit_code == 1
    assert "accounting_period berstatus OPEN" in early.output
    assert "accounting_period in state OPEN does not allow closed." in early.output
    future = run("period", "adjust", "--month", "2999-01")
    assert (future.exit_code, "Period 2999-01 is not over." in future.output) == (1, True)
    early = run("period", "adjust", "--month", "0001-01")
    assert early.exit_code == 1
    assert "Periode 0001-01 mendahului awal pembukuan (2024-01)." in early.output
    assert "Period 0001-01 is before these books begin (2024-01)." in early.output
    no_reason = run("period", "reopen", "--month", "2026-03", "--reason", " ")
    assert (no_reason.exit_code, "Alasan wajib diisi" in no_reason.output) == (1, True)
    assert done("period", "list").splitlines()[1:] == ["2026-03\tTerbuka / Open\t0"]


@pytest.mark.parametrize(
    "source, warning",
    [
        (
            "bill_batch",
            "Perhatian: hanya pembukuan yang dibalik."
            " Tagihan di balik jurnal ini tetap berlaku dan tetap dapat dibayar.\n"
            "Mind: only the books are reversed. The bills behind this entry stand and stay payable.\n",
        ),
        (
            "payment",
            "Perhatian: hanya pembukuan yang dibalik. Pembayaran di balik jurnal ini tetap tercatat.\n"
            "Mind: only the books are reversed. The payment behind this entry stays recorded.\n",
        ),
        ("", ""),
    ],
)
def test_reversing_says_that_bill_and_payment_stay(entry: UUID, region: Region, source: str, warning: str) -> None:
    uid = post(region.code, replace(draft("other:1"), source_kind=source)).uid
    said = run("reverse", str(uid), "--reason", "Salah")
    assert (said.exit_code, said.stderr) == (0, warning)
    assert said.stdout.startswith("Dibalik oleh / reversed by: ")


def test_an_entry_is_reversed_once(entry: UUID, region: Region) -> None:
    said = run("reverse", str(entry), "--reason", "Salah tagihan", "--on", "2026-04-07").stdout
    with unit_of_work(region.code) as session:
        found = session.execute(
            text("SELECT uid, accounted_on, actor FROM journal_entry WHERE kind = 'reversal'")
        ).one()
    assert said == f"Dibalik oleh / reversed by: {found.uid}\n"
    assert found.accounted_on == date(2026, 4, 7)
    assert found.actor.startswith("cli:")
    again = run("reverse", str(entry), "--reason", "Salah tagihan")
    assert again.exit_code == 1
    assert f"Entry {entry} was already reversed by entry {found.uid}." in again.output
