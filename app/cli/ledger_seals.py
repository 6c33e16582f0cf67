"""The seals under `lunas ledger`: seal, verify, head, proof, check-proof, seal-key, rotate-seal-key.

For: the office that keeps the books, and auditors who would rather check than believe.
Not for: hindering changes (the database does), or rules of the seals (ledger.sealing).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from app.cli import cli_actor
from app.cli.writing import write_whole

if TYPE_CHECKING:
    from ledger import Verification

__all__ = ["SEAL_COMMANDS"]

_REGION = click.option("--region", required=True, help="Kode wilayah / region code.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUTPUT = click.option("--output", default="-", show_default=True, help="Berkas, atau - / a file, or - for stdout.")
_PUBLIC_KEYS = click.option(
    "--public-key",
    "public_keys",
    type=_FILE,
    multiple=True,
    help="Kunci publik PEM yang dipercaya / a trusted public key as PEM; more than one may be given.",
)
# What each stream of the seals holds, in the office's words.
_STREAMS = {
    "key": "kunci segel",
    "entity": "entitas",
    "account": "rekening",
    "account_role": "pemetaan peran",
    "entry": "jurnal",
    "entry_reversal": "pembalikan jurnal",
    "late_entry": "jurnal terlambat",
    "audit_event": "catatan audit",
    "state_change": "perubahan status",
}


@click.command("seal")
@_REGION
@click.option("--search", is_flag=True, help="Cari semua yang tertinggal / look through everything for what was left.")
def seal(region: str, search: bool) -> None:
    """Segel yang tidak lagi berubah / seal what can no longer change.

    The worker does the same every minute. Tab separated: block, stream, items, hash.
    """
    from foundation import clock
    from foundation.config import settings
    from foundation.db import run_unit
    from foundation.regions import get_region
    from ledger import load_signer, seal_next

    code, signer = get_region(region).code, load_signer(settings().seal_key_file)
    while block := run_unit(
        code, lambda session: seal_next(session, signer, at=clock.now(), by=cli_actor(), search=search)
    ):
        click.echo(f"{block.number}\t{block.stream}\t{block.count}\t{block.block_hash.hex()}")


@click.command("verify")
@_REGION
@click.option(
    "--head", "heads", type=_FILE, multiple=True, help="Berkas ujung segel terdahulu / a head file from before."
)
@_PUBLIC_KEYS
def verify(region: str, heads: tuple[Path, ...], public_keys: tuple[Path, ...]) -> None:
    """Periksa seluruh segel / replay the seals.

    Over the whole ledger; exit code 1 and a sentence per fault when anything does not fit.

    Without --public-key the installation's own key is trusted.
    """
    from foundation.config import settings
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import load_signer, read_head, read_public_key, verify_ledger

    code = get_region(region).code
    trusted = [read_public_key(file) for file in public_keys] or [load_signer(settings().seal_key_file).public]
    with unit_of_work(code) as session:
        found = verify_ledger(session, trusted=trusted, heads=[read_head(file.read_bytes()) for file in heads])
    _tell(found)
    if not found.sound:
        raise SystemExit(1)


@click.command("head")
@_REGION
@_OUTPUT
def head(region: str, output: str) -> None:
    """Tulis ujung segel / write the head of the chain.

    The newest block as JSON, to be kept elsewhere: `verify --head` holds the ledger to it later.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import seal_head, write_sealed

    with unit_of_work(get_region(region).code) as session:
        newest = seal_head(session, at=clock.now())
    write_whole([write_sealed(newest)], output)


@click.command("proof")
@click.argument("uid", type=click.UUID)
@_REGION
@_OUTPUT
def proof(uid: UUID, region: str, output: str) -> None:
    """Bukti bahwa satu jurnal ada / prove that one entry is in the ledger.

    Writes JSON; `check-proof` checks it without a database.
    """
    from foundation.db import unit_of_work
    from foundation.regions import get_region
    from ledger import prove_entry, write_sealed

    with unit_of_work(get_region(region).code) as session:
        made = prove_entry(session, uid)
    write_whole([write_sealed(made)], output)


