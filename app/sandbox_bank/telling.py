"""Telling Lunas of payments: each message is sent, and sent again, until Lunas answers yes or no.

For: the first attempt while the payer waits, and the thread that repeats what is still open.
Not for: what a message says of money (paying).

A repeat carries the same external id and the same body; a virtual account payment that Lunas may have received
already says so (flagAdvise "Y"). No transaction is open while Lunas is being called.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sandbox_bank.asking import BANK_CODE, CHANNEL_CODE
from app.sandbox_bank.errors import ClientUnknown
from app.sandbox_bank.models import Message, Payment
from app.sandbox_bank.paying import record_answer
from app.sandbox_bank.running import RunningBank
from bank_adapters.contract import QRIS_SUCCESS, QrisNotification, VaPayment
from bank_adapters.snap import PartnerRefused, PartnerUnreachable
from foundation import clock
from foundation.luhn import check_digit
from foundation.money import Money

__all__ = ["Teller", "send_for", "send_message", "send_waiting"]

# While a message is on its way nobody else sends it; longer than any call may take.
_ON_ITS_WAY = timedelta(seconds=30)
_LONGEST_PAUSE = 60
_ISSUER = "Bank Sandbox"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How one attempt ended: `accepted` is None while there is no answer."""

    accepted: bool | None
    response_code: str | None = None
    response_message: str | None = None
    fault: str | None = None
    unsure: bool = False


def send_message(bank: RunningBank, message_id: int) -> None:
    """Make one attempt, unless the message is answered or another one is sending it right now."""
    with bank.database.unit_of_work() as session:
        message = session.scalar(
            select(Message)
            .where(Message.id == message_id, Message.state == "WAITING", Message.next_try_at <= clock.now())
            .with_for_update(skip_locked=True, key_share=True)
        )
        if message is None:
            return
        # Tried, and nothing written down of how it ended: the program was killed while the message was on its way.
        if message.tries and message.last_fault is None:
            message.maybe_received = True
        message.tries += 1
        message.last_fault = None
        message.next_try_at = clock.now() + _ON_ITS_WAY
        payment = message.payment
        _ = (payment.client, payment.payer)  # read now: the call is made after this unit of work
    outcome = _attempt(bank, message, payment)
    with bank.database.unit_of_work() as session:
        _record(
            session, session.get_one(Message, message_id, with_for_update={"key_share": True}), outcome, at=clock.now()
        )


def send_for(bank: RunningBank, payment_id: int) -> None:
    """Make one attempt for each open message of a payment, while its payer waits."""
    with bank.database.unit_of_work() as session:
        opened = select(Message.id).where(Message.payment_id == payment_id, Message.state == "WAITING")
        due = session.scalars(opened.order_by(Message.id)).all()
    for message_id in due:
        send_message(bank, message_id)


def send_waiting(bank: RunningBank, *, most: int = 50) -> int:
    """Make one attempt for each message that is due, oldest first; how many there were."""
    with bank.database.unit_of_work() as session:
        due = session.scalars(
            select(Message.id)
            .where(Message.state == "WAITING", Message.next_try_at <= clock.now())
            .order_by(Message.id)
            .limit(most)
        ).all()
    for message_id in due:
        send_message(bank, message_id)
    return len(due)


class Teller(threading.Thread):
    """Repeats what is open, once a second, for as long as the program runs."""

    def __init__(self, bank: RunningBank, *, every_seconds: float = 1.0) -> None:
        """A daemon: what it leaves open is taken up again at the next start."""
        super().__init__(name="sandbox-bank-teller", daemon=True)
        self._bank = bank
        self._every = every_seconds
        self._ended = threading.Event()

    def run(self) -> None:
        """Until `stop`; a fault is told in the log and the next round tries again."""
        while not self._ended.wait(self._every):
            try:
                send_waiting(self._bank)
            except Exception:  # noqa: BLE001 - told in the log; the thread must live, or nothing would be repeated
                structlog.get_logger().exception("sandbox_bank.teller_failed")

    def stop(self) -> None:
        """End after the round that is under way."""
        self._ended.set()


def _attempt(bank: RunningBank, message: Message, payment: Payment) -> _Outcome:
    try:
        line = bank.line_to_lunas(payment.client)
        if message.kind == "VA_PAYMENT":
            reply = line.pay(_va_payment(message, payment), external_id=message.external_id)
            first_status = reply.status
        else:
            answer = line.notify_qris(_notification(payment), external_id=message.external_id)
            return _judge(answer.response_code, answer.response_message, None)
        return _judge(reply.response_code, reply.response_message, first_status)
    except PartnerUnreachable as fault:
        return _Outcome(None, fault=fault.message_en, unsure=True)
    except (PartnerRefused, ClientUnknown) as fault:
        return _Outcome(None, fault=fault.message_en)


def _judge(code: str, message: str, status: str | None) -> _Outcome:
    """Yes, no, or no answer yet: trouble at Lunas's side (5xx, 429, 202) and a key it does not know are no answer."""
    if code.startswith("200"):
        return _Outcome(True, code, message)
    if code[:3] + code[5:] == "40418" and status == "00":
        return _Outcome(True, code, message)
    if code[0] == "4" and code[:3] not in ("401", "429"):
        return _Outcome(False, code, message)
    return _Outcome(None, code, message, fault=f"{code} {message}", unsure=code[:3] != "401")


def _record(session: Session, message: Message, outcome: _Outcome, *, at: datetime) -> None:
    message.response_code = outcome.response_code
    message.response_message = outcome.response_message
    message.last_fault = outcome.fault[:300] if outcome.fault else None
    if outcome.accepted is None:
        message.maybe_received = message.maybe_received or outcome.unsure
        message.next_try_at = at + timedelta(seconds=min(2 ** min(message.tries, 10), _LONGEST_PAUSE))
        return
    message.state = "ACCEPTED" if outcome.accepted else "REFUSED"
    message.answered_at = at
    if message.kind == "VA_PAYMENT":
        record_answer(session, message.payment, accepted=outcome.accepted, at=at)


def _va_payment(message: Message, payment: Payment) -> VaPayment:
    client = payment.client
    customer_no = payment.payment_code or ""
    amount = Money(payment.amount_sen)
    return VaPayment(
        partner_service_id=client.va_prefix,
        customer_no=customer_no,
        virtual_account_no=client.va_prefix + customer_no,
        payment_request_id=payment.bank_reference,
        paid_amount=amount,
        total_amount=amount,
        trx_at=payment.paid_at,
        reference_no=payment.bank_reference,
        channel_code=CHANNEL_CODE,
        source_bank_code=BANK_CODE,
        flag_advise=message.maybe_received,
        virtual_account_name=payment.payee_name,
    )


def _notification(payment: Payment) -> QrisNotification:
    mpan = payment.client.mpan
    return QrisNotification(
        original_reference_no=payment.bank_reference,
        original_partner_reference_no=payment.partner_reference,
        latest_status=QRIS_SUCCESS,
        amount=Money(payment.amount_sen),
        rrn=payment.rrn,
        mpan=mpan + check_digit(mpan),
        issuer=_ISSUER,
        paid_at=payment.paid_at,
    )
