"""The hledger journal, judged by the real hledger: it checks, and its balances are ours."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import account_balances, budget_recognised, open_export
from ledger.pulling.hledger import hledger_account
from tests.ledger.entries import AT, DAY, credited, draft, issued, money, paid, post, wait_until_settled
from tests.ledger.hledger_program import hledger, needs_hledger

AWKWARD = [
    "",
    "* cleared",
    "! (code) x",
    "a;b | c",
    "  dua  spasi\nbaris lain",
    "= 2026-01-01",
    "date:kemarin, [2026-02-31]",
]


def journal(region: str, **asked: Any) -> str:
    with unit_of_work(region) as session:
        return b"".join(open_export(session, "entries", "hledger", region=region, written_at=AT, **asked)).decode()


@pytest.fixture
def year(books: str) -> str:
    """Entries in both books on several days, latest date first, with descriptions that hledger could misread."""
    for number, words in enumerate(AWKWARD):
        day = DAY + timedelta(days=len(AWKWARD) - number)
        both = paid(1000 * number + 500) + budget_recognised(entity="LH", kind="PBB-P2", amount=Money(101 + number))
        post(books, draft(f"pay;{number}", both, accounted_on=day, description=words))
    post(books, draft("issue", issued(500_000), kind="assessment_issued"))
    post(books, draft("batch", credited(2_000), kind="credited_to_rkud", accounted_on=DAY + timedelta(days=40)))
    wait_until_settled(books)
    return books


def test_the_journal_is_plain_to_read(books: str) -> None:
    post(books, draft("p|1; x", description="Pembayaran; PBB"))
    wait_until_settled(books)
    content = journal(books)
    uid = content.partition("uid: ")[2][:36]
    assert content.splitlines()[1:] == [
        "commodity 1000.00 IDR",
        "",
        "account F:BAPENDA:1.1.03.15.01.0001  ; CONTOH – Piutang PBBP2",
        "account F:BAPENDA:3.1.03.01.01.0001  ; CONTOH – RK-PPKD",
        "account F:PPKD:1.1.01.90.01.0001  ; CONTOH – Kas dalam Perjalanan pada Bank Mitra",
        "account F:PPKD:1.1.13.01.01.0001  ; CONTOH – RK-SKPD",
        "",
        "2026-03-09 Pembayaran  PBB",
        f"    ; uid: {uid}",
        "    ; kind: paid_at_partner",
        "    ; key: p 1  x",
        "    ; occurred_at: 2026-03-09T04:05:06Z",
        "    F:BAPENDA:3.1.03.01.01.0001  150000.00 IDR  ; counterpart: PPKD",
        "    F:BAPENDA:1.1.03.15.01.0001  -150000.00 IDR",
        "    F:PPKD:1.1.01.90.01.0001  150000.00 IDR  ; partner: BPD",
        "    F:PPKD:1.1.13.01.01.0001  -150000.00 IDR  ; counterpart: BAPENDA",
        "",
        "2026-03-09 Saldo menurut basis data / balances by the database",
        "    F:BAPENDA:1.1.03.15.01.0001  0.00 IDR = -150000.00 IDR",
        "    F:BAPENDA:3.1.03.01.01.0001  0.00 IDR = 150000.00 IDR",
        "    F:PPKD:1.1.01.90.01.0001  0.00 IDR = 150000.00 IDR",
        "    F:PPKD:1.1.13.01.01.0001  0.00 IDR = -150000.00 IDR",
    ]


def test_codes_that_hledger_could_misread_are_written_otherwise() -> None:
    assert hledger_account("F", "5.02.0.00", "1.1") == "F:5.02.0.00:1.1"
    assert hledger_account("F", "a  b;[c]:%", "1.1") == "F:a%20%20b%3B%5Bc%5D%3A%25:1.1"


@needs_hledger
def test_hledger_check_passes_and_its_balances_are_ours(year: str) -> None:
    content = journal(year)
    for words in (["check"], ["check", "--strict"]):
        checked = hledger(content, *words)
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    told = hledger(content, "balance", "--flat", "--no-total", "--empty", "--output-format", "csv")
    theirs = {row["account"]: row["balance"] for row in csv.DictReader(io.StringIO(told.stdout))}
    with unit_of_work(year) as session:
        ours = {
            hledger_account(b.book, b.entity, b.account): f"{Money(b.debit.sen - b.credit.sen).plain()} IDR"
            for b in account_balances(session)
        }
    assert len(ours) == 8
    assert {name: "0.00 IDR" if amount == "0" else amount for name, amount in theirs.items()} == ours


@needs_hledger
def test_a_narrowed_journal_checks_too(year: str) -> None:
    narrowed = journal(year, accounted_to=DAY + timedelta(days=3), entity="LH")
    assert narrowed.count("uid: ") == 3
    checked = hledger(narrowed, "check", "--strict")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert hledger(journal(year, entity="TIDAK-ADA"), "check", "--strict").returncode == 0


@needs_hledger
def test_hledger_finds_an_amount_that_was_changed_on_both_sides(year: str) -> None:
    content = journal(year)
    changed = content.replace("500000.00 IDR\n", "500001.00 IDR\n")
    assert changed.count("500001.00 IDR\n") >= 2
    assert hledger(changed.partition("2026-04-18 Saldo")[0], "check", "--strict").returncode == 0
    body, mark, assertions = changed.partition("2026-04-18 Saldo")
    assert mark
    assert hledger(body + mark + content.partition("2026-04-18 Saldo")[2], "check").returncode == 1
    assert money(500_001).plain() in assertions
