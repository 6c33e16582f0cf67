"""Statements of an account: the transfers that stand on none yet, as MT940.

For: one statement after another without a gap: each opens with the closing balance of the one before it.
Not for: when statements are issued (closing), or the layout of MT940 (bank_adapters.statements).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.sandbox_bank.errors import BooksDiffer
from app.sandbox_bank.models import Account, Statement, Transfer
from bank_adapters.contract import StatementFile, StatementLine
from bank_adapters.statements import write_mt940
from foundation.money import Money

__all__ = ["issue_statement", "needs_statement"]


def needs_statement(session: Session, account: Account, statement_on: date) -> bool:
    """True when a transfer of the account stands on no statement yet, or the day has no statement at all."""
    last = _find_last(session, account)
    if last is None or last.number == 0 or last.statement_on < statement_on:
        return True
    return bool(_list_unstated(session, account, statement_on))


def issue_statement(session: Session, account: Account, statement_on: date) -> tuple[Statement, bytes]:
    """The account's next statement with everything booked up to the day, and its MT940.

    The account is locked, so that what is being booked right now comes wholly before or wholly after.
    Raises BooksDiffer when the account's balance is not what its transfers come to.
    """
    session.refresh(account, with_for_update={"key_share": True})
    last = _find_last(session, account)
    transfers = _list_unstated(session, account, statement_on)
    lines = tuple(_line(account, number, transfer) for number, transfer in enumerate(transfers, start=1))
    opening = last.closing_sen if last else 0
    moved = sum(line.amount.sen if line.direction == "credit" else -line.amount.sen for line in lines)
    statement = Statement(
        account=account,
        number=last.number + 1 if last else 1,
        statement_on=statement_on,
        opening_sen=opening,
        closing_sen=opening + moved,
    )
    session.add(statement)
    session.flush()
    _mark(session, account, statement, transfers)
    _prove(session, account, statement)
    return statement, _write(account, statement, last, lines)


def _write(account: Account, statement: Statement, last: Statement | None, lines: tuple[StatementLine, ...]) -> bytes:
    return write_mt940(
        [
            StatementFile(
                account_no=account.number,
                statement_no=str(statement.number),
                opening_on=last.statement_on if last else statement.statement_on,
                opening=Money(statement.opening_sen),
                closing_on=statement.statement_on,
                closing=Money(statement.closing_sen),
                lines=lines,
                reference=f"ST{statement.statement_on:%y%m%d}{statement.number:06d}",
            )
        ]
    )


def _line(account: Account, number: int, transfer: Transfer) -> StatementLine:
    return StatementLine(
        line_no=number,
        value_on=transfer.booked_on,
        entry_on=transfer.booked_on,
        amount=Money(transfer.amount_sen),
        direction="credit" if transfer.to_account_id == account.id else "debit",
        bank_reference=f"SB{transfer.id:012d}",
        text=transfer.remark,
    )


def _find_last(session: Session, account: Account) -> Statement | None:
    return session.scalar(
        select(Statement).where(Statement.account_id == account.id).order_by(Statement.number.desc()).limit(1)
    )


def _list_unstated(session: Session, account: Account, statement_on: date) -> list[Transfer]:
    out = (Transfer.from_account_id == account.id) & Transfer.from_statement_id.is_(None)
    into = (Transfer.to_account_id == account.id) & Transfer.to_statement_id.is_(None)
    query = select(Transfer).where(or_(out, into), Transfer.booked_on <= statement_on).order_by(Transfer.id)
    return list(session.scalars(query))


def _mark(session: Session, account: Account, statement: Statement, transfers: list[Transfer]) -> None:
    ids = [transfer.id for transfer in transfers]
    for account_column, statement_column in (
        (Transfer.from_account_id, "from_statement_id"),
        (Transfer.to_account_id, "to_statement_id"),
    ):
        session.execute(
            update(Transfer)
            .where(Transfer.id.in_(ids), account_column == account.id)
            .values({statement_column: statement.id})
        )


def _prove(session: Session, account: Account, statement: Statement) -> None:
    """What is booked after the day is the only thing that may lie between the closing and today's balance."""
    later = _list_unstated(session, account, date.max)
    moved = sum(each.amount_sen if each.to_account_id == account.id else -each.amount_sen for each in later)
    if account.balance_sen != statement.closing_sen + moved:
        raise BooksDiffer(account=account.number)
