"""The words of workbooks: names of sheets, columns and filters in Indonesian, and how wide each column is.

For: ledger.pulling.workbook; the words are those of docs/glossary.md.
Not for: CSV and JSON Lines, whose column names are the API's.
"""

from __future__ import annotations

__all__ = ["AMOUNTS", "FILTERS", "FOOTED", "HEADINGS", "SHEETS", "SIDES", "WIDTHS"]

SHEETS = {
    "entries": "Jurnal",
    "account-ledger": "Buku besar",
    "balances": "Saldo",
    "trial-balance": "Neraca saldo",
}
# Short enough to be read to the end: their totals stand below them.
FOOTED = frozenset({"balances", "trial-balance"})
HEADINGS = {
    "entry_id": "Nomor jurnal",
    "entry_uid": "UID jurnal",
    "kind": "Jenis jurnal",
    "key": "Kunci",
    "accounted_on": "Tanggal pembukuan",
    "occurred_at": "Terjadi pada (UTC)",
    "recorded_at": "Dicatat pada (UTC)",
    "description": "Uraian",
    "source_kind": "Jenis sumber",
    "source_uid": "UID sumber",
    "actor": "Dicatat oleh",
    "line_no": "Baris",
    "book": "Buku",
    "entity": "Entitas",
    "account": "Kode rekening",
    "account_name": "Nama rekening",
    "debit": "Debit",
    "credit": "Kredit",
    "balance": "Saldo",
    "counterpart": "Entitas lawan",
    "partner": "Bank mitra",
    "normal_side": "Saldo normal",
    "opening": "Saldo awal",
    "closing": "Saldo akhir",
    "closing_debit": "Neraca saldo: debit",
    "closing_credit": "Neraca saldo: kredit",
}
AMOUNTS = frozenset({"debit", "credit", "balance", "opening", "closing", "closing_debit", "closing_credit"})
# What a column of codes says in a cell.
SIDES = {"debit": "debit", "credit": "kredit"}
FILTERS = {
    "accounted_from": "Tanggal pembukuan sejak",
    "accounted_to": "Tanggal pembukuan sampai",
    "account": "Kode rekening",
    "entity": "Entitas",
    "book": "Buku",
    "partner": "Bank mitra",
    "kind": "Jenis jurnal",
    "source_uid": "UID sumber",
    "known_at": "Seperti diketahui pada (UTC)",
    "before_closing": "Tanpa jurnal penutup",
}
# In characters; an amount of a trillion rupiah needs 20.
WIDTHS = {
    "entry_id": 12,
    "entry_uid": 37,
    "kind": 22,
    "key": 30,
    "accounted_on": 13,
    "occurred_at": 22,
    "recorded_at": 22,
    "description": 48,
    "source_kind": 16,
    "source_uid": 37,
    "actor": 20,
    "line_no": 7,
    "book": 7,
    "entity": 24,
    "account": 19,
    "account_name": 44,
    "debit": 21,
    "credit": 21,
    "balance": 21,
    "counterpart": 24,
    "partner": 16,
    "normal_side": 13,
    "opening": 21,
    "closing": 21,
    "closing_debit": 21,
    "closing_credit": 21,
}
