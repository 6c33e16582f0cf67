"""What the models of tables are made of: the two declarative bases, column types, and the schemas they stand in.

For: the models of every package (`class Bill(RegionBase)`), and the rules by which constraints and schemas are named.
Not for: reaching a database (foundation.db), or changing a schema (foundation.migrating, migrations/).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, UserDefinedType

__all__ = ["SHARED_SCHEMA", "Json", "MoneySen", "RegionBase", "SharedBase", "UtcDateTime", "Xact", "schema_of"]

SHARED_SCHEMA = "lunas"
MoneySen = BigInteger
Json = JSONB
_REGION_CODE = re.compile(r"\d{2}(\d{2})?")
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """timestamptz that refuses naive moments instead of guessing their zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a naive moment. Raises ValueError."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value


class Xact(UserDefinedType[int]):
    """xid8: the number of the database transaction that wrote a row; readers wait until all older ones have ended."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        """The type's name in DDL."""
        return "XID8"


# So that the comparison of models and migrations knows the type when it meets it in the database.
ischema_names["xid8"] = Xact


class SharedBase(DeclarativeBase):
    """Tables of the shared schema: the registry of regions and leadership, nothing else."""

    metadata = MetaData(schema=SHARED_SCHEMA, naming_convention=_NAMING)
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012 - SQLAlchemy reads it from the class


class RegionBase(DeclarativeBase):
    """Tables that each region has in a schema of its own; they name no schema and have no region column."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012 - SQLAlchemy reads it from the class


def schema_of(region: str) -> str:
    """The schema of a region: "3316" to "r3316". Raises ValueError on anything but 2 or 4 digits (it becomes SQL)."""
    if not (region.isascii() and _REGION_CODE.fullmatch(region)):
        raise ValueError("a region's code has 2 or 4 digits")
    return f"r{region}"
