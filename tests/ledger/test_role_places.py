"""Where in the chart a role's account may stand, and that closing a year ends also where another writer mapped it."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import ChartLoaded, ChartRefused, journals, load_chart, role_balance
from ledger.roles import CREDIT, DEBIT, ROLES
from tests.ledger.entries import AT, DAY, draft, everything, money, post
from tests.ledger.year_scene import a_year, close, make_ready, standing
from tests.sample_chart import SAMPLES, load_sample_chart

SIDES = {DEBIT: "debit", CREDIT: "kredit"}
HEAD = "peran,kualifikasi,rekening,berlaku_dari\n"
REVENUE_LRA = "4.1.01.15.01.0001"
REVENUE_LO = "7.1.01.15.01.0001"
EXPENSE = "8.1.90.01.01.0001"
SPENDING = "5.3.01.01.01.0001"
CASH = "1.1.01.01.01.0001"
CLAIM = "1.1.09.90.01.0001"
DEBT = "2.1.06.90.01.0001"
EQUITY = "3.1.01.01.01.0001"
ESTIMATE = "3.1.02.01.01.0001"
SAL = "3.1.02.05.01.0001"


def load(region: str, *rows: str) -> ChartLoaded:
    with unit_of_work(region) as session:
        return load_chart(session, roles=(HEAD + "\n".join(rows)).encode(), actor="cli:test", at=AT)


def told(region: str, *rows: str) -> list[tuple[Any, ...]]:
    before = everything(region)
    with pytest.raises(ChartRefused) as refused:
        load(region, *rows)
    assert everything(region) == before
    return [(each.file, each.line, each.field, each.message_id, each.message_en) for each in refused.value.problems]


@pytest.mark.parametrize(
    "role, code, below",
    [
        ("receivable", EXPENSE, "1"),
        ("receivable", DEBT, "1"),
        ("revenue_lo", EXPENSE, "7"),
        ("revenue_lo", CASH, "7"),
        ("revenue_lra", SPENDING, "4"),
        ("revenue_lra", SAL, "4"),
        ("sal_change", REVENUE_LRA, "3.1.02"),
        ("estimated_revenue", "4.1.01.19.01.0001", "3.1.02"),
        ("surplus_lra", REVENUE_LRA, "3.1.02"),
        ("equity", REVENUE_LO, "3"),
        ("surplus_lo", EXPENSE, "3"),
        ("rkud", EXPENSE, "1.1.01"),
        ("rkud", CLAIM, "1.1.01"),
        ("treasurer_cash", CLAIM, "1.1.01"),
        ("blud_cash", REVENUE_LO, "1.1.01"),
        ("clearing", DEBT, "1"),
        ("suspense", CASH, "2"),
        ("sanction_receivable", "1.1.03.15.01.0001", "1.1.06"),
        ("allowance", "1.1.03.15.01.0001", "1.1.10"),
        ("sanction_allowance", "1.1.06.12.15.0001", "1.1.10"),
        ("rk_ppkd", "1.1.13.01.01.0001", "3"),
        ("rk_skpd", "3.1.03.01.01.0001", "1"),
        ("bank_charge_spending", REVENUE_LRA, "5"),
        ("contingency_expense", REVENUE_LO, "8"),
    ],
)
def test_a_role_stands_only_where_its_class_is(books: str, role: str, code: str, below: str) -> None:
    assert told(books, f"rkud,,{CASH},2025-01-01", f"{role},,{code},2026-01-01") == [
        (
            "roles",
            3,
            "rekening",
            f"peran {role} membutuhkan rekening di bawah {below}",
            f"role {role} needs an account below {below}",
        )
    ]


ALLOWANCE = "1.1.10.01.01.0001"
DEBIT_ALLOWANCE = "1.1.10.01.01.0009"


@pytest.mark.parametrize(
    "role, code, side_id, side_en",
    [
        ("receivable", ALLOWANCE, "debit", "debit"),
        ("treasurer_claim", ALLOWANCE, "debit", "debit"),
        ("allowance", DEBIT_ALLOWANCE, "kredit", "credit"),
        ("surplus_lra", ESTIMATE, "kredit", "credit"),
    ],
)
def test_a_role_stands_only_on_its_normal_side_from_the_first_load_on(
    region: Region, role: str, code: str, side_id: str, side_en: str
) -> None:
    """Also where no account of the role is there yet: a first mistake must not decide what the next rows may say."""
    row = f"{DEBIT_ALLOWANCE},CONTOH – Penyisihan Lain,debit,tidak,ya,2024-01-01,\n"
    with unit_of_work(region.code) as session:
        load_chart(
            session,
            accounts=(SAMPLES / "accounts.csv").read_bytes() + row.encode(),
            entities=(SAMPLES / "entities-3316.csv").read_bytes(),
            actor="cli:test",
            at=AT,
        )
    assert told(region.code, f"rkud,,{CASH},2026-01-01", f"{role},,{code},2026-01-01") == [
        (
            "roles",
            3,
            "rekening",
            f"peran {role} membutuhkan rekening bersaldo normal {side_id}",
            f"role {role} needs an account of normal side {side_en}",
        )
    ]


def test_a_role_on_the_wrong_side_leads_to_its_right_account(books: str) -> None:
    """Another writer put it there; a further row of the chart corrects it, and its balance stays on the role's side."""
    with unit_of_work(books) as session:
        session.execute(
            text(
                "INSERT INTO account_role (role, qualifier, valid_from, account_code)"
                " VALUES ('treasurer_claim', '', '2025-01-01', :code)"
            ),
            {"code": ALLOWANCE},
        )
    assert load(books, "treasurer_claim,,1.1.09.91.01.0001,2025-02-01") == ChartLoaded(0, 0, 1)
    post(books, draft("short", journals.treasurer_shortage(entity="BAPENDA", amount=money(700))))
    with unit_of_work(books) as session:
        assert role_balance(session, "treasurer_claim", on=DAY) == money(700)


