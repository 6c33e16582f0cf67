"""Mapping files: read whole, or refused with the key that is wrong."""

import pytest

from billing import read_mapping
from billing.errors import BillMappingInvalid
from tests.billing.bill_files import SAMPLES

GOOD = (SAMPLES / "pbb-3316-2026.toml").read_text(encoding="utf-8")


def test_a_mapping_is_read_whole() -> None:
    mapping = read_mapping(GOOD.encode())
    assert (mapping.kind.code, mapping.entity, mapping.account) == ("PBB-P2", "BAPENDA", "4.1.01.15.01.0001")
    assert mapping.kind.facts["digits"] == "01"
    assert mapping.file.encoding == "utf-8"
    assert (mapping.file.header_line, mapping.file.quote, mapping.file.periods) == (1, '"', "yyyy")
    assert mapping.columns["amount"] == "PBB TERUTANG"
    assert mapping.constants == {}
    assert mapping.arrears is False


def test_constants_are_kept_in_canonical_form() -> None:
    mapping = read_mapping((SAMPLES / "kebersihan-3316.toml").read_bytes())
    assert mapping.constants == {"due_on": "2030-12-31"}
    assert mapping.file.text_marks == {"equals"}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('entity = "BAPENDA"', "", "entity"),
        ('entity = "BAPENDA"', 'entity = ""', "entity"),
        ('entity = "BAPENDA"', "entity = 5", "entity"),
        ('account = "4.1.01.15.01.0001"', "", "account"),
        ('entity = "BAPENDA"', 'entity = "BAPENDA"\nentitas = "X"', "entitas"),
        ('entity = "BAPENDA"', 'entity = "BAPENDA"\nrules = 1', "rules"),
        ("[kind]", "[jenis]", "jenis"),
        ('code = "PBB-P2"', "", "kind.code"),
        ('digits = "01"', 'digits = "1"', "kind.digits"),
        ('digits = "01"', 'digits = "٠١"', "kind.digits"),
        ('family = "pajak"', 'family = "tax"', "kind.family"),
        ('object_rule = "nop18"', 'object_rule = "nop"', "kind.object_rule"),
        ('object_label = "NOP"', 'object_label = "NOP"\nlabel = "NOP"', "kind.label"),
        ('encoding = "utf-8"', 'encoding = "utf8"', "file.encoding"),
        ('encoding = "utf-8"', 'encoding = "utf-8"\nencodings = "utf-8"', "file.encodings"),
        ('delimiter = ","', 'delimiter = ", "', "file.delimiter"),
        ('delimiter = ","', 'delimiter = ","\nquote = "`"', "file.quote"),
        ('delimiter = ","', 'delimiter = ","\nheader_line = 0', "file.header_line"),
        ('delimiter = ","', 'delimiter = ","\nheader_line = true', "file.header_line"),
        ('delimiter = ","', 'delimiter = ","\ntext_marks = ["tab"]', "file.text_marks"),
        ('delimiter = ","', 'delimiter = ","\nperiods = "yy"', "file.periods"),
        ('amounts = "plain"', 'amounts = "english"', "file.amounts"),
        ('dates = "yyyy-mm-dd"', 'dates = "mm/dd/yyyy"', "file.dates"),
        ('dates = "yyyy-mm-dd"', 'dates = ["yyyy-mm-dd"]', "file.dates"),
        ('amount = "PBB TERUTANG"', "", "columns.amount"),
        ('period = "TAHUN"', "", "columns.period"),
        ('period = "TAHUN"', 'tahun = "TAHUN"', "columns.tahun"),
        ('period = "TAHUN"', "period = 2", "columns.period"),
        ("[columns]", '[constants]\nperiod = "2026"\n[columns]', "constants.period"),
        ("[columns]", '[constants]\npayer_name = "Contoh"\n[columns]', "constants.payer_name"),
        ("[columns]", "[rules]\narrears = 1\n[columns]", "rules.arrears"),
        ("[columns]", "[rules]\nold = true\n[columns]", "rules.old"),
        ("[columns]", "[columns", "(toml)"),
    ],
)
def test_what_is_missing_unknown_or_wrong_is_named(old: str, new: str, field: str) -> None:
    assert old in GOOD
    with pytest.raises(BillMappingInvalid) as refusal:
        read_mapping(GOOD.replace(old, new).encode())
    assert refusal.value.field == field
    assert field in refusal.value.message_id
    assert field in refusal.value.message_en


@pytest.mark.parametrize(
    ("field", "constant"),
    [
        ("period", '"26"'),
        ("period", "2026"),
        ("period", '"2026-13"'),
        ("amount", '"0"'),
        ("amount", '"150.000"'),
        ("amount", '"1500.50"'),
        ("due_on", '"30/09/2026"'),
        ("due_on", "2026-09-30T00:00:00"),
    ],
)
def test_a_constant_that_no_bill_could_have_is_refused(field: str, constant: str) -> None:
    lines = [line for line in GOOD.splitlines() if not line.startswith(f"{field} =")]
    text = "\n".join([*lines, "[constants]", f"{field} = {constant}"])
    with pytest.raises(BillMappingInvalid) as refusal:
        read_mapping(text.encode())
    assert refusal.value.field == f"constants.{field}"


def test_a_mapping_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(BillMappingInvalid):
        read_mapping("# é".encode("cp1252") + GOOD.encode())
