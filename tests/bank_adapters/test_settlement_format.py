"""An acquirer's format is checked before any file is read by it, and kinds of files are told apart.

For: settings of a format, the one in force on a day, and recognising files in the inbox.
Not for: reading (test_settlement_reading).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bank_adapters.contract import BankFileRefused
from bank_adapters.statements import (
    SANDBOX_SETTLEMENT,
    SettlementFormat,
    SettlementFormatInvalid,
    Source,
    format_in_force,
    problems,
    recognise,
)

SAMPLES = Path(__file__).parents[2] / "samples" / "statements"
TOML = (SAMPLES / "settlement-acquirer.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("was", "now", "field"),
    [
        ('name = "akuirer-contoh"', "name = ", "TOML"),
        ('name = "akuirer-contoh"', "", "format"),
        ('name = "akuirer-contoh"', "name = 5", "format.name"),
        ('name = "akuirer-contoh"', 'name = "a"\nnme = "b"', "format.nme"),
        ("valid_from = 2026-01-01", 'valid_from = "2026-01-01"', "format.valid_from"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01T00:00:00", "valid_from"),
        ('encoding = "cp1252"', 'encoding = "ebcdic-contoh"', "encoding"),
        ('delimiter = ";"', 'delimiter = ";;"', "delimiter"),
        ('delimiter = ";"', 'delimiter = "\\""', "delimiter"),
        ('amounts = "indonesian"', 'amounts = "guess"', "amounts"),
        ('timezone = "Asia/Jakarta"', 'timezone = "Asia/Blora"', "timezone"),
        ('moment_format = "%d/%m/%Y %H:%M:%S"', 'moment_format = "%d/%m/%Y"', "moment_format"),
        ('fee = "MDR"\nnet = "NET SETTLEMENT"\n\n[must_be]', "[must_be]", "fee_free"),
        ('bank_reference = "NOMOR REFERENSI"\n', "", "columns.bank_reference"),
        ('rrn = "RRN"', 'rrm = "RRN"', "columns.rrm"),
        ('rrn = "RRN"', 'rrn = ["RRN", "STAN"]', "columns.rrn"),
        ('"MATA UANG" = ["IDR"]', '"MATA UANG" = "IDR"', "must_be.MATA UANG"),
        ('label = "Nomor Batch"', 'label = "Nomor Batch"\ncolumn = "BATCH"', "batch_reference"),
        ('label = "Nomor Batch"', 'constant = "BATCH-1"', "batch_reference.constant"),
        ('label = "Nomor Batch"', 'filename = "B("', "batch_reference.filename"),
        ('label = "Nomor Batch"', 'filename = "B.csv"', "batch_reference.filename"),
        ('[batch_reference]\nlabel = "Nomor Batch"', "", "batch_reference"),
        ('marker = "JUMLAH"\n', "", "totals"),
    ],
)
def test_a_wrong_setting_is_named(was: str, now: str, field: str) -> None:
    assert was in TOML
    with pytest.raises(SettlementFormatInvalid) as refused:
        SettlementFormat.from_toml(TOML.replace(was, now).encode())
    assert refused.value.field == field


def test_the_format_in_force_is_the_latest_that_has_begun() -> None:
    first = SANDBOX_SETTLEMENT
    second = replace(first, name="kedua", valid_from=date(2026, 7, 1))
    assert format_in_force([second, first], date(2025, 12, 31)) is None
    assert format_in_force([second, first], date(2026, 6, 30)) == first
    assert format_in_force([second, first], date(2026, 7, 1)) == second


def test_a_source_names_exactly_one_way() -> None:
    with pytest.raises(SettlementFormatInvalid) as refused:
        replace(SANDBOX_SETTLEMENT, partner_ref=Source())
    assert refused.value.field == "partner_ref"


def test_the_samples_are_recognised_by_what_is_in_them() -> None:
    kinds = {
        path.name: recognise(path.name, path.read_bytes())
        for path in SAMPLES.iterdir()
        if path.suffix in (".csv", ".sta")
    }
    assert kinds == {
        "mt940-holding.sta": "mt940",
        "mt940-rkud.sta": "mt940",
        "mt940-two-days.sta": "mt940",
        "settlement-acquirer.csv": "settlement-csv",
        "settlement-sandbox.csv": "settlement-csv",
    }
    # The name decides nothing against the content.
    assert recognise("settlement.csv", (SAMPLES / "mt940-rkud.sta").read_bytes()) == "mt940"
    assert recognise("mt940.TXT", (SAMPLES / "settlement-sandbox.csv").read_bytes()) == "settlement-csv"


def test_a_long_file_is_recognised_by_its_beginning_in_any_encoding() -> None:
    head, row = "record,no,gross\n", "DETAIL,1,Rp – 1\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert recognise("besar.csv", (head + row * 5000).encode(encoding)) == "settlement-csv"


@pytest.mark.parametrize(
    ("filename", "data", "code"),
    [
        ("kosong.csv", b"", "file_empty"),
        ("laporan.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "kind_unknown"),
        ("laporan.xlsx", b"PK\x03\x04\x14\x00\x06\x00", "not_text"),
        ("surat.txt", b"Dengan hormat, bersama ini\n", "kind_unknown"),
        ("halaman.csv", b"<html><body>a,b,c</body></html>", "kind_unknown"),
        ("camt.xml", b'<?xml version="1.0"?><Document>a,b,c</Document>', "kind_unknown"),
        ("data.json", b'{"a": 1, "b": 2, "c": 3}', "kind_unknown"),
        ("program.exe", b"a,b,c\n", "kind_unknown"),
        ("panjang.csv", b"a," * 100_000, "line_too_long"),
    ],
)
def test_any_other_file_is_refused(filename: str, data: bytes, code: str) -> None:
    with pytest.raises(BankFileRefused) as refused:
        recognise(filename, data)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_every_problem_has_its_words_and_every_word_is_used() -> None:
    room = Path(problems.__file__).parent
    source = "\n".join(path.read_text("utf-8") for path in room.glob("*.py") if path.name != "problems.py")
    used = set(re.findall(r'problems\.add\(\s*"(\w+)"', source)) | set(re.findall(r'code = "(\w+)" if', source))
    assert used | {"too_many_problems", "value_missing"} == set(problems._WORDS)
    for text_id, text_en in problems._WORDS.values():
        # Both languages tell the same facts.
        assert set(re.findall(r"{(\w+)", text_id)) == set(re.findall(r"{(\w+)", text_en))
