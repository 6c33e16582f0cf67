"""`lunas statement`: taking a bank's file by hand.

For: importing one statement or settlement file that did not come through the inbox.
Not for: the inbox (`lunas worker`, `lunas reconcile run`), or the rules of a file (reconciliation, bank_adapters).
"""

from __future__ import annotations

from pathlib import Path

import click

from app.cli import cli_actor
from app.cli.groups import OfficeGroup

__all__ = ["statement"]


@click.group(cls=OfficeGroup)
def statement() -> None:
    """Rekening koran dan berkas settlement / Bank statements and settlement files."""


@statement.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--region", required=True, help="Kode wilayah / region code.")
def import_one(file: Path, region: str) -> None:
    """Impor rekening koran atau settlement / import a statement or settlement file.

    Each FILE (MT940 or settlement CSV) once; it stays where it is. Refused whole where anything is wrong.
    """
    from app.worker.inbox import take_file
    from bank_adapters.contract import BankFileRefused
    from foundation.regions import get_region

    try:
        result = take_file(get_region(region), file.resolve(), by=cli_actor())
    except BankFileRefused as refusal:
        for problem in refusal.problems[1:]:
            place = " ".join(str(part) for part in (problem.line, problem.field) if part is not None)
            click.echo(f"[{place}] {problem.message_id} / {problem.message_en}", err=True)
        raise
    if not result.first_time:
        click.echo(f"{file.name}: sudah diimpor sebelumnya, tidak ada yang ditambahkan.")
        click.echo(f"{file.name}: was imported before; nothing was added.")
        return
    click.echo(
        f"{file.name}: {result.statements} rekening koran, {result.batches} settlement, {result.lines} baris;"
        f" {result.credits} kredit RKUD dibukukan."
    )
    click.echo(
        f"{file.name}: {result.statements} statements, {result.batches} settlements, {result.lines} lines;"
        f" {result.credits} RKUD credits booked."
    )
