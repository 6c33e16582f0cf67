"""Why a file of the seals does not hold, in both languages.

For: `Unsound`, which reading a proof, a head or a block's header raises, and `reasons_of` for whoever tells it.
Not for: refusals themselves (ledger.errors), or faults of the ledger (ledger.sealing.findings).
"""

from __future__ import annotations

__all__ = ["Unsound", "reasons_of"]


class Unsound(ValueError):
    """Something in a file of the seals is not as it is written there; both reasons are half sentences."""

    def __init__(self, reason_id: str, reason_en: str) -> None:
        self.reason_id = reason_id
        self.reason_en = reason_en
        super().__init__(reason_en)


def reasons_of(error: Exception) -> tuple[str, str]:
    """The reason in both languages. What only Python can name is told as unreadable."""
    if isinstance(error, Unsound):
        return error.reason_id, error.reason_en
    return "isinya tidak dapat dibaca", "its content cannot be read"
