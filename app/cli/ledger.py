"""`lunas ledger`: the group of all that a command line does with the ledger.

For: BPKAD and auditors at a command line. Looking and exporting stand in ledger_reading, closing and undoing in
ledger_periods, seals in ledger_seals.
Not for: posting; entries come from what happened, never from a command.
"""

from __future__ import annotations

import click

from app.cli.groups import OfficeGroup
from app.cli.ledger_periods import period, reverse
from app.cli.ledger_reading import READING_COMMANDS
from app.cli.ledger_seals import SEAL_COMMANDS
from app.cli.ledger_sums import roll
from app.cli.ledger_years import YEAR_COMMANDS

__all__ = ["ledger"]


@click.group(cls=OfficeGroup)
def ledger() -> None:
    """Buku besar: jurnal, saldo, ekspor / The ledger: entries, balances, export."""


ledger.add_command(period)
ledger.add_command(reverse)
for each in YEAR_COMMANDS:
    ledger.add_command(each)
ledger.add_command(roll)
for each in (*READING_COMMANDS, *SEAL_COMMANDS):
    ledger.add_command(each)
