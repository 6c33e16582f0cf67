"""`lunas reconcile`: a reconciliation run by hand.

For: taking the inbox and reconciling now, printed as a table; the exit code says whether everything balances.
Not for: the schedule (`lunas worker`) or the checks (reconciliation).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from app.cli import cli_actor
from app.cli.groups import OfficeGroup

if TYPE_CHECKING:
    from reconciliation import AccountFigures, PartnerFigures, RunResult

__all__ = ["reconcile"]

# Not 1: that is a refusal. A run that found differences has done its work.
EXIT_DIFFERENT = 3
_MOST_SHOWN = 200


@click.group(cls=OfficeGroup)
def reconcile() -> None:
    """Rekonsiliasi / Reconciliation."""


@reconcile.command("run")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="Per tanggal / as of a date; default today.")
@click.option("--no-inbox", is_flag=True, help="Jangan ambil berkas / leave the inbox alone.")
@click.option("--lang", type=click.Choice(["id", "en"]), default="id", help="Bahasa / language.")
def run(region: str, on: datetime | None, no_inbox: bool, lang: str) -> None:
    """Rekonsiliasi / reconcile.

    Takes the inbox, books what can be booked, checks everything and lists what differs.

    Exit code 0: balanced; 3: there are differences; 1: refused.
    """
    from app.worker.inbox import take_inbox
    from foundation import clock
    from foundation.db import run_unit
    from foundation.regions import get_region
    from reconciliation import reconcile as reconcile_region

    found = get_region(region)
    by = cli_actor()
    if not no_inbox:
        taken = take_inbox(found, by=by)
        for name in taken.imported:
            click.echo(f"{_say(lang, 'diimpor', 'imported')}: {name}")
        for name in taken.known:
            click.echo(f"{_say(lang, 'sudah dikenal', 'known already')}: {name}")
        for name, refusal in taken.refused:
            told = refusal.message_en if lang == "en" else refusal.message_id
            click.secho(f"{_say(lang, 'ditolak', 'refused')}: {name}: {told}", fg="red")
        for name, error in taken.failed:
            click.secho(
                f"{_say(lang, 'gagal, tetap di kotak masuk', 'failed, stays there')}: {name}: {error}", fg="red"
            )
    at, day = clock.now(), on.date() if on else None
    result = run_unit(found.code, lambda session: reconcile_region(session, region=found, on=day, at=at, by=by))
    _show(result, lang)
    if not result.balanced:
        raise click.exceptions.Exit(EXIT_DIFFERENT)


def _say(lang: str, text_id: str, text_en: str) -> str:
    return text_en if lang == "en" else text_id


def _show(result: RunResult, lang: str) -> None:
    from foundation.clock import on_screen_date

    click.echo(f"{_say(lang, 'Rekonsiliasi per', 'Reconciliation as of')} {on_screen_date(result.on, lang)}")
    for partner in result.figures.partners:
        _show_partner(partner, lang)
    if result.figures.rkud is None:
        click.echo(_say(lang, "\nRKUD: belum ada rekening koran.", "\nRKUD: no statement yet."))
    else:
        _show_account("RKUD", result.figures.rkud, lang)
    if result.differences:
        click.echo(_say(lang, "\nSelisih dan catatan:", "\nDifferences and notes:"))
    for difference in result.differences[:_MOST_SHOWN]:
        mark = " " if difference.kind.explained else "!"
        click.echo(f" {mark} {difference.partner or 'RKUD':<12} {difference.code:<28} {difference.text(lang)}")
    if len(result.differences) > _MOST_SHOWN:
        more = len(result.differences) - _MOST_SHOWN
        click.echo(_say(lang, f"   … dan {more} lagi.", f"   … and {more} more."))
    open_ones = sum(1 for each in result.differences if not each.kind.explained)
    if result.balanced:
        click.secho(
            _say(lang, "\nSesuai: tidak ada selisih yang terbuka.", "\nBalanced: no open difference."), fg="green"
        )
    else:
        click.secho(_say(lang, f"\nAda {open_ones} selisih.", f"\n{open_ones} differences."), fg="red")


def _show_partner(partner: PartnerFigures, lang: str) -> None:
    click.echo(f"\n{partner.partner}  {partner.name}")
    head = _say(
        lang,
        "tanggal|pembayaran|settlement|di RKUD|masih di mitra|batas",
        "date|payments|settled|on RKUD|still held|due",
    ).split("|")
    rows = [
        (
            day.business_on.isoformat(),
            f"{day.paid.on_screen()} ({day.paid_count})",
            day.settled.on_screen(),
            day.credited.on_screen(),
            day.clearing.on_screen(),
            day.due_on.isoformat(),
        )
        for day in partner.days
    ]
    _table(head, rows)
    click.echo(
        f"  {_say(lang, 'Kas dalam Perjalanan', 'Clearing')}: {partner.ledger.on_screen()}"
        f" ({_say(lang, 'menurut pembayaran', 'by the payments')} {partner.ledger_expected.on_screen()};"
        f" {_say(lang, 'belum jatuh tempo', 'not due yet')} {partner.in_transit.on_screen()})"
    )
    if partner.holding is not None:
        _show_account(_say(lang, "Rekening penampungan", "Holding account"), partner.holding, lang)


def _show_account(name: str, figures: AccountFigures, lang: str) -> None:
    click.echo(f"\n{name} {figures.account_no}, {_say(lang, 'rekening koran', 'statement')} {figures.statement_no}")
    rows = [
        (_say(lang, "saldo awal menurut bank", "opening at the bank"), figures.opening.on_screen()),
        (_say(lang, "saldo akhir menurut bank", "closing at the bank"), figures.closing.on_screen()),
        (_say(lang, "saldo menurut buku", "balance in our books"), figures.books.on_screen()),
        (_say(lang, "selisih yang dicantumkan", "listed differences"), figures.listed.on_screen()),
        (_say(lang, "tidak dapat dijelaskan", "unexplained"), figures.unexplained.on_screen()),
    ]
    for label, value in rows:
        click.echo(f"  {label:<28}{value:>24}")


def _table(head: Iterable[str], rows: Sequence[tuple[str, ...]]) -> None:
    table = [tuple(head), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        click.echo("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
