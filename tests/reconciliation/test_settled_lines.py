"""Settlement lines and their payments: matched by what reference, never told, told later, or contradicted.

For: the outcome of every line, and refusals of whole files. Not for: sweeps (test_swept_*).
"""

from __future__ import annotations

import pytest

from bank_adapters.contract import SettlementUnreadable, StatementUnreadable
from foundation.db import run_unit
from foundation.errors import LunasError
from foundation.money import Money
from foundation.regions import Region
from payments import ReportContradicts
from reconciliation import RunResult, SettlementContradicts, StatementContradicts, reconcile
from tests.reconciliation.scene import BANK, HOLDING, MONDAY, Counter, after, rupiah


@pytest.fixture
def counter(region: Region) -> Counter:
    return Counter(region)


def run(counter: Counter, days: int = 0) -> RunResult:
    """Reconcile at noon so many days after the Monday."""
    return run_unit(
        counter.region.code,
        lambda session: reconcile(session, region=counter.region, at=after(days), by="cli:test"),
    )


def found(result: RunResult) -> list[tuple[str, str]]:
    """(code, amount) of every difference."""
    return [(each.code, each.amount.plain()) for each in result.differences]


def outcomes(counter: Counter) -> list[tuple[str, str]]:
    """(bank reference, outcome) of every line."""
    return [
        (reference, outcome)
        for reference, outcome in counter.rows("SELECT bank_reference, outcome FROM settlement_line ORDER BY id")
    ]


def test_a_line_that_nobody_told_of_pays_its_bill_and_is_listed_until_the_next_day(counter: Counter) -> None:
    counter.pay(0)
    counter.deliver(counter.settlement(counter.line(0), counter.line(1)))
    assert outcomes(counter) == [("PAY0", "MATCHED"), ("PAY1", "REPORTED_HERE")]
    assert counter.rows("SELECT state, source, settled_on, received_at FROM payment ORDER BY id") == [
        ("APPLIED", "message", MONDAY, after(0)), ("APPLIED", "settlement", MONDAY, after(0)),
    ]  # fmt: skip
    assert counter.rows("SELECT count(*) FROM bill WHERE state = 'PAID'") == [(2,)]
    assert counter.balance("clearing", BANK) == rupiah(225_500)
    counter.deliver(counter.statement((225_500, "STL261123A")))
    assert found(run(counter)) == [("REPORTED_BY_SETTLEMENT_ONLY", "75500.00")]
    assert found(run(counter, days=1)) == [("REPORTED_BY_SETTLEMENT_ONLY", "75500.00")]
    assert found(run(counter, days=2)) == []


def test_the_late_message_of_a_reported_payment_is_the_same_payment(counter: Counter) -> None:
    counter.deliver(counter.settlement(counter.line(1)))
    before = counter.everything()
    late = counter.pay(1, at=after(1))
    assert not late.first_time
    assert counter.everything() == before
    with pytest.raises(ReportContradicts):
        counter.pay(1, amount=rupiah(1))
    assert counter.everything() == before


def test_a_reported_payment_that_fits_no_bill_lands_in_suspense(counter: Counter) -> None:
    lines = (counter.line(0, payment_code="331699"), counter.line(1, amount=Money(75_499_99), payment_code=None))
    counter.deliver(counter.settlement(*lines))
    assert counter.rows("SELECT state, unapplied_reason, amount_sen FROM payment ORDER BY id") == [
        ("UNAPPLIED", "BILL_NOT_FOUND", 15_000_000), ("UNAPPLIED", "BILL_NOT_FOUND", 7_549_999),
    ]  # fmt: skip
    assert counter.balance("suspense") == Money(22_549_999)


