"""Pulling the ledger out: entries, the account ledger (buku besar), balances and trial balance, as pages and as files.

For: BPKAD, auditors, their programs and spreadsheets.
Not for: working out balances (ledger.balances), or where a file goes (app/).

Invariants
- Everything pulled is of one moment (ledger.moments). Its snapshot, given again with the same filters, gives the same
  rows and the same bytes, on this server, whatever was posted since.
- Memory stays flat and no number of rows is too large: rows come through a server-side cursor or COPY and leave in
  pieces; an XLSX goes on in further sheets.
- Beside each file stands a manifest: what, of which moment, how many, the totals per book, and the file's SHA-256.
- Amounts are exact in every format: "150000.00".
"""

from ledger.pulling.account_ledger import AccountLedgerFilter, LedgerPage, LedgerRow, list_account_ledger
from ledger.pulling.entries import EntryPage, LedgerEntry, LedgerLine, list_entries, stream_entries
from ledger.pulling.exports import EXPORT_FORMATS, Export, open_export
from ledger.pulling.filters import EntryFilter
from ledger.pulling.rows import entry_as_dict

__all__ = [
    "EXPORT_FORMATS",
    "AccountLedgerFilter",
    "EntryFilter",
    "EntryPage",
    "Export",
    "LedgerEntry",
    "LedgerLine",
    "LedgerPage",
    "LedgerRow",
    "entry_as_dict",
    "list_account_ledger",
    "list_entries",
    "open_export",
    "stream_entries",
]
