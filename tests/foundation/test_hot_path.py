"""`fetch_row` and the message that begins a unit of work: as safe as SQLAlchemy's own way."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack, suppress

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from foundation.connections import dispose_engines
from foundation.db import UnitOfWorkFailed, constraint_of, fetch_row, run_unit, shared_unit_of_work, unit_of_work
from foundation.regions import Region
from tests.app.web_client import changed_settings
from tests.database import TestDatabase

HOLIDAY = "INSERT INTO holiday (on_date, name, legal_basis) VALUES (%s, %s, 'contoh') RETURNING name"


def _holidays(region: Region) -> list[str]:
    with unit_of_work(region.code) as session:
        return list(session.scalars(text("SELECT name FROM holiday ORDER BY on_date")))


def test_a_row_comes_back_plain_and_commits_with_its_unit(region: Region, other_region: Region) -> None:
    with unit_of_work(region.code) as session:
        assert fetch_row(session, HOLIDAY, ("2026-08-17", "Hari Contoh")) == ("Hari Contoh",)
        assert fetch_row(session, "SELECT name FROM holiday WHERE on_date = %s", ("2026-08-18",)) is None
    assert (_holidays(region), _holidays(other_region)) == (["Hari Contoh"], [])


def test_what_a_unit_undoes_itself_is_not_committed_with_it(region: Region) -> None:
    with unit_of_work(region.code) as session:
        fetch_row(session, HOLIDAY, ("2026-08-17", "Hari Contoh"))
        session.rollback()
    assert _holidays(region) == []
    with unit_of_work(region.code) as session:
        fetch_row(session, HOLIDAY, ("2026-08-17", "Hari Contoh"))
        session.rollback()
        fetch_row(session, HOLIDAY, ("2026-08-18", "Esoknya"))
    assert _holidays(region) == ["Esoknya"]


def _swallow(region: Region, raw: bool) -> None:
    with unit_of_work(region.code) as session:
        fetch_row(session, HOLIDAY, ("2026-08-17", "Hari Contoh"))
        with suppress(DBAPIError):
            fetch_row(session, "SELECT 1/0", ()) if raw else session.scalar(text("SELECT 1/0"))


@pytest.mark.parametrize("raw", [True, False])
def test_a_failure_that_was_swallowed_is_not_taken_for_a_commit(region: Region, raw: bool) -> None:
    with pytest.raises(UnitOfWorkFailed, match="failed"):
        _swallow(region, raw)
    assert _holidays(region) == []


def _twice(region: Region) -> None:
    with unit_of_work(region.code) as session:
        fetch_row(session, HOLIDAY, ("2026-08-17", "Hari Contoh"))
        fetch_row(session, HOLIDAY, ("2026-08-17", "Lagi"))


def test_a_violated_constraint_undoes_the_unit_and_is_named(region: Region) -> None:
    with pytest.raises(IntegrityError) as refused:
        _twice(region)
    assert constraint_of(refused.value) == "pk_holiday"
    assert _holidays(region) == []


def test_a_serialization_failure_is_tried_again(region: Region) -> None:
    tries = []

    def act(session):
        tries.append(1)
        fetch_row(session, HOLIDAY, (f"2026-08-{len(tries)}", "Hari Contoh"))
        if len(tries) < 3:
            session.flush()
            fetch_row(session, "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$", ())
        return len(tries)

    assert run_unit(region.code, act) == 3
    assert _holidays(region) == ["Hari Contoh"]


def test_nothing_of_a_unit_stays_on_its_connection(region: Region, other_region: Region) -> None:
    paths = []
    for code in (region.code, other_region.code, region.code):
        with unit_of_work(code) as session:
            paths.append(fetch_row(session, "SELECT current_setting('search_path'), txid_current() > 0", ()))
            driver = session.connection().connection.driver_connection
    assert paths == [("r3316, pg_temp", True), ("r6471, pg_temp", True), ("r3316, pg_temp", True)]
    assert driver.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert driver.execute("SHOW search_path").fetchone() == ('"$user", public',)
    with shared_unit_of_work() as session:
        assert fetch_row(session, "SHOW search_path", ()) == ("lunas, pg_temp",)


def test_what_fails_after_a_savepoint_leaves_the_rest(region: Region) -> None:
    with unit_of_work(region.code) as session:
        fetch_row(session, HOLIDAY, ("2026-08-17", "Hari Contoh"))
        with pytest.raises(IntegrityError), session.begin_nested():
            fetch_row(session, HOLIDAY, ("2026-08-17", "Lagi"))
        fetch_row(session, HOLIDAY, ("2026-08-18", "Esoknya"))
    assert _holidays(region) == ["Hari Contoh", "Esoknya"]


@pytest.mark.parametrize("raw", [True, False])
def test_connections_that_the_server_ended_are_replaced_at_once(
    region: Region, database: TestDatabase, raw: bool
) -> None:
    def ask(session):
        statement = "SELECT 1 FROM holiday"
        return fetch_row(session, statement, ()) if raw else session.scalar(text(statement))

    with unit_of_work(region.code) as one, unit_of_work(region.code) as two:  # two connections in the pool
        ask(one), ask(two)
    with psycopg.connect(database.superuser_url, autocommit=True) as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = %s AND usename = 'lunas_app'",
            [database.name],
        )
    with pytest.raises(OperationalError) as lost, unit_of_work(region.code) as session:
        ask(session)
    assert isinstance(lost.value, DBAPIError)
    assert lost.value.connection_invalidated
    for _ in range(3):
        with unit_of_work(region.code) as session:
            assert ask(session) is None


def _break_in_the_middle(region: Region, database: TestDatabase) -> None:
    with unit_of_work(region.code) as session:
        row = fetch_row(session, "SELECT pg_backend_pid()", ())
        with psycopg.connect(database.superuser_url, autocommit=True) as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s, 10000)", row)
        fetch_row(session, HOLIDAY, ("2026-08-17", "Hari Contoh"))


def test_a_connection_that_breaks_in_the_middle_says_so(region: Region, database: TestDatabase) -> None:
    with pytest.raises(OperationalError) as lost:
        _break_in_the_middle(region, database)
    assert lost.value.connection_invalidated
    assert _holidays(region) == []


@pytest.mark.parametrize("raw", [True, False])
def test_a_server_that_is_not_there_is_an_error_of_the_kind_that_workers_wait_for(raw: bool) -> None:
    with (
        changed_settings(DATABASE_URL="postgresql://lunas_app:x@127.0.0.1:1/lunas"),
        pytest.raises(OperationalError, match="refused"),
        unit_of_work("3316") as session,
    ):
        fetch_row(session, "SELECT 1", ()) if raw else session.scalar(text("SELECT 1"))


@pytest.mark.parametrize("used", [True, False])
def test_a_unit_that_has_ended_reaches_no_other_one(region: Region, other_region: Region, used: bool) -> None:
    with unit_of_work(region.code) as ended:
        if used:
            ended.scalar(text("SELECT 1"))
        fetch_row(ended, "SELECT 1", ())
    with unit_of_work(other_region.code) as other:
        fetch_row(other, HOLIDAY, ("2026-08-17", "Hari Contoh"))
        for act in (
            lambda: fetch_row(ended, "SELECT current_schema()", ()),
            lambda: ended.scalar(text("SELECT current_schema()")),
        ):
            with pytest.raises(UnitOfWorkFailed, match="has ended"):
                act()
        ended.rollback()
        ended.close()
    assert (_holidays(region), _holidays(other_region)) == ([], ["Hari Contoh"])


def test_a_unit_is_entered_once(region: Region) -> None:
    unit = unit_of_work(region.code)
    with unit as session:
        first = fetch_row(session, "SELECT pg_backend_pid()", ())
        with pytest.raises(UnitOfWorkFailed, match="once"):
            unit.__enter__()
    with pytest.raises(UnitOfWorkFailed, match="once"):
        unit.__enter__()
    with unit_of_work(region.code) as one, unit_of_work(region.code) as two:
        pids = {fetch_row(one, "SELECT pg_backend_pid()", ()), fetch_row(two, "SELECT pg_backend_pid()", ())}
    assert len(pids) == 2
    assert first in pids


def test_a_child_leaves_more_connections_alone_than_the_pool_keeps(region: Region) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            fetch_row(stack.enter_context(unit_of_work(region.code)), "SELECT 1", ())
    child = os.fork()
    if child == 0:
        dispose_engines(close=False)
        gc.collect()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    with ExitStack() as stack:
        for _ in range(20):
            assert fetch_row(stack.enter_context(unit_of_work(region.code)), "SELECT 1", ()) == (1,)


def _lose(region: Region, database: TestDatabase, go_on: bool) -> list[object]:
    with unit_of_work(region.code) as session:
        row = fetch_row(session, "SELECT pg_backend_pid()", ())
        with psycopg.connect(database.superuser_url, autocommit=True) as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s, 10000)", row)
        with pytest.raises(OperationalError):
            fetch_row(session, HOLIDAY, ("2026-08-17", "Hari Contoh"))
        if go_on:
            session.rollback()
            return [fetch_row(session, HOLIDAY, ("2026-08-18", "Esoknya")), session.scalar(text("SELECT 1"))]
    return []


def test_a_lost_connection_that_was_swallowed_is_told_at_the_end(region: Region, database: TestDatabase) -> None:
    with pytest.raises(OperationalError, match="was lost"):
        _lose(region, database, go_on=False)
    assert _holidays(region) == []
    assert _lose(region, database, go_on=True) == [("Esoknya",), 1]
    assert _holidays(region) == ["Esoknya"]
