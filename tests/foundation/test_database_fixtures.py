"""The tests' own ground: regions are as new in every test, and nothing leaves this machine."""

from __future__ import annotations

import socket
import urllib.request

import psycopg
import pytest

from foundation.db import unit_of_work
from foundation.embedded import EmbeddedServer
from foundation.regions import Region, create_region, list_regions
from tests.conftest import NetworkRefused
from tests.database import REGIONS, TestDatabase, _keep_rows, _put_back


def _count(database: TestDatabase, table: str) -> int:
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("time", ["first", "again"])
def test_a_region_is_as_new_in_every_test(database: TestDatabase, region: Region, time: str) -> None:
    assert _count(database, "r3316.audit_event") == 0
    assert _count(database, "r3316.alembic_version") == 1
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(
            "INSERT INTO r3316.audit_event (uid, actor, action, thing, details, at)"
            " VALUES (gen_random_uuid(), 'cli:test', 'tried', 'test', '{}', now())"
        )
    assert _count(database, "r3316.audit_event") == 1


def test_what_migrations_put_into_a_region_is_put_back(embedded_server: EmbeddedServer, fresh_database: str) -> None:
    with psycopg.connect(embedded_server.url("superuser", fresh_database), autocommit=True) as connection:
        connection.execute(
            "CREATE SCHEMA r99; CREATE TABLE r99.kind (id int GENERATED ALWAYS AS IDENTITY, name text,"
            " loud text GENERATED ALWAYS AS (upper(name)) STORED); CREATE TABLE r99.empty (id int);"
            " INSERT INTO r99.kind (name) VALUES ('pbb'), ('parkir')"
        )
        tables = _keep_rows(connection, "r99")
        connection.execute("DELETE FROM r99.kind WHERE id = 1; UPDATE r99.kind SET name = 'pasar'")
        connection.execute("INSERT INTO r99.empty VALUES (1)")
        _put_back(connection, "r99", tables)
        rows = connection.execute("SELECT id, name, loud FROM r99.kind ORDER BY id").fetchall()
        assert rows == [(1, "pbb", "PBB"), (2, "parkir", "PARKIR")]
        assert connection.execute("SELECT count(*) FROM r99.empty").fetchone() == (0,)


def test_a_region_that_a_test_adds_is_gone_in_the_next(database: TestDatabase, restore_regions, region: Region) -> None:
    create_region("9471", "Kota Contoh", timezone="Asia/Jayapura")
    assert [known.code for known in list_regions()] == ["3316", "6471", "9471"]
    restore_regions()
    assert list_regions() == list(REGIONS)
    assert _count(database, "pg_namespace WHERE nspname = 'r9471'") == 0


def test_the_two_regions_are_told_apart(region: Region, other_region: Region) -> None:
    assert (region.code, region.timezone) == ("3316", "Asia/Jakarta")
    assert (other_region.code, other_region.timezone) == ("6471", "Asia/Makassar")
    from sqlalchemy import text

    for known in (region, other_region):
        with unit_of_work(known.code) as session:
            assert session.scalar(text("SELECT current_schema()")) == f"r{known.code}"


def test_a_test_cannot_reach_another_machine() -> None:
    with socket.socket() as probe, pytest.raises(NetworkRefused):
        probe.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkRefused):
        urllib.request.urlopen("http://bank.example/")
