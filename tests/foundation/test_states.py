"""States: declared whole, moved through one door, every move recorded."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from foundation.db import unit_of_work
from foundation.jobs import Job, enqueue_job
from foundation.regions import Region
from foundation.states import Move, MoveRefused, State, StateChange, StateTable, all_state_tables, move

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
OPEN, SHUT = State("Terbuka", "Open"), State("Tertutup", "Shut", finished=True)


@pytest.mark.parametrize(
    "states, moves",
    [
        ({"OPEN": OPEN, "SHUT": SHUT}, ()),
        ({"OPEN": OPEN}, (Move("shut", "OPEN", "SHUT"),)),
        ({"OPEN": OPEN, "SHUT": SHUT}, (Move("shut", "OPEN", "SHUT"), Move("opened", "SHUT", "OPEN"))),
        ({"OPEN": OPEN, "SHUT": SHUT}, (Move("shut", "OPEN", "SHUT"), Move("shut", "OPEN", "OPEN"))),
    ],
    ids=["unreachable", "undeclared", "out of a finished state", "one event, two targets"],
)
def test_a_table_that_is_not_complete_fails_at_import(states: dict[str, State], moves: tuple[Move, ...]) -> None:
    with pytest.raises(ValueError):
        StateTable("test_gate", initial="OPEN", states=states, moves=moves)
    assert "test_gate" not in all_state_tables()


def test_a_move_leaves_who_when_and_why(region: Region) -> None:
    table = all_state_tables()["job"]
    with unit_of_work(region.code) as session:
        enqueue_job(session, "test", {}, key="k", run_at=AT, at=AT)
        job = session.scalars(select(Job)).one()
        move(session, table, job, "claimed", by="worker:test", why="due", at=AT)
    with unit_of_work(region.code) as session:
        change = session.scalars(select(StateChange)).one()
        assert (change.thing, change.thing_id, change.from_state, change.to_state) == (
            "job",
            job.id,
            "QUEUED",
            "RUNNING",
        )
        assert (change.event, change.by, change.why, change.at) == ("claimed", "worker:test", "due", AT)


def test_a_move_that_is_not_allowed_changes_nothing(region: Region) -> None:
    table = all_state_tables()["job"]
    with unit_of_work(region.code) as session:
        enqueue_job(session, "test", {}, key="k", run_at=AT, at=AT)
    with pytest.raises(MoveRefused), unit_of_work(region.code) as session:
        move(session, table, session.scalars(select(Job)).one(), "done", by="x", why="", at=AT)
    with unit_of_work(region.code) as session:
        assert session.scalars(select(Job)).one().state == "QUEUED"
        assert session.scalars(select(StateChange)).all() == []


@pytest.mark.parametrize("table", ["state_change", "audit_event"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET thing = thing"])
def test_history_refuses_to_be_changed(region: Region, table: str, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|append-only"), unit_of_work(region.code) as session:
        session.execute(text(statement.format(table)))


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET thing = thing"])
@pytest.mark.parametrize("table", ["state_change", "audit_event"])
def test_history_refuses_even_its_owner(region: Region, table: str, statement: str) -> None:
    from foundation.connections import owner_engine

    with pytest.raises(ProgrammingError, match="append-only"), owner_engine().begin() as connection:
        connection.execute(text(statement.format(f"r{region.code}.{table}")))
