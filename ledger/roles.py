"""The roles that standard journals name instead of account codes.

For: one table that says which book each role is of, where in the chart its accounts stand and on which side, what may
qualify it, and whether it is an RK (a claim between two entities of one region, which names its counterpart).
Not for: which account has a role; that is each region's, dated, in `account_role` (ledger.chart loads it).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BUDGET", "CREDIT", "DEBIT", "FINANCIAL", "ROLES", "Role"]

FINANCIAL = "F"
BUDGET = "A"
DEBIT = "debit"
CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Role:
    """One role. `qualified_by`: "kind" (revenue kind), "partner" (partner code) or "" (never qualified).

    `below`: the code under which its accounts stand. It is as deep as the number is known to be the same everywhere;
    elsewhere it is the class alone (1 Aset, 2 Kewajiban, 3 Ekuitas, 4 Pendapatan-LRA, 5 Belanja, 7 Pendapatan-LO, 8
    Beban), which decides what closing the year does with what stands there. `normal_side`: that of its accounts, on
    which its balance is told; a contra account (Penyisihan Piutang among assets) has credit.
    """

    book: str
    below: str
    normal_side: str
    qualified_by: str
    meaning_id: str
    meaning_en: str
    is_rk: bool = False

    def takes(self, code: str) -> bool:
        """Whether an account of this code may have the role."""
        return code.startswith(f"{self.below}.")


ROLES: dict[str, Role] = {
    "receivable": Role(
        FINANCIAL, "1", DEBIT, "kind", "Piutang pajak atau retribusi", "Receivable from tax or retribution"
    ),
    "revenue_lo": Role(FINANCIAL, "7", CREDIT, "kind", "Pendapatan-LO", "Accrual revenue"),
    "revenue_lra": Role(BUDGET, "4", CREDIT, "kind", "Pendapatan-LRA", "Budget revenue"),
    "sal_change": Role(
        BUDGET, "3.1.02", CREDIT, "", "Estimasi Perubahan SAL", "Estimated change of the budget balance"
    ),
    "rk_ppkd": Role(
        FINANCIAL, "3", CREDIT, "", "RK-PPKD di buku Perangkat Daerah", "Account with PPKD, in an office's books", True
    ),
    "rk_skpd": Role(FINANCIAL, "1", DEBIT, "", "RK-SKPD di buku PPKD", "Account with an office, in PPKD's books", True),
    "clearing": Role(FINANCIAL, "1", DEBIT, "partner", "Kas dalam Perjalanan", "Cash on its way, held by a partner"),
    "rkud": Role(FINANCIAL, "1.1.01", DEBIT, "", "Kas di Kas Daerah", "Cash in the regional treasury account"),
    "suspense": Role(FINANCIAL, "2", CREDIT, "", "Utang Jangka Pendek Lainnya", "Money not yet identified"),
    "treasurer_cash": Role(
        FINANCIAL, "1.1.01", DEBIT, "", "Kas di Bendahara Penerimaan", "Cash with an office's receiving treasurer"
    ),
    "treasurer_claim": Role(
        FINANCIAL, "1", DEBIT, "", "Piutang tuntutan ganti kerugian", "Claim on a treasurer who deposited less"
    ),
    "blud_cash": Role(FINANCIAL, "1.1.01", DEBIT, "", "Kas di BLUD", "Cash of a public service agency"),
    "bank_claim": Role(
        FINANCIAL, "1", DEBIT, "partner", "Piutang Lainnya pada bank", "Claim on a bank that kept a fee or a charge"
    ),
    "bank_charge_expense": Role(FINANCIAL, "8", DEBIT, "", "Beban jasa bank", "Expense of an authorised bank charge"),
    "bank_charge_spending": Role(BUDGET, "5", DEBIT, "", "Belanja jasa bank", "Spending on an authorised bank charge"),
    "sanction_receivable": Role(
        FINANCIAL, "1.1.06", DEBIT, "kind", "Piutang sanksi administratif", "Receivable from sanctions"
    ),
    "sanction_lo": Role(FINANCIAL, "7", CREDIT, "kind", "Pendapatan denda-LO", "Accrual revenue from sanctions"),
    "sanction_lra": Role(BUDGET, "4", CREDIT, "kind", "Pendapatan denda-LRA", "Budget revenue from sanctions"),
    "overpayment": Role(
        FINANCIAL, "2", CREDIT, "kind", "Utang kelebihan pembayaran", "Owed to a payer who paid too much"
    ),
    "opsen_payable": Role(FINANCIAL, "2", CREDIT, "kind", "Utang PFK opsen", "Opsen held for another government"),
    "advance": Role(FINANCIAL, "2", CREDIT, "kind", "Pendapatan Diterima di Muka", "Revenue received in advance"),
    "allowance": Role(FINANCIAL, "1.1.10", CREDIT, "kind", "Penyisihan Piutang", "Allowance for receivables"),
    "allowance_expense": Role(FINANCIAL, "8", DEBIT, "kind", "Beban Penyisihan Piutang", "Expense of the allowance"),
    "sanction_allowance": Role(
        FINANCIAL,
        "1.1.10",
        CREDIT,
        "kind",
        "Penyisihan Piutang sanksi administratif",
        "Allowance for receivables from sanctions",
    ),
    "sanction_allowance_expense": Role(
        FINANCIAL,
        "8",
        DEBIT,
        "kind",
        "Beban Penyisihan Piutang sanksi administratif",
        "Expense of the allowance for sanctions",
    ),
    "write_off_expense": Role(
        FINANCIAL, "8", DEBIT, "kind", "Beban penghapusan piutang", "Expense of a write-off without allowance"
    ),
    "recovered_lo": Role(
        FINANCIAL, "7", CREDIT, "kind", "Lain-lain PAD-LO dari piutang terhapus", "Accrual revenue once written off"
    ),
    "recovered_lra": Role(
        BUDGET, "4", CREDIT, "kind", "Lain-lain PAD-LRA dari piutang terhapus", "Budget revenue once written off"
    ),
    "contingency_expense": Role(FINANCIAL, "8", DEBIT, "", "Beban tak terduga", "Contingency expense"),
    "contingency_spending": Role(BUDGET, "5", DEBIT, "", "Belanja Tidak Terduga", "Contingency spending"),
    "estimated_revenue": Role(
        BUDGET, "3.1.02", DEBIT, "kind", "Estimasi Pendapatan", "Revenue estimated by the budget (DPA)"
    ),
    "equity": Role(FINANCIAL, "3", CREDIT, "", "Ekuitas", "Equity"),
    "surplus_lo": Role(FINANCIAL, "3", CREDIT, "", "Surplus/Defisit-LO", "Surplus or deficit of the accrual book"),
    "surplus_lra": Role(BUDGET, "3.1.02", CREDIT, "", "Surplus/Defisit-LRA", "Surplus or deficit of the budget book"),
}
