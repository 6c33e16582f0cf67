"""A bill's public pages: finding it, its page, paying by QR, and the piece that turns to LUNAS by itself.

For: taxpayers on a phone, without signing in and without JavaScript.
Not for: receiving the payment (app/bank_doors, payments), or anything that shows an unmasked name.

Look-ups are limited per address and per object. The pieces that a shown page fetches again (its status, its QR) carry
a key that only a shown page has, so that they need no limit and open no second way to search.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any

import qrcode
import qrcode.image.svg
from flask import Blueprint, Response, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from app.languages import current_language
from app.permissions import requires
from app.web.qris_buying import buy_qris
from billing import (
    PublicBill,
    expired,
    find_bills_for_public,
    format_payment_code,
    is_payment_code,
)
from foundation import clock
from foundation.db import unit_of_work
from foundation.errors import LunasError
from foundation.limits import count_and_check
from foundation.money import Money
from foundation.policies import get_policy_number
from payments import (
    Receipt,
    find_live_qris,
    find_receipt,
    list_partners,
    list_qris_of_bill,
    qris_limit,
    virtual_account_number,
)

__all__ = ["blueprint"]

blueprint = Blueprint("bills", __name__, url_prefix="/<region:region>/tagihan")
_HOUR = 3600
_LONGEST_QUERY = 60


@dataclass(frozen=True, slots=True)
class VirtualAccount:
    """One bank's virtual account of a bill, as shown."""

    bank_name: str
    number: str
    number_shown: str


@dataclass(frozen=True, slots=True)
class QrisShown:
    """The QRIS block: "none" (may be asked for), "offered", "expired", "failed" or "over_limit"."""

    state: str
    image_url: str | None
    valid_until: Any
    amount: Money


@blueprint.get("/")
@requires("public")
def find() -> ResponseReturnValue:
    """Find bills by NOP (or other object number) or payment code: one goes to its page, several are listed."""
    query = request.args.get("q", "").strip()
    if not query:
        return redirect(url_for("public.start"))
    if len(query) > _LONGEST_QUERY:
        return _not_found(query[:_LONGEST_QUERY], _("Nomor terlalu panjang. Periksa kembali nomor Anda."))
    _count_lookup(query)
    with unit_of_work(g.region.code) as session:
        bills = find_bills_for_public(session, query)
    if not bills:
        return _not_found(query, _("Tidak ada tagihan dengan nomor itu. Periksa kembali NOP atau kode bayar Anda."))
    if len(bills) == 1:
        return redirect(url_for(".show", payment_code=bills[0].payment_code))
    return render_template("bill_list.html", region=g.region, query=query, bills=[_bill_shown(bill) for bill in bills])


@blueprint.get("/<payment_code>")
@requires("public")
def show(payment_code: str) -> ResponseReturnValue:
    """A bill's page: what is owed, how to pay, or the receipt."""
    bill = _get_bill(payment_code)
    with unit_of_work(g.region.code) as session:
        return render_template("bill.html", **_page(session, bill))


