"""Which standard journals a payment posts.

For: row 4a (and 4A where policy puts it there) for a payment that settles a bill, row 19 for one that fits none.
Not for: row 4b, which follows the bank statement (reconciliation), or what the rows are (the ledger).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from foundation.clock import business_date
from foundation.money import Money
from foundation.policies import get_policy
from ledger import (
    EntryDraft,
    PostingDraft,
    budget_recognised,
    get_ppkd,
    paid_at_partner,
    post_entry,
    unidentified_at_partner,
)
from payments.models import Partner, Payment

__all__ = ["book_applied", "book_unapplied"]


def book_applied(
    session: Session, payment: Payment, partner: Partner, *, actor: str, recorded_at: datetime, zone: str
) -> None:
    """Post row 4a, and 4A with it where policy recognises the budget side when a partner took the money."""
    entity, kind = payment.entity, payment.revenue_kind
    if entity is None or kind is None:
        raise AssertionError("an applied payment names its entity and revenue kind")
    amount = Money(payment.amount_sen)
    ppkd = get_ppkd(session).code
    postings = paid_at_partner(entity=entity, ppkd=ppkd, kind=kind, amount=amount, partner=partner.code)
    accounted_on = business_date(recorded_at, zone)
    if get_policy(session, "ledger.budget_recognised_at", on=accounted_on) == "4a":
        postings += budget_recognised(entity=entity, kind=kind, amount=amount)
    _post(session, payment, "payment_applied", postings, actor=actor, recorded_at=recorded_at, zone=zone)


def book_unapplied(
    session: Session, payment: Payment, partner: Partner, *, actor: str, recorded_at: datetime, zone: str
) -> None:
    """Post row 19: the partner holds the money, and we owe it to somebody whom we do not know yet."""
    postings = unidentified_at_partner(
        ppkd=get_ppkd(session).code, amount=Money(payment.amount_sen), partner=partner.code
    )
    _post(session, payment, "payment_unidentified", postings, actor=actor, recorded_at=recorded_at, zone=zone)


def _post(
    session: Session,
    payment: Payment,
    kind: str,
    postings: tuple[PostingDraft, ...],
    *,
    actor: str,
    recorded_at: datetime,
    zone: str,
) -> None:
    draft = EntryDraft(
        kind=kind,
        key=f"payment:{payment.uid}",
        occurred_at=payment.paid_at,
        accounted_on=business_date(recorded_at, zone),
        description=f"{payment.channel} {payment.payment_code or '-'} {payment.bank_reference}"[:300],
        postings=postings,
        source_kind="payment",
        source_uid=payment.uid,
    )
    post_entry(session, draft, actor=actor, recorded_at=recorded_at)
