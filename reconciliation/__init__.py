"""Compares what banks say with what we recorded: statements, settlement files, and runs that list every difference.

For: taking bank files once, matching settlement lines to payments, booking credits of the RKUD statement (4b), and
`reconcile`, which proves clearing, RKUD and holding accounts to the sen or names what differs.
Not for: reading formats (bank_adapters), receiving payments (payments), or walking the inbox (app/worker).
"""

from reconciliation.bank_files import LARGEST_FILE, FileImported, FileReaders, import_file, record_refusal
from reconciliation.errors import (
    AccountUnknown,
    FileTooLarge,
    RunUnknown,
    SettlementContradicts,
    SettlementPartnerUnknown,
    SettlementValueTooLong,
    StatementContradicts,
)

__all__ = [
    "LARGEST_FILE",
    "AccountUnknown",
    "FileImported",
    "FileReaders",
    "FileTooLarge",
    "RunUnknown",
    "SettlementContradicts",
    "SettlementPartnerUnknown",
    "SettlementValueTooLong",
    "StatementContradicts",
    "import_file",
    "record_refusal",
]