@blueprint.get("/<payment_code>/status")
@requires("public")
def show_status(payment_code: str) -> ResponseReturnValue:
    """The piece of the page that is fetched again until the bill is paid."""
    bill = _get_bill_by_key(payment_code)
    with unit_of_work(g.region.code) as session:
        answer = current_app.make_response(render_template("bill_status.html", **_page(session, bill)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<payment_code>/qris")
@requires("public")
def ask_qris(payment_code: str) -> ResponseReturnValue:
    """Ask the acquirer for a QRIS, unless one is still valid; then back to the page."""
    bill = _get_bill(payment_code)
    anchor: str | None = "qris"
    try:
        buy_qris(g.region, bill.payment_code, bill.uid)
    except LunasError as error:
        flash(error.message_en if current_language() == "en" else error.message_id, "error")
        # What went wrong stands at the top of the page, where the reader must land.
        anchor = None
    return redirect(url_for(".show", payment_code=bill.payment_code, _anchor=anchor), 303)


@blueprint.get("/<payment_code>/qris.svg")
@requires("public")
def draw_qris(payment_code: str) -> ResponseReturnValue:
    """The live QRIS as an SVG image; 404 once it has run out or the bill is paid."""
    bill = _get_bill_by_key(payment_code)
    with unit_of_work(g.region.code) as session:
        live = find_live_qris(session, bill.uid, at=clock.now())
    if live is None or live.qr_content is None or bill.state != "ISSUED":
        abort(404)
    # 4 modules of white around it and medium error correction: what scanners of cheap phones want.
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(live.qr_content, optimize=0)
    drawn = io.BytesIO()
    code.make_image(image_factory=qrcode.image.svg.SvgPathFillImage).save(drawn)
    return Response(drawn.getvalue(), content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _not_found(query: str, message: str) -> ResponseReturnValue:
    return render_template("start.html", region=g.region, query=query, error=message), 404


def _count_lookup(query: str) -> None:
    """Count a look-up against its address and its object. Raises TooManyAttempts, answered with 429."""
    at = clock.now()
    with unit_of_work(g.region.code) as session:
        on = clock.business_date(at, g.region.timezone)
        per_address = get_policy_number(session, "public.lookups_per_address_per_hour", on=on)
        per_object = get_policy_number(session, "public.lookups_per_object_per_hour", on=on)
    plain = "".join(sign for sign in query if sign.isalnum()).lower()
    asked = hashlib.sha256(plain.encode()).hexdigest()[:32]
    address = request.remote_addr or "unknown"
    # Two units: the attempt counts even when the second limit refuses it.
    for bucket, limit in ((f"lookup:address:{address}", per_address), (f"lookup:object:{asked}", per_object)):
        _count(bucket, limit, at)


def _count(bucket: str, limit: int, at: Any) -> None:
    refused: LunasError | None = None
    with unit_of_work(g.region.code) as session:
        try:
            count_and_check(session, bucket, limit=limit, window_seconds=_HOUR, at=at)
        except LunasError as error:
            refused = error
    if refused is not None:
        raise refused


def _get_bill(payment_code: str) -> PublicBill:
    """The bill of an address that a person typed or followed: counted as a look-up. 404 when there is none."""
    if not is_payment_code(payment_code):
        abort(404)
    _count_lookup(payment_code)
    return _find_bill(payment_code)


def _get_bill_by_key(payment_code: str) -> PublicBill:
    """The bill of a piece that a shown page fetches. 404 without the page's key."""
    try:
        signed = _keys().loads(request.args.get("key", ""))
    except BadSignature:
        abort(404)
    if signed != payment_code:
        abort(404)
    return _find_bill(payment_code)


def _find_bill(payment_code: str) -> PublicBill:
    with unit_of_work(g.region.code) as session:
        found = [bill for bill in find_bills_for_public(session, payment_code) if bill.payment_code == payment_code]
    if not found:
        abort(404)
    return found[0]


def _keys() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"bill-page.{g.region.code}")


def _page(session: Session, bill: PublicBill) -> dict[str, Any]:
    at = clock.now()
    receipt = find_receipt(session, bill.uid) if bill.state == "PAID" else None
    key = _keys().dumps(bill.payment_code)
    payable = bill.state == "ISSUED" and not expired(bill, clock.business_date(at, g.region.timezone))
    partners = list_partners(session) if payable else []
    accounts = []
    for partner in partners:
        number = virtual_account_number(partner, bill.payment_code)
        accounts.append(VirtualAccount(partner.name, number, _grouped(number)))
    shown = _bill_shown(bill)
    shown.update(
        virtual_accounts=accounts,
        qris=_qris_shown(session, bill, key, at) if any(partner.acquirer for partner in partners) else None,
        receipt=_receipt_shown(receipt),
    )
    return {
        "region": g.region,
        "bill": shown,
        "status_url": url_for("bills.show_status", payment_code=bill.payment_code, key=key),
        "qris_url": url_for("bills.ask_qris", payment_code=bill.payment_code),
    }


def _qris_shown(session: Session, bill: PublicBill, key: str, at: Any) -> QrisShown:
    if bill.amount > qris_limit(session, at=at, zone=g.region.timezone):
        return QrisShown("over_limit", None, None, bill.amount)
    live = find_live_qris(session, bill.uid, at=at)
    if live is not None:
        image_url = url_for("bills.draw_qris", payment_code=bill.payment_code, key=key, v=live.id)
        return QrisShown("offered", image_url, live.valid_until, bill.amount)
    asked = list_qris_of_bill(session, bill.uid)
    if asked and asked[0].state == "OFFERED":
        return QrisShown("expired", None, asked[0].valid_until, bill.amount)
    if asked and asked[0].state == "FAILED":
        return QrisShown("failed", None, None, bill.amount)
    return QrisShown("none", None, None, bill.amount)


def _bill_shown(bill: PublicBill) -> dict[str, Any]:
    late = expired(bill, clock.today(g.region.timezone))
    words = {"PAID": _("LUNAS"), "ISSUED": _("BELUM LUNAS")}
    return {
        "kind": bill.kind,
        "kind_name": bill.kind_name_en if current_language() == "en" else bill.kind_name_id,
        "object_label": bill.object_label,
        "object_number_shown": bill.object_number_shown,
        "period": bill.period,
        "payer_masked": bill.payer_name_masked,
        "due_on": bill.due_on,
        "amount": bill.amount,
        "state": bill.state,
        "state_word": _("LEWAT JATUH TEMPO") if late else words[bill.state],
        "expired": late,
        "paid_at": bill.paid_at,
        "payment_code": bill.payment_code,
        "payment_code_shown": format_payment_code(bill.payment_code),
        "url": url_for("bills.show", payment_code=bill.payment_code),
    }


def _receipt_shown(receipt: Receipt | None) -> dict[str, Any] | None:
    if receipt is None:
        return None
    channels = {"VA": _("Virtual account"), "QRIS-MPM": "QRIS"}
    return {
        "ntpd": receipt.ntpd,
        "ntpd_shown": _grouped(receipt.ntpd),
        "paid_at": receipt.paid_at,
        "channel_name": channels.get(receipt.channel, receipt.channel),
        "bank_name": receipt.partner_name,
        "amount": receipt.amount,
        "reference": receipt.bank_reference,
    }


def _grouped(digits: str) -> str:
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
