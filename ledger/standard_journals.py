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

from ledger import journals
from ledger.journals import Postings

__all__ = ["STANDARD_JOURNALS", "StandardJournal"]

PD = "PD"
PPKD = "PPKD"
BOTH = "PD, PPKD"


@dataclass(frozen=True, slots=True)
class StandardJournal:
    """One journal. `variants` says in what it differs by argument; `policy` names the dated policy that decides."""

    row: str
    event: str
    side: str
    books: str
    journal: Callable[..., Postings]
    variants: str = ""
    policy: str = ""

    @property
    def name(self) -> str:
        """The function's name."""
        return self.journal.__name__


_OWN = "PPKD's own: no RK"
_OWN_SIDE = "the same in PPKD where revenue is its own"
_SANCTION = "with or without an STPD; principal or sanction alone"
_BUDGET_AT = "ledger.budget_recognised_at"

STANDARD_JOURNALS: tuple[StandardJournal, ...] = (
    StandardJournal(
        "1", "Ketetapan issued (SKPD, SPPT, SKRD)", PD, "F", journals.assessment_issued, _OWN_SIDE,
        "ledger.revenue_owned_by",
    ),
    StandardJournal("2", "Paid to the Bendahara Penerimaan", PD, "F, A", journals.paid_to_treasurer, _OWN_SIDE),
    StandardJournal("3", "STS deposit into RKUD", BOTH, "F", journals.treasurer_deposited, _OWN),
    StandardJournal("4a", "Paid at a bank, money not yet in RKUD", BOTH, "F", journals.paid_at_partner, _OWN),
    StandardJournal("4b", "Nota kredit: the money arrives in RKUD", PPKD, "F", journals.credited_to_rkud),
    StandardJournal(
        "4A", "Budget side of 4", PD, "A", journals.budget_recognised, "at 4a or at 4b", _BUDGET_AT
    ),
    StandardJournal("4", "Paid straight into RKUD: 4a, 4b and 4A at once", BOTH, "F, A", journals.paid_into_rkud, _OWN),
    StandardJournal(
        "5", "Self-assessment or no SKRD, to the treasurer", PD, "F, A", journals.self_assessed_to_treasurer, _OWN_SIDE
    ),
    StandardJournal("5", "Self-assessment or no SKRD, at a bank", BOTH, "F", journals.self_assessed_at_partner, _OWN),
    StandardJournal(
        "5", "Self-assessment or no SKRD, into RKUD", BOTH, "F, A", journals.self_assessed_into_rkud, _OWN
    ),
    StandardJournal("6", "PPKD's own revenue (transfer, jasa giro)", PPKD, "F, A", journals.ppkd_revenue_received),
    StandardJournal("7", "STPD issued (sanksi administratif)", PD, "F", journals.sanction_assessed, _OWN_SIDE),
    StandardJournal(
        "8", "Sanction paid with principal, at a bank", BOTH, "F", journals.paid_with_sanction_at_partner,
        f"{_SANCTION}; {_OWN}",
    ),
    StandardJournal(
        "8", "Sanction paid with principal, to the treasurer", PD, "F, A", journals.paid_with_sanction_to_treasurer,
        _SANCTION,
    ),
    StandardJournal(
        "8", "Sanction paid with principal, into RKUD", BOTH, "F, A", journals.paid_with_sanction_into_rkud,
        f"{_SANCTION}; {_OWN}",
    ),
    StandardJournal(
        "8", "Budget side of principal and sanction", PD, "A", journals.sanction_budget_recognised, "at 4a or at 4b",
        _BUDGET_AT,
    ),
    StandardJournal("9", "SKPDLB, same year or recurring", PD, "F", journals.overpayment_assessed, _OWN_SIDE),
    StandardJournal("9", "SKPDLB paid", BOTH, "F, A", journals.overpayment_refunded, _OWN),
    StandardJournal(
        "10", "Refund of a prior year, not recurring", PPKD, "F, A", journals.prior_year_refunded,
        "equity, or expense (btt)", "ledger.prior_year_refund",
    ),
    StandardJournal(
        "11", "Overpayment set off against another bill", PD, "F, A", journals.overpayment_set_off,
        "A only onto another kind in the same year",
    ),
    StandardJournal("12", "Bank keeps a fee (short transfer)", BOTH, "F", journals.fee_kept, _OWN),
    StandardJournal("12", "The fee is made good", BOTH, "F", journals.fee_made_good, f"A by 4A; {_OWN}"),
    StandardJournal("13", "Opsen received, reported by a bank", BOTH, "F", journals.opsen_received, _OWN),
    StandardJournal("13", "Opsen received in RKUD", BOTH, "F, A", journals.opsen_credited, _OWN),
    StandardJournal(
        "14", "Opsen MBLB collected in one account", BOTH, "F, A", journals.opsen_collected_together,
        f"either part alone; {_OWN}",
    ),
    StandardJournal("14", "Opsen remitted", PPKD, "F", journals.opsen_remitted),
    StandardJournal(
        "15", "Year-end allowance", PD, "F", journals.allowance_changed, "upwards, downwards; of a sanction"
    ),
    StandardJournal(
        "16", "Write-off by decree", PD, "F", journals.written_off, "rest to expense or equity; of a sanction",
        "ledger.write_off_rest",
    ),
    StandardJournal(
        "16", "Receipt after the write-off: lain-lain PAD", BOTH, "F, A", journals.written_off_recovered, _OWN
    ),
    StandardJournal(
        "17", "Ketetapan corrected downwards", PD, "F", journals.assessment_reduced,
        "same year, prior year; of an STPD",
    ),
    StandardJournal("18", "Budget (DPA)", PD, "A", journals.budget_approved),
    StandardJournal("18", "Changed budget estimates less", PD, "A", journals.budget_reduced),
    StandardJournal("19", "Not identified, reported by a partner", PPKD, "F", journals.unidentified_at_partner),
    StandardJournal("19", "Not identified, first seen in RKUD", PPKD, "F", journals.unidentified_at_rkud),
    StandardJournal("19", "Identified", BOTH, "F", journals.suspense_identified, f"A by 4A; {_OWN}"),
    StandardJournal(
        "19", "Identified as self-assessed", BOTH, "F", journals.suspense_identified_self_assessed, f"A by 4A; {_OWN}"
    ),
    StandardJournal(
        "19", "Identified with a sanction", BOTH, "F", journals.suspense_identified_with_sanction,
        f"A by 8; {_SANCTION}; {_OWN}",
    ),
    StandardJournal("19", "Identified as a partner's sweep", PPKD, "F", journals.sweep_identified),
    StandardJournal(
        "19", "Returned", PPKD, "F", journals.suspense_returned, "from RKUD, or by the partner that holds it"
    ),
    StandardJournal("20", "Jasa giro in the treasurer's account", PD, "F, A", journals.interest_at_treasurer),
    StandardJournal("21", "Bank charge on RKUD", PPKD, "F", journals.rkud_charged),
    StandardJournal("21", "The charge is returned", PPKD, "F", journals.rkud_charge_returned),
    StandardJournal("21", "The charge is authorised", PPKD, "F, A", journals.rkud_charge_authorised),
    StandardJournal("22", "Wrong revenue account", PD, "F, A", journals.revenue_reclassified, _OWN_SIDE),
    StandardJournal("22", "Wrong PD: through both RK", BOTH, "F, A", journals.revenue_moved, "one may be PPKD"),
    StandardJournal(
        "23", "Revenue in advance (rent of assets)", BOTH, "F, A", journals.received_in_advance,
        f"in RKUD with A, at a bank with A by 4A; {_OWN}",
    ),
    StandardJournal("23", "Earned monthly", PD, "F", journals.advance_earned, _OWN_SIDE),
    StandardJournal("24", "Treasurer deposited less than collected", PD, "F", journals.treasurer_shortage),
    StandardJournal("25", "BLUD received", PD, "F", journals.blud_received),
    StandardJournal("25", "BLUD on SP2BP", PD, "A", journals.blud_authorised),
    StandardJournal(
        "26", "Year end: SPTPD unpaid, opsen not yet passed on", PD, "F", journals.year_end_accrued, _OWN_SIDE,
        "ledger.year_end_accrual",
    ),
    StandardJournal("27", "Bank reverses a payment", BOTH, "F, A", journals.payment_reversed, "any journal, mirrored"),
    StandardJournal("28", "Closing of 7 and 8", BOTH, "F", journals.accrual_closed, "surplus, deficit"),
    StandardJournal(
        "28", "Closing of 4, 5 and 6", BOTH, "A", journals.budget_closed, "Surplus-LRA kept, or against EP",
        "ledger.surplus_lra_at_closing",
    ),
    StandardJournal("28", "DPA reversed", PD, "A", journals.estimate_reversed),
    StandardJournal("28", "Closing of RK", BOTH, "F", journals.rk_closed, "carried or closed", "ledger.rk_at_closing"),
    StandardJournal("28", "Carry-forward onto a new year's code", BOTH, "F, A", journals.balance_carried),
)  # fmt: skip
