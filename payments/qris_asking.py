"""Asking an acquirer for a dynamic QRIS when the payer wants to pay by QR.

For: the row that is committed before the call, and the row's answer after it; in between no transaction is open.
Not for: the call itself (an adapter behind the contract's QrisAcquirer port), or building a QRIS ourselves: only the
acquirer issues one (interfaces.md §0).
"""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bank_adapters.contract import QrisInvalid, QrisOffer, QrisRequest
from bank_adapters.contract.qris import decode
from billing import PayableBill
from foundation.clock import business_date
from foundation.ids import new_uid
from foundation.money import Money
from foundation.policies import get_policy_number
from foundation.states import move
from payments.errors import QrisNotOffered
from payments.models import Partner, QrisAsked
from payments.receiving import require_payable
from payments.states import QRIS_STATES

__all__ = [
    "ask_for_qris",
    "find_live_qris",
    "find_qris_by_reference",
    "list_qris_of_bill",
    "qris_limit",
    "record_qris_failure",
    "record_qris_offer",
]


def ask_for_qris(
    session: Session, bill: PayableBill, partner: Partner, *, zone: str, at: datetime
) -> tuple[QrisAsked, QrisRequest]:
    """Record that a QRIS is asked for this bill, and return the question to send once this unit is committed.

    Raises what an inquiry would (BillPaid, BillExpired …), or QrisNotOffered when the amount is above the limit in
    force or the partner is no acquirer of ours. The validity never outlasts the bill's due date.
    """
    require_payable(session, bill.payment_code, amount=None, on=at, zone=zone)
    if partner.acquirer is None:
        raise QrisNotOffered(reason_id="bank ini bukan penyedia QRIS", reason_en="this bank is no QRIS provider")
    limit = qris_limit(session, at=at, zone=zone)
    if bill.amount > limit:
        raise QrisNotOffered(
            reason_id=f"nilai melebihi batas QRIS {limit.on_screen()}",
            reason_en=f"the amount is above the QRIS limit of {limit.on_screen()}",
        )
    minutes = get_policy_number(session, "payments.qris_validity_minutes", on=business_date(at, zone))
    due_ends = datetime.combine(bill.due_on + timedelta(days=1), time(), ZoneInfo(zone))
    asked = QrisAsked(
        uid=new_uid(), partner_id=partner.id, bill_id=bill.id, bill_uid=bill.uid, payment_code=bill.payment_code,
        amount_sen=bill.amount.sen, partner_reference_no=f"{bill.payment_code}{secrets.token_hex(6)}",
        state=QRIS_STATES.initial, requested_at=at, valid_until=min(at + timedelta(minutes=minutes), due_ends),
    )  # fmt: skip
    session.add(asked)
    session.flush()
    question = QrisRequest(
        partner_reference_no=asked.partner_reference_no,
        amount=bill.amount,
        validity_until=asked.valid_until,
        merchant_id=partner.acquirer["merchant_id"],
    )
    return asked, question


def record_qris_offer(session: Session, asked_uid: UUID, offer: QrisOffer, *, at: datetime) -> QrisAsked:
    """Keep the acquirer's offer if it is a valid dynamic QRIS of exactly the amount asked; else record why not.

    Raises QrisNotOffered when it does not fit, with the failure recorded by the caller (`record_qris_failure`).
    """
    asked = _get_asked(session, asked_uid)
    try:
        code = decode(offer.qr_content)
    except QrisInvalid as error:
        raise QrisNotOffered(reason_id=error.message_id, reason_en=error.message_en) from error
    if code.amount != Money(asked.amount_sen) or not code.is_dynamic or offer.valid_until <= at:
        raise QrisNotOffered(
            reason_id="QRIS dari penyedia tidak sesuai dengan tagihan",
            reason_en="the provider's QRIS does not fit the bill",
        )
    asked.reference_no = offer.reference_no
    asked.qr_content = offer.qr_content
    asked.valid_until = offer.valid_until
    asked.answered_at = at
    move(session, QRIS_STATES, asked, "offered", by="public", why=offer.reference_no or "", at=at)
    return asked


def record_qris_failure(session: Session, asked_uid: UUID, *, reason: str, at: datetime) -> None:
    """Record that no usable offer came; the payer may ask again."""
    asked = _get_asked(session, asked_uid)
    asked.failure = reason[:300]
    asked.answered_at = at
    move(session, QRIS_STATES, asked, "failed", by="public", why=reason[:300], at=at)


def find_live_qris(session: Session, bill_uid: UUID, *, at: datetime) -> QrisAsked | None:
    """The offer that can be shown now: the newest one of this bill that has not run out."""
    return session.scalar(
        select(QrisAsked)
        .where(QrisAsked.bill_uid == bill_uid, QrisAsked.state == "OFFERED", QrisAsked.valid_until > at)
        .order_by(QrisAsked.id.desc())
        .limit(1)
    )


def list_qris_of_bill(session: Session, bill_uid: UUID) -> list[QrisAsked]:
    """The newest twenty requests of a bill, newest first."""
    query = select(QrisAsked).where(QrisAsked.bill_uid == bill_uid).order_by(QrisAsked.id.desc()).limit(20)
    return list(session.scalars(query))


def find_qris_by_reference(
    session: Session, partner: Partner, *, partner_reference_no: str | None, reference_no: str | None
) -> QrisAsked | None:
    """The request that a notification speaks of: by our reference, else by the acquirer's."""
    by_partner = select(QrisAsked).where(QrisAsked.partner_id == partner.id)
    if partner_reference_no:
        found = session.scalar(by_partner.where(QrisAsked.partner_reference_no == partner_reference_no))
        if found is not None:
            return found
    if reference_no:
        return session.scalar(by_partner.where(QrisAsked.reference_no == reference_no).limit(1))
    return None


def qris_limit(session: Session, *, at: datetime, zone: str) -> Money:
    """The largest QRIS payment in force (a dated policy)."""
    return Money.from_rupiah(get_policy_number(session, "payments.qris_limit_rupiah", on=business_date(at, zone)))


def _get_asked(session: Session, asked_uid: UUID) -> QrisAsked:
    return session.scalars(select(QrisAsked).where(QrisAsked.uid == asked_uid).with_for_update()).one()
