"""All 28 standard journals: their exact lines, their balance, and that PostgreSQL takes each."""

from __future__ import annotations

from collections import defaultdict

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import EntryDraft, journals, post_entry
from ledger.standard_journals import STANDARD_JOURNALS
from tests.ledger.entries import AT, DAY
from tests.ledger.journal_cases import CASES, Case, written

CLOSING = {"accrual_closed", "budget_closed", "estimate_reversed", "rk_closed", "balance_carried"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_journal_has_exactly_its_lines(case: Case) -> None:
    assert [written(posting) for posting in case.postings] == [line.strip() for line in case.lines.strip().split("\n")]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_journal_balances_per_book_and_entity_and_eliminates_per_pair(case: Case) -> None:
    sums: defaultdict[object, int] = defaultdict(int)
    for posting in case.postings:
        signed = posting.amount.sen if posting.side == "debit" else -posting.amount.sen
        sums[posting.book, posting.entity] += signed
        if posting.counterpart:
            sums[frozenset((posting.entity, posting.counterpart))] += signed
    assert set(sums.values()) == {0}


def test_the_table_has_all_28_rows_and_every_function_once() -> None:
    rows = {journal.row.rstrip("abA") for journal in STANDARD_JOURNALS}
    assert rows == {str(number) for number in range(1, 29)}
    names = [journal.name for journal in STANDARD_JOURNALS]
    assert len(names) == len(set(names))
    assert set(names) == {name for name in journals.__all__ if name.islower()}


def test_every_journal_of_the_table_is_held_to_numbers_in_its_row_and_books() -> None:
    tested: dict[str, set[str]] = defaultdict(set)
    for case in CASES:
        tested[case.name] |= {posting.book for posting in case.postings}
        journal = next(each for each in STANDARD_JOURNALS if each.name == case.name)
        assert journal.row == case.row
    assert set(tested) == {journal.name for journal in STANDARD_JOURNALS} - CLOSING
    for journal in STANDARD_JOURNALS:
        if journal.name in tested and journal.row != "27":
            assert tested[journal.name] == set(journal.books.split(", ")), journal.name


def test_an_allowance_that_stays_has_no_postings() -> None:
    assert journals.allowance_changed(entity="LH", kind="PBB-P2", before=Money(5), after=Money(5)) == ()


def test_every_journal_is_posted_on_the_sample_chart(books: str) -> None:
    for number, case in enumerate(CASES):
        draft = EntryDraft(case.name, f"case:{number}", AT, DAY, str(case), case.postings)
        with unit_of_work(books) as session:
            assert post_entry(session, draft, actor="cli:test", recorded_at=AT).first_time
    with unit_of_work(books) as session:
        count, postings = session.execute(text("SELECT count(DISTINCT entry_id), count(*) FROM ledger_postings")).one()
        unpaired = session.scalar(
            text(
                "SELECT count(*) FROM (SELECT 1 FROM ledger_postings WHERE counterpart IS NOT NULL"
                " GROUP BY least(entity, counterpart), greatest(entity, counterpart)"
                " HAVING sum(CASE side WHEN 'debit' THEN amount_sen ELSE -amount_sen END) <> 0) u"
            )
        )
    assert (count, postings, unpaired) == (len(CASES), sum(len(case.postings) for case in CASES), 0)
