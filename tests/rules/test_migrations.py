"""Migrations are numbered, stand in two trees with one head each, and make what the models say.

For: the files of migrations/, and a real region compared with the models.
Not for: what a migration does with rows (tests of the package that owns them), nor views, functions and triggers, which
models do not describe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Inspector, Integer, MetaData, String, Table, event, text
from sqlalchemy.dialects.postgresql import DOMAIN

from foundation.connections import owner_engine
from foundation.regions import Region
from foundation.tables import RegionBase, SharedBase
from tests.rules.house_tables import import_everything
from tests.rules.source import ROOT, Found, Source, snippet, sources, told

TREES = ("shared", "region")
_LONGEST = text(
    "SELECT character_maximum_length FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND table_name = :table AND column_name = :column"
)


def _tree(name: str) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("version_locations", str(ROOT / "migrations" / name / "versions"))
    config.set_main_option("path_separator", "newline")
    return ScriptDirectory.from_config(config)


def badly_numbered(given: Iterable[Source]) -> Iterator[Found]:
    """Files whose number, revision and predecessor do not follow each other: 0001, 0002, …"""
    for source in given:
        place = re.fullmatch(r"migrations/(\w+)/versions/(\d{4})_[a-z0-9_]+\.py", source.path)
        if place is None:
            yield Found(source.path, 1, "a migration is named like 0007_payments_refunds.py")
            continue
        tree, number = place[1], int(place[2])
        before = f'"{tree}_{number - 1:04d}"' if number > 1 else "None"
        for name, value in (("revision", f'"{tree}_{number:04d}"'), ("down_revision", before)):
            if not re.search(rf"^{name}(: \S+)? = {value}$", source.text, re.MULTILINE):
                yield Found(source.path, 1, f"{name} is {value}")
        if re.search(r"^def downgrade", source.text, re.MULTILINE):
            yield Found(source.path, 1, "migrations go forward only")


def _versions() -> tuple[Source, ...]:
    return tuple(each for each in sources("migrations") if "/versions/" in each.path)


def test_migrations_are_numbered_one_after_the_other() -> None:
    assert not told(badly_numbered(_versions()))
    for tree in TREES:
        numbers = [each.path.rpartition("/")[2][:4] for each in _versions() if f"/{tree}/" in each.path]
        assert sorted(numbers) == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_there_are_two_trees_with_one_head_each() -> None:
    assert {each.path.split("/")[1] for each in _versions()} == set(TREES)
    for tree in TREES:
        assert len(_tree(tree).get_heads()) == 1


def test_a_badly_numbered_migration_is_seen() -> None:
    good = 'revision = "region_0002"\ndown_revision = "region_0001"\n'
    assert not told(badly_numbered(snippet("migrations/region/versions/0002_x.py", good)))
    for path, code in [
        ("migrations/region/versions/add_bills.py", good),
        ("migrations/region/versions/0003_x.py", good),
        ("migrations/region/versions/0002_x.py", good.replace("region_0001", "region_0000")),
        ("migrations/region/versions/0002_x.py", good + "def downgrade() -> None: ..."),
    ]:
        assert told(badly_numbered(snippet(path, code))), path


@event.listens_for(Table, "column_reflect")
def _without_domain(inspector: Inspector, table: Table, column: dict[str, Any]) -> None:
    """Models say what a column holds; the domain that says which values are right is the migration's."""
    if isinstance(column["type"], DOMAIN):
        held, connection = column["type"].data_type, cast("Connection", inspector.bind)
        if isinstance(held, String):  # SQLAlchemy forgets how long a domain's text may be
            held = String(connection.scalar(_LONGEST, {"table": table.name, "column": column["name"]}))
        column["type"] = held


def differences(schema: str, metadata: MetaData) -> list[Any]:
    """What alembic would change to make a schema equal to the models."""
    with owner_engine().connect() as connection:
        connection.execute(text(f"SET search_path = {schema}, pg_temp"))
        shared = metadata.schema is not None

        def ours(obj: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
            return not (kind == "table" and name == "alembic_version")

        options = {
            "compare_type": True,
            "include_schemas": shared,
            "include_name": lambda name, kind, parents: kind != "schema" or not shared or name == schema,
            "include_object": ours,
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_a_migrated_region_equals_the_models(region: Region) -> None:
    import_everything()
    assert not differences(f"r{region.code}", RegionBase.metadata)


def test_the_shared_schema_equals_the_models(region: Region) -> None:
    import_everything()
    assert not differences("lunas", SharedBase.metadata)


def test_a_model_that_the_migrations_lack_is_seen(region: Region) -> None:
    metadata = MetaData()
    for table in RegionBase.metadata.tables.values():
        table.to_metadata(metadata)
    assert not differences(f"r{region.code}", metadata)
    Table("forgotten", metadata, Column("id", Integer, primary_key=True))
    metadata.tables["bill"].append_column(Column("colour", String(10)))
    metadata.tables["journal_entry"].c.key.type = String(201)
    metadata.remove(metadata.tables["payment"])
    changes = differences(f"r{region.code}", metadata)
    kinds = {change[0] if isinstance(change, tuple) else change[0][0] for change in changes}
    assert kinds == {"add_table", "remove_table", "remove_index", "add_column", "modify_type"}
