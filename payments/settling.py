"""What a bank's files tell of payments: when a partner settled them, and when their money stood on RKUD.

For: reconciliation, which decides from the files; the two dates are payments' own columns.
Not for: journal entries (row 4b is posted per batch by reconciliation).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, bindparam, update
from sqlalchemy.orm import Session

from payments.models import Payment

__all__ = ["mark_credited", "mark_settled"]


def mark_settled(session: Session, payment_ids: Sequence[int], *, settled_on: date) -> int:
    """Note the partner's settlement date on payments that have none; returns how many were noted."""
    rows = session.scalars(
        update(Payment)
        .where(_among(payment_ids), Payment.settled_on.is_(None))
        .values(settled_on=settled_on)
        .returning(Payment.id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())


def mark_credited(session: Session, payment_ids: Sequence[int], *, credited_on: date) -> int:
    """Note the date on which the money stood on RKUD on payments that have none; returns how many were noted."""
    rows = session.scalars(
        update(Payment)
        .where(_among(payment_ids), Payment.rkud_credited_on.is_(None))
        .values(rkud_credited_on=credited_on)
        .returning(Payment.id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())


def _among(payment_ids: Sequence[int]) -> ColumnElement[bool]:
    # One array instead of a parameter each: a settlement may name more payments than a statement takes parameters.
    return Payment.id == any_(bindparam("payment_ids", list(payment_ids), type_=ARRAY(BigInteger)))