def test_the_start_of_a_code_is_not_the_whole_of_its_level() -> None:
    assert ROLES["rkud"].takes("1.1.01.90.01.0001")
    assert not ROLES["rkud"].takes("1.1.01")
    assert not ROLES["rkud"].takes("1.1.011.01.01.0001")
    assert not ROLES["revenue_lo"].takes("71.1.01.01.01.0001")


def test_each_role_of_the_sample_charts_stands_in_its_place() -> None:
    accounts = csv.DictReader((SAMPLES / "accounts.csv").read_text("utf-8").splitlines())
    sides = {row["kode"]: row["saldo_normal"] for row in accounts}
    for name in ("roles-3316.csv", "roles-6471.csv"):
        rows = list(csv.DictReader((SAMPLES / name).read_text("utf-8").splitlines()))
        assert {row["peran"] for row in rows} == set(ROLES)
        assert [row for row in rows if not ROLES[row["peran"]].takes(row["rekening"])] == []
        assert [row for row in rows if sides[row["rekening"]] != SIDES[ROLES[row["peran"]].normal_side]] == []


@pytest.mark.parametrize(
    "row, other",
    [
        (f"estimated_revenue,PBB-P2,{SAL},2026-01-01", "sal_change"),
        (f"sal_change,,{ESTIMATE},2026-01-01", "sal_change"),
        (f"surplus_lra,,{ESTIMATE},2026-01-01", "surplus_lra"),
    ],
)
def test_what_the_year_s_end_empties_has_no_other_role(books: str, row: str, other: str) -> None:
    role, _, code, _ = row.split(",")
    side_id, side_en = ("debit", "debit") if role == "estimated_revenue" else ("kredit", "credit")
    assert told(books, row) == [
        (
            "roles",
            2,
            "rekening",
            f"peran {role} membutuhkan rekening bersaldo normal {side_id}",
            f"role {role} needs an account of normal side {side_en}",
        ),
        (
            "roles",
            2,
            "rekening",
            f"{code} dikosongkan pada akhir tahun (estimated_revenue); tidak dapat juga untuk peran {other}",
            f"{code} is emptied at the end of a year (estimated_revenue); it cannot have role {other} too",
        ),
    ]


def test_a_kind_may_share_the_account_of_estimated_revenue(books: str) -> None:
    assert load(books, f"estimated_revenue,PBB-P2,{ESTIMATE},2026-01-01") == ChartLoaded(0, 0, 1)


def test_the_year_s_end_empties_an_account_of_revenue_once_also_where_the_dpa_stands_on_it(region: Region) -> None:
    load_sample_chart(region.code)
    row = {"role": "estimated_revenue", "qualifier": "PBB-P2", "day": date(2026, 1, 1), "code": REVENUE_LRA}
    with unit_of_work(region.code) as session:
        session.execute(
            text(
                "INSERT INTO account_role (role, qualifier, valid_from, account_code)"
                " VALUES (:role, :qualifier, :day, :code)"
            ),
            row,
        )
    a_year(region.code)
    make_ready(region.code)
    assert len(close(region.code).entries) == 4
    budget = {place: net for place, net in standing(region.code, date(2026, 12, 31)).items() if place[1][:3] != "1.1"}
    assert budget == {
        ("BAPENDA", EQUITY): -870_000,
        ("BAPENDA", "3.1.03.01.01.0001"): 600_000,
        ("BAPENDA", SAL): -500_000,
        ("BAPENDA", "3.1.02.90.01.0001"): 500_000,
        ("PPKD", EQUITY): -50_000,
        ("PPKD", SAL): 50_000,
        ("PPKD", "3.1.02.90.01.0001"): -50_000,
    }
    assert close(region.code).entries == ()
