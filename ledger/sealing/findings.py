"""What verifying can find: each fault in words, Indonesian first.

For: the kinds of faults, and one found fault with where it is.
Not for: finding them (ledger.sealing.verifying).
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.periods import PERIOD_FAULTS
from ledger.sealing.words import column_words, place_words

__all__ = ["FINDINGS", "Finding"]

# Kind: (Indonesian, English). {place} begins the sentence and says which row, {told} what more is known.
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
        "{place} tidak memiliki semua baris jurnalnya: {told}",
        "{place} does not have the postings that it should: {told}",
    ),
    "entry_unbalanced": (
        "{place} tidak seimbang pada setiap buku setiap entitas",
        "{place} does not balance in each book of each entity",
    ),
    "entry_unpaired": ("{place} memuat RK pada satu sisi saja", "{place} moves an RK on one side only"),
    "posting_misplaced": (
        "{place} memuat baris jurnal yang tidak akan diterima (rekening, entitas, tanggal, atau jumlah): {told}",
        "{place} has a posting that would be refused (account, entity, date or amount): {told}",
    ),
    "sealed_twice": ("{place} disegel lebih dari sekali", "{place} is sealed more than once"),
    "posting_without_entry": (
        "{place} tidak ada, tetapi memiliki baris jurnal: {told}",
        "{place} is not there, but has postings: {told}",
    ),
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
        "{place} dari berkas ujung segel tidak ada: segel dihapus, atau basis data ini salinan lama",
        "{place} of the head file is not there: seals were removed, or this is an older copy of the database",
    ),
    "head_differs": (
        "{place} bukan blok pada berkas ujung segel: rantai ditulis ulang",
        "{place} is not the block of the head file: the chain was written anew",
    ),
    "head_unsound": ("Berkas ujung segel tidak sah: {told}", "The head file does not hold: {told}"),
    "kind_differs": (
        "{place} tidak sesuai daftar jenis jurnal versi ini: {told}",
        "{place} does not match this version's list of kinds: {told}",
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
    "late_without_entry": (
        "{place} dinyatakan terlambat, tetapi jurnalnya tidak ada",
        "{place} is said to be late, but the entry itself is not there",
    ),
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
    """One fault: its kind, the stream, item and block it is about, the columns named where that can be told.

    `told_id` and `told_en` say what more is known; where columns are named, the sentences tell those instead.
    """

    kind: str
    stream: str = ""
    item_id: int | None = None
    block: int | None = None
    columns: tuple[str, ...] = ()
    told_id: str = ""
    told_en: str = ""

    @property
    def place_id(self) -> str:
        """Which row, block or month, in Indonesian: "Jurnal 17 (blok 3)", "Periode 2026-03"."""
        return place_words(0, self.stream, self.item_id, self.block)

    @property
    def place_en(self) -> str:
        """The same in English: "Entry 17 (block 3)", "Period 2026-03"."""
        return place_words(1, self.stream, self.item_id, self.block)

    @property
    def message_id(self) -> str:
        """The sentence in Indonesian."""
        told = column_words(0, self.columns) or self.told_id
        return FINDINGS[self.kind][0].format(place=self.place_id, told=told)

    @property
    def message_en(self) -> str:
        """The sentence in English."""
        told = column_words(1, self.columns) or self.told_en
        return FINDINGS[self.kind][1].format(place=self.place_en, told=told)
