"""The mapping file: what a region's own bill file means, as TOML.

For: reading and refusing mapping files; samples/bills/README.md shows every key.
Not for: reading the bill file itself (billing.reading) or agreeing with the chart (billing.issuing).

Nothing is guessed: an unknown key, a missing one, or a value that is not one of those named is refused with its key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from billing.errors import BillMappingInvalid
from billing.fields import DATE_FORMS, PERIOD_FORMS, read_date, read_period
from billing.numbering import OBJECT_RULES, object_reader
from foundation.errors import AmountUnreadable
from foundation.money import Money

__all__ = [
    "ENCODINGS",
    "_OPTIONAL_FIELDS",
    "_REQUIRED_FIELDS",
    "BillMapping",
    "FileForm",
    "KindStatement",
    "read_mapping",
]

_REQUIRED_FIELDS = ("object_number", "period", "payer_name", "amount", "due_on")
_OPTIONAL_FIELDS = ("object_address", "nik", "phone")
_CONSTANT_FIELDS = ("period", "amount", "due_on", "object_address")
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "windows-1252": "cp1252",
    "iso-8859-1": "latin-1",
}
"""Encodings a mapping may name, and Python's codec. "utf-16" needs the byte order mark; "utf-8" may have one."""
KIND_KEYS = {"digits": 2, "name_id": 100, "name_en": 100, "family": 10, "object_label": 20, "object_rule": 16}
_FILE_KEYS = {"encoding", "delimiter", "quote", "header_line", "amounts", "dates", "periods", "text_marks"}


