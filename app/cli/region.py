"""`lunas region`: make and list regions.

For: the person who runs the installation.
Not for: what a region decides (policies, chart).
"""

from __future__ import annotations

import click

from app.cli.groups import OfficeGroup

__all__ = ["region"]


@click.group(cls=OfficeGroup)
def region() -> None:
    """Wilayah: membuat dan mendaftar / Make and list regions."""


@region.command("create")
@click.argument("code")
@click.argument("name")
@click.option("--timezone", default="Asia/Jakarta", show_default=True, help="Zona waktu IANA / IANA time zone.")
def create(code: str, name: str, timezone: str) -> None:
    """Buat wilayah / make a region.

    Makes the schema of region CODE (Kemendagri code), migrates it and registers it as NAME.
    """
    from foundation.regions import create_region

    made = create_region(code, name, timezone=timezone)
    click.echo(f"Wilayah {made.code} {made.name} ({made.timezone}) siap digunakan.")
    click.echo(f"Region {made.code} {made.name} ({made.timezone}) is ready.")


@region.command("list")
def list_all() -> None:
    """Daftar wilayah / list regions.

    Tab separated: code, zone, name.
    """
    from foundation.regions import list_regions

    for found in list_regions():
        click.echo(f"{found.code}\t{found.timezone}\t{found.name}")


@region.command("webhook-key")
@click.argument("code")
def show_webhook_key(code: str) -> None:
    """Kunci penanda tangan webhook / the key that signs webhook messages.

    Of region CODE; hand it over by a safe way.
    """
    from app.outside.webhooks import webhook_key
    from foundation.regions import get_region

    click.echo(webhook_key(get_region(code).code))
