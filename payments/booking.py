"""Which standard journals a payment posts.

For: row 4a (and 4A where policy puts it there) for a payment that settles a bill, row 19 for one that fits none.
Not for: row 4b, which follows the bank statement (reconciliation), or what the rows are (the ledger).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from billing import PayableBill
from foundation.clock import business_date
from ledger import (
    AccountTakesNoPostings,
    EntryDraft,
    PostingDraft,
    PpkdMissing,
    RoleNotMapped,
    accounting_date,
    budget_recognised,
    get_ppkd,
    paid_at_partner,
    post_entry,
    resolve_account,
    unidentified_at_partner,
)
from payments.notices import PaymentNotice
from payments.recording import Recording

__all__ = ["accounting_day", "book_payment"]


def accounting_day(
    session: Session, notice: PaymentNotice, bill: PayableBill | None, *, paid_at: datetime, received_at: datetime
) -> date:
    """The day on which to account a payment: when the payer paid, in the region's zone.

    So money that a partner took on 31 December is on its way on that day, though its report came after midnight. It is
    the day of the report where the month of the payment is no longer open, or its accounts did not stand on that day.
    """
    paid_on, received_on = business_date(paid_at, notice.zone), business_date(received_at, notice.zone)
    if paid_on >= received_on or accounting_date(session, paid_on) != paid_on:
        return received_on
    try:
        for posting in _all_that_may_be_posted(notice, get_ppkd(session).code, bill):
            resolve_account(session, posting.role, posting.qualifier, paid_on)
    except (PpkdMissing, RoleNotMapped, AccountTakesNoPostings):
        return received_on
    return paid_on


def book_payment(
    session: Session, notice: PaymentNotice, recording: Recording, bill: PayableBill | None, *, recorded_at: datetime
) -> None:
    """Post the entry of a payment just recorded, accounted on its day (`accounting_day`).

    Raises PpkdMissing before a chart was loaded, and what `post_entry` raises; then nothing of the unit is kept.
    """
    if recording.ppkd is None:
        raise PpkdMissing
    if bill is None:
        kind = "payment_unidentified"
        postings = _unapplied(notice, recording.ppkd)
    else:
        kind = "payment_applied"
        postings = _applied(notice, recording.ppkd, bill)
        if recording.budget_recognised:
            postings += _budget_side(notice, bill)
    payment = recording.payment
    draft = EntryDraft(
        kind=kind,
        key=f"payment:{payment.uid}",
        occurred_at=payment.paid_at,
        accounted_on=recording.accounted_on,
        description=f"{notice.channel} {notice.payment_code or '-'} {notice.bank_reference}"[:300],
        postings=postings,
        source_kind="payment",
        source_uid=payment.uid,
        may_be_late=True,
    )
    post_entry(session, draft, actor=f"partner:{notice.partner.code}", recorded_at=recorded_at)


def _applied(notice: PaymentNotice, ppkd: str, bill: PayableBill) -> tuple[PostingDraft, ...]:
    """Row 4a."""
    return paid_at_partner(
        entity=bill.entity, ppkd=ppkd, kind=bill.kind, amount=notice.amount, partner=notice.partner.code
    )


def _budget_side(notice: PaymentNotice, bill: PayableBill) -> tuple[PostingDraft, ...]:
    """Row 4A, where the payment was recorded so: policy recognises when a partner took the money."""
    return budget_recognised(entity=bill.entity, kind=bill.kind, amount=notice.amount)


def _unapplied(notice: PaymentNotice, ppkd: str) -> tuple[PostingDraft, ...]:
    """Row 19."""
    return unidentified_at_partner(ppkd=ppkd, amount=notice.amount, partner=notice.partner.code)


def _all_that_may_be_posted(notice: PaymentNotice, ppkd: str, bill: PayableBill | None) -> tuple[PostingDraft, ...]:
    return _unapplied(notice, ppkd) if bill is None else _applied(notice, ppkd, bill) + _budget_side(notice, bill)
