"""The standard journals of Permendagri 64/2013 Lampiran II (same logic in Permendagri 77/2020), 28 rows.

For: turning an event's roles and amounts into postings, by pure functions. The words quoted in each function are its
row of that table (docs/journals.md shows them all); PD is the Perangkat Daerah that earns, PPKD holds RKUD, EP is
Estimasi Perubahan SAL. Tuples may be concatenated into one entry. `ledger.standard_journals` is the table.
Not for: bills, payments or account codes: a journal knows roles, entity codes, partner codes and amounts.

Invariants
- Every function's postings balance per book and per entity, and both sides of an RK stand in them, so that each pair
  of entities eliminates to zero.
- Where `entity` equals `ppkd` the revenue is PPKD's own: there is no RK, and what it is owed is settled where the
  money is.
- What a dated policy decides is an argument; the caller has looked the policy up.
"""

from ledger.journals.assessing import (
    advance_earned,
    allowance_changed,
    assessment_issued,
    assessment_reduced,
    budget_approved,
    budget_reduced,
    sanction_assessed,
    written_off,
    written_off_recovered,
    year_end_accrued,
)
from ledger.journals.claiming import (
    fee_kept,
    fee_made_good,
    rkud_charge_authorised,
    rkud_charge_returned,
    rkud_charged,
    treasurer_shortage,
)
from ledger.journals.closing import (
    Standing,
    accrual_closed,
    balance_carried,
    budget_closed,
    estimate_reversed,
    rk_closed,
)
from ledger.journals.identifying import (
    suspense_identified,
    suspense_identified_self_assessed,
    suspense_identified_with_sanction,
    suspense_returned,
    sweep_identified,
    unidentified_at_partner,
    unidentified_at_rkud,
)
from ledger.journals.lines import Postings
from ledger.journals.receiving import (
    blud_authorised,
    blud_received,
    budget_recognised,
    credited_to_rkud,
    interest_at_treasurer,
    opsen_collected_together,
    opsen_credited,
    opsen_received,
    opsen_remitted,
    paid_at_partner,
    paid_into_rkud,
    paid_to_treasurer,
    paid_with_sanction_at_partner,
    paid_with_sanction_into_rkud,
    paid_with_sanction_to_treasurer,
    ppkd_revenue_received,
    received_in_advance,
    sanction_budget_recognised,
    self_assessed_at_partner,
    self_assessed_into_rkud,
    self_assessed_to_treasurer,
    treasurer_deposited,
)
from ledger.journals.returning import (
    overpayment_assessed,
    overpayment_refunded,
    overpayment_set_off,
    payment_reversed,
    prior_year_refunded,
    revenue_moved,
    revenue_reclassified,
)

__all__ = [
    "Postings",
    "Standing",
    "accrual_closed",
    "advance_earned",
    "allowance_changed",
    "assessment_issued",
    "assessment_reduced",
    "balance_carried",
    "blud_authorised",
    "blud_received",
    "budget_approved",
    "budget_closed",
    "budget_recognised",
    "budget_reduced",
    "credited_to_rkud",
    "estimate_reversed",
    "fee_kept",
    "fee_made_good",
    "interest_at_treasurer",
    "opsen_collected_together",
    "opsen_credited",
    "opsen_received",
    "opsen_remitted",
    "overpayment_assessed",
    "overpayment_refunded",
    "overpayment_set_off",
    "paid_at_partner",
    "paid_into_rkud",
    "paid_to_treasurer",
    "paid_with_sanction_at_partner",
    "paid_with_sanction_into_rkud",
    "paid_with_sanction_to_treasurer",
    "payment_reversed",
    "ppkd_revenue_received",
    "prior_year_refunded",
    "received_in_advance",
    "revenue_moved",
    "revenue_reclassified",
    "rk_closed",
    "rkud_charge_authorised",
    "rkud_charge_returned",
    "rkud_charged",
    "sanction_assessed",
    "sanction_budget_recognised",
    "self_assessed_at_partner",
    "self_assessed_into_rkud",
    "self_assessed_to_treasurer",
    "suspense_identified",
    "suspense_identified_self_assessed",
    "suspense_identified_with_sanction",
    "suspense_returned",
    "sweep_identified",
    "treasurer_deposited",
    "treasurer_shortage",
    "unidentified_at_partner",
    "unidentified_at_rkud",
    "written_off",
    "written_off_recovered",
    "year_end_accrued",
]
