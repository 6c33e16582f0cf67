"""Is a partner's clearing zero once swept, and does the ledger say the same as the payments?

For: checks (a) and (b) of a run: per partner and bank business date, and the proof of the sub-ledger.
Not for: statements (rkud_check, holding_check) or posting; nothing here writes.

Decomposition that the check proves, as of a date:
    payments - credited  =  in transit  -  listed amounts
where listed are missing payments, fees, short and overdue sweeps, and lines that no payment of ours backs.
A payment counts on the business date of the batch that settled it, else on its own.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.clock import business_date
from foundation.holidays import next_working_day
from foundation.money import Money
from ledger import role_balance
from payments import Partner, terms_of
from reconciliation.differences import Difference
from reconciliation.figures import DayFigures, PartnerFigures

__all__ = ["check_partner"]

# Closed days are shown for a week; open ones for as long as they are open.
_SHOWN_DAYS = 7

_BUSINESS_ON = "CASE WHEN p.settled_on <= :on_date THEN p.settled_on ELSE p.bank_business_date END"
_CREDITED = (
    "coalesce((SELECT sum(c.amount_sen) FROM batch_credit c WHERE c.batch_id = b.id AND c.accounted_on <= :on_date), 0)"
)
_DAYS = text(
    "SELECT d.business_on, sum(d.paid)::bigint AS paid, sum(d.payments)::bigint AS payments,"  # noqa: S608 - fixed texts
    " sum(d.gross)::bigint AS gross, sum(d.fee)::bigint AS fee, sum(d.credited)::bigint AS credited FROM ("
    f" SELECT {_BUSINESS_ON} AS business_on, p.amount_sen AS paid, 1 AS payments, 0 AS gross, 0 AS fee, 0 AS credited"
    f" FROM payment_v p WHERE p.partner = :partner AND {_BUSINESS_ON} <= :on_date"
    f" UNION ALL SELECT b.business_on, 0, 0, b.gross_sen, b.fee_sen, {_CREDITED}"
    " FROM settlement_batch b WHERE b.partner = :partner AND b.business_on <= :on_date"
    ") d GROUP BY d.business_on ORDER BY d.business_on"
)
_OPEN_BATCHES = text(
    "SELECT o.uid, o.batch_reference, o.business_on, o.gross_sen, o.fee_sen, o.credited FROM ("  # noqa: S608 - as above
    f"SELECT b.uid, b.batch_reference, b.business_on, b.gross_sen, b.fee_sen, {_CREDITED}::bigint AS credited"
    " FROM settlement_batch b WHERE b.partner = :partner AND b.business_on <= :on_date"
    ") o WHERE o.credited < o.gross_sen ORDER BY o.business_on, o.batch_reference"
)
# Told to us before the settlement file of its day came, and not in it.
_UNSETTLED = text(
    "SELECT p.uid, p.bank_reference, p.amount_sen, p.bank_business_date, EXISTS ("
    " SELECT 1 FROM settlement_batch b WHERE b.partner = :partner AND b.business_on <= :on_date"
    " AND b.business_on >= p.bank_business_date AND b.received_at >= p.received_at) AS left_out"
    " FROM payment_v p WHERE p.partner = :partner AND p.bank_business_date <= :on_date"
    " AND (p.settled_on IS NULL OR p.settled_on > :on_date) ORDER BY p.bank_business_date, p.id"
)
_ODD_LINES = text(
    "SELECT l.outcome, l.bank_reference, l.amount_sen, b.batch_reference, b.business_on, b.received_at,"
    " p.amount_sen AS paid_sen, p.uid FROM settlement_line l JOIN settlement_batch b ON b.id = l.batch_id"
    " JOIN payment_v p ON p.id = l.payment_id"
    " WHERE l.outcome <> 'MATCHED' AND b.partner = :partner AND b.business_on <= :on_date"
    " ORDER BY b.business_on, b.batch_reference, l.line_no"
)
_EXPECTED = text(
    "SELECT (SELECT coalesce(sum(p.amount_sen), 0) FROM payment_v p WHERE p.partner = :partner"
    " AND p.accounted_on <= :on_date)"
    " - (SELECT coalesce(sum(c.amount_sen), 0) FROM batch_credit c JOIN settlement_batch b ON b.id = c.batch_id"
    " WHERE b.partner = :partner AND c.accounted_on <= :on_date)"
)


def check_partner(
    session: Session, partner: Partner, *, on: date, zone: str
) -> tuple[PartnerFigures, list[Difference]]:
    """The partner's figures as of a date, without its holding account, and what differs, oldest first."""
    named = {"partner": partner.code, "on_date": on}
    term = terms_of(partner).sweep_term_days
    days = [_day(session, row, term) for row in session.execute(_DAYS, named)]
    found: list[Difference] = []
    in_transit = _check_batches(session, partner, named, term, found)
    in_transit += _check_unsettled(session, partner, named, term, found)
    _list_odd_lines(session, partner, named, zone, found)
    clearing = Money(sum(day.clearing.sen for day in days))
    counted = sum(each.amount.sen for each in found if each.code != "REPORTED_BY_SETTLEMENT_ONLY")
    remainder = in_transit - clearing - Money(counted)
    if remainder:
        found.append(_of(partner, "UNEXPLAINED", remainder, partner.code))
    ledger = role_balance(session, "clearing", partner.code, on=on)
    expected = Money(int(session.execute(_EXPECTED, named).scalar_one()))
    if ledger != expected:
        facts = {"told": ledger, "known": expected}
        found.append(_of(partner, "LEDGER_DIFFERS", ledger - expected, partner.code, facts=facts))
    figures = PartnerFigures(
        partner=partner.code, name=partner.name, paid=Money(sum(day.paid.sen for day in days)),
        credited=Money(sum(day.credited.sen for day in days)), clearing=clearing, in_transit=in_transit, ledger=ledger,
        ledger_expected=expected, differences=len(found), days=tuple(day for day in days if _is_shown(day, on)),
        holding=None,
    )  # fmt: skip
    return figures, found


