"""What a run can find different: a word for each kind, in Indonesian and English.

For: `Difference`, made by the checks, and the table of codes that pages and documents read.
Not for: finding them (partner_check, rkud_check, holding_check) or keeping them (reconciling).

An amount is the bank's side less ours: negative where the bank has less than our books say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from foundation.clock import on_screen_date
from foundation.money import Money

__all__ = ["DIFFERENCES", "Difference", "DifferenceKind"]


@dataclass(frozen=True, slots=True)
class DifferenceKind:
    """A kind of difference: on whose side something is missing or more ("bank", "books"), its sentences, and whether it
    explains itself and so leaves a run balanced."""

    side: str
    text_id: str
    text_en: str
    explained: bool = False


DIFFERENCES: dict[str, DifferenceKind] = {
    # payments and settlements of a partner
    "MISSING_AT_BANK": DifferenceKind(
        "bank",
        "Pembayaran {reference} sebesar {amount} tidak ada dalam settlement mitra.",
        "Payment {reference} of {amount} is not in the partner's settlement.",
    ),
    "REPORTED_BY_SETTLEMENT_ONLY": DifferenceKind(
        "books",
        "Pembayaran {reference} sebesar {amount} tidak pernah diberitahukan; dicatat dari berkas settlement {batch}.",
        "Payment {reference} of {amount} was never told to us; it was recorded from settlement file {batch}.",
    ),
    "AMOUNT_DIFFERS": DifferenceKind(
        "bank",
        "Settlement {batch} menyebut {told} untuk pembayaran {reference}; tercatat {known}.",
        "Settlement {batch} says {told} for payment {reference}; our books say {known}.",
    ),
    "SETTLED_BEFORE": DifferenceKind(
        "bank",
        "Settlement {batch} memuat pembayaran {reference} sebesar {amount} yang sudah ada pada baris lain.",
        "Settlement {batch} names payment {reference} of {amount}, which another line has settled.",
    ),
    "FEE_KEPT": DifferenceKind(
        "bank",
        "Mitra memotong biaya {amount} dari settlement {reference}; RKUD harus menerima bruto.",
        "The partner kept a fee of {amount} from settlement {reference}; RKUD must receive the gross.",
    ),
    "SHORT_SWEEP": DifferenceKind(
        "bank",
        "Pelimpahan settlement {reference} kurang {amount}.",
        "The sweep of settlement {reference} is short by {amount}.",
    ),
    "SWEEP_OVERDUE": DifferenceKind(
        "bank",
        "Settlement {reference} sebesar {amount} belum dilimpahkan ke RKUD; batasnya {due}.",
        "Settlement {reference} of {amount} has not been swept to RKUD; it was due on {due_en}.",
    ),
    "SETTLEMENT_OVERDUE": DifferenceKind(
        "bank",
        "{count} pembayaran tanggal {on} sebesar {amount} belum ada berkas settlement-nya; batas pelimpahan {due}.",
        "{count} payments of {on_en} of {amount} have no settlement file yet; the sweep was due on {due_en}.",
    ),
    "LEDGER_DIFFERS": DifferenceKind(
        "books",
        "Kas dalam Perjalanan mitra di buku besar {told}, menurut daftar pembayaran {known}.",
        "The partner's clearing is {told} in the ledger and {known} by the payments.",
    ),
    # statements
    "STARTUP_OPENING": DifferenceKind(
        "books",
        "Saldo awal {reference} sebelum Lunas digunakan: {amount}.",
        "Balance of {reference} from before Lunas was used: {amount}.",
        explained=True,
    ),
    "MISSING_STATEMENT": DifferenceKind(
        "bank",
        "Saldo awal rekening koran {reference} berbeda {amount} dari saldo akhir sebelumnya; ada rekening koran yang"
        " belum diterima.",
        "Statement {reference} opens {amount} off the closing balance before it; a statement is missing.",
    ),
    "STATEMENT_NUMBER_MISSING": DifferenceKind(
        "bank",
        "Ada {count} rekening koran antara nomor {before} dan {reference} yang belum diterima; saldonya bersambung.",
        "There are {count} statements between number {before} and {reference} that did not arrive; the balances meet.",
    ),
    "UNIDENTIFIED_CREDIT": DifferenceKind(
        "books",
        "Kredit {amount} di RKUD tanggal {on} ({reference}) menunggu berkas settlement.",
        "A credit of {amount} on RKUD of {on_en} ({reference}) waits for its settlement file.",
    ),
    "IN_SUSPENSE": DifferenceKind(
        "books",
        "Kredit {amount} di RKUD tanggal {on} ({reference}) Belum Teridentifikasi selama {days} hari kerja.",
        "A credit of {amount} on RKUD of {on_en} ({reference}) is unidentified for {days} working days.",
    ),
    "UNBOOKED_DEBIT": DifferenceKind(
        "books",
        "Debet {amount} di RKUD tanggal {on} ({reference}) belum dibukukan.",
        "A debit of {amount} on RKUD of {on_en} ({reference}) is not booked.",
    ),
    "REVERSAL_LINE": DifferenceKind(
        "books",
        "Pembatalan {amount} di RKUD tanggal {on} ({reference}) belum dibukukan.",
        "A reversal of {amount} on RKUD of {on_en} ({reference}) is not booked.",
    ),
    "BOOKED_ON_LATER_STATEMENT": DifferenceKind(
        "bank",
        "{amount} bertanggal buku {on} tercatat pada rekening koran sesudahnya ({reference}).",
        "{amount} entered on {on_en} stands on a later statement ({reference}).",
        explained=True,
    ),
    "ACCOUNTED_LATER": DifferenceKind(
        "books",
        "{amount} di RKUD tanggal {on} ({reference}) dibukukan {accounted_on} karena periodenya sudah ditutup.",
        "{amount} on RKUD of {on_en} ({reference}) is accounted on {accounted_on_en}, since its period was closed.",
        explained=True,
    ),
    "HOLDING_CREDIT_UNKNOWN": DifferenceKind(
        "books",
        "Kredit {amount} di rekening penampungan tanggal {on} ({reference}) tidak ada pembayarannya.",
        "A credit of {amount} on the holding account of {on_en} ({reference}) has no payment.",
    ),
    "HOLDING_AMOUNT_DIFFERS": DifferenceKind(
        "bank",
        "Rekening penampungan mencatat {told} untuk pembayaran {reference}; tercatat {known}.",
        "The holding account shows {told} for payment {reference}; our books say {known}.",
    ),
    "HOLDING_CREDIT_EARLY": DifferenceKind(
        "books",
        "Pembayaran {reference} sebesar {amount} sudah di rekening penampungan, tanggal pembukuan banknya {on}.",
        "Payment {reference} of {amount} is on the holding account already; its business date is {on_en}.",
        explained=True,
    ),
    "PAYMENT_NOT_ON_HOLDING": DifferenceKind(
        "bank",
        "Pembayaran {reference} sebesar {amount} tidak ada di rekening penampungan.",
        "Payment {reference} of {amount} is not on the holding account.",
    ),
    "HOLDING_DEBIT_UNKNOWN": DifferenceKind(
        "books",
        "Debet {amount} di rekening penampungan tanggal {on} ({reference}) bukan pelimpahan yang dikenal.",
        "A debit of {amount} on the holding account of {on_en} ({reference}) is no sweep that is known.",
    ),
    "SWEEP_DIFFERS": DifferenceKind(
        "bank",
        "Settlement {reference}: keluar dari rekening penampungan {told}, masuk ke RKUD {known}.",
        "Settlement {reference}: {told} left the holding account, {known} reached RKUD.",
    ),
    "UNEXPLAINED": DifferenceKind(
        "books",
        "Selisih {amount} pada {reference} belum dapat dijelaskan.",
        "A difference of {amount} on {reference} is not explained.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing found different. `amount`: the bank's side less ours; `reference`: what a person can look for;
    `link_kind` and `link_uid`: the payment, batch or statement line behind it; `facts`: the rest of its sentences."""

    code: str
    amount: Money
    reference: str
    partner: str | None = None
    account_no: str | None = None
    on: date | None = None
    link_kind: str = ""
    link_uid: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> DifferenceKind:
        """The row of the table above."""
        return DIFFERENCES[self.code]

    def text(self, language: str) -> str:
        """The sentence in "id" or "en", at most 400 characters; facts that are dates are written as on screens."""
        told: dict[str, Any] = {"reference": self.reference, "amount": Money(abs(self.amount.sen)).on_screen()}
        for name, value in {**self.facts, "on": self.on}.items():
            if isinstance(value, date):
                told[name], told[f"{name}_en"] = on_screen_date(value), on_screen_date(value, "en")
            else:
                told[name] = value.on_screen() if isinstance(value, Money) else value
        template = self.kind.text_en if language == "en" else self.kind.text_id
        return template.format(**told)[:400]
