"""The budget side (4A) of a credited stretch of a batch.

For: which payments a stretch of a batch's running gross covers, and the postings of row 4A for them.
Not for: 4A at the time of payment, where the policy of that day says so (payments.booking).

Payments stand in the order of the settlement file. The stretch from `before` to `after` covers whole payments first and
part of the one in which it ends; so a fee or a short sweep leaves the budget net (domain row 12), and the next credit
continues where this one stopped. Money that settled no bill has no budget side.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger import PostingDraft, budget_recognised, budget_recognised_on

__all__ = ["budget_side"]

# covered(x) of a line: how much of it lies below x of the running gross, at most what the payment itself was.
_STRETCH = text(
    "SELECT c.entity, c.revenue_kind, c.taken_on, sum(c.until_after - c.until_before)::bigint AS amount_sen FROM ("
    " SELECT p.entity, p.revenue_kind, p.accounted_on AS taken_on,"
    " least(greatest(:after - (l.until_sen - l.amount_sen), 0), l.amount_sen, p.amount_sen) AS until_after,"
    " least(greatest(:before - (l.until_sen - l.amount_sen), 0), l.amount_sen, p.amount_sen) AS until_before"
    " FROM settlement_line l JOIN payment_v p ON p.id = l.payment_id"
    " WHERE l.batch_id = :batch_id AND l.outcome <> 'SETTLED_BEFORE' AND p.state = 'APPLIED'"
    " AND NOT p.budget_recognised"
    " AND l.until_sen > :before AND l.until_sen - l.amount_sen < :after"
    ") c GROUP BY c.entity, c.revenue_kind, c.taken_on ORDER BY c.entity, c.revenue_kind, c.taken_on"
)


def budget_side(
    session: Session, batch_id: int, *, before: int, after: int, credited_on: date
) -> dict[date, tuple[PostingDraft, ...]]:
    """Row 4A per entity and revenue kind for the stretch from `before` to `after` (sen of the batch's running gross).

    By accounting date: `credited_on`, or 31 December for what was on its way over it, where policy says so. A payment
    whose budget side was posted when the partner took it has none here: each payment keeps which it was, so what the
    policy was then or is by now is not asked.
    """

    @lru_cache
    def accounted_on(taken_on: date) -> date:
        return budget_recognised_on(session, taken_accounted_on=taken_on, credited_on=credited_on)

    named = {"batch_id": batch_id, "before": before, "after": after}
    sums: defaultdict[tuple[date, str, str], int] = defaultdict(int)
    for row in session.execute(_STRETCH, named):
        sums[accounted_on(row.taken_on), row.entity, row.revenue_kind] += row.amount_sen
    found: defaultdict[date, tuple[PostingDraft, ...]] = defaultdict(tuple)
    for (on, entity, kind), sen in sums.items():
        if sen:
            found[on] += budget_recognised(entity=entity, kind=kind, amount=Money(sen))
    return found
