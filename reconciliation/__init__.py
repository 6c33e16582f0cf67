"""Compares what banks say with what we recorded: statements, settlement files, and runs that list every difference.

For: taking bank files once, matching settlement lines to payments, booking credits of the RKUD statement (4b), and
`reconcile`, which proves clearing, RKUD and holding accounts to the sen or names what differs.
Not for: reading formats (bank_adapters), receiving payments (payments), or walking the inbox (app/worker).

Invariants
- The same bytes, the same statement and the same batch are taken once; other content under the same name is refused.
- A file is checked whole before any effect; a refused one leaves only its row and its problems.
- The order in which a settlement and a statement arrive does not change the books.
- A settlement posts no row 4b. One entry books one credit against one batch; never more than the batch holds.
- A payment is settled by one line (a partial unique index), and stands behind one holding line.
- Debits, reversals and holding accounts are listed or checked, never posted.
Reads `payment_v` of payments and `ledger_postings` of the ledger.
"""

from reconciliation.bank_files import LARGEST_FILE, FileImported, FileReaders, import_file, record_refusal
from reconciliation.differences import DIFFERENCES, Difference, DifferenceKind
from reconciliation.errors import (
    AccountUnknown,
    FileTooLarge,
    RunUnknown,
    SettlementContradicts,
    SettlementPartnerUnknown,
    SettlementValueTooLong,
    StatementContradicts,
)
from reconciliation.figures import AccountFigures, DayFigures, PartnerFigures, RunFigures
from reconciliation.reconciling import RunResult, reconcile
from reconciliation.runs import (
    DifferenceShown,
    FileShown,
    PartnerStanding,
    RunShown,
    find_last_run,
    get_run,
    last_runs_by_partner,
    list_bank_files,
    list_differences,
    list_runs,
)

__all__ = [
    "DIFFERENCES",
    "LARGEST_FILE",
    "AccountFigures",
    "AccountUnknown",
    "DayFigures",
    "Difference",
    "DifferenceKind",
    "DifferenceShown",
    "FileImported",
    "FileReaders",
    "FileShown",
    "FileTooLarge",
    "PartnerFigures",
    "PartnerStanding",
    "RunFigures",
    "RunResult",
    "RunShown",
    "RunUnknown",
    "SettlementContradicts",
    "SettlementPartnerUnknown",
    "SettlementValueTooLong",
    "StatementContradicts",
    "find_last_run",
    "get_run",
    "import_file",
    "last_runs_by_partner",
    "list_bank_files",
    "list_differences",
    "list_runs",
    "reconcile",
    "record_refusal",
]
