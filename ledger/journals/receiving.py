"""Money that comes in: to a treasurer, at a partner, into RKUD, to a BLUD; assessed before or not.

For: rows 2 to 6, 8, 13, 14, 20, 23 and 25 of the table.
Not for: money that nobody can identify yet (ledger.journals.identifying) or that a bank keeps back
(ledger.journals.claiming).

Where money is in RKUD or with a treasurer the budget side is in the journal; what a partner holds has its budget side
by policy (`budget_recognised`).
"""

from __future__ import annotations

from foundation.money import Money
from ledger.drafts import CREDIT, DEBIT
from ledger.journals.lines import (
    Postings,
    budget,
    financial,
    held_by,
    in_rkud,
    received_for,
    settled_with_sanction,
    without_zero,
)

__all__ = [
    "blud_authorised",
    "blud_received",
    "budget_recognised",
    "credited_to_rkud",
    "interest_at_treasurer",
    "opsen_collected_together",
    "opsen_credited",
    "opsen_received",
    "opsen_remitted",
    "paid_at_partner",
    "paid_into_rkud",
    "paid_to_treasurer",
    "paid_with_sanction_at_partner",
    "paid_with_sanction_into_rkud",
    "paid_with_sanction_to_treasurer",
    "ppkd_revenue_received",
    "received_in_advance",
    "sanction_budget_recognised",
    "self_assessed_at_partner",
    "self_assessed_into_rkud",
    "self_assessed_to_treasurer",
    "treasurer_deposited",
]


