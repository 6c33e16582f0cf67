"""The sandbox bank as acquirer: issuing dynamic QRIS, and judging the ones that a payer shows.

For: SNAP service 47, and the payer's scan.
Not for: the HTTP of either (acquirer_door, pages), or moving money (paying).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sandbox_bank.errors import QrisAlreadyPaid, QrisChanged, QrisExpired, QrisForeign
from app.sandbox_bank.models import Client, Qris
from bank_adapters.contract import QrisRequest
from bank_adapters.contract.qris import QrisMerchant, decode, encode_merchant, require_merchant_code
from foundation.clock import business_date, on_screen_moment
from foundation.money import Money

__all__ = [
    "QRIS_LIMIT",
    "QRIS_VALIDITY",
    "find_issued",
    "find_scanned",
    "issue_qris",
    "require_payable",
]

# Bank Indonesia's limit since 1 March 2022 (interfaces.md 1.7); above it the bill is paid by virtual account.
QRIS_LIMIT = Money.from_rupiah(10_000_000)
QRIS_VALIDITY = timedelta(minutes=15)
QRIS_VALIDITY_MOST = timedelta(hours=24)


def issue_qris(session: Session, client: Client, request: QrisRequest, *, at: datetime) -> Qris:
    """A dynamic QRIS of the client's merchant for one payment; our reference stands in tag 62.01.

    Raises QrisOverLimit. Validity is what was asked, at most 24 hours.
    """
    day = business_date(at, client.timezone)
    reference = f"QR{client.region}{day:%y%m%d}{secrets.randbelow(10**10):010d}"
    merchant = QrisMerchant(
        name=client.merchant_name,
        city=client.merchant_city,
        postal_code=client.merchant_postal,
        category_code="9311",
        guid="ID.CO.BANKSANDBOX.WWW",
        mpan=client.mpan,
        merchant_id=client.merchant_id,
        criteria="URE",
        nmid=client.nmid,
    )
    qris = Qris(
        client=client,
        reference_no=reference,
        partner_reference_no=request.partner_reference_no,
        amount_sen=request.amount.sen,
        content=encode_merchant(
            merchant, limit=QRIS_LIMIT, amount=request.amount, bill_number=reference, terminal=request.terminal_id
        ),
        issued_at=at,
        valid_until=min(request.validity_until, at + QRIS_VALIDITY_MOST),
        store_id=request.store_id,
        state="ISSUED",
    )
    session.add(qris)
    session.flush()
    return qris


def find_issued(session: Session, client: Client, partner_reference_no: str) -> Qris | None:
    """The QRIS that was issued under the client's own reference, or None."""
    return session.scalar(
        select(Qris).where(Qris.client_id == client.id, Qris.partner_reference_no == partner_reference_no)
    )


def find_scanned(session: Session, content: str, *, lock: bool = False) -> Qris:
    """The QRIS that a payer shows, exactly as we issued it.

    Raises QrisInvalid (not a QRIS), QrisForeign (not ours), or QrisChanged (ours, but altered since).
    """
    code = decode(content)
    require_merchant_code(code)
    query = select(Qris).where(Qris.reference_no == (code.bill_number or ""))
    qris = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if qris is None:
        raise QrisForeign()
    if qris.content != content:
        raise QrisChanged()
    return qris


def require_payable(qris: Qris, *, at: datetime) -> None:
    """Refuse a QRIS that was paid or has run out. Raises QrisAlreadyPaid or QrisExpired."""
    if qris.state == "PAID":
        raise QrisAlreadyPaid()
    if at >= qris.valid_until:
        raise QrisExpired(valid_until=on_screen_moment(qris.valid_until, qris.client.timezone))
