"""The unit of work: all or nothing, one region, moments with their zone, and connections of one process."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from foundation import connections
from foundation.audit import AuditEvent, record_act
from foundation.connections import dispose_engines, leadership_connection
from foundation.db import constraint_of, raw_connection, unit_of_work
from foundation.policies import PolicyRow
from foundation.regions import Region

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def _act(region: Region, action: str = "tried") -> None:
    with unit_of_work(region.code) as session:
        record_act(session, actor="cli:test", action=action, thing="test", thing_uid=uuid4(), details={"n": 1}, at=AT)


def _actions(region: Region) -> list[str]:
    with unit_of_work(region.code) as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def _act_and_fail(region: Region) -> None:
    with unit_of_work(region.code) as session:
        record_act(session, actor="x", action="undone", thing="test", thing_uid=None, details={}, at=AT)
        raise RuntimeError


def test_an_act_is_whole_or_was_never(region: Region) -> None:
    _act(region)
    with pytest.raises(RuntimeError):
        _act_and_fail(region)
    assert _actions(region) == ["tried"]


def test_what_is_copied_in_commits_with_its_act(region: Region) -> None:
    columns = "uid, at, actor, action, thing, details"
    with unit_of_work(region.code) as session:
        connection = raw_connection(session)
        with connection.cursor() as cursor, cursor.copy(f"COPY audit_event ({columns}) FROM STDIN") as copy:
            copy.write_row((uuid4(), AT, "x", "copied", "test", "{}"))
        with unit_of_work(region.code) as other:
            assert other.scalars(select(AuditEvent)).all() == []
    assert _actions(region) == ["copied"]


def test_a_moment_without_a_zone_never_reaches_the_database(region: Region) -> None:
    naive = datetime(2026, 11, 21)  # noqa: DTZ001 - that is what is refused
    with pytest.raises(StatementError, match="a moment needs its zone"), unit_of_work(region.code) as session:
        record_act(session, actor="x", action="naive", thing="test", thing_uid=None, details={}, at=naive)
    assert _actions(region) == []


def test_moments_come_back_in_utc(region: Region) -> None:
    _act(region)
    with unit_of_work(region.code) as session:
        found = session.scalars(select(AuditEvent.at)).one()
    assert (found, found.utcoffset()) == (AT, AT.utcoffset())


def test_a_violated_constraint_is_named_and_its_values_are_not_told(region: Region) -> None:
    row = {"name": "a", "valid_from": AT.date(), "value": "secret", "legal_basis": "b", "set_by": "c", "set_at": AT}
    with pytest.raises(IntegrityError) as refused, unit_of_work(region.code) as session:
        session.execute(insert(PolicyRow), [row, row])
    assert constraint_of(refused.value) == "pk_policy"
    assert "secret" not in str(refused.value)


def test_one_leader_at_a_time(region: Region) -> None:
    lock = "SELECT pg_try_advisory_lock(42)"
    with leadership_connection() as first, leadership_connection() as second:
        assert first.execute(lock).fetchone() == (True,)
        assert second.execute(lock).fetchone() == (False,)
    with leadership_connection() as third:
        assert third.execute(lock).fetchone() == (True,)


def test_connections_are_forgotten_before_a_fork(region: Region) -> None:
    _act(region)
    assert connections._engines != {}
    dispose_engines()
    assert connections._engines == {}
    dispose_engines()
    assert connections._engines == {}, "forgetting starts nothing"
    _act(region)


def test_a_child_leaves_its_parents_connections_alone(region: Region) -> None:
    with unit_of_work(region.code) as session:
        record_act(session, actor="x", action="before", thing="test", thing_uid=None, details={}, at=AT)
        child = os.fork()
        if child == 0:
            dispose_engines(close=False)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert session.scalar(text("SELECT count(*) FROM audit_event")) == 1
    assert _actions(region) == ["before"]
