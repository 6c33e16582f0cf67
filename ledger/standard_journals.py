"""The standard journals of Permendagri 64/2013 Lampiran II (same logic in Permendagri 77/2020) as pure functions.

For: turning an event's roles and amounts into postings. The words quoted in each function are the row of that table;
PD is the Perangkat Daerah that earns, PPKD holds RKUD. Tuples may be concatenated into one entry.
Not for: bills, payments or account codes: a journal knows roles, entity codes, partner codes and amounts.

Every function returns postings that balance per book and per entity. Revenue of PPKD's own has no RK: its receivable
is settled where the money is.
"""

from __future__ import annotations

from foundation.money import Money
from ledger.posting import CREDIT, DEBIT, PostingDraft
from ledger.roles import BUDGET, FINANCIAL

__all__ = [
    "assessment_issued",
    "budget_recognised",
    "credited_to_rkud",
    "paid_at_partner",
    "suspense_identified",
    "suspense_returned",
    "sweep_identified",
    "unidentified_at_partner",
    "unidentified_at_rkud",
]

Postings = tuple[PostingDraft, ...]


def assessment_issued(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 1, "ketetapan issued (SKPD, SPPT, SKRD)": PD, F: Dr Piutang / Cr Pendapatan-LO.

    The same where revenue is PPKD's own; `entity` then is PPKD's code.
    """
    return (
        PostingDraft(FINANCIAL, entity, "receivable", DEBIT, amount, qualifier=kind),
        PostingDraft(FINANCIAL, entity, "revenue_lo", CREDIT, amount, qualifier=kind),
    )


def paid_at_partner(*, entity: str, ppkd: str, kind: str, amount: Money, partner: str) -> Postings:
    """Row 4a, "paid at a bank or acquirer, money not yet in RKUD".

    PD, F: Dr RK-PPKD / Cr Piutang. PPKD, F: Dr Kas dalam Perjalanan of the partner / Cr RK-SKPD.
    PPKD's own revenue: F: Dr Kas dalam Perjalanan / Cr Piutang.
    """
    held = PostingDraft(FINANCIAL, ppkd, "clearing", DEBIT, amount, qualifier=partner, partner=partner)
    return _settled_by(held, entity, kind)


def budget_recognised(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 4A, "budget side of 4": PD, A: Dr Estimasi Perubahan SAL / Cr Pendapatan-LRA.

    At 4a or at 4b by the policy `ledger.budget_recognised_at`; which, the caller has looked up.
    """
    return (
        PostingDraft(BUDGET, entity, "sal_change", DEBIT, amount),
        PostingDraft(BUDGET, entity, "revenue_lra", CREDIT, amount, qualifier=kind),
    )


def credited_to_rkud(*, ppkd: str, amount: Money, partner: str) -> Postings:
    """Row 4b, "nota kredit: the money arrives in RKUD": PPKD, F: Dr Kas di Kas Daerah / Cr Kas dalam Perjalanan."""
    return (
        PostingDraft(FINANCIAL, ppkd, "rkud", DEBIT, amount, partner=partner),
        PostingDraft(FINANCIAL, ppkd, "clearing", CREDIT, amount, qualifier=partner, partner=partner),
    )


def unidentified_at_partner(*, ppkd: str, amount: Money, partner: str) -> Postings:
    """Row 19, "credit that nobody can identify yet; double or excess payment", when a partner reports it.

    PPKD, F: Dr Kas dalam Perjalanan of the partner / Cr Utang Jangka Pendek Lainnya. No budget side.
    """
    return (
        PostingDraft(FINANCIAL, ppkd, "clearing", DEBIT, amount, qualifier=partner, partner=partner),
        PostingDraft(FINANCIAL, ppkd, "suspense", CREDIT, amount, partner=partner),
    )


def unidentified_at_rkud(*, ppkd: str, amount: Money) -> Postings:
    """Row 19 when first seen on the RKUD statement: PPKD, F: Dr Kas di Kas Daerah / Cr Utang Jangka Pendek Lainnya."""
    return (
        PostingDraft(FINANCIAL, ppkd, "rkud", DEBIT, amount),
        PostingDraft(FINANCIAL, ppkd, "suspense", CREDIT, amount),
    )


def suspense_identified(*, entity: str, ppkd: str, kind: str, amount: Money, partner: str | None = None) -> Postings:
    """Row 19 "identified": PPKD, F: Dr Utang / Cr RK-SKPD, and "PD side of row 4": Dr RK-PPKD / Cr Piutang.

    PPKD's own revenue: F: Dr Utang / Cr Piutang. `partner` is the one that had reported the money, if any did.
    """
    return _settled_by(PostingDraft(FINANCIAL, ppkd, "suspense", DEBIT, amount, partner=partner), entity, kind)


def suspense_returned(*, ppkd: str, amount: Money, partner: str | None = None) -> Postings:
    """Row 19 "returned": PPKD, F: Dr Utang / Cr Kas.

    The cash is Kas di Kas Daerah, or with `partner` what that partner holds and gives back itself.
    """
    owed = PostingDraft(FINANCIAL, ppkd, "suspense", DEBIT, amount, partner=partner)
    if partner is None:
        return (owed, PostingDraft(FINANCIAL, ppkd, "rkud", CREDIT, amount))
    return (owed, PostingDraft(FINANCIAL, ppkd, "clearing", CREDIT, amount, qualifier=partner, partner=partner))


def sweep_identified(*, ppkd: str, amount: Money, partner: str) -> Postings:
    """Row 19 "identified" where the credit is a partner's sweep: PPKD, F: Dr Utang / Cr Kas dalam Perjalanan.

    With row 19 as first seen on the RKUD statement it comes to row 4b.
    """
    return (
        PostingDraft(FINANCIAL, ppkd, "suspense", DEBIT, amount),
        PostingDraft(FINANCIAL, ppkd, "clearing", CREDIT, amount, qualifier=partner, partner=partner),
    )


def _settled_by(debit: PostingDraft, entity: str, kind: str) -> Postings:
    """PPKD's debit settles the entity's receivable: through both RK, or directly where PPKD itself earns."""
    receivable = PostingDraft(FINANCIAL, entity, "receivable", CREDIT, debit.amount, qualifier=kind)
    if entity == debit.entity:
        return (debit, receivable)
    return (
        PostingDraft(FINANCIAL, entity, "rk_ppkd", DEBIT, debit.amount, counterpart=debit.entity),
        receivable,
        debit,
        PostingDraft(FINANCIAL, debit.entity, "rk_skpd", CREDIT, debit.amount, counterpart=entity),
    )
