"""`lunas ledger open-balances`, `close-year`, `carry-forward`, `consolidate` and `journals`.

For: the accounting office, when a region's books begin and when a year ends.
Not for: closing months (app/cli/ledger_periods.py).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from app.cli import cli_actor

__all__ = ["YEAR_COMMANDS"]

_REGION = click.option("--region", required=True, help="Kode wilayah / region code.")
_YEAR = click.option("--year", required=True, type=click.IntRange(2000, 2999), help="Tahun anggaran / budget year.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("open-balances")
@click.argument("file", type=_FILE)
@_REGION
@click.option("--on", required=True, type=_DAY, help="Tanggal peralihan / cut-over date.")
def open_balances(file: Path, region: str, on: datetime) -> None:
    """Bukukan saldo awal / post opening balances.

    From a CSV file: rekening,entitas,buku,sisi,jumlah,lawan,mitra.
    """
    from foundation import clock
    from foundation.db import run_unit
    from foundation.regions import get_region
    from ledger import open_balances as post_balances

    found, data, at = get_region(region), file.read_bytes(), clock.now()
    opened = run_unit(
        found.code,
        lambda session: post_balances(
            session, data, on=on.date(), zone=found.timezone, filename=file.name, actor=cli_actor(), at=at
        ),
    )
    if not opened.first_time:
        click.echo("Saldo ini sudah dibukukan; tidak ada yang ditambahkan.")
        click.echo("These balances were posted before; nothing was added.")
    for entry in opened.entries:
        click.echo(str(entry.uid))
    click.echo(f"{opened.lines} saldo / balances")
    if opened.months_closed:
        months = f"{opened.months_closed[0]} - {opened.months_closed[-1]}"
        click.echo(f"Bulan kosong sebelumnya ditutup / empty months before closed: {months}")


@click.command("close-year")
@_REGION
@_YEAR
def close_year(region: str, year: int) -> None:
    """Jurnal penutup akhir tahun / post a year's closing journals.

    7 and 8 to equity, 4, 5 and 6 to Surplus-LRA, the DPA reversed.
    """
    from foundation import clock
    from foundation.db import run_unit
    from foundation.regions import get_region
    from ledger import close_year as close

    code, at = get_region(region).code, clock.now()
    closed = run_unit(code, lambda session: close(session, year, actor=cli_actor(), at=at))
    if not closed.entries:
        click.echo("Tidak ada lagi yang perlu ditutup / nothing was left to close.")
    for name, surplus in (("Surplus-LO", closed.surplus_lo), ("Surplus-LRA", closed.surplus_lra)):
        for entity, amount in surplus.items():
            click.echo(f"{name}\t{entity}\t{amount.plain()}")
    click.echo(f"Jurnal penutup / closing entries\t{len(closed.entries)}")
    click.echo(f"Kas dalam perjalanan / cash on its way\t{closed.cash_on_its_way.plain()}")
    click.echo(f"Kas di bendahara / cash with treasurers\t{closed.treasurer_cash.plain()}")
    click.echo(f"Belum teridentifikasi / not identified\t{closed.not_identified.plain()}")
    for account in closed.ending:
        click.echo(f"Perlu dipindahkan / to be carried to another code\t{account}")


@click.command("carry-forward")
@click.argument("file", type=_FILE)
@_REGION
@_YEAR
def carry_forward(file: Path, region: str, year: int) -> None:
    """Pindahkan saldo ke kode baru / carry balances to new codes.

    What stands on old codes at a year's end, by a CSV file: rekening_lama,rekening_baru.
    """
    from foundation import clock
    from foundation.db import run_unit
    from foundation.regions import get_region
    from ledger import carry_to_codes

    code, data, at = get_region(region).code, file.read_bytes(), clock.now()
    carried = run_unit(code, lambda session: carry_to_codes(session, year, data, actor=cli_actor(), at=at))
    for entry in carried.entries:
        click.echo(str(entry.uid))
    click.echo(f"Dipindahkan / carried\t{carried.moved.plain()}")


@click.command("consolidate")
@_REGION
@click.option("--on", required=True, type=_DAY, help="Sampai tanggal pembukuan / accounted until.")
@click.option("--since", type=_DAY, help="Sejak tanggal pembukuan / accounted from; default all.")
def consolidate(region: str, on: datetime, since: datetime | None) -> None:
    """Konsolidasi dan eliminasi RK / consolidate and eliminate RK.

    Each pair's RK with its elimination, then the balances of all entities without RK; tab separated.

    Exit code 1 where a pair does not eliminate; the entries that move it on one side only follow their pairs.
    """
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import consolidated_balances, one_sided_entries, rk_pairs

    with unit_of_work(get_region(region).code) as session:
        pairs = rk_pairs(session, on=on.date())
        one_sided = one_sided_entries(session, on=on.date()) if any(pair.difference for pair in pairs) else []
        rows = consolidated_balances(session, on=on.date(), since=since.date() if since else None)
    if pairs:
        click.echo("RK\tEntitas\tEntitas lawan\tSaldo di entitas\tSaldo di lawan\tSelisih")
    for pair in pairs:
        sides = f"{pair.in_first.plain()}\t{pair.in_second.plain()}\t{pair.difference.plain()}"
        click.echo(f"RK\t{pair.first}\t{pair.second}\t{sides}")
    if one_sided:
        click.echo("Jurnal sepihak\tEntitas\tEntitas lawan\tSelisih\tUID jurnal\tKunci")
    for entry in one_sided:
        told = f"{entry.first}\t{entry.second}\t{entry.difference.plain()}\t{entry.uid}\t{entry.key}"
        click.echo(f"Jurnal sepihak / one-sided entry\t{told}")
    click.echo("Buku\tRekening\tDebit\tKredit\tSaldo\tNama")
    for row in rows:
        figures = f"{row.debit.plain()}\t{row.credit.plain()}\t{row.balance.plain()}"
        click.echo(f"{row.book}\t{row.account}\t{figures}\t{row.account_name}")
    if any(pair.difference for pair in pairs):
        click.get_current_context().exit(1)


@click.command("journals")
def journals() -> None:
    """Daftar jurnal standar / list the standard journals.

    Tab separated: row, name, entity, books, event, variants, policy.
    """
    from ledger import STANDARD_JOURNALS

    click.echo("Nomor\tNama\tEntitas\tBuku\tPeristiwa\tVarian\tKebijakan")
    for each in STANDARD_JOURNALS:
        told = (each.row, each.name, each.side, each.books, each.event, each.variants, each.policy)
        click.echo("\t".join(told))


YEAR_COMMANDS = (open_balances, close_year, carry_forward, consolidate, journals)
