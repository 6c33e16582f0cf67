"""The registry of regions: each is a row in the shared schema and a schema of its own.

For: making a region, and finding the one that an address or a command names.
Not for: what a region decides (policies, holidays, chart): those are rows in its own schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import String, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from foundation import clock
from foundation.connections import owner_engine
from foundation.db import shared_unit_of_work
from foundation.errors import Conflict, Invalid, NotFound
from foundation.migrating import create_region_schema, upgrade_shared
from foundation.tables import SharedBase

__all__ = ["Region", "RegionExists", "RegionUnknown", "create_region", "find_region", "get_region", "list_regions"]


class RegionUnknown(NotFound):
    """No region has this code here."""

    code = "region_unknown"
    text_id = "Wilayah {region} belum terdaftar."
    text_en = "Region {region} is not registered."


class RegionExists(Conflict):
    """The code is taken."""

    code = "region_exists"
    text_id = "Wilayah {region} sudah terdaftar."
    text_en = "Region {region} is already registered."


class RegionInvalid(Invalid):
    """The code, name or zone cannot be a region's."""

    code = "region_invalid"
    text_id = "Isian {field} untuk wilayah tidak sah: {value!r}."
    text_en = "The region's {field} is not valid: {value!r}."


class RegionRow(SharedBase):
    """One region."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Region:
    """A region: Kemendagri code (2 digits a province, 4 a kabupaten or kota), name, IANA zone."""

    code: str
    name: str
    timezone: str


def create_region(code: str, name: str, *, timezone: str) -> Region:
    """Make the region's schema, migrate it and register it, all in one transaction.

    Raises RegionInvalid (code, name, timezone) or RegionExists; then nothing was made.
    """
    if not re.fullmatch(r"[0-9]{2}([0-9]{2})?", code):
        raise RegionInvalid(field="code", value=code)
    if not 3 <= len(name.strip()) <= 100:
        raise RegionInvalid(field="name", value=name)
    if timezone not in available_timezones():
        raise RegionInvalid(field="timezone", value=timezone)
    upgrade_shared()
    with owner_engine().begin() as connection:
        if connection.execute(select(RegionRow.code).where(RegionRow.code == code)).first():
            raise RegionExists(region=code)
        create_region_schema(connection, code)
        connection.execute(
            insert(RegionRow).values(code=code, name=name.strip(), timezone=timezone, created_at=clock.now())
        )
    return Region(code, name.strip(), timezone)


def find_region(code: str) -> Region | None:
    """The region with this code, or None."""
    with shared_unit_of_work() as session:
        row = session.get(RegionRow, code)
        return Region(row.code, row.name, row.timezone) if row else None


def get_region(code: str) -> Region:
    """The region with this code. Raises RegionUnknown."""
    region = find_region(code)
    if region is None:
        raise RegionUnknown(region=code)
    return region


def list_regions() -> list[Region]:
    """All regions by code; an installation has at most some hundreds."""
    with shared_unit_of_work() as session:
        rows = session.scalars(select(RegionRow).order_by(RegionRow.code)).all()
        return [Region(row.code, row.name, row.timezone) for row in rows]
