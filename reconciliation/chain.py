"""The statements of one account in their order: where the chain began, and where it is broken.

For: what RKUD and holding accounts have in common: the latest statement as of a date, and the gaps before it, told by
balances that do not meet or, where what is missing moved nothing on the whole, by numbers that were left out.
Not for: the books beside it (rkud_check, holding_check).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.money import Money
from reconciliation.differences import Difference
from reconciliation.models import BankStatement

__all__ = ["Chain", "find_chain"]


@dataclass(frozen=True, slots=True)
class Chain:
    """The statements of an account up to a date, oldest first, and what is missing between them."""

    statements: tuple[BankStatement, ...]
    gaps: tuple[Difference, ...]

    @property
    def first(self) -> BankStatement:
        """The statement with which the account came to Lunas."""
        return self.statements[0]

    @property
    def last(self) -> BankStatement:
        """The statement as of the date."""
        return self.statements[-1]

    @property
    def begins_after(self) -> date:
        """The last day that the first statement's opening balance covers.

        Some banks date an opening balance with the day before, some with the statement's own first day.
        """
        first = self.first
        return first.opening_on if first.opening_on < first.closing_on else first.opening_on - timedelta(days=1)

    @property
    def missing(self) -> Money:
        """What the missing statements moved."""
        return Money(sum(gap.amount.sen for gap in self.gaps))


def find_chain(session: Session, account_no: str, *, on: date) -> Chain | None:
    """The chain of an account's statements that close on or before a date, or None when there is none."""
    rows = session.scalars(
        select(BankStatement).where(BankStatement.account_no == account_no, BankStatement.closing_on <= on)
    ).all()
    # A number without its leading zeros may still be text ("12A"): shorter first, then as written.
    statements = tuple(
        sorted(rows, key=lambda each: (each.closing_on, each.opening_on, len(each.statement_no), each.statement_no))
    )
    if not statements:
        return None
    gaps = [gap for before, after in pairwise(statements) if (gap := _gap_between(before, after)) is not None]
    return Chain(statements, tuple(gaps))


def _gap_between(before: BankStatement, after: BankStatement) -> Difference | None:
    """What is missing between two statements, by the balances first: only they say what it moved."""
    moved = Money(after.opening_sen - before.closing_sen)
    left_out = _numbers_left_out(before, after)
    if not moved and not left_out:
        return None
    return Difference(
        code="MISSING_STATEMENT" if moved else "STATEMENT_NUMBER_MISSING",
        amount=moved,
        reference=f"{after.statement_no} ({after.account_no})",
        partner=after.partner,
        account_no=after.account_no,
        on=after.opening_on,
        link_kind="statement",
        link_uid=after.uid,
        facts={"before": before.statement_no, "count": left_out},
    )


def _numbers_left_out(before: BankStatement, after: BankStatement) -> int:
    """How many numbers lie between two statements of one year; 0 where numbers tell nothing.

    A bank begins again with each year (some with each month), and a number with letters or pages has no next one.
    """
    numbers = (before.statement_no, after.statement_no)
    if before.closing_on.year != after.closing_on.year or not all(no.isascii() and no.isdigit() for no in numbers):
        return 0
    return max(int(numbers[1]) - int(numbers[0]) - 1, 0)
