"""Sweeps that are not what was settled: fees, short and excessive sweeps, unknown credits, and the budget side.

For: what is booked to the sen in each case, and where the rest stands. Not for: matching lines (test_settled_lines).
"""

from __future__ import annotations

from datetime import date

import pytest

from foundation.db import run_unit, unit_of_work
from foundation.money import Money
from foundation.policies import PolicyDecided, set_policy
from foundation.regions import Region
from ledger import adjust_period, close_period
from reconciliation import RunResult, reconcile
from tests.reconciliation.scene import BANK, MONDAY, NOON, Counter, after, rupiah

TUESDAY = date(2026, 11, 24)
RKUD_DEBIT = ("F", "PPKD", "1.1.01.01.01.0001", "debit")
CLEARING_CREDIT = ("F", "PPKD", "1.1.01.90.01.0001", "credit")
SUSPENSE = "2.1.06.90.01.0001"
EP_DEBIT = ("A", "BAPENDA", "3.1.02.05.01.0001", "debit")
LRA_CREDIT = ("A", "BAPENDA", "4.1.01.15.01.0001", "credit")


@pytest.fixture
def counter(region: Region) -> Counter:
    counter = Counter(region)
    for number in range(3):
        counter.pay(number)
    return counter


def run(counter: Counter, days: int = 0) -> RunResult:
    """Reconcile at noon so many days after the Monday."""
    return run_unit(
        counter.region.code,
        lambda session: reconcile(session, region=counter.region, at=after(days), by="cli:test"),
    )


def found(result: RunResult) -> list[tuple[str, str]]:
    """(code, amount) of every difference."""
    return [(each.code, each.amount.plain()) for each in result.differences]


def three_lines(counter: Counter, **other: Money) -> bytes:
    """The settlement of all three payments."""
    return counter.settlement(*(counter.line(number, **other) for number in range(3)))


def test_a_fee_that_is_kept_is_listed_and_the_budget_stays_net(counter: Counter) -> None:
    counter.deliver(three_lines(counter, fee=Money(2_550_25)))
    counter.deliver(counter.statement((rupiah(1_475_500) - Money(7_650_75), "STL261123A")))
    net = "1467849.25"
    assert counter.postings("sweep_credited") == [
        (*RKUD_DEBIT, net), (*CLEARING_CREDIT, net), (*EP_DEBIT, net), (*LRA_CREDIT, net),
    ]  # fmt: skip
    assert counter.balance("clearing", BANK) == Money(7_650_75)
    assert counter.rows("SELECT state, credited_sen FROM settlement_batch") == [("PART_CREDITED", 146_784_925)]
    # The last payment of the file is not covered whole.
    assert counter.rows("SELECT rkud_credited_on FROM payment ORDER BY id") == [(MONDAY,), (MONDAY,), (None,)]
    result = run(counter)
    assert found(result) == [("FEE_KEPT", "-7650.75")]
    assert result.figures.rkud is not None
    assert result.figures.rkud.unexplained == Money(0)


def test_a_short_sweep_and_its_rest_book_the_whole_once(counter: Counter) -> None:
    counter.deliver(three_lines(counter))
    counter.deliver(counter.statement((200_000, "STL261123A")))
    assert found(run(counter)) == [("SHORT_SWEEP", "-1275500.00")]
    assert counter.rows("SELECT rkud_credited_on FROM payment ORDER BY id") == [(MONDAY,), (None,), (None,)]
    counter.deliver(
        counter.statement((1_275_500, "SISA STL261123A"), number=2, on=TUESDAY, opening=rupiah(200_000)), at=after(1)
    )
    assert counter.postings("sweep_credited") == [
        (*RKUD_DEBIT, "200000.00"), (*CLEARING_CREDIT, "200000.00"),
        (*EP_DEBIT, "200000.00"), (*LRA_CREDIT, "200000.00"),
        (*RKUD_DEBIT, "1275500.00"), (*CLEARING_CREDIT, "1275500.00"),
        (*EP_DEBIT, "1275500.00"), (*LRA_CREDIT, "1275500.00"),
    ]  # fmt: skip
    assert counter.balance("clearing", BANK) == Money(0)
    assert counter.rows("SELECT state, credited_on FROM settlement_batch") == [("CREDITED", TUESDAY)]
    assert counter.rows("SELECT rkud_credited_on FROM payment ORDER BY id") == [(MONDAY,), (TUESDAY,), (TUESDAY,)]
    assert found(run(counter, days=1)) == []


