"""Consolidation: all entities of a region as one, their claims on each other eliminated.

For: `rk_pairs`, which shows that each pair's RK come to nothing, `one_sided_entries` where they do not, and
`consolidated_balances` without them.
Not for: financial statements, which are made of these balances.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.asking import check_asked
from ledger.balances import AccountSums, on_side, sums_by_account
from ledger.standing import standing_on_rk

__all__ = ["ConsolidatedBalance", "OneSidedEntry", "RkPair", "consolidated_balances", "one_sided_entries", "rk_pairs"]

# In place of a counterpart that an RK posting lacks.
_NOBODY = "-"
_RK_CODES = text("SELECT DISTINCT a.code FROM account a WHERE a.requires_counterpart")
_ONE_SIDED = text("""
SELECT e.uid, e.key, n.code AS entity, c.code AS counterpart,
    sum(CASE p.side WHEN 'debit' THEN p.amount_sen ELSE -p.amount_sen END)::bigint AS net_sen
FROM posting p
JOIN journal_entry e ON e.id = p.entry_id
JOIN entity n ON n.id = p.entity_id
LEFT JOIN entity c ON c.id = p.counterpart_entity_id
WHERE p.accounted_on <= :on_date AND p.account_id IN (SELECT x.id FROM account x WHERE x.requires_counterpart)
GROUP BY e.id, e.uid, e.key, n.code, c.code
ORDER BY e.id, n.code, c.code
""")


@dataclass(frozen=True, slots=True)
class RkPair:
    """The RK between two entities, debit less credit in the books of each; `difference`, their sum, is zero."""

    first: str
    second: str
    in_first: Money
    in_second: Money

    @property
    def difference(self) -> Money:
        """What elimination leaves: zero, unless somebody wrote past the guards (`one_sided_entries`)."""
        return self.in_first + self.in_second


@dataclass(frozen=True, slots=True)
class OneSidedEntry:
    """An entry that moves the RK of a pair on one side more than on the other, and by how much."""

    uid: UUID
    key: str
    first: str
    second: str
    difference: Money


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
    """Every pair of entities with something on its RK at the end of a day, by their codes.

    Where an RK posting names no counterpart, which the database refuses, the other one is "-".
    """
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in standing_on_rk(session, on=on):
        first, second = _pair(each.entity, each.counterpart)
        sums[first, second][each.entity != first] += each.net_sen
    return [RkPair(*pair, Money(one), Money(other)) for pair, (one, other) in sorted(sums.items()) if one or other]


def one_sided_entries(session: Session, *, on: date) -> list[OneSidedEntry]:
    """Every entry until the end of a day whose RK do not eliminate; looks through all RK postings.

    The database refuses such an entry, so whatever is found here was written past its guards.
    """
    sums: defaultdict[tuple[UUID, str, str, str], int] = defaultdict(int)
    for row in session.execute(_ONE_SIDED, {"on_date": on}):
        sums[row.uid, row.key, *_pair(row.entity, row.counterpart)] += row.net_sen
    return [OneSidedEntry(*named, Money(net_sen)) for named, net_sen in sums.items() if net_sen]


def _pair(entity: str, counterpart: str | None) -> tuple[str, str]:
    return (entity, _NOBODY) if counterpart is None else (min(entity, counterpart), max(entity, counterpart))


def consolidated_balances(session: Session, *, on: date, since: date | None = None) -> list[ConsolidatedBalance]:
    """Every account over all entities by book and code, until `on` (with `since`: from that date), without the RK.

    Named as its code was named when it was last posted on, by whichever entity. Raises DatesReversed.
    """
    check_asked(session, {"since": since, "on": on}, first="since", last="on")
    eliminated = set(session.scalars(_RK_CODES))
    found: defaultdict[tuple[str, str], list[AccountSums]] = defaultdict(list)
    for row in sums_by_account(session, since=since, on=on, known_at=None):
        if row.account not in eliminated and (row.debit or row.credit):
            found[row.book, row.account].append(row)
    return [_consolidated(rows) for _, rows in sorted(found.items())]


def _consolidated(rows: list[AccountSums]) -> ConsolidatedBalance:
    last = max(rows, key=lambda row: row.named_since)
    debit, credit = sum(row.debit for row in rows), sum(row.credit for row in rows)
    return ConsolidatedBalance(
        last.book, last.account, last.account_name, last.normal_side, Money(debit), Money(credit),
        on_side(last.normal_side, debit, credit),
    )  # fmt: skip
