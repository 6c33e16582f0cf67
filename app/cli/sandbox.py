"""`lunas sandbox`: the sandbox bank, a program of its own with invented money.

For: making a region its client, exchanging connection files with Lunas, serving it, and closing its day by hand.
Not for: Lunas itself; nothing here opens its database or reads its keys.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.cli.groups import OfficeGroup
from foundation import clock
from foundation.money import Money

__all__ = ["sandbox"]


@click.group(cls=OfficeGroup)
def sandbox() -> None:
    """Bank sandbox, bukan bank sungguhan / The sandbox bank, not a real bank."""


@sandbox.command("setup")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--region-name", required=True, help="Nama wilayah / region name.")
@click.option("--timezone", default="Asia/Jakarta", show_default=True, help="Zona waktu / zone.")
@click.option("--va-prefix", default="", help="Awalan virtual account / prefix; default 8 + region code.")
@click.option("--holding-account", default="", help="Rekening penampungan / holding account number.")
@click.option("--rkud-account", default="", help="Rekening RKUD / RKUD account number.")
@click.option("--rkud-opening", default="0", show_default=True, help="Saldo awal RKUD / opening balance, 150000.00.")
@click.option("--asymmetric-notify", is_flag=True, help="Notifikasi QRIS bertanda tangan RSA / signed with RSA.")
@click.option("--connection", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Berkas / file.")
def setup(region: str, rkud_opening: str, connection: Path, asymmetric_notify: bool, **told: str) -> None:
    """Siapkan wilayah sebagai nasabah / make a region a client.

    Writes the connection file for `lunas partner add`.

    A region that is a client already keeps its keys; the file is written again.
    """
    from app.sandbox_bank.running import open_bank
    from app.sandbox_bank.setting_up import NewClient, add_client, connection_document

    wanted = NewClient(
        region=region,
        region_name=told["region_name"],
        timezone=told["timezone"],
        va_prefix=told["va_prefix"],
        holding_account_no=told["holding_account"],
        rkud_account_no=told["rkud_account"],
        rkud_opening=Money.parse(rkud_opening, field="rkud_opening"),
        asymmetric_notifications=asymmetric_notify,
    )
    with open_bank() as bank, bank.database.unit_of_work() as session:
        client = add_client(session, wanted, at=clock.now())
        document = connection_document(client, url=bank.settings.url)
        accounts = (client.holding.number, client.rkud.number)
    _write_private(connection, document)
    click.echo(f"{region}: VA {client.va_prefix}…, penampungan / holding {accounts[0]}, RKUD {accounts[1]}")
    click.echo(f"lunas partner add --region {region} --connection {connection} --reply REPLY.json")


@sandbox.command("connect")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--reply", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True, help="Balasan.")
def connect(region: str, reply: Path) -> None:
    """Simpan balasan pendaftaran / store the reply of a registration.

    What `lunas partner add` wrote; from then on the sandbox bank can call Lunas.
    """
    from app.sandbox_bank.errors import SandboxInputInvalid
    from app.sandbox_bank.running import open_bank
    from app.sandbox_bank.setting_up import store_reply

    try:
        document = json.loads(reply.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise SandboxInputInvalid(field="reply", value=str(reply)) from fault
    if not isinstance(document, dict):
        raise SandboxInputInvalid(field="reply", value=str(reply))
    with open_bank() as bank, bank.database.unit_of_work() as session:
        client = store_reply(session, region, document, allow_outside=bank.settings.allow_outside)
    click.echo(f"{region} → {client.lunas_base_url}")


@sandbox.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Alamat / address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8090, show_default=True, help="Port.")
def serve(host: str, port: int) -> None:
    """Jalankan bank sandbox / serve the sandbox bank.

    The acquirer's door, the payer's pages and the back office; repeats messages to Lunas.
    """
    from app.sandbox_bank.serving import serve_bank
    from app.sandbox_bank.settings import read_sandbox_settings

    # Settings may start the embedded server: before gunicorn forks, so that its output is the command's own.
    serve_bank(host, port, settings=read_sandbox_settings(os.environ))


@sandbox.command("close-day")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Tanggal pembukuan bank / bank's business date; default today.",
)
@click.option("--leave-out", multiple=True, help="SALAH SENGAJA: referensi bank yang tidak disertakan / left out.")
@click.option("--untold", default="0", help="SALAH SENGAJA: bayar tanpa pemberitahuan / settle an untold payment.")
@click.option("--fee-each", default="0", help="SALAH SENGAJA: potong biaya per pembayaran / keep a fee of each.")
@click.option("--sweep-short", default="0", help="SALAH SENGAJA: pelimpahan kurang / sweep less than the net.")
@click.option("--tell-again", is_flag=True, help="SALAH SENGAJA: beri tahu dua kali / tell of each payment again.")
def close_one_day(
    region: str, day: datetime | None, leave_out: tuple[str, ...], tell_again: bool, **wrong: Any
) -> None:
    """Tutup hari bank / close a business day.

    Settlement CSV, sweep, and MT940 of both accounts into the region's inbox.
    """
    from app.sandbox_bank.bookkeeping import get_client
    from app.sandbox_bank.closing import Misbehaviour, close_day
    from app.sandbox_bank.running import open_bank
    from app.sandbox_bank.writing_files import deliver_files

    at = clock.now()
    amounts = {name: Money.parse(text, field=name) for name, text in wrong.items()}
    misbehaviour = Misbehaviour(leave_out=frozenset(leave_out), tell_again=tell_again, **amounts)
    with open_bank() as bank:
        with bank.database.unit_of_work() as session:
            zone = get_client(session, region).timezone
            business_on = day.date() if day else clock.business_date(at, zone)
            closed = close_day(session, region, business_on, at=at, misbehaviour=misbehaviour)
        paths = deliver_files(bank, closed, at=at)
    for batch in closed.batches:
        click.echo(f"{batch.reference}  {Money(batch.gross_sen).on_screen()}  {batch.misbehaviour}".rstrip())
    for path in paths:
        click.echo(str(path))


def _write_private(path: Path, document: dict[str, Any]) -> None:
    """Readable by its owner only: it holds the secret that Lunas signs with."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(json.dumps(document, indent=1))
    part.replace(path)
