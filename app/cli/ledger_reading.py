"""`lunas ledger entries`, `account`, `balances`, `trial-balance` and `export`: look at the ledger, and take it along.

For: BPKAD and auditors at a command line.
Not for: anything that changes the books.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from app.cli.writing import STDOUT, check_place, write_whole

if TYPE_CHECKING:
    from ledger import LedgerEntry, LedgerRow

__all__ = ["READING_COMMANDS"]

C = TypeVar("C", bound=Callable[..., None])

_DAY = click.DateTime(["%Y-%m-%d"])
_MOMENT = click.DateTime(["%Y-%m-%dT%H:%M:%S%z"])
_REGION = click.option("--region", required=True, help="Kode wilayah / region code.")
_LIMIT = click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Banyaknya / how many."
)
_CURSOR = click.option("--cursor", help="Lanjutan dari halaman sebelumnya / where the last page ended.")
_FROM = click.option("--from", "accounted_from", type=_DAY, help="Tanggal pembukuan sejak / accounted from.")
_TO = click.option("--to", "accounted_to", type=_DAY, help="Tanggal pembukuan sampai / accounted until.")
_ACCOUNT = click.option("--account", help="Kode rekening beserta bawahannya / account code and all below it.")
_ENTITY = click.option("--entity", help="Kode Perangkat Daerah / entity code.")
_BOOK = click.option("--book", type=click.Choice(["F", "A"]), help="F finansial, A anggaran / F financial, A budget.")
_KIND = click.option("--kind", help="Jenis jurnal / kind of entry.")
_PARTNER = click.option("--partner", help="Kode mitra / partner code.")
_KNOWN_AT = click.option(
    "--known-at",
    type=_MOMENT,
    help="Seperti diketahui saat itu, mis. 2026-03-31T17:00:00+0700 / as it was known at that moment.",
)
_BEFORE_CLOSING = click.option(
    "--before-closing", is_flag=True, help="Tanpa jurnal penutup / without closing entries of these dates."
)


def _narrowed_by(*options: Callable[[Any], Any]) -> Callable[[C], C]:
    """Give a command several options, in this order."""

    def decorate(command: C) -> C:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.command("entries")
@_narrowed_by(_REGION, _LIMIT, _CURSOR, _FROM, _TO, _ACCOUNT, _ENTITY, _BOOK, _KIND, _PARTNER, _KNOWN_AT)
def entries(region: str, limit: int, cursor: str | None, **narrowed: Any) -> None:
    """Daftar jurnal / list entries.

    With their postings, page by page. The second line of each has its UID, number and key.
    """
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import is_known_finally, list_entries

    with unit_of_work(get_region(region).code) as session:
        final = is_known_finally(session, narrowed["known_at"])
        page = list_entries(session, cursor=cursor, limit=limit, **_wanted(narrowed))
    for entry in page.entries:
        _print_entry(entry)
    if page.next_cursor:
        click.echo(f"Berikutnya / next: --cursor {page.next_cursor}")
    _say_if_open(final)


@click.command("account")
@_narrowed_by(_REGION, _LIMIT, _CURSOR, _FROM, _TO, _ACCOUNT, _ENTITY, _BOOK, _PARTNER, _KNOWN_AT)
def account(region: str, limit: int, cursor: str | None, **narrowed: Any) -> None:
    """Buku besar per rekening / the account ledger.

    Each account's postings by date, with the running balance.

    Tab separated: date, entry's key, description, debit, credit, balance on the account's normal side, entry's UID.
    """
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import is_known_finally, list_account_ledger

    with unit_of_work(get_region(region).code) as session:
        final = is_known_finally(session, narrowed["known_at"])
        page = list_account_ledger(session, cursor=cursor, limit=limit, **_wanted(narrowed))
    click.echo("Tanggal\tKunci\tUraian\tDebit\tKredit\tSaldo\tUID jurnal")
    for row in page.rows:
        _print_row(row)
    if page.next_cursor:
        click.echo(f"Berikutnya / next: --cursor {page.next_cursor}")
    _say_if_open(final)


@click.command("balances")
@click.option("--on", type=_DAY, help="Sampai tanggal pembukuan / accounted until; default all.")
@click.option("--since", type=_DAY, help="Sejak tanggal pembukuan / accounted from; default all.")
@_narrowed_by(_REGION, _ACCOUNT, _ENTITY, _BOOK, _KNOWN_AT)
def balances(region: str, **narrowed: Any) -> None:
    """Saldo rekening / balances of accounts.

    Tab separated: book, entity, account, debit, credit, balance on the normal side, name.
    """
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import account_balances, is_known_finally

    with unit_of_work(get_region(region).code) as session:
        final = is_known_finally(session, narrowed["known_at"])
        rows = account_balances(session, **_wanted(narrowed))
    click.echo("Buku\tEntitas\tRekening\tDebit\tKredit\tSaldo\tNama")
    for row in rows:
        figures = f"{row.debit.plain()}\t{row.credit.plain()}\t{row.balance.plain()}"
        click.echo(f"{row.book}\t{row.entity}\t{row.account}\t{figures}\t{row.account_name}")
    _say_if_open(final)


@click.command("trial-balance")
@click.option("--from", "since", type=_DAY, required=True, help="Tanggal pembukuan pertama / first accounting date.")
@click.option("--to", "on", type=_DAY, required=True, help="Tanggal pembukuan terakhir / last accounting date.")
@_narrowed_by(_REGION, _ACCOUNT, _ENTITY, _BOOK, _KNOWN_AT, _BEFORE_CLOSING)
def trial_balance(region: str, **narrowed: Any) -> None:
    """Neraca saldo / the trial balance.

    Of a stretch of dates.

    Tab separated: book, entity, account, opening, debit, credit, closing debit, closing credit, name; then both
    columns' totals per book.
    """
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import trial_balance

    with unit_of_work(get_region(region).code) as session:
        found = trial_balance(session, **_wanted(narrowed))
    click.echo("Buku\tEntitas\tRekening\tSaldo awal\tDebit\tKredit\tSaldo debit\tSaldo kredit\tNama")
    for line in found.lines:
        amounts = (line.opening, line.debit, line.credit, line.closing_debit, line.closing_credit)
        figures = "\t".join(amount.plain() for amount in amounts)
        click.echo(f"{line.book}\t{line.entity}\t{line.account}\t{figures}\t{line.account_name}")
    for book in sorted({line.book for line in found.lines}):
        debit, credit = found.totals(book)
        click.echo(f"{book}\t\t\t\t\t\t{debit.plain()}\t{credit.plain()}\tJumlah / total")
    _say_if_open(found.final)


def _say_if_open(final: bool) -> None:
    """Beside the figures, not among them: what was known at the moment may still grow."""
    if not final:
        click.echo("Belum final: masih dapat berubah / not final: it may still change", err=True)


@click.command("export")
@click.option(
    "--what",
    type=click.Choice(["entries", "account-ledger", "balances", "trial-balance"]),
    default="entries",
    show_default=True,
    help="Jurnal, buku besar, saldo, neraca saldo / what to export.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl", "xlsx", "hledger"]),
    default="csv",
    show_default=True,
    help="Bentuk / format; hledger: entries.",
)
@click.option("--output", default="-", show_default=True, help="Berkas, atau - untuk layar / a file, or - for stdout.")
@click.option("--manifest", help="Berkas manifes / the manifest's file; default FILE.manifest.json.")
@click.option("--snapshot", help="Potret data dari manifes terdahulu / the snapshot of an earlier manifest.")
@_narrowed_by(
    *(_REGION, _FROM, _TO, _ACCOUNT, _ENTITY, _BOOK, _KIND, _PARTNER, _KNOWN_AT, _BEFORE_CLOSING),
)
def export(
    region: str, what: str, form: str, output: str, manifest: str | None, snapshot: str | None, **narrowed: Any
) -> None:
    """Ekspor ke berkas / export to a file.

    Writes all of a listing as of one moment, without a row cap, and a manifest with its counts, totals and SHA-256.

    A file appears only when it is complete.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import open_export

    place = manifest or (None if output == STDOUT else f"{output}.manifest.json")
    check_place(output)
    if place is not None:
        check_place(place)
        if os.path.realpath(place) == os.path.realpath(output):
            raise click.UsageError("--output, --manifest: harus dua berkas / must be two files")
    code = get_region(region).code
    with unit_of_work(code) as session:
        opened = open_export(
            session,
            what,
            form,
            region=code,
            written_at=clock.now(),
            snapshot=snapshot,
            **_wanted(narrowed),
        )
        # A manifest that tells of the file before must not stand beside this one.
        write_whole(opened, output, outdates=place)
    told = opened.manifest()
    if place is not None:
        named = {} if output == STDOUT else {"file": Path(output).name}
        write_whole([json.dumps(told | named, ensure_ascii=False, indent=2).encode() + b"\n"], place)
    _say_if_open(told.get("final", True))


