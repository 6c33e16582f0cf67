"""Statements and settlement files of banks: MT940 and CSV, read whole and proved, and written for the sandbox bank.

For: `app/wiring.py`, the file jobs and the sandbox bank: bytes in, typed messages of `bank_adapters.contract` out.
Pure: no database, no clock, no settings.
Not for: matching lines to payments or posting (reconciliation).

Invariants
- A file is accepted whole or refused whole, with every problem named by line, field and code in two languages.
- No line is left out: tags are counted, sums are proved to the sen. An amount that cannot be read is never zero.
"""

from bank_adapters.statements.errors import SettlementFormatInvalid
from bank_adapters.statements.mt940_reading import Mt940Reader
from bank_adapters.statements.mt940_writing import write_mt940
from bank_adapters.statements.recognising import FileKind, recognise
from bank_adapters.statements.settlement_format import (
    AmountStyle,
    SettlementFormat,
    Source,
    Totals,
    format_in_force,
)
from bank_adapters.statements.settlement_reading import SettlementCsvReader
from bank_adapters.statements.settlement_writing import SANDBOX_SETTLEMENT, write_settlement

__all__ = [
    "recognise",
    "FileKind",
    "Mt940Reader",
    "write_mt940",
    "SettlementCsvReader",
    "write_settlement",
    "SANDBOX_SETTLEMENT",
    "SettlementFormat",
    "Source",
    "Totals",
    "AmountStyle",
    "format_in_force",
    "SettlementFormatInvalid",
]
