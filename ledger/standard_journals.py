"""The one table of all standard journals: row, entity's side, books, what they stand for, and the function.

For: whoever looks for the journal of an event (docs/journals.md shows this table), and the tests that hold every row
to its numbers. An entry's `kind` is its function's name unless the act has a name of its own.
Not for: the functions themselves, which are in the room `ledger.journals`.

Source of every row: Permendagri 64/2013 Lampiran II, same logic in Permendagri 77/2020; rows 12, 21, 26 and the RK of
row 28 are a reading of practice, and policies where regions differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ledger.journals import (
    Postings,
    accrual_closed,
    advance_earned,
    allowance_changed,
    assessment_issued,
    assessment_reduced,
    balance_carried,
    blud_authorised,
    blud_received,
    budget_approved,
    budget_closed,
    budget_recognised,
    budget_reduced,
    credited_to_rkud,
    estimate_reversed,
    fee_kept,
    fee_made_good,
    interest_at_treasurer,
    opsen_collected_together,
    opsen_credited,
    opsen_received,
    opsen_remitted,
    overpayment_assessed,
    overpayment_refunded,
    overpayment_set_off,
    paid_at_partner,
    paid_into_rkud,
    paid_to_treasurer,
    paid_with_sanction_at_partner,
    paid_with_sanction_into_rkud,
    paid_with_sanction_to_treasurer,
    payment_reversed,
    ppkd_revenue_received,
    prior_year_refunded,
    received_in_advance,
    revenue_moved,
    revenue_reclassified,
    rk_closed,
    rkud_charge_authorised,
    rkud_charge_returned,
    rkud_charged,
    sanction_assessed,
    sanction_budget_recognised,
    self_assessed_at_partner,
    self_assessed_into_rkud,
    self_assessed_to_treasurer,
    suspense_identified,
    suspense_identified_self_assessed,
    suspense_identified_with_sanction,
    suspense_returned,
    sweep_identified,
    treasurer_deposited,
    treasurer_shortage,
    unidentified_at_partner,
    unidentified_at_rkud,
    written_off,
    written_off_recovered,
    year_end_accrued,
)

__all__ = ["STANDARD_JOURNALS", "StandardJournal"]

PD = "PD"
PPKD = "PPKD"
BOTH = "PD, PPKD"


@dataclass(frozen=True, slots=True)
class StandardJournal:
    """One journal. `differing` is in what it differs by argument, Indonesian and English each; `policy` names the dated
    policy that decides."""

    row: str
    event_id: str
    event_en: str
    side: str
    books: str
    journal: Callable[..., Postings]
    differing: tuple[tuple[str, str], ...] = ()
    policy: str = ""

    @property
    def name(self) -> str:
        """The function's name."""
        return self.journal.__name__

    @property
    def event(self) -> str:
        """The event in both languages: "Dikembalikan / Returned"."""
        return f"{self.event_id} / {self.event_en}"

    @property
    def variants_id(self) -> str:
        """The variants in Indonesian."""
        return "; ".join(each for each, _ in self.differing)

    @property
    def variants_en(self) -> str:
        """The variants in English."""
        return "; ".join(each for _, each in self.differing)

    @property
    def variants(self) -> str:
        """The variants in both languages, or nothing."""
        return f"{self.variants_id} / {self.variants_en}" if self.differing else ""


_OWN = ("pendapatan PPKD sendiri: tanpa RK", "PPKD's own: no RK")
_OWN_SIDE = ("sama di PPKD bila pendapatan milik PPKD sendiri", "the same in PPKD where revenue is its own")
_SANCTION = (
    "dengan atau tanpa STPD; pokok saja atau sanksi saja",
    "with or without an STPD; principal or sanction alone",
)
_AT = ("pada 4a atau pada 4b", "at 4a or at 4b")
_BY_4A = ("A menurut 4A", "A by 4A")
_OF_SANCTION = ("atas sanksi", "of a sanction")
_BUDGET_AT = "ledger.budget_recognised_at"

