"""`lunas partner`: the banks and acquirers of a region.

For: registering a partner from its connection file and writing the reply that it needs, and listing partners.
Not for: the shape of a partner's row (payments.partners) or its messages (bank_adapters).

A connection file is JSON that the bank fills in; the reply holds what the bank needs from us. Both hold secrets:
hand them over by a safe way and delete them afterwards.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from app.cli import cli_actor
from app.cli.groups import OfficeGroup

__all__ = ["partner"]

_FIELDS = {"code", "name", "va_prefix", "public_key_pem", "profile", "terms", "acquirer"}
_REQUIRED = {"code", "name", "va_prefix", "public_key_pem"}
_ACQUIRER_FIELDS = {"base_url", "client_id", "client_secret", "merchant_id"}


@click.group(cls=OfficeGroup)
def partner() -> None:
    """Bank mitra / Partner banks."""


@partner.command("add")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option(
    "--connection",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Berkas isian bank (JSON) / the file that the bank filled in.",
)
@click.option(
    "--reply",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Berkas jawaban untuk bank, ditulis sekali / the reply for the bank, written once.",
)
def add(region: str, connection: Path, reply: Path) -> None:
    """Daftarkan bank mitra / register a partner bank.

    With its own keys and profile; writes the reply file.
    """
    from app.wiring import check_partner_adapter, new_key_pair
    from foundation import clock
    from foundation.config import settings
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from payments import add_partner

    given = _read_connection(connection)
    check_partner_adapter(given["profile"], given["public_key_pem"].encode())
    code = get_region(region).code
    acquirer = given["acquirer"]
    sign_pem, public_pem = new_key_pair() if acquirer else (None, None)
    with unit_of_work(code) as session:
        new = add_partner(
            session,
            code=given["code"],
            name=given["name"],
            va_prefix=given["va_prefix"],
            public_key_pem=given["public_key_pem"].encode(),
            profile=given["profile"],
            terms=given["terms"],
            acquirer={key: acquirer[key] for key in ("base_url", "client_id", "merchant_id")} if acquirer else None,
            sign_pem=sign_pem,
            secret_out=acquirer["client_secret"] if acquirer else None,
            actor=cli_actor(),
            at=clock.now(),
        )
        # Written inside the unit of work: a partner whose secret could not be handed over is not registered.
        _write_reply(
            reply,
            {
                "client_id": new.client_id,
                "client_secret": new.client_secret,
                "public_key_pem": public_pem.decode() if public_pem else None,
                "base_url": f"{settings().base_url}/{code}/snap",
            },
        )
    click.echo(f"{given['code']} terdaftar / registered; {reply} ditulis / written")


@partner.command("list")
@click.option("--region", required=True, help="Kode wilayah / region code.")
def list_all(region: str) -> None:
    """Daftar bank mitra aktif / list active partner banks."""
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from payments import list_partners

    with unit_of_work(get_region(region).code) as session:
        for row in list_partners(session):
            role = "bank + QRIS" if row.acquirer else "bank"
            click.echo(f"{row.code}\t{row.name}\tVA {row.va_prefix}\t{role}")


def _read_connection(file: Path) -> dict[str, Any]:
    from payments import PartnerInvalid

    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PartnerInvalid(field="connection", value=str(error)[:80]) from error
    if not isinstance(given, dict):
        raise PartnerInvalid(field="connection", value=type(given).__name__)
    unknown, missing = sorted(set(given) - _FIELDS), sorted(_REQUIRED - set(given))
    if unknown or missing:
        raise PartnerInvalid(field=", ".join(missing + unknown), value="missing" if missing else "unknown")
    defaults: dict[str, Any] = {"profile": {}, "terms": {}, "acquirer": None}
    given = defaults | given
    for name in ("code", "name", "va_prefix", "public_key_pem"):
        if type(given[name]) is not str or not 0 < len(given[name]) <= (8192 if name == "public_key_pem" else 100):
            raise PartnerInvalid(field=name, value=given[name])
    for name in ("profile", "terms"):
        if type(given[name]) is not dict:
            raise PartnerInvalid(field=name, value=given[name])
    acquirer: Any = given["acquirer"]
    if acquirer is not None:
        whole = type(acquirer) is dict and set(acquirer) == _ACQUIRER_FIELDS
        if not whole or not all(type(value) is str and value for value in acquirer.values()):
            raise PartnerInvalid(field="acquirer", value=sorted(acquirer) if type(acquirer) is dict else acquirer)
    return given


def _write_reply(file: Path, reply: dict[str, Any]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(reply, out, indent=2)