def test_an_amount_that_differs_is_listed_with_both_amounts(counter: Counter) -> None:
    counter.pay(0)
    counter.pay(1)
    counter.deliver(counter.settlement(counter.line(0, amount=rupiah(140_000)), counter.line(1)))
    assert outcomes(counter) == [("PAY0", "AMOUNT_DIFFERS"), ("PAY1", "MATCHED")]
    counter.deliver(counter.statement((215_500, "STL261123A")))
    result = run(counter)
    assert found(result) == [("AMOUNT_DIFFERS", "-10000.00")]
    assert "Rp140.000" in result.differences[0].text("id")
    assert "Rp150.000" in result.differences[0].text("id")
    # Only what reached RKUD is recognised in the budget.
    assert counter.balance("revenue_lra", "PBB-P2") == rupiah(215_500)
    assert counter.balance("clearing", BANK) == rupiah(10_000)


def test_more_than_the_payment_was_is_never_recognised_as_revenue(counter: Counter) -> None:
    counter.pay(0)
    counter.deliver(counter.settlement(counter.line(0, amount=rupiah(160_000))))
    counter.deliver(counter.statement((160_000, "STL261123A")))
    assert counter.balance("revenue_lra", "PBB-P2") == rupiah(150_000)
    assert found(run(counter)) == [("AMOUNT_DIFFERS", "10000.00")]


def test_a_payment_is_settled_once_even_when_two_batches_name_it(counter: Counter) -> None:
    counter.pay(0)
    counter.deliver(counter.settlement(counter.line(0)))
    counter.deliver(counter.settlement(counter.line(0), counter.line(0, line_no=9), reference="STL261123B"))
    assert [outcome for _, outcome in outcomes(counter)] == ["MATCHED", "SETTLED_BEFORE", "SETTLED_BEFORE"]
    counter.deliver(counter.statement((150_000, "STL261123A"), (300_000, "STL261123B")))
    assert found(run(counter)) == [("SETTLED_BEFORE", "150000.00")] * 2
    assert counter.balance("revenue_lra", "PBB-P2") == rupiah(150_000)
    assert counter.balance("clearing", BANK) == rupiah(-300_000)


def test_a_line_finds_its_payment_by_our_reference_or_the_switchs(counter: Counter) -> None:
    counter.pay(0, partner_reference="Q-1")
    counter.pay(1, rrn="063250713001")
    counter.pay(2, partner_reference="Q-3")
    lines = (
        counter.line(0, bank_reference="OTHER0", partner_reference="Q-1"),
        counter.line(1, bank_reference="OTHER1", rrn="063250713001"),
        # The same reference with another amount is another payment.
        counter.line(2, bank_reference="OTHER2", partner_reference="Q-3", amount=rupiah(1), payment_code=None),
    )
    counter.deliver(counter.settlement(*lines))
    assert outcomes(counter) == [("OTHER0", "MATCHED"), ("OTHER1", "MATCHED"), ("OTHER2", "REPORTED_HERE")]
    assert counter.rows("SELECT count(*) FROM payment") == [(4,)]


def test_the_same_batch_in_other_bytes_adds_nothing_and_with_other_content_is_refused(counter: Counter) -> None:
    counter.pay(0)
    counter.pay(1)
    data = counter.settlement(counter.line(0))
    counter.deliver(data)
    before = counter.everything()
    again = counter.deliver(data.replace(b"\r\n", b"\n"))
    assert (again.first_time, again.batches, again.lines) == (True, 0, 0)
    assert counter.everything() == before | {"state_change": before["state_change"] + 1}
    before = counter.everything()
    with pytest.raises(SettlementContradicts) as refusal:
        counter.deliver(counter.settlement(counter.line(0), counter.line(1)))
    assert "jumlah Rp150.000 / Rp225.500; banyak baris 1 / 2" in refusal.value.message_id
    assert counter.everything() == before
    assert counter.rows("SELECT count(*) FROM bank_file") == [(2,)]


def test_the_same_statement_with_other_content_is_refused(counter: Counter) -> None:
    counter.deliver(counter.statement((500, "SATU"), (700, "DUA")))
    before = counter.everything()
    with pytest.raises(StatementContradicts) as refusal:
        counter.deliver(counter.statement((500, "SATU"), (701, "DUA")))
    assert (
        "as of 23 November 2026 was imported before with other content: closing balance Rp1,200 / Rp1,201."
        in refusal.value.message_en
    )
    with pytest.raises(StatementContradicts):
        counter.deliver(counter.statement((500, "SATU"), (700, "TIGA")))
    same = counter.statement((500, "SATU"), (700, "DUA")).replace(b"\r\n", b"\n")
    assert counter.deliver(same).statements == 0
    assert counter.everything() == before | {"state_change": before["state_change"] + 1}


