"""`lunas bill`: bills from a region's own files.

For: importing a file (refused whole with a list of what is wrong, or issued whole) and looking at one bill.
Not for: what makes a row right or wrong (billing), or pages of bills (app/web).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import cli_actor
from app.cli.groups import OfficeGroup

if TYPE_CHECKING:
    from billing import BillMapping, LineProblem

__all__ = ["bill"]

_MOST_SHOWN = 50
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LANGUAGE = click.option("--lang", type=click.Choice(["id", "en"]), default="id", help="Bahasa / language.")
_WORDS = {
    "id": {
        "head": "baris | isian | masalah",
        "differing": "Peringatan: {count} baris berbeda dari yang sudah ditetapkan; tidak diubah.",
        "whole": "berkas",
        "more": "… dan {more} masalah lagi; tulis semuanya dengan --problems BERKAS.",
        "kept": "Semua masalah ditulis ke {file}.",
        "refused": "Berkas ditolak: {count} masalah. Tidak ada yang ditetapkan.",
        "issued": "{issued} tagihan {kind} ditetapkan, jumlah {total}. Sudah ditetapkan sebelumnya: {already}.",
        "nothing": "Tidak ada tagihan baru: {already} baris sudah ditetapkan sebelumnya.",
        "none": "Tidak ada tagihan dengan kode bayar itu.",
        "overdue": "lewat jatuh tempo",
    },
    "en": {
        "head": "line | field | problem",
        "differing": "Warning: {count} row(s) differ from what was issued; nothing of them was changed.",
        "whole": "file",
        "more": "… and {more} more; write them all with --problems FILE.",
        "kept": "All problems are written to {file}.",
        "refused": "The file is refused: {count} problem(s). Nothing was issued.",
        "issued": "{issued} {kind} bills issued, {total} in all. Issued before: {already}.",
        "nothing": "No new bills: {already} rows were issued before.",
        "none": "There is no bill with that payment code.",
        "overdue": "past its due date",
    },
}
_LABELS = {
    "id": ("Kode bayar", "Jenis", "Perangkat Daerah", "Nomor objek", "Masa", "Nama", "Jumlah", "Jatuh tempo", "Status"),
    "en": ("Payment code", "Kind", "Office", "Object number", "Period", "Name", "Amount", "Due", "State"),
}


@click.group(cls=OfficeGroup)
def bill() -> None:
    """Tagihan / Bills."""


@bill.command("import")
@click.argument("file", type=_FILE)
@click.option("--mapping", "mapping_file", type=_FILE, required=True, help="Berkas pemetaan / mapping file (TOML).")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@click.option(
    "--issued-on", type=click.DateTime(["%Y-%m-%d"]), help="Tanggal penetapan / date of issue; default today."
)
@click.option("--problems", type=click.Path(dir_okay=False, path_type=Path), help="Tulis semua masalah / list as CSV.")
@_LANGUAGE
def import_file(
    file: Path, mapping_file: Path, region: str, issued_on: datetime | None, problems: Path | None, lang: str
) -> None:
    """Terbitkan tagihan dari berkas / issue the bills of a file.

    Issue the bills of FILE that are not issued yet; refuse it whole where any row is wrong.
    """
    from billing import BillFileRefused, import_bills, read_mapping
    from foundation import clock
    from foundation.db import run_unit
    from foundation.regions import get_region

    if problems is not None and problems.resolve() in (file.resolve(), mapping_file.resolve()):
        raise click.UsageError("--problems would overwrite an input file.")
    found = get_region(region)
    mapping, data, at = read_mapping(mapping_file.read_bytes()), file.read_bytes(), clock.now()
    words = _WORDS[lang]
    try:
        result = run_unit(
            found.code,
            lambda session: import_bills(
                session,
                region=found,
                data=data,
                filename=file.name,
                mapping=mapping,
                actor=cli_actor(),
                at=at,
                issued_on=issued_on.date() if issued_on else None,
            ),
        )
    except BillFileRefused as refusal:
        _show_problems(refusal.problems, lang, mapping)
        if problems is not None:
            _write_problems(problems, refusal.problems, mapping)
            click.echo(words["kept"].format(file=problems), err=True)
        click.secho(words["refused"].format(count=len(refusal.problems)), fg="red", err=True)
        raise click.exceptions.Exit(1) from None
    sentence = words["issued"] if result.batch_uid else words["nothing"]
    click.echo(
        sentence.format(
            issued=result.issued, kind=result.kind, total=result.total.on_screen(), already=result.already_issued
        )
    )
    if result.differing_rows:
        click.secho(words["differing"].format(count=result.differing_rows), fg="yellow")
        _show_problems(result.differing, lang, mapping)
        if problems is not None:
            _write_problems(problems, result.differing, mapping)
            click.echo(words["kept"].format(file=problems), err=True)


@bill.command("show")
@click.argument("code")
@click.option("--region", required=True, help="Kode wilayah / region code.")
@_LANGUAGE
def show(code: str, region: str, lang: str) -> None:
    """Tampilkan satu tagihan / show one bill.

    Show the bill with payment code CODE (blanks may part it), the payer's name in full; the look is audited.
    """
    from billing import BILL_STATES, expired, find_payable, format_payment_code
    from foundation import clock
    from foundation.audit import record_act
    from foundation.db import unit_of_work
    from foundation.regions import get_region

    found = get_region(region)
    with unit_of_work(found.code) as session:
        bill = find_payable(session, "".join(code.split()))
        if bill is not None:
            record_act(
                session,
                actor=cli_actor(),
                action="bill.show",
                thing="bill",
                thing_uid=bill.uid,
                details={},
                at=clock.now(),
            )
    if bill is None:
        click.secho(_WORDS[lang]["none"], fg="red", err=True)
        raise click.exceptions.Exit(1)
    state = BILL_STATES.states[bill.state]
    word = state.word_en if lang == "en" else state.word_id
    if expired(bill, clock.today(found.timezone)):
        word = f"{word} ({_WORDS[lang]['overdue']})"
    values = (
        format_payment_code(bill.payment_code),
        bill.kind_name_en if lang == "en" else bill.kind_name,
        bill.entity,
        bill.object_number,
        clock.on_screen_period(bill.period, lang),
        bill.payer_name,
        bill.amount.on_screen(),
        clock.on_screen_date(bill.due_on, lang),
        word,
    )
    for label, value in zip(_LABELS[lang], values, strict=True):
        click.echo(f"{label:<18}{value}")


def _show_problems(problems: Sequence[LineProblem], lang: str, mapping: BillMapping) -> None:
    """The first problems, each with its line and its field: the file's own column, then our name for it."""
    words = _WORDS[lang]
    click.echo(words["head"])
    for problem in problems[:_MOST_SHOWN]:
        place = words["whole"] if problem.line is None else str(problem.line)
        message = problem.message_en if lang == "en" else problem.message_id
        column, field = mapping.columns.get(problem.field or ""), problem.field or "-"
        click.echo(f"{place} | {f'{column} ({field})' if column else field} | {message}")
    if len(problems) > _MOST_SHOWN:
        click.echo(words["more"].format(more=len(problems) - _MOST_SHOWN))


def _write_problems(file: Path, problems: Sequence[LineProblem], mapping: BillMapping) -> None:
    """All problems as CSV with a byte order mark, which makes a spreadsheet read it as UTF-8."""
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["line", "field", "column", "code", "masalah", "problem"])
        for problem in problems:
            field = problem.field or ""
            place = [problem.line or "", field, mapping.columns.get(field, "")]
            rows.writerow([*place, problem.code, problem.message_id, problem.message_en])
