"""Sums per account and entity between two dates, as known at a moment.

For: the other modules of this room, which turn sums into balances, consolidation, and the account ledger's sections.
Not for: how they are kept (ledger.balances.rolling and its migration).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.balances.knowing import KNOWN_AT, refuse_ahead
from ledger.drafts import CREDIT, DEBIT
from ledger.moments import Moment
from ledger.queries import ACCOUNT_AND_BELOW, ENTITY_ID

__all__ = ["AccountSums", "on_side", "sums_by_account"]

# A row of the chart on which nothing is left to count does not name its account either.
_SUMS = """
SELECT a.book, n.code AS entity, a.code AS account, (array_agg(a.name ORDER BY a.valid_from DESC))[1] AS account_name,
    min(a.normal_side) AS normal_side,
    sum(s.opening_debit)::bigint AS opening_debit, sum(s.opening_credit)::bigint AS opening_credit,
    sum(s.debit)::bigint AS debit, sum(s.credit)::bigint AS credit, max(a.valid_from) AS named_since
FROM (
    SELECT x.account_id, x.entity_id, sum(x.opening_debit) AS opening_debit, sum(x.opening_credit) AS opening_credit,
        sum(CASE WHEN x.closing AND :before_closing THEN 0 ELSE x.debit END) AS debit,
        sum(CASE WHEN x.closing AND :before_closing THEN 0 ELSE x.credit END) AS credit
    FROM (
        SELECT k.account_id, k.entity_id, k.partner, k.closing, k.opening_debit, k.opening_credit, k.debit, k.credit
        FROM ledger_sums(
            CAST(:since AS date), CAST(:on_date AS date), CAST(:known_at AS timestamptz), {accounts}, {entity}
        ) k
        {unsettled}
    ) x
    WHERE CAST(:partner AS varchar) IS NULL OR x.partner = :partner
    GROUP BY x.account_id, x.entity_id
    HAVING sum(x.opening_debit + x.opening_credit + CASE WHEN x.closing AND :before_closing THEN 0
        ELSE x.debit + x.credit END) > 0
) s
JOIN account a ON a.id = s.account_id
JOIN entity n ON n.id = s.entity_id
WHERE CAST(:book AS varchar) IS NULL OR a.book = :book
GROUP BY a.book, n.code, a.code
ORDER BY a.book, n.code, a.code
"""

# What `ledger_sums` counts and a reader who pinned a moment must not see, with the opposite sign.
_UNSETTLED = """
UNION ALL
SELECT p.account_id, p.entity_id, p.partner, EXISTS (
        SELECT 1 FROM adjusting_kind k WHERE k.kind = e.kind AND k.nature = 'closing'),
    CASE WHEN p.accounted_on < CAST(:since AS date) AND p.side = 'debit' THEN -p.amount_sen ELSE 0 END,
    CASE WHEN p.accounted_on < CAST(:since AS date) AND p.side = 'credit' THEN -p.amount_sen ELSE 0 END,
    CASE WHEN p.accounted_on < CAST(:since AS date) OR p.side = 'credit' THEN 0 ELSE -p.amount_sen END,
    CASE WHEN p.accounted_on < CAST(:since AS date) OR p.side = 'debit' THEN 0 ELSE -p.amount_sen END
FROM journal_entry e JOIN posting p ON p.entry_id = e.id
WHERE {unsettled} AND (CAST(:on_date AS date) IS NULL OR p.accounted_on <= :on_date)
    AND (CAST(:known_at AS timestamptz) IS NULL OR {known})
    AND (CAST(:account AS varchar) IS NULL OR p.account_id IN {account_and_below})
    AND (CAST(:entity AS varchar) IS NULL OR p.entity_id = {entity_id})
"""


@dataclass(frozen=True, slots=True)
class AccountSums:
    """One account of one entity, in sen: both sides before the first date, and from it on.

    Its name is that of the newest row of its code that was posted on, which began on `named_since`.
    """

    book: str
    entity: str
    account: str
    account_name: str
    normal_side: str
    opening_debit: int
    opening_credit: int
    debit: int
    credit: int
    named_since: date


def sums_by_account(
    session: Session,
    *,
    since: date | None,
    on: date | None,
    known_at: datetime | None,
    account: str | None = None,
    entity: str | None = None,
    book: str | None = None,
    partner: str | None = None,
    before_closing: bool = False,
    moment: Moment | None = None,
) -> list[AccountSums]:
    """Every account that moved until `on`, by book, entity and code; `account` stands for itself and all below it.

    With `before_closing` closing entries from `since` on are left out; with `moment` all that was not settled then.
    Raises MomentAhead.
    """
    refuse_ahead(known_at)
    unsettled = (
        ""
        if moment is None
        else _UNSETTLED.format(
            unsettled=moment.unsettled, known=KNOWN_AT, account_and_below=ACCOUNT_AND_BELOW, entity_id=ENTITY_ID
        )
    )
    statement = _SUMS.format(
        unsettled=unsettled,
        accounts="NULL" if account is None else f"ARRAY{ACCOUNT_AND_BELOW}",
        # An entity that is not there has no postings: 0 is nobody's id.
        entity="NULL" if entity is None else f"coalesce({ENTITY_ID}, 0)",
    )
    values: dict[str, Any] = {"since": since, "on_date": on, "known_at": known_at, "book": book}
    values |= {"account": account, "entity": entity, "partner": partner, "before_closing": before_closing}
    return [AccountSums(*row) for row in session.execute(text(statement), values)]


def on_side(normal_side: str, debit: int, credit: int) -> Money:
    """The balance on an account's normal side; negative: it stands on the other one."""
    return Money({DEBIT: debit - credit, CREDIT: credit - debit}[normal_side])
