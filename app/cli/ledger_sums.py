"""`lunas ledger roll`: bring the ledger's kept sums up to date, and prove them.

For: after a restore, after a large import, or when an auditor asks whether the sums are what the postings come to.
Not for: daily work; the worker does it by itself, and balances are right without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from foundation.money import Money

if TYPE_CHECKING:
    from ledger import WrongSum

__all__ = ["roll"]

_SHOWN = 5


@click.command("roll")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option("--check", is_flag=True, help="Buktikan dari semua posting / prove from every posting.")
def roll(region: str, check: bool) -> None:
    """Mutakhirkan jumlah saldo / bring the sums of balances up to date.

    With --check all sums are compared with their postings.
    """
    from foundation import clock
    from foundation.db import run_unit, unit_of_work
    from foundation.regions import get_region
    from ledger import check_rollup, list_wrong_sums, note_known, roll_balances

    code = get_region(region).code
    run_unit(code, lambda session: note_known(session, at=clock.now()))
    total = 0
    while rolled := run_unit(code, lambda session: roll_balances(session, least=1)):
        total += rolled
    click.echo(f"Jurnal dijumlahkan / entries summed up: {total}")
    if not check:
        return
    with unit_of_work(code) as session:
        differences = check_rollup(session)
        wrong = list_wrong_sums(session, limit=_SHOWN) if differences else []
    click.echo(f"Selisih / differences: {differences}")
    for each in wrong:
        click.echo(_told(each))
    if differences:
        raise SystemExit(1)


def _told(wrong: WrongSum) -> str:
    if wrong.span == "piece":
        return f"- riwayat / history {wrong.piece}: batasnya salah / its bounds are wrong"
    where = f"{wrong.account}, {wrong.entity}"
    where += "".join(f", {each}" for each in (wrong.counterpart, wrong.partner) if each)
    stretch = f"{wrong.starts_on} ({wrong.span})" + ("" if wrong.piece == "0" else f", riwayat / history {wrong.piece}")
    kept, found = _sides(wrong.kept_debit, wrong.kept_credit), _sides(wrong.found_debit, wrong.found_credit)
    return f"- {where}, {stretch}: tersimpan / kept {kept}, posting / postings {found}"


def _sides(debit: int | None, credit: int | None) -> str:
    if debit is None or credit is None:
        return "-"
    return f"D {Money(debit).plain()} K {Money(credit).plain()}"
