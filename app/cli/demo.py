"""`lunas demo`: a first look at Lunas on one machine.

For: `make demo`. Not for: the steps and processes themselves (app.demo).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from app.cli.groups import OfficeGroup

if TYPE_CHECKING:
    from app.demo import DemoCredentials, DemoPlaces

__all__ = ["demo"]

# The first object that samples/generate_bills.py invents.
_FIRST_NOP = "33.16.999.001.001-0001.0"


@click.group(cls=OfficeGroup, invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Demo di satu mesin / A demo on one machine; Ctrl-C stops everything."""
    if context.invoked_subcommand is not None:
        return
    from app.demo import prepare_demo, run_demo
    from app.demo.places import choose_places
    from app.demo.running import stop_leftovers
    from foundation.config import reload_settings
    from foundation.embedded import default_home

    home = default_home()
    leftovers = stop_leftovers(home)
    if leftovers:
        click.echo(f"{leftovers} proses demo sebelumnya dihentikan / processes of an earlier demo stopped")
    places = choose_places(home)
    os.environ.update(places.environment)
    click.echo("Menyiapkan demo / preparing the demo …")
    credentials = prepare_demo(places, tell=lambda line: click.echo(f"  {line}"))
    reload_settings()
    run_demo(places, ready=lambda: _welcome(places, credentials))
    click.echo("Semua berhenti; data tetap ada / everything has stopped; the data stays.")


@demo.command("code")
@click.option("--region", default="3316", show_default=True, help="Kode wilayah / region code.")
def code(region: str) -> None:
    """Kode faktor kedua bendahara demo / the demo treasurer's second-factor code."""
    from app.demo import read_credentials
    from app.demo.credentials import current_code
    from foundation.embedded import default_home
    from foundation.regions import RegionUnknown

    for one in read_credentials(default_home()):
        if one.region == region:
            click.echo(current_code(one))
            return
    raise RegionUnknown(region=region)


def _welcome(places: DemoPlaces, credentials: list[DemoCredentials]) -> None:
    first = credentials[0]
    click.echo(
        f"""
  Lunas           {places.web}/
  Bank sandbox    {places.bank}/
  Kas daerah      {places.web}/3316/kas
                  nama / user {first.username}   sandi / password {first.password}
                  kode / code: .venv/bin/lunas demo code   (rahasia TOTP / secret {first.totp_secret})
  API             {places.web}/3316/api/v1/openapi.json
  SNAP            {places.web}/3316/snap/openapi.json

  Coba / try:
  1. {places.web}/3316/ : cari NOP / look up NOP {_FIRST_NOP} (berikutnya / next: …0002.1, …0003.2)
  2. Tampilkan QRIS, atau salin nomor virtual account / show the QRIS, or copy the virtual account number
  3. Bayar di bank sandbox / pay it in the sandbox bank; halaman tagihan menjadi LUNAS / the bill's page turns to LUNAS
  4. Tutup hari di bank sandbox / close the day in the sandbox bank
  5. Lihat rekonsiliasi / see it reconciled: {places.web}/3316/kas (tiap menit / each minute)
     atau / or: .venv/bin/lunas reconcile run --region 3316
  6. Buku besar / the ledger:
     curl -H "Authorization: Bearer {first.api_token}" "{places.web}/3316/api/v1/ledger/entries?limit=5"

  Wilayah kedua / second region: {places.web}/6471/
  Ctrl-C menghentikan semuanya / stops everything.
"""
    )
