"""The `lunas` command: one group that finds its sub-commands in the sibling modules.

For: people who run an installation. Each module of this package with a name in `COMMANDS` has one click command or
group of the module's own name (`app/cli/qris.py` has `qris`); it is imported only when it is asked for, so that
`lunas qris decode` starts at once and needs no database.
Not for: rules of the office; a command reads its arguments, opens the unit of work, calls one front and prints.

A LunasError becomes a red sentence in Indonesian and in English and exit code 1, never a traceback.
docs/commands.md lists every command, and a test holds the two equal.
"""

from __future__ import annotations

import getpass
import importlib
import importlib.util
import sys
from typing import Any

import click

from foundation.errors import LunasError, Unavailable

__all__ = ["COMMANDS", "cli_actor", "main"]

COMMANDS = {
    "region": "Daftar wilayah / Make and list regions",
    "db": "Skema basis data / Database schemas",
    "settings": "Pengaturan instalasi / Settings of the installation",
    "policy": "Kebijakan bertanggal / Dated policies of a region",
    "user": "Pegawai dan penugasan / Staff and their assignments",
    "token": "Token API / API tokens",
    "chart": "Bagan akun / Chart of accounts",
    "bill": "Tagihan / Bills",
    "ledger": "Buku besar / The ledger",
    "qris": "Kode QRIS / QRIS codes",
    "partner": "Bank mitra / Partner banks",
    "statement": "Rekening koran / Bank statements",
    "reconcile": "Rekonsiliasi / Reconciliation",
    "worker": "Proses terjadwal / The scheduled worker",
    "serve": "Server web / The web server",
    "sandbox": "Bank sandbox / The sandbox bank",
    "demo": "Demo / The demo",
}


class DatabaseNotPrepared(Unavailable):
    """The database answers, but our tables are not there; `quoted` is what it says itself."""

    code = "database_not_prepared"
    text_id = "Basis data belum disiapkan ({quoted}). Jalankan: lunas db upgrade"
    text_en = "The database is not prepared ({quoted}). Run: lunas db upgrade"


class DatabaseUnreachable(Unavailable):
    """The database does not answer, or refuses us; `quoted` is what it or the driver says."""

    code = "database_unreachable"
    text_id = "Basis data tidak dapat dijangkau: {quoted}"
    text_en = "The database cannot be reached: {quoted}"


class _LazyGroup(click.Group):
    """A group whose commands are modules, imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names in the order of an office's day, as far as their modules are installed."""
        return [name for name in COMMANDS if importlib.util.find_spec(f"{__name__}.{name}") is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command and return the command in it that has the module's name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(importlib.import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and turn a refusal into two sentences and exit code 1."""
        try:
            return super().invoke(ctx)
        except LunasError as error:
            _tell(error)
        except Exception as error:
            refusal = _database_refusal(error)
            if refusal is None:
                raise
            _tell(refusal)
        return ctx.exit(1)


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Lunas: tagihan, pembayaran, buku besar, rekonsiliasi / bills, payments, ledger, reconciliation."""


def cli_actor() -> str:
    """Who acts: "cli:<name of the operating system's user>", for audit rows."""
    try:
        return f"cli:{getpass.getuser()}"[:120]
    except (KeyError, OSError):
        # A container may run under a number without a name.
        return "cli:unknown"


def _tell(error: LunasError) -> None:
    place = "" if error.line is None else f"[{error.line}] "
    click.secho(f"{place}{error.message_id}", fg="red", err=True)
    click.secho(f"{place}{error.message_en}", err=True)


def _database_refusal(error: Exception) -> LunasError | None:
    """A database that is not there or not ours to use, as a named error; None for anything else."""
    sqlalchemy = sys.modules.get("sqlalchemy.exc")
    if sqlalchemy is None or not isinstance(error, sqlalchemy.DBAPIError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    if state in ("42P01", "3F000"):
        return DatabaseNotPrepared(quoted=_first_line(error))
    if isinstance(error, sqlalchemy.OperationalError) and state is None:
        return DatabaseUnreachable(quoted=_first_line(error))
    return None


def _first_line(error: Any) -> str:
    return str(error.orig).strip().splitlines()[0]
