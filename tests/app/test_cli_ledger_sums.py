"""`lunas ledger roll`: what it does and says."""

from __future__ import annotations

import psycopg
from click.testing import CliRunner, Result

from app.cli import main
from foundation.regions import Region
from tests.database import TestDatabase
from tests.ledger.entries import draft, post, wait_until_settled
from tests.sample_chart import load_sample_chart


def roll(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["ledger", "roll", "--region", "3316", *arguments])


def test_sums_are_brought_up_to_date_and_proven(region: Region, database: TestDatabase) -> None:
    load_sample_chart(region.code)
    for number in range(3):
        post(region.code, draft(f"p{number}"))
    wait_until_settled(region.code)
    assert roll("--check").output == "Jurnal dijumlahkan / entries summed up: 3\nSelisih / differences: 0\n"
    assert roll().output == "Jurnal dijumlahkan / entries summed up: 0\n"
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("UPDATE r3316.balance_month SET debit_sen = debit_sen + 1 WHERE partner = 'BPD'")
    wrong = roll("--check")
    assert wrong.exit_code == 1
    assert wrong.output == (
        "Jurnal dijumlahkan / entries summed up: 0\n"
        "Selisih / differences: 1\n"
        "- 1.1.01.90.01.0001, PPKD, BPD, 2026-03-01 (month): tersimpan / kept D 450000.01 K 0.00,"
        " posting / postings D 450000.00 K 0.00\n"
    )
