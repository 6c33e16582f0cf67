"""What a bank or a treasurer keeps back, and what comes of it.

For: rows 12, 21 and 24 of the table: a claim stands until the money is made good or the charge is authorised.
Not for: differences that nobody has explained (reconciliation).
"""

from __future__ import annotations

from foundation.money import Money
from ledger.drafts import CREDIT, DEBIT, PostingDraft
from ledger.journals.lines import Postings, budget, financial, held_by, in_rkud, paid_out_for, received_for
from ledger.roles import FINANCIAL

__all__ = [
    "fee_kept",
    "fee_made_good",
    "rkud_charge_authorised",
    "rkud_charge_returned",
    "rkud_charged",
    "treasurer_shortage",
]


def fee_kept(*, entity: str, ppkd: str, amount: Money, partner: str) -> Postings:
    """Row 12, "bank keeps a fee (short transfer)", known after 4a, for the fee of one entity's payments.

    PD, F: Dr claim on the bank / Cr RK-PPKD. PPKD, F: Dr RK-SKPD / Cr Kas dalam Perjalanan. "A net until made good".
    PPKD's own revenue: F: Dr claim / Cr Kas dalam Perjalanan.
    """
    claim = _claim(entity, DEBIT, amount, partner)
    return paid_out_for(entity, (claim,), held_by(ppkd, CREDIT, amount, partner))


def fee_made_good(*, entity: str, ppkd: str, amount: Money, partner: str) -> Postings:
    """Row 12 "made good" in RKUD: PPKD, F: Dr Kas di Kas Daerah / Cr RK-SKPD; PD, F: Dr RK-PPKD / Cr claim.

    With it goes the budget side of the fee (`budget_recognised` per kind), where 4b had left it net.
    """
    claim = _claim(entity, CREDIT, amount, partner)
    return received_for(entity, in_rkud(ppkd, DEBIT, amount, partner), (claim,))


def rkud_charged(*, ppkd: str, amount: Money, partner: str | None = None) -> Postings:
    """Row 21, "bank charge on RKUD": PPKD, F: Dr claim / Cr Kas "until returned or authorised"."""
    return (_claim(ppkd, DEBIT, amount, partner), in_rkud(ppkd, CREDIT, amount))


def rkud_charge_returned(*, ppkd: str, amount: Money, partner: str | None = None) -> Postings:
    """Row 21 "returned": PPKD, F: Dr Kas di Kas Daerah / Cr claim."""
    return (in_rkud(ppkd, DEBIT, amount), _claim(ppkd, CREDIT, amount, partner))


def rkud_charge_authorised(*, ppkd: str, amount: Money, partner: str | None = None) -> Postings:
    """Row 21 "authorised": PPKD, F: Dr beban jasa / Cr claim; A: Dr belanja jasa / Cr Estimasi Perubahan SAL."""
    return (
        financial(ppkd, "bank_charge_expense", DEBIT, amount),
        _claim(ppkd, CREDIT, amount, partner),
        budget(ppkd, "bank_charge_spending", DEBIT, amount),
        budget(ppkd, "sal_change", CREDIT, amount),
    )


def treasurer_shortage(*, entity: str, amount: Money) -> Postings:
    """Row 24, "treasurer deposited less than collected": PD, F: Dr claim (TGR) / Cr Kas di Bendahara Penerimaan."""
    return (
        financial(entity, "treasurer_claim", DEBIT, amount),
        financial(entity, "treasurer_cash", CREDIT, amount),
    )


def _claim(entity: str, side: str, amount: Money, partner: str | None) -> PostingDraft:
    return PostingDraft(FINANCIAL, entity, "bank_claim", side, amount, qualifier=partner or "", partner=partner)
