"""Asking the acquirer for a QRIS while the payer waits: the question is committed, sent, and its answer recorded.

For: the bill's page. Not for: what a valid offer is (payments.qris_asking) or how it is asked (bank_adapters.snap).
No transaction is open while the acquirer thinks, which is at most five seconds.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from app.wiring import qris_acquirer
from bank_adapters.contract import AcquirerRefused, AcquirerUnreachable, QrisOffer, QrisRequest
from billing import find_payable
from foundation import clock
from foundation.db import unit_of_work
from foundation.errors import LunasError
from foundation.limits import count_and_check
from foundation.regions import Region
from payments import (
    BillNotFound,
    MessageLogged,
    QrisNotOffered,
    ask_for_qris,
    find_live_qris,
    list_partners,
    log_message,
    record_qris_failure,
    record_qris_offer,
)

__all__ = ["buy_qris"]

_ASKS_PER_WINDOW = 10
_WINDOW_SECONDS = 600


def buy_qris(region: Region, payment_code: str, bill_uid: UUID) -> None:
    """Make sure that the bill has a QRIS that can be shown: the one that still lives, or a new one.

    Raises AcquirerUnreachable, AcquirerRefused, QrisNotOffered, BillPaid, BillExpired or TooManyAttempts; what was
    asked and what came of it is recorded either way.
    """
    at = clock.now()
    with unit_of_work(region.code) as session:
        if find_live_qris(session, bill_uid, at=at) is not None:
            return
    with unit_of_work(region.code) as session:
        count_and_check(session, f"qris:{payment_code}", limit=_ASKS_PER_WINDOW, window_seconds=_WINDOW_SECONDS, at=at)
    with unit_of_work(region.code) as session:
        bill = find_payable(session, payment_code)
        if bill is None:
            raise BillNotFound(payment_code=payment_code)
        partner = next((partner for partner in list_partners(session) if partner.acquirer), None)
        if partner is None:
            raise QrisNotOffered(reason_id="belum ada penyedia QRIS", reason_en="there is no QRIS provider yet")
        asked, question = ask_for_qris(session, bill, partner, zone=region.timezone, at=at)
        acquirer = qris_acquirer(session, partner)
    try:
        offer = acquirer.generate(question)
        with unit_of_work(region.code) as session:
            record_qris_offer(session, asked.uid, offer, at=clock.now())
            _archive(session, partner.id, question, at, offer=offer)
    except (AcquirerUnreachable, AcquirerRefused, QrisNotOffered) as error:
        with unit_of_work(region.code) as session:
            record_qris_failure(session, asked.uid, reason=error.message_en, at=clock.now())
            _archive(session, partner.id, question, at, error=error)
        raise


def _archive(
    session: Session,
    partner_id: int,
    question: QrisRequest,
    asked_at: datetime,
    *,
    offer: QrisOffer | None = None,
    error: LunasError | None = None,
) -> None:
    asked = {
        "partnerReferenceNo": question.partner_reference_no,
        "amount": question.amount.plain(),
        "validityPeriod": question.validity_until.isoformat(),
        "merchantId": question.merchant_id,
    }
    answered = dict(offer.raw) if offer else (error.as_dict() if error else {})
    log_message(
        session,
        MessageLogged(
            partner_id=partner_id,
            direction="out",
            service="47",
            path="/qr/qr-mpm-generate",
            headers={},
            body=orjson.dumps(asked),
            reference=question.partner_reference_no,
            response_status=200 if offer else 0,
            response_code=str(answered.get("responseCode", error.code if error else "")),
            response_body=orjson.dumps(answered),
            outcome="accepted" if offer else "refused",
            received_at=asked_at,
            answered_at=clock.now(),
        ),
    )
