"""The policy of 4a and 4b begins after what it has decided; the database says so, whoever writes the row.

For: which entries count as decided by it.
Not for: what a payment keeps of it (tests/reconciliation/test_swept_otherwise.py).
"""

from __future__ import annotations

from datetime import date

import pytest

from foundation.db import unit_of_work
from foundation.policies import PolicyDecided, get_policy, set_policy
from tests.ledger.entries import AT, DAY, credited, draft, issued, post

NAME = "ledger.budget_recognised_at"
APRIL = date(2026, 4, 1)


def decide(region: str, value: str, since: date, name: str = NAME) -> None:
    with unit_of_work(region) as session:
        set_policy(session, name, value, valid_from=since, legal_basis="Perkada contoh", by="cli:test", at=AT)


@pytest.mark.parametrize("kind", ["assessment_issued", "opening_balance"])
def test_what_is_assessed_or_taken_over_is_not_decided_by_it(books: str, kind: str) -> None:
    post(books, draft("first", issued(5), kind=kind))
    decide(books, "4a", date(2026, 1, 1))
    with unit_of_work(books) as session:
        assert get_policy(session, NAME, on=DAY) == "4a"


def test_it_begins_after_the_last_day_with_any_other_entry(books: str) -> None:
    post(books, draft("paid"))
    post(books, draft("swept", credited(5), kind="credited_to_rkud", accounted_on=APRIL))
    for since in (date(2026, 1, 1), DAY, APRIL):
        with pytest.raises(PolicyDecided) as refused:
            decide(books, "4a", since)
        assert (refused.value.field, refused.value.facts) == ("valid_from", {"name": NAME, "last": APRIL})
    decide(books, "4a", date(2026, 4, 2))
    with unit_of_work(books) as session:
        assert [get_policy(session, NAME, on=day) for day in (APRIL, date(2026, 4, 2))] == ["4b", "4a"]


def test_what_is_asked_when_it_is_needed_may_be_decided_for_days_that_were(books: str) -> None:
    post(books, draft("paid"))
    decide(books, "old_year", date(2026, 1, 1), "ledger.cash_on_its_way_at_year_end")
    with unit_of_work(books) as session:
        assert get_policy(session, "ledger.cash_on_its_way_at_year_end", on=DAY) == "old_year"
