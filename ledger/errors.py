"""Refusals of the ledger.

For: every reason why an entry, a chart, an act or a question is not accepted.
Not for: what a caller does about it (a payment that cannot be posted is the caller's story), or knowing a refusal in
an error of the database (ledger.refusing).
"""

from __future__ import annotations

from dataclasses import dataclass

from foundation.errors import Conflict, Invalid, NotFound

__all__ = [
    "AccountRoleUnknown",
    "AccountTakesNoPostings",
    "AccountUnknown",
    "BooksRefused",
    "CarriedEntryStands",
    "ChartBusy",
    "FileProblem",
    "ChartRefused",
    "ClosingEntryStands",
    "CodesRefused",
    "CursorInvalid",
    "CutOverRefused",
    "DatesReversed",
    "EntityUnknown",
    "EntryAlreadyReversed",
    "EntryInvalid",
    "EntryKeyReused",
    "EntryNotSealed",
    "EntryTooLarge",
    "EntryUnbalanced",
    "EntryUnknown",
    "ExportDatesMissing",
    "ExportFormUnknown",
    "ExportImpossible",
    "HeadInvalid",
    "LedgerMoved",
    "MomentAhead",
    "OpeningReversalMisdated",
    "OpeningStaysUndone",
    "PeriodAdjusting",
    "PeriodBusy",
    "PeriodClosed",
    "PeriodNotOver",
    "PeriodTakenOver",
    "PeriodTooEarly",
    "PpkdMissing",
    "ProofInvalid",
    "ReasonInvalid",
    "ReversalAccountEnded",
    "ReversalTooEarly",
    "RoleNotMapped",
    "YearNotReady",
    "SealKeyNotCurrent",
    "SealKeyUnusable",
    "SealsEmpty",
    "SnapshotUnknown",
]


class EntryInvalid(Invalid):
    """A part of the entry cannot be right, whatever the chart says; `reason_id` and `reason_en` say what it must be."""

    code = "entry_invalid"
    text_id = "Isian {field} pada jurnal tidak sah: {reason_id}."
    text_en = "The entry's {field} is not valid: {reason_en}."


class DatesReversed(Invalid):
    """A stretch of dates whose last is before its first. Facts: `since`, `on` (dates)."""

    code = "dates_reversed"
    text_id = "Tanggal akhir {on} mendahului tanggal awal {since}."
    text_en = "The last date {on} is before the first, {since}."


class EntryUnbalanced(Invalid):
    """Debit and credit differ in one book of one entity, or an RK moves on one side only."""

    code = "entry_unbalanced"
    text_id = "Jurnal tidak seimbang: {where}, selisih {difference}."
    text_en = "The entry does not balance: {where}, difference {difference}."


class EntryTooLarge(EntryInvalid):
    """The postings of one entry add up to more than sums of many entries could be kept in."""

    code = "entry_too_large"
    text_id = "Jumlah satu sisi jurnal {key} melebihi Rp1.000.000.000.000.000 (seribu triliun rupiah)."
    text_en = "One side of entry {key} adds up to more than Rp1,000,000,000,000,000 (a quadrillion rupiah)."


class EntryKeyReused(Conflict):
    """The key already has an entry with other content; `field` says what differs."""

    code = "entry_key_reused"
    text_id = "Kunci jurnal {key} sudah dipakai, dan {field} berbeda."
    text_en = "The entry key {key} was already used, and {field} differs."


class RoleNotMapped(Conflict):
    """The region has not said which account has this role on this date."""

    code = "role_not_mapped"
    text_id = "Peran {role}[{qualifier}] belum dipetakan ke kode rekening."
    text_en = "The account role {role}[{qualifier}] is not mapped to an account."


class AccountRoleUnknown(Invalid):
    """A question about a role that no standard journal names."""

    code = "account_role_unknown"
    text_id = "Peran rekening {role} tidak dikenal."
    text_en = "There is no account role {role}."


class AccountTakesNoPostings(Conflict):
    """The account is not of the deepest level, not valid on the date, or of the other book."""

    code = "account_takes_no_postings"
    text_id = "Rekening {account} tidak dapat menerima jurnal pada tanggal tersebut."
    text_en = "Account {account} takes no postings on that date."


class AccountUnknown(Invalid):
    """A question about an account that the chart never had, on any date and of any level."""

    code = "account_unknown"
    text_id = "Kode rekening {account} tidak ada dalam bagan akun."
    text_en = "The chart has no account {account}."


