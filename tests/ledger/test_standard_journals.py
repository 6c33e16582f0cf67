"""Each standard journal with its numbers: book, entity, role, qualifier, side, sen, counterpart, partner."""

from __future__ import annotations

from collections import defaultdict

import pytest

from foundation.money import Money
from ledger import (
    PostingDraft,
    assessment_issued,
    budget_recognised,
    credited_to_rkud,
    paid_at_partner,
    suspense_identified,
    suspense_returned,
    sweep_identified,
    unidentified_at_partner,
    unidentified_at_rkud,
)


def written(postings: tuple[PostingDraft, ...]) -> list[tuple[object, ...]]:
    return [(p.book, p.entity, p.role, p.qualifier, p.side, p.amount.sen, p.counterpart, p.partner) for p in postings]


def test_row_1_an_assessment_makes_a_receivable_and_accrual_revenue() -> None:
    assert written(assessment_issued(entity="BAPENDA", kind="PBB-P2", amount=Money(15_000_000))) == [
        ("F", "BAPENDA", "receivable", "PBB-P2", "debit", 15_000_000, None, None),
        ("F", "BAPENDA", "revenue_lo", "PBB-P2", "credit", 15_000_000, None, None),
    ]


def test_row_4a_a_payment_at_a_partner_goes_through_both_rk() -> None:
    postings = paid_at_partner(entity="LH", ppkd="PPKD", kind="SAMPAH", amount=Money(2_500_000), partner="BPD")
    assert written(postings) == [
        ("F", "LH", "rk_ppkd", "", "debit", 2_500_000, "PPKD", None),
        ("F", "LH", "receivable", "SAMPAH", "credit", 2_500_000, None, None),
        ("F", "PPKD", "clearing", "BPD", "debit", 2_500_000, None, "BPD"),
        ("F", "PPKD", "rk_skpd", "", "credit", 2_500_000, "LH", None),
    ]


def test_row_4a_revenue_of_ppkd_itself_has_no_rk() -> None:
    postings = paid_at_partner(entity="PPKD", ppkd="PPKD", kind="PBB-P2", amount=Money(100), partner="BPD")
    assert written(postings) == [
        ("F", "PPKD", "clearing", "BPD", "debit", 100, None, "BPD"),
        ("F", "PPKD", "receivable", "PBB-P2", "credit", 100, None, None),
    ]


def test_row_4_budget_side_stands_in_the_office_s_budget_book() -> None:
    assert written(budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=Money(15_000_000))) == [
        ("A", "BAPENDA", "sal_change", "", "debit", 15_000_000, None, None),
        ("A", "BAPENDA", "revenue_lra", "PBB-P2", "credit", 15_000_000, None, None),
    ]


def test_row_4b_the_credit_on_rkud_empties_the_partner_s_clearing() -> None:
    assert written(credited_to_rkud(ppkd="PPKD", amount=Money(17_500_000), partner="BPD")) == [
        ("F", "PPKD", "rkud", "", "debit", 17_500_000, None, "BPD"),
        ("F", "PPKD", "clearing", "BPD", "credit", 17_500_000, None, "BPD"),
    ]


def test_row_19_money_nobody_can_identify_is_owed_where_it_was_seen() -> None:
    assert written(unidentified_at_partner(ppkd="PPKD", amount=Money(7_000_050), partner="BPD")) == [
        ("F", "PPKD", "clearing", "BPD", "debit", 7_000_050, None, "BPD"),
        ("F", "PPKD", "suspense", "", "credit", 7_000_050, None, "BPD"),
    ]
    assert written(unidentified_at_rkud(ppkd="PPKD", amount=Money(7_000_050))) == [
        ("F", "PPKD", "rkud", "", "debit", 7_000_050, None, None),
        ("F", "PPKD", "suspense", "", "credit", 7_000_050, None, None),
    ]


def test_row_19_identified_money_settles_the_receivable() -> None:
    identified = suspense_identified(entity="BAPENDA", ppkd="PPKD", kind="PBB-P2", amount=Money(900), partner="BPD")
    assert written(identified) == [
        ("F", "BAPENDA", "rk_ppkd", "", "debit", 900, "PPKD", None),
        ("F", "BAPENDA", "receivable", "PBB-P2", "credit", 900, None, None),
        ("F", "PPKD", "suspense", "", "debit", 900, None, "BPD"),
        ("F", "PPKD", "rk_skpd", "", "credit", 900, "BAPENDA", None),
    ]
    assert written(suspense_identified(entity="PPKD", ppkd="PPKD", kind="PBB-P2", amount=Money(900))) == [
        ("F", "PPKD", "suspense", "", "debit", 900, None, None),
        ("F", "PPKD", "receivable", "PBB-P2", "credit", 900, None, None),
    ]


def test_row_19_returned_money_leaves_from_rkud_or_from_the_partner() -> None:
    assert written(suspense_returned(ppkd="PPKD", amount=Money(900))) == [
        ("F", "PPKD", "suspense", "", "debit", 900, None, None),
        ("F", "PPKD", "rkud", "", "credit", 900, None, None),
    ]
    assert written(suspense_returned(ppkd="PPKD", amount=Money(900), partner="BPD")) == [
        ("F", "PPKD", "suspense", "", "debit", 900, None, "BPD"),
        ("F", "PPKD", "clearing", "BPD", "credit", 900, None, "BPD"),
    ]


def test_row_19_money_seen_on_rkud_that_was_a_sweep_comes_to_row_4b() -> None:
    assert written(sweep_identified(ppkd="PPKD", amount=Money(900), partner="BPD")) == [
        ("F", "PPKD", "suspense", "", "debit", 900, None, None),
        ("F", "PPKD", "clearing", "BPD", "credit", 900, None, "BPD"),
    ]


@pytest.mark.parametrize("entity", ["BAPENDA", "PPKD"])
def test_every_journal_balances_per_book_and_entity_and_rk_eliminate_per_pair(entity: str) -> None:
    amount = Money(123_456_700)
    for postings in (
        assessment_issued(entity=entity, kind="PBB-P2", amount=amount),
        paid_at_partner(entity=entity, ppkd="PPKD", kind="PBB-P2", amount=amount, partner="BPD"),
        budget_recognised(entity=entity, kind="PBB-P2", amount=amount),
        credited_to_rkud(ppkd="PPKD", amount=amount, partner="BPD"),
        unidentified_at_partner(ppkd="PPKD", amount=amount, partner="BPD"),
        unidentified_at_rkud(ppkd="PPKD", amount=amount),
        suspense_identified(entity=entity, ppkd="PPKD", kind="PBB-P2", amount=amount),
        suspense_returned(ppkd="PPKD", amount=amount),
        sweep_identified(ppkd="PPKD", amount=amount, partner="BPD"),
    ):
        sums: defaultdict[object, int] = defaultdict(int)
        for p in postings:
            signed = p.amount.sen if p.side == "debit" else -p.amount.sen
            sums[p.book, p.entity] += signed
            if p.counterpart:
                sums[frozenset((p.entity, p.counterpart))] += signed
        assert set(sums.values()) == {0}
