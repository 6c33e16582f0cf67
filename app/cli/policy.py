"""`lunas policy`: dated decisions of a region.

For: setting and showing them from the command line.
Not for: what each policy means to the code that reads it (foundation.policies names them).
"""

from __future__ import annotations

from datetime import datetime

import click

from app.cli import cli_actor
from app.cli.groups import OfficeGroup

__all__ = ["policy"]


@click.group(cls=OfficeGroup)
def policy() -> None:
    """Kebijakan bertanggal / Dated policies of a region."""


@policy.command("set")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Berlaku sejak / from.")
@click.option("--basis", required=True, help="Dasar hukum / legal basis.")
@click.argument("name")
@click.argument("value")
def set_one(region: str, valid_from: datetime, basis: str, name: str, value: str) -> None:
    """Tetapkan kebijakan sejak tanggal / set a policy from a date on.

    Earlier values stay as they are.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.policies import set_policy
    from foundation.regions import get_region

    code = get_region(region).code
    with unit_of_work(code) as session:
        set_policy(
            session,
            name,
            value,
            valid_from=valid_from.date(),
            legal_basis=basis,
            by=cli_actor(),
            at=clock.now(),
        )
    click.echo(f"{name} = {value} sejak / from {valid_from.date().isoformat()}")


@policy.command("list")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Pada tanggal / on a date; default today.")
def list_all(region: str, on: datetime | None) -> None:
    """Kebijakan yang berlaku / policies in force.

    Every known policy with its value on a date.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.policies import POLICIES, get_policy
    from foundation.regions import get_region

    found = get_region(region)
    day = on.date() if on else clock.today(found.timezone)
    with unit_of_work(found.code) as session:
        for name, policy in POLICIES.items():
            click.echo(f"{name}\t{get_policy(session, name, on=day)}\t{policy.meaning}")