@pytest.mark.parametrize("damaged", ["statement", "settlement", "stranger", "partner", "second statement"])
def test_a_refused_file_changes_nothing(counter: Counter, damaged: str) -> None:
    counter.pay(0)
    good = counter.statement((150_000, "STL261123A"))
    files = {
        "statement": (good.replace(b"C150000,00NTRF", b"C150001,00NTRF"), StatementUnreadable),
        "settlement": (
            counter.settlement(counter.line(0)).replace(b"150000.00,0.00,150000.00", b"150000.00,0.00,150000.01", 1),
            SettlementUnreadable,
        ),
        "stranger": (counter.statement((1, "X"), account="5550001112"), LunasError),
        "partner": (counter.settlement(counter.line(0)).replace(BANK.encode(), b"BANKLAIN"), LunasError),
        # The first statement of the file is fine; nothing of it may stay.
        "second statement": (good + counter.statement((1, "X"), account="5550001112"), LunasError),
    }
    data, refusal = files[damaged]
    before = counter.everything()
    with pytest.raises(refusal):
        counter.deliver(data)
    assert counter.everything() == before
    assert counter.rows("SELECT count(*) FROM bank_file") == [(0,)]


def test_two_equal_lines_of_a_statement_stay_two(counter: Counter) -> None:
    counter.set_policy("reconciliation.wait_working_days", "0")
    data = counter.statement((150_000, "SETOR TUNAI"), (150_000, "SETOR TUNAI"), references=["A1", "A2"])
    counter.deliver(data.replace(b"//A1", b"").replace(b"//A2", b""))
    assert counter.balance("suspense") == rupiah(300_000)
    assert counter.rows("SELECT occurrence, state FROM statement_line ORDER BY id") == [
        (1, "SUSPENSE"),
        (2, "SUSPENSE"),
    ]


def test_a_holding_statement_never_posts(counter: Counter) -> None:
    counter.pay(0)
    before = counter.scene.scalar("SELECT count(*) FROM journal_entry")
    counter.deliver(counter.statement((150_000, "VA PAY0"), (20_000, "STL261123A"), account=HOLDING))
    assert found(run(counter, days=9))[:1] == [("SETTLEMENT_OVERDUE", "-150000.00")]
    assert counter.scene.scalar("SELECT count(*) FROM journal_entry") == before
    assert counter.rows("SELECT state FROM statement_line") == [("CHECKED",), ("CHECKED",)]


def test_a_day_without_payments_is_a_batch_of_nothing(counter: Counter) -> None:
    assert counter.deliver(counter.settlement()).batches == 1
    assert counter.rows("SELECT state, gross_sen, line_count FROM settlement_batch") == [("CREDITED", 0, 0)]
    assert found(run(counter, days=5)) == []


def test_the_region_beside_knows_nothing_of_it(counter: Counter, other_region: Region) -> None:
    other = Counter(other_region)
    counter.pay(0)
    counter.deliver(counter.settlement(counter.line(0)))
    before = other.everything()
    assert other.rows("SELECT count(*) FROM bank_file") == [(0,)]
    run(counter)
    assert other.everything() == before


def test_two_lines_of_one_untold_reference_are_one_payment(counter: Counter) -> None:
    lines = (counter.line(0), counter.line(0, line_no=9, amount=rupiah(1)))
    counter.deliver(counter.settlement(*lines))
    assert outcomes(counter) == [("PAY0", "REPORTED_HERE"), ("PAY0", "SETTLED_BEFORE")]
    assert counter.rows("SELECT state, amount_sen FROM payment") == [("APPLIED", 15_000_000)]
    assert found(run(counter, days=5)) == [("SETTLED_BEFORE", "1.00"), ("SWEEP_OVERDUE", "-150001.00")][::-1]
