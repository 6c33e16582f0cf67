"""`lunas db`: bring the shared schema and every region's schema to the newest version.

For: after an update of Lunas. Each schema is a transaction of its own, so a run that was stopped goes on where it was.
Not for: making a region (`lunas region create`).
"""

from __future__ import annotations

import click

from app.cli.groups import OfficeGroup

__all__ = ["db"]


@click.group(cls=OfficeGroup)
def db() -> None:
    """Basis data / The database."""


@db.command("upgrade")
def upgrade() -> None:
    """Migrasikan basis data / migrate the database.

    The shared schema first, then each region; says which were changed.
    """
    from foundation.migrating import Upgrade, upgrade_region, upgrade_shared
    from foundation.regions import list_regions

    def tell(done: Upgrade) -> None:
        if done.changed:
            click.echo(f"{done.schema}: {done.before or '-'} -> {done.after}")
        else:
            click.echo(f"{done.schema}: {done.after} (tidak ada perubahan / unchanged)")

    tell(upgrade_shared())
    for region in list_regions():
        tell(upgrade_region(region.code))
