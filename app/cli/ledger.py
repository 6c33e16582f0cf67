"""`lunas ledger`: look at entries and balances, and export the ledger.

For: BPKAD and auditors at a command line.
Not for: posting; entries come from what happened, never from a command. Closing and undoing: app/cli/ledger_periods.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.ledger_periods import period, reverse
from app.cli.ledger_years import YEAR_COMMANDS

if TYPE_CHECKING:
    from ledger import EntryFilter, LedgerEntry

__all__ = ["ledger"]

_DAY = click.DateTime(["%Y-%m-%d"])
_FILTERS = (
    click.option("--from", "accounted_from", type=_DAY, help="Tanggal pembukuan sejak / accounted from."),
    click.option("--to", "accounted_to", type=_DAY, help="Tanggal pembukuan sampai / accounted until."),
    click.option("--account", help="Kode rekening beserta bawahannya / account code and all below it."),
    click.option("--entity", help="Kode Perangkat Daerah / entity code."),
    click.option("--book", type=click.Choice(["F", "A"]), help="F finansial, A anggaran / F financial, A budget."),
    click.option("--kind", help="Jenis jurnal / kind of entry."),
    click.option("--partner", help="Kode mitra / partner code."),
)


def _filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that narrow entries."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.group()
def ledger() -> None:
    """Buku besar: jurnal, saldo, ekspor / The ledger: entries, balances, export."""


ledger.add_command(period)
ledger.add_command(reverse)
for each in YEAR_COMMANDS:
    ledger.add_command(each)


@ledger.command("entries")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Banyaknya / how many.")
@click.option("--cursor", help="Lanjutan dari halaman sebelumnya / where the last page ended.")
@_filtered
def entries(region: str, limit: int, cursor: str | None, **narrowed: Any) -> None:
    """List entries with their postings, page by page."""
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import list_entries

    with unit_of_work(get_region(region).code) as session:
        page = list_entries(session, cursor=cursor, limit=limit, **_wanted(narrowed))
    for entry in page.entries:
        _print_entry(entry)
    if page.next_cursor:
        click.echo(f"Berikutnya / next: --cursor {page.next_cursor}")


@ledger.command("balances")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--on", type=_DAY, help="Sampai tanggal pembukuan / accounted until; default all.")
@click.option("--since", type=_DAY, help="Sejak tanggal pembukuan / accounted from; default all.")
@click.option("--account", help="Kode rekening beserta bawahannya / account code and all below it.")
@click.option("--entity", help="Kode Perangkat Daerah / entity code.")
@click.option("--book", type=click.Choice(["F", "A"]), help="F finansial, A anggaran / F financial, A budget.")
def balances(
    region: str, on: datetime | None, since: datetime | None, account: str | None, entity: str | None, book: str | None
) -> None:
    """List book, entity, account, debit, credit, balance on the normal side, name; tab separated."""
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import account_balances

    with unit_of_work(get_region(region).code) as session:
        rows = account_balances(session, on=_day(on), since=_day(since), account=account, entity=entity, book=book)
    for row in rows:
        figures = f"{row.debit.plain()}\t{row.credit.plain()}\t{row.balance.plain()}"
        click.echo(f"{row.book}\t{row.entity}\t{row.account}\t{figures}\t{row.account_name}")


@ledger.command("export")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True, help="Bentuk / format."
)
@click.option("--output", default="-", show_default=True, help="Berkas, atau - untuk layar / a file, or - for stdout.")
@_filtered
def export(region: str, form: str, output: str, **narrowed: Any) -> None:
    """Write all entries as of one moment, without a row cap; a file appears only when it is complete."""
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import csv_pieces, jsonl_pieces, stream_entries

    pieces = csv_pieces if form == "csv" else jsonl_pieces
    code = get_region(region).code
    with unit_of_work(code) as session:
        _write(pieces(stream_entries(session, **_wanted(narrowed))), output)


def _wanted(narrowed: dict[str, Any]) -> EntryFilter:
    wanted: EntryFilter = {
        "accounted_from": _day(narrowed["accounted_from"]),
        "accounted_to": _day(narrowed["accounted_to"]),
        "account": narrowed["account"],
        "entity": narrowed["entity"],
        "book": narrowed["book"],
        "kind": narrowed["kind"],
        "partner": narrowed["partner"],
    }
    return wanted


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _print_entry(entry: LedgerEntry) -> None:
    click.echo(f"{entry.accounted_on.isoformat()}  {entry.kind}  {entry.description}  [{entry.key}]")
    for line in entry.lines:
        amount = line.amount.on_screen()
        place = f"{line.book} {line.entity} {line.account}"
        told = f"{place:<40} {amount if line.side == 'debit' else '':>22} {amount if line.side == 'credit' else '':>22}"
        click.echo(f"    {told}  {line.account_name}")


def _write(pieces: Iterator[str], output: str) -> None:
    """Write to stdout, or to a file beside its place and then rename: what has the name is always whole."""
    if output == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece.encode())
        sys.stdout.buffer.flush()
        return
    place = Path(output)
    unfinished = place.with_name(place.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
