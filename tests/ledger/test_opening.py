"""Taking over: a file of opening balances is checked whole and posted once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.money import Money
from foundation.regions import Region
from ledger import account_balances, reverse_entry
from ledger.errors import BooksRefused, PeriodClosed
from ledger.periods import adjust_period, close_period
from tests.ledger.entries import AT, draft, everything, post
from tests.ledger.openings import BALANCES, HEAD, ON, take_over
from tests.sample_chart import load_sample_chart


def refused(region: str, content: str, on: date = ON) -> list[tuple[int, str]]:
    """The faults by line and field; nothing has changed."""
    before = everything(region)
    with pytest.raises(BooksRefused) as caught:
        take_over(region, content, on)
    assert everything(region) == before
    return [(problem.line, problem.field) for problem in caught.value.problems]


def test_balances_are_posted_as_one_entry_per_book_of_their_own_kind(books: str) -> None:
    opened = take_over(books)
    assert (len(opened.entries), opened.lines, opened.first_time) == (2, 8, True)
    with unit_of_work(books) as session:
        entries = session.execute(
            text("SELECT kind, accounted_on, occurred_at, posting_count FROM journal_entry ORDER BY id")
        ).all()
        found = {(row.entity, row.account): row.balance for row in account_balances(session, on=ON)}
        act = session.execute(text("SELECT action, details->>'lines' FROM audit_event ORDER BY id DESC LIMIT 1")).one()
    assert [(row.kind, row.accounted_on, row.posting_count) for row in entries] == [
        ("opening_balance", ON, 6),
        ("opening_balance", ON, 2),
    ]
    assert entries[0].occurred_at.isoformat() == "2025-12-31T17:00:00+00:00"
    assert found == {
        ("BAPENDA", "1.1.03.15.01.0001"): Money.from_rupiah(900_000),
        ("BAPENDA", "3.1.03.01.01.0001"): Money.from_rupiah(100_000),
        ("BAPENDA", "3.1.01.01.01.0001"): Money.from_rupiah(800_000),
        ("PPKD", "1.1.13.01.01.0001"): Money.from_rupiah(100_000),
        ("PPKD", "1.1.01.90.01.0001"): Money(25_000_050),
        ("PPKD", "3.1.01.01.01.0001"): Money(35_000_050),
        ("BAPENDA", "3.1.02.05.01.0001"): Money.from_rupiah(-70_000),
        ("BAPENDA", "3.1.02.90.01.0001"): Money.from_rupiah(70_000),
    }
    assert tuple(act) == ("ledger.open_balances", "8")


def test_the_same_balances_again_add_nothing_whatever_their_order(books: str) -> None:
    first = take_over(books)
    before = everything(books)
    lines = BALANCES.splitlines()
    again = take_over(books, "\n".join([lines[0], *reversed(lines[1:])]))
    assert not again.first_time
    assert [entry.uid for entry in again.entries] == [entry.uid for entry in first.entries]
    assert everything(books) == before


@pytest.mark.parametrize(
    "was, is_now, faults",
    [
        ("1.1.03.15.01.0001", "1.1.03.15.99.0001", [(2, "rekening")]),
        ("1.1.03.15.01.0001", "1.1.03.15", [(2, "rekening")]),
        ("BAPENDA,F,debit", "SETDA,F,debit", [(2, "entitas")]),
        ("900000.00", "900.000", [(2, "jumlah")]),
        ("900000.00", "0", [(2, "jumlah")]),
        ("900000.00", "90000000000000000.00", [(2, "jumlah")]),
        ("900000.00", "-900000.00", [(2, "jumlah")]),
        ("900000.00", "", [(2, "jumlah")]),
        ("BAPENDA,F,debit", "bapenda,F,debit", [(2, "entitas")]),
        ("100000,PPKD,", "100000,SETDA,", [(3, "lawan")]),
        (HEAD, HEAD + "1.1.03.15.01.0001,BAPENDA,F,debit,900000.00,,\n", [(3, "rekening")]),
        (",BPD\n", ",BPD\n1.1.01.90.01.0001,PPKD,F,kredit,1.00,,BPD\n", [(7, "rekening")]),
        ("900000.00", "900001.00", [(4, "jumlah")]),
        ("BAPENDA,F,debit", "BAPENDA,A,debit", [(2, "buku")]),
        ("BAPENDA,F,debit", "BAPENDA,X,debit", [(2, "buku")]),
        ("F,debit,9", "F,debet,9", [(2, "sisi")]),
        ("100000,PPKD,", "100000,,", [(3, "lawan")]),
        ("100000,PPKD,", "100000,BAPENDA,", [(3, "lawan")]),
        ("100000,PPKD,", "100000,LH,", [(3, "jumlah"), (5, "jumlah")]),
        ("70000.00,,\n3", "60000.00,,\n3", [(9, "jumlah")]),
        ("3.1.02.90.01.0001", "3.1.02.05.01.0001", [(9, "rekening")]),
        (BALANCES[len(HEAD) :], "", [(1, "berkas")]),
        ("rekening,", "akun,", [(1, "berkas")]),
    ],
)
def test_a_faulty_file_is_refused_whole_by_line_and_field(
    books: str, was: str, is_now: str, faults: list[tuple[int, str]]
) -> None:
    assert refused(books, BALANCES.replace(was, is_now, 1)) == faults


def test_a_refusal_says_what_does_not_foot(books: str) -> None:
    with pytest.raises(BooksRefused) as caught:
        take_over(books, BALANCES.replace("800000.00", "700000.00"))
    assert caught.value.message_en == (
        "The file of balances is refused, 1 problem(s):\n"
        "- line 4, jumlah: F BAPENDA does not balance, difference 100000.00"
    )


def test_books_begin_once_until_their_opening_is_reversed(books: str) -> None:
    first = take_over(books)
    other = BALANCES.replace("900000.00", "950000.00").replace("800000.00", "850000.00")
    assert refused(books, other) == [(2, "entitas"), (5, "entitas")]
    with unit_of_work(books) as session:
        reverse_entry(session, first.entries[0].uid, reason="Salah saldo", accounted_on=ON, actor="cli:test", at=AT)
    assert take_over(books, other.split("3.1.02.05")[0]).first_time
    with unit_of_work(books) as session:
        found = account_balances(session, on=ON, account="1.1.03", entity="BAPENDA")
    assert found[0].balance == Money.from_rupiah(950_000)


def test_books_do_not_begin_after_they_were_used(books: str) -> None:
    post(books, draft())
    assert refused(books, BALANCES, on=date(2026, 4, 1)) == [(2, "entitas"), (5, "entitas"), (8, "entitas")]
    assert take_over(books).first_time


def test_a_closed_month_takes_no_opening(books: str) -> None:
    with unit_of_work(books) as session:
        adjust_period(session, ON, today=date(2026, 3, 1), by="cli:test", at=AT)
        close_period(session, ON, by="cli:test", at=AT)
    before = everything(books)
    with pytest.raises(PeriodClosed):
        take_over(books)
    assert everything(books) == before


@pytest.mark.parametrize("lines, fault", [(10_001, 10_002), (20_001, 20_002), (60_000, 20_002)])
def test_a_file_of_more_than_a_book_holds_is_refused_where_it_is_too_long(books: str, lines: int, fault: int) -> None:
    many = "".join(f"1.1.01.90.01.0001,PPKD,F,debit,1.00,,P{number}\n" for number in range(lines - 1))
    foot = f"3.1.01.01.01.0001,PPKD,F,kredit,{lines - 1}.00,,\n"
    assert refused(books, HEAD + many + foot) == [(fault, "berkas")]


def test_two_openings_at_once_post_once(books: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        opened = list(pool.map(take_over, [books, books]))
    assert sorted(each.first_time for each in opened) == [False, True]
    assert opened[0].entries[0].uid == opened[1].entries[0].uid


def test_each_region_begins_its_own_books(books: str, other_region: Region) -> None:
    load_sample_chart(other_region.code)
    before = everything(other_region.code)
    take_over(books)
    assert everything(other_region.code) == before
