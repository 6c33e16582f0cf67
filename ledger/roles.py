"""The roles that standard journals name instead of account codes.

For: one table that says which book each role is of, what may qualify it, and whether it is an RK (a claim between two
entities of one region, which names its counterpart).
Not for: which account has a role; that is each region's, dated, in `account_role` (ledger.chart loads it).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BUDGET", "FINANCIAL", "ROLES", "Role"]

FINANCIAL = "F"
BUDGET = "A"


@dataclass(frozen=True, slots=True)
class Role:
    """One role. `qualified_by`: "kind" (revenue kind), "partner" (partner code) or "" (never qualified)."""

    book: str
    qualified_by: str
    meaning_id: str
    meaning_en: str
    is_rk: bool = False


ROLES: dict[str, Role] = {
    "receivable": Role(FINANCIAL, "kind", "Piutang pajak atau retribusi", "Receivable from tax or retribution"),
    "revenue_lo": Role(FINANCIAL, "kind", "Pendapatan-LO", "Accrual revenue"),
    "revenue_lra": Role(BUDGET, "kind", "Pendapatan-LRA", "Budget revenue"),
    "sal_change": Role(BUDGET, "", "Estimasi Perubahan SAL", "Estimated change of the budget balance"),
    "rk_ppkd": Role(FINANCIAL, "", "RK-PPKD di buku Perangkat Daerah", "Account with PPKD, in an office's books", True),
    "rk_skpd": Role(FINANCIAL, "", "RK-SKPD di buku PPKD", "Account with an office, in PPKD's books", True),
    "clearing": Role(FINANCIAL, "partner", "Kas dalam Perjalanan", "Cash on its way, held by a partner"),
    "rkud": Role(FINANCIAL, "", "Kas di Kas Daerah", "Cash in the regional treasury account"),
    "suspense": Role(FINANCIAL, "", "Utang Jangka Pendek Lainnya", "Money not yet identified"),
    "treasurer_cash": Role(FINANCIAL, "", "Kas di Bendahara Penerimaan", "Cash with an office's receiving treasurer"),
    "treasurer_claim": Role(
        FINANCIAL, "", "Piutang tuntutan ganti kerugian", "Claim on a treasurer who deposited less"
    ),
    "blud_cash": Role(FINANCIAL, "", "Kas di BLUD", "Cash of a public service agency"),
    "bank_claim": Role(
        FINANCIAL, "partner", "Piutang Lainnya pada bank", "Claim on a bank that kept a fee or a charge"
    ),
    "bank_charge_expense": Role(FINANCIAL, "", "Beban jasa bank", "Expense of an authorised bank charge"),
    "bank_charge_spending": Role(BUDGET, "", "Belanja jasa bank", "Spending on an authorised bank charge"),
    "sanction_receivable": Role(FINANCIAL, "kind", "Piutang sanksi administratif", "Receivable from sanctions"),
    "sanction_lo": Role(FINANCIAL, "kind", "Pendapatan denda-LO", "Accrual revenue from sanctions"),
    "sanction_lra": Role(BUDGET, "kind", "Pendapatan denda-LRA", "Budget revenue from sanctions"),
    "overpayment": Role(FINANCIAL, "kind", "Utang kelebihan pembayaran", "Owed to a payer who paid too much"),
    "opsen_payable": Role(FINANCIAL, "kind", "Utang PFK opsen", "Opsen held for another government"),
    "advance": Role(FINANCIAL, "kind", "Pendapatan Diterima di Muka", "Revenue received in advance"),
    "allowance": Role(FINANCIAL, "kind", "Penyisihan Piutang", "Allowance for receivables"),
    "allowance_expense": Role(FINANCIAL, "kind", "Beban Penyisihan Piutang", "Expense of the allowance"),
    "sanction_allowance": Role(
        FINANCIAL, "kind", "Penyisihan Piutang sanksi administratif", "Allowance for receivables from sanctions"
    ),
    "sanction_allowance_expense": Role(
        FINANCIAL, "kind", "Beban Penyisihan Piutang sanksi administratif", "Expense of the allowance for sanctions"
    ),
    "write_off_expense": Role(
        FINANCIAL, "kind", "Beban penghapusan piutang", "Expense of a write-off without allowance"
    ),
    "recovered_lo": Role(
        FINANCIAL, "kind", "Lain-lain PAD-LO dari piutang terhapus", "Accrual revenue once written off"
    ),
    "recovered_lra": Role(BUDGET, "kind", "Lain-lain PAD-LRA dari piutang terhapus", "Budget revenue once written off"),
    "contingency_expense": Role(FINANCIAL, "", "Beban tak terduga", "Contingency expense"),
    "contingency_spending": Role(BUDGET, "", "Belanja Tidak Terduga", "Contingency spending"),
    "estimated_revenue": Role(BUDGET, "kind", "Estimasi Pendapatan", "Revenue estimated by the budget (DPA)"),
    "equity": Role(FINANCIAL, "", "Ekuitas", "Equity"),
    "surplus_lo": Role(FINANCIAL, "", "Surplus/Defisit-LO", "Surplus or deficit of the accrual book"),
    "surplus_lra": Role(BUDGET, "", "Surplus/Defisit-LRA", "Surplus or deficit of the budget book"),
}
