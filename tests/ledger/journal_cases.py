"""Every row of the table with numbers: the exact lines of each journal and of each of its variants.

For: tests/ledger/test_journals.py, which holds the functions to them and posts each on PostgreSQL.
Not for: journals over what stands on accounts (row 28), which are in test_year_end.py; how a case is written is in
journal_case.py.
"""

from __future__ import annotations

from foundation.money import Money
from ledger import journals
from tests.ledger.journal_case import (
    BANK,
    BOTH,
    NO_STPD,
    OF_SANCTION,
    OWN,
    PBB,
    PD,
    PRINCIPAL_ALONE,
    SANCTION_ALONE,
    STPD,
    TEN,
    THROUGH_RK,
    Case,
    case,
)

_A_PBB = """
    A BAPENDA sal_change debit 1000
    A BAPENDA revenue_lra[PBB-P2] credit 1000"""
_A_OWN = _A_PBB.replace("BAPENDA", "PPKD")
_RK_IN = "F BAPENDA rk_ppkd debit 1000 > PPKD"
_RK_IN_PPKD = "F PPKD rk_skpd credit 1000 > BAPENDA"
_A_SANCTION = """
        A BAPENDA sal_change debit 1000
        A BAPENDA sanction_lra[PBB-P2] credit 1000"""
_RK_OUT = "F BAPENDA rk_ppkd credit 1000 > PPKD"
_RK_OUT_PPKD = "F PPKD rk_skpd debit 1000 > BAPENDA"
_HELD = "F PPKD clearing[BPD] debit 1000 @BPD"
_RKUD = "F PPKD rkud debit 1000"

