"""States of a payment and of a QRIS request.

For: the tables that the one door (foundation.states) and the tests read.
Not for: settlement and credit to RKUD, which are dates on the payment, not states.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.states import Move, State, StateTable
from payments.models import Payment

__all__ = ["PAYMENT_STATES", "QRIS_STATES", "record_first_state"]

PAYMENT_STATES = StateTable(
    "payment",
    initial="RECORDED",
    states={
        "RECORDED": State("Tercatat", "Recorded"),
        "APPLIED": State("Terbayar", "Applied to its bill", finished=True),
        "UNAPPLIED": State("Belum Teridentifikasi", "Not yet identified", finished=True),
    },
    moves=(Move("applied", "RECORDED", "APPLIED"), Move("left_unapplied", "RECORDED", "UNAPPLIED")),
)

QRIS_STATES = StateTable(
    "qris_request",
    initial="REQUESTED",
    states={
        "REQUESTED": State("Diminta", "Requested"),
        "OFFERED": State("Tersedia", "Offered", finished=True),
        "FAILED": State("Gagal", "Failed", finished=True),
    },
    moves=(Move("offered", "REQUESTED", "OFFERED"), Move("failed", "REQUESTED", "FAILED")),
)


def record_first_state(session: Session, payment: Payment, *, by: str, at: datetime) -> None:
    """Record the move out of RECORDED for a payment that was inserted in the state it led to."""
    session.execute(
        text("SELECT foundation_record_move('payment', :id, 'RECORDED', :state, :event, :by, :why, :at)"),
        {
            "id": payment.id,
            "state": payment.state,
            "event": "applied" if payment.state == "APPLIED" else "left_unapplied",
            "by": by,
            "why": payment.unapplied_reason or "",
            "at": at,
        },
    )