@click.command("check-proof")
@click.argument("file", type=_FILE)
@click.option("--public-key", "public_keys", type=_FILE, multiple=True, required=True, help="Kunci publik / PEM file.")
def check(file: Path, public_keys: tuple[Path, ...]) -> None:
    """Periksa bukti / check a proof.

    Against a public key; needs no database and no settings. Prints what it proves.
    """
    from ledger import check_proof, read_proof, read_public_key

    proven = check_proof(read_proof(file.read_bytes()), trusted=[read_public_key(each) for each in public_keys])
    click.secho("Bukti segel sah / The proof holds", fg="green")
    click.echo(f"{proven.ledger}, blok / block {proven.block}, {proven.sealed_at.isoformat()}, key {proven.key_id}")
    for name, value in proven.entry.items():
        click.echo(f"  {name}: {'' if value is None else value}")
    for line in proven.postings:
        click.echo("  " + "\t".join("" if value is None else value for value in line.values()))


@click.command("seal-key")
@_OUTPUT
def seal_key(output: str) -> None:
    """Kunci publik segel / the public key of the seals.

    As PEM: what auditors need to verify. The private key is never shown.
    """
    from foundation.config import settings
    from ledger import load_signer, public_pem

    write_whole([public_pem(load_signer(settings().seal_key_file).public).encode()], output)


@click.command("rotate-seal-key")
@click.option("--why", required=True, help="Alasan / why, kept in each ledger.")
@click.option("--lost", is_flag=True, help="Kunci lama hilang / the old key is lost: the new one introduces itself.")
def rotate(why: str, lost: bool) -> None:
    """Ganti kunci segel / change the key of the seals.

    Makes a new key, lets the old one introduce it in every region's ledger, and puts it in its place.

    May be run again after an interruption. The worker takes the new key by itself.
    """
    from foundation import clock
    from foundation.config import settings, write_seal_key
    from foundation.db import run_unit
    from foundation.regions import list_regions
    from ledger import change_seal_key, load_signer

    file = settings().seal_key_file
    upcoming = file.with_name(f"{file.name}.next")
    old = None if lost else load_signer(file)
    if not upcoming.exists():
        write_seal_key(upcoming)
    new = load_signer(upcoming)
    for region in list_regions():
        run_unit(
            region.code,
            lambda session: change_seal_key(session, old, new, at=clock.now(), by=cli_actor(), why=why[:300]),
        )
        click.echo(f"{region.code}\t{new.key_id}")
    upcoming.replace(file)


SEAL_COMMANDS: Sequence[click.Command] = (seal, verify, head, proof, check, seal_key, rotate)


def _tell(found: Verification) -> None:
    click.echo(f"Blok / blocks: {found.blocks}, baris / rows: {found.rows}")
    for stream, unsealed in found.unsealed.items():
        sealed = found.sealed.get(stream, 0)
        click.echo(f"  {_STREAMS[stream]} ({stream}): {sealed} disegel / sealed, {unsealed} belum / not yet")
    click.echo(f"Periode ditutup / closed periods: {found.periods}")
    if found.periods_unsealed:
        months = ", ".join(found.periods_unsealed)
        click.echo(f"  Perubahan terakhir belum disegel / newest move not sealed yet: {months}")
    click.echo(f"Ujung segel / head: {found.head_number} {found.head_hash.hex()}")
    for finding in found.findings:
        click.secho(finding.message_id, fg="red", err=True)
        click.echo(f"  {finding.message_en}", err=True)
    if found.more_findings:
        click.echo(f"… dan {found.more_findings} lagi / and {found.more_findings} more", err=True)
    if not found.sound:
        faults = len(found.findings) + found.more_findings
        click.secho(f"Ditemukan {faults} ketidaksesuaian / {faults} faults found", fg="red")
    else:
        click.secho("Semua yang disegel utuh / All that is sealed stands as it was", fg="green")
