"""Refusals of billing.

For: every named error that this package raises, in two languages, and the sentences of problems found in a file's rows.
Not for: refusals of a payment message (payments.errors says those to a bank).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.errors import Conflict, Invalid, NotFound
from foundation.wording import in_words

__all__ = [
    "PROBLEMS",
    "BillAccountMismatch",
    "BillAlreadyPaid",
    "BillFileRefused",
    "BillMappingInvalid",
    "BillUnknown",
    "IssueDateInvalid",
    "KindDisagrees",
    "KindUnknown",
    "LineProblem",
    "PaymentCodesExhausted",
]


class BillUnknown(NotFound):
    """No bill has this number here. Facts: `number`."""

    code = "bill_unknown"
    text_id = "Tagihan {number} tidak ditemukan."
    text_en = "Bill {number} was not found."


class BillAlreadyPaid(Conflict):
    """The bill is settled. Facts: `payment_code`."""

    code = "bill_already_paid"
    text_id = "Tagihan dengan kode bayar {payment_code} sudah lunas."
    text_en = "The bill with payment code {payment_code} is already paid."


class BillMappingInvalid(Invalid):
    """A mapping file that cannot be used; `field` is its key. Facts: `reason_id`, `reason_en`."""

    code = "bill_mapping_invalid"
    text_id = "Berkas pemetaan, kunci {field}: {reason_id}."
    text_en = "Mapping file, key {field}: {reason_en}."


class KindUnknown(Invalid):
    """The mapping names a kind that the region has not declared, and does not declare it. Facts: `kind`, `missing`."""

    code = "revenue_kind_unknown"
    text_id = "Jenis pendapatan {kind} belum dikenal; lengkapi kunci {missing} pada [kind] berkas pemetaan."
    text_en = "Revenue kind {kind} is not known yet; state {missing} in the mapping file's [kind]."


class KindDisagrees(Conflict):
    """The mapping states another fact of a known kind, or takes another's digits. Facts: `kind`, `stated`, `known`."""

    code = "revenue_kind_disagrees"
    text_id = "Kunci {field}: jenis pendapatan {kind} tercatat {known!r}, bukan {stated!r}."
    text_en = "Key {field}: revenue kind {kind} is recorded with {known!r}, not {stated!r}."


class BillAccountMismatch(Conflict):
    """The mapping's account is not the one the region's role map gives. Facts: `kind`, `stated`, `mapped`, `on`."""

    code = "bill_account_mismatch"
    text_id = "Akun {stated} pada berkas pemetaan berbeda dari peta peran: revenue_lra {kind} per {on} adalah {mapped}."
    text_en = "Account {stated} of the mapping file differs from the role map: revenue_lra {kind} on {on} is {mapped}."


class IssueDateInvalid(Invalid):
    """Bills cannot be issued on a day that has not come. Facts: `issued_on`, `today`."""

    code = "issue_date_invalid"
    text_id = "Tanggal penetapan {issued_on} belum tiba; hari ini {today}."
    text_en = "The date of issue {issued_on} has not come; today is {today}."


class PaymentCodesExhausted(Conflict):
    """A kind has no more than 9,999,999 payment codes a month. Facts: `kind`, `month`."""

    code = "payment_codes_exhausted"
    text_id = "Nomor kode bayar untuk {kind} bulan {month} sudah habis."
    text_en = "There are no payment codes left for {kind} in {month}."