class EntityUnknown(NotFound):
    """No entity has this code in this region."""

    code = "entity_unknown"
    text_id = "Perangkat Daerah {entity} belum terdaftar."
    text_en = "Entity {entity} is not registered."


class PpkdMissing(NotFound):
    """The region's chart has not been loaded: it has no PPKD."""

    code = "ppkd_missing"
    text_id = "PPKD/BUD belum terdaftar. Jalankan: lunas chart load"
    text_en = "There is no PPKD yet. Run: lunas chart load"


class EntryUnknown(NotFound):
    """No entry has this uid in this region."""

    code = "entry_unknown"
    text_id = "Jurnal {uid} tidak ditemukan."
    text_en = "There is no entry {uid}."


class EntryAlreadyReversed(Conflict):
    """The entry has its reversal; each is reversed once."""

    code = "entry_already_reversed"
    text_id = "Jurnal {uid} sudah dibalik oleh jurnal {reversal}."
    text_en = "Entry {uid} was already reversed by entry {reversal}."


class ClosingEntryStands(Conflict):
    """What closes a year is not reversed: the reports before closing would take the reversal for ordinary postings."""

    code = "closing_entry_stands"
    text_id = (
        "Jurnal penutup {uid} tidak dapat dibalik. Perbaiki jurnal yang salah, lalu jalankan lagi:"
        " lunas ledger close-year"
    )
    text_en = (
        "The closing entry {uid} cannot be reversed. Correct the entry that is wrong, then run again:"
        " lunas ledger close-year"
    )


class CarriedEntryStands(ClosingEntryStands):
    """A balance carried to a new code is not reversed but carried back, so that reports before closing leave out both.

    Carrying back moves all that stands on the new code. Where it held something before, only an entry of kind
    `carry_forward` over the part (`post_entry`) undoes the carry.
    """

    code = "carried_entry_stands"
    text_id = (
        "Jurnal pemindahan saldo {uid} tidak dapat dibalik. Pindahkan kembali dengan berkas yang menukar kedua kode:"
        " lunas ledger carry-forward"
    )
    text_en = (
        "The carry-forward {uid} cannot be reversed. Carry the balance back, with a file that swaps the two codes:"
        " lunas ledger carry-forward"
    )


class OpeningReversalMisdated(Invalid):
    """Opening balances are undone on their cut-over date: until a later one they would stand beside corrected ones."""

    code = "opening_reversal_misdated"
    text_id = "Saldo awal {uid} hanya dapat dibalik per tanggal peralihannya: --on {cut_over}"
    text_en = "The opening balances {uid} can only be reversed on their cut-over date: --on {cut_over}"


class OpeningStaysUndone(Conflict):
    """What undoes opening balances is not reversed: only posting their file looks at what began since."""

    code = "opening_stays_undone"
    text_id = (
        "Jurnal {uid} membalik saldo awal dan tidak dapat dibalik. Bukukan lagi berkas saldonya:"
        " lunas ledger open-balances"
    )
    text_en = (
        "Entry {uid} undoes opening balances and cannot be reversed. Post their file again: lunas ledger open-balances"
    )


class ReasonInvalid(Invalid):
    """A reversal or a reopening says why, in 1 to 300 characters."""

    code = "reason_invalid"
    text_id = "Alasan wajib diisi, paling banyak {longest} karakter."
    text_en = "A reason is needed, of at most {longest} characters."


class ReversalTooEarly(Invalid):
    """What undoes an entry is not accounted before it: until then the books would hold its mirror alone."""

    code = "reversal_too_early"
    text_id = "Jurnal {uid} dibukukan pada {entry_on}; pembalikannya tidak dapat dibukukan lebih awal."
    text_en = "Entry {uid} is accounted on {entry_on}; its reversal cannot be accounted earlier."


class ReversalAccountEnded(AccountTakesNoPostings):
    """What would undo an entry stands on an account that has ended, and no balance of it was carried to another."""

    code = "reversal_account_ended"
    text_id = (
        "Jurnal {uid} tidak dapat dibalik pada tanggal tersebut: rekening {account} tidak berlaku lagi dan saldonya"
        " tidak dipindahkan. Pindahkan saldonya (lunas ledger carry-forward), atau muat lagi rekening itu dari tanggal"
        " tersebut sampai akhir tahunnya (lunas chart load)."
    )
    text_en = (
        "Entry {uid} cannot be reversed on that date: account {account} is not valid any more and its balance was not"
        " carried. Carry it (lunas ledger carry-forward), or load the account again from that date to the end of its"
        " year (lunas chart load)."
    )


