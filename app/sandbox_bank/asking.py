"""Asking Lunas what is owed on a virtual account, while the payer waits.

For: the inquiry (SNAP 24), and remembering its answer so that the payer pays exactly that.
Not for: the payment itself (paying).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sandbox_bank.errors import LunasRefused, LunasSilent, SandboxInputInvalid, VirtualAccountUnknown
from app.sandbox_bank.models import Account, Client, Inquiry
from app.sandbox_bank.paying import new_reference
from app.sandbox_bank.running import RunningBank
from app.sandbox_bank.wording import tell_answer
from bank_adapters.contract import VaInquiry
from bank_adapters.snap import PartnerRefused, PartnerUnreachable, VaReply
from foundation.ids import new_uid
from foundation.money import Money

__all__ = ["BANK_CODE", "CHANNEL_CODE", "ask_what_is_owed", "open_inquiry_unasked", "split_virtual_account"]

BANK_CODE = "999"
# "Mobile" in BCA's list (interfaces.md 2.9: 6000, 6010-6020).
CHANNEL_CODE = "6017"


def ask_what_is_owed(bank: RunningBank, payer: Account, number: str, *, at: datetime) -> Inquiry:
    """Ask Lunas about a virtual account number as a person types it (blanks are forgiven); the answer is kept.

    Raises SandboxInputInvalid, VirtualAccountUnknown, ClientUnknown, LunasSilent (no usable answer), or LunasRefused
    with the friendly sentence and the code; a refusal is kept too.
    """
    with bank.database.unit_of_work() as session:
        client, customer_no = split_virtual_account(session, number)
    question = VaInquiry(
        partner_service_id=client.va_prefix,
        customer_no=customer_no,
        virtual_account_no=client.va_prefix + customer_no,
        inquiry_request_id=new_reference("VA", client, at),
        channel_code=CHANNEL_CODE,
        source_bank_code=BANK_CODE,
        asked_at=at,
    )
    try:
        reply = bank.line_to_lunas(client).inquire(question)
    except (PartnerUnreachable, PartnerRefused) as fault:
        raise LunasSilent(detail=fault.message_en) from fault
    accepted = reply.response_code == "2002400" and bool(reply.total)
    with bank.database.unit_of_work() as session:
        inquiry = _keep(session, client, payer, question, reply, state="OPEN" if accepted else "REFUSED")
    if not accepted:
        told = tell_answer(reply.response_code)
        raise LunasRefused(response_code=reply.response_code, reason_id=told.text_id, reason_en=told.text_en)
    return inquiry


def open_inquiry_unasked(session: Session, payer: Account, number: str, amount: Money, *, at: datetime) -> Inquiry:
    """Misbehaviour: an inquiry that Lunas never got, so that a payment may follow without one."""
    client, customer_no = split_virtual_account(session, number)
    inquiry = Inquiry(
        uid=new_uid(), client=client, payer=payer, customer_no=customer_no,
        inquiry_request_id=new_reference("VA", client, at), response_code="", name=None, total_sen=amount.sen,
        asked_at=at, state="OPEN",
    )  # fmt: skip
    session.add(inquiry)
    session.flush()
    return inquiry


def split_virtual_account(session: Session, number: str) -> tuple[Client, str]:
    """The client whose prefix a number begins with, and the rest: the customer number, at most 20 digits.

    Raises SandboxInputInvalid or VirtualAccountUnknown.
    """
    digits = "".join(number.split())
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 28:
        raise SandboxInputInvalid(field="virtual_account", value=number[:40])
    clients = session.scalars(select(Client)).all()
    for client in sorted(clients, key=lambda each: -len(each.va_prefix)):
        rest = digits.removeprefix(client.va_prefix)
        if digits.startswith(client.va_prefix) and 1 <= len(rest) <= 20:
            return client, rest
    raise VirtualAccountUnknown(field="virtual_account", number=number[:40])


def _keep(
    session: Session, client: Client, payer: Account, question: VaInquiry, reply: VaReply, *, state: str
) -> Inquiry:
    inquiry = Inquiry(
        uid=new_uid(), client_id=client.id, payer_account_id=payer.id, customer_no=question.customer_no,
        inquiry_request_id=question.inquiry_request_id, response_code=reply.response_code, name=reply.name,
        total_sen=reply.total.sen if reply.total else None, asked_at=question.asked_at, state=state,
    )  # fmt: skip
    session.add(inquiry)
    session.flush()
    return inquiry