def test_what_a_sweep_brings_above_its_batch_is_in_suspense_at_once(counter: Counter) -> None:
    counter.deliver(three_lines(counter))
    counter.deliver(counter.statement((1_480_000, "STL261123A")))
    assert counter.postings("sweep_credited")[:2] == [(*RKUD_DEBIT, "1475500.00"), (*CLEARING_CREDIT, "1475500.00")]
    assert counter.postings("credit_unidentified") == [
        (*RKUD_DEBIT, "4500.00"), ("F", "PPKD", SUSPENSE, "credit", "4500.00"),
    ]  # fmt: skip
    assert counter.rows("SELECT state, booked_sen, suspense_sen FROM statement_line") == [
        ("SUSPENSE", 147_550_000, 450_000)
    ]
    result = run(counter)
    assert found(result) == [("IN_SUSPENSE", "4500.00")]
    assert result.figures.rkud is not None
    assert (result.figures.rkud.books, result.figures.rkud.unexplained) == (rupiah(1_480_000), Money(0))
    # A second credit under a reference that holds nothing any more is nobody's either.
    counter.deliver(counter.statement((1_000, "STL261123A"), number=2, on=TUESDAY, opening=rupiah(1_480_000)))
    assert counter.balance("suspense") == rupiah(5_500)


def test_an_unknown_credit_waits_then_goes_to_suspense_and_out_of_it_when_its_batch_comes(counter: Counter) -> None:
    counter.deliver(counter.statement((1_475_500, "PELIMPAHAN STL261123A")))
    for days in (0, 1):
        assert found(run(counter, days=days)) == [("UNIDENTIFIED_CREDIT", "1475500.00")]
        assert counter.balance("suspense") == Money(0)
    late = run(counter, days=2)
    assert found(late) == [("IN_SUSPENSE", "1475500.00"), ("SETTLEMENT_OVERDUE", "-1475500.00")]
    assert late.differences[0].facts["days"] == 2
    assert counter.balance("rkud", on=MONDAY) == rupiah(1_475_500)
    assert counter.balance("suspense") == rupiah(1_475_500)
    assert counter.balance("clearing", BANK) == rupiah(1_475_500)
    counter.deliver(three_lines(counter), at=after(3))
    whole = "1475500.00"
    assert counter.postings("sweep_identified") == [
        ("F", "PPKD", SUSPENSE, "debit", whole), (*CLEARING_CREDIT, whole), (*EP_DEBIT, whole), (*LRA_CREDIT, whole),
    ]  # fmt: skip
    assert counter.balance("suspense") == Money(0)
    assert counter.balance("clearing", BANK) == Money(0)
    assert counter.balance("clearing", BANK, on=date(2026, 11, 25)) == rupiah(1_475_500)
    assert counter.rows("SELECT state, booked_sen, suspense_sen FROM statement_line") == [("BOOKED", 147_550_000, 0)]
    assert found(run(counter, days=3)) == []


def test_a_wait_of_no_days_books_suspense_at_once(counter: Counter) -> None:
    counter.set_policy("reconciliation.wait_working_days", "0")
    counter.deliver(counter.statement((9_999, "SETORAN TANPA BERITA")))
    assert counter.balance("suspense") == rupiah(9_999)


def test_a_weekend_is_no_wait(counter: Counter) -> None:
    friday = date(2026, 11, 20)
    counter.deliver(counter.statement((500, "X"), on=friday))
    assert found(run(counter, days=0))[0] == ("UNIDENTIFIED_CREDIT", "500.00")
    assert found(run(counter, days=1))[0] == ("IN_SUSPENSE", "500.00")


