"""The treasury's pages: what came in on a day, money that fits no bill, messages that contradict, and reconciliation.

For: `/<region>/kas/…`, read by the receiving treasurer, BPKAD and auditors after signing in with two factors.
Not for: changing anything; what these pages show is decided by the banks' messages and files, and by the worker.

Tables show at most 200 rows; "Berikutnya" goes on after the last row, so that new money does not move the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.languages import current_language
from app.permissions import requires
from app.web.staff_pages import PAGE, place_in_table, same_page, use_staff_pages
from foundation import clock
from foundation.db import unit_of_work
from foundation.holidays import working_days_between
from foundation.money import Money
from foundation.policies import get_policy_number
from payments import (
    ChannelSum,
    PaymentShown,
    count_unapplied,
    list_contradictions,
    list_payments,
    list_unapplied,
    sum_by_channel,
)
from reconciliation import find_last_run, list_differences

__all__ = ["blueprint"]

blueprint = Blueprint("treasury", __name__, url_prefix="/<region:region>/kas")
use_staff_pages(blueprint)
_SHOWN_ON_FIRST_PAGE = 10
_CONTRADICTIONS_DAYS = 90
_EARLIEST = date(2000, 1, 1)
_KEPT = ("tanggal", "mitra", "kanal")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment that fits no bill, why, and for how many working days it has waited."""

    payment: PaymentShown
    reason: str
    working_days: int
    overdue: bool


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
            session, on=day or this_day, partner=partner, channel=channel, before_id=place_in_table(), limit=PAGE
        )
        waiting, waiting_amount, oldest = count_unapplied(session)
        contradicting = list_contradictions(session, since=at - timedelta(days=_CONTRADICTIONS_DAYS))
        run = find_last_run(session)
        differences = list_differences(session, run.uid, limit=_SHOWN_ON_FIRST_PAGE) if run else []
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
        run=run,
        differences=[(each, each.text_en if current_language() == "en" else each.text_id) for each in differences],
    )
    return page, 422 if day is None else 200


@blueprint.get("/belum-teridentifikasi")
@requires("treasury.view")
def unapplied() -> ResponseReturnValue:
    """Money that moved and fits no bill, newest first, each with its age in working days, and whether that is too long
    by the policy `payments.unapplied_clock_days`."""
    with unit_of_work(g.region.code) as session:
        count, amount, oldest = count_unapplied(session)
        rows = list_unapplied(session, before_id=place_in_table(), limit=PAGE)
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
        found = list_contradictions(session, since=clock.now() - timedelta(days=_CONTRADICTIONS_DAYS), limit=PAGE)
    services = {"24": _("Pertanyaan tagihan"), "25": _("Pembayaran virtual account"), "52": _("Pemberitahuan QRIS")}
    return render_template(
        "treasury_contradictions.html",
        here_page="contradictions",
        found=found,
        services=services,
        days=_CONTRADICTIONS_DAYS,
        most=PAGE,
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


def _next_page(rows: list[PaymentShown]) -> str | None:
    return same_page(*_KEPT, setelah=rows[-1].id) if len(rows) == PAGE else None


def _first_page() -> str | None:
    return same_page(*_KEPT) if "setelah" in request.args else None


def _chosen(sums: list[ChannelSum], partner: str | None, channel: str | None) -> ChannelSum | None:
    if partner is None and channel is None:
        return None
    found = next((each for each in sums if each.partner == partner and each.channel == channel), None)
    return found or ChannelSum(partner or "", partner or "", channel or "", 0, Money(0))


def _with_age(session: Session, rows: list[PaymentShown]) -> list[Waiting]:
    # At most 200 rows, of few dates: one question to the calendar per date.
    ages: dict[date, int] = {}
    most = get_policy_number(session, "payments.unapplied_clock_days", on=clock.today(g.region.timezone))
    waiting = []
    for row in rows:
        since = clock.business_date(row.received_at, g.region.timezone)
        if since not in ages:
            ages[since] = _age(session, since)
        waiting.append(Waiting(row, _reason(row.unapplied_reason), ages[since], ages[since] > most))
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
