"""Real PostgreSQL for the tests: one embedded server per run, one database per worker, two regions in it.

For: these fixtures.
- `embedded_server` (session): the running EmbeddedServer, shared by all xdist workers of the run.
- `fresh_database` (function): the name of an empty database, dropped afterwards.
- `database` (session): a database with the shared schema, and settings that point to it; see TestDatabase.
- `region` (function): Region "3316" (Kabupaten Blora, Asia/Jakarta), as new.
- `other_region` (function): Region "6471" (Kota Balikpapan, Asia/Makassar), as new.
- `server_place` (function): a directory for homes of further servers; `own_server` (function): one of the test's own,
  started, for tests that kill or stop it.
- `restore_regions` (session): call it to get both as new within a longer test.
Every test that uses one of these carries the marker `database`; `pytest -m database` runs just them.
Not for: mocks of the database; there are none.

How regions become new again: both schemas are made once per worker. Before each test every row is deleted and what the
migrations had put there is put back, by the superuser with session_replication_role = replica, since no other role gets
past the triggers that refuse DELETE, and a DELETE of a few rows is faster than TRUNCATE of many tables. Sequences go
on counting. Schemas of regions that a test added are dropped.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from foundation.embedded import EmbeddedServer
from foundation.embedded.home import STATE_ROOT, make_directory
from foundation.regions import Region

_HOME = "LUNAS_TESTS_HOME"
_OURS = pytest.StashKey[bool]()
_FIXTURES = {"embedded_server", "server_place"}
REGIONS = (
    Region("3316", "Kabupaten Blora", "Asia/Jakarta"),
    Region("6471", "Kota Balikpapan", "Asia/Makassar"),
)


@dataclass(frozen=True)
class TestDatabase:
    """The worker's database: its name and the libpq addresses of the three roles."""

    __test__ = False

    name: str
    url: str
    owner_url: str
    superuser_url: str