def test_with_policy_4a_the_budget_side_is_not_booked_again_at_the_sweep(region: Region) -> None:
    counter = Counter(region)
    counter.set_policy("ledger.budget_recognised_at", "4a")
    counter.pay(0)
    assert counter.balance("revenue_lra", "PBB-P2") == rupiah(150_000)
    # From Tuesday on the region recognises at 4b: Monday's payment is recognised already, Tuesday's is not.
    counter.set_policy("ledger.budget_recognised_at", "4b", TUESDAY)
    counter.pay(1, at=after(1))
    counter.deliver(counter.settlement(counter.line(0), counter.line(1), on=TUESDAY), at=after(1))
    counter.deliver(counter.statement((225_500, "STL261123A"), on=TUESDAY), at=after(1))
    assert counter.postings("sweep_credited") == [
        (*RKUD_DEBIT, "225500.00"), (*CLEARING_CREDIT, "225500.00"), (*EP_DEBIT, "75500.00"), (*LRA_CREDIT, "75500.00"),
    ]  # fmt: skip
    assert counter.balance("revenue_lra", "PBB-P2") == rupiah(225_500)


@pytest.mark.parametrize("was, becomes", [("4a", "4b"), ("4b", "4a")])
def test_a_policy_that_would_begin_before_what_was_taken_under_the_other_is_refused(
    region: Region, was: str, becomes: str
) -> None:
    counter = Counter(region)
    counter.set_policy("ledger.budget_recognised_at", was, date(2026, 6, 1))
    counter.pay(0)
    for since in (date(2026, 5, 1), MONDAY):
        with pytest.raises(PolicyDecided) as refused:
            counter.set_policy("ledger.budget_recognised_at", becomes, since)
        assert refused.value.as_dict() == {
            "code": "policy_decided",
            "field": "valid_from",
            "message": {
                "id": "Kebijakan ledger.budget_recognised_at sudah diterapkan pada jurnal hingga 23 November 2026;"
                " nilai baru hanya dapat berlaku sesudahnya.",
                "en": "Policy ledger.budget_recognised_at has already decided entries until 23 November 2026;"
                " a new value can only begin after that date.",
            },
        }
    assert counter.rows("SELECT valid_from, value FROM policy WHERE name = 'ledger.budget_recognised_at'") == [
        (date(2026, 6, 1), was)
    ]
    assert counter.rows("SELECT count(*) FROM audit_event WHERE action = 'policy.set'") == [(2,)]
    counter.set_policy("ledger.budget_recognised_at", becomes, TUESDAY)


@pytest.mark.parametrize("was, becomes", [("4a", "4b"), ("4b", "4a")])
def test_the_budget_side_of_a_payment_is_booked_once_whatever_the_policy_says_later(
    region: Region, was: str, becomes: str
) -> None:
    """Where the new value is set while a payment is recorded, neither sees the other."""
    counter = Counter(region)
    counter.set_policy("ledger.budget_recognised_at", was, date(2026, 6, 1))
    with unit_of_work(region.code) as session:
        set_policy(
            session, "ledger.budget_recognised_at", becomes, valid_from=MONDAY, legal_basis="uji", by="test", at=NOON
        )
        counter.pay(0)
    counter.pay(1)
    assert counter.rows("SELECT budget_recognised FROM payment ORDER BY id") == [(was == "4a",), (becomes == "4a",)]
    counter.deliver(counter.settlement(counter.line(0), counter.line(1)), at=after(1))
    counter.deliver(counter.statement((225_500, "STL261123A"), on=TUESDAY), at=after(1))
    late = "150000.00" if was == "4b" else "75500.00"
    assert counter.postings("sweep_credited") == [
        (*RKUD_DEBIT, "225500.00"), (*CLEARING_CREDIT, "225500.00"), (*EP_DEBIT, late), (*LRA_CREDIT, late),
    ]  # fmt: skip
    assert counter.balance("revenue_lra", "PBB-P2") == rupiah(225_500)


def over_the_year(region: Region) -> Counter:
    """One bill paid on 31 December and one on 2 January, swept together and credited on 4 January."""
    counter = Counter(region)
    new_year_eve, credited_on = date(2026, 12, 31), date(2027, 1, 4)
    counter.pay(0, at=NOON + (new_year_eve - MONDAY))
    counter.pay(1, at=NOON + (date(2027, 1, 2) - MONDAY))
    at = NOON + (credited_on - MONDAY)
    counter.deliver(counter.settlement(counter.line(0), counter.line(1), on=credited_on), at=at)
    counter.set_policy("ledger.cash_on_its_way_at_year_end", "old_year")
    return counter


