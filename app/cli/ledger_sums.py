"""`lunas ledger roll`: bring the ledger's kept sums up to date, and prove them.

For: after a restore, after a large import, or when an auditor asks whether the sums are what the postings come to.
Not for: daily work; the worker does it by itself, and balances are right without it.
"""

from __future__ import annotations

import click

__all__ = ["roll"]


@click.command("roll")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--check", is_flag=True, help="Buktikan dari semua posting / prove from every posting.")
def roll(region: str, check: bool) -> None:
    """Sum up what has settled since the last time; with --check compare all sums with their postings."""
    from foundation.db import run_unit, unit_of_work
    from foundation.regions import get_region
    from ledger import check_rollup, roll_balances

    code = get_region(region).code
    total = 0
    while rolled := run_unit(code, lambda session: roll_balances(session, least=1)):
        total += rolled
    click.echo(f"Jurnal dijumlahkan / entries summed up: {total}")
    if not check:
        return
    with unit_of_work(code) as session:
        differences = check_rollup(session)
    click.echo(f"Selisih / differences: {differences}")
    if differences:
        raise SystemExit(1)
