"""The sandbox bank's back office: each client's accounts, its day, and closing it, well or wrongly on purpose.

For: whoever tries Lunas and plays the bank.
Not for: the payer (pages) or programs (api).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response as AnyResponse

from app.sandbox_bank.bookkeeping import get_client, list_clients
from app.sandbox_bank.closing import Misbehaviour, close_day, list_closable
from app.sandbox_bank.errors import PaymentUnknown, SandboxInputInvalid
from app.sandbox_bank.models import BankFile, Client, Payment, SettlementBatch
from app.sandbox_bank.running import the_bank
from app.sandbox_bank.showing import show_client, show_payment
from app.sandbox_bank.writing_files import deliver_files
from foundation import clock
from foundation.clock import on_screen_date
from foundation.errors import LunasError
from foundation.money import Money

__all__ = ["office_pages"]

office_pages = Blueprint("office_pages", __name__, url_prefix="/kantor")
_MOST_ROWS = 200
_AMOUNTS = ("untold", "fee_each", "sweep_short")
Answer = str | tuple[str, int] | AnyResponse


@office_pages.get("/")
def show_clients() -> str:
    """The regions that are clients."""
    with the_bank().database.unit_of_work() as unit:
        clients = [show_client(client) for client in list_clients(unit)]
    return render_template("office.html", clients=clients)


@office_pages.get("/<region>")
def show_day(region: str) -> str:
    """A client's day (?tanggal=2026-11-21, default today): what would be settled, and what has been."""
    with the_bank().database.unit_of_work() as unit:
        client = get_client(unit, region)
        return render_template("office_day.html", **_day(unit, client, _date(client)), error=None)


@office_pages.post("/<region>/tutup")
def close(region: str) -> Answer:
    """Close the day and deliver its files; the page of the day then shows them."""
    bank, at = the_bank(), clock.now()
    try:
        with bank.database.unit_of_work() as unit:
            business_on = _date(get_client(unit, region))
            closed = close_day(unit, region, business_on, at=at, misbehaviour=_misbehaviour())
        deliver_files(bank, closed, at=at)
    except LunasError as refusal:
        with bank.database.unit_of_work() as unit:
            client = get_client(unit, region)
            shown = _day(unit, client, clock.today(client.timezone))
        return render_template("office_day.html", **shown, error=refusal), refusal.http_status
    return redirect(url_for(".show_day", region=region, tanggal=business_on.isoformat(), ditutup="1"))


@office_pages.get("/<region>/berkas/<name>")
def download(region: str, name: str) -> Response:
    """A file as it was delivered."""
    with the_bank().database.unit_of_work() as unit:
        client = get_client(unit, region)
        file = unit.scalar(select(BankFile).where(BankFile.client_id == client.id, BankFile.name == name))
        if file is None:
            raise PaymentUnknown()
        response = Response(file.content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    return response


def _day(unit: Session, client: Client, day: date) -> dict[str, Any]:
    """What the page of a day shows."""
    of_client = (Payment.client_id == client.id, Payment.business_on == day)
    newest = select(Payment).where(*of_client).order_by(Payment.id.desc()).limit(_MOST_ROWS)
    payments = unit.scalars(newest.options(selectinload(Payment.messages), selectinload(Payment.payer))).all()
    batches = unit.scalars(
        select(SettlementBatch)
        .where(SettlementBatch.client_id == client.id, SettlementBatch.business_on == day)
        .order_by(SettlementBatch.id)
    )
    files = unit.scalars(
        select(BankFile).where(BankFile.client_id == client.id, BankFile.business_on == day).order_by(BankFile.id)
    )
    waiting = list_closable(unit, client, day)
    return {
        "client": show_client(client),
        "day": day.isoformat(),
        "day_on_screen": on_screen_date(day),
        "today": clock.today(client.timezone).isoformat(),
        "closed": request.args.get("ditutup") == "1",
        "waiting": [
            {"reference": payment.bank_reference, "amount": Money(payment.amount_sen).on_screen()}
            for payment in waiting[:_MOST_ROWS]
        ],
        "waiting_count": len(waiting),
        "waiting_total": Money(sum(payment.amount_sen for payment in waiting)).on_screen(),
        "payments": [show_payment(payment) for payment in payments],
        "batches": [
            {
                "reference": batch.reference,
                "gross": Money(batch.gross_sen).on_screen(),
                "fee": Money(batch.fee_sen).on_screen(),
                "swept": Money(batch.swept_sen).on_screen(),
                "misbehaviour": batch.misbehaviour,
            }
            for batch in batches
        ],
        "files": [{"kind": file.kind, "name": file.name, "size": len(file.content)} for file in files],
        "inbox": str(the_bank().settings.inbox / client.region),
    }


def _misbehaviour() -> Misbehaviour:
    """What the form's part "wrong on purpose" asks for; an empty amount is none."""
    given = {name: request.form.get(name, "").strip() for name in _AMOUNTS}
    amounts = {name: Money.parse(text, field=name) for name, text in given.items() if text}
    return Misbehaviour(
        leave_out=frozenset(request.form.getlist("leave_out")),
        tell_again=request.form.get("tell_again") == "1",
        **amounts,
    )


def _date(client: Client) -> date:
    text = request.values.get("tanggal", "").strip()
    if not text:
        return clock.today(client.timezone)
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise SandboxInputInvalid(field="tanggal", value=text[:20]) from fault
