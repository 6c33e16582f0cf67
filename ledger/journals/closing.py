"""The closing journals, as pure functions over what stands on the accounts.

For: row 28 of the table. Accounts are named by code, since what is closed is what stands there, whatever the role map
says by now; where it goes is a role.
Not for: reading the trial balance or deciding when a year may be closed (ledger.year_end).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from foundation.money import Money
from ledger.drafts import CREDIT, DEBIT, PostingDraft
from ledger.journals.lines import Postings, budget, financial

__all__ = ["Standing", "accrual_closed", "budget_closed", "estimate_reversed", "balance_carried", "rk_closed"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on one account of one entity: `net_sen` is debit less credit, never zero."""

    book: str
    entity: str
    account: str
    net_sen: int
    counterpart: str | None = None
    partner: str | None = None


def accrual_closed(*, entity: str, standings: Iterable[Standing]) -> Postings:
    """Row 28, "7/8 → Surplus-LO → Ekuitas": each account of 7 and 8 is emptied, the rest goes on to equity."""
    emptied = tuple(_emptied(each) for each in standings)
    net = _net(emptied)
    if not net:
        return emptied
    amount, side, other = Money(abs(net)), *_sides(-net)
    return (
        *emptied,
        financial(entity, "surplus_lo", side, amount),
        financial(entity, "surplus_lo", other, amount),
        financial(entity, "equity", side, amount),
    )


def budget_closed(*, entity: str, standings: Iterable[Standing], against_sal_change: bool = False) -> Postings:
    """Row 28, "4/5 → Surplus-LRA", and 6 likewise: each account is emptied, the rest stands on Surplus-LRA.

    `against_sal_change` (policy `ledger.surplus_lra_at_closing`) ends it against Estimasi Perubahan SAL at once, so
    that the next year's budget book begins empty.
    """
    emptied = tuple(_emptied(each) for each in standings)
    net = _net(emptied)
    if not net:
        return emptied
    amount, side, other = Money(abs(net)), *_sides(-net)
    closed = (*emptied, budget(entity, "surplus_lra", side, amount))
    if not against_sal_change:
        return closed
    return (*closed, budget(entity, "surplus_lra", other, amount), budget(entity, "sal_change", side, amount))


def estimate_reversed(*, entity: str, standings: Iterable[Standing]) -> Postings:
    """Row 28, "DPA reversed": A: Estimasi Pendapatan is emptied against Estimasi Perubahan SAL."""
    emptied = tuple(_emptied(each) for each in standings)
    net = _net(emptied)
    return (*emptied, budget(entity, "sal_change", _sides(-net)[0], Money(abs(net)))) if net else emptied


def rk_closed(standings: Iterable[Standing]) -> Postings:
    """Row 28, "RK by policy": both sides of a pair of entities are emptied into the equity of each.

    `standings` are those of one pair; they eliminate, so the entry does too.
    """
    lines: Postings = ()
    for each in standings:
        emptied = _emptied(each)
        equity = financial(each.entity, "equity", CREDIT if emptied.side == DEBIT else DEBIT, emptied.amount)
        lines += (emptied, equity)
    return lines


def balance_carried(standing: Standing, account: str) -> Postings:
    """Carry-forward onto a new year's chart: what stands on one account goes to another of the same book."""
    emptied = _emptied(standing)
    arrives = PostingDraft(
        standing.book, standing.entity, "", CREDIT if emptied.side == DEBIT else DEBIT, emptied.amount,
        counterpart=standing.counterpart, partner=standing.partner, account=account,
    )  # fmt: skip
    return (emptied, arrives)


def _emptied(standing: Standing) -> PostingDraft:
    """The line that leaves nothing on the account."""
    side = _sides(-standing.net_sen)[0]
    return PostingDraft(
        standing.book, standing.entity, "", side, Money(abs(standing.net_sen)),
        counterpart=standing.counterpart, partner=standing.partner, account=standing.account,
    )  # fmt: skip


def _net(lines: Postings) -> int:
    """Debit less credit of the lines, in sen."""
    return sum(line.amount.sen if line.side == DEBIT else -line.amount.sen for line in lines)


def _sides(net: int) -> tuple[str, str]:
    """The side on which a net amount stands, and the other."""
    return (DEBIT, CREDIT) if net > 0 else (CREDIT, DEBIT)
