"""`lunas token`: access for programs, e.g. BPKAD's own system that pulls the ledger.

For: making a token (shown once), listing and revoking.
Not for: banks; `lunas partner` registers them.
"""

from __future__ import annotations

import click

from app.cli import cli_actor
from app.cli.groups import OfficeGroup

__all__ = ["token"]

_region = click.option("--region", required=True, help="Kode wilayah / region code.")


@click.group(cls=OfficeGroup)
def token() -> None:
    """Token API / API tokens."""


@token.command("create")
@_region
@click.option("--name", required=True, help="Nama token, unik / a unique name.")
@click.option("--permission", "permissions", multiple=True, required=True, help="Izin / permission, e.g. ledger.read.")
@click.option("--days", default=365, show_default=True, help="Masa berlaku / days in force, at most 1100.")
def create(region: str, name: str, permissions: tuple[str, ...], days: int) -> None:
    """Buat token dan cetak sekali / make a token and print it, once."""
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.identity import create_token
    from foundation.regions import get_region

    code = get_region(region).code
    with unit_of_work(code) as session:
        secret = create_token(
            session, name, region=code, permissions=permissions, days=days, by=cli_actor(), at=clock.now()
        )
    click.echo(secret)
    click.echo("Simpan sekarang; tidak dapat ditampilkan lagi. / Keep it now; it cannot be shown again.", err=True)


@token.command("revoke")
@_region
@click.argument("name")
def revoke(region: str, name: str) -> None:
    """Cabut token / revoke a token.

    The token NAME ends now.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.identity import revoke_token
    from foundation.regions import get_region

    with unit_of_work(get_region(region).code) as session:
        revoke_token(session, name, by=cli_actor(), at=clock.now())
    click.echo(f"{name}: dicabut / revoked")


@token.command("list")
@_region
def list_all(region: str) -> None:
    """Daftar token / list tokens.

    Tab separated: public part, name, permissions, end, revoked or not.
    """
    from foundation.db import unit_of_work
    from foundation.identity import list_tokens
    from foundation.regions import get_region

    with unit_of_work(get_region(region).code) as session:
        for found in list_tokens(session):
            state = "dicabut" if found.revoked_at else "aktif"
            ends = found.expires_at.date().isoformat()
            click.echo(f"{found.public_id}\t{found.name}\t{','.join(found.permissions)}\t{ends}\t{state}")