def _day(session: Session, row: Any, term: int) -> DayFigures:
    return DayFigures(
        business_on=row.business_on,
        paid=Money(row.paid),
        paid_count=row.payments,
        settled=Money(row.gross),
        fee=Money(row.fee),
        credited=Money(row.credited),
        clearing=Money(row.paid - row.credited),
        due_on=next_working_day(session, row.business_on, days=term),
    )


def _is_shown(day: DayFigures, on: date) -> bool:
    return bool(day.clearing) or day.settled != day.credited or day.business_on > on - timedelta(days=_SHOWN_DAYS)


def _check_batches(
    session: Session, partner: Partner, named: dict[str, Any], term: int, found: list[Difference]
) -> Money:
    """List what is kept, short or overdue of batches; returns what may still be on its way."""
    in_transit = 0
    for batch in session.execute(_OPEN_BATCHES, named).all():
        rest = batch.gross_sen - batch.credited
        due = next_working_day(session, batch.business_on, days=term)
        if batch.credited:
            fee = min(rest, batch.fee_sen)
            parts = [("FEE_KEPT", fee), ("SHORT_SWEEP", rest - fee)]
        elif named["on_date"] > due:
            parts = [("SWEEP_OVERDUE", rest)]
        else:
            in_transit += rest
            continue
        found += [
            _of(
                partner, code, Money(-sen), batch.batch_reference, on=batch.business_on, link=("batch", batch.uid),
                facts={"due": due},
            )
            for code, sen in parts
            if sen
        ]  # fmt: skip
    return Money(in_transit)


def _check_unsettled(
    session: Session, partner: Partner, named: dict[str, Any], term: int, found: list[Difference]
) -> Money:
    """List payments that the bank left out, or whose settlement is overdue; returns what is still on its way."""
    in_transit = 0
    overdue: dict[date, list[int]] = {}
    due_of: dict[date, date] = {}
    for payment in session.execute(_UNSETTLED, named):
        day = payment.bank_business_date
        if day not in due_of:
            due_of[day] = next_working_day(session, day, days=term)
        if payment.left_out:
            link = ("payment", payment.uid)
            amount = Money(-payment.amount_sen)
            found.append(_of(partner, "MISSING_AT_BANK", amount, payment.bank_reference, on=day, link=link))
        elif named["on_date"] > due_of[day]:
            overdue.setdefault(day, []).append(payment.amount_sen)
        else:
            in_transit += payment.amount_sen
    for day, amounts in overdue.items():
        facts = {"count": len(amounts), "due": due_of[day]}
        total = Money(-sum(amounts))
        found.append(_of(partner, "SETTLEMENT_OVERDUE", total, day.isoformat(), on=day, facts=facts))
    return Money(in_transit)


def _list_odd_lines(
    session: Session, partner: Partner, named: dict[str, Any], zone: str, found: list[Difference]
) -> None:
    """Lines that no payment of ours backs. What only a settlement told is listed until the next working day is over."""
    for line in session.execute(_ODD_LINES, named):
        facts: dict[str, Any] = {"batch": line.batch_reference}
        if line.outcome == "REPORTED_HERE":
            if named["on_date"] > next_working_day(session, business_date(line.received_at, zone)):
                continue
            code, sen = "REPORTED_BY_SETTLEMENT_ONLY", line.amount_sen
        elif line.outcome == "AMOUNT_DIFFERS":
            code, sen = "AMOUNT_DIFFERS", line.amount_sen - line.paid_sen
            facts |= {"told": Money(line.amount_sen), "known": Money(line.paid_sen)}
        else:
            code, sen = "SETTLED_BEFORE", line.amount_sen
        link = ("payment", line.uid)
        found.append(_of(partner, code, Money(sen), line.bank_reference, on=line.business_on, link=link, facts=facts))


def _of(
    partner: Partner,
    code: str,
    amount: Money,
    reference: str,
    *,
    on: date | None = None,
    link: tuple[str, Any] = ("", None),
    facts: dict[str, Any] | None = None,
) -> Difference:
    return Difference(
        code=code, amount=amount, reference=reference, partner=partner.code, on=on, link_kind=link[0],
        link_uid=link[1], facts=facts or {},
    )  # fmt: skip
