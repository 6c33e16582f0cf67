"""`lunas chart`: load a region's chart of accounts, role map and entities, and look at them.

For: the person who sets a region up, and whoever adds a dated row later.
Not for: what the files may hold (ledger.chart_files names the columns).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from app.cli import cli_actor
from app.cli.groups import OfficeGroup

__all__ = ["chart"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=OfficeGroup)
def chart() -> None:
    """Bagan akun / Chart of accounts."""


@chart.command("load")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--accounts", type=_FILE, help="CSV rekening / accounts.")
@click.option("--roles", type=_FILE, help="CSV peran rekening / roles of accounts.")
@click.option("--entities", type=_FILE, help="CSV Perangkat Daerah dan PPKD / entities.")
def load(region: str, accounts: Path | None, roles: Path | None, entities: Path | None) -> None:
    """Muat bagan akun, peran, entitas / load accounts, roles, entities.

    Add what the files hold and the region does not; a faulty file is refused whole, with every fault listed.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import load_chart

    if accounts is None and roles is None and entities is None:
        raise click.UsageError("--accounts, --roles, --entities: minimal satu / at least one")
    with unit_of_work(get_region(region).code) as session:
        loaded = load_chart(
            session,
            accounts=accounts.read_bytes() if accounts else None,
            roles=roles.read_bytes() if roles else None,
            entities=entities.read_bytes() if entities else None,
            actor=cli_actor(),
            at=clock.now(),
        )
    click.echo(f"Dimuat: {loaded.entities} entitas, {loaded.accounts} rekening, {loaded.roles} peran.")
    click.echo(f"Loaded: {loaded.entities} entities, {loaded.accounts} accounts, {loaded.roles} roles.")


@chart.command("list")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Pada tanggal / on a date; default today.")
@click.option("--account", "prefix", default="", help="Awal kode rekening / beginning of the account code.")
def list_all(region: str, on: datetime | None, prefix: str) -> None:
    """Daftar rekening yang berlaku / list the accounts in force.

    Tab separated: code, book, normal side, name.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import list_accounts

    found = get_region(region)
    day = on.date() if on else clock.today(found.timezone)
    after = ""
    with unit_of_work(found.code) as session:
        while page := list_accounts(session, on=day, prefix=prefix, after=after):
            for account in page:
                click.echo(f"{account.code}\t{account.book}\t{account.normal_side}\t{account.name}")
            after = page[-1].code
