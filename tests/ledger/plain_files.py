"""Entries as CSV and JSON Lines by plain Python: what the files that PostgreSQL writes are held to."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from ledger import LedgerEntry, entry_as_dict
from ledger.pulling.rows import entry_table, table_csv

__all__ = ["entries_as_csv", "entries_as_jsonl"]


def entries_as_csv(entries: Iterable[LedgerEntry]) -> str:
    """One row per posting with the entry's columns before it."""
    return "".join(table_csv(entry_table(entries)))


def entries_as_jsonl(entries: Iterable[LedgerEntry]) -> str:
    """One entry per line with its postings in `lines`."""
    return "".join(orjson.dumps(entry_as_dict(entry)).decode() + "\n" for entry in entries)
