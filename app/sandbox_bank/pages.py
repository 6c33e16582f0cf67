"""The payer's mobile bank: choose an invented customer, scan a QRIS or type a virtual account, confirm, done.

For: people who try Lunas; every page works on a phone and without JavaScript.
Not for: the bank's back office (office_pages) or programs (api). There is no password: nobody's money is here.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.sandbox_bank.asking import ask_what_is_owed
from app.sandbox_bank.bookkeeping import find_payer, list_payers
from app.sandbox_bank.errors import PayerUnknown, PaymentUnknown, QrImageUnreadable
from app.sandbox_bank.issuing import find_scanned, require_payable
from app.sandbox_bank.models import Account, Inquiry, Payment, Qris
from app.sandbox_bank.paying import pay_qris, pay_virtual_account
from app.sandbox_bank.running import the_bank
from app.sandbox_bank.scanning import can_read_images, read_qr_image
from app.sandbox_bank.showing import confirm_inquiry, confirm_qris, show_payer, show_payment
from app.sandbox_bank.telling import send_for
from foundation import clock
from foundation.errors import LunasError

__all__ = ["payer_pages"]

payer_pages = Blueprint("payer_pages", __name__)
_PAYER = "payer"
_RECENT = 10
Answer = str | tuple[str, int] | AnyResponse


@payer_pages.get("/")
def choose_payer() -> str:
    """Who pays: the list of invented customers."""
    with the_bank().database.unit_of_work() as unit:
        payers = [show_payer(account) for account in list_payers(unit)]
    return render_template("payers.html", payers=payers, error=None)


@payer_pages.post("/masuk")
def enter() -> Answer:
    """Become one of the customers for this session."""
    with the_bank().database.unit_of_work() as unit:
        payer = find_payer(unit, request.form.get("payer"))
        payers = [show_payer(account) for account in list_payers(unit)]
    if payer is None:
        refusal = PayerUnknown(field="payer")
        return render_template("payers.html", payers=payers, error=refusal), refusal.http_status
    session.clear()
    session[_PAYER] = str(payer.uid)
    return redirect(url_for(".show_home"))


@payer_pages.post("/keluar")
def leave() -> AnyResponse:
    """Be nobody again."""
    session.clear()
    return redirect(url_for(".choose_payer"))


@payer_pages.get("/beranda")
def show_home() -> str:
    """The balance, the two ways to pay, and the latest payments."""
    with the_bank().database.unit_of_work() as unit:
        payer = _payer(unit)
        recent = select(Payment).where(Payment.payer_account_id == payer.id).order_by(Payment.id.desc())
        payments = [show_payment(payment) for payment in unit.scalars(recent.limit(_RECENT))]
        return render_template("home.html", payer=show_payer(payer), payments=payments)


@payer_pages.get("/va")
def type_account() -> str:
    """Type a virtual account number; a link may bring it along as ?nomor=…."""
    with the_bank().database.unit_of_work() as unit:
        payer = show_payer(_payer(unit))
    return render_template("va.html", payer=payer, number=request.args.get("nomor", "")[:40], error=None)


@payer_pages.post("/va")
def ask_lunas() -> Answer:
    """Ask Lunas what is owed."""
    number = request.form.get("nomor", "")[:40]
    with the_bank().database.unit_of_work() as unit:
        payer = _payer(unit)
    try:
        inquiry = ask_what_is_owed(the_bank(), payer, number, at=clock.now())
    except LunasError as refusal:
        page = render_template("va.html", payer=show_payer(payer), number=number, error=refusal)
        return page, refusal.http_status
    return redirect(url_for(".confirm_account", uid=inquiry.uid))


@payer_pages.get("/va/<uuid:uid>")
def confirm_account(uid: UUID) -> Answer:
    """Name and amount as Lunas answered; one that is paid already leads to its payment."""
    with the_bank().database.unit_of_work() as unit:
        payer = _payer(unit)
        inquiry = _inquiry(unit, payer, uid)
        paid = _find_payment(unit, inquiry.inquiry_request_id)
        if paid is not None:
            return redirect(url_for(".show_done", uid=paid.uid))
        return render_template("confirm.html", payer=show_payer(payer), shown=confirm_inquiry(inquiry), error=None)


@payer_pages.post("/va/<uuid:uid>")
def pay_account(uid: UUID) -> Answer:
    """Debit, tell Lunas, and show what it answered. Pressed twice, it pays once."""
    bank = the_bank()
    with bank.database.unit_of_work() as unit:
        payer = _payer(unit)
        inquiry = _inquiry(unit, payer, uid)
        paid = _find_payment(unit, inquiry.inquiry_request_id)
        shown = confirm_inquiry(inquiry)
    try:
        if paid is None:
            with bank.database.unit_of_work() as unit:
                paid = pay_virtual_account(unit, unit.get_one(Inquiry, inquiry.id), at=clock.now())
    except LunasError as refusal:
        page = render_template("confirm.html", payer=show_payer(payer), shown=shown, error=refusal)
        return page, refusal.http_status
    send_for(bank, paid.id)
    return redirect(url_for(".show_done", uid=paid.uid))


@payer_pages.get("/qris")
def scan() -> str:
    """Upload a picture of a QRIS, or paste its text."""
    with the_bank().database.unit_of_work() as unit:
        payer = show_payer(_payer(unit))
    return render_template("qris.html", payer=payer, can_scan=can_read_images(), content="", error=None)


@payer_pages.post("/qris")
def read_scan() -> Answer:
    """Read the code, and show what it asks for if the sandbox bank can pay it."""
    content = request.form.get("teks", "").strip()[:600]
    with the_bank().database.unit_of_work() as unit:
        payer = _payer(unit)
    try:
        content = _scanned() or content
        with the_bank().database.unit_of_work() as unit:
            qris = find_scanned(unit, content)
            require_payable(qris, at=clock.now())
    except LunasError as refusal:
        page = render_template(
            "qris.html", payer=show_payer(payer), can_scan=can_read_images(), content=content, error=refusal
        )
        return page, refusal.http_status
    return redirect(url_for(".confirm_scan", reference=qris.reference_no))


@payer_pages.get("/qris/<reference>")
def confirm_scan(reference: str) -> Answer:
    """Merchant and amount of a scanned code; one that this customer has paid leads to its payment."""
    with the_bank().database.unit_of_work() as unit:
        payer = _payer(unit)
        qris = _qris(unit, reference)
        paid = _find_payment(unit, reference)
        if paid is not None and paid.payer_account_id == payer.id:
            return redirect(url_for(".show_done", uid=paid.uid))
        return render_template("confirm.html", payer=show_payer(payer), shown=confirm_qris(qris), error=None)


@payer_pages.post("/qris/<reference>")
def pay_scan(reference: str) -> Answer:
    """Debit, and tell Lunas. Pressed twice, it pays once."""
    bank = the_bank()
    with bank.database.unit_of_work() as unit:
        payer = _payer(unit)
        qris = _qris(unit, reference)
        paid = _find_payment(unit, reference)
        shown = confirm_qris(qris)
    try:
        if paid is None or paid.payer_account_id != payer.id:
            with bank.database.unit_of_work() as unit:
                paid = pay_qris(unit, unit.get_one(Qris, qris.id), unit.get_one(Account, payer.id), at=clock.now())
    except LunasError as refusal:
        page = render_template("confirm.html", payer=show_payer(payer), shown=shown, error=refusal)
        return page, refusal.http_status
    send_for(bank, paid.id)
    return redirect(url_for(".show_done", uid=paid.uid))


@payer_pages.get("/pembayaran/<uuid:uid>")
def show_done(uid: UUID) -> str:
    """A payment: its reference, and what Lunas answered."""
    with the_bank().database.unit_of_work() as unit:
        payer = _payer(unit)
        payment = unit.scalar(select(Payment).where(Payment.uid == uid, Payment.payer_account_id == payer.id))
        if payment is None:
            raise PaymentUnknown()
        return render_template("payment.html", payer=show_payer(payer), payment=show_payment(payment))


def _payer(unit: Session) -> Account:
    """The customer of this session; without one the list of customers is shown."""
    payer = find_payer(unit, session.get(_PAYER))
    if payer is None:
        abort(Response(status=303, headers={"Location": url_for(".choose_payer")}))
    return payer


def _inquiry(unit: Session, payer: Account, uid: UUID) -> Inquiry:
    inquiry = unit.scalar(select(Inquiry).where(Inquiry.uid == uid, Inquiry.payer_account_id == payer.id))
    if inquiry is None or inquiry.state == "REFUSED":
        raise PaymentUnknown()
    return inquiry


def _qris(unit: Session, reference: str) -> Qris:
    qris = unit.scalar(select(Qris).where(Qris.reference_no == reference))
    if qris is None:
        raise PaymentUnknown()
    return qris


def _find_payment(unit: Session, bank_reference: str) -> Payment | None:
    return unit.scalar(select(Payment).where(Payment.bank_reference == bank_reference))


def _scanned() -> str | None:
    """The text in the uploaded picture, or None where none was chosen. Raises QrReaderMissing, QrImageUnreadable."""
    picture = request.files.get("gambar")
    if picture is None or not picture.filename:
        return None
    text = read_qr_image(picture.read())
    if not text:
        raise QrImageUnreadable(field="gambar")
    return text