@dataclass(frozen=True, slots=True)
class KindStatement:
    """What the mapping says of the kind: its code, and the facts it states (all six where it declares a new kind)."""

    code: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FileForm:
    """How the file is written."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header_line: int = 1
    amounts: str = "plain"
    dates: str = "yyyy-mm-dd"
    periods: str = "yyyy"
    text_marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BillMapping:
    """A mapping that was read whole: `columns` maps our fields to the file's column names.

    `constants` holds what is the same for every row, in canonical form: period "2026" or "2026-07", amount "150000",
    due_on "2026-09-30".
    """

    kind: KindStatement
    entity: str
    account: str
    file: FileForm
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    arrears: bool = False


def read_mapping(data: bytes) -> BillMapping:
    """Read a mapping file (TOML, UTF-8). Raises BillMappingInvalid naming the key."""
    try:
        tables = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong("(toml)", f"berkas tidak terbaca ({error})", f"the file cannot be read ({error})") from error
    _refuse_unknown(tables, {"entity", "account", "kind", "file", "columns", "constants", "rules"}, "")
    columns = _read_columns(_table(tables, "columns", needed=True))
    constants = _read_constants(_table(tables, "constants"))
    _check_fields(columns, constants)
    rules = _table(tables, "rules")
    _refuse_unknown(rules, {"arrears"}, "rules.")
    arrears = rules.get("arrears", False)
    if not isinstance(arrears, bool):
        raise _wrong("rules.arrears", "harus true atau false", "must be true or false")
    return BillMapping(
        kind=_read_kind(_table(tables, "kind", needed=True)),
        entity=_text(tables, "entity", "", most=40),
        account=_text(tables, "account", "", most=40),
        file=_read_file(_table(tables, "file")),
        columns=columns,
        constants=constants,
        arrears=arrears,
    )


def _read_kind(table: dict[str, Any]) -> KindStatement:
    _refuse_unknown(table, {"code", *KIND_KEYS}, "kind.")
    code = _text(table, "code", "kind.", most=24)
    facts = {key: _text(table, key, "kind.", most=most) for key, most in KIND_KEYS.items() if key in table}
    digits = facts.get("digits", "01")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 2):
        raise _wrong("kind.digits", "harus dua angka", "must be two digits")
    _one_of("kind.family", facts.get("family", "pajak"), ("pajak", "retribusi"))
    if object_reader(facts.get("object_rule", "free")) is None:
        raise _not_one_of("kind.object_rule", OBJECT_RULES)
    return KindStatement(code, facts)


def _read_file(table: dict[str, Any]) -> FileForm:
    _refuse_unknown(table, _FILE_KEYS, "file.")
    plain = FileForm()
    header_line = table.get("header_line", plain.header_line)
    if type(header_line) is not int or not 1 <= header_line <= 100:
        raise _wrong("file.header_line", "harus bilangan 1 sampai 100", "must be a whole number from 1 to 100")
    marks = table.get("text_marks", [])
    if not isinstance(marks, list) or not set(marks) <= {"equals", "apostrophe"}:
        raise _not_one_of("file.text_marks", '["equals", "apostrophe"]')
    choices = {
        "encoding": tuple(ENCODINGS),
        "delimiter": (",", ";", "\t", "|"),
        "quote": ('"', "'", ""),
        "amounts": ("plain", "indonesian"),
        "dates": tuple(DATE_FORMS),
        "periods": tuple(PERIOD_FORMS),
    }
    chosen = {
        key: _one_of(f"file.{key}", table.get(key, getattr(plain, key)), allowed) for key, allowed in choices.items()
    }
    return FileForm(header_line=header_line, text_marks=frozenset(marks), **chosen)


def _read_columns(table: dict[str, Any]) -> dict[str, str]:
    _refuse_unknown(table, {*_REQUIRED_FIELDS, *_OPTIONAL_FIELDS}, "columns.")
    return {field: _text(table, field, "columns.", most=200) for field in table}


def _read_constants(table: dict[str, Any]) -> dict[str, str]:
    _refuse_unknown(table, set(_CONSTANT_FIELDS), "constants.")
    constants: dict[str, str] = {}
    for field, value in table.items():
        key = f"constants.{field}"
        written = value.isoformat() if field == "due_on" and type(value) is date else value
        constants[field] = text = _text({field: written}, field, "constants.", most=200)
        if field == "period" and not any(read_period(text, form) == text for form in ("yyyy", "yyyy-mm")):
            raise _wrong(key, 'harus "2026" atau "2026-07"', 'must be "2026" or "2026-07"')
        if field == "due_on" and read_date(text, "yyyy-mm-dd") is None:
            raise _wrong(key, "harus tanggal seperti 2026-09-30", "must be a date such as 2026-09-30")
        if field == "amount" and not _is_billable(text):
            raise _wrong(key, 'harus rupiah bulat seperti "150000"', 'must be whole rupiah such as "150000"')
    return constants


def _is_billable(text: str) -> bool:
    try:
        amount = Money.parse(text)
    except AmountUnreadable:
        return False
    return amount.sen > 0 and amount.is_whole_rupiah


def _check_fields(columns: Mapping[str, str], constants: Mapping[str, str]) -> None:
    """Each required field comes from a column or is a constant, none from both."""
    for field in (*_REQUIRED_FIELDS, *_OPTIONAL_FIELDS):
        if field in columns and field in constants:
            raise _wrong(f"constants.{field}", "sudah diambil dari kolom", "is already taken from a column")
        if field in _REQUIRED_FIELDS and field not in columns and field not in constants:
            raise _wrong(f"columns.{field}", "belum ada", "is missing")


def _table(tables: dict[str, Any], key: str, *, needed: bool = False) -> dict[str, Any]:
    table = tables.get(key)
    if table is None and needed:
        raise _wrong(key, "belum ada", "is missing")
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise _wrong(key, f"harus tabel [{key}]", f"must be a table [{key}]")
    return table


def _text(table: dict[str, Any], key: str, path: str, *, most: int) -> str:
    value = table.get(key)
    if value is None:
        raise _wrong(path + key, "belum ada", "is missing")
    if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
        raise _wrong(
            path + key, f"harus teks, paling banyak {most} karakter", f"must be text of at most {most} characters"
        )
    return value.strip()


def _one_of(key: str, value: Any, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise _not_one_of(key, ", ".join(repr(each) for each in allowed))
    return value


def _refuse_unknown(table: dict[str, Any], known: set[str], path: str) -> None:
    for key in table:
        if key not in known:
            raise _wrong(path + key, "tidak dikenal", "is not known")


def _not_one_of(key: str, allowed: str) -> BillMappingInvalid:
    return _wrong(key, f"harus salah satu dari {allowed}", f"must be one of {allowed}")


def _wrong(key: str, reason_id: str, reason_en: str) -> BillMappingInvalid:
    return BillMappingInvalid(field=key, reason_id=reason_id, reason_en=reason_en)