class PeriodClosed(Conflict):
    """The month is closed and takes no entries; a late item is accounted in the next open one."""

    code = "period_closed"
    text_id = "Periode {month} sudah ditutup."
    text_en = "Period {month} is closed."


class PeriodAdjusting(Conflict):
    """The month takes adjusting and closing entries only."""

    code = "period_adjusting"
    text_id = "Periode {month} dalam tahap penyesuaian dan hanya menerima jurnal penyesuaian dan penutup, bukan {kind}."
    text_en = "Period {month} is being adjusted and takes adjusting and closing entries only, not {kind}."


class PeriodNotOver(Conflict):
    """The month has not ended in the region's zone, so what happens today still belongs to it."""

    code = "period_not_over"
    text_id = "Periode {month} belum berakhir."
    text_en = "Period {month} is not over."


class PeriodTakenOver(Conflict):
    """Books were taken over after this month: an entry in it would change what their opening balances hold."""

    code = "period_taken_over"
    text_id = (
        "Periode {month} tidak dapat dibuka kembali: saldo awal per {cut_over} berdiri di atasnya. Balikkan dahulu"
        " jurnal {uid}: lunas ledger reverse"
    )
    text_en = (
        "Period {month} cannot be reopened: the opening balances of {cut_over} stand on it. First reverse entry {uid}:"
        " lunas ledger reverse"
    )


class PeriodTooEarly(Conflict):
    """No account of the chart was valid in the month yet and no entry stands there, so there is nothing to adjust."""

    code = "period_too_early"
    text_id = "Periode {month} mendahului awal pembukuan ({first})."
    text_en = "Period {month} is before these books begin ({first})."


class PeriodBusy(Conflict):
    """Entries were still being written into the month while it was to be moved; nothing has changed, try again."""

    code = "period_busy"
    text_id = "Masih ada jurnal yang sedang dicatat ke periode {month}. Coba lagi."
    text_en = "Entries are still being written into period {month}. Try again."


class CursorInvalid(Invalid):
    """A page cursor that we did not give."""

    code = "cursor_invalid"
    text_id = "Penanda halaman {field} tidak dikenal."
    text_en = "The page marker {field} is not known."


class SnapshotUnknown(Invalid):
    """A snapshot that no answer of ours named, or of a server that the database has since left."""

    code = "snapshot_unknown"
    text_id = "Potret data (snapshot) {snapshot} tidak dikenal di server ini."
    text_en = "The snapshot {snapshot} is not known on this server."


class MomentAhead(Invalid):
    """Asked what is known at a moment that has not come yet."""

    code = "moment_ahead"
    text_id = "Waktu {moment} belum tiba; data menurut waktu itu belum ada."
    text_en = "The moment {moment} has not come yet; what will be known then cannot be asked."


class LedgerMoved(Conflict):
    """The database was restored on another server, and which entries came along is not noted yet."""

    code = "ledger_moved"
    text_id = "Basis data ini dipulihkan di server lain. Jalankan dahulu: lunas ledger roll"
    text_en = "This database was restored on another server. First run: lunas ledger roll"


class ExportImpossible(Invalid):
    """This listing has no such filter; what else an export cannot be is a kind of this."""

    code = "export_impossible"
    text_id = "Saringan {field} tidak berlaku untuk {what}."
    text_en = "{what} has no filter {field}."


class ExportDatesMissing(ExportImpossible):
    """A trial balance was asked for without its two dates; `field` is the first that is missing."""

    code = "export_dates_missing"
    text_id = "Neraca saldo memerlukan tanggal awal dan tanggal akhir (--from, --to)."
    text_en = "A trial balance needs a first and a last date (--from, --to)."


class ExportFormUnknown(ExportImpossible):
    """This listing is not written in that format."""

    code = "export_form_unknown"
    text_id = "Bentuk {form} tidak tersedia untuk {what}; pilih: {listed}."
    text_en = "{what} is not given as {form}; choose: {listed}."


class SealKeyUnusable(Invalid):
    """The file holds no Ed25519 key that can be read."""

    code = "seal_key_unusable"
    text_id = "Kunci segel {file} tidak dapat dipakai ({reason_id}). Buat dengan: lunas settings init"
    text_en = "The seal key {file} cannot be used ({reason_en}). Make one with: lunas settings init"


