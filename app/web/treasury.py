"""The treasury's pages: what came in on a day, money that fits no bill, messages that contradict, and reconciliation.

For: `/<region>/kas/…`, read by the receiving treasurer, BPKAD and auditors after signing in with two factors.
Not for: changing anything; what these pages show is decided by the banks' messages and files, and by the worker.

Tables show at most 200 rows; "Berikutnya" goes on after the last row, so that new money does not move the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.permissions import current_staff, requires
from foundation import clock
from foundation.db import unit_of_work
from foundation.holidays import working_days_between
from foundation.money import Money
from payments import (
    ChannelSum,
    PaymentShown,
    count_unapplied,
    list_contradictions,
    list_payments,
    list_unapplied,
    sum_by_channel,
)

__all__ = ["blueprint"]

blueprint = Blueprint("treasury", __name__, url_prefix="/<region:region>/kas")
_PAGE = 200
_CONTRADICTIONS_DAYS = 90
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment that fits no bill, why, and for how many working days it has waited."""

    payment: PaymentShown
    reason: str
    working_days: int


@blueprint.context_processor
def add_navigation() -> dict[str, Any]:
    """What every page of these needs: who reads, and where else to go."""
    return {
        "staff": current_staff(),
        "staff_pages": (
            ("today", url_for(".today"), _("Penerimaan")),
            ("unapplied", url_for(".unapplied"), _("Belum Teridentifikasi")),
            ("contradictions", url_for(".contradictions"), _("Laporan bertentangan")),
        ),
        "channel_names": {"VA": _("Virtual account"), "QRIS-MPM": "QRIS"},
    }


@blueprint.get("/")
@requires("treasury.view")
def today() -> ResponseReturnValue:
    """Payments of one business date, today unless `?tanggal=` says another; `mitra` and `kanal` narrow the table."""
    at = clock.now()
    this_day = clock.business_date(at, g.region.timezone)
    day = _day(request.args.get("tanggal"), this_day)
    partner, channel = request.args.get("mitra") or None, request.args.get("kanal") or None
    with unit_of_work(g.region.code) as session:
        sums = sum_by_channel(session, on=day or this_day)
        rows = list_payments(
            session, on=day or this_day, partner=partner, channel=channel, before_id=_cursor(), limit=_PAGE
        )
        waiting, waiting_amount, oldest = count_unapplied(session)
        contradicting = list_contradictions(session, since=at - timedelta(days=_CONTRADICTIONS_DAYS))
    shown = day or this_day
    page = render_template(
        "treasury_day.html",
        here_page="today",
        day=shown,
        this_day=this_day,
        asked_day=request.args.get("tanggal", ""),
        day_wrong=day is None,
        before=shown - timedelta(days=1),
        after=shown + timedelta(days=1) if shown < this_day else None,
        sums=sums,
        total_count=sum(each.count for each in sums),
        total=sum((each.amount for each in sums), Money(0)),
        chosen=_chosen(sums, partner, channel),
        payments=rows,
        next_page=_next_page(rows),
        first_page=_first_page(),
        waiting=waiting,
        waiting_amount=waiting_amount,
        oldest=oldest,
        contradicting=len(contradicting),
    )
    return page, 422 if day is None else 200


@blueprint.get("/belum-teridentifikasi")
@requires("treasury.view")
def unapplied() -> ResponseReturnValue:
    """Money that moved and fits no bill, newest first, each with its age in working days."""
    with unit_of_work(g.region.code) as session:
        count, amount, oldest = count_unapplied(session)
        rows = list_unapplied(session, before_id=_cursor(), limit=_PAGE)
        waiting = _with_age(session, rows)
        oldest_days = _age(session, clock.business_date(oldest, g.region.timezone)) if oldest else 0
    return render_template(
        "treasury_unapplied.html",
        here_page="unapplied",
        count=count,
        amount=amount,
        oldest=oldest,
        oldest_days=oldest_days,
        rows=waiting,
        next_page=_next_page(rows),
        first_page=_first_page(),
    )


@blueprint.get("/laporan-bertentangan")
@requires("treasury.view")
def contradictions() -> ResponseReturnValue:
    """Messages of the last 90 days that contradict what the same partner said before."""
    with unit_of_work(g.region.code) as session:
        found = list_contradictions(session, since=clock.now() - timedelta(days=_CONTRADICTIONS_DAYS), limit=_PAGE)
    services = {"24": _("Pertanyaan tagihan"), "25": _("Pembayaran virtual account"), "52": _("Pemberitahuan QRIS")}
    return render_template(
        "treasury_contradictions.html",
        here_page="contradictions",
        found=found,
        services=services,
        days=_CONTRADICTIONS_DAYS,
        most=_PAGE,
    )


def _day(asked: str | None, otherwise: date) -> date | None:
    """The date asked for, `otherwise` when none was; None for what is no date, or none that can have payments."""
    if not asked:
        return otherwise
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return None
    return day if _EARLIEST <= day <= otherwise else None


def _cursor() -> int | None:
    """The id after which the page goes on, from `?setelah=`. 404 for what no page of ours links to."""
    asked = request.args.get("setelah")
    if asked is None:
        return None
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 18:
        abort(404)
    return int(asked)


def _next_page(rows: list[PaymentShown]) -> str | None:
    return _same_page(setelah=rows[-1].id) if len(rows) == _PAGE else None


def _first_page() -> str | None:
    return _same_page(setelah=None) if "setelah" in request.args else None


def _same_page(**changed: Any) -> str:
    kept = {name: request.args[name] for name in ("tanggal", "mitra", "kanal") if name in request.args}
    return url_for(str(request.endpoint), **kept | changed)


def _chosen(sums: list[ChannelSum], partner: str | None, channel: str | None) -> ChannelSum | None:
    if partner is None and channel is None:
        return None
    found = next((each for each in sums if each.partner == partner and each.channel == channel), None)
    return found or ChannelSum(partner or "", partner or "", channel or "", 0, Money(0))


def _with_age(session: Session, rows: list[PaymentShown]) -> list[Waiting]:
    # At most 200 rows, of few dates: one question to the calendar per date.
    ages: dict[date, int] = {}
    waiting = []
    for row in rows:
        since = clock.business_date(row.received_at, g.region.timezone)
        if since not in ages:
            ages[since] = _age(session, since)
        waiting.append(Waiting(row, _reason(row.unapplied_reason), ages[since]))
    return waiting


def _age(session: Session, since: date) -> int:
    return working_days_between(session, since, clock.today(g.region.timezone))


def _reason(code: str | None) -> str:
    reasons = {
        "BILL_NOT_FOUND": _("Kode bayar tidak dikenal"),
        "BILL_PAID": _("Tagihan sudah lunas"),
        "BILL_EXPIRED": _("Lewat jatuh tempo"),
        "AMOUNT_MISMATCH": _("Nilai tidak sama dengan tagihan"),
    }
    told: str = reasons.get(code or "", code or "")
    return told