def paid_to_treasurer(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 2, "paid to the Bendahara Penerimaan": PD, F: Dr Kas di Bendahara Penerimaan / Cr Piutang. A: row 4A."""
    return (
        financial(entity, "treasurer_cash", DEBIT, amount),
        financial(entity, "receivable", CREDIT, amount, kind),
        *budget_recognised(entity=entity, kind=kind, amount=amount),
    )


def treasurer_deposited(*, entity: str, ppkd: str, amount: Money) -> Postings:
    """Row 3, "STS deposit into RKUD": PD, F: Dr RK-PPKD / Cr Kas di Bendahara; PPKD, F: Dr RKUD / Cr RK-SKPD. No A."""
    cash = financial(entity, "treasurer_cash", CREDIT, amount)
    return received_for(entity, in_rkud(ppkd, DEBIT, amount), (cash,))


def paid_at_partner(*, entity: str, ppkd: str, kind: str, amount: Money, partner: str) -> Postings:
    """Row 4a, "paid at a bank or acquirer, money not yet in RKUD".

    PD, F: Dr RK-PPKD / Cr Piutang. PPKD, F: Dr Kas dalam Perjalanan of the partner / Cr RK-SKPD.
    PPKD's own revenue: F: Dr Kas dalam Perjalanan / Cr Piutang.
    """
    receivable = financial(entity, "receivable", CREDIT, amount, kind)
    return received_for(entity, held_by(ppkd, DEBIT, amount, partner), (receivable,))


def credited_to_rkud(*, ppkd: str, amount: Money, partner: str) -> Postings:
    """Row 4b, "nota kredit: the money arrives in RKUD": PPKD, F: Dr Kas di Kas Daerah / Cr Kas dalam Perjalanan."""
    return (in_rkud(ppkd, DEBIT, amount, partner), held_by(ppkd, CREDIT, amount, partner))


def budget_recognised(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 4A, "budget side of 4": PD, A: Dr Estimasi Perubahan SAL / Cr Pendapatan-LRA.

    At 4a or at 4b by the policy `ledger.budget_recognised_at`; which, the caller has looked up.
    """
    return (
        budget(entity, "sal_change", DEBIT, amount),
        budget(entity, "revenue_lra", CREDIT, amount, kind),
    )


def paid_into_rkud(*, entity: str, ppkd: str, kind: str, amount: Money) -> Postings:
    """Rows 4a, 4b and 4A at once: paid straight into RKUD, PPKD, F: Dr Kas di Kas Daerah / Cr RK-SKPD."""
    receivable = financial(entity, "receivable", CREDIT, amount, kind)
    return (
        *received_for(entity, in_rkud(ppkd, DEBIT, amount), (receivable,)),
        *budget_recognised(entity=entity, kind=kind, amount=amount),
    )


def self_assessed_to_treasurer(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 5, "self-assessment, or retribution without SKRD: as 2 but Cr Pendapatan-LO instead of Piutang"."""
    return (
        financial(entity, "treasurer_cash", DEBIT, amount),
        financial(entity, "revenue_lo", CREDIT, amount, kind),
        *budget_recognised(entity=entity, kind=kind, amount=amount),
    )


def self_assessed_at_partner(*, entity: str, ppkd: str, kind: str, amount: Money, partner: str) -> Postings:
    """Row 5 "as 4": row 4a but Cr Pendapatan-LO instead of Piutang; 4b and 4A follow as there."""
    revenue = financial(entity, "revenue_lo", CREDIT, amount, kind)
    return received_for(entity, held_by(ppkd, DEBIT, amount, partner), (revenue,))


def self_assessed_into_rkud(*, entity: str, ppkd: str, kind: str, amount: Money) -> Postings:
    """Row 5 paid straight into RKUD, with its budget side."""
    revenue = financial(entity, "revenue_lo", CREDIT, amount, kind)
    return (
        *received_for(entity, in_rkud(ppkd, DEBIT, amount), (revenue,)),
        *budget_recognised(entity=entity, kind=kind, amount=amount),
    )


def ppkd_revenue_received(*, ppkd: str, kind: str, amount: Money) -> Postings:
    """Row 6, "PPKD's own revenue (transfer, jasa giro)": F: Dr Kas di Kas Daerah / Cr LO; A: Dr EP / Cr LRA."""
    return self_assessed_into_rkud(entity=ppkd, ppkd=ppkd, kind=kind, amount=amount)


def paid_with_sanction_at_partner(
    *, entity: str, ppkd: str, kind: str, principal: Money, sanction: Money, partner: str, assessed: bool
) -> Postings:
    """Row 8, "sanction paid together with principal: two lines, never one", as row 4a.

    `assessed`: an STPD made a receivable of the sanction (row 7); "without an STPD" it is revenue when paid. Either
    amount may be zero: an STPD paid alone has no principal.
    """
    settled = settled_with_sanction(entity, kind, principal, sanction, assessed)
    return received_for(entity, held_by(ppkd, DEBIT, principal + sanction, partner), settled)


def paid_with_sanction_into_rkud(
    *, entity: str, ppkd: str, kind: str, principal: Money, sanction: Money, assessed: bool
) -> Postings:
    """Row 8 paid straight into RKUD: PPKD, F: Dr Kas di Kas Daerah / Cr RK-SKPD, with the budget side of both lines."""
    settled = settled_with_sanction(entity, kind, principal, sanction, assessed)
    return (
        *received_for(entity, in_rkud(ppkd, DEBIT, principal + sanction), settled),
        *sanction_budget_recognised(entity=entity, kind=kind, principal=principal, sanction=sanction),
    )


def paid_with_sanction_to_treasurer(
    *, entity: str, kind: str, principal: Money, sanction: Money, assessed: bool
) -> Postings:
    """Row 8 as row 2: to the Bendahara Penerimaan, with the budget side of both lines."""
    return (
        financial(entity, "treasurer_cash", DEBIT, principal + sanction),
        *settled_with_sanction(entity, kind, principal, sanction, assessed),
        *sanction_budget_recognised(entity=entity, kind=kind, principal=principal, sanction=sanction),
    )


def sanction_budget_recognised(*, entity: str, kind: str, principal: Money, sanction: Money) -> Postings:
    """Row 8, budget side: "principal to 4.1.01.xx, sanction to 4.1.04.12.xx". Either amount may be zero."""
    return (
        budget(entity, "sal_change", DEBIT, principal + sanction),
        *without_zero(
            budget(entity, "revenue_lra", CREDIT, principal, kind),
            budget(entity, "sanction_lra", CREDIT, sanction, kind),
        ),
    )


def opsen_received(*, entity: str, ppkd: str, kind: str, amount: Money, partner: str) -> Postings:
    """Row 13, "opsen received by the kabupaten: as 4", reported by a partner before it is in RKUD (4b and 4A follow).

    `kind` is the kind of the opsen; its receivable came with the province's list (row 1) or at year end (row 26).
    """
    return paid_at_partner(entity=entity, ppkd=ppkd, kind=kind, amount=amount, partner=partner)


def opsen_credited(*, entity: str, ppkd: str, kind: str, amount: Money) -> Postings:
    """Row 13 where the bank splits and the opsen is first seen in RKUD: as 4 at once."""
    return paid_into_rkud(entity=entity, ppkd=ppkd, kind=kind, amount=amount)


def opsen_collected_together(*, entity: str, ppkd: str, kind: str, own: Money, opsen: Money) -> Postings:
    """Row 14, "opsen MBLB collected in one account".

    PD, F: Dr RK-PPKD / Cr Piutang, "own part only". PPKD, F: Dr Kas total / Cr RK-SKPD, Cr Utang PFK opsen.
    A: the own part; "no A on opsen". Either amount may be zero.
    """
    receivable = financial(entity, "receivable", CREDIT, own, kind)
    settled = received_for(entity, in_rkud(ppkd, DEBIT, own), (receivable,))
    cash = in_rkud(ppkd, DEBIT, own + opsen)
    return (
        *without_zero(*(cash if line.role == "rkud" else line for line in settled)),
        *without_zero(financial(ppkd, "opsen_payable", CREDIT, opsen, kind)),
        *without_zero(*budget_recognised(entity=entity, kind=kind, amount=own)),
    )


def opsen_remitted(*, ppkd: str, kind: str, amount: Money) -> Postings:
    """Row 14, "remitted": PPKD, F: Dr Utang PFK / Cr Kas."""
    return (financial(ppkd, "opsen_payable", DEBIT, amount, kind), in_rkud(ppkd, CREDIT, amount))


def interest_at_treasurer(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 20, "jasa giro in the treasurer's account": PD, F: Dr Kas di Bendahara / Cr LO, and A; then row 3.

    At RKUD it is row 6.
    """
    return self_assessed_to_treasurer(entity=entity, kind=kind, amount=amount)


def received_in_advance(*, entity: str, ppkd: str, kind: str, amount: Money, partner: str | None = None) -> Postings:
    """Row 23, "revenue in advance (rent of assets)": PD, F: Dr RK-PPKD / Cr Pendapatan Diterima di Muka; PPKD as 4.

    "A in full": at once where the money is in RKUD; by row 4A where a `partner` holds it.
    """
    advance = financial(entity, "advance", CREDIT, amount, kind)
    if partner is not None:
        return received_for(entity, held_by(ppkd, DEBIT, amount, partner), (advance,))
    return (
        *received_for(entity, in_rkud(ppkd, DEBIT, amount), (advance,)),
        *budget_recognised(entity=entity, kind=kind, amount=amount),
    )


def blud_received(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 25, "BLUD": PD, F: Dr Kas di BLUD / Cr LO; "no STS, no RK"."""
    return (
        financial(entity, "blud_cash", DEBIT, amount),
        financial(entity, "revenue_lo", CREDIT, amount, kind),
    )


def blud_authorised(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 25, "A on SP2BP": PD, A: Dr Estimasi Perubahan SAL / Cr Pendapatan-LRA."""
    return budget_recognised(entity=entity, kind=kind, amount=amount)