STANDARD_JOURNALS: tuple[StandardJournal, ...] = (
    StandardJournal(
        "1", "Ketetapan diterbitkan (SKPD, SPPT, SKRD)", "Assessment issued (SKPD, SPPT, SKRD)", PD, "F",
        assessment_issued, (_OWN_SIDE,), "ledger.revenue_owned_by",
    ),
    StandardJournal(
        "2", "Dibayar kepada Bendahara Penerimaan", "Paid to the receiving treasurer", PD, "F, A",
        paid_to_treasurer, (_OWN_SIDE,),
    ),
    StandardJournal(
        "3", "Setoran STS ke RKUD", "Deposit slip (STS) into RKUD", BOTH, "F", treasurer_deposited, (_OWN,)
    ),
    StandardJournal(
        "4a", "Dibayar melalui bank, belum masuk RKUD", "Paid at a bank, money not yet in RKUD", BOTH, "F",
        paid_at_partner, (_OWN,),
    ),
    StandardJournal(
        "4b", "Nota kredit: uang masuk RKUD", "Credit advice: the money arrives in RKUD", PPKD, "F",
        credited_to_rkud,
    ),
    StandardJournal(
        "4A", "Sisi anggaran dari 4", "Budget side of 4", PD, "A", budget_recognised, (_AT,), _BUDGET_AT
    ),
    StandardJournal(
        "4", "Dibayar langsung ke RKUD: 4a, 4b, dan 4A sekaligus", "Paid straight into RKUD: 4a, 4b and 4A at once",
        BOTH, "F, A", paid_into_rkud, (_OWN,),
    ),
    StandardJournal(
        "5", "Dihitung sendiri atau tanpa SKRD, kepada bendahara", "Self-assessment or no SKRD, to the treasurer", PD,
        "F, A", self_assessed_to_treasurer, (_OWN_SIDE,),
    ),
    StandardJournal(
        "5", "Dihitung sendiri atau tanpa SKRD, melalui bank", "Self-assessment or no SKRD, at a bank", BOTH, "F",
        self_assessed_at_partner, (_OWN,),
    ),
    StandardJournal(
        "5", "Dihitung sendiri atau tanpa SKRD, langsung ke RKUD", "Self-assessment or no SKRD, into RKUD", BOTH,
        "F, A", self_assessed_into_rkud, (_OWN,),
    ),
    StandardJournal(
        "6", "Pendapatan PPKD sendiri (transfer, jasa giro)", "PPKD's own revenue (transfers, interest)", PPKD, "F, A",
        ppkd_revenue_received,
    ),
    StandardJournal(
        "7", "STPD diterbitkan (sanksi administratif)", "Sanction notice (STPD) issued", PD, "F",
        sanction_assessed, (_OWN_SIDE,),
    ),
    StandardJournal(
        "8", "Sanksi dibayar bersama pokok, melalui bank", "Sanction paid with principal, at a bank", BOTH, "F",
        paid_with_sanction_at_partner, (_SANCTION, _OWN),
    ),
    StandardJournal(
        "8", "Sanksi dibayar bersama pokok, kepada bendahara", "Sanction paid with principal, to the treasurer", PD,
        "F, A", paid_with_sanction_to_treasurer, (_SANCTION,),
    ),
    StandardJournal(
        "8", "Sanksi dibayar bersama pokok, langsung ke RKUD", "Sanction paid with principal, into RKUD", BOTH, "F, A",
        paid_with_sanction_into_rkud, (_SANCTION, _OWN),
    ),
    StandardJournal(
        "8", "Sisi anggaran pokok dan sanksi", "Budget side of principal and sanction", PD, "A",
        sanction_budget_recognised, (_AT,), _BUDGET_AT,
    ),
    StandardJournal(
        "9", "SKPDLB, tahun yang sama atau berulang", "Overpayment assessed (SKPDLB), same year or recurring", PD, "F",
        overpayment_assessed, (_OWN_SIDE,),
    ),
    StandardJournal(
        "9", "SKPDLB dibayarkan", "Overpayment (SKPDLB) paid out", BOTH, "F, A", overpayment_refunded,
        (_OWN,),
    ),
    StandardJournal(
        "10", "Pengembalian tahun lalu, tidak berulang", "Refund of a prior year, not recurring", PPKD, "F, A",
        prior_year_refunded, (("ekuitas, atau beban tak terduga (btt)", "equity, or expense (btt)"),),
        "ledger.prior_year_refund",
    ),
    StandardJournal(
        "11", "Kelebihan diperhitungkan dengan tagihan lain", "Overpayment set off against another bill", PD, "F, A",
        overpayment_set_off,
        (
            ("A hanya ke rekening lain pada tahun yang sama", "A only onto another account in the same year"),
            ("ke piutang pokok atau ke STPD", "onto principal or onto an STPD"),
        ),
    ),
    StandardJournal(
        "12", "Bank memotong biaya (pelimpahan kurang)", "Bank keeps a fee (short transfer)", BOTH, "F",
        fee_kept, (_OWN,),
    ),
    StandardJournal(
        "12", "Potongan bank dikembalikan", "The fee is made good", BOTH, "F", fee_made_good, (_BY_4A, _OWN)
    ),
    StandardJournal(
        "13", "Opsen diterima, dilaporkan bank", "Opsen received, reported by a bank", BOTH, "F",
        opsen_received, (_OWN,),
    ),
    StandardJournal(
        "13", "Opsen diterima di RKUD", "Opsen received in RKUD", BOTH, "F, A", opsen_credited, (_OWN,)
    ),
    StandardJournal(
        "14", "Opsen MBLB terkumpul dalam satu rekening", "Opsen MBLB collected in one account", BOTH, "F, A",
        opsen_collected_together, (("salah satu bagian saja", "either part alone"), _OWN),
    ),
    StandardJournal("14", "Opsen disetorkan", "Opsen remitted", PPKD, "F", opsen_remitted),
    StandardJournal(
        "15", "Penyisihan akhir tahun", "Year-end allowance", PD, "F", allowance_changed,
        (("naik, turun", "upwards, downwards"), _OF_SANCTION),
    ),
    StandardJournal(
        "16", "Penghapusbukuan dengan keputusan", "Write-off by decree", PD, "F", written_off,
        (("sisanya ke beban atau ekuitas", "rest to expense or equity"), _OF_SANCTION), "ledger.write_off_rest",
    ),
    StandardJournal(
        "16", "Penerimaan setelah penghapusbukuan: lain-lain PAD", "Receipt after the write-off: other own revenue",
        BOTH, "F, A", written_off_recovered, (_OWN,),
    ),
    StandardJournal(
        "17", "Ketetapan dikurangi", "Assessment corrected downwards", PD, "F", assessment_reduced,
        (("tahun yang sama, tahun lalu", "same year, prior year"), ("atas STPD", "of an STPD")),
    ),
    StandardJournal("18", "Anggaran (DPA)", "Budget (DPA)", PD, "A", budget_approved),
    StandardJournal(
        "18", "Anggaran perubahan memperkirakan lebih sedikit", "Changed budget estimates less", PD, "A",
        budget_reduced,
    ),
    StandardJournal(
        "19", "Belum teridentifikasi, dilaporkan mitra", "Not identified, reported by a partner", PPKD, "F",
        unidentified_at_partner,
    ),
    StandardJournal(
        "19", "Belum teridentifikasi, pertama terlihat di RKUD", "Not identified, first seen in RKUD", PPKD, "F",
        unidentified_at_rkud,
    ),
    StandardJournal("19", "Teridentifikasi", "Identified", BOTH, "F", suspense_identified, (_BY_4A, _OWN)),
    StandardJournal(
        "19", "Teridentifikasi sebagai yang dihitung sendiri", "Identified as self-assessed", BOTH, "F",
        suspense_identified_self_assessed, (_BY_4A, _OWN),
    ),
    StandardJournal(
        "19", "Teridentifikasi bersama sanksi", "Identified with a sanction", BOTH, "F",
        suspense_identified_with_sanction, (("A menurut 8", "A by 8"), _SANCTION, _OWN),
    ),
    StandardJournal(
        "19", "Teridentifikasi sebagai pelimpahan mitra", "Identified as a partner's sweep", PPKD, "F",
        sweep_identified,
    ),
    StandardJournal(
        "19", "Dikembalikan", "Returned", PPKD, "F", suspense_returned,
        (("dari RKUD, atau oleh mitra yang memegangnya", "from RKUD, or by the partner that holds it"),),
    ),
    StandardJournal(
        "20", "Jasa giro di rekening bendahara", "Interest in the treasurer's account", PD, "F, A",
        interest_at_treasurer,
    ),
    StandardJournal("21", "Biaya bank pada RKUD", "Bank charge on RKUD", PPKD, "F", rkud_charged),
    StandardJournal(
        "21", "Biaya bank dikembalikan", "The charge is returned", PPKD, "F", rkud_charge_returned
    ),
    StandardJournal(
        "21", "Biaya bank disahkan", "The charge is authorised", PPKD, "F, A", rkud_charge_authorised
    ),
    StandardJournal(
        "22", "Salah rekening pendapatan", "Wrong revenue account", PD, "F, A", revenue_reclassified,
        (_OWN_SIDE,),
    ),
    StandardJournal(
        "22", "Salah Perangkat Daerah: melalui kedua RK", "Wrong office: through both RK", BOTH, "F, A",
        revenue_moved, (("salah satunya boleh PPKD", "one may be PPKD"),),
    ),
    StandardJournal(
        "23", "Pendapatan diterima di muka (sewa aset)", "Revenue in advance (rent of assets)", BOTH, "F, A",
        received_in_advance,
        (("di RKUD dengan A, di bank dengan A menurut 4A", "in RKUD with A, at a bank with A by 4A"), _OWN),
    ),
    StandardJournal("23", "Diakui setiap bulan", "Earned monthly", PD, "F", advance_earned, (_OWN_SIDE,)),
    StandardJournal(
        "24", "Setoran bendahara kurang dari penerimaannya", "Treasurer deposited less than collected", PD, "F",
        treasurer_shortage,
    ),
    StandardJournal("25", "BLUD menerima", "BLUD received", PD, "F", blud_received),
    StandardJournal("25", "BLUD disahkan dengan SP2BP", "BLUD authorised by SP2BP", PD, "A", blud_authorised),
    StandardJournal(
        "26", "Akhir tahun: SPTPD belum dibayar, opsen belum diteruskan",
        "Year end: SPTPD unpaid, opsen not yet passed on", PD, "F", year_end_accrued, (_OWN_SIDE,),
        "ledger.year_end_accrual",
    ),
    StandardJournal(
        "27", "Bank membatalkan pembayaran", "Bank reverses a payment", BOTH, "F, A", payment_reversed,
        (("jurnal apa pun, dicerminkan", "any journal, mirrored"),),
    ),
    StandardJournal(
        "28", "Penutupan 7 dan 8", "Closing of 7 and 8", BOTH, "F", accrual_closed,
        (("surplus, defisit", "surplus, deficit"),),
    ),
    StandardJournal(
        "28", "Penutupan 4, 5, dan 6", "Closing of 4, 5 and 6", BOTH, "A", budget_closed,
        (("Surplus-LRA dipertahankan, atau terhadap EP", "Surplus-LRA kept, or against EP"),),
        "ledger.surplus_lra_at_closing",
    ),
    StandardJournal("28", "DPA dibalik", "DPA reversed", PD, "A", estimate_reversed),
    StandardJournal(
        "28", "Penutupan RK", "Closing of RK", BOTH, "F", rk_closed,
        (("dipindahkan atau ditutup", "carried or closed"),), "ledger.rk_at_closing",
    ),
    StandardJournal(
        "28", "Pemindahan saldo ke kode tahun baru", "Carry-forward onto a new year's code", BOTH, "F, A",
        balance_carried,
    ),
)  # fmt: skip
