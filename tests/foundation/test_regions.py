"""Regions: a schema each, migrated each in its own transaction, and nothing of one reaches the other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.cli import main
from foundation import migrating
from foundation.audit import AuditEvent, record_act
from foundation.connections import owner_engine
from foundation.db import run_unit, unit_of_work
from foundation.errors import DatabaseNewer
from foundation.migrating import upgrade_region, upgrade_shared
from foundation.regions import (
    Region,
    RegionExists,
    RegionInvalid,
    RegionUnknown,
    create_region,
    find_region,
    get_region,
    list_regions,
)
from foundation.tables import schema_of

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def test_a_region_is_found_by_its_code(region: Region, other_region: Region) -> None:
    assert list_regions() == [region, other_region]
    assert get_region("3316") == Region("3316", "Kabupaten Blora", "Asia/Jakarta")
    assert find_region("9999") is None
    with pytest.raises(RegionUnknown):
        get_region("9999")


@pytest.mark.parametrize(
    "code, name, timezone, field",
    [
        ("331", "Kabupaten Contoh", "Asia/Jakarta", "code"),
        ("33a6", "Kabupaten Contoh", "Asia/Jakarta", "code"),
        ("9102", "x", "Asia/Jayapura", "name"),
        ("9102", "Kabupaten Contoh", "WIT", "timezone"),
    ],
)
def test_what_cannot_be_a_region_is_refused(region: Region, code: str, name: str, timezone: str, field: str) -> None:
    before = list_regions()
    with pytest.raises(RegionInvalid) as refused:
        create_region(code, name, timezone=timezone)
    assert refused.value.field == field
    assert list_regions() == before


def test_a_code_is_taken_once(region: Region) -> None:
    with pytest.raises(RegionExists):
        create_region("3316", "Kabupaten Lain", timezone="Asia/Jakarta")
    assert get_region("3316").name == "Kabupaten Blora"


def test_a_region_that_cannot_be_made_leaves_nothing(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr(command, "upgrade", _only_for("shared", fail))
    with pytest.raises(RuntimeError):
        create_region("9102", "Kabupaten Contoh", timezone="Asia/Jayapura")
    assert find_region("9102") is None
    assert not _schema_exists("r9102")


def test_an_upgrade_goes_on_where_it_stopped(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "_upgrade", _to("region_0001"))
        create_region("9102", "Kabupaten Contoh", timezone="Asia/Jayapura")
    assert _version("r9102") == "region_0001"

    def fail(*_args: object) -> None:
        raise RuntimeError("the power went out")

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", fail)
        with pytest.raises(RuntimeError):
            upgrade_region("9102")
    assert _version("r9102") == "region_0001"

    done = upgrade_region("9102")
    assert (done.schema, done.before, done.changed) == ("r9102", "region_0001", True)
    assert done.after == _version("r9102") == _version("r3316")
    assert upgrade_region("9102").changed is False
    assert upgrade_shared().changed is False


def test_a_schema_newer_than_the_code_is_refused_by_name(region: Region) -> None:
    create_region("9102", "Kabupaten Contoh", timezone="Asia/Jayapura")
    with owner_engine().begin() as connection:
        connection.execute(text("UPDATE r9102.alembic_version SET version_num = 'region_9999'"))
    with pytest.raises(DatabaseNewer) as refused:
        upgrade_region("9102")
    assert refused.value.message_id == (
        "Skema r9102 sudah pada versi region_9999, lebih baru dari Lunas ini. Perbarui Lunas lebih dahulu."
    )
    assert _version("r9102") == "region_9999"
    told = CliRunner().invoke(main, ["db", "upgrade"])
    assert told.exit_code == 1
    assert "Schema r9102 is at version region_9999, newer than this Lunas. Update Lunas first." in told.stderr
    assert "Traceback" not in told.output


def test_what_is_written_in_one_region_is_not_in_the_other(region: Region, other_region: Region) -> None:
    with unit_of_work(region.code) as session:
        record_act(session, actor="cli:test", action="tried", thing="test", thing_uid=None, details={}, at=AT)
    with unit_of_work(other_region.code) as session:
        assert session.scalars(select(AuditEvent)).all() == []
    with unit_of_work(region.code) as session:
        assert len(session.scalars(select(AuditEvent)).all()) == 1


def test_nothing_of_a_region_stays_on_the_connection(region: Region) -> None:
    from foundation.db import shared_unit_of_work

    with unit_of_work(region.code) as session:
        assert session.scalar(text("SHOW search_path")) == "r3316, pg_temp"
    with shared_unit_of_work() as session:
        assert session.scalar(text("SHOW search_path")) == "lunas, pg_temp"


def test_the_application_owns_nothing(region: Region) -> None:
    for statement in ("CREATE TABLE mine (id int)", "DROP TABLE job", "ALTER TABLE job DISABLE TRIGGER ALL"):
        with pytest.raises(ProgrammingError), unit_of_work(region.code) as session:
            session.execute(text(statement))
    with pytest.raises(ProgrammingError), unit_of_work(region.code) as session:
        session.execute(text("SET session_replication_role = replica"))
    with pytest.raises(ProgrammingError), unit_of_work(region.code) as session:
        session.execute(text("INSERT INTO lunas.region VALUES ('11', 'Contoh', 'Asia/Jakarta', now())"))


@pytest.mark.parametrize("code", ["", "331", "33161", "3316; DROP SCHEMA lunas", "٣٣١٦", "r3316"])
def test_only_digits_become_a_schema(code: str) -> None:
    with pytest.raises(ValueError):
        schema_of(code)


def test_a_unit_that_the_database_asks_to_repeat_is_repeated(region: Region) -> None:
    attempts: list[int] = []

    def act(session: Session) -> str:
        attempts.append(1)
        if len(attempts) < 3:
            session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"))
        return "done"

    assert run_unit(region.code, act) == "done"
    assert len(attempts) == 3


def test_another_error_is_not_repeated(region: Region) -> None:
    attempts: list[int] = []

    def act(session: Session) -> None:
        attempts.append(1)
        session.execute(text("SELECT 1/0"))

    with pytest.raises(Exception, match="division by zero"):
        run_unit(region.code, act)
    assert len(attempts) == 1


def _only_for(tree: str, otherwise):  # type: ignore[no-untyped-def]  # a wrapper around alembic's own function
    real = command.upgrade

    def upgrade(config, revision):  # type: ignore[no-untyped-def]  # as above
        return real(config, revision) if config.attributes["tree"] == tree else otherwise()

    return upgrade


def _to(revision: str):  # type: ignore[no-untyped-def]  # as above
    real = migrating._upgrade

    def upgrade(connection, tree, schema):  # type: ignore[no-untyped-def]  # as above
        if tree == "shared":
            return real(connection, tree, schema)
        whole = command.upgrade
        try:
            command.upgrade = lambda config, _head: whole(config, revision)
            return real(connection, tree, schema)
        finally:
            command.upgrade = whole

    return upgrade


def _version(schema: str) -> str:
    with owner_engine().begin() as connection:
        return str(connection.scalar(text(f"SELECT version_num FROM {schema}.alembic_version")))


def _schema_exists(schema: str) -> bool:
    with owner_engine().begin() as connection:
        return bool(
            connection.scalar(text("SELECT count(*) FROM pg_namespace WHERE nspname = :name"), {"name": schema})
        )