READING_COMMANDS = (entries, account, balances, trial_balance, export)


def _wanted(narrowed: dict[str, Any]) -> dict[str, Any]:
    """Options as filters: dates without a time of day, moments as they are, nothing for what was not given."""
    found: dict[str, Any] = {}
    for name, value in narrowed.items():
        if value is None:
            continue
        is_day = isinstance(value, datetime) and name != "known_at"
        found[name] = value.date() if is_day else value
    return found


def _print_entry(entry: LedgerEntry) -> None:
    click.echo(f"{entry.accounted_on.isoformat()}  {entry.kind}  {entry.description}")
    click.echo(f"    {entry.uid}  nomor {entry.id}  [{entry.key}]")
    for line in entry.lines:
        amount = line.amount.on_screen()
        place = f"{line.book} {line.entity} {line.account}"
        told = f"{place:<40} {amount if line.side == 'debit' else '':>22} {amount if line.side == 'credit' else '':>22}"
        click.echo(f"    {told}  {line.account_name}")


def _print_row(row: LedgerRow) -> None:
    if row.accounted_on is None:
        click.echo(f"{row.book} {row.entity} {row.account}  {row.account_name}")
        click.echo(f"\t\tSaldo awal / opening\t\t\t{row.balance.plain()}")
        return
    sides = "\t".join("" if amount is None else amount.plain() for amount in (row.debit, row.credit))
    told = f"{row.accounted_on.isoformat()}\t{row.key}\t{row.description}"
    click.echo(f"{told}\t{sides}\t{row.balance.plain()}\t{row.entry_uid}")
