"""`lunas bill`: what an officer types and reads."""

import csv
from pathlib import Path

from click.testing import CliRunner, Result

from app.cli import main
from foundation.regions import Region
from tests.billing.bill_files import SAMPLES, ask, everything

PBB = ["--mapping", str(SAMPLES / "pbb-3316-2026.toml"), "--region", "3316"]


def run(*arguments: str) -> Result:
    """`lunas bill …`."""
    return CliRunner().invoke(main, ["bill", *arguments])


def test_a_file_is_issued_and_the_second_run_adds_nothing(blora: Region) -> None:
    file = str(SAMPLES / "pbb-3316-2026.csv")
    first = run("import", file, *PBB)
    assert first.exit_code == 0
    ((total,),) = ask(blora, "SELECT sum(amount_sen) / 100 FROM bill")
    shown = f"{int(total):,}".replace(",", ".")
    assert first.stdout == f"300 tagihan PBB-P2 ditetapkan, jumlah Rp{shown}. Sudah ditetapkan sebelumnya: 0.\n"
    before = everything(blora)
    again = run("import", file, *PBB, "--lang", "en")
    assert (again.exit_code, again.stdout) == (0, "No new bills: 300 rows were issued before.\n")
    assert everything(blora) == before


def test_a_refused_file_lists_line_field_and_problem_and_exits_1(blora: Region, tmp_path: Path) -> None:
    before = everything(blora)
    problems = tmp_path / "problems.csv"
    result = run("import", str(SAMPLES / "broken-by-excel.csv"), *PBB, "--problems", str(problems))
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "baris | isian | masalah"
    assert lines[4] == "5 | NOP (object_number) | NOP harus 18 angka; '31699900100100047' berisi 17 angka."
    assert len(lines) == 16
    assert "Berkas ditolak: 15 masalah. Tidak ada yang ditetapkan." in result.stderr
    assert everything(blora) == before
    with problems.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["line", "field", "column", "code", "masalah", "problem"]
    assert [row[:4] for row in rows[1:4]] == [
        ["2", "object_number", "NOP", "number_scientific"],
        ["3", "object_number", "NOP", "number_scientific"],
        ["4", "object_number", "NOP", "number_with_tail"],
    ]


def test_rows_that_differ_from_what_was_issued_are_a_warning(blora: Region, tmp_path: Path) -> None:
    run("import", str(SAMPLES / "pbb-3316-2026.csv"), *PBB)
    before = everything(blora)
    changed = tmp_path / "changed.csv"
    text = (SAMPLES / "pbb-3316-2026.csv").read_text(encoding="utf-8-sig")
    changed.write_text(text.replace("Warga Contoh 00002", "Warga Contoh 90002"), encoding="utf-8")
    result = run("import", str(changed), *PBB)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "Tidak ada tagihan baru: 300 baris sudah ditetapkan sebelumnya.",
        "Peringatan: 1 baris berbeda dari yang sudah ditetapkan; tidak diubah.",
        "baris | isian | masalah",
    ]
    assert lines[3].startswith("3 | NAMA WP (payer_name) | ")
    assert lines[3].endswith(
        "berbeda dari yang sudah ditetapkan (Warga Contoh 00002), pada berkas Warga Contoh 90002; tidak diubah."
    )
    assert len(lines) == 4
    assert everything(blora) == before


def test_a_long_list_is_cut_on_screen_and_whole_in_the_file(blora: Region, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    head = "NOP,TAHUN,NAMA WP,ALAMAT OP,PBB TERUTANG,JATUH TEMPO\n"
    broken.write_text(head + "1E17,2026,Warga Contoh,Jl. Contoh,1000,2030-09-30\n" * 60, encoding="utf-8")
    problems = tmp_path / "problems.csv"
    result = run("import", str(broken), *PBB, "--problems", str(problems), "--lang", "en")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 52
    assert result.stdout.splitlines()[-1] == "… and 10 more; write them all with --problems FILE."
    assert len(problems.read_text(encoding="utf-8-sig").splitlines()) == 61


def test_the_list_of_problems_never_overwrites_what_was_handed_in(blora: Region, tmp_path: Path) -> None:
    file = tmp_path / "bills.csv"
    file.write_bytes((SAMPLES / "broken-by-excel.csv").read_bytes())
    result = run("import", str(file), *PBB, "--problems", str(file))
    assert result.exit_code == 2
    assert file.read_bytes() == (SAMPLES / "broken-by-excel.csv").read_bytes()


def test_a_wrong_mapping_is_refused_with_its_key(blora: Region, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('kinds = "PBB-P2"\n', encoding="utf-8")
    result = run("import", str(SAMPLES / "pbb-3316-2026.csv"), "--mapping", str(mapping), "--region", "3316")
    assert result.exit_code == 1
    assert "Mapping file, key kinds: is not known." in result.stderr


def test_a_bill_is_shown_by_its_code(blora: Region) -> None:
    run("import", str(SAMPLES / "pbb-3316-2026.csv"), *PBB)
    ((code,),) = ask(blora, "SELECT payment_code FROM bill ORDER BY id LIMIT 1")
    blanks = " ".join(code[start : start + 4] for start in range(0, 18, 4))
    result = run("show", blanks, "--region", "3316")
    assert result.exit_code == 0
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines() if line.startswith(("Nama", "Status")))
    assert lines == {"Nama": "Warga Contoh 00001", "Status": "BELUM LUNAS"}
    assert f"Kode bayar        {blanks}" in result.stdout
    assert ask(blora, "SELECT count(*) FROM audit_event WHERE action = 'bill.show'") == [(1,)]
    missing = run("show", "331601260100000000", "--region", "3316", "--lang", "en")
    assert missing.exit_code == 1
    assert "There is no bill with that payment code." in missing.stderr
