"""The JSON that the demo and the tests drive the sandbox bank with, under /<region>/api/….

For: paying and closing the day without a browser, misbehaviour included. It answers this machine only, and takes
JSON only, which no page of another site can send here.
Not for: banks or people; there is no sign-in.

    GET  /<region>/api/payments?date=2026-11-21
    POST /<region>/api/pay-va     {"virtual_account", "payer"?, "amount"?, "without_inquiry"?, "notifications"?}
    POST /<region>/api/pay-qris   {"content", "payer"?, "after_expiry"?, "notifications"?}
    POST /<region>/api/close-day  {"date"?, "leave_out"?, "untold"?, "fee_each"?, "sweep_short"?, "tell_again"?}

`payer` is an account number (default: the fullest account), amounts are "150000.00", `leave_out` lists bank references.
`amount`, `without_inquiry`, `after_expiry`, `notifications` other than 1 and all of close-day but the date are
misbehaviour for tests. A refusal answers with its status and {"code", "message": {"id", "en"}, "field"?}.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import select

from app.sandbox_bank.asking import ask_what_is_owed, open_inquiry_unasked
from app.sandbox_bank.bookkeeping import get_client, get_payer
from app.sandbox_bank.closing import ClosedDay, Misbehaviour, close_day
from app.sandbox_bank.errors import LunasRefused, SandboxInputInvalid, SandboxLocalOnly
from app.sandbox_bank.issuing import find_scanned
from app.sandbox_bank.models import Inquiry, Payment
from app.sandbox_bank.paying import pay_qris, pay_virtual_account
from app.sandbox_bank.running import RunningBank, the_bank
from app.sandbox_bank.settings import is_loopback
from app.sandbox_bank.telling import send_for
from app.sandbox_bank.writing_files import deliver_files
from foundation import clock
from foundation.clock import business_date
from foundation.money import Money

__all__ = ["sandbox_api"]

sandbox_api = Blueprint("sandbox_api", __name__, url_prefix="/<region>/api")


@sandbox_api.before_request
def require_this_machine() -> None:
    """Refuse every other machine."""
    if not is_loopback(request.remote_addr or ""):
        raise SandboxLocalOnly()


@sandbox_api.get("/payments")
def show_payments(region: str) -> Response:
    """The payments of a business date, oldest first."""
    with the_bank().database.unit_of_work() as session:
        client = get_client(session, region)
        day = _date(request.args.get("date"), clock.today(client.timezone))
        found = session.scalars(
            select(Payment).where(Payment.client_id == client.id, Payment.business_on == day).order_by(Payment.id)
        )
        return jsonify({"business_date": day.isoformat(), "payments": [_payment(payment) for payment in found]})


@sandbox_api.post("/pay-va")
def pay_va(region: str) -> Response:
    """Inquire, confirm and pay a virtual account in one go."""
    given = _body()
    bank, at = the_bank(), clock.now()
    inquiry = _open_inquiry(bank, region, given)
    with bank.database.unit_of_work() as session:
        payment = pay_virtual_account(
            session,
            session.get_one(Inquiry, inquiry.id),
            at=at,
            amount=_amount(given, "amount"),
            notifications=_count(given, "notifications"),
        )
    return _told(bank, payment)


@sandbox_api.post("/pay-qris")
def pay_by_qris(region: str) -> Response:
    """Scan, confirm and pay a QRIS in one go."""
    given = _body()
    bank, at = the_bank(), clock.now()
    with bank.database.unit_of_work() as session:
        get_client(session, region)
        payment = pay_qris(
            session,
            find_scanned(session, _text(given, "content"), lock=True),
            get_payer(session, _find_text(given, "payer")),
            at=at,
            after_expiry=given.get("after_expiry") is True,
            notifications=_count(given, "notifications"),
        )
    return _told(bank, payment)


@sandbox_api.post("/close-day")
def close(region: str) -> Response:
    """Close a business date (default today) and deliver its files."""
    given = _body()
    bank, at = the_bank(), clock.now()
    wrong = Misbehaviour(
        leave_out=_references(given, "leave_out"),
        untold=_amount(given, "untold") or Money(0),
        fee_each=_amount(given, "fee_each") or Money(0),
        sweep_short=_amount(given, "sweep_short") or Money(0),
        tell_again=given.get("tell_again") is True,
    )
    with bank.database.unit_of_work() as session:
        today = business_date(at, get_client(session, region).timezone)
        day = close_day(session, region, _date(given.get("date"), today), at=at, misbehaviour=wrong)
    paths = deliver_files(bank, day, at=at)
    return jsonify(_closed(day, [str(path) for path in paths]))


def _open_inquiry(bank: RunningBank, region: str, given: Mapping[str, Any]) -> Inquiry:
    """An inquiry to pay. Raises LunasRefused where Lunas says no, as it would to any bank."""
    number = _text(given, "virtual_account")
    with bank.database.unit_of_work() as session:
        client = get_client(session, region)
        payer = get_payer(session, _find_text(given, "payer"))
        if given.get("without_inquiry") is True:
            amount = _amount(given, "amount")
            if amount is None:
                raise SandboxInputInvalid(field="amount", value=None)
            return open_inquiry_unasked(session, payer, number, amount, at=clock.now())
    inquiry = ask_what_is_owed(bank, payer, number, at=clock.now())
    if inquiry.client_id != client.id:
        raise LunasRefused(response_code="4042412", reason_id="Wilayah lain", reason_en="Another region")
    return inquiry


def _told(bank: RunningBank, payment: Payment) -> Response:
    """Send what is due at once, and tell how the payment stands then."""
    send_for(bank, payment.id)
    with bank.database.unit_of_work() as session:
        return jsonify(_payment(session.get_one(Payment, payment.id)))


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "payment": str(payment.uid),
        "channel": payment.channel,
        "bank_reference": payment.bank_reference,
        "payment_code": payment.payment_code,
        "partner_reference": payment.partner_reference,
        "rrn": payment.rrn,
        "amount": Money(payment.amount_sen).plain(),
        "paid_at": payment.paid_at.isoformat(),
        "business_date": payment.business_on.isoformat(),
        "state": payment.state,
        "batch": payment.batch.reference if payment.batch else None,
        "messages": [
            {
                "kind": message.kind,
                "external_id": message.external_id,
                "state": message.state,
                "tries": message.tries,
                "response_code": message.response_code,
                "response_message": message.response_message,
                "fault": message.last_fault,
            }
            for message in payment.messages
        ],
    }


def _closed(day: ClosedDay, paths: list[str]) -> dict[str, Any]:
    return {
        "region": day.client.region,
        "business_date": day.business_on.isoformat(),
        "batches": [
            {
                "reference": batch.reference,
                "business_date": batch.business_on.isoformat(),
                "gross": Money(batch.gross_sen).plain(),
                "fee": Money(batch.fee_sen).plain(),
                "swept": Money(batch.swept_sen).plain(),
                "misbehaviour": batch.misbehaviour,
            }
            for batch in day.batches
        ],
        "statements": [
            {
                "account": statement.account.number,
                "number": statement.number,
                "date": statement.statement_on.isoformat(),
                "opening": Money(statement.opening_sen).plain(),
                "closing": Money(statement.closing_sen).plain(),
            }
            for statement in day.statements
        ],
        "files": [
            {"kind": file.kind, "name": file.name, "path": path} for file, path in zip(day.files, paths, strict=True)
        ],
    }


def _body() -> Mapping[str, Any]:
    """The request's JSON object; another content type is refused, since a form of another site could send that."""
    if not request.is_json:
        abort(415)
    body = request.get_json()
    if not isinstance(body, dict):
        raise SandboxInputInvalid(field="body", value=str(body)[:40])
    return body


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise SandboxInputInvalid(field=name, value=value)
    return value


def _find_text(given: Mapping[str, Any], name: str) -> str | None:
    return None if given.get(name) is None else _text(given, name)


def _amount(given: Mapping[str, Any], name: str) -> Money | None:
    text = _find_text(given, name)
    return None if text is None else Money.parse(text, field=name)


def _references(given: Mapping[str, Any], name: str) -> frozenset[str]:
    values = given.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise SandboxInputInvalid(field=name, value=values)
    return frozenset(values)


def _count(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name, 1)
    if type(value) is not int or not 0 <= value <= 20:
        raise SandboxInputInvalid(field=name, value=value)
    return value


def _date(text: Any, otherwise: date) -> date:
    if text is None:
        return otherwise
    try:
        return date.fromisoformat(str(text))
    except ValueError as fault:
        raise SandboxInputInvalid(field="date", value=text) from fault
