"""What can be wrong with a period: each fault in words, Indonesian first.

For: the kinds of faults, and one found fault with its month.
Not for: finding them (ledger.periods.checking).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PERIOD_FAULTS", "PeriodFault"]

# Kind: (Indonesian, English). {place} names the month, {told} what differs.
PERIOD_FAULTS: dict[str, tuple[str, str]] = {
    "period_changed": (
        "{place} tidak lagi memuat apa yang ditutup: {told}",
        "{place} does not hold what it was closed with: {told}",
    ),
    "period_not_as_recorded": (
        "{place} berbeda dari catatan audit terakhirnya: {told}",
        "{place} is not what its newest audit act says: {told}",
    ),
    "period_moved_unrecorded": (
        "{place} dipindahkan tanpa catatan audit: {told}",
        "{place} was moved without an audit act: {told}",
    ),
    "period_acts_broken": (
        "Catatan audit {place} tidak bersambung: {told}",
        "The audit acts of {place} do not follow one another: {told}",
    ),
    "period_history_differs": (
        "Riwayat status {place} berbeda dari catatan auditnya: {told}",
        "The state history of {place} differs from its audit acts: {told}",
    ),
}


@dataclass(frozen=True, slots=True)
class PeriodFault:
    """One fault of a month ("2026-03"). `told` names each thing that differs, with both values, in no language."""

    kind: str
    month: str
    told: str

    @property
    def place(self) -> str:
        """Which month, e.g. "period 2026-03"."""
        return f"period {self.month}"

    @property
    def message_id(self) -> str:
        """The sentence in Indonesian."""
        return PERIOD_FAULTS[self.kind][0].format(place=self.place, told=self.told)

    @property
    def message_en(self) -> str:
        """The sentence in English."""
        return PERIOD_FAULTS[self.kind][1].format(place=self.place, told=self.told)
