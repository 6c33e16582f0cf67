"""`lunas ledger period …` and `lunas ledger reverse`: what they do, say and refuse."""

from __future__ import annotations

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
    assert done("period", "list") == "2026-03\tTerbuka / Open\t0\n"
    assert done("period", "adjust", "--month", "2026-03") == "2026-03\tPenyesuaian / Being adjusted\t0\n"
    closed = done("period", "close", "--month", "2026-03")
    month, state, reopenings, entries, postings, sha256 = closed.rstrip().split("\t")
    assert (month, state, reopenings, entries, postings) == ("2026-03", "Ditutup / Closed", "0", "1", "4")
    assert done("period", "list") == closed
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
    assert f"period 2026-03 tidak lagi memuat apa yang ditutup: sha256 {sha256} ≠ " in changed.stderr
    assert f"period 2026-03 does not hold what it was closed with: sha256 {sha256} ≠ " in changed.stderr
    whole = run("verify")
    assert whole.exit_code == 1
    assert "period 2026-03 does not hold what it was closed with" in whole.stderr
    reopened = done("period", "reopen", "--month", "2026-03", "--reason", "Temuan BPK")
    assert reopened == "2026-03\tPenyesuaian / Being adjusted\t1\n"


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
            "period 2026-03 berbeda dari catatan audit terakhirnya: state OPEN ≠ CLOSED, reopenings 2 ≠ 0\n"
            "  period 2026-03 is not what its newest audit act says: state OPEN ≠ CLOSED, reopenings 2 ≠ 0\n"
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
    assert "Periode 0001-01 mendahului pembukuan ini, yang dimulai pada 2024-01." in early.output
    assert "Period 0001-01 is before these books, which begin with 2024-01." in early.output
    no_reason = run("period", "reopen", "--month", "2026-03", "--reason", " ")
    assert (no_reason.exit_code, "Alasan wajib diisi" in no_reason.output) == (1, True)
    assert done("period", "list") == "2026-03\tTerbuka / Open\t0\n"


def test_an_entry_is_reversed_once(entry: UUID, region: Region) -> None:
    said = done("reverse", str(entry), "--reason", "Salah tagihan", "--on", "2026-04-07")
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
