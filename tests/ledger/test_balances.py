"""Balances per account and per role, with numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import (
    AccountRoleUnknown,
    RoleMovement,
    RoleNotMapped,
    account_balances,
    budget_recognised,
    post_entry,
    role_balance,
    role_movements,
    suspense_returned,
    unidentified_at_partner,
)
from tests.ledger.entries import AT, credited, draft, issued, money, paid, post

D1, D2, D3 = date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 11)


@pytest.fixture
def year(books: str) -> str:
    """Issued 500.000 and 80.000; paid 150.000 and 50.000 at two partners; one swept the next day; 7.000 stray."""
    post(books, draft("i1", issued(500_000), accounted_on=D1))
    post(books, draft("i2", issued(80_000, entity="LH", kind="RETRIBUSI-KEBERSIHAN"), accounted_on=D1))
    post(books, draft("p1", paid(150_000, partner="BPD"), accounted_on=D1))
    swept = credited(150_000) + budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=money(150_000))
    post(books, draft("c1", swept, accounted_on=D2))
    cleaning = paid(50_000, entity="LH", kind="RETRIBUSI-KEBERSIHAN", partner="BANK2")
    post(books, draft("p2", cleaning, accounted_on=D2))
    stray = unidentified_at_partner(ppkd="PPKD", amount=money(7_000), partner="BPD")
    post(books, draft("s1", stray, accounted_on=D3))
    return books


def balances(region: str, **asked: Any) -> list[tuple[str, str, str, str, str, str]]:
    with unit_of_work(region) as session:
        rows = account_balances(session, **asked)
    return [(r.book, r.entity, r.account, r.debit.plain(), r.credit.plain(), r.balance.plain()) for r in rows]


def test_every_account_has_its_sums_and_its_balance_on_the_normal_side(year: str) -> None:
    assert balances(year) == [
        ("A", "BAPENDA", "3.1.02.05.01.0001", "150000.00", "0.00", "-150000.00"),
        ("A", "BAPENDA", "4.1.01.15.01.0001", "0.00", "150000.00", "150000.00"),
        ("F", "BAPENDA", "1.1.03.15.01.0001", "500000.00", "150000.00", "350000.00"),
        ("F", "BAPENDA", "3.1.03.01.01.0001", "150000.00", "0.00", "-150000.00"),
        ("F", "BAPENDA", "7.1.01.15.01.0001", "0.00", "500000.00", "500000.00"),
        ("F", "LH", "1.1.04.01.14.0001", "80000.00", "50000.00", "30000.00"),
        ("F", "LH", "3.1.03.01.01.0001", "50000.00", "0.00", "-50000.00"),
        ("F", "LH", "7.1.02.01.14.0001", "0.00", "80000.00", "80000.00"),
        ("F", "PPKD", "1.1.01.01.01.0001", "150000.00", "0.00", "150000.00"),
        ("F", "PPKD", "1.1.01.90.01.0001", "207000.00", "150000.00", "57000.00"),
        ("F", "PPKD", "1.1.13.01.01.0001", "0.00", "200000.00", "-200000.00"),
        ("F", "PPKD", "2.1.06.90.01.0001", "0.00", "7000.00", "7000.00"),
    ]


def test_balances_are_narrowed_by_date_account_entity_and_book(year: str) -> None:
    cash = "1.1.01.90.01.0001"
    assert balances(year, account=cash, on=D1) == [("F", "PPKD", cash, "150000.00", "0.00", "150000.00")]
    assert balances(year, account=cash, on=D2) == [("F", "PPKD", cash, "200000.00", "150000.00", "50000.00")]
    assert balances(year, account=cash, since=D3) == [("F", "PPKD", cash, "7000.00", "0.00", "7000.00")]
    assert [row[2] for row in balances(year, account="1.1.01")] == ["1.1.01.01.01.0001", cash]
    assert {row[1] for row in balances(year, entity="LH")} == {"LH"}
    assert {row[0] for row in balances(year, book="A")} == {"A"}
    assert balances(year, entity="TIDAK-ADA") == []
    assert balances(year, on=date(2026, 3, 8)) == []


def test_clearing_is_counted_per_partner_though_partners_share_an_account(year: str) -> None:
    with unit_of_work(year) as session:
        assert role_balance(session, "clearing", "BPD", on=D1) == money(150_000)
        assert role_balance(session, "clearing", "BPD", on=D2) == Money(0)
        assert role_balance(session, "clearing", "BPD", on=D3) == money(7_000)
        assert role_balance(session, "clearing", "BANK2", on=D3) == money(50_000)
        assert role_balance(session, "clearing", on=D3) == money(57_000)
        assert role_balance(session, "clearing", "TIDAK-ADA", on=D3) == Money(0)
        assert role_balance(session, "rkud", on=D3) == money(150_000)
        assert role_balance(session, "suspense", on=D3) == money(7_000)
        assert role_balance(session, "suspense", on=D3, partner="BANK2") == Money(0)
        assert role_balance(session, "rk_ppkd", on=D3, entity="LH") == money(-50_000)
        assert role_balance(session, "receivable", "PBB-P2", on=D3) == money(350_000)


def test_a_role_that_moved_to_another_account_keeps_what_stood_on_the_old_one(year: str) -> None:
    with unit_of_work(year) as session:
        session.execute(text("INSERT INTO account_role VALUES ('clearing', 'BPD', '2026-03-12', '1.1.01.90.01.0002')"))
    later = date(2026, 3, 12)
    post(year, draft("r1", suspense_returned(ppkd="PPKD", amount=money(2_000), partner="BPD"), accounted_on=later))
    with unit_of_work(year) as session:
        assert role_balance(session, "clearing", "BPD", on=later) == money(5_000)
        assert role_balance(session, "clearing", "BPD", on=D3) == money(7_000)


def test_movements_are_listed_by_date_and_partner(year: str) -> None:
    def moved(**asked: Any) -> list[RoleMovement]:
        with unit_of_work(year) as session:
            return role_movements(session, "clearing", accounted_to=D3, **asked)

    assert moved(accounted_from=D1) == [
        RoleMovement(D1, "BPD", money(150_000), Money(0)),
        RoleMovement(D2, "BANK2", money(50_000), Money(0)),
        RoleMovement(D2, "BPD", Money(0), money(150_000)),
        RoleMovement(D3, "BPD", money(7_000), Money(0)),
    ]
    assert moved(accounted_from=D2, qualifier="BPD") == [
        RoleMovement(D2, "BPD", Money(0), money(150_000)),
        RoleMovement(D3, "BPD", money(7_000), Money(0)),
    ]


def test_a_role_without_an_account_has_no_balance_to_ask_for(books: str) -> None:
    with unit_of_work(books) as session:
        with pytest.raises(RoleNotMapped):
            role_balance(session, "receivable", "PAJAK-BARU", on=D1)
        with pytest.raises(RoleNotMapped):
            role_balance(session, "rkud", on=date(2023, 12, 31))


def test_a_role_that_does_not_exist_is_named(books: str) -> None:
    with unit_of_work(books) as session:
        for partner in (None, "BPD"):
            with pytest.raises(AccountRoleUnknown) as refused:
                role_balance(session, "kas_daerah", on=D1, partner=partner)
            assert (refused.value.field, refused.value.facts) == ("role", {"role": "kas_daerah"})
            with pytest.raises(AccountRoleUnknown):
                role_movements(session, "kas_daerah", accounted_from=D1, accounted_to=D3, partner=partner)
    assert refused.value.message_id == "Peran rekening kas_daerah tidak dikenal."
    assert refused.value.message_en == "There is no account role kas_daerah."


def test_sums_count_the_unit_of_work_s_own_postings(books: str) -> None:
    with unit_of_work(books) as session:
        post_entry(session, draft(), actor="a", recorded_at=AT)
        assert role_balance(session, "clearing", "BPD", on=D1) == money(150_000)