def pytest_configure(config: pytest.Config) -> None:
    """Name the server's home once per run, before the workers start, and clear away what killed runs left."""
    config.addinivalue_line("markers", "database: uses PostgreSQL; set by the fixtures")
    if _HOME in os.environ:  # a worker, or pytest within a test: the run that made the server removes it
        return
    root = STATE_ROOT if os.geteuid() == 0 else Path(tempfile.gettempdir())
    for left in root.glob("lunas-tests-*-*"):
        if left.stat().st_uid == os.geteuid() and not _is_alive(int(left.name.split("-")[2])):
            _remove_server(left)
    os.environ[_HOME] = str(root / f"lunas-tests-{os.getpid()}-{secrets.token_hex(4)}")
    config.stash[_OURS] = True


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's server and remove its home, after every worker has ended."""
    if config.stash.get(_OURS, False):
        _remove_server(Path(os.environ.pop(_HOME)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the database, so that CI can run it again on another PostgreSQL."""
    for item in items:
        if _FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


@pytest.fixture(scope="session")
def embedded_server() -> EmbeddedServer:
    """The run's server; the first worker that asks makes it, the others wait for that."""
    home = Path(os.environ[_HOME])
    make_directory(home, 0o711)
    server = EmbeddedServer(home)
    server.start()
    return server


@pytest.fixture
def fresh_database(embedded_server: EmbeddedServer) -> Iterator[str]:
    """An empty database of the owner's."""
    name = f"fresh_{secrets.token_hex(6)}"
    embedded_server.create_database(name)
    yield name
    embedded_server.drop_database(name)


@pytest.fixture
def server_place() -> Iterator[Path]:
    """A directory that the servers' user can reach; homes made in it are stopped and removed afterwards."""
    path = Path(os.environ[_HOME]) / f"own-{secrets.token_hex(4)}"
    make_directory(path, 0o755)
    yield path
    for home in path.iterdir():
        EmbeddedServer(home).stop()
    shutil.rmtree(path)


@pytest.fixture
def own_server(server_place: Path) -> EmbeddedServer:
    """A server of the test's own, started."""
    server = EmbeddedServer(server_place / "home")
    server.start()
    return server


@pytest.fixture(scope="session")
def database(embedded_server: EmbeddedServer, worker_id: str, _own_settings: None) -> Iterator[TestDatabase]:
    """The worker's database with the shared schema; DATABASE_URL and DATABASE_OWNER_URL name it, here and in processes
    that the test starts."""
    from foundation.config import reload_settings
    from foundation.connections import dispose_engines
    from foundation.migrating import upgrade_shared

    name = f"lunas_{worker_id}"
    embedded_server.create_database(name)
    urls = [embedded_server.url(role, name) for role in ("app", "owner", "superuser")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", urls[0])
        patch.setenv("DATABASE_OWNER_URL", urls[1])
        reload_settings()
        upgrade_shared()
        yield TestDatabase(name, *urls)
        dispose_engines()
    reload_settings()
    embedded_server.drop_database(name)


@pytest.fixture(scope="session")
def restore_regions(database: TestDatabase) -> Callable[[], None]:
    """Make both regions; the function makes them as new again."""
    from foundation.regions import create_region

    for region in REGIONS:
        create_region(region.code, region.name, timezone=region.timezone)
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        kept = {_schema(region): _keep_rows(connection, _schema(region)) for region in REGIONS}

    def restore() -> None:
        with psycopg.connect(database.superuser_url) as connection:
            connection.execute("SET LOCAL lock_timeout = '30s'")
            connection.execute("SET LOCAL session_replication_role = replica")
            _drop_other_regions(connection, set(kept))
            for schema, tables in kept.items():
                _put_back(connection, schema, tables)

    return restore


@pytest.fixture
def region(restore_regions: Callable[[], None]) -> Region:
    """Kabupaten Blora as new, and so is the other region."""
    restore_regions()
    return REGIONS[0]


@pytest.fixture
def other_region(region: Region) -> Region:
    """Kota Balikpapan, as new."""
    return REGIONS[1]


def _schema(region: Region) -> str:
    return f"r{region.code}"


def _keep_rows(connection: psycopg.Connection, schema: str) -> dict[str, list[str] | None]:
    """The tables of a new region: None for the empty ones, else the columns to put back, the rows kept aside."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition AND relname <> 'alembic_version' ORDER BY 1",
        [schema],
    ).fetchall()
    aside = sql.Identifier(f"kept_{schema}")
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(aside))
    kept: dict[str, list[str] | None] = {}
    for (table,) in tables:
        here = sql.Identifier(schema, table)
        if not connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(here)).fetchone():
            kept[table] = None
            continue
        there = sql.Identifier(f"kept_{schema}", table)
        connection.execute(sql.SQL("CREATE TABLE {} AS TABLE {}").format(there, here))
        kept[table] = [
            name
            for (name,) in connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
                [f"{schema}.{table}"],
            )
        ]
    return kept


def _put_back(connection: psycopg.Connection, schema: str, tables: dict[str, list[str] | None]) -> None:
    asked = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(table), sql.Identifier(schema, table))
        for table in tables
    )
    for (table,) in connection.execute(asked).fetchall() if tables else []:
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(schema, table)))
    for table, columns in tables.items():
        if columns is not None:
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            connection.execute(
                sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
                    sql.Identifier(schema, table), names, names, sql.Identifier(f"kept_{schema}", table)
                )
            )


def _drop_other_regions(connection: psycopg.Connection, ours: set[str]) -> None:
    for (schema,) in connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^r[0-9]{2,4}$'").fetchall():
        if schema not in ours:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    connection.execute("DELETE FROM lunas.region WHERE 'r' || code <> ALL (%s)", [sorted(ours)])


def _remove_server(home: Path) -> None:
    for each in (home, *home.glob("own-*/*")):
        EmbeddedServer(each).stop()
    shutil.rmtree(home, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
