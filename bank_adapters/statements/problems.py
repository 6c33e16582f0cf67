"""The words for what can be wrong in a bank's file, and the list that a reader fills while it checks the whole file.

For: one sentence per kind of fault in Indonesian and English, found by its code.
Not for: deciding that something is wrong (the readers), or the error itself (`bank_adapters.contract`).
"""

from __future__ import annotations

from bank_adapters.contract import BankFileRefused, FileProblem
from foundation.wording import in_words

__all__ = ["MOST_LISTED", "ProblemList"]

# A file with more faults than a person will read is refused just the same; the list ends there and says so.
MOST_LISTED = 200

_WORDS: dict[str, tuple[str, str]] = {
    # any file
    "file_empty": ("Berkas kosong.", "The file is empty."),
    "file_too_large": ("Berkas melebihi {limit} byte.", "The file is larger than {limit} bytes."),
    "not_text": ("Berkas ini bukan berkas teks.", "This is not a text file."),
    "encoding_wrong": ("Isi berkas tidak sesuai pengodean {encoding}.", "The content is not written in {encoding}."),
    "line_too_long": ("Baris lebih dari {limit} karakter.", "The line has more than {limit} characters."),
    "kind_unknown": (
        "Berkas ini bukan rekening koran MT940 dan bukan berkas settlement CSV.",
        "This is neither an MT940 statement nor a settlement CSV.",
    ),
    "too_many_problems": (
        "Masalah lain setelah {limit} yang pertama tidak dicantumkan.",
        "Further problems after the first {limit} are not listed.",
    ),
    # amounts and sums
    "amount_unreadable": ("Nilai uang {text!r} tidak terbaca.", "The amount {text!r} cannot be read."),
    "amount_not_positive": ("Nilai uang harus lebih dari nol.", "The amount must be above zero."),
    "net_wrong": (
        "Nilai bersih {stated} tidak sama dengan {gross} dikurangi biaya {fee}.",
        "The net of {stated} is not {gross} less the fee of {fee}.",
    ),
    "count_wrong": ("Tertulis {stated} baris, ada {counted}.", "It says {stated} lines, there are {counted}."),
    "sum_wrong": ("Tertulis {stated}, jumlah baris {counted}.", "It says {stated}, the lines sum to {counted}."),
    # MT940
    "no_statement": ("Tidak ada rekening koran di dalam berkas.", "There is no statement in the file."),
    "text_outside": ("Teks di luar bagian mana pun: {text!r}.", "Text that belongs to no field: {text!r}."),
    "tag_displaced": ("Tanda {text!r} tidak di awal baris.", "The tag {text!r} is not at the start of its line."),
    "tag_unknown": ("Tanda {text} tidak dikenal di MT940.", "The tag {text} is not known in MT940."),
    "tag_out_of_order": ("Tanda {text} tidak pada urutannya.", "The tag {text} is out of order."),
    "tag_repeated": ("Tanda {text} tertulis lebih dari sekali.", "The tag {text} is written more than once."),
    "tag_missing": ("Tanda {text} tidak ada.", "The tag {text} is missing."),
    "field_unreadable": ("Isi {text!r} tidak sesuai format.", "The content {text!r} is not as the format says."),
    "date_unreadable": ("Tanggal {text!r} tidak terbaca.", "The date {text!r} cannot be read."),
    "currency_not_idr": ("Mata uang {text} tidak diterima, hanya IDR.", "The currency {text} is refused; only IDR."),
    "trailer_missing": ("Penutup -}} tidak ada; berkas terpotong.", "The closing -}} is missing; the file is cut off."),
    "lines_lost": (
        "Ada {counted} tanda :61: tetapi {read} baris terbaca.",
        "There are {counted} tags :61: but {read} lines were read.",
    ),
    "does_not_foot": (
        "Saldo awal {opening} dan mutasi {moved} tidak menghasilkan saldo akhir {closing}; selisih {difference}.",
        "Opening {opening} and movements {moved} do not give closing {closing}; difference {difference}.",
    ),
    "dates_reversed": ("Tanggal akhir sebelum tanggal awal.", "The closing date is before the opening date."),
    "not_continuous": (
        "Saldo awal {opening} tidak sama dengan saldo akhir sebelumnya {closing}.",
        "The opening balance {opening} is not the closing balance before it, {closing}.",
    ),
    "statement_repeated": (
        "Rekening koran {number} rekening {account} ada dua kali.",
        "Statement {number} of account {account} is there twice.",
    ),
    "page_without_start": (
        "Halaman lanjutan (:60M:) tanpa halaman sebelumnya di berkas ini.",
        "A continued page (:60M:) without the page before it in this file.",
    ),
    "page_without_end": (
        "Rekening koran {number} berakhir dengan :62M: tanpa halaman terakhir.",
        "Statement {number} ends with :62M: and has no last page.",
    ),
    # settlement CSV
    "row_unreadable": ("Baris CSV tidak terbaca: {text}.", "The CSV row cannot be read: {text}."),
    "header_missing": ("Baris judul kolom tidak ditemukan.", "The row of column headings was not found."),
    "column_missing": ("Kolom {text!r} tidak ada.", "The column {text!r} is missing."),
    "column_repeated": ("Kolom {text!r} ada lebih dari sekali.", "The column {text!r} is there more than once."),
    "cells_wrong": ("Ada {counted} sel, seharusnya {stated}.", "There are {counted} cells, there should be {stated}."),
    "value_missing": ("Isian kosong.", "The value is empty."),
    "value_unexpected": ("{text!r} tidak diterima; harus {allowed}.", "{text!r} is refused; it must be {allowed}."),
    "value_unreadable": ("Isi {text!r} tidak terbaca.", "The value {text!r} cannot be read."),
    "number_mangled": (
        "{text!r} adalah angka yang dirusak aplikasi lembar kerja; minta berkas asli.",
        "{text!r} is a number mangled by a spreadsheet; ask for the original file.",
    ),
    "value_differs": (
        "{text!r} berbeda dari {before!r} pada baris sebelumnya.",
        "{text!r} differs from {before!r} on earlier lines.",
    ),
    "totals_missing": (
        "Baris jumlah {text!r} tidak ada; berkas terpotong.",
        "The totals row {text!r} is missing.",
    ),
    "row_after_totals": ("Ada baris setelah baris jumlah.", "There is a row after the totals row."),
}


