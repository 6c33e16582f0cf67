"""The end of a business day: settlement, sweep to RKUD, and statements of both accounts.

For: `close_day`, by hand (office page, `lunas sandbox close-day`, JSON).
Not for: putting files into the inbox (writing_files), or what Lunas makes of them.

How a day closes
- The business date of a payment is the calendar date of paying in the region's zone.
- Everything settled by no batch yet, up to the day, is settled now: one batch, file and sweep per business date.
- A day may be closed while it runs. What is paid later on it comes in a further batch (-002 …) of the same business
  date when the day is closed again, on the statement with the following number.
- Closing again with nothing new makes nothing: the same files, byte for byte, are delivered once more.
- Every transfer stands once on one statement of each account; a statement opens where the one before it closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.sandbox_bank.bookkeeping import get_client, get_own_account, get_payer, move_money
from app.sandbox_bank.errors import SandboxInputInvalid
from app.sandbox_bank.models import BankFile, Client, Payment, SettlementBatch, Statement
from app.sandbox_bank.paying import queue_message, record_untold
from app.sandbox_bank.stating import issue_statement, needs_statement
from bank_adapters.contract import SettlementFile, SettlementLine
from bank_adapters.statements import write_settlement
from foundation.clock import business_date
from foundation.money import Money

__all__ = ["ClosedDay", "Misbehaviour", "close_day", "list_closable"]

NOTHING = Money(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """What the bank gets wrong on purpose at this close, for tests of reconciliation.

    leave_out: bank references of payments that stay out of the settlement (until the next close);
    untold: settle a payment of this amount that Lunas was never told of;
    fee_each: keep this much of every payment; sweep_short: sweep this much less than the net;
    tell_again: tell Lunas of every payment of the day once more.
    """

    leave_out: frozenset[str] = frozenset()
    untold: Money = NOTHING
    fee_each: Money = NOTHING
    sweep_short: Money = NOTHING
    tell_again: bool = False

    def describe(self) -> str:
        """What is wrong on purpose, in one line; empty when the bank behaves."""
        wrong = [
            (bool(self.leave_out), f"{len(self.leave_out)} tidak disertakan / left out"),
            (bool(self.untold), f"{self.untold.plain()} tanpa pemberitahuan / untold"),
            (bool(self.fee_each), f"biaya / fee {self.fee_each.plain()}"),
            (bool(self.sweep_short), f"pelimpahan kurang / sweep short {self.sweep_short.plain()}"),
            (self.tell_again, "diberitahukan lagi / told again"),
        ]
        return "; ".join(text for present, text in wrong if present)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """What closing made, and all files of the day to deliver: the new ones and those of earlier closes of it."""

    client: Client
    business_on: date
    batches: tuple[SettlementBatch, ...]
    statements: tuple[Statement, ...]
    files: tuple[BankFile, ...]


def close_day(
    session: Session, region: str, business_on: date, *, at: datetime, misbehaviour: Misbehaviour | None = None
) -> ClosedDay:
    """Close a business day of a region's client.

    Raises ClientUnknown, or SandboxInputInvalid for a day still to come, an unknown payment to leave out, or a fee or
    shortage above what there is; then nothing has changed.
    """
    wrong = misbehaviour or Misbehaviour()
    client = get_client(session, region, lock=True)
    if business_on > business_date(at, client.timezone):
        raise SandboxInputInvalid(field="date", value=business_on.isoformat())
    if wrong.untold:
        _add_untold(session, client, business_on, wrong.untold, at)
    if wrong.tell_again:
        for payment in _list_done(session, client, business_on):
            queue_message(session, payment, at=at)
    batches, files = _settle(session, client, business_on, wrong, at)
    statements = _state(session, client, business_on, files, at)
    session.flush()
    every_file = session.scalars(
        select(BankFile)
        .where(
            BankFile.client_id == client.id,
            (BankFile.business_on == business_on) | BankFile.id.in_([file.id for file in files]),
        )
        .order_by(BankFile.id)
    ).all()
    return ClosedDay(client, business_on, tuple(batches), tuple(statements), tuple(every_file))


def list_closable(session: Session, client: Client, business_on: date) -> list[Payment]:
    """The payments that closing this day now would settle, oldest first."""
    return list(
        session.scalars(
            select(Payment)
            .where(
                Payment.client_id == client.id,
                Payment.batch_id.is_(None),
                Payment.state == "DONE",
                Payment.business_on <= business_on,
            )
            .order_by(Payment.id)
        )
    )


def _list_done(session: Session, client: Client, business_on: date) -> list[Payment]:
    """Payments of the day that Lunas has been told of; what it was never told stays untold."""
    found = session.scalars(
        select(Payment).where(
            Payment.client_id == client.id, Payment.business_on == business_on, Payment.state == "DONE"
        )
    )
    return [payment for payment in found if payment.messages]


def _add_untold(session: Session, client: Client, business_on: date, amount: Money, at: datetime) -> None:
    payment = record_untold(session, client, get_payer(session, None), amount, at=at)
    payment.business_on = min(business_on, payment.business_on)


def _settle(
    session: Session, client: Client, business_on: date, wrong: Misbehaviour, at: datetime
) -> tuple[list[SettlementBatch], list[BankFile]]:
    waiting = list_closable(session, client, business_on)
    unknown = wrong.leave_out - {payment.bank_reference for payment in waiting}
    if unknown:
        raise SandboxInputInvalid(field="leave_out", value=", ".join(sorted(unknown)))
    settled = [payment for payment in waiting if payment.bank_reference not in wrong.leave_out]
    batches, files = [], []
    for day in sorted({payment.business_on for payment in settled}):
        payments = [payment for payment in settled if payment.business_on == day]
        # The shortage happens once, in the batch of the day that is being closed.
        short = wrong.sweep_short if day == max(payment.business_on for payment in settled) else NOTHING
        batch = _settle_one(session, client, day, payments, wrong, short, at)
        batches.append(batch)
        files.append(_settlement_file(session, client, batch, payments, wrong.fee_each, at))
        _sweep(session, client, batch, booked_on=_booking_day(session, client, business_on), at=at)
    return batches, files


def _settle_one(
    session: Session,
    client: Client,
    day: date,
    payments: Sequence[Payment],
    wrong: Misbehaviour,
    short: Money,
    at: datetime,
) -> SettlementBatch:
    earlier = session.scalar(
        select(func.count())
        .select_from(SettlementBatch)
        .where(SettlementBatch.client_id == client.id, SettlementBatch.business_on == day)
    )
    gross = sum(payment.amount_sen for payment in payments)
    fee = wrong.fee_each.sen * len(payments)
    if min(payment.amount_sen for payment in payments) < wrong.fee_each.sen:
        raise SandboxInputInvalid(field="fee_each", value=wrong.fee_each.plain())
    if short.sen > gross - fee:
        raise SandboxInputInvalid(field="sweep_short", value=short.plain())
    batch = SettlementBatch(
        client_id=client.id,
        reference=f"STL{client.region.ljust(4, '0')}{day:%y%m%d}{(earlier or 0) + 1:03d}",
        business_on=day,
        gross_sen=gross,
        fee_sen=fee,
        swept_sen=gross - fee - short.sen,
        misbehaviour=wrong.describe(),
        closed_at=at,
    )
    session.add(batch)
    session.flush()
    for payment in payments:
        payment.batch_id = batch.id
    return batch


def _sweep(session: Session, client: Client, batch: SettlementBatch, *, booked_on: date, at: datetime) -> None:
    """Holding account to RKUD under the batch's reference; a kept fee goes to the bank."""
    moves = (
        (client.rkud, batch.swept_sen, f"{batch.reference} PELIMPAHAN KE RKUD {batch.business_on:%d-%m-%Y}"),
        (get_own_account(session, "FEES"), batch.fee_sen, f"BIAYA SETTLEMENT {batch.reference}"),
    )
    for target, sen, remark in moves:
        if sen:
            move_money(
                session, source=client.holding, target=target, amount=Money(sen), remark=remark,
                booked_on=booked_on, at=at, batch_id=batch.id,
            )  # fmt: skip