def test_by_policy_cash_on_its_way_over_31_december_is_revenue_of_the_old_year(region: Region) -> None:
    counter = over_the_year(region)
    credited_on = date(2027, 1, 4)
    statement = counter.statement((225_500, "STL261123A"), on=credited_on)
    counter.deliver(statement, at=NOON + (credited_on - MONDAY))
    assert counter.postings("budget_recognised_old_year") == [(*EP_DEBIT, "150000.00"), (*LRA_CREDIT, "150000.00")]
    assert counter.postings("sweep_credited") == [
        (*RKUD_DEBIT, "225500.00"), (*CLEARING_CREDIT, "225500.00"), (*EP_DEBIT, "75500.00"), (*LRA_CREDIT, "75500.00"),
    ]  # fmt: skip
    assert counter.balance("revenue_lra", "PBB-P2", on=date(2026, 12, 31)) == rupiah(150_000)
    assert counter.balance("revenue_lra", "PBB-P2") == rupiah(225_500)
    assert counter.balance("clearing", BANK, on=date(2026, 12, 31)) == rupiah(150_000)


def test_a_closed_december_keeps_what_it_holds_and_january_recognises(region: Region) -> None:
    counter = over_the_year(region)
    credited_on = date(2027, 1, 4)
    at = NOON + (credited_on - MONDAY)
    with unit_of_work(region.code) as session:
        adjust_period(session, date(2026, 12, 1), today=credited_on, by="cli:test", at=at)
        close_period(session, date(2026, 12, 1), by="cli:test", at=at)
    counter.deliver(counter.statement((225_500, "STL261123A"), on=credited_on), at=at)
    assert counter.postings("budget_recognised_old_year") == []
    assert counter.balance("revenue_lra", "PBB-P2", on=date(2026, 12, 31)) == Money(0)
    assert counter.balance("revenue_lra", "PBB-P2") == rupiah(225_500)


def test_one_credit_for_two_batches_books_each(counter: Counter) -> None:
    counter.deliver(counter.settlement(counter.line(0), counter.line(1)))
    counter.deliver(counter.statement((1_475_500, "STL261123A DAN STL261123B")))
    assert counter.balance("suspense") == rupiah(1_250_000)
    counter.deliver(counter.settlement(counter.line(2), reference="STL261123B"))
    assert counter.balance("suspense") == Money(0)
    assert counter.rows("SELECT batch_reference, state FROM settlement_batch ORDER BY id") == [
        ("STL261123A", "CREDITED"), ("STL261123B", "CREDITED"),
    ]  # fmt: skip
    assert found(run(counter)) == []


def test_a_reference_within_another_word_is_not_carried(counter: Counter) -> None:
    counter.deliver(three_lines(counter))
    counter.deliver(counter.statement((1_475_500, "STL261123AB XSTL261123A")))
    assert counter.postings("sweep_credited") == []
    assert counter.rows("SELECT state FROM statement_line") == [("WAITING",)]


def test_money_that_fits_no_bill_has_no_budget_side(region: Region) -> None:
    counter = Counter(region)
    counter.pay(0, code=None)
    counter.deliver(counter.settlement(counter.line(0, payment_code=None)))
    counter.deliver(counter.statement((150_000, "STL261123A")))
    assert counter.postings("sweep_credited") == [(*RKUD_DEBIT, "150000.00"), (*CLEARING_CREDIT, "150000.00")]
    assert counter.balance("clearing", BANK) == Money(0)


def test_debits_and_reversals_on_rkud_are_listed_and_never_booked(counter: Counter) -> None:
    counter.deliver(three_lines(counter))
    data = counter.statement((1_475_500, "STL261123A"), (-1_475_500, "KOREKSI STL261123A"), (-1_050, "BIAYA"))
    # The second line takes the sweep back: D becomes RC.
    reversed_line = data.replace(b"D1475500,00", b"RC1475500,00", 1)
    assert reversed_line != data
    counter.deliver(reversed_line)
    assert counter.balance("rkud") == rupiah(1_475_500)
    result = run(counter)
    assert found(result) == [("REVERSAL_LINE", "-1475500.00"), ("UNBOOKED_DEBIT", "-1050.00")]
    assert result.figures.rkud is not None
    assert (result.figures.rkud.closing, result.figures.rkud.unexplained) == (rupiah(-1_050), Money(0))
