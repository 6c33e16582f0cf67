"""The end of a year: closing journals, what carries, a new year's chart, cash on its way, consolidation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from app.cli import main
from foundation.db import unit_of_work
from foundation.money import Money
from ledger import (
    ClosingEntryStands,
    EntryDraft,
    correct_entry,
    journals,
    load_chart,
    reverse_entry,
    trial_balance,
)
from ledger.consolidating import RkPair, consolidated_balances, one_sided_entries, rk_pairs
from ledger.errors import BooksRefused, YearNotReady
from ledger.journals import Standing
from ledger.periods import close_period, reopen_period
from ledger.year_end import (
    OLD_YEAR_KIND,
    CodesCarried,
    budget_recognised_on,
    carry_to_codes,
    is_year_closed,
)
from tests.database import TestDatabase
from tests.ledger.entries import AT, everything
from tests.ledger.journal_case import written
from tests.ledger.months import seen
from tests.ledger.seals import tamper
from tests.ledger.year_scene import (
    DECEMBER,
    LAST,
    NEW_ACCOUNTS,
    NEW_ROLES,
    NEXT,
    PBB,
    a_year,
    book,
    close,
    make_ready,
    policy,
    sen,
    standing,
)

BALANCE_SHEET = {
    ("BAPENDA", "1.1.03.15.01.0001"): 300_000,
    ("BAPENDA", "1.1.10.01.01.0001"): -30_000,
    ("BAPENDA", "3.1.03.01.01.0001"): 600_000,
    ("PPKD", "1.1.01.01.01.0001"): 550_000,
    ("PPKD", "1.1.01.90.01.0001"): 100_000,
    ("PPKD", "1.1.13.01.01.0001"): -600_000,
}
EQUITY = {("BAPENDA", "3.1.01.01.01.0001"): -870_000, ("PPKD", "3.1.01.01.01.0001"): -50_000}
BUDGET_KEPT = {
    ("BAPENDA", "3.1.02.05.01.0001"): 500_000,
    ("BAPENDA", "3.1.02.90.01.0001"): -500_000,
    ("PPKD", "3.1.02.05.01.0001"): 50_000,
    ("PPKD", "3.1.02.90.01.0001"): -50_000,
}


def test_closing_journals_over_a_surplus_and_a_deficit() -> None:
    standings = (Standing("F", "LH", "7.1.01.15.01.0001", -900), Standing("F", "LH", "8.1.07.01.01.0001", 300))
    lines = [
        (p.account or p.role, p.side, p.amount.sen) for p in journals.accrual_closed(entity="LH", standings=standings)
    ]
    assert lines == [
        ("7.1.01.15.01.0001", "debit", 900),
        ("8.1.07.01.01.0001", "credit", 300),
        ("surplus_lo", "credit", 600),
        ("surplus_lo", "debit", 600),
        ("equity", "credit", 600),
    ]
    deficit = journals.accrual_closed(entity="LH", standings=standings[1:])
    assert [(p.account or p.role, p.side, p.amount.sen) for p in deficit] == [
        ("8.1.07.01.01.0001", "credit", 300),
        ("surplus_lo", "debit", 300),
        ("surplus_lo", "credit", 300),
        ("equity", "debit", 300),
    ]
    even = journals.accrual_closed(
        entity="LH", standings=(Standing("F", "LH", "7.1", -1), Standing("F", "LH", "8.1", 1))
    )
    assert [(p.account, p.side) for p in even] == [("7.1", "debit"), ("8.1", "credit")]


def test_closing_the_budget_book_keeps_surplus_lra_or_ends_it() -> None:
    standings = (Standing("A", "LH", "4.1", -900), Standing("A", "LH", "5.3", 300))
    kept = journals.budget_closed(entity="LH", standings=standings)
    assert [(p.account or p.role, p.side, p.amount.sen) for p in kept] == [
        ("4.1", "debit", 900),
        ("5.3", "credit", 300),
        ("surplus_lra", "credit", 600),
    ]
    ended = journals.budget_closed(entity="LH", standings=standings, against_sal_change=True)
    assert [written(p) for p in ended[2:]] == [
        "A LH surplus_lra credit 600",
        "A LH surplus_lra debit 600",
        "A LH sal_change credit 600",
    ]
    estimate = journals.estimate_reversed(entity="LH", standings=(Standing("A", "LH", "3.1.02.01", 500),))
    assert [(p.account or p.role, p.side) for p in estimate] == [("3.1.02.01", "credit"), ("sal_change", "debit")]


def test_closing_rk_empties_both_sides_of_a_pair() -> None:
    pair = (Standing("F", "LH", "3.1.03", 700, "PPKD"), Standing("F", "PPKD", "1.1.13", -700, "LH"))
    assert [(p.entity, p.account or p.role, p.side, p.counterpart) for p in journals.rk_closed(pair)] == [
        ("LH", "3.1.03", "credit", "PPKD"),
        ("LH", "equity", "debit", None),
        ("PPKD", "1.1.13", "debit", "LH"),
        ("PPKD", "equity", "credit", None),
    ]


def test_a_closed_year_leaves_the_balance_sheet_which_carries_by_nature(books: str) -> None:
    a_year(books)
    make_ready(books)
    closed = close(books)
    assert (closed.surplus_lo, closed.surplus_lra) == (
        {"BAPENDA": sen(870_000), "PPKD": sen(50_000)},
        {"BAPENDA": sen(500_000), "PPKD": sen(50_000)},
    )
    assert (closed.cash_on_its_way, closed.treasurer_cash, closed.ending) == (sen(100_000), Money(0), ())
    assert closed.not_identified == Money(0)
    assert len(closed.entries) == 5
    assert standing(books, LAST) == standing(books, NEXT) == BALANCE_SHEET | EQUITY | BUDGET_KEPT
    assert standing(books, date(2026, 12, 30)).keys() & {("BAPENDA", "7.1.01.15.01.0001")}
    with unit_of_work(books) as session:
        kinds = session.execute(
            text("SELECT kind, accounted_on, key FROM journal_entry WHERE kind = 'closing' ORDER BY id")
        ).all()
        act = session.scalar(text("SELECT details->>'year' FROM audit_event WHERE action = 'ledger.close_year'"))
    assert [(row.kind, row.accounted_on, row.key) for row in kinds] == [
        ("closing", LAST, f"closing:2026:1:{tail}")
        for tail in ("F:BAPENDA", "F:PPKD", "A:BAPENDA", "A:PPKD", "DPA:BAPENDA")
    ]
    assert act == "2026"


def test_a_second_closing_closes_only_what_was_adjusted_since(books: str) -> None:
    a_year(books)
    make_ready(books)
    close(books)
    before = everything(books)
    again = close(books)
    assert again.entries == ()
    assert everything(books) == before
    reduced = journals.assessment_reduced(entity="BAPENDA", kind="PBB-P2", amount=sen(10_000))
    book(books, "assessment_reduced", reduced, on=LAST)
    third = close(books)
    assert (len(third.entries), third.surplus_lo) == (1, {"BAPENDA": sen(-10_000)})
    assert standing(books, LAST)["BAPENDA", "3.1.01.01.01.0001"] == -860_000
    with unit_of_work(books) as session:
        close_period(session, DECEMBER, by="cli:test", at=AT)
    assert close(books).entries == ()


def test_two_closings_at_once_close_once(books: str) -> None:
    a_year(books)
    make_ready(books)
    with ThreadPoolExecutor(2) as pool:
        closings = list(pool.map(close, [books, books]))
    assert sorted(len(each.entries) for each in closings) == [0, 5]
    assert standing(books, LAST) == BALANCE_SHEET | EQUITY | BUDGET_KEPT


def test_a_year_with_open_months_is_not_closed(books: str) -> None:
    a_year(books)
    make_ready(books)
    with unit_of_work(books) as session:
        # June is empty, but would take ordinary entries.
        for month in (date(2026, 6, 1), DECEMBER):
            reopen_period(session, month, reason="Contoh", by="cli:test", at=AT)
    before = everything(books)
    with pytest.raises(YearNotReady) as refused:
        close(books)
    assert refused.value.message_en == (
        "The year 2026 cannot be closed yet: not being adjusted or closed: 2026-06, 2026-12."
    )
    assert everything(books) == before


def test_a_closed_december_is_told_as_closed(books: str) -> None:
    a_year(books)
    make_ready(books)
    with unit_of_work(books) as session:
        close_period(session, DECEMBER, by="cli:test", at=AT)
        assert not is_year_closed(session, 2026)
    before = everything(books)
    with pytest.raises(YearNotReady) as refused:
        close(books)
    assert refused.value.message_id == (
        "Tahun 2026 belum dapat ditutup: 2026-12 sudah ditutup; buka kembali ke penyesuaian:"
        " lunas ledger period reopen."
    )
    assert refused.value.message_en == (
        "The year 2026 cannot be closed yet: 2026-12 is closed; reopen it to being adjusted:"
        " lunas ledger period reopen."
    )
    assert everything(books) == before
    with unit_of_work(books) as session:
        reopen_period(session, DECEMBER, reason="Tahun belum ditutup", by="cli:test", at=AT)
    assert len(close(books).entries) == 5
    with unit_of_work(books) as session:
        assert is_year_closed(session, 2026)


def test_a_year_is_not_closed_over_an_earlier_open_one(books: str) -> None:
    book(books, "assessment_issued", journals.assessment_issued(**PBB, amount=sen(5)), on=date(2025, 6, 1))
    a_year(books)
    make_ready(books)
    with pytest.raises(YearNotReady) as refused:
        close(books)
    assert refused.value.message_id == "Tahun 2026 belum dapat ditutup: tahun 2025 belum ditutup."


def test_policy_may_refuse_a_year_over_a_treasurer_s_cash(books: str) -> None:
    a_year(books)
    book(books, "paid_to_treasurer", journals.paid_to_treasurer(**PBB, amount=sen(70_000)))
    make_ready(books)
    policy(books, "ledger.treasurer_cash_at_year_end", "refused")
    with pytest.raises(YearNotReady) as refused:
        close(books)
    assert refused.value.message_en.endswith("treasurers still hold cash: BAPENDA 70000.00.")
    assert seen(books, DECEMBER).state == "ADJUSTING"


def test_money_that_nobody_has_identified_is_told_and_stands_over_the_year(books: str) -> None:
    a_year(books)
    book(books, "unidentified_at_rkud", journals.unidentified_at_rkud(ppkd="PPKD", amount=sen(25_000)))
    make_ready(books)
    closed = close(books)
    assert (closed.not_identified, len(closed.entries)) == (sen(25_000), 5)
    suspense = {("PPKD", "2.1.06.90.01.0001"): -25_000, ("PPKD", "1.1.01.01.01.0001"): 575_000}
    assert standing(books, NEXT) == BALANCE_SHEET | EQUITY | BUDGET_KEPT | suspense


def test_policy_may_close_rk_and_end_surplus_lra(books: str) -> None:
    a_year(books)
    make_ready(books)
    policy(books, "ledger.rk_at_closing", "closed")
    policy(books, "ledger.surplus_lra_at_closing", "against_sal_change")
    close(books)
    assert standing(books, LAST) == {
        ("BAPENDA", "1.1.03.15.01.0001"): 300_000,
        ("BAPENDA", "1.1.10.01.01.0001"): -30_000,
        ("BAPENDA", "3.1.01.01.01.0001"): -270_000,
        ("PPKD", "1.1.01.01.01.0001"): 550_000,
        ("PPKD", "1.1.01.90.01.0001"): 100_000,
        ("PPKD", "3.1.01.01.01.0001"): -650_000,
    }
    with unit_of_work(books) as session:
        assert rk_pairs(session, on=LAST) == []


def test_rk_eliminate_to_zero_per_pair_and_leave_the_consolidated_balances(books: str) -> None:
    a_year(books)
    market = {"entity": "PERDAGANGAN", "kind": "RETRIBUSI-PASAR"}
    book(books, "self_assessed_into_rkud", journals.self_assessed_into_rkud(**market, ppkd="PPKD", amount=sen(40_000)))
    with unit_of_work(books) as session:
        pairs = rk_pairs(session, on=LAST)
        balances = {row.account: row.balance for row in consolidated_balances(session, on=LAST)}
        debit = sum(row.debit.sen for row in consolidated_balances(session, on=LAST))
        credit = sum(row.credit.sen for row in consolidated_balances(session, on=LAST))
    assert pairs == [
        RkPair("BAPENDA", "PPKD", sen(600_000), sen(-600_000)),
        RkPair("PERDAGANGAN", "PPKD", sen(40_000), sen(-40_000)),
    ]
    assert [pair.difference for pair in pairs] == [Money(0), Money(0)]
    assert not {"1.1.13.01.01.0001", "3.1.03.01.01.0001"} & set(balances)
    assert balances["1.1.01.01.01.0001"] == sen(590_000)
    assert debit == credit


def test_closing_entries_are_not_reversed(books: str) -> None:
    a_year(books)
    make_ready(books)
    with unit_of_work(books) as session:
        unclosed = trial_balance(session, since=date(2026, 1, 1), on=LAST)
    closed = close(books)
    before = everything(books)
    for entry in closed.entries:
        with unit_of_work(books) as session, pytest.raises(ClosingEntryStands) as refused:
            reverse_entry(session, entry.uid, reason="Salah", accounted_on=LAST, actor="cli:test", at=AT)
        assert (refused.value.field, refused.value.facts) == ("uid", {"uid": entry.uid})
        assert "lunas ledger close-year" in refused.value.message_id
        instead = EntryDraft(
            "correction", f"instead:{entry.uid}", AT, LAST, "x", journals.budget_approved(**PBB, amount=sen(1))
        )
        with unit_of_work(books) as session, pytest.raises(ClosingEntryStands):
            correct_entry(session, entry.uid, instead, reason="Salah", accounted_on=LAST, actor="cli:test", at=AT)
    assert everything(books) == before
    with unit_of_work(books) as session:
        assert trial_balance(session, since=date(2026, 1, 1), on=LAST, before_closing=True).lines == unclosed.lines


CODES = "rekening_lama,rekening_baru\n1.1.03.15.01.0001,1.1.03.15.02.0001\n"


def carry(region: str, content: str = CODES) -> CodesCarried:
    with unit_of_work(region) as session:
        return carry_to_codes(session, 2026, content.encode(), actor="cli:test", at=AT)


def test_a_new_year_s_chart_takes_over_what_stands_on_the_old_codes(books: str) -> None:
    a_year(books)
    make_ready(books)
    with unit_of_work(books) as session:
        load_chart(
            session, accounts=NEW_ACCOUNTS.encode(), roles=NEW_ROLES.encode(), entities=None, actor="cli:test", at=AT
        )
    assert close(books).ending == ("1.1.03.15.01.0001",)
    carried = carry(books)
    assert (len(carried.entries), carried.moved) == (1, sen(300_000))
    after = standing(books, NEXT)
    assert after["BAPENDA", "1.1.03.15.02.0001"] == 300_000
    assert ("BAPENDA", "1.1.03.15.01.0001") not in after
    assert close(books).ending == ()
    before = everything(books)
    assert carry(books).entries == ()
    assert everything(books) == before
    # What is paid in the new year settles the receivable on its new code; the old year's report is as it was.
    old = standing(books, date(2026, 12, 30))
    paid = journals.paid_at_partner(**PBB, ppkd="PPKD", partner="BPD", amount=sen(300_000))
    book(books, "paid_at_partner", paid, on=date(2027, 1, 10))
    assert ("BAPENDA", "1.1.03.15.02.0001") not in standing(books, date(2027, 1, 10))
    assert standing(books, date(2026, 12, 30)) == old


@pytest.mark.parametrize(
    "line, faults",
    [
        ("1.1.03.15.01.0001,1.1.03.15.09.0001", [(2, "rekening_baru")]),
        ("1.1.03.15.01.0001,1.1.03.15.01.0001", [(2, "rekening_baru"), (2, "rekening_baru")]),
        ("1.1.03.15.01.0001,3.1.02.05.01.0001", [(2, "rekening_baru")]),
        ("1.1.03.15.01.0001,1.1.13.01.01.0001", [(2, "rekening_baru")]),
        ("7.1.01.15.01.0001,1.1.03.14.37.0001", [(2, "rekening_lama")]),
        ("1.1.03,1.1.03.14.37.0001", [(2, "rekening_lama")]),
        ("1.1.03.15.01.0001,1.1.03.14.37.0001\n1.1.03.15.01.0001,1.1.03.20.01.0001", [(3, "rekening_lama")]),
        (
            "\n1.1.03.20.01.0001,1.1.03.21.01.0001\n\n1.1.03.15.01.0001,1.1.03.20.01.0001",
            [(5, "rekening_baru")],
        ),
        (
            "1.1.03.15.01.0001,1.1.03.20.01.0001\n1.1.03.20.01.0001,1.1.03.15.01.0001",
            [(2, "rekening_baru"), (3, "rekening_baru")],
        ),
        ("", [(1, "berkas")]),
    ],
)
def test_a_faulty_list_of_codes_is_refused_whole(books: str, line: str, faults: list[tuple[int, str]]) -> None:
    a_year(books)
    before = everything(books)
    with pytest.raises(BooksRefused) as refused:
        carry(books, f"rekening_lama,rekening_baru\n{line}\n")
    assert [(problem.line, problem.field) for problem in refused.value.problems] == faults
    assert everything(books) == before


def test_cash_on_its_way_is_recognised_in_the_year_that_policy_says(books: str) -> None:
    def asked(taken: date, credited: date) -> date:
        with unit_of_work(books) as session:
            return budget_recognised_on(session, taken_accounted_on=taken, credited_on=credited)

    new_year = date(2027, 1, 4)
    assert asked(LAST, new_year) == new_year
    policy(books, "ledger.cash_on_its_way_at_year_end", "old_year")
    assert asked(LAST, new_year) == LAST
    assert asked(date(2027, 1, 2), new_year) == new_year
    assert asked(date(2026, 12, 1), date(2026, 12, 2)) == date(2026, 12, 2)
    make_ready(books)
    assert asked(LAST, new_year) == LAST
    with unit_of_work(books) as session:
        close_period(session, DECEMBER, by="cli:test", at=AT)
    assert asked(LAST, new_year) == new_year


JANUARY = date(2027, 1, 4)
CREDITED = {"ppkd": "PPKD", "partner": "BPD"}


def credit_in_january(region: str) -> date:
    """The 100.000 on its way reach RKUD on 4 January, with their budget side where policy puts it; that date."""
    with unit_of_work(region) as session:
        on = budget_recognised_on(session, taken_accounted_on=LAST, credited_on=JANUARY)
    book(region, "credited_to_rkud", journals.credited_to_rkud(**CREDITED, amount=sen(100_000)), on=JANUARY)
    kind = OLD_YEAR_KIND if on == LAST else "budget_recognised"
    book(region, kind, journals.budget_recognised(**PBB, amount=sen(100_000)), on=on)
    return on


@pytest.mark.parametrize(
    "value, recognised_on, old_year, new_year",
    [("new_year", JANUARY, 500_000, 100_000), ("old_year", LAST, 600_000, None)],
)
def test_cash_on_its_way_is_revenue_of_one_year_only_and_carries_in_the_financial_book(
    books: str, value: str, recognised_on: date, old_year: int, new_year: int | None
) -> None:
    a_year(books)
    make_ready(books)
    policy(books, "ledger.cash_on_its_way_at_year_end", value)
    # The year is closed before the money arrives; by old_year its budget side is closed by the second run.
    first = close(books)
    assert (first.surplus_lra["BAPENDA"], first.cash_on_its_way) == (sen(500_000), sen(100_000))
    assert credit_in_january(books) == recognised_on
    second = close(books)
    assert second.surplus_lra == ({} if value == "new_year" else {"BAPENDA": sen(100_000)})
    assert second.cash_on_its_way == sen(100_000)
    at_the_end = standing(books, LAST)
    assert at_the_end["BAPENDA", "3.1.02.90.01.0001"] == -old_year
    assert at_the_end["PPKD", "1.1.01.90.01.0001"] == 100_000
    assert {place: at_the_end[place] for place in EQUITY} == EQUITY
    with unit_of_work(books) as session:
        close_period(session, DECEMBER, by="cli:test", at=AT)
    make_ready(books, 2027)
    third = close(books, 2027)
    assert third.surplus_lra == ({} if new_year is None else {"BAPENDA": sen(new_year)})
    assert (third.surplus_lo, third.cash_on_its_way) == ({}, Money(0))
    after = standing(books, date(2027, 12, 31))
    assert after["BAPENDA", "3.1.02.90.01.0001"] == -600_000
    assert after["PPKD", "1.1.01.01.01.0001"] == 650_000
    assert ("PPKD", "1.1.01.90.01.0001") not in after
    assert {place: after[place] for place in EQUITY} == EQUITY


def test_what_reaches_a_closed_december_too_late_is_revenue_of_the_new_year(books: str) -> None:
    a_year(books)
    make_ready(books)
    policy(books, "ledger.cash_on_its_way_at_year_end", "old_year")
    close(books)
    with unit_of_work(books) as session:
        close_period(session, DECEMBER, by="cli:test", at=AT)
    assert credit_in_january(books) == JANUARY
    make_ready(books, 2027)
    assert close(books, 2027).surplus_lra == {"BAPENDA": sen(100_000)}


def test_what_was_recognised_after_the_closing_keeps_the_next_year_open(books: str) -> None:
    a_year(books)
    make_ready(books)
    policy(books, "ledger.cash_on_its_way_at_year_end", "old_year")
    close(books)
    credit_in_january(books)
    make_ready(books, 2027)
    reduced = journals.assessment_reduced(entity="BAPENDA", kind="PBB-P2", amount=sen(1))
    book(books, "assessment_reduced", reduced, on=date(2027, 12, 31))
    before = everything(books)
    with pytest.raises(YearNotReady) as refused:
        close(books, 2027)
    assert refused.value.message_en == "The year 2027 cannot be closed yet: the year 2026 is not closed."
    assert everything(books) == before


def test_an_entry_that_was_written_on_one_side_only_is_named(books: str, database: TestDatabase) -> None:
    a_year(books)
    with unit_of_work(books) as session:
        uid = session.scalar(text("SELECT uid FROM journal_entry WHERE kind = 'paid_at_partner'"))
        assert one_sided_entries(session, on=LAST) == []
    one_side = (
        "UPDATE posting SET amount_sen = amount_sen + 700 WHERE counterpart_entity_id ="
        " (SELECT id FROM entity WHERE code = 'PPKD')"
    )
    tamper(database, one_side, region=books)
    with unit_of_work(books) as session:
        (pair,) = rk_pairs(session, on=LAST)
        (found,) = one_sided_entries(session, on=LAST)
    assert pair == RkPair("BAPENDA", "PPKD", Money(60_000_700), sen(-600_000))
    assert pair.difference == Money(700)
    assert (found.uid, found.first, found.second, found.difference) == (uid, "BAPENDA", "PPKD", Money(700))
    told = CliRunner().invoke(main, ["ledger", "consolidate", "--region", books, "--on", "2026-12-31"])
    assert told.exit_code == 1
    assert told.output.splitlines()[:5] == [
        "RK\tEntitas\tEntitas lawan\tSaldo di entitas\tSaldo di lawan\tSelisih",
        "RK\tBAPENDA\tPPKD\t600007.00\t-600000.00\t7.00",
        "Jurnal sepihak\tEntitas\tEntitas lawan\tSelisih\tUID jurnal\tKunci",
        f"Jurnal sepihak / one-sided entry\tBAPENDA\tPPKD\t7.00\t{uid}\t{found.key}",
        "Buku\tRekening\tDebit\tKredit\tSaldo\tNama",
    ]
    tamper(
        database,
        "UPDATE posting SET counterpart_entity_id = NULL WHERE counterpart_entity_id IS NOT NULL",
        region=books,
    )
    with unit_of_work(books) as session:
        assert [(each.first, each.second) for each in rk_pairs(session, on=LAST)] == [("BAPENDA", "-"), ("PPKD", "-")]
