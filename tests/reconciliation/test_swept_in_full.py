"""A day that goes well: payments, a settlement file and a statement become row 4b, whichever file comes first.

For: what is posted, and what every row says afterwards. Not for: what goes wrong (the other modules here).
"""

from __future__ import annotations

import pytest

from foundation.money import Money
from foundation.regions import Region
from tests.reconciliation.scene import BANK, MONDAY, Counter, rupiah

WHOLE = 1_475_500


@pytest.fixture
def counter(region: Region) -> Counter:
    counter = Counter(region)
    for number in range(3):
        counter.pay(number)
    return counter


@pytest.mark.parametrize("first", ["settlement", "statement"])
def test_the_order_of_the_files_does_not_matter(counter: Counter, first: str) -> None:
    files = {
        "settlement": counter.settlement(*(counter.line(number) for number in range(3))),
        "statement": counter.statement((WHOLE, "PELIMPAHAN STL261123A KE RKUD"), opening=rupiah(1_000)),
    }
    order = ["settlement", "statement"] if first == "settlement" else ["statement", "settlement"]
    before = counter.balance("clearing", BANK)
    assert before == rupiah(WHOLE)
    counter.deliver(files[order[0]])
    assert counter.postings("sweep_credited") == []
    result = counter.deliver(files[order[1]])
    assert (result.first_time, result.credits) == (True, 1)
    assert counter.postings("sweep_credited") == [
        ("F", "PPKD", "1.1.01.01.01.0001", "debit", "1475500.00"),
        ("F", "PPKD", "1.1.01.90.01.0001", "credit", "1475500.00"),
        ("A", "BAPENDA", "3.1.02.05.01.0001", "debit", "1475500.00"),
        ("A", "BAPENDA", "4.1.01.15.01.0001", "credit", "1475500.00"),
    ]
    assert counter.balance("clearing", BANK) == Money(0)
    assert counter.balance("rkud") == rupiah(WHOLE)
    assert counter.rows("SELECT state, credited_sen, credited_on FROM settlement_batch") == [
        ("CREDITED", WHOLE * 100, MONDAY)
    ]
    assert counter.rows("SELECT state, booked_sen, suspense_sen FROM statement_line") == [("BOOKED", WHOLE * 100, 0)]
    assert counter.rows("SELECT settled_on, rkud_credited_on FROM payment") == [(MONDAY, MONDAY)] * 3
    assert counter.rows("SELECT outcome FROM settlement_line") == [("MATCHED",)] * 3
