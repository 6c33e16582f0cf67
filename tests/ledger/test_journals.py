"""All 28 standard journals: their exact lines, their balance, and that PostgreSQL takes each."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import EntryDraft, EntryInvalid, journals, post_entry, resolve_account, role_balance
from ledger.standard_journals import STANDARD_JOURNALS
from tests.ledger.entries import AT, DAY, everything
from tests.ledger.journal_case import BANK, NO_STPD, OWN, PBB, PD, STPD, THROUGH_RK, Case, case, written
from tests.ledger.journal_cases import CASES

NOTHING = {"principal": Money(0), "sanction": Money(0)}
BELOW_ZERO = {"principal": Money(1_000), "sanction": Money(-100)}
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


@pytest.mark.parametrize("held", [each for each in CASES if each.named.get("entity") == "BAPENDA"], ids=str)
def test_where_no_rk_is_moved_the_lines_are_the_same_in_ppkd(held: Case) -> None:
    if "ppkd" in held.named:
        assert any(posting.counterpart for posting in held.postings) or held.title == "opsen-alone"
    else:
        own = case(held.row, held.name, "", {**held.named, "entity": "PPKD"})
        lines = [written(posting) for posting in held.postings]
        assert [written(posting) for posting in own.postings] == [line.replace("BAPENDA", "PPKD") for line in lines]


def test_the_table_has_all_28_rows_and_every_function_once() -> None:
    rows = {journal.row.rstrip("abA") for journal in STANDARD_JOURNALS}
    assert rows == {str(number) for number in range(1, 29)}
    names = [journal.name for journal in STANDARD_JOURNALS]
    assert len(names) == len(set(names))
    assert set(names) == {name for name in journals.__all__ if name.islower()}


def test_every_journal_of_the_table_is_held_to_numbers_in_its_row_and_books() -> None:
    tested: dict[str, set[str]] = defaultdict(set)
    for held in CASES:
        tested[held.name] |= {posting.book for posting in held.postings}
        journal = next(each for each in STANDARD_JOURNALS if each.name == held.name)
        assert journal.row == held.row
    assert set(tested) == {journal.name for journal in STANDARD_JOURNALS} - CLOSING
    for journal in STANDARD_JOURNALS:
        if journal.name in tested and journal.row != "27":
            assert tested[journal.name] == set(journal.books.split(", ")), journal.name


def test_an_allowance_that_stays_has_no_postings() -> None:
    assert journals.allowance_changed(entity="LH", kind="PBB-P2", before=Money(5), after=Money(5)) == ()


@pytest.mark.parametrize(
    "nothing",
    [
        case("8", "paid_with_sanction_at_partner", "", THROUGH_RK, PBB, BANK, NOTHING, STPD),
        case("8", "paid_with_sanction_to_treasurer", "", PD, PBB, NOTHING, STPD),
        case("8", "paid_with_sanction_into_rkud", "", THROUGH_RK, PBB, NOTHING, NO_STPD),
        case("8", "sanction_budget_recognised", "", PD, PBB, NOTHING),
        case("19", "suspense_identified_with_sanction", "", THROUGH_RK, PBB, NOTHING, STPD),
        case("14", "opsen_collected_together", "", OWN, kind="MBLB", own=Money(0), opsen=Money(0)),
        case("8", "paid_with_sanction_at_partner", "", OWN, PBB, BANK, BELOW_ZERO, STPD, title="below-zero"),
    ],
    ids=str,
)
def test_of_two_amounts_one_may_be_zero_but_never_both_nor_one_below_zero(books: str, nothing: Case) -> None:
    draft = EntryDraft("payment", "nothing", AT, DAY, "nothing", nothing.postings)
    before = everything(books)
    with unit_of_work(books) as session, pytest.raises(EntryInvalid):
        post_entry(session, draft, actor="cli:test", recorded_at=AT)
    assert everything(books) == before


def test_an_stpd_is_assessed_corrected_paid_and_written_off_to_nothing(books: str) -> None:
    stpd: dict[str, Any] = {**PD, **PBB}
    acts = (
        journals.sanction_assessed(**stpd, amount=Money(100_000)),
        journals.assessment_reduced(**stpd, amount=Money(10_000), sanction=True),
        journals.allowance_changed(**stpd, before=Money(0), after=Money(20_000), sanction=True),
        journals.paid_with_sanction_at_partner(
            **stpd, **BANK, ppkd="PPKD", principal=Money(0), sanction=Money(30_000), assessed=True
        ),
        journals.sanction_budget_recognised(**stpd, principal=Money(0), sanction=Money(30_000)),
        journals.suspense_identified_with_sanction(
            **stpd, ppkd="PPKD", principal=Money(0), sanction=Money(25_000), assessed=True
        ),
        journals.written_off(**stpd, amount=Money(35_000), allowed=Money(20_000), sanction=True),
    )
    for number, postings in enumerate(acts):
        with unit_of_work(books) as session:
            draft = EntryDraft("act", f"act:{number}", AT, DAY, "STPD", postings)
            post_entry(session, draft, actor="cli:test", recorded_at=AT)
    roles = ("sanction_receivable", "sanction_allowance", "sanction_allowance_expense", "sanction_lo", "sanction_lra")
    with unit_of_work(books) as session:
        standing = {role: role_balance(session, role, "PBB-P2", on=DAY) for role in roles}
    assert standing == {
        "sanction_receivable": Money(0),
        "sanction_allowance": Money(0),
        "sanction_allowance_expense": Money(20_000),
        "sanction_lo": Money(90_000),
        "sanction_lra": Money(30_000),
    }


def test_what_is_allowed_for_a_sanction_stands_apart_from_that_for_its_principal(books: str) -> None:
    with unit_of_work(books) as session:
        codes = {
            role: resolve_account(session, role, "PBB-P2", on=DAY).code
            for role in ("allowance", "allowance_expense", "sanction_allowance", "sanction_allowance_expense")
        }
    assert codes == {
        "allowance": "1.1.10.01.01.0001",
        "allowance_expense": "8.1.07.01.01.0001",
        "sanction_allowance": "1.1.10.01.04.0001",
        "sanction_allowance_expense": "8.1.07.04.01.0001",
    }


def test_every_journal_is_posted_on_the_sample_chart(books: str) -> None:
    for number, held in enumerate(CASES):
        draft = EntryDraft(held.name, f"case:{number}", AT, DAY, str(held), held.postings)
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
    assert (count, postings, unpaired) == (len(CASES), sum(len(held.postings) for held in CASES), 0)
