"""Bringing the shared schema and every region's schema to the newest version.

For: `lunas region create` and `lunas db upgrade`: each schema in a transaction of its own, resumed where it stopped.
Not for: what a migration does (migrations/), or moving data between regions (never).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from foundation.connections import database_url, owner_engine
from foundation.errors import DatabaseNewer
from foundation.tables import SHARED_SCHEMA, schema_of

__all__ = ["Upgrade", "create_region_schema", "upgrade_region", "upgrade_shared"]

_TREES = Path(__file__).parent.parent / "migrations"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What was done to one schema: the versions before and after (None: the schema was empty)."""

    schema: str
    before: str | None
    after: str

    @property
    def changed(self) -> bool:
        """False when there was nothing to do."""
        return self.before != self.after


def upgrade_shared() -> Upgrade:
    """Create or upgrade the shared schema. Two at once wait for each other (advisory lock). Raises DatabaseNewer."""
    with owner_engine().begin() as connection:
        _one_at_a_time(connection)
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SHARED_SCHEMA}"))
        return _upgrade(connection, "shared", SHARED_SCHEMA)


def upgrade_region(region: str) -> Upgrade:
    """Upgrade one region's schema in one transaction. Raises DatabaseNewer."""
    with owner_engine().begin() as connection:
        _one_at_a_time(connection)
        return _upgrade(connection, "region", schema_of(region))


def create_region_schema(connection: Connection, region: str) -> Upgrade:
    """Make and migrate the schema of a new region on the owner's open transaction."""
    _one_at_a_time(connection)
    connection.execute(text(f"CREATE SCHEMA {schema_of(region)}"))
    return _upgrade(connection, "region", schema_of(region))


def _one_at_a_time(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('lunas.migrating'))"))


def _upgrade(connection: Connection, tree: str, schema: str) -> Upgrade:
    role = application_role()
    connection.execute(text(f"SET LOCAL search_path = {schema}, pg_temp"))
    config = Config()
    config.set_main_option("script_location", str(_TREES))
    config.set_main_option("version_locations", str(_TREES / tree / "versions"))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, schema=schema, tree=tree, app_role=role)
    context = MigrationContext.configure(connection, opts={"version_table_schema": schema})
    before = context.get_current_revision()
    script = ScriptDirectory.from_config(config)
    if before is not None and before not in {known.revision for known in script.walk_revisions()}:
        raise DatabaseNewer(schema=schema, version=before)
    command.upgrade(config, "head")
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {role}"))
    after = script.get_current_head()
    if after is None:
        raise AssertionError(f"the {tree} tree has no migration")
    return Upgrade(schema, before, after)


def application_role() -> str:
    """The name of the application's role, quoted by rule: it becomes SQL, so only a plain name is accepted."""
    name = urlsplit(database_url("app")).username or ""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError("DATABASE_URL must name the application's role as a plain lower-case name")
    return name
