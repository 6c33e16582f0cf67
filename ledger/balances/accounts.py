"""Balances per account, and the trial balance (neraca saldo), as of an accounting date and as known at a moment.

For: the treasury's balances, financial statements, closing a year.
Not for: the entries behind them (ledger.pulling), or balances of a role (ledger.balances.roles).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.asking import check_asked
from ledger.balances.knowing import is_known_finally
from ledger.balances.sums import AccountSums, on_side, sums_by_account
from ledger.moments import Moment

__all__ = ["AccountBalance", "TrialBalance", "TrialBalanceLine", "account_balances", "trial_balance"]


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account of one entity: sums of both sides, and the balance on its normal side (negative: on the other)."""

    book: str
    entity: str
    account: str
    account_name: str
    normal_side: str
    debit: Money
    credit: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class TrialBalanceLine:
    """One account of one entity in a trial balance.

    `opening` and `closing` are balances on the normal side (negative: on the other); `debit` and `credit` are what
    moved between. In the two columns of a neraca saldo the closing balance stands as `closing_debit` or
    `closing_credit`; the other is zero.
    """

    book: str
    entity: str
    account: str
    account_name: str
    normal_side: str
    opening: Money
    debit: Money
    credit: Money
    closing: Money
    closing_debit: Money
    closing_credit: Money


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """A trial balance of [since, on] by book, entity and account; per book and entity both columns come to the same.

    `final` says of one as known at a moment that it can no longer change; of others it says nothing (True).
    """

    since: date
    on: date
    known_at: datetime | None
    before_closing: bool
    lines: tuple[TrialBalanceLine, ...]
    final: bool = True

    def totals(self, book: str) -> tuple[Money, Money]:
        """The two columns of a book: all debit balances, all credit balances."""
        chosen = [line for line in self.lines if line.book == book]
        return (
            Money(sum(line.closing_debit.sen for line in chosen)),
            Money(sum(line.closing_credit.sen for line in chosen)),
        )


def account_balances(
    session: Session,
    *,
    on: date | None = None,
    since: date | None = None,
    known_at: datetime | None = None,
    account: str | None = None,
    entity: str | None = None,
    book: str | None = None,
    moment: Moment | None = None,
) -> list[AccountBalance]:
    """Every account that has postings, by book, entity and code; `account` stands for itself and all below it.

    `on` takes what is accounted until that date, `since` only what is accounted from that date (a year's movement),
    `known_at` only what was known at that moment (final if `known_until` says so); `moment` only what was settled when
    it was taken. Raises DatesReversed, AccountUnknown, MomentAhead.
    """
    check_asked(session, {"since": since, "on": on, "account": account}, first="since", last="on")
    rows = sums_by_account(
        session, since=since, on=on, known_at=known_at, account=account, entity=entity, book=book, moment=moment
    )
    return [
        AccountBalance(
            book=row.book,
            entity=row.entity,
            account=row.account,
            account_name=row.account_name,
            normal_side=row.normal_side,
            debit=Money(row.debit),
            credit=Money(row.credit),
            balance=on_side(row.normal_side, row.debit, row.credit),
        )
        for row in rows
        if row.debit or row.credit
    ]


def trial_balance(
    session: Session,
    *,
    since: date,
    on: date,
    known_at: datetime | None = None,
    account: str | None = None,
    entity: str | None = None,
    book: str | None = None,
    before_closing: bool = False,
    moment: Moment | None = None,
) -> TrialBalance:
    """The trial balance of the accounting dates since … on (a year: 1 January to 31 December).

    `known_at` gives it as it was known at that moment. `before_closing` leaves the closing entries of these dates
    out, as a year's LRA and LO need it once the year is closed. `moment` gives what was settled when it was taken.
    Accounts that never moved are not listed. Raises DatesReversed, AccountUnknown, MomentAhead.
    """
    check_asked(session, {"since": since, "on": on, "account": account}, first="since", last="on")
    final = is_known_finally(session, known_at)
    rows = sums_by_account(
        session,
        since=since,
        on=on,
        known_at=known_at,
        account=account,
        entity=entity,
        book=book,
        before_closing=before_closing,
        moment=moment,
    )
    return TrialBalance(since, on, known_at, before_closing, tuple(_line(row) for row in rows), final)


def _line(row: AccountSums) -> TrialBalanceLine:
    difference = row.opening_debit + row.debit - row.opening_credit - row.credit
    return TrialBalanceLine(
        book=row.book,
        entity=row.entity,
        account=row.account,
        account_name=row.account_name,
        normal_side=row.normal_side,
        opening=on_side(row.normal_side, row.opening_debit, row.opening_credit),
        debit=Money(row.debit),
        credit=Money(row.credit),
        closing=on_side(row.normal_side, difference, 0),
        closing_debit=Money(max(difference, 0)),
        closing_credit=Money(max(-difference, 0)),
    )
