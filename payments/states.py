"""States of a payment and of a QRIS request.

For: the tables that the one door (foundation.states) and the tests read. A payment is inserted in the state that its
first move leads to; `payments_record` notes the move.
Not for: settlement and credit to RKUD, which are dates on the payment, not states.
"""

from foundation.states import Move, State, StateTable

__all__ = ["PAYMENT_STATES", "QRIS_STATES"]

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
