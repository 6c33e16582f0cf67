"""What can be wrong with a period: each fault in words, Indonesian first.

For: the kinds of faults, one found fault with its month, and the words for what differs.
Not for: finding them (ledger.periods.checking).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "PERIOD_FAULTS",
    "PeriodFault",
    "Told",
    "tell_act",
    "tell_difference",
    "tell_move",
    "tell_state",
]

# Kind: (Indonesian, English). {place} begins the sentence and names the month, {told} says what differs.
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
        "{place} memiliki catatan audit yang tidak bersambung: {told}",
        "{place} has audit acts that do not follow one another: {told}",
    ),
    "period_history_differs": (
        "{place} memiliki riwayat status yang berbeda dari catatan auditnya: {told}",
        "{place} has a state history that differs from its audit acts: {told}",
    ),
}

# What a month is held to: (Indonesian, English).
_FACTS: dict[str, tuple[str, str]] = {
    "state": ("status", "state"),
    "reopenings": ("pembukaan kembali", "reopenings"),
    "entries": ("jurnal", "entries"),
    "postings": ("baris jurnal", "postings"),
    "sha256": ("SHA-256", "SHA-256"),
}
_SHOULD_BE = ("seharusnya", "should be")
_NOTHING = ("tidak ada", "none")


@dataclass(frozen=True, slots=True)
class Told:
    """What differs, in both languages; false when nothing does."""

    told_id: str = ""
    told_en: str = ""

    def __bool__(self) -> bool:
        return bool(self.told_id)


@dataclass(frozen=True, slots=True)
class PeriodFault:
    """One fault of a month ("2026-03"). `told_id` and `told_en` name each thing that differs, with both values."""

    kind: str
    month: str
    told_id: str
    told_en: str

    @property
    def place_id(self) -> str:
        """Which month, in Indonesian: "Periode 2026-03"."""
        return f"Periode {self.month}"

    @property
    def place_en(self) -> str:
        """Which month, in English: "Period 2026-03"."""
        return f"Period {self.month}"

    @property
    def message_id(self) -> str:
        """The sentence in Indonesian."""
        return PERIOD_FAULTS[self.kind][0].format(place=self.place_id, told=self.told_id)

    @property
    def message_en(self) -> str:
        """The sentence in English."""
        return PERIOD_FAULTS[self.kind][1].format(place=self.place_en, told=self.told_en)


def tell_difference(found: Mapping[str, object], wanted: Mapping[str, object]) -> Told:
    """Each thing that both tell and that differs: "jurnal 3, seharusnya 2; status CLOSED, seharusnya OPEN"."""
    differing = [name for name in found if name in wanted and found[name] != wanted[name]]
    return Told(*("; ".join(_pair(at, name, found[name], wanted[name]) for name in differing) for at in (0, 1)))


def tell_state(state: object) -> Told:
    """The state alone."""
    return Told(*(f"{_FACTS['state'][at]} {_value(at, state)}" for at in (0, 1)))


def tell_act(number: int, told: Told) -> Told:
    """What differs at one audit act."""
    return Told(f"catatan audit {number}: {told.told_id}", f"audit act {number}: {told.told_en}")


def tell_move(number: int, move: str | None, act: str | None) -> Told:
    """A move of the state history beside the act in its place, counted from 1; None where there is none."""
    told_id = f"perubahan ke-{number} {_value(0, move)}, seharusnya {_value(0, act)}"
    return Told(told_id, f"move {number} {_value(1, move)}, should be {_value(1, act)}")


def _pair(language: int, name: str, found: object, wanted: object) -> str:
    values = f"{_value(language, found)}, {_SHOULD_BE[language]} {_value(language, wanted)}"
    return f"{_FACTS[name][language]} {values}"


def _value(language: int, value: object) -> str:
    return _NOTHING[language] if value is None else str(value)
