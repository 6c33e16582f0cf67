"""Runs: what balances, what is listed and named, and that a second run says the same.

For: the three equations of a run to the sen. Not for: matching and booking (test_swept_*).
"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from foundation.db import run_unit
from foundation.money import Money
from foundation.regions import Region
from reconciliation import RunResult, find_last_run, last_runs_by_partner, list_differences, reconcile
from tests.reconciliation.scene import BANK, HOLDING, MONDAY, RKUD, Counter, after, rupiah


@pytest.fixture
def counter(region: Region) -> Counter:
    counter = Counter(region)
    for number in range(3):
        counter.pay(number)
    return counter


def run(counter: Counter, days: int = 0, on: date | None = None) -> RunResult:
    """Reconcile at noon so many days after the Monday."""
    return run_unit(
        counter.region.code,
        lambda session: reconcile(session, region=counter.region, on=on, at=after(days), by="cli:test"),
    )


def found(result: RunResult) -> list[tuple[str, str]]:
    """(code, amount) of every difference."""
    return [(each.code, each.amount.plain()) for each in result.differences]


def test_a_swept_day_balances_with_the_startup_balance_explained(counter: Counter) -> None:
    counter.deliver(counter.settlement(*(counter.line(number) for number in range(3))))
    odd = Money(123_456_789_01)
    counter.deliver(counter.statement((1_475_500, "PELIMPAHAN STL261123A KE RKUD"), opening=odd))
    counter.deliver(
        counter.statement(
            (150_000, "VA PAY0"), (75_500, "VA PAY1"), (1_250_000, "VA PAY2"), (-1_475_500, "STL261123A KE RKUD"),
            account=HOLDING,
        )
    )  # fmt: skip
    result = run(counter)
    assert found(result) == [("STARTUP_OPENING", "123456789.01")]
    assert result.balanced
    rkud = result.figures.rkud
    assert rkud is not None
    assert (rkud.opening, rkud.closing) == (odd, odd + rupiah(1_475_500))
    assert (rkud.books, rkud.listed, rkud.unexplained) == (rupiah(1_475_500), odd, Money(0))
    assert (rkud.books_at_opening, rkud.listed_at_opening) == (Money(0), odd)
    (partner,) = result.figures.partners
    assert (partner.clearing, partner.in_transit, partner.ledger, partner.ledger_expected) == (Money(0),) * 4
    (day,) = partner.days
    assert (day.paid, day.paid_count, day.settled, day.credited) == (
        rupiah(1_475_500), 3, rupiah(1_475_500), rupiah(1_475_500),
    )  # fmt: skip
    assert partner.holding is not None
    assert (partner.holding.closing, partner.holding.books, partner.holding.unexplained) == (Money(0),) * 3


def test_a_second_run_says_the_same_and_posts_nothing(counter: Counter) -> None:
    counter.deliver(counter.settlement(*(counter.line(number) for number in range(3))))
    counter.deliver(counter.statement((1_475_500, "PELIMPAHAN STL261123A"), (-6_500, "BIAYA RTGS")))
    first = run(counter)
    before = counter.everything()
    second = run(counter)
    assert found(first) == found(second) == [("UNBOOKED_DEBIT", "-6500.00")]
    assert first.figures == second.figures
    grown = {"reconciliation_run": 2, "reconciliation_difference": 2}
    assert counter.everything() == before | grown
    with_session = counter.region.code
    last = run_unit(with_session, find_last_run)
    assert last is not None
    assert (last.uid, last.result, last.figures) == (second.uid, "DIFFERENT", second.figures)
    shown = run_unit(with_session, lambda session: list_differences(session, second.uid))
    assert [(each.code, each.amount, each.account_no) for each in shown] == [("UNBOOKED_DEBIT", rupiah(-6_500), RKUD)]
    (standing,) = run_unit(with_session, last_runs_by_partner)
    assert (standing.partner, standing.clearing, standing.differences) == (BANK, Money(0), 0)


def test_before_the_bank_says_anything_the_money_is_on_its_way_and_overdue_after_the_term(counter: Counter) -> None:
    result = run(counter)
    assert (found(result), result.balanced) == ([], True)
    assert result.figures.partners[0].in_transit == rupiah(1_475_500)
    assert found(run(counter, days=1)) == []
    late = run(counter, days=2)
    assert found(late) == [("SETTLEMENT_OVERDUE", "-1475500.00")]
    assert late.differences[0].facts["count"] == 3
    assert not late.balanced


def test_a_settlement_that_is_not_swept_by_its_term_is_listed(counter: Counter) -> None:
    counter.deliver(counter.settlement(*(counter.line(number) for number in range(3))))
    assert found(run(counter, days=1)) == []
    assert found(run(counter, days=2)) == [("SWEEP_OVERDUE", "-1475500.00")]


def test_a_payment_that_the_settlement_left_out_is_named(counter: Counter) -> None:
    counter.deliver(counter.settlement(counter.line(0), counter.line(1)))
    counter.deliver(counter.statement((225_500, "STL261123A")))
    result = run(counter)
    assert found(result) == [("MISSING_AT_BANK", "-1250000.00")]
    assert result.differences[0].reference == "PAY2"
    assert result.figures.partners[0].clearing == rupiah(1_250_000)


def test_a_payment_told_after_the_settlement_file_came_waits_for_the_next(region: Region) -> None:
    counter = Counter(region)
    counter.pay(0)
    counter.deliver(counter.settlement(counter.line(0)))
    counter.pay(1, at=after(0).replace(hour=9))
    assert found(run(counter)) == []


def test_a_missing_statement_is_listed_with_what_it_moved(counter: Counter) -> None:
    counter.deliver(counter.settlement(*(counter.line(number) for number in range(3))))
    counter.deliver(counter.statement((1_475_500, "STL261123A")))
    tuesday = date(2026, 11, 24)
    counter.deliver(counter.statement(number=3, on=tuesday, opening=Money(1_475_500_50)))
    result = run(counter, days=1)
    assert found(result) == [("MISSING_STATEMENT", "0.50")]
    assert result.figures.rkud is not None
    assert result.figures.rkud.unexplained == Money(0)
    assert found(run(counter, days=1, on=MONDAY)) == []


def test_a_missing_statement_that_moved_nothing_is_listed_by_its_number(counter: Counter) -> None:
    counter.deliver(counter.settlement(*(counter.line(number) for number in range(3))))
    counter.deliver(counter.statement((1_475_500, "STL261123A")))
    balance = rupiah(1_475_500)
    counter.deliver(counter.statement(number=4, on=date(2026, 11, 24), opening=balance))
    result = run(counter, days=1)
    assert found(result) == [("STATEMENT_NUMBER_MISSING", "0.00")]
    assert not result.balanced
    (gap,) = result.differences
    assert gap.text("id") == (
        f"Ada 2 rekening koran antara nomor 1 dan 4 ({RKUD}) yang belum diterima; saldonya bersambung."
    )
    assert gap.text("en") == (
        f"There are 2 statements between number 1 and 4 ({RKUD}) that did not arrive; the balances meet."
    )
    assert result.figures.rkud is not None
    assert result.figures.rkud.unexplained == Money(0)
    counter.deliver(counter.statement((500, "A"), (-500, "B"), number=2, on=date(2026, 11, 24), opening=balance))
    counter.deliver(counter.statement(number=3, on=date(2026, 11, 24), opening=balance))
    assert "STATEMENT_NUMBER_MISSING" not in [code for code, _ in found(run(counter, days=1))]


def test_numbers_that_begin_again_with_the_year_are_no_gap(counter: Counter) -> None:
    for number, day in ((365, date(2026, 12, 31)), (1, date(2027, 1, 4)), (2, date(2027, 1, 5))):
        counter.deliver(counter.statement(number=number, on=day, opening=rupiah(7)))
    codes = [code for code, _ in found(run(counter, days=43))]
    assert "STATEMENT_NUMBER_MISSING" not in codes
    assert "MISSING_STATEMENT" not in codes
    counter.deliver(counter.statement(number=5, on=date(2027, 1, 6), opening=rupiah(7)))
    gaps = [each for each in run(counter, days=44).differences if each.code == "STATEMENT_NUMBER_MISSING"]
    assert [each.facts for each in gaps] == [{"before": "2", "count": 2}]


def test_a_change_of_rkud_that_no_statement_shows_is_unexplained(counter: Counter) -> None:
    from ledger import EntryDraft, post_entry, unidentified_at_rkud

    counter.deliver(counter.statement())
    draft = EntryDraft(
        kind="manual", key="uji:1", occurred_at=after(0), accounted_on=MONDAY, description="uji",
        postings=unidentified_at_rkud(ppkd="PPKD", amount=Money(101)),
    )  # fmt: skip
    tuesday = date(2026, 11, 24)
    counter.deliver(counter.statement(number=2, on=tuesday, opening_on=tuesday))
    run_unit(counter.region.code, lambda session: post_entry(session, draft, actor="cli:test", recorded_at=after(0)))
    result = run(counter, days=1)
    # Entries from before the first statement explain its opening; this one is of that same day, so it counts there.
    assert ("STARTUP_OPENING", "-1.01") in found(result)
    later = EntryDraft(
        kind="manual", key="uji:2", occurred_at=after(0), accounted_on=tuesday, description="uji",
        postings=unidentified_at_rkud(ppkd="PPKD", amount=Money(7)),
    )  # fmt: skip
    run_unit(counter.region.code, lambda session: post_entry(session, later, actor="cli:test", recorded_at=after(0)))
    result = run(counter, days=1)
    assert ("UNEXPLAINED", "-0.07") in found(result)
    assert not result.balanced


def test_a_holding_account_names_what_is_missing_on_either_side(counter: Counter) -> None:
    counter.deliver(
        counter.statement(
            (150_000, "VA PAY0"), (75_000, "VA PAY1"), (9_000, "TRANSFER CV CONTOH MAKMUR"), (-2_500, "BIAYA ADM"),
            account=HOLDING, opening=rupiah(500),
        )
    )  # fmt: skip
    result = run(counter)
    assert sorted(found(result)) == [
        ("HOLDING_AMOUNT_DIFFERS", "-500.00"),
        ("HOLDING_CREDIT_UNKNOWN", "9000.00"),
        ("HOLDING_DEBIT_UNKNOWN", "-2500.00"),
        ("PAYMENT_NOT_ON_HOLDING", "-1250000.00"),
        ("STARTUP_OPENING", "500.00"),
    ]
    holding = result.figures.partners[0].holding
    assert holding is not None
    assert (holding.books, holding.closing, holding.unexplained) == (rupiah(1_475_500), rupiah(232_000), Money(0))
    assert counter.postings("sweep_credited") == []


def test_a_credit_of_a_closed_month_is_booked_in_the_open_one_and_named(counter: Counter) -> None:
    from ledger import adjust_period, close_period

    counter.deliver(counter.settlement(*(counter.line(number) for number in range(3))))
    first_of_december, at = date(2026, 12, 1), after(8)

    def close(session: Session) -> None:
        adjust_period(session, MONDAY, today=first_of_december, by="cli:test", at=at)
        close_period(session, MONDAY, by="cli:test", at=at)

    run_unit(counter.region.code, close)
    counter.deliver(counter.statement((1_475_500, "STL261123A"), (100, "TANPA BERITA")), at=after(8))
    assert counter.balance("rkud", on=date(2026, 11, 30)) == Money(0)
    assert counter.balance("rkud", on=first_of_december) == rupiah(1_475_600)
    assert counter.rows("SELECT credited_on FROM settlement_batch") == [(MONDAY,)]
    result = run(counter, days=8)
    assert found(result) == [
        ("ACCOUNTED_LATER", "1475500.00"), ("ACCOUNTED_LATER", "100.00"), ("IN_SUSPENSE", "100.00"),
    ]  # fmt: skip
    assert "1 December 2026" in result.differences[0].text("en")
    assert result.figures.rkud is not None
    assert (result.figures.rkud.books, result.figures.rkud.unexplained) == (Money(0), Money(0))
    counter.deliver(
        counter.statement(number=2, on=first_of_december, opening=rupiah(1_475_600), opening_on=MONDAY), at=after(8)
    )
    later = run(counter, days=8)
    assert found(later) == [("IN_SUSPENSE", "100.00")]
    assert later.figures.rkud is not None
    assert (later.figures.rkud.books, later.figures.rkud.unexplained) == (rupiah(1_475_600), Money(0))
