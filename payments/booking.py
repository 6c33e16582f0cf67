"""Which standard journals a payment posts.

For: row 4a (and 4A where policy puts it there) for a payment that settles a bill, row 19 for one that fits none.
Not for: row 4b, which follows the bank statement (reconciliation), or what the rows are (the ledger).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from billing import PayableBill
from foundation.clock import business_date
from ledger import (
    EntryDraft,
    PostingDraft,
    PpkdMissing,
    budget_recognised,
    paid_at_partner,
    post_entry,
    unidentified_at_partner,
)
from payments.notices import PaymentNotice
from payments.recording import Recording

__all__ = ["book_payment"]


def book_payment(
    session: Session, notice: PaymentNotice, recording: Recording, bill: PayableBill | None, *, recorded_at: datetime
) -> None:
    """Post the entry of a payment just recorded, accounted on the date in the region's zone.

    Raises PpkdMissing before a chart was loaded, and what `post_entry` raises; then nothing of the unit is kept.
    """
    if recording.ppkd is None:
        raise PpkdMissing
    if bill is None:
        kind = "payment_unidentified"
        postings = unidentified_at_partner(ppkd=recording.ppkd, amount=notice.amount, partner=notice.partner.code)
    else:
        kind = "payment_applied"
        postings = _applied(notice, recording, recording.ppkd, bill)
    payment = recording.payment
    draft = EntryDraft(
        kind=kind,
        key=f"payment:{payment.uid}",
        occurred_at=payment.paid_at,
        accounted_on=business_date(recorded_at, notice.zone),
        description=f"{notice.channel} {notice.payment_code or '-'} {notice.bank_reference}"[:300],
        postings=postings,
        source_kind="payment",
        source_uid=payment.uid,
        may_be_late=True,
    )
    post_entry(session, draft, actor=f"partner:{notice.partner.code}", recorded_at=recorded_at)


def _applied(notice: PaymentNotice, recording: Recording, ppkd: str, bill: PayableBill) -> tuple[PostingDraft, ...]:
    """Row 4a, and 4A with it where the payment was recorded so: policy recognises when a partner took the money."""
    postings = paid_at_partner(
        entity=bill.entity, ppkd=ppkd, kind=bill.kind, amount=notice.amount, partner=notice.partner.code
    )
    if recording.budget_recognised:
        postings += budget_recognised(entity=bill.entity, kind=bill.kind, amount=notice.amount)
    return postings
