"""Consolidation: all entities of a region as one, their claims on each other eliminated.

For: `rk_pairs`, which shows that each pair's RK come to nothing, and `consolidated_balances` without them.
Not for: financial statements, which are made of these balances.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.balances import account_balances
from ledger.posting import DEBIT
from ledger.year_end.standing import standing_on_rk

__all__ = ["ConsolidatedBalance", "RkPair", "consolidated_balances", "rk_pairs"]

_RK_CODES = text("SELECT DISTINCT a.code FROM account a WHERE a.requires_counterpart")


@dataclass(frozen=True, slots=True)
class RkPair:
    """The RK between two entities, debit less credit in the books of each; `difference`, their sum, is zero."""

    first: str
    second: str
    in_first: Money
    in_second: Money

    @property
    def difference(self) -> Money:
        """What elimination leaves: zero, since no entry moves one side alone."""
        return self.in_first + self.in_second


@dataclass(frozen=True, slots=True)
class ConsolidatedBalance:
    """One account over all entities: both sides, and the balance on its normal side."""

    book: str
    account: str
    account_name: str
    normal_side: str
    debit: Money
    credit: Money
    balance: Money


def rk_pairs(session: Session, *, on: date) -> list[RkPair]:
    """Every pair of entities with something on its RK at the end of a day, by their codes."""
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in standing_on_rk(session, on=on):
        first, second = sorted((each.entity, str(each.counterpart)))
        sums[first, second][each.entity != first] += each.net_sen
    return [RkPair(*pair, Money(one), Money(other)) for pair, (one, other) in sorted(sums.items())]


def consolidated_balances(session: Session, *, on: date, since: date | None = None) -> list[ConsolidatedBalance]:
    """Every account over all entities by book and code, until `on` (with `since`: from that date), without the RK."""
    eliminated = set(session.scalars(_RK_CODES))
    found: dict[tuple[str, str], ConsolidatedBalance] = {}
    for row in account_balances(session, on=on, since=since):
        if row.account in eliminated:
            continue
        before = found.get((row.book, row.account))
        debit = row.debit + before.debit if before else row.debit
        credit = row.credit + before.credit if before else row.credit
        found[row.book, row.account] = ConsolidatedBalance(
            row.book, row.account, row.account_name, row.normal_side, debit, credit,
            debit - credit if row.normal_side == DEBIT else credit - debit,
        )  # fmt: skip
    return [found[key] for key in sorted(found)]
