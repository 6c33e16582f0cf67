"""What is owed to the region: assessed, allowed for, reduced, written off, accrued; and what the budget estimates.

For: rows 1, 7, 15, 16, 17, 18 and 26 of the table, and the accrual of row 23.
Not for: money that moves (the other modules of this room).
"""

from __future__ import annotations

from foundation.money import Money
from ledger.drafts import CREDIT, DEBIT
from ledger.journals.lines import Postings, budget, financial, in_rkud, received_for

__all__ = [
    "advance_earned",
    "allowance_changed",
    "assessment_issued",
    "assessment_reduced",
    "budget_approved",
    "budget_reduced",
    "sanction_assessed",
    "written_off",
    "written_off_recovered",
    "year_end_accrued",
]


def assessment_issued(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 1, "ketetapan issued (SKPD, SPPT, SKRD)": PD, F: Dr Piutang / Cr Pendapatan-LO.

    The same where revenue is PPKD's own; `entity` then is PPKD's code.
    """
    return (
        financial(entity, "receivable", DEBIT, amount, kind),
        financial(entity, "revenue_lo", CREDIT, amount, kind),
    )


def sanction_assessed(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 7, "STPD issued (sanksi administratif)": PD, F: Dr Piutang lain-lain PAD / Cr pendapatan denda-LO.

    `kind` is that of the principal.
    """
    return (
        financial(entity, "sanction_receivable", DEBIT, amount, kind),
        financial(entity, "sanction_lo", CREDIT, amount, kind),
    )


def allowance_changed(*, entity: str, kind: str, before: Money, after: Money, sanction: bool = False) -> Postings:
    """Row 15, "year-end allowance": PD, F: Dr Beban Penyisihan / Cr Penyisihan, "the change only".

    An allowance that falls is mirrored; one that stays has no postings. With `sanction` it is that of row 7's
    receivable, which is lain-lain PAD (1.1.10.01.04, 8.1.07.04).
    """
    change = after - before
    if not change:
        return ()
    side, other = (DEBIT, CREDIT) if change.sen > 0 else (CREDIT, DEBIT)
    amount = Money(abs(change.sen))
    expense, allowance = _of("allowance_expense", sanction), _of("allowance", sanction)
    return (
        financial(entity, expense, side, amount, kind),
        financial(entity, allowance, other, amount, kind),
    )


def written_off(
    *, entity: str, kind: str, amount: Money, allowed: Money, rest: str = "expense", sanction: bool = False
) -> Postings:
    """Row 16, "write-off by decree": PD, F: Dr Penyisihan / Cr Piutang, "rest Dr beban or equity".

    `allowed` is what the allowance holds for this receivable, `rest` the policy `ledger.write_off_rest` ("expense" or
    "equity"). The claim lives on off-balance. With `sanction` it is row 7's receivable, and its allowance.
    """
    covered = Money(min(allowed.sen, amount.sen))
    lines: Postings = ()
    if covered:
        lines += (financial(entity, _of("allowance", sanction), DEBIT, covered, kind),)
    if uncovered := amount - covered:
        role, qualifier = {"expense": ("write_off_expense", kind), "equity": ("equity", "")}[rest]
        lines += (financial(entity, role, DEBIT, uncovered, qualifier),)
    return (*lines, financial(entity, _of("receivable", sanction), CREDIT, amount, kind))


def written_off_recovered(*, entity: str, ppkd: str, kind: str, amount: Money) -> Postings:
    """Row 16, "later receipt is lain-lain PAD", straight into RKUD: F as row 4 but Cr lain-lain PAD-LO; A likewise."""
    revenue = financial(entity, "recovered_lo", CREDIT, amount, kind)
    return (
        *received_for(entity, in_rkud(ppkd, DEBIT, amount), (revenue,)),
        budget(entity, "sal_change", DEBIT, amount),
        budget(entity, "recovered_lra", CREDIT, amount, kind),
    )


def assessment_reduced(
    *, entity: str, kind: str, amount: Money, prior_year: bool = False, sanction: bool = False
) -> Postings:
    """Row 17, "ketetapan corrected downwards": PD, F: same year Dr LO, prior year Dr Ekuitas / Cr Piutang.

    With `sanction` it is an STPD: row 7's revenue and receivable.
    """
    revenue = "sanction_lo" if sanction else "revenue_lo"
    debited, qualifier = ("equity", "") if prior_year else (revenue, kind)
    return (
        financial(entity, debited, DEBIT, amount, qualifier),
        financial(entity, _of("receivable", sanction), CREDIT, amount, kind),
    )


def budget_approved(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 18, "budget (DPA)": A: Dr Estimasi Pendapatan / Cr Estimasi Perubahan SAL. A change upwards likewise."""
    return (
        budget(entity, "estimated_revenue", DEBIT, amount, kind),
        budget(entity, "sal_change", CREDIT, amount),
    )


def budget_reduced(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 18 when a changed budget estimates less: A: Dr Estimasi Perubahan SAL / Cr Estimasi Pendapatan."""
    return (
        budget(entity, "sal_change", DEBIT, amount),
        budget(entity, "estimated_revenue", CREDIT, amount, kind),
    )


def advance_earned(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 23, "monthly": PD, F: Dr Pendapatan Diterima di Muka / Cr LO."""
    return (
        financial(entity, "advance", DEBIT, amount, kind),
        financial(entity, "revenue_lo", CREDIT, amount, kind),
    )


def year_end_accrued(*, entity: str, kind: str, amount: Money) -> Postings:
    """Row 26, "year end: SPTPD filed but unpaid, opsen not yet passed on": F: Dr Piutang / Cr LO.

    By the policy `ledger.year_end_accrual`. What then is paid settles the receivable (rows 2 and 4).
    """
    return assessment_issued(entity=entity, kind=kind, amount=amount)


def _of(role: str, sanction: bool) -> str:
    """The role, or the one that the sanction has for the same."""
    return f"sanction_{role}" if sanction else role
