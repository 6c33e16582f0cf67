"""The lines that journals are made of, and the two ways money goes through both RK.

For: the other modules of this room.
Not for: events; a line knows no row of the table.
"""

from __future__ import annotations

from collections.abc import Iterable

from foundation.money import Money
from ledger.drafts import CREDIT, DEBIT, PostingDraft
from ledger.roles import BUDGET, FINANCIAL

__all__ = [
    "Postings",
    "budget",
    "financial",
    "held_by",
    "in_rkud",
    "paid_out_for",
    "received_for",
    "settled_with_sanction",
    "without_zero",
]

Postings = tuple[PostingDraft, ...]


def financial(entity: str, role: str, side: str, amount: Money, kind: str = "") -> PostingDraft:
    """A line of the financial book; `kind` qualifies the role."""
    return PostingDraft(FINANCIAL, entity, role, side, amount, qualifier=kind)


def budget(entity: str, role: str, side: str, amount: Money, kind: str = "") -> PostingDraft:
    """A line of the budget book; `kind` qualifies the role."""
    return PostingDraft(BUDGET, entity, role, side, amount, qualifier=kind)


def in_rkud(ppkd: str, side: str, amount: Money, partner: str | None = None) -> PostingDraft:
    """Kas di Kas Daerah; `partner` where the bank statement tells whose money it is."""
    return PostingDraft(FINANCIAL, ppkd, "rkud", side, amount, partner=partner)


def held_by(ppkd: str, side: str, amount: Money, partner: str) -> PostingDraft:
    """Kas dalam Perjalanan, held by a partner."""
    return PostingDraft(FINANCIAL, ppkd, "clearing", side, amount, qualifier=partner, partner=partner)


def without_zero(*lines: PostingDraft) -> Postings:
    """The lines that move something: of two amounts one may be zero, and a posting never is."""
    return tuple(line for line in lines if line.amount)


def settled_with_sanction(entity: str, kind: str, principal: Money, sanction: Money, assessed: bool) -> Postings:
    """Cr Piutang for the principal and, on a line of its own, Cr the STPD's receivable or without an STPD Cr LO."""
    role = "sanction_receivable" if assessed else "sanction_lo"
    return without_zero(
        financial(entity, "receivable", CREDIT, principal, kind),
        financial(entity, role, CREDIT, sanction, kind),
    )


def received_for(entity: str, held: PostingDraft, settled: Iterable[PostingDraft]) -> Postings:
    """PPKD's debit is for an entity's credits: Dr RK-PPKD / Cr …, Dr … / Cr RK-SKPD; PPKD's own has no RK."""
    if entity == held.entity:
        return (held, *settled)
    return (
        PostingDraft(FINANCIAL, entity, "rk_ppkd", DEBIT, held.amount, counterpart=held.entity),
        *settled,
        held,
        PostingDraft(FINANCIAL, held.entity, "rk_skpd", CREDIT, held.amount, counterpart=entity),
    )


def paid_out_for(entity: str, debits: Iterable[PostingDraft], spent: PostingDraft) -> Postings:
    """PPKD's credit is for an entity's debits: Dr … / Cr RK-PPKD, Dr RK-SKPD / Cr …; PPKD's own has no RK."""
    if entity == spent.entity:
        return (*debits, spent)
    return (
        *debits,
        PostingDraft(FINANCIAL, entity, "rk_ppkd", CREDIT, spent.amount, counterpart=spent.entity),
        PostingDraft(FINANCIAL, spent.entity, "rk_skpd", DEBIT, spent.amount, counterpart=entity),
        spent,
    )
