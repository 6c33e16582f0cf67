"""`lunas ledger period …` and `lunas ledger reverse`: close months, reopen them, undo entries.

For: the Kuasa BUD's and the accounting office's command line.
Not for: correcting by a new entry in one act; entries come from what happened, never from a command.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from app.cli import cli_actor
from app.cli.groups import OfficeGroup

if TYPE_CHECKING:
    from ledger import Period, PeriodCheck

__all__ = ["period", "reverse"]

_REGION = click.option("--region", required=True, help="Kode wilayah / region code.")
_MONTH = click.option(
    "--month", required=True, type=click.DateTime(["%Y-%m"]), help="Bulan, mis. 2026-03 / month, e.g. 2026-03."
)
# What a reversal leaves as it is, by the entry's source.
_STANDING = {
    "bill_batch": (
        "Perhatian: hanya pembukuan yang dibalik. Tagihan di balik jurnal ini tetap berlaku dan tetap dapat dibayar.",
        "Mind: only the books are reversed. The bills behind this entry stand and stay payable.",
    ),
    "payment": (
        "Perhatian: hanya pembukuan yang dibalik. Pembayaran di balik jurnal ini tetap tercatat.",
        "Mind: only the books are reversed. The payment behind this entry stays recorded.",
    ),
}
# A December that is closed before its year.
_YEAR_OPEN = (
    "Perhatian: tahun {year} belum ditutup; masih ada yang perlu dibukukan oleh close-year. Buka kembali Desember ke"
    " penyesuaian, lalu jalankan: lunas ledger close-year",
    "Mind: the year {year} is not closed; close-year would still post. Reopen December to being adjusted, then run:"
    " lunas ledger close-year",
)


@click.group(cls=OfficeGroup)
def period() -> None:
    """Periode akuntansi / Accounting periods."""


@period.command("list")
@_REGION
def list_all(region: str) -> None:
    """Daftar bulan dan statusnya / list months and their states.

    Every month that holds entries or was moved, tab separated: month, state, reopenings, entries, postings, SHA-256.
    """
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import list_periods

    with unit_of_work(get_region(region).code) as session:
        periods = list_periods(session)
    click.echo("Bulan\tStatus\tDibuka kembali\tJurnal\tBaris jurnal\tSHA-256")
    for each in periods:
        held = "" if each.sha256 is None else f"{each.entry_count}\t{each.posting_count}\t{each.sha256.hex()}"
        click.echo(f"{each.name}\t{_state_of(each)}\t{each.reopenings}\t{held}".rstrip())


@period.command("adjust")
@_REGION
@_MONTH
def adjust(region: str, month: datetime) -> None:
    """Mulai penyesuaian bulan yang sudah berakhir / begin adjusting a month that is over.

    From then on it takes adjusting and closing entries only.
    """
    from foundation import clock
    from foundation.db import run_unit
    from foundation.regions import get_region
    from ledger import adjust_period

    found, day, at = get_region(region), month.date(), clock.now()
    today = clock.today(found.timezone)
    _show(run_unit(found.code, lambda session: adjust_period(session, day, today=today, by=cli_actor(), at=at)))


@period.command("close")
@_REGION
@_MONTH
def close(region: str, month: datetime) -> None:
    """Tutup bulan yang sudah disesuaikan / close a month that was adjusted.

    Prints how many entries and postings it holds, and their SHA-256; tells when the year of a December is not closed.
    """
    from foundation import clock
    from foundation.db import run_unit
    from foundation.regions import get_region
    from ledger import close_period, is_year_closed

    code, day, at = get_region(region).code, month.date(), clock.now()
    closed, year_closed = run_unit(
        code,
        lambda session: (
            close_period(session, day, by=cli_actor(), at=at),
            day.month != 12 or is_year_closed(session, day.year),
        ),
    )
    _show(closed)
    if not year_closed:
        for words in _YEAR_OPEN:
            click.secho(words.format(year=day.year), fg="yellow", err=True)


@period.command("reopen")
@_REGION
@_MONTH
@click.option("--reason", required=True, help="Alasan, dicatat tetap / why; recorded for good.")
def reopen(region: str, month: datetime, reason: str) -> None:
    """Buka kembali satu langkah / take a month one step back.

    From closed to being adjusted, from being adjusted to open.
    """
    from foundation import clock
    from foundation.db import run_unit
    from foundation.regions import get_region
    from ledger import reopen_period

    code, day, at = get_region(region).code, month.date(), clock.now()
    _show(run_unit(code, lambda session: reopen_period(session, day, reason=reason, by=cli_actor(), at=at)))


@period.command("verify")
@_REGION
def verify(region: str) -> None:
    """Periksa bulan yang sudah ditutup / verify the closed months.

    Holds every month to what it was closed with and to the audit acts about it; exit code 1 on any difference.

    Printed per closed month: whether it is intact, entries and SHA-256, and whether the act that closed it is sealed.
    """
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import check_periods, list_unsealed_months

    with unit_of_work(get_region(region).code) as session:
        checks = check_periods(session)
        unsealed = list_unsealed_months(session, checks)
    if not checks:
        click.echo("Tidak ada bulan yang ditutup / no month is closed.")
    for each in checks:
        _show_check(each, sealed=each.month not in unsealed)
    if not all(each.is_intact for each in checks):
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("uid", type=click.UUID)
@_REGION
@click.option("--reason", required=True, help="Alasan, dicatat tetap / why; recorded for good.")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="Tanggal pembukuan / accounting date; default today in the region."
)
def reverse(uid: UUID, region: str, reason: str, on: datetime | None) -> None:
    """Balik satu jurnal / reverse one entry.

    Posts its mirror, once; in a closed month it is accounted in the next open one. Bills and payments stay as they are.
    """
    from foundation import clock
    from foundation.db import run_unit
    from foundation.regions import get_region
    from ledger import find_source_kind, reverse_entry

    found, at = get_region(region), clock.now()
    day: date = on.date() if on else clock.today(found.timezone)
    source, posted = run_unit(
        found.code,
        lambda session: (
            find_source_kind(session, uid),
            reverse_entry(session, uid, reason=reason, accounted_on=day, actor=cli_actor(), at=at),
        ),
    )
    click.echo(f"Dibalik oleh / reversed by: {posted.uid}")
    for words in _STANDING.get(source or "", ()):
        click.secho(words, fg="yellow", err=True)


def _show(each: Period) -> None:
    click.echo(f"{each.name}: {_state_of(each)}")
    if each.sha256 is not None:
        click.echo(f"Jurnal / entries: {each.entry_count}")
        click.echo(f"Baris jurnal / postings: {each.posting_count}")
    click.echo(f"Dibuka kembali / reopened: {each.reopenings} kali / times")
    if each.sha256 is not None:
        click.echo(f"SHA-256: {each.sha256.hex()}")


def _state_of(each: Period) -> str:
    from foundation.states import all_state_tables

    state = all_state_tables()["accounting_period"].states[each.state]
    return f"{state.word_id} / {state.word_en}"


def _show_check(each: PeriodCheck, *, sealed: bool) -> None:
    told = "utuh / intact" if each.is_intact else "BERUBAH / CHANGED"
    told_seal = "penutupan disegel / closing sealed" if sealed else "penutupan belum disegel / closing not sealed yet"
    held = "-" if each.sha256 is None else f"{each.entry_count} {each.sha256.hex()}"
    click.echo(f"{each.month:%Y-%m}\t{told}\t{held}\t{told_seal}")
    for fault in each.faults:
        click.secho(fault.message_id, fg="red", err=True)
        click.echo(f"  {fault.message_en}", err=True)