class SealKeyNotCurrent(Conflict):
    """Another key seals this ledger: it was changed, or the wrong file is set."""

    code = "seal_key_not_current"
    text_id = "Buku besar ini kini disegel dengan kunci {current}, bukan {key}."
    text_en = "This ledger is sealed with key {current} by now, not with {key}."


class EntryNotSealed(Conflict):
    """No block holds the entry yet, so nothing can be proved of it."""

    code = "entry_not_sealed"
    text_id = "Jurnal {uid} belum disegel. Jalankan: lunas ledger seal"
    text_en = "Entry {uid} is not sealed yet. Run: lunas ledger seal"


class SealsEmpty(NotFound):
    """The ledger has no block yet."""

    code = "seals_empty"
    text_id = "Buku besar ini belum disegel. Jalankan: lunas ledger seal"
    text_en = "This ledger has no seal yet. Run: lunas ledger seal"


class ProofInvalid(Invalid):
    """A proof that does not hold; `reason_id` and `reason_en` say which step failed."""

    code = "proof_invalid"
    text_id = "Bukti segel tidak sah: {reason_id}."
    text_en = "The proof does not hold: {reason_en}."


class HeadInvalid(ProofInvalid):
    """A head file that cannot be read."""

    code = "head_invalid"
    text_id = "Berkas ujung segel tidak sah: {reason_id}."
    text_en = "The head file does not hold: {reason_en}."


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One fault in a file of the ledger's. `file` is "accounts", "roles", "entities", "balances" or "codes".

    `line` counts from 1, the header.
    """

    file: str
    line: int
    field: str
    message_id: str
    message_en: str


_MOST_LISTED = 1000


def _listed(more: str, lines: list[str]) -> str:
    """The faults one per line, the first thousand; `problems` of the refusal has all."""
    rest = [f"{len(lines) - _MOST_LISTED} {more}"] if len(lines) > _MOST_LISTED else []
    return "\n".join(f"- {line}" for line in lines[:_MOST_LISTED] + rest)


class ChartRefused(Invalid):
    """The chart's files have faults; they are listed and nothing was loaded."""

    code = "chart_refused"
    text_id = "Bagan akun ditolak, {count} masalah:\n{listing_id}"
    text_en = "The chart is refused, {count} problem(s):\n{listing_en}"

    def __init__(self, problems: list[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            field=problems[0].field,
            line=problems[0].line,
            count=len(problems),
            listing_id=_listed("lainnya", [f"{p.file}, baris {p.line}, {p.field}: {p.message_id}" for p in problems]),
            listing_en=_listed("more", [f"{p.file}, line {p.line}, {p.field}: {p.message_en}" for p in problems]),
        )


class ChartBusy(Conflict):
    """Entries were still being written while the chart was to be loaded; nothing has changed, try again."""

    code = "chart_busy"
    text_id = "Masih ada jurnal yang sedang dicatat; bagan akun belum dimuat. Coba lagi."
    text_en = "Entries are still being written, the chart is not loaded. Try again."


class BooksRefused(Invalid):
    """A file of balances has faults; they are listed by line and field, and nothing was posted."""

    code = "books_refused"
    text_id = "Berkas saldo ditolak, {count} masalah:\n{listing_id}"
    text_en = "The file of balances is refused, {count} problem(s):\n{listing_en}"

    def __init__(self, problems: list[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            field=problems[0].field,
            line=problems[0].line,
            count=len(problems),
            listing_id=_listed("lainnya", [f"baris {p.line}, {p.field}: {p.message_id}" for p in problems]),
            listing_en=_listed("more", [f"line {p.line}, {p.field}: {p.message_en}" for p in problems]),
        )


class CutOverRefused(Conflict):
    """Books cannot begin on this date: entries could still be accounted before it, or years before are not closed."""

    code = "cut_over_refused"
    text_id = "Tanggal peralihan {on} tidak dapat dipakai: {reason_id}."
    text_en = "The books cannot begin on {on}: {reason_en}."


class CodesRefused(BooksRefused):
    """A file of codes to carry balances to has faults; they are listed by line and field, and nothing was posted."""

    code = "codes_refused"
    text_id = "Berkas pemetaan kode ditolak, {count} masalah:\n{listing_id}"
    text_en = "The file of codes is refused, {count} problem(s):\n{listing_en}"


class YearNotReady(Conflict):
    """A year is closed, and carried, when its months take no more ordinary entries and what went before is closed."""

    code = "year_not_ready"
    text_id = "Tahun {year} belum dapat ditutup: {reason_id}."
    text_en = "The year {year} cannot be closed yet: {reason_en}."
