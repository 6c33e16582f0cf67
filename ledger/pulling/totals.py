"""What the entries of a pull come to, worked out by the database apart from the rows that are written.

For: manifests, and the balances that an hledger journal asserts.
Not for: balances as such (ledger.balances).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.moments import Moment
from ledger.pulling.filters import entry_condition

__all__ = ["AccountTotal", "EntryTotals", "total_entries"]


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """All postings of the chosen entries on one account of one entity."""

    book: str
    entity: str
    account: str
    account_name: str
    debit: Money
    credit: Money
    postings: int


@dataclass(frozen=True, slots=True)
class EntryTotals:
    """How many entries were chosen, their last accounting date, and what they come to per account in order."""

    entries: int
    last_day: date | None
    accounts: tuple[AccountTotal, ...]

    @property
    def postings(self) -> int:
        """How many postings the entries have."""
        return sum(each.postings for each in self.accounts)

    def by_book(self) -> dict[str, dict[str, Money]]:
        """{"F": {"debit": …, "credit": …}, …}, for books that have any."""
        found: dict[str, dict[str, Money]] = {}
        for each in self.accounts:
            sums = found.setdefault(each.book, {"debit": Money(0), "credit": Money(0)})
            sums["debit"] += each.debit
            sums["credit"] += each.credit
        return found


def total_entries(session: Session, moment: Moment, wanted: Mapping[str, Any]) -> EntryTotals:
    """Count and sum the entries that the filters choose as of a moment, with all their postings."""
    condition, values = entry_condition(wanted)
    entries, last_day = session.execute(
        text(f"SELECT count(*), max(e.accounted_on) FROM journal_entry e WHERE {moment.settled}{condition}"),  # noqa: S608 - fixed texts; values are bound
        values,
    ).one()
    rows = session.execute(
        text(f"""
            SELECT a.book, n.code, a.code, (array_agg(a.name ORDER BY a.valid_from DESC))[1],
                sum(s.debit)::bigint AS debit, sum(s.credit)::bigint AS credit, sum(s.postings)::bigint AS postings
            FROM (
                SELECT p.account_id, p.entity_id, count(*) AS postings,
                    coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'debit'), 0) AS debit,
                    coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'credit'), 0) AS credit
                FROM journal_entry e JOIN posting p ON p.entry_id = e.id
                WHERE {moment.settled}{condition}
                GROUP BY p.account_id, p.entity_id
            ) s
            JOIN account a ON a.id = s.account_id
            JOIN entity n ON n.id = s.entity_id
            GROUP BY a.book, n.code, a.code
            ORDER BY a.book, n.code COLLATE "C", a.code COLLATE "C"
        """),  # noqa: S608 - fixed texts; values are bound
        values,
    )
    accounts = tuple(
        AccountTotal(row[0], row[1], row[2], row[3], Money(row.debit), Money(row.credit), row.postings) for row in rows
    )
    return EntryTotals(entries, last_day, accounts)