CASES: tuple[Case, ...] = (
    case("1", "assessment_issued", """
        F BAPENDA receivable[PBB-P2] debit 1000
        F BAPENDA revenue_lo[PBB-P2] credit 1000""", PD, PBB, TEN),
    case("1", "assessment_issued", """
        F PPKD receivable[PBB-P2] debit 1000
        F PPKD revenue_lo[PBB-P2] credit 1000""", PBB, TEN, title="own", entity="PPKD"),
    case("2", "paid_to_treasurer", f"""
        F BAPENDA treasurer_cash debit 1000
        F BAPENDA receivable[PBB-P2] credit 1000{_A_PBB}""", PD, PBB, TEN),
    case("3", "treasurer_deposited", f"""
        {_RK_IN}
        F BAPENDA treasurer_cash credit 1000
        {_RKUD}
        {_RK_IN_PPKD}""", THROUGH_RK, TEN),
    case("3", "treasurer_deposited", f"""
        {_RKUD}
        F PPKD treasurer_cash credit 1000""", OWN, TEN, title="own"),
    case("4a", "paid_at_partner", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 1000
        {_HELD}
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, TEN, BANK),
    case("4a", "paid_at_partner", f"""
        {_HELD}
        F PPKD receivable[PBB-P2] credit 1000""", OWN, PBB, TEN, BANK, title="own"),
    case("4b", "credited_to_rkud", f"""
        {_RKUD} @BPD
        F PPKD clearing[BPD] credit 1000 @BPD""", TEN, BANK, ppkd="PPKD"),
    case("4A", "budget_recognised", _A_PBB, PD, PBB, TEN),
    case("4", "paid_into_rkud", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 1000
        {_RKUD}
        {_RK_IN_PPKD}{_A_PBB}""", THROUGH_RK, PBB, TEN),
    case("4", "paid_into_rkud", f"""
        {_RKUD}
        F PPKD receivable[PBB-P2] credit 1000{_A_OWN}""", OWN, PBB, TEN, title="own"),
    case("5", "self_assessed_to_treasurer", f"""
        F BAPENDA treasurer_cash debit 1000
        F BAPENDA revenue_lo[PBB-P2] credit 1000{_A_PBB}""", PD, PBB, TEN),
    case("5", "self_assessed_at_partner", f"""
        {_RK_IN}
        F BAPENDA revenue_lo[PBB-P2] credit 1000
        {_HELD}
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, TEN, BANK),
    case("5", "self_assessed_at_partner", f"""
        {_HELD}
        F PPKD revenue_lo[PBB-P2] credit 1000""", OWN, PBB, TEN, BANK, title="own"),
    case("5", "self_assessed_into_rkud", f"""
        {_RK_IN}
        F BAPENDA revenue_lo[PBB-P2] credit 1000
        {_RKUD}
        {_RK_IN_PPKD}{_A_PBB}""", THROUGH_RK, PBB, TEN),
    case("6", "ppkd_revenue_received", f"""
        {_RKUD}
        F PPKD revenue_lo[JASA-GIRO-RKUD] credit 1000
        A PPKD sal_change debit 1000
        A PPKD revenue_lra[JASA-GIRO-RKUD] credit 1000""", TEN, ppkd="PPKD", kind="JASA-GIRO-RKUD"),
    case("7", "sanction_assessed", """
        F BAPENDA sanction_receivable[PBB-P2] debit 1000
        F BAPENDA sanction_lo[PBB-P2] credit 1000""", PD, PBB, TEN),
    case("8", "paid_with_sanction_at_partner", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 900
        F BAPENDA sanction_receivable[PBB-P2] credit 100
        {_HELD}
        {_RK_IN_PPKD}""",
        THROUGH_RK, PBB, BANK, title="stpd", principal=Money(900), sanction=Money(100), assessed=True),
    case("8", "paid_with_sanction_at_partner", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 900
        F BAPENDA sanction_lo[PBB-P2] credit 100
        {_HELD}
        {_RK_IN_PPKD}""",
        THROUGH_RK, PBB, BANK, title="no-stpd", principal=Money(900), sanction=Money(100), assessed=False),
    case("8", "paid_with_sanction_at_partner", f"""
        {_HELD}
        F PPKD receivable[PBB-P2] credit 900
        F PPKD sanction_lo[PBB-P2] credit 100""",
        OWN, PBB, BANK, title="own", principal=Money(900), sanction=Money(100), assessed=False),
    case("8", "paid_with_sanction_to_treasurer", """
        F BAPENDA treasurer_cash debit 1000
        F BAPENDA receivable[PBB-P2] credit 900
        F BAPENDA sanction_lo[PBB-P2] credit 100
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[PBB-P2] credit 900
        A BAPENDA sanction_lra[PBB-P2] credit 100""",
        PD, PBB, principal=Money(900), sanction=Money(100), assessed=False),
    case("8", "sanction_budget_recognised", """
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[PBB-P2] credit 900
        A BAPENDA sanction_lra[PBB-P2] credit 100""", PD, PBB, principal=Money(900), sanction=Money(100)),
    case("8", "paid_with_sanction_at_partner", f"""
        {_RK_IN}
        F BAPENDA sanction_receivable[PBB-P2] credit 1000
        {_HELD}
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, BANK, SANCTION_ALONE, STPD, title="stpd-alone"),
    case("8", "paid_with_sanction_at_partner", f"""
        {_RK_IN}
        F BAPENDA sanction_lo[PBB-P2] credit 1000
        {_HELD}
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, BANK, SANCTION_ALONE, NO_STPD, title="sanction-alone"),
    case("8", "paid_with_sanction_at_partner", f"""
        {_HELD}
        F PPKD sanction_receivable[PBB-P2] credit 1000""",
        OWN, PBB, BANK, SANCTION_ALONE, STPD, title="own-stpd-alone"),
    case("8", "paid_with_sanction_at_partner", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 1000
        {_HELD}
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, BANK, PRINCIPAL_ALONE, STPD, title="principal-alone"),
    case("8", "paid_with_sanction_to_treasurer", """
        F BAPENDA treasurer_cash debit 1000
        F BAPENDA receivable[PBB-P2] credit 900
        F BAPENDA sanction_receivable[PBB-P2] credit 100
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[PBB-P2] credit 900
        A BAPENDA sanction_lra[PBB-P2] credit 100""", PD, PBB, BOTH, STPD, title="stpd"),
    case("8", "paid_with_sanction_to_treasurer", f"""
        F BAPENDA treasurer_cash debit 1000
        F BAPENDA sanction_receivable[PBB-P2] credit 1000{_A_SANCTION}""",
        PD, PBB, SANCTION_ALONE, STPD, title="stpd-alone"),
    case("8", "paid_with_sanction_to_treasurer", f"""
        F BAPENDA treasurer_cash debit 1000
        F BAPENDA receivable[PBB-P2] credit 1000{_A_PBB}""",
        PD, PBB, PRINCIPAL_ALONE, NO_STPD, title="principal-alone"),
    case("8", "paid_with_sanction_into_rkud", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 900
        F BAPENDA sanction_receivable[PBB-P2] credit 100
        {_RKUD}
        {_RK_IN_PPKD}
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[PBB-P2] credit 900
        A BAPENDA sanction_lra[PBB-P2] credit 100""", THROUGH_RK, PBB, BOTH, STPD, title="stpd"),
    case("8", "paid_with_sanction_into_rkud", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 900
        F BAPENDA sanction_lo[PBB-P2] credit 100
        {_RKUD}
        {_RK_IN_PPKD}
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[PBB-P2] credit 900
        A BAPENDA sanction_lra[PBB-P2] credit 100""", THROUGH_RK, PBB, BOTH, NO_STPD, title="no-stpd"),
    case("8", "paid_with_sanction_into_rkud", f"""
        {_RK_IN}
        F BAPENDA sanction_receivable[PBB-P2] credit 1000
        {_RKUD}
        {_RK_IN_PPKD}{_A_SANCTION}""", THROUGH_RK, PBB, SANCTION_ALONE, STPD, title="stpd-alone"),
    case("8", "paid_with_sanction_into_rkud", """
        F PPKD rkud debit 1000
        F PPKD receivable[PBB-P2] credit 900
        F PPKD sanction_receivable[PBB-P2] credit 100
        A PPKD sal_change debit 1000
        A PPKD revenue_lra[PBB-P2] credit 900
        A PPKD sanction_lra[PBB-P2] credit 100""", OWN, PBB, BOTH, STPD, title="own"),
    case("8", "sanction_budget_recognised", _A_SANCTION, PD, PBB, SANCTION_ALONE, title="sanction-alone"),
    case("8", "sanction_budget_recognised", _A_PBB, PD, PBB, PRINCIPAL_ALONE, title="principal-alone"),
    case("9", "overpayment_assessed", """
        F BAPENDA revenue_lo[PBB-P2] debit 1000
        F BAPENDA overpayment[PBB-P2] credit 1000""", PD, PBB, TEN),
    case("9", "overpayment_refunded", f"""
        F BAPENDA overpayment[PBB-P2] debit 1000
        {_RK_OUT}
        {_RK_OUT_PPKD}
        F PPKD rkud credit 1000
        A BAPENDA revenue_lra[PBB-P2] debit 1000
        A BAPENDA sal_change credit 1000""", THROUGH_RK, PBB, TEN),
    case("9", "overpayment_refunded", """
        F PPKD overpayment[PBB-P2] debit 1000
        F PPKD rkud credit 1000
        A PPKD revenue_lra[PBB-P2] debit 1000
        A PPKD sal_change credit 1000""", OWN, PBB, TEN, title="own"),
    case("10", "prior_year_refunded", """
        F PPKD equity debit 1000
        F PPKD rkud credit 1000
        A PPKD contingency_spending debit 1000
        A PPKD sal_change credit 1000""", TEN, title="equity", ppkd="PPKD", policy="equity"),
    case("10", "prior_year_refunded", """
        F PPKD contingency_expense debit 1000
        F PPKD rkud credit 1000
        A PPKD contingency_spending debit 1000
        A PPKD sal_change credit 1000""", TEN, title="btt", ppkd="PPKD", policy="btt"),
    case("11", "overpayment_set_off", """
        F BAPENDA overpayment[PBB-P2] debit 1000
        F BAPENDA receivable[PBB-P2] credit 1000""",
        PD, PBB, TEN, title="same-kind", onto_kind="PBB-P2", same_year=True),
    case("11", "overpayment_set_off", """
        F BAPENDA overpayment[PBB-P2] debit 1000
        F BAPENDA receivable[MBLB] credit 1000
        A BAPENDA revenue_lra[PBB-P2] debit 1000
        A BAPENDA revenue_lra[MBLB] credit 1000""",
        PD, PBB, TEN, title="other-kind", onto_kind="MBLB", same_year=True),
    case("11", "overpayment_set_off", """
        F BAPENDA overpayment[PBB-P2] debit 1000
        F BAPENDA receivable[MBLB] credit 1000""",
        PD, PBB, TEN, title="other-kind-prior-year", onto_kind="MBLB", same_year=False),
    case("11", "overpayment_set_off", """
        F BAPENDA overpayment[PBB-P2] debit 1000
        F BAPENDA sanction_receivable[PBB-P2] credit 1000
        A BAPENDA revenue_lra[PBB-P2] debit 1000
        A BAPENDA sanction_lra[PBB-P2] credit 1000""",
        PD, PBB, TEN, OF_SANCTION, title="sanction-same-kind", onto_kind="PBB-P2", same_year=True),
    case("11", "overpayment_set_off", """
        F BAPENDA overpayment[PBB-P2] debit 1000
        F BAPENDA sanction_receivable[RETRIBUSI-KEBERSIHAN] credit 1000
        A BAPENDA revenue_lra[PBB-P2] debit 1000
        A BAPENDA sanction_lra[RETRIBUSI-KEBERSIHAN] credit 1000""",
        PD, PBB, TEN, OF_SANCTION, title="sanction-other-kind", onto_kind="RETRIBUSI-KEBERSIHAN", same_year=True),
    case("11", "overpayment_set_off", """
        F BAPENDA overpayment[PBB-P2] debit 1000
        F BAPENDA sanction_receivable[PBB-P2] credit 1000""",
        PD, PBB, TEN, OF_SANCTION, title="sanction-prior-year", onto_kind="PBB-P2", same_year=False),
    case("12", "fee_kept", f"""
        F BAPENDA bank_claim[BPD] debit 1000 @BPD
        {_RK_OUT}
        {_RK_OUT_PPKD}
        F PPKD clearing[BPD] credit 1000 @BPD""", THROUGH_RK, TEN, BANK),
    case("12", "fee_kept", """
        F PPKD bank_claim[BPD] debit 1000 @BPD
        F PPKD clearing[BPD] credit 1000 @BPD""", OWN, TEN, BANK, title="own"),
    case("12", "fee_made_good", f"""
        {_RK_IN}
        F BAPENDA bank_claim[BPD] credit 1000 @BPD
        {_RKUD} @BPD
        {_RK_IN_PPKD}""", THROUGH_RK, TEN, BANK),
    case("12", "fee_made_good", f"""
        {_RKUD} @BPD
        F PPKD bank_claim[BPD] credit 1000 @BPD""", OWN, TEN, BANK, title="own"),
    case("13", "opsen_received", f"""
        {_RK_IN}
        F BAPENDA receivable[OPSEN-PKB] credit 1000
        {_HELD}
        {_RK_IN_PPKD}""", THROUGH_RK, TEN, BANK, kind="OPSEN-PKB"),
    case("13", "opsen_credited", f"""
        {_RK_IN}
        F BAPENDA receivable[OPSEN-BBNKB] credit 1000
        {_RKUD}
        {_RK_IN_PPKD}
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[OPSEN-BBNKB] credit 1000""", THROUGH_RK, TEN, kind="OPSEN-BBNKB"),
    case("13", "opsen_received", f"""
        {_HELD}
        F PPKD receivable[OPSEN-PKB] credit 1000""", OWN, TEN, BANK, title="own", kind="OPSEN-PKB"),
    case("13", "opsen_credited", f"""
        {_RKUD}
        F PPKD receivable[OPSEN-BBNKB] credit 1000
        A PPKD sal_change debit 1000
        A PPKD revenue_lra[OPSEN-BBNKB] credit 1000""", OWN, TEN, title="own", kind="OPSEN-BBNKB"),
    case("14", "opsen_collected_together", f"""
        {_RK_IN}
        F BAPENDA receivable[MBLB] credit 1000
        F PPKD rkud debit 1250
        {_RK_IN_PPKD}
        F PPKD opsen_payable[MBLB] credit 250
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[MBLB] credit 1000""", THROUGH_RK, kind="MBLB", own=Money(1_000), opsen=Money(250)),
    case("14", "opsen_collected_together", """
        F PPKD rkud debit 1250
        F PPKD receivable[MBLB] credit 1000
        F PPKD opsen_payable[MBLB] credit 250
        A PPKD sal_change debit 1000
        A PPKD revenue_lra[MBLB] credit 1000""", OWN, title="own", kind="MBLB", own=Money(1_000), opsen=Money(250)),
    case("14", "opsen_collected_together", f"""
        {_RK_IN}
        F BAPENDA receivable[MBLB] credit 1000
        {_RKUD}
        {_RK_IN_PPKD}
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[MBLB] credit 1000""",
        THROUGH_RK, title="own-part-alone", kind="MBLB", own=Money(1_000), opsen=Money(0)),
    case("14", "opsen_collected_together", """
        F PPKD rkud debit 250
        F PPKD opsen_payable[MBLB] credit 250""",
        THROUGH_RK, title="opsen-alone", kind="MBLB", own=Money(0), opsen=Money(250)),
    case("14", "opsen_remitted", """
        F PPKD opsen_payable[MBLB] debit 1000
        F PPKD rkud credit 1000""", TEN, ppkd="PPKD", kind="MBLB"),
    case("15", "allowance_changed", """
        F BAPENDA allowance_expense[PBB-P2] debit 300
        F BAPENDA allowance[PBB-P2] credit 300""", PD, PBB, title="more", before=Money(500), after=Money(800)),
    case("15", "allowance_changed", """
        F BAPENDA allowance_expense[PBB-P2] credit 200
        F BAPENDA allowance[PBB-P2] debit 200""", PD, PBB, title="less", before=Money(500), after=Money(300)),
    case("15", "allowance_changed", """
        F BAPENDA sanction_allowance_expense[PBB-P2] debit 300
        F BAPENDA sanction_allowance[PBB-P2] credit 300""",
        PD, PBB, OF_SANCTION, title="sanction-more", before=Money(500), after=Money(800)),
    case("15", "allowance_changed", """
        F BAPENDA sanction_allowance_expense[PBB-P2] credit 200
        F BAPENDA sanction_allowance[PBB-P2] debit 200""",
        PD, PBB, OF_SANCTION, title="sanction-less", before=Money(500), after=Money(300)),
    case("16", "written_off", """
        F BAPENDA sanction_allowance[PBB-P2] debit 400
        F BAPENDA write_off_expense[PBB-P2] debit 600
        F BAPENDA sanction_receivable[PBB-P2] credit 1000""",
        PD, PBB, TEN, OF_SANCTION, title="sanction-expense", allowed=Money(400)),
    case("16", "written_off", """
        F BAPENDA equity debit 1000
        F BAPENDA sanction_receivable[PBB-P2] credit 1000""",
        PD, PBB, TEN, OF_SANCTION, title="sanction-equity", allowed=Money(0), rest="equity"),
    case("16", "written_off", """
        F BAPENDA allowance[PBB-P2] debit 1000
        F BAPENDA receivable[PBB-P2] credit 1000""", PD, PBB, TEN, title="covered", allowed=Money(4_000)),
    case("16", "written_off", """
        F BAPENDA allowance[PBB-P2] debit 400
        F BAPENDA write_off_expense[PBB-P2] debit 600
        F BAPENDA receivable[PBB-P2] credit 1000""", PD, PBB, TEN, title="expense", allowed=Money(400)),
    case("16", "written_off", """
        F BAPENDA equity debit 1000
        F BAPENDA receivable[PBB-P2] credit 1000""", PD, PBB, TEN, title="equity", allowed=Money(0), rest="equity"),
    case("16", "written_off_recovered", f"""
        {_RK_IN}
        F BAPENDA recovered_lo[PBB-P2] credit 1000
        {_RKUD}
        {_RK_IN_PPKD}
        A BAPENDA sal_change debit 1000
        A BAPENDA recovered_lra[PBB-P2] credit 1000""", THROUGH_RK, PBB, TEN),
    case("16", "written_off_recovered", f"""
        {_RKUD}
        F PPKD recovered_lo[PBB-P2] credit 1000
        A PPKD sal_change debit 1000
        A PPKD recovered_lra[PBB-P2] credit 1000""", OWN, PBB, TEN, title="own"),
    case("17", "assessment_reduced", """
        F BAPENDA revenue_lo[PBB-P2] debit 1000
        F BAPENDA receivable[PBB-P2] credit 1000""", PD, PBB, TEN, title="same-year"),
    case("17", "assessment_reduced", """
        F BAPENDA equity debit 1000
        F BAPENDA receivable[PBB-P2] credit 1000""", PD, PBB, TEN, title="prior-year", prior_year=True),
    case("17", "assessment_reduced", """
        F BAPENDA sanction_lo[PBB-P2] debit 1000
        F BAPENDA sanction_receivable[PBB-P2] credit 1000""", PD, PBB, TEN, OF_SANCTION, title="sanction-same-year"),
    case("17", "assessment_reduced", """
        F BAPENDA equity debit 1000
        F BAPENDA sanction_receivable[PBB-P2] credit 1000""",
        PD, PBB, TEN, OF_SANCTION, title="sanction-prior-year", prior_year=True),
    case("18", "budget_approved", """
        A BAPENDA estimated_revenue[PBB-P2] debit 1000
        A BAPENDA sal_change credit 1000""", PD, PBB, TEN),
    case("18", "budget_reduced", """
        A BAPENDA sal_change debit 1000
        A BAPENDA estimated_revenue[PBB-P2] credit 1000""", PD, PBB, TEN),
    case("19", "unidentified_at_partner", f"""
        {_HELD}
        F PPKD suspense credit 1000 @BPD""", TEN, BANK, ppkd="PPKD"),
    case("19", "unidentified_at_rkud", f"""
        {_RKUD}
        F PPKD suspense credit 1000""", TEN, ppkd="PPKD"),
    case("19", "suspense_identified", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 1000
        F PPKD suspense debit 1000 @BPD
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, TEN, BANK),
    case("19", "suspense_identified", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 1000
        F PPKD suspense debit 1000
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, TEN, title="first-seen-in-rkud"),
    case("19", "suspense_identified", """
        F PPKD suspense debit 1000
        F PPKD receivable[PBB-P2] credit 1000""", OWN, PBB, TEN, title="own"),
    case("19", "suspense_identified_self_assessed", f"""
        {_RK_IN}
        F BAPENDA revenue_lo[PBB-P2] credit 1000
        F PPKD suspense debit 1000 @BPD
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, TEN, BANK),
    case("19", "suspense_identified_self_assessed", """
        F PPKD suspense debit 1000
        F PPKD revenue_lo[PBB-P2] credit 1000""", OWN, PBB, TEN, title="own"),
    case("19", "suspense_identified_with_sanction", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 900
        F BAPENDA sanction_receivable[PBB-P2] credit 100
        F PPKD suspense debit 1000 @BPD
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, BANK, BOTH, STPD, title="stpd"),
    case("19", "suspense_identified_with_sanction", f"""
        {_RK_IN}
        F BAPENDA receivable[PBB-P2] credit 900
        F BAPENDA sanction_lo[PBB-P2] credit 100
        F PPKD suspense debit 1000
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, BOTH, NO_STPD, title="no-stpd"),
    case("19", "suspense_identified_with_sanction", f"""
        {_RK_IN}
        F BAPENDA sanction_receivable[PBB-P2] credit 1000
        F PPKD suspense debit 1000
        {_RK_IN_PPKD}""", THROUGH_RK, PBB, SANCTION_ALONE, STPD, title="stpd-alone"),
    case("19", "suspense_identified_with_sanction", """
        F PPKD suspense debit 1000
        F PPKD sanction_receivable[PBB-P2] credit 1000""", OWN, PBB, SANCTION_ALONE, STPD, title="own-stpd-alone"),
    case("19", "sweep_identified", """
        F PPKD suspense debit 1000
        F PPKD clearing[BPD] credit 1000 @BPD""", TEN, BANK, ppkd="PPKD"),
    case("19", "suspense_returned", """
        F PPKD suspense debit 1000
        F PPKD rkud credit 1000""", TEN, title="from-rkud", ppkd="PPKD"),
    case("19", "suspense_returned", """
        F PPKD suspense debit 1000 @BPD
        F PPKD clearing[BPD] credit 1000 @BPD""", TEN, BANK, title="by-partner", ppkd="PPKD"),
    case("20", "interest_at_treasurer", """
        F BAPENDA treasurer_cash debit 1000
        F BAPENDA revenue_lo[JASA-GIRO-BENDAHARA] credit 1000
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[JASA-GIRO-BENDAHARA] credit 1000""", PD, TEN, kind="JASA-GIRO-BENDAHARA"),
    case("21", "rkud_charged", """
        F PPKD bank_claim debit 1000
        F PPKD rkud credit 1000""", TEN, ppkd="PPKD"),
    case("21", "rkud_charge_returned", """
        F PPKD rkud debit 1000
        F PPKD bank_claim credit 1000""", TEN, ppkd="PPKD"),
    case("21", "rkud_charge_authorised", """
        F PPKD bank_charge_expense debit 1000
        F PPKD bank_claim credit 1000
        A PPKD bank_charge_spending debit 1000
        A PPKD sal_change credit 1000""", TEN, ppkd="PPKD"),
    case("22", "revenue_reclassified", """
        F BAPENDA revenue_lo[PBB-P2] debit 1000
        F BAPENDA revenue_lo[MBLB] credit 1000
        A BAPENDA revenue_lra[PBB-P2] debit 1000
        A BAPENDA revenue_lra[MBLB] credit 1000""", PD, PBB, TEN, to_kind="MBLB"),
    case("22", "revenue_moved", f"""
        F BAPENDA revenue_lo[PBB-P2] debit 1000
        {_RK_OUT}
        {_RK_OUT_PPKD}
        F PPKD rk_skpd credit 1000 > LH
        F LH rk_ppkd debit 1000 > PPKD
        F LH revenue_lo[RETRIBUSI-KEBERSIHAN] credit 1000
        A BAPENDA revenue_lra[PBB-P2] debit 1000
        A BAPENDA sal_change credit 1000
        A LH sal_change debit 1000
        A LH revenue_lra[RETRIBUSI-KEBERSIHAN] credit 1000""",
        THROUGH_RK, PBB, TEN, to_entity="LH", to_kind="RETRIBUSI-KEBERSIHAN"),
    case("22", "revenue_moved", f"""
        F BAPENDA revenue_lo[PBB-P2] debit 1000
        {_RK_OUT}
        {_RK_OUT_PPKD}
        F PPKD revenue_lo[JASA-GIRO-RKUD] credit 1000
        A BAPENDA revenue_lra[PBB-P2] debit 1000
        A BAPENDA sal_change credit 1000
        A PPKD sal_change debit 1000
        A PPKD revenue_lra[JASA-GIRO-RKUD] credit 1000""",
        THROUGH_RK, PBB, TEN, title="to-ppkd", to_entity="PPKD", to_kind="JASA-GIRO-RKUD"),
    case("22", "revenue_moved", """
        F PPKD revenue_lo[JASA-GIRO-RKUD] debit 1000
        F PPKD rk_skpd credit 1000 > LH
        F LH rk_ppkd debit 1000 > PPKD
        F LH revenue_lo[RETRIBUSI-KEBERSIHAN] credit 1000
        A PPKD revenue_lra[JASA-GIRO-RKUD] debit 1000
        A PPKD sal_change credit 1000
        A LH sal_change debit 1000
        A LH revenue_lra[RETRIBUSI-KEBERSIHAN] credit 1000""",
        OWN, TEN, title="from-ppkd", kind="JASA-GIRO-RKUD", to_entity="LH", to_kind="RETRIBUSI-KEBERSIHAN"),
    case("23", "received_in_advance", f"""
        {_RK_IN}
        F BAPENDA advance[SEWA-ASET] credit 1000
        {_RKUD}
        {_RK_IN_PPKD}
        A BAPENDA sal_change debit 1000
        A BAPENDA revenue_lra[SEWA-ASET] credit 1000""", THROUGH_RK, TEN, kind="SEWA-ASET"),
    case("23", "received_in_advance", f"""
        {_RK_IN}
        F BAPENDA advance[SEWA-ASET] credit 1000
        {_HELD}
        {_RK_IN_PPKD}""", THROUGH_RK, TEN, BANK, title="at-partner", kind="SEWA-ASET"),
    case("23", "received_in_advance", f"""
        {_RKUD}
        F PPKD advance[SEWA-ASET] credit 1000
        A PPKD sal_change debit 1000
        A PPKD revenue_lra[SEWA-ASET] credit 1000""", OWN, TEN, title="own-in-rkud", kind="SEWA-ASET"),
    case("23", "received_in_advance", f"""
        {_HELD}
        F PPKD advance[SEWA-ASET] credit 1000""", OWN, TEN, BANK, title="own-at-partner", kind="SEWA-ASET"),
    case("23", "advance_earned", """
        F BAPENDA advance[SEWA-ASET] debit 1000
        F BAPENDA revenue_lo[SEWA-ASET] credit 1000""", PD, TEN, kind="SEWA-ASET"),
    case("24", "treasurer_shortage", """
        F BAPENDA treasurer_claim debit 1000
        F BAPENDA treasurer_cash credit 1000""", PD, TEN),
    case("25", "blud_received", """
        F LH blud_cash debit 1000
        F LH revenue_lo[BLUD] credit 1000""", TEN, entity="LH", kind="BLUD"),
    case("25", "blud_authorised", """
        A LH sal_change debit 1000
        A LH revenue_lra[BLUD] credit 1000""", TEN, entity="LH", kind="BLUD"),
    case("26", "year_end_accrued", """
        F BAPENDA receivable[OPSEN-PKB] debit 1000
        F BAPENDA revenue_lo[OPSEN-PKB] credit 1000""", PD, TEN, kind="OPSEN-PKB"),
    case("27", "payment_reversed", """
        F PPKD clearing[BPD] credit 1000 @BPD
        F PPKD receivable[PBB-P2] debit 1000""",
        postings=journals.paid_at_partner(
            entity="PPKD", ppkd="PPKD", kind="PBB-P2", amount=Money(1_000), partner="BPD")),
)  # fmt: skip