class ProblemList:
    """Collects what is wrong in one file; refuses the file at the end if anything is."""

    def __init__(self) -> None:
        self._problems: list[FileProblem] = []
        self._left_out = 0

    def __len__(self) -> int:
        return len(self._problems) + self._left_out

    def add(self, code: str, *, line: int | None = None, field: str | None = None, **facts: object) -> None:
        """Note a fault: its code of the table above, the line (from 1) and field, and the facts of its sentences.

        Facts that are Money or dates are written in each language's own way.
        """
        if len(self._problems) >= MOST_LISTED:
            self._left_out += 1
            return
        shown = {name: fact[:60] if isinstance(fact, str) else fact for name, fact in facts.items()}
        text_id, text_en = _WORDS[code]
        told_id, told_en = text_id.format(**in_words(shown, "id")), text_en.format(**in_words(shown, "en"))
        self._problems.append(FileProblem(line, field, code, told_id, told_en))

    def refuse_if_any(self, refusal: type[BankFileRefused]) -> None:
        """Raise `refusal` with all problems in the order of the file; do nothing when there are none."""
        if not self._problems:
            return
        ordered = sorted(self._problems, key=lambda problem: problem.line or 0)
        if self._left_out:
            text_id, text_en = (text.format(limit=MOST_LISTED) for text in _WORDS["too_many_problems"])
            ordered.append(FileProblem(None, None, "too_many_problems", text_id, text_en))
        raise refusal(ordered)
