"""What verifying can find: each fault in words, Indonesian first.

For: the kinds of faults, and one found fault with where it is.
Not for: finding them (ledger.sealing.verifying).
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.periods import PERIOD_FAULTS

__all__ = ["FINDINGS", "Finding"]

# Kind: (Indonesian, English). {place} says which row, {told} what more is known.
FINDINGS: dict[str, tuple[str, str]] = {
    "row_changed": ("{place} tidak lagi seperti saat disegel: {told}", "{place} is not what was sealed: {told}"),
    "row_missing": ("{place} sudah disegel tetapi tidak ada lagi", "{place} was sealed and is gone"),
    "row_behind": (
        "{place} berada di belakang segel: disisipkan, bukan dijurnal",
        "{place} stands behind the seals: it was put in, not posted",
    ),
    "row_ahead": (
        "{place} bernomor transaksi yang belum pernah diberikan server ini: penyegel dan pembaca melewatinya",
        "{place} bears a transaction number that this server never gave: the sealer and readers would pass it by",
    ),
    "code_twice": (
        "{place} memakai kode yang juga dipakai baris lain: {told}",
        "{place} bears a code that another row bears too: {told}",
    ),
    "entry_incomplete": (
        "{place} tidak memiliki semua pos-posnya: {told}",
        "{place} does not have the postings that it should: {told}",
    ),
    "entry_unbalanced": (
        "{place} tidak seimbang pada setiap buku setiap entitas",
        "{place} does not balance in each book of each entity",
    ),
    "entry_unpaired": ("{place} memuat RK pada satu sisi saja", "{place} moves an RK on one side only"),
    "posting_misplaced": (
        "{place} memuat pos yang tidak akan diterima (rekening, entitas, tanggal, atau jumlah): {told}",
        "{place} has a posting that would be refused (account, entity, date or amount): {told}",
    ),
    "sealed_twice": ("{place} disegel lebih dari sekali", "{place} is sealed more than once"),
    "posting_without_entry": ("{place} tidak memiliki jurnal: {told}", "{place} has no entry: {told}"),
    "block_changed": ("{place} diubah: {told}", "{place} was changed: {told}"),
    "block_missing": ("{place} tidak ada", "{place} is missing"),
    "chain_broken": ("{place} tidak menyambung blok sebelumnya", "{place} does not follow the block before it"),
    "signature_wrong": ("{place} tidak ditandatangani kuncinya", "{place} is not signed by its key"),
    "key_unknown": (
        "{place} memakai kunci {told} yang tidak diperkenalkan pada rantai",
        "{place} names key {told}, which the chain did not introduce before it",
    ),
    "key_again": (
        "{place} memperkenalkan lagi kunci {told}, yang sudah pernah diperkenalkan",
        "{place} introduces key {told} again, which the chain had introduced before",
    ),
    "key_untrusted": (
        "{place} ditandatangani kunci {told} yang tidak Anda percayai",
        "{place} is signed by key {told}, which is none that you trust",
    ),
    "head_missing": (
        "{place} dari berkas kepala tidak ada: segel dihapus, atau basis data ini salinan lama",
        "{place} of the head file is not there: seals were removed, or this is an older copy of the database",
    ),
    "head_differs": (
        "{place} bukan blok pada berkas kepala: rantai ditulis ulang",
        "{place} is not the block of the head file: the chain was written anew",
    ),
    "head_unsound": ("Berkas kepala tidak sah: {told}", "The head file does not hold: {told}"),
    "kind_differs": (
        "{place} tidak sesuai daftar jenis jurnal versi ini (ada / seharusnya): {told}",
        "{place} does not match this version's list of kinds (is / should be): {told}",
    ),
    "guard_missing": (
        "{place}, penjaga yang dibuat migrasi, tidak ada",
        "{place}, a guard that the migrations made, is not there",
    ),
    "guard_changed": (
        "{place} tidak seperti yang dibuat migrasi versi ini: {told}",
        "{place} is not what the migrations of this version made: {told}",
    ),
    "guard_unknown": (
        "{place} bukan buatan migrasi versi ini",
        "{place} was made by no migration of this version",
    ),
    "position_missing": (
        "{place} tidak ada: tidak diketahui sampai kapan jawaban sudah final",
        "{place} is not there: nothing says until when answers are final",
    ),
    "position_wrong": (
        "{place} tidak mungkin demikian menurut jam, transaksi, dan jurnal yang ada: {told}",
        "{place} cannot be so by the clock, transactions and entries that there are: {told}",
    ),
    "late_without_entry": ("{place} tidak memiliki jurnal", "{place} has no entry"),
    "late_too_early": (
        "{place} dinyatakan terlambat, tetapi diketahui sejak sebelum dicatat",
        "{place} is said to be late, but to be known from before it was recorded",
    ),
    "late_too_soon": (
        "{place} dinyatakan terlambat di belakang saat yang belum final",
        "{place} is said to be late behind a moment that is not final yet",
    ),
    "late_alone": (
        "{place} dinyatakan terlambat, padahal yang ditulis sesudahnya sudah diketahui lebih dahulu",
        "{place} is said to be late, though what was written after it was known before",
    ),
    **PERIOD_FAULTS,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: its kind, the stream, item and block it is about, the columns named where that can be told."""

    kind: str
    stream: str = ""
    item_id: int | None = None
    block: int | None = None
    columns: tuple[str, ...] = ()
    told: str = ""

    @property
    def place(self) -> str:
        """Which row, block or month, e.g. "entry 17 (block 3)", "period 2026-03"."""
        block = "" if self.block is None else f"block {self.block}"
        if self.item_id is None:
            return block or self.stream or "the chain"
        return f"{self.stream} {self.item_id}" + (f" ({block})" if block else "")

    @property
    def message_id(self) -> str:
        """The sentence in Indonesian."""
        return self._say(0)

    @property
    def message_en(self) -> str:
        """The sentence in English."""
        return self._say(1)

    def _say(self, language: int) -> str:
        return FINDINGS[self.kind][language].format(place=self.place, told=", ".join(self.columns) or self.told)
