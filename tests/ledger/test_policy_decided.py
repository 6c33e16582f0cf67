"""The policy of 4a and 4b begins after what it has decided; the database says so, whoever writes the row.

For: which entries count as decided by it.
Not for: what a payment keeps of it (tests/reconciliation/test_swept_otherwise.py).
"""

from __future__ import annotations

from datetime import date

import pytest

from foundation.db import unit_of_work
from foundation.policies import PolicyDecided, get_policy, set_policy
from ledger import OLD_YEAR_KIND, STANDARD_JOURNALS, journals, reverse_entry
from tests.ledger.entries import AT, DAY, credited, draft, issued, money, post

NAME = "ledger.budget_recognised_at"
APRIL = date(2026, 4, 1)
STANDARD = {each.name for each in STANDARD_JOURNALS}
DECIDED = {
    "payment_applied", "sweep_credited", "sweep_identified", OLD_YEAR_KIND,
    "paid_at_partner", "self_assessed_at_partner", "paid_with_sanction_at_partner", "opsen_received",
    "received_in_advance", "suspense_identified", "suspense_identified_self_assessed",
    "suspense_identified_with_sanction", "credited_to_rkud", "fee_made_good", "budget_recognised",
    "sanction_budget_recognised",
}  # fmt: skip
NOT_DECIDED_ACTS = {"opening_balance", "payment_unidentified", "credit_unidentified", "correction"}


def decide(region: str, value: str, since: date, name: str = NAME) -> None:
    with unit_of_work(region) as session:
        set_policy(session, name, value, valid_from=since, legal_basis="Perkada contoh", by="cli:test", at=AT)


@pytest.mark.parametrize("kind", sorted(STANDARD - DECIDED | NOT_DECIDED_ACTS))
def test_what_has_no_budget_side_by_it_is_not_decided_by_it(books: str, kind: str) -> None:
    post(books, draft("first", issued(5), kind=kind))
    decide(books, "4a", date(2026, 1, 1))
    with unit_of_work(books) as session:
        assert get_policy(session, NAME, on=DAY) == "4a"


@pytest.mark.parametrize("kind", sorted(DECIDED))
def test_it_begins_after_what_has_its_budget_side_by_it(books: str, kind: str) -> None:
    post(books, draft("first", kind=kind))
    for since in (date(2026, 1, 1), DAY):
        with pytest.raises(PolicyDecided) as refused:
            decide(books, "4a", since)
        assert (refused.value.field, refused.value.facts) == ("valid_from", {"name": NAME, "last": DAY})
    decide(books, "4a", date(2026, 3, 10))
    with unit_of_work(books) as session:
        assert [get_policy(session, NAME, on=day) for day in (DAY, date(2026, 3, 10))] == ["4b", "4a"]


def test_every_kind_that_it_decides_is_a_standard_journal_or_an_act_s_own() -> None:
    assert {"payment_applied", "sweep_credited", OLD_YEAR_KIND} == DECIDED - STANDARD
    assert {each.name for each in STANDARD_JOURNALS if each.policy == NAME} <= DECIDED


def test_it_begins_after_the_last_day_of_what_it_decided(books: str) -> None:
    post(books, draft("paid"))
    post(books, draft("swept", credited(5), kind="credited_to_rkud", accounted_on=APRIL))
    post(
        books,
        draft(
            "dpa",
            journals.budget_approved(entity="LH", kind="BLUD", amount=money(5)),
            kind="budget_approved",
            accounted_on=date(2026, 5, 2),
        ),
    )
    for since in (date(2026, 1, 1), DAY, APRIL):
        with pytest.raises(PolicyDecided) as refused:
            decide(books, "4a", since)
        assert refused.value.facts == {"name": NAME, "last": APRIL}
    decide(books, "4a", date(2026, 4, 2))


def test_a_reversal_dated_far_ahead_does_not_hold_it_back(books: str) -> None:
    assessed = post(books, draft("assessed", issued(5), kind="assessment_issued"))
    with unit_of_work(books) as session:
        reverse_entry(session, assessed.uid, reason="salah", accounted_on=date(2035, 1, 1), actor="cli:test", at=AT)
    decide(books, "4a", date(2026, 1, 1))
    with unit_of_work(books) as session:
        assert get_policy(session, NAME, on=DAY) == "4a"


def test_what_is_asked_when_it_is_needed_may_be_decided_for_days_that_were(books: str) -> None:
    post(books, draft("paid"))
    decide(books, "old_year", date(2026, 1, 1), "ledger.cash_on_its_way_at_year_end")
    with unit_of_work(books) as session:
        assert get_policy(session, "ledger.cash_on_its_way_at_year_end", on=DAY) == "old_year"
