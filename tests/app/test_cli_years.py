"""`lunas ledger open-balances`, `close-year`, `carry-forward`, `consolidate`, `journals`: what they do and say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from foundation.money import Money
from foundation.regions import Region
from ledger import assessment_issued, journals
from tests.ledger.entries import draft, post
from tests.ledger.openings import BALANCES
from tests.sample_chart import load_sample_chart


def run(*arguments: str, region: bool = True) -> Result:
    return CliRunner().invoke(main, ["ledger", *arguments, *(("--region", "3316") if region else ())])


def done(*arguments: str) -> list[str]:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


@pytest.fixture
def books(region: Region) -> str:
    load_sample_chart(region.code)
    return region.code


def test_opening_balances_are_posted_once_and_refused_with_their_lines(books: str, tmp_path: Path) -> None:
    file = tmp_path / "saldo.csv"
    file.write_text(BALANCES)
    told = done("open-balances", str(file), "--on", "2026-01-01")
    closed = "Bulan kosong sebelumnya ditutup / empty months before closed: 2024-01 - 2025-12"
    assert (len(told), told[2:]) == (4, ["8 saldo / balances", closed])
    again = done("open-balances", str(file), "--on", "2026-01-01")
    assert again[1] == "These balances were posted before; nothing was added."
    assert again[2:] == told[:3]
    file.write_text(BALANCES.replace("800000.00", "1.00"))
    refused = run("open-balances", str(file), "--on", "2026-01-01")
    assert refused.exit_code == 1
    assert "- baris 4, jumlah: F BAPENDA tidak seimbang, selisih 799999.00" in refused.output
    assert "- line 4, jumlah: F BAPENDA does not balance, difference 799999.00" in refused.output


def test_a_cell_that_never_ends_is_a_fault_of_its_line(books: str, tmp_path: Path) -> None:
    file = tmp_path / "saldo.csv"
    file.write_text(BALANCES.replace("BAPENDA", '"' + "x" * 131_073, 1))
    refused = run("open-balances", str(file), "--on", "2026-01-01")
    assert refused.exit_code == 1
    assert "- baris 2, berkas: tidak terbaca sebagai CSV (field larger than field limit (131072))" in refused.output
    file.write_text("kode,nama,jenis\nPPKD," + "x" * 131_073 + ",PPKD\n")
    refused = CliRunner().invoke(main, ["chart", "load", "--region", books, "--entities", str(file)])
    assert refused.exit_code == 1
    assert "- entities, line 2, berkas: not readable as CSV" in refused.output


def test_a_year_is_closed_consolidated_and_carried(books: str, tmp_path: Path) -> None:
    day = date(2025, 12, 20)
    issued = assessment_issued(entity="LH", kind="PBB-P2", amount=Money(90_000))
    post(books, draft("bill:1", issued, kind="assessment_issued", accounted_on=day))
    own = journals.self_assessed_into_rkud(entity="LH", ppkd="PPKD", kind="PBB-P2", amount=Money(10_000))
    post(books, draft("payment:2", own, accounted_on=day))
    early = run("close-year", "--year", "2025")
    assert early.exit_code == 1
    months = [f"2025-{number:02}" for number in range(1, 13)]
    listed = ", ".join(months)
    assert f"Tahun 2025 belum dapat ditutup: belum dalam penyesuaian atau ditutup: {listed}." in early.output
    for month in months:
        done("period", "adjust", "--month", month)
    assert done("close-year", "--year", "2025") == [
        "Surplus-LO\tLH\t1000.00",
        "Surplus-LRA\tLH\t100.00",
        "Jurnal penutup / closing entries\t2",
        "Kas dalam perjalanan / cash on its way\t0.00",
        "Kas di bendahara / cash with treasurers\t0.00",
        "Belum teridentifikasi / not identified\t0.00",
    ]
    assert done("close-year", "--year", "2025")[0].startswith("Tidak ada lagi yang perlu ditutup")
    consolidated = done("consolidate", "--on", "2025-12-31")
    assert consolidated[:3] == [
        "RK\tEntitas\tEntitas lawan\tSaldo di entitas\tSaldo di lawan\tSelisih",
        "RK\tLH\tPPKD\t100.00\t-100.00\t0.00",
        "Buku\tRekening\tDebit\tKredit\tSaldo\tNama",
    ]
    assert "F\t3.1.01.01.01.0001\t0.00\t1000.00\t1000.00\tCONTOH – Ekuitas" in consolidated
    assert not any("1.1.13" in line for line in consolidated)
    codes = tmp_path / "kode.csv"
    codes.write_text("rekening_lama,rekening_baru\n1.1.03.15.01.0001,1.1.03.14.37.0001\n")
    carried = done("carry-forward", str(codes), "--year", "2025")
    assert carried[-1] == "Dipindahkan / carried\t900.00"


def test_closing_a_december_before_its_year_is_told_in_both_languages(books: str) -> None:
    issued = assessment_issued(entity="LH", kind="PBB-P2", amount=Money(90_000))
    post(books, draft("bill:1", issued, kind="assessment_issued", accounted_on=date(2025, 12, 20)))
    for month in [f"2025-{number:02}" for number in range(1, 13)]:
        done("period", "adjust", "--month", month)
    told = [
        "Perhatian: tahun 2025 belum ditutup; masih ada yang perlu dibukukan oleh close-year. Buka kembali Desember ke"
        " penyesuaian, lalu jalankan: lunas ledger close-year",
        "Mind: the year 2025 is not closed; close-year would still post. Reopen December to being adjusted, then run:"
        " lunas ledger close-year",
    ]
    assert done("period", "close", "--month", "2025-12")[-2:] == told
    assert not set(done("period", "close", "--month", "2025-11")) & set(told)
    done("period", "reopen", "--month", "2025-12", "--reason", "Tahun belum ditutup")
    done("close-year", "--year", "2025")
    assert not set(done("period", "close", "--month", "2025-12")) & set(told)


def test_the_journals_are_listed_without_a_database() -> None:
    result = run("journals", region=False)
    assert result.exit_code == 0
    heading, *lines = result.output.splitlines()
    assert heading == "Nomor\tNama\tEntitas\tBuku\tPeristiwa\tVarian\tKebijakan"
    assert lines[0].startswith("1\tassessment_issued\tPD\tF\tKetetapan diterbitkan (SKPD, SPPT, SKRD) / ")
    assert {line.split("\t")[0].rstrip("abA") for line in lines} == {str(number) for number in range(1, 29)}
