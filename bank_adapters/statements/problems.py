"""The words for what can be wrong in a bank's file, and the list that a reader fills while it checks the whole file.

For: one sentence per kind of fault in Indonesian and English, found by its code.
Not for: deciding that something is wrong (the readers), or the error itself (`bank_adapters.contract`).
"""

from __future__ import annotations

from bank_adapters.contract import BankFileRefused, FileProblem

__all__ = ["MOST_LISTED", "ProblemList"]

# A file with more faults than a person will read is refused just the same; the list ends there and says so.
MOST_LISTED = 200

_WORDS: dict[str, tuple[str, str]] = {
    # any file
    "file_empty": ("berkas kosong.", "the file is empty."),
    "file_too_large": ("berkas melebihi {limit} byte.", "the file is larger than {limit} bytes."),
    "not_text": ("berkas ini bukan berkas teks.", "this is not a text file."),
    "encoding_wrong": ("isi berkas tidak sesuai pengodean {encoding}.", "the content is not written in {encoding}."),
    "line_too_long": ("baris lebih dari {limit} karakter.", "the line has more than {limit} characters."),
    "kind_unknown": (
        "berkas ini bukan rekening koran MT940 dan bukan berkas settlement CSV.",
        "this is neither an MT940 statement nor a settlement CSV.",
    ),
    "too_many_problems": (
        "masalah lain setelah {limit} yang pertama tidak dicantumkan.",
        "further problems after the first {limit} are not listed.",
    ),
    # amounts and sums
    "amount_unreadable": ("nilai uang {text!r} tidak terbaca.", "the amount {text!r} cannot be read."),
    "amount_not_positive": ("nilai uang harus lebih dari nol.", "the amount must be above zero."),
    "net_wrong": (
        "nilai bersih {stated} tidak sama dengan {gross} dikurangi biaya {fee}.",
        "the net of {stated} is not {gross} less the fee of {fee}.",
    ),
    "count_wrong": ("tertulis {stated} baris, ada {counted}.", "it says {stated} lines, there are {counted}."),
    "sum_wrong": ("tertulis {stated}, jumlah baris {counted}.", "it says {stated}, the lines sum to {counted}."),
    # MT940
    "no_statement": ("tidak ada rekening koran di dalam berkas.", "there is no statement in the file."),
    "text_outside": ("teks di luar bagian mana pun: {text!r}.", "text that belongs to no field: {text!r}."),
    "tag_displaced": ("tanda {text!r} tidak di awal baris.", "the tag {text!r} is not at the start of its line."),
    "tag_unknown": ("tanda {text} tidak dikenal di MT940.", "the tag {text} is not known in MT940."),
    "tag_out_of_order": ("tanda {text} tidak pada urutannya.", "the tag {text} is out of order."),
    "tag_repeated": ("tanda {text} tertulis lebih dari sekali.", "the tag {text} is written more than once."),
    "tag_missing": ("tanda {text} tidak ada.", "the tag {text} is missing."),
    "field_unreadable": ("isi {text!r} tidak sesuai format.", "the content {text!r} is not as the format says."),
    "date_unreadable": ("tanggal {text!r} tidak terbaca.", "the date {text!r} cannot be read."),
    "currency_not_idr": ("mata uang {text} tidak diterima, hanya IDR.", "the currency {text} is refused; only IDR."),
    "trailer_missing": ("penutup -}} tidak ada; berkas terpotong.", "the closing -}} is missing; the file is cut off."),
    "lines_lost": (
        "ada {counted} tanda :61: tetapi {read} baris terbaca.",
        "there are {counted} tags :61: but {read} lines were read.",
    ),
    "does_not_foot": (
        "saldo awal {opening} dan mutasi {moved} tidak menghasilkan saldo akhir {closing}; selisih {difference}.",
        "opening {opening} and movements {moved} do not give closing {closing}; difference {difference}.",
    ),
    "dates_reversed": ("tanggal akhir sebelum tanggal awal.", "the closing date is before the opening date."),
    "not_continuous": (
        "saldo awal {opening} tidak sama dengan saldo akhir sebelumnya {closing}.",
        "the opening balance {opening} is not the closing balance before it, {closing}.",
    ),
    "statement_repeated": (
        "rekening koran {number} rekening {account} ada dua kali.",
        "statement {number} of account {account} is there twice.",
    ),
    "page_without_start": (
        "halaman lanjutan (:60M:) tanpa halaman sebelumnya di berkas ini.",
        "a continued page (:60M:) without the page before it in this file.",
    ),
    "page_without_end": (
        "rekening koran {number} berakhir dengan :62M: tanpa halaman terakhir.",
        "statement {number} ends with :62M: and has no last page.",
    ),
    # settlement CSV
    "row_unreadable": ("baris CSV tidak terbaca: {text}.", "the CSV row cannot be read: {text}."),
    "header_missing": ("baris judul kolom tidak ditemukan.", "the row of column headings was not found."),
    "column_missing": ("kolom {text!r} tidak ada.", "the column {text!r} is missing."),
    "column_repeated": ("kolom {text!r} ada lebih dari sekali.", "the column {text!r} is there more than once."),
    "cells_wrong": ("ada {counted} sel, seharusnya {stated}.", "there are {counted} cells, there should be {stated}."),
    "value_missing": ("isian kosong.", "the value is empty."),
    "value_unexpected": ("{text!r} tidak diterima; harus {allowed}.", "{text!r} is refused; it must be {allowed}."),
    "value_unreadable": ("isi {text!r} tidak terbaca.", "the value {text!r} cannot be read."),
    "number_mangled": (
        "{text!r} adalah angka yang dirusak aplikasi lembar kerja; minta berkas asli.",
        "{text!r} is a number mangled by a spreadsheet; ask for the original file.",
    ),
    "value_differs": (
        "{text!r} berbeda dari {before!r} pada baris sebelumnya.",
        "{text!r} differs from {before!r} on earlier lines.",
    ),
    "totals_missing": (
        "baris jumlah {text!r} tidak ada; berkas terpotong.",
        "the totals row {text!r} is missing.",
    ),
    "row_after_totals": ("ada baris setelah baris jumlah.", "there is a row after the totals row."),
}


class ProblemList:
    """Collects what is wrong in one file; refuses the file at the end if anything is."""

    def __init__(self) -> None:
        self._problems: list[FileProblem] = []
        self._left_out = 0

    def __len__(self) -> int:
        return len(self._problems) + self._left_out

    def add(self, code: str, *, line: int | None = None, field: str | None = None, **facts: object) -> None:
        """Note a fault: its code of the table above, the line (from 1) and field, and the facts of its sentences."""
        if len(self._problems) >= MOST_LISTED:
            self._left_out += 1
            return
        shown = {name: fact[:60] if isinstance(fact, str) else fact for name, fact in facts.items()}
        text_id, text_en = _WORDS[code]
        self._problems.append(FileProblem(line, field, code, text_id.format(**shown), text_en.format(**shown)))

    def refuse_if_any(self, refusal: type[BankFileRefused]) -> None:
        """Raise `refusal` with all problems in the order of the file; do nothing when there are none."""
        if not self._problems:
            return
        ordered = sorted(self._problems, key=lambda problem: problem.line or 0)
        if self._left_out:
            text_id, text_en = (text.format(limit=MOST_LISTED) for text in _WORDS["too_many_problems"])
            ordered.append(FileProblem(None, None, "too_many_problems", text_id, text_en))
        raise refusal(ordered)