PROBLEMS: dict[str, tuple[str, str]] = {
    "file_empty": ("Berkas kosong.", "The file is empty."),
    "file_without_rows": ("Berkas hanya berisi baris judul.", "The file has a header and no rows."),
    "file_is_workbook": (
        "Ini berkas {what}, bukan teks; simpan dulu sebagai CSV.",
        "This is a {what} file, not text; save it as CSV first.",
    ),
    "encoding_differs": (
        "Berkas diawali tanda {found}, sedangkan pemetaan menyebut {stated}.",
        "The file begins with the mark of {found}, but the mapping says {stated}.",
    ),
    "encoding_mark_missing": (
        "Berkas tidak diawali tanda urutan byte yang diperlukan {stated}.",
        "The file does not begin with the byte order mark that {stated} needs.",
    ),
    "header_missing": (
        "Berkas tidak sampai ke baris judul {header_line}.",
        "The file ends before its header line {header_line}.",
    ),
    "line_too_long": ("Baris terlalu panjang ({length} karakter).", "The line is too long ({length} characters)."),
    "column_missing": ("Kolom {column!r} tidak ada pada baris judul.", "The header has no column {column!r}."),
    "column_doubled": (
        "Kolom {column!r} muncul lebih dari sekali pada baris judul.",
        "The header has column {column!r} more than once.",
    ),
    "column_count": (
        "Baris berisi {found} kolom, seharusnya {expected}.",
        "The row has {found} columns, {expected} were expected.",
    ),
    "quote_wrong": (
        "Tanda kutip tidak ditutup atau salah tempat.",
        "A quotation mark is not closed or stands in a wrong place.",
    ),
    "text_unreadable": (
        "Ada karakter yang tidak terbaca sebagai {encoding}.",
        "There are characters that cannot be read as {encoding}.",
    ),
    "control_character": ("Ada karakter kendali {sign}.", "There is a control character {sign}."),
    "value_missing": ("Isian wajib masih kosong.", "A required value is empty."),
    "number_scientific": (
        "{text!r} adalah notasi ilmiah; angka aslinya sudah hilang. Ekspor ulang kolom ini sebagai teks.",
        "{text!r} is scientific notation; the original digits are lost. Export the column again as text.",
    ),
    "number_with_tail": (
        "{text!r} berakhiran desimal; kolom nomor harus diekspor sebagai teks.",
        "{text!r} ends in decimals; a column of numbers that name things must be exported as text.",
    ),
    "text_mark": (
        "{text!r} memakai tanda teks Excel yang tidak disebut pada pemetaan (file.text_marks).",
        "{text!r} has Excel's mark for text, which the mapping does not name (file.text_marks).",
    ),
    "spreadsheet_error": (
        "{text!r} adalah kesalahan rumus dari lembar kerja.",
        "{text!r} is a formula error of a spreadsheet.",
    ),
    "nop_length": (
        "NOP harus 18 angka; {text!r} berisi {digits} angka.",
        "An NOP has 18 digits; {text!r} has {digits}.",
    ),
    "nop_rounded": (
        "Semua NOP berakhiran 000: Excel telah membulatkannya. Ekspor ulang kolom ini sebagai teks.",
        "Every NOP ends in 000: Excel has rounded them. Export the column again as text.",
    ),
    "object_number_invalid": ("Nomor objek {text!r} tidak sah.", "The object number {text!r} is not valid."),
    "period_invalid": (
        "Masa atau tahun {text!r} tidak sesuai bentuk {form}.",
        "The period {text!r} is not written as {form}.",
    ),
    "amount_unreadable": (
        "Nilai uang {text!r} tidak terbaca sebagai bentuk {form}.",
        "The amount {text!r} cannot be read as written {form}.",
    ),
    "amount_not_positive": ("Nilai tagihan harus lebih dari nol.", "The amount of a bill must be above zero."),
    "amount_odd_sen": (
        "Nilai tagihan harus rupiah bulat, bukan {text!r}.",
        "The amount of a bill is whole rupiah, not {text!r}.",
    ),
    "total_too_large": ("Jumlah seluruh tagihan terlalu besar.", "The bills add up to more than can be booked."),
    "date_unreadable": (
        "Tanggal {text!r} tidak sesuai bentuk {form} atau tidak ada di kalender.",
        "The date {text!r} is not written as {form} or not in the calendar.",
    ),
    "due_in_the_past": (
        "Jatuh tempo {due_on} sudah lewat (hari ini {today}); tagihan tidak akan bisa dibayar.",
        "The due date {due_on} has passed (today is {today}); the bill could not be paid.",
    ),
    "due_too_far": (
        "Jatuh tempo {due_on} lebih dari sepuluh tahun setelah penetapan.",
        "The due date {due_on} is more than ten years after the date of issue.",
    ),
    "text_too_long": (
        "Isian {length} karakter, paling banyak {most}.",
        "The value has {length} characters; at most {most} are allowed.",
    ),
    "name_without_letters": ("Nama {text!r} tidak berisi huruf.", "The name {text!r} has no letters."),
    "nik_invalid": ("NIK harus 16 angka.", "A NIK has 16 digits."),
    "phone_invalid": ("Nomor telepon seluler tidak sah.", "The mobile phone number is not valid."),
    "key_doubled": (
        "{object_number} masa {period} muncul juga pada baris {other}.",
        "{object_number} for {period} also stands on line {other}.",
    ),
    "issued_with_other_amount": (
        "{object_number} masa {period} sudah ditetapkan {issued}, pada berkas {stated}.",
        "{object_number} for {period} was already issued with {issued}; the file says {stated}.",
    ),
    "issued_otherwise": (
        "{object_number} masa {period} berbeda dari yang sudah ditetapkan ({issued}), pada berkas {stated}; tidak"
        " diubah.",
        "{object_number} for {period} differs from what was issued ({issued}), the file says {stated}; not changed.",
    ),
}
"""Code of a row's problem to its sentences in Indonesian and English."""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """One wrong place in a bill file: physical line (from 1; None: the whole file), our field name (None: the row).

    The sentences are made when asked for: a file may be wrong in a million places.
    """

    line: int | None
    field: str | None
    code: str
    facts: Mapping[str, object]

    @property
    def message_id(self) -> str:
        """The sentence in Indonesian."""
        return PROBLEMS[self.code][0].format(**in_words(self.facts, "id"))

    @property
    def message_en(self) -> str:
        """The sentence in English."""
        return PROBLEMS[self.code][1].format(**in_words(self.facts, "en"))

    def as_dict(self) -> dict[str, Any]:
        """The problem as JSON-ready data, shaped like `LunasError.as_dict`."""
        message = {"id": self.message_id, "en": self.message_en}
        return {"code": self.code, "message": message, "line": self.line, "field": self.field}


class BillFileRefused(Invalid):
    """A bill file is refused whole and nothing was issued; `problems` lists all that is wrong, in order of the file."""

    code = "bill_file_refused"
    text_id = "Berkas tagihan ditolak, {count} masalah; tidak ada yang ditetapkan. {place_id}{reason_id}"
    text_en = "The bill file is refused, {count} problem(s); nothing was issued. {place_en}{reason_en}"

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        first = self.problems[0]
        super().__init__(
            field=first.field,
            line=first.line,
            count=len(self.problems),
            place_id="" if first.line is None else f"Baris {first.line}: ",
            place_en="" if first.line is None else f"Line {first.line}: ",
            reason_id=first.message_id,
            reason_en=first.message_en,
        )

    def as_dict(self) -> dict[str, Any]:
        """As every error, with the first 1,000 problems; the whole list is in `problems`."""
        return super().as_dict() | {"problems": [problem.as_dict() for problem in self.problems[:1000]]}
