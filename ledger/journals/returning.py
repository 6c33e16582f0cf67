"""Money that goes back, is set off, or was booked as the wrong revenue.

For: rows 9, 10, 11, 22 and 27 of the table.
Not for: money that was never identified (row 19, ledger.journals.identifying).
"""

from __future__ import annotations

from foundation.money import Money
from ledger.drafts import CREDIT, DEBIT, PostingDraft, mirrored
from ledger.journals.lines import Postings, budget, financial, in_rkud, paid_out_for
from ledger.roles import FINANCIAL

__all__ = [
    "overpayment_assessed",
    "overpayment_refunded",
    "overpayment_set_off",
    "payment_reversed",
    "prior_year_refunded",
    "revenue_moved",
    "revenue_reclassified",
]


def overpayment_assessed(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 9, "SKPDLB, same year or recurring": PD, F: Dr LO / Cr Utang kelebihan."""
    return (
        financial(entity, "revenue_lo", DEBIT, amount, kind),
        financial(entity, "overpayment", CREDIT, amount, kind),
    )


def overpayment_refunded(*, entity: str, ppkd: str, kind: str, amount: Money) -> Postings:
    """Row 9 "paid": PD, F: Dr Utang / Cr RK-PPKD; PPKD, F: Dr RK-SKPD / Cr Kas; PD, A: Dr LRA / Cr EP.

    PPKD's own revenue: F: Dr Utang / Cr Kas.
    """
    owed = financial(entity, "overpayment", DEBIT, amount, kind)
    return (
        *paid_out_for(entity, (owed,), in_rkud(ppkd, CREDIT, amount)),
        budget(entity, "revenue_lra", DEBIT, amount, kind),
        budget(entity, "sal_change", CREDIT, amount),
    )


def prior_year_refunded(*, ppkd: str, amount: Money, policy: str) -> Postings:
    """Row 10, "refund of a prior year, not recurring (policy row: BTT or equity)".

    PPKD, F: Dr Ekuitas, or by the policy "btt" Dr beban, / Cr Kas; A: Dr BTT / Cr Estimasi Perubahan SAL. `policy` is
    the value of `ledger.prior_year_refund`.
    """
    role = {"equity": "equity", "btt": "contingency_expense"}[policy]
    return (
        financial(ppkd, role, DEBIT, amount),
        in_rkud(ppkd, CREDIT, amount),
        budget(ppkd, "contingency_spending", DEBIT, amount),
        budget(ppkd, "sal_change", CREDIT, amount),
    )


def overpayment_set_off(
    *, entity: str, kind: str, onto_kind: str, amount: Money, same_year: bool, sanction: bool = False
) -> Postings:
    """Row 11, "overpayment set off against another bill": PD, F: Dr Utang kelebihan / Cr Piutang.

    "Other account in the same year": A: Dr LRA old / Cr LRA new. With `sanction` the other bill is an STPD: row 7's
    receivable, and in A its own account (row 8), so another one also where `onto_kind`, the principal's, is the same.
    """
    receivable, revenue = ("sanction_receivable", "sanction_lra") if sanction else ("receivable", "revenue_lra")
    settled = (
        financial(entity, "overpayment", DEBIT, amount, kind),
        financial(entity, receivable, CREDIT, amount, onto_kind),
    )
    if not same_year or (kind == onto_kind and not sanction):
        return settled
    return (
        *settled,
        budget(entity, "revenue_lra", DEBIT, amount, kind),
        budget(entity, revenue, CREDIT, amount, onto_kind),
    )


def revenue_reclassified(*, entity: str, kind: str, to_kind: str, amount: Money) -> Postings:
    """Row 22, "wrong revenue account": F: Dr/Cr LO; A: Dr/Cr LRA."""
    return (
        financial(entity, "revenue_lo", DEBIT, amount, kind),
        financial(entity, "revenue_lo", CREDIT, amount, to_kind),
        budget(entity, "revenue_lra", DEBIT, amount, kind),
        budget(entity, "revenue_lra", CREDIT, amount, to_kind),
    )


def revenue_moved(*, entity: str, kind: str, to_entity: str, to_kind: str, ppkd: str, amount: Money) -> Postings:
    """Row 22 "between PDs through both RK": each PD's LO against RK-PPKD, and both RK-SKPD in PPKD.

    One of the two may be PPKD itself. A: each entity's LRA against its Estimasi Perubahan SAL.
    """
    lines: Postings = (financial(entity, "revenue_lo", DEBIT, amount, kind),)
    if entity != ppkd:
        lines += (
            PostingDraft(FINANCIAL, entity, "rk_ppkd", CREDIT, amount, counterpart=ppkd),
            PostingDraft(FINANCIAL, ppkd, "rk_skpd", DEBIT, amount, counterpart=entity),
        )
    if to_entity != ppkd:
        lines += (
            PostingDraft(FINANCIAL, ppkd, "rk_skpd", CREDIT, amount, counterpart=to_entity),
            PostingDraft(FINANCIAL, to_entity, "rk_ppkd", DEBIT, amount, counterpart=ppkd),
        )
    return (
        *lines,
        financial(to_entity, "revenue_lo", CREDIT, amount, to_kind),
        budget(entity, "revenue_lra", DEBIT, amount, kind),
        budget(entity, "sal_change", CREDIT, amount),
        budget(to_entity, "sal_change", DEBIT, amount),
        budget(to_entity, "revenue_lra", CREDIT, amount, to_kind),
    )


def payment_reversed(postings: Postings) -> Postings:
    """Row 27, "bank reverses a payment: mirrored, dated on the debit", both sides.

    What stands in the books is reversed by `reverse_entry` with the kind "payment_reversed", once. A debit dated before
    the payment's entry is accounted on that entry's own day: no reversal stands in the books before what it reverses.
    """
    return mirrored(postings)
