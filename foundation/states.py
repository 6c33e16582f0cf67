"""States are a table per thing, and one door moves them.

For: declaring which states a thing has, which moves are allowed, the public word of each state and whether it is
finished; and for moving a row, which records who, when and why in `state_change`.
Not for: facts derived from dates (a bill past its due date is not in another state).

On a hot path a package's own SQL function may make the move, if it calls `foundation_record_move`; the table here
stays the description that tests hold it to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import BigInteger, Identity, Index, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.errors import Conflict
from foundation.tables import RegionBase, Xact

__all__ = ["Move", "MoveRefused", "State", "StateTable", "all_state_tables", "move"]


@dataclass(frozen=True, slots=True)
class State:
    """One state: its public word in both languages, and whether anything can follow."""

    word_id: str
    word_en: str
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed move: the event, and the states it leads from and to."""

    event: str
    source: str
    target: str


class MoveRefused(Conflict):
    """The event is not allowed in the state the thing is in."""

    code = "move_refused"
    text_id = "{thing} berstatus {state} tidak dapat menerima kejadian {event}."
    text_en = "{thing} in state {state} does not allow {event}."


_TABLES: dict[str, StateTable] = {}


class StateTable:
    """The states of one thing. Made once at import; wrong tables (unknown or unreachable states) fail at once."""

    def __init__(self, thing: str, *, initial: str, states: dict[str, State], moves: tuple[Move, ...]) -> None:
        self.thing = thing
        self.initial = initial
        self.states = states
        self.moves = {(m.source, m.event): m.target for m in moves}
        reached = {initial} | {m.target for m in moves}
        if reached != set(states) or len(self.moves) != len(moves) or thing in _TABLES:
            raise ValueError(f"the state table of {thing} is not complete or not unique")
        for (source, _event), _target in self.moves.items():
            if source not in states or states[source].finished:
                raise ValueError(f"{thing}: no move may leave {source}")
        _TABLES[thing] = self

    def target_of(self, state: str, event: str) -> str:
        """The state that follows. Raises MoveRefused."""
        target = self.moves.get((state, event))
        if target is None:
            raise MoveRefused(thing=self.thing, state=state, event=event)
        return target


class StateChange(RegionBase):
    """One move of one thing. The database refuses UPDATE, DELETE and TRUNCATE."""

    __tablename__ = "state_change"
    __table_args__ = (
        Index("ix_state_change_thing_thing_id", "thing", "thing_id"),
        Index("ix_state_change_recorded_xact_id", "recorded_xact", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int] = mapped_column(BigInteger)
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    event: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column("moved_by", String(120))
    why: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column("moved_at")
    recorded_xact: Mapped[int] = mapped_column(Xact, server_default=text("pg_current_xact_id()"))


class _Stateful(Protocol):
    id: int
    state: str


def all_state_tables() -> dict[str, StateTable]:
    """Every table declared so far, by thing; for documents and tests."""
    return dict(_TABLES)


def move(session: Session, table: StateTable, row: object, event: str, *, by: str, why: str, at: datetime) -> None:
    """Move a row that has `id` and `state`, and record it. Raises MoveRefused; then nothing has changed."""
    thing: _Stateful = row  # type: ignore[assignment]  # ORM columns are descriptors to mypy, plain values at run time
    source = thing.state
    target = table.target_of(source, event)
    thing.state = target
    session.flush()
    session.execute(
        text("SELECT foundation_record_move(:thing, :id, :source, :target, :event, :by, :why, :at)"),
        {
            "thing": table.thing,
            "id": thing.id,
            "source": source,
            "target": target,
            "event": event,
            "by": by,
            "why": why,
            "at": at,
        },
    )
