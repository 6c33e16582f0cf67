"""Words for what is sealed: the rows, their columns, and what else verifying looks at, in both languages.

For: findings (ledger.sealing.findings), where the column's own name stands in brackets behind its word.
Not for: the columns themselves (ledger.sealing.streams).
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["COLUMN_WORDS", "PLACE_WORDS", "column_words", "place_words"]

# What a finding is about: (Indonesian, English), as a sentence begins.
PLACE_WORDS: dict[str, tuple[str, str]] = {
    "account": ("Rekening", "Account"),
    "account_role": ("Pemetaan peran", "Mapping of a role"),
    "adjusting_kind": ("Jenis jurnal", "The kind of entry"),
    "audit_event": ("Catatan audit", "Audit row"),
    "column": ("Kolom", "Column"),
    "constraint": ("Batasan", "Constraint"),
    "entity": ("Entitas", "Entity"),
    "entry": ("Jurnal", "Entry"),
    "entry_reversal": ("Pembalikan jurnal", "The reversal of entry"),
    "function": ("Fungsi", "Function"),
    "key": ("Kunci segel", "Seal key"),
    "known_position": ("Batas jawaban final", "The place until which answers are final"),
    "late_entry": ("Jurnal terlambat", "Late entry"),
    "period": ("Periode", "Period"),
    "right": ("Hak akses", "Right"),
    "state_change": ("Perubahan status", "Change of state"),
    "trigger": ("Pemicu", "Trigger"),
}
_CHAIN = ("Rantai segel", "The chain of seals")
_BLOCK = ("blok", "block")

COLUMN_WORDS: dict[str, tuple[str, str]] = {
    "account": ("rekening", "account"),
    "account_code": ("kode rekening", "account code"),
    "account_valid_from": ("berlakunya rekening", "date its account holds from"),
    "accounted_on": ("tanggal pembukuan", "accounting date"),
    "action": ("tindakan", "act"),
    "actor": ("pelaku", "actor"),
    "amount_sen": ("jumlah", "amount"),
    "at": ("waktu", "moment"),
    "block_hash": ("hash blok", "block hash"),
    "body": ("isi", "body"),
    "book": ("buku", "book"),
    "code": ("kode", "code"),
    "content_hash": ("hash isi", "content hash"),
    "counterpart": ("entitas lawan", "counterpart"),
    "definition": ("definisi", "definition"),
    "description": ("uraian", "description"),
    "details": ("rincian", "details"),
    "enabled": ("keaktifan", "whether it is enabled"),
    "entity": ("entitas", "entity"),
    "entry_id": ("jurnal", "entry"),
    "event": ("peristiwa", "event"),
    "from_state": ("status semula", "state before"),
    "held": ("hak yang diberikan", "what is granted"),
    "id": ("nomor", "number"),
    "introduced_at": ("waktu diperkenalkan", "moment it was introduced"),
    "introduced_by": ("yang memperkenalkan", "who introduced it"),
    "is_sample": ("tanda contoh", "mark of a sample"),
    "item_ids": ("daftar baris", "list of rows"),
    "key": ("kunci jurnal", "entry key"),
    "key_id": ("nama kunci", "name of the key"),
    "kind": ("jenis", "kind"),
    "known_from": ("diketahui sejak", "known from"),
    "known_id": ("jurnal terakhir yang final", "last entry that is final"),
    "known_until": ("final sampai", "final until"),
    "known_xact": ("transaksi terakhir yang final", "last transaction that is final"),
    "level": ("tingkat", "level"),
    "line_no": ("nomor baris", "line number"),
    "merkle_root": ("akar Merkle", "Merkle root"),
    "moved_at": ("waktu perubahan", "moment of the move"),
    "moved_by": ("yang mengubah", "who moved it"),
    "name": ("nama", "name"),
    "normal_side": ("sisi normal", "normal side"),
    "noted_at": ("waktu dicatat", "moment it was noted"),
    "noted_xact": ("transaksi pencatat", "transaction that noted it"),
    "occurred_at": ("waktu kejadian", "moment it happened"),
    "parent_code": ("kode induk", "parent code"),
    "partner": ("mitra", "partner"),
    "posting_count": ("banyaknya baris jurnal", "number of postings"),
    "public_key": ("kunci publik", "public key"),
    "qualifier": ("pembeda", "qualifier"),
    "reason": ("alasan", "reason"),
    "recorded_at": ("waktu dicatat", "moment it was recorded"),
    "recorded_xact": ("nomor transaksi", "transaction number"),
    "replacement_id": ("jurnal pengganti", "replacement"),
    "requires_counterpart": ("tanda RK", "mark of an RK"),
    "reversal_id": ("jurnal balik", "reversal"),
    "rights": ("hak", "rights"),
    "role": ("peran", "role"),
    "settings": ("pengaturan", "settings"),
    "side": ("sisi", "side"),
    "source_kind": ("jenis sumber", "kind of source"),
    "source_uid": ("sumber", "source"),
    "thing": ("objek", "thing"),
    "thing_id": ("nomor objek", "number of the thing"),
    "thing_uid": ("kode objek", "code of the thing"),
    "to_state": ("status baru", "state after"),
    "uid": ("UID", "UID"),
    "valid_from": ("berlaku sejak", "valid from"),
    "valid_to": ("berlaku sampai", "valid until"),
    "why": ("alasan", "reason"),
}
# What stands behind "posting 2: " instead of a column.
_POSTING_WORDS = {"missing": ("hilang", "missing"), "added": ("ditambahkan", "added")}


def place_words(language: int, stream: str, item_id: int | None, block: int | None) -> str:
    """Which row, block, guard or month, e.g. "Jurnal 17 (blok 3)"; `language` is 0 for Indonesian, 1 for English."""
    at_block = "" if block is None else f"{_BLOCK[language]} {block}"
    first, _, rest = stream.partition(" ")
    word = PLACE_WORDS[first][language] if first in PLACE_WORDS else first
    if item_id is not None:
        return f"{word} {item_id}" + (f" ({at_block})" if at_block else "")
    return at_block.capitalize() or f"{word} {rest}".strip() or _CHAIN[language]


def column_words(language: int, columns: Iterable[str]) -> str:
    """Columns as `changed_columns` names them: "baris jurnal 2, jumlah (amount_sen)", parted by semicolons."""
    return "; ".join(_column_words(language, column) for column in columns)


def _column_words(language: int, column: str) -> str:
    place, _, name = column.rpartition(": ")
    number = place.removeprefix("posting ")
    posting = f"{('baris jurnal', 'posting')[language]} {number}" if place else ""
    if place and name in _POSTING_WORDS:
        return f"{posting} {_POSTING_WORDS[name][language]}"
    told = f"{COLUMN_WORDS[name][language]} ({name})" if name in COLUMN_WORDS else name
    return f"{posting}, {told}" if posting else told
