"""The sockets that concrete banks and file formats plug into.

For: the protocols that use cases take as keyword arguments (`acquirer: QrisAcquirer`); `app/wiring.py` chooses.
Not for: any implementation, nor for doors that banks knock on (those are in `app/bank_doors/`).
"""

from __future__ import annotations

from typing import Protocol

from bank_adapters.contract.messages import QrisOffer, QrisRequest, SettlementFile, StatementFile

__all__ = ["QrisAcquirer", "StatementReader", "SettlementReader"]


class QrisAcquirer(Protocol):
    """Who issues dynamic QRIS for the region (SNAP service 47, or the acquirer's own API)."""

    def generate(self, request: QrisRequest) -> QrisOffer:
        """Ask for one dynamic QRIS and wait at most five seconds.

        The caller holds no database transaction open meanwhile. Raises AcquirerUnreachable when no usable answer
        came in time (asking again is right) and AcquirerRefused when the acquirer said no.
        """


class StatementReader(Protocol):
    """Reads one statement format (MT940, CAMT, a bank's CSV)."""

    def read(self, data: bytes, *, filename: str) -> tuple[StatementFile, ...]:
        """All statements in the file, in its order, every line counted and each statement footed.

        Raises StatementUnreadable naming the line; it never leaves a line out.
        """


class SettlementReader(Protocol):
    """Reads one partner's settlement format."""

    def read(self, data: bytes, *, filename: str) -> SettlementFile:
        """The settlement in the file, sums checked against the lines.

        Raises SettlementUnreadable naming the line; it never leaves a line out.
        """
