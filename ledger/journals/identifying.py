"""Money that nobody can identify yet: seen, identified, returned.

For: row 19 of the table. No budget side before it is identified.
Not for: deciding whose money it is (payments and reconciliation do).
"""

from __future__ import annotations

from foundation.money import Money
from ledger.drafts import CREDIT, DEBIT, PostingDraft
from ledger.journals.lines import Postings, financial, held_by, in_rkud, received_for, settled_with_sanction
from ledger.roles import FINANCIAL

__all__ = [
    "suspense_identified",
    "suspense_identified_self_assessed",
    "suspense_identified_with_sanction",
    "suspense_returned",
    "sweep_identified",
    "unidentified_at_partner",
    "unidentified_at_rkud",
]


def unidentified_at_partner(*, ppkd: str, amount: Money, partner: str) -> Postings:
    """Row 19, "credit that nobody can identify yet; double or excess payment", when a partner reports it.

    PPKD, F: Dr Kas dalam Perjalanan of the partner / Cr Utang Jangka Pendek Lainnya. No budget side.
    """
    return (held_by(ppkd, DEBIT, amount, partner), _owed(ppkd, CREDIT, amount, partner))


def unidentified_at_rkud(*, ppkd: str, amount: Money) -> Postings:
    """Row 19 when first seen on the RKUD statement: PPKD, F: Dr Kas di Kas Daerah / Cr Utang Jangka Pendek Lainnya."""
    return (in_rkud(ppkd, DEBIT, amount), _owed(ppkd, CREDIT, amount))


def suspense_identified(*, entity: str, ppkd: str, kind: str, amount: Money, partner: str | None = None) -> Postings:
    """Row 19 "identified": PPKD, F: Dr Utang / Cr RK-SKPD, and "PD side of row 4": Dr RK-PPKD / Cr Piutang.

    PPKD's own revenue: F: Dr Utang / Cr Piutang. `partner` is the one that had reported the money, if any did.
    """
    receivable = financial(entity, "receivable", CREDIT, amount, kind)
    return received_for(entity, _owed(ppkd, DEBIT, amount, partner), (receivable,))


def suspense_identified_self_assessed(
    *, entity: str, ppkd: str, kind: str, amount: Money, partner: str | None = None
) -> Postings:
    """Row 19 "identified" as money of row 5: Cr Pendapatan-LO instead of Piutang."""
    revenue = financial(entity, "revenue_lo", CREDIT, amount, kind)
    return received_for(entity, _owed(ppkd, DEBIT, amount, partner), (revenue,))


def suspense_identified_with_sanction(
    *,
    entity: str,
    ppkd: str,
    kind: str,
    principal: Money,
    sanction: Money,
    assessed: bool,
    partner: str | None = None,
) -> Postings:
    """Row 19 "identified" as money of row 8: principal and sanction on two lines, either of which may be zero.

    `assessed` as in row 8. The budget side is row 8's.
    """
    settled = settled_with_sanction(entity, kind, principal, sanction, assessed)
    return received_for(entity, _owed(ppkd, DEBIT, principal + sanction, partner), settled)


def suspense_returned(*, ppkd: str, amount: Money, partner: str | None = None) -> Postings:
    """Row 19 "returned": PPKD, F: Dr Utang / Cr Kas.

    The cash is Kas di Kas Daerah, or with `partner` what that partner holds and gives back itself.
    """
    cash = in_rkud(ppkd, CREDIT, amount) if partner is None else held_by(ppkd, CREDIT, amount, partner)
    return (_owed(ppkd, DEBIT, amount, partner), cash)


def sweep_identified(*, ppkd: str, amount: Money, partner: str) -> Postings:
    """Row 19 "identified" where the credit is a partner's sweep: PPKD, F: Dr Utang / Cr Kas dalam Perjalanan.

    With row 19 as first seen on the RKUD statement it comes to row 4b.
    """
    return (_owed(ppkd, DEBIT, amount), held_by(ppkd, CREDIT, amount, partner))


def _owed(ppkd: str, side: str, amount: Money, partner: str | None = None) -> PostingDraft:
    return PostingDraft(FINANCIAL, ppkd, "suspense", side, amount, partner=partner)
