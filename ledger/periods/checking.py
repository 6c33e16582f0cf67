"""Proving that months hold what they held when they were closed, and stand where they were moved.

For: computing counts and SHA-256 of closed months anew, and holding every month to the audit acts about it.
Not for: naming which entry differs, or proving the audit acts: their seals do both (ledger.sealing). Until an act is
sealed (`list_unsealed_months`), whoever wrote the row could have written it.

What a month is held to
- Closed, it holds the entries, postings and SHA-256 that its row says.
- Its row says what the newest audit act about it said: state, times reopened and, closed, what it held. Whoever reopens
  a month past the guards and closes it again over other entries has written the row, but not that act.
- Its audit acts follow one another from open on; a reopening names what the closing before it did; the state history
  tells the same moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ledger.periods.faults import PeriodFault, Told, tell_act, tell_difference, tell_move, tell_state
from ledger.periods.queries import Period, name_of

__all__ = ["PeriodCheck", "check_periods"]

# One statement, so one snapshot: a month that is moved meanwhile is seen as before or as after, not half. An act that
# names no month says nothing of any.
_CHECK = text("""
WITH act AS MATERIALIZED (
    SELECT a.id, a.thing_uid AS name, a.action, a.details FROM recorded_acts a
    WHERE a.thing = 'accounting_period' AND a.thing_uid ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])$'
), known AS (
    SELECT to_char(p.month, 'YYYY-MM') AS name FROM accounting_period p UNION SELECT a.name FROM act a
)
SELECT k.name, p.state, p.reopenings, p.entry_count, p.posting_count, p.sha256,
    (SELECT jsonb_agg(jsonb_build_array(a.id, a.action, a.details) ORDER BY a.id) FROM act a WHERE a.name = k.name)
        AS acts,
    (SELECT jsonb_agg(jsonb_build_array(m.from_state, m.to_state) ORDER BY m.id) FROM recorded_moves m
        WHERE m.thing = 'accounting_period' AND m.thing_id = p.id) AS moves,
    CASE WHEN p.state = 'CLOSED' AND :contents THEN (
        SELECT jsonb_build_array(d.entry_count, d.posting_count, encode(d.digest, 'hex'))
        FROM ledger_period_digest(p.month) d) END AS held
FROM known k LEFT JOIN accounting_period p ON to_char(p.month, 'YYYY-MM') = k.name
WHERE CAST(:name AS text) IS NULL OR k.name = :name
ORDER BY k.name
""")


@dataclass(frozen=True, slots=True)
class PeriodCheck:
    """One month: what it was closed with, what it holds now, and what does not fit.

    Where the row does not say CLOSED, counts and hashes are None; what is found is None where it was not looked for.
    `newest_act` is the id of the newest audit act about the month; None without one.
    """

    month: date
    state: str
    entry_count: int | None
    posting_count: int | None
    sha256: bytes | None
    entries_found: int | None
    postings_found: int | None
    sha256_found: bytes | None
    newest_act: int | None
    faults: tuple[PeriodFault, ...]

    @property
    def is_intact(self) -> bool:
        """Whether it holds exactly what it was closed with, and stands where it was moved."""
        return not self.faults


def check_periods(
    session: Session, *, month: date | None = None, contents: bool = True, moved: bool = False
) -> list[PeriodCheck]:
    """Every month that is closed or has a fault, or the one that a day is in (none when it is neither), oldest first.

    Without `contents` the entries are not read: rows are only held to the audit acts. With `moved` also the months that
    are open or being adjusted since somebody moved them.
    """
    name = None if month is None else name_of(month)
    found = session.execute(_CHECK, {"name": name, "contents": contents}).all()
    checks = [(_checked(row), moved and bool(row.acts)) for row in found]
    return [each for each, wanted in checks if wanted or each.state == "CLOSED" or each.faults]


@dataclass(frozen=True, slots=True)
class _Act:
    """An audit act about a month. What is not in its details, or is of another type there, is None."""

    id: int
    action: str
    details: dict[str, Any]

    def before(self) -> dict[str, object]:
        """What it says the month was, with the count of reopenings after it; what was held, if it was closed."""
        return self._said("from")

    def after(self) -> dict[str, object]:
        """What it says the month was made."""
        return self._said("to")

    def _said(self, end: str) -> dict[str, object]:
        state = self.details.get(end)
        return _told(state, *(self.details.get(name) for name in ("reopenings", "entries", "postings", "sha256")))


def _told(state: object, reopenings: object, *held: object) -> dict[str, object]:
    told = {"state": state, "reopenings": reopenings}
    return told | dict(zip(("entries", "postings", "sha256"), held, strict=True)) if state == "CLOSED" else told


def _checked(row: Row[Any]) -> PeriodCheck:
    month = date.fromisoformat(f"{row.name}-01")
    stands = Period(month, "OPEN")
    if row.state is not None:
        sha256 = None if row.sha256 is None else bytes(row.sha256)
        stands = Period(month, row.state, row.reopenings, row.entry_count, row.posting_count, sha256)
    held = row.held or [None, None, None]
    acts = [
        _Act(number, action, details if isinstance(details, dict) else {}) for number, action, details in row.acts or ()
    ]
    moves = [f"{source}→{target}" for source, target in row.moves or ()]
    return PeriodCheck(
        month, stands.state, stands.entry_count, stands.posting_count, stands.sha256,
        held[0], held[1], held[2] and bytes.fromhex(held[2]), acts[-1].id if acts else None,
        tuple(_faults(stands, held, acts, moves)),
    )  # fmt: skip


def _faults(stands: Period, held: list[Any], acts: list[_Act], moves: list[str]) -> Iterator[PeriodFault]:
    sha256 = stands.sha256 and stands.sha256.hex()
    said = _told(stands.state, stands.reopenings, stands.entry_count, stands.posting_count, sha256)
    acted = [f"{each.details.get('from')}→{each.details.get('to')}" for each in acts]
    unmoved = stands == Period(stands.month, "OPEN")
    kinds = {
        "period_changed": tell_difference(_told(stands.state, stands.reopenings, *held), said) if any(held) else Told(),
        "period_not_as_recorded": tell_difference(said, acts[-1].after()) if acts else Told(),
        "period_moved_unrecorded": Told() if acts or unmoved else tell_state(stands.state),
        "period_acts_broken": _breaks(acts),
        "period_history_differs": _unlike(moves, acted),
    }
    for kind, told in kinds.items():
        if told:
            yield PeriodFault(kind, stands.name, told.told_id, told.told_en)


def _breaks(acts: list[_Act]) -> Told:
    """Where an act does not go on from the one before it; the first goes on from a month that is open."""
    stood: dict[str, object] = {"state": "OPEN", "reopenings": 0}
    found: list[Told] = []
    for act in acts:
        before = stood["reopenings"]
        steps = int(act.action == "period.reopened")
        if isinstance(before, int):
            stood["reopenings"] = before + steps
        if broken := tell_difference(act.before(), stood):
            found.append(tell_act(act.id, broken))
        stood = act.after()
    return Told("; ".join(each.told_id for each in found), "; ".join(each.told_en for each in found))


def _unlike(moves: list[str], said: list[str]) -> Told:
    """The first move that differs from the act in its place, with its number from 1."""
    for number, (move, act) in enumerate(zip_longest(moves, said), start=1):
        if move != act:
            return tell_move(number, move, act)
    return Told()