def _booking_day(session: Session, client: Client, business_on: date) -> date:
    """The day being closed, or the day of the newest statement where one was issued after it."""
    accounts = (client.holding_account_id, client.rkud_account_id)
    newest = session.scalar(select(func.max(Statement.statement_on)).where(Statement.account_id.in_(accounts)))
    return max(business_on, newest) if newest else business_on


def _settlement_file(
    session: Session,
    client: Client,
    batch: SettlementBatch,
    payments: Sequence[Payment],
    fee_each: Money,
    at: datetime,
) -> BankFile:
    lines = tuple(
        SettlementLine(
            line_no=number,
            bank_reference=payment.bank_reference,
            amount=Money(payment.amount_sen),
            fee=fee_each,
            net=Money(payment.amount_sen) - fee_each,
            payment_code=payment.payment_code,
            paid_at=payment.paid_at,
            channel=payment.channel,
            partner_reference=payment.partner_reference,
            rrn=payment.rrn,
        )
        for number, payment in enumerate(payments, start=1)
    )
    content = write_settlement(
        SettlementFile(
            partner_ref=client.partner_code,
            business_on=batch.business_on,
            batch_reference=batch.reference,
            lines=lines,
            gross=Money(batch.gross_sen),
            fee=Money(batch.fee_sen),
            net=Money(batch.gross_sen - batch.fee_sen),
        )
    )
    name = f"SETTLEMENT_{client.region}_{batch.business_on:%Y%m%d}_{batch.reference[-3:]}.csv"
    return _keep_file(session, client, "settlement", batch.business_on, name, content, at)


def _state(session: Session, client: Client, business_on: date, files: list[BankFile], at: datetime) -> list[Statement]:
    """A statement of each account that has something new, or has none of this day yet."""
    issued: list[Statement] = []
    statement_on = _booking_day(session, client, business_on)
    for account in (client.holding, client.rkud):
        if not needs_statement(session, account, statement_on):
            continue
        statement, content = issue_statement(session, account, statement_on)
        name = f"MT940_{account.number}_{statement_on:%Y%m%d}_{statement.number:05d}.sta"
        files.append(_keep_file(session, client, "mt940", business_on, name, content, at))
        issued.append(statement)
    return issued


def _keep_file(
    session: Session, client: Client, kind: str, business_on: date, name: str, content: bytes, at: datetime
) -> BankFile:
    file = BankFile(
        client_id=client.id, kind=kind, business_on=business_on, name=name, content=content, made_at=at,
    )  # fmt: skip
    session.add(file)
    session.flush()
    return file
