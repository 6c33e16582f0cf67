"""A year in the books and its end, for the tests of closing, carrying and undoing.

For: 2026 in a few entries, its months made ready, closing it, what stands on a date, and a new year's chart.
Not for: other packages' tests.
"""

from __future__ import annotations

from datetime import date
from itertools import count

from foundation.db import unit_of_work
from foundation.money import Money
from foundation.policies import set_policy
from ledger import EntryDraft, account_balances, journals, post_entry
from ledger.journals import Postings
from ledger.periods import adjust_period, close_period
from ledger.year_end import YearClosed, close_year
from tests.ledger.entries import AT, DAY

LAST = date(2026, 12, 31)
NEXT = date(2027, 1, 1)
DECEMBER = date(2026, 12, 1)
PBB = {"entity": "BAPENDA", "kind": "PBB-P2"}
NUMBERS = count(1)
NEW_ACCOUNTS = """kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai
1.1.03.15.02,CONTOH – Piutang PBBP2 baru,debit,tidak,ya,2026-12-31,
1.1.03.15.02.0001,CONTOH – Piutang PBBP2 baru,debit,tidak,ya,2026-12-31,
1.1.03.15.01.0001,CONTOH – Piutang PBBP2,debit,tidak,ya,2026-12-31,2026-12-31
"""
NEW_ROLES = "peran,kualifikasi,rekening,berlaku_dari\nreceivable,PBB-P2,1.1.03.15.02.0001,2027-01-01\n"


def sen(rupiah: int) -> Money:
    return Money.from_rupiah(rupiah)


def book(region: str, name: str, postings: Postings, on: date = DAY) -> None:
    with unit_of_work(region) as session:
        draft = EntryDraft(name, f"{name}:{next(NUMBERS)}", AT, on, name, postings)
        post_entry(session, draft, actor="cli:test", recorded_at=AT)


def a_year(region: str) -> None:
    """Assessed 900.000, paid 600.000 of it (500.000 in RKUD), jasa giro 50.000, an allowance of 30.000, a DPA."""
    bank = {"ppkd": "PPKD", "partner": "BPD"}
    book(region, "budget_approved", journals.budget_approved(**PBB, amount=sen(1_000_000)))
    book(region, "assessment_issued", journals.assessment_issued(**PBB, amount=sen(900_000)))
    book(region, "paid_at_partner", journals.paid_at_partner(**PBB, **bank, amount=sen(600_000)))
    book(region, "credited_to_rkud", journals.credited_to_rkud(**bank, amount=sen(500_000)))
    book(region, "budget_recognised", journals.budget_recognised(**PBB, amount=sen(500_000)))
    interest = journals.ppkd_revenue_received(ppkd="PPKD", kind="JASA-GIRO-RKUD", amount=sen(50_000))
    book(region, "ppkd_revenue_received", interest)
    allowance = journals.allowance_changed(**PBB, before=Money(0), after=sen(30_000), sanction=False)
    book(region, "allowance_changed", allowance, on=LAST)


def make_ready(region: str, year: int = 2026) -> None:
    """March closed, the other months being adjusted."""
    with unit_of_work(region) as session:
        for number in range(1, 13):
            adjust_period(session, date(year, number, 1), today=date(year + 1, 1, 5), by="cli:test", at=AT)
        close_period(session, date(year, 3, 1), by="cli:test", at=AT)


def close(region: str, year: int = 2026) -> YearClosed:
    with unit_of_work(region) as session:
        return close_year(session, year, actor="cli:test", at=AT)


def policy(region: str, name: str, value: str) -> None:
    with unit_of_work(region) as session:
        set_policy(
            session, name, value, valid_from=date(2026, 1, 1), legal_basis="Perkada contoh", by="cli:test", at=AT
        )


def standing(region: str, on: date) -> dict[tuple[str, str], int]:
    """Debit less credit in rupiah per entity and account, zeros left out."""
    with unit_of_work(region) as session:
        rows = account_balances(session, on=on)
    found = {(row.entity, row.account): (row.debit.sen - row.credit.sen) // 100 for row in rows}
    return {place: net for place, net in found.items() if net}
