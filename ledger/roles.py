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
}
