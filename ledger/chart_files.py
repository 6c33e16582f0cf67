"""Reading the three CSV files of a chart, with every fault named by file, line and column.

For: turning bytes into checked rows; what a cell may hold by itself.
Not for: whether rows fit each other and what is already loaded (ledger.chart).

UTF-8 with or without byte order mark, separated by comma or semicolon; the first line names the columns:
accounts: kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai
entities: kode,nama,jenis
roles:    peran,kualifikasi,rekening,berlaku_dari
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from ledger.errors import ChartProblem
from ledger.roles import ROLES

if TYPE_CHECKING:
    from _csv import Reader

__all__ = [
    "SIDES",
    "AccountLine",
    "EntityLine",
    "Problems",
    "RoleLine",
    "Row",
    "read_accounts",
    "read_entities",
    "read_roles",
    "read_rows",
]

_T = TypeVar("_T")
DEEPEST_LEVEL = 6
ACCOUNT_CODE = re.compile(r"[1-8](\.[0-9](\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?)?)?")
SIDES = {"debit": "debit", "kredit": "credit"}
_FLAGS = {"ya": True, "tidak": False}
_KINDS = {"PD": "PD", "PPKD": "PPKD"}
# Control characters (C0, DEL, C1) and the two separators that end a line: printed, a name could forge a row of a table.
_BREAKS = ("Cc", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account; level, parent and book follow from its code."""

    line: int
    code: str
    name: str
    normal_side: str
    requires_counterpart: bool
    is_sample: bool
    valid_from: date
    valid_to: date | None

    @property
    def level(self) -> int:
        """1 (akun) to 6 (sub rincian objek)."""
        return self.code.count(".") + 1

    @property
    def parent_code(self) -> str | None:
        """The code one level up; None at level 1."""
        return self.code.rpartition(".")[0] or None

    @property
    def book(self) -> str:
        """ "A" for 4, 5, 6 and Ekuitas SAL (3.1.02, where Estimasi Perubahan SAL stands), else "F"."""
        return "A" if self.code[0] in "456" or self.code.startswith("3.1.02") else "F"


@dataclass(frozen=True, slots=True)
class EntityLine:
    """One entity."""

    line: int
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One dated row of the role map."""

    line: int
    role: str
    qualifier: str
    account_code: str
    valid_from: date


class Problems:
    """Collects the faults of one file."""

    def __init__(self, file: str, found: list[ChartProblem]) -> None:
        self.file = file
        self.found = found

    def add(self, line: int, field: str, message_id: str, message_en: str) -> None:
        """Note one fault."""
        self.found.append(ChartProblem(self.file, line, field, message_id, message_en))


class Row:
    """One line's cells; each asked for cell is checked, and a fault noted."""

    def __init__(self, line: int, cells: dict[str, str], problems: Problems) -> None:
        self.line = line
        self.cells = cells
        self.problems = problems
        self.sound = True

    def fault(self, field: str, message_id: str, message_en: str) -> None:
        """Note a fault of this line."""
        self.sound = False
        self.problems.add(self.line, field, message_id, message_en)

    def text(self, field: str, longest: int, *, may_be_empty: bool = False) -> str:
        """The cell, of at most so many characters, on one line and without signs that steer a terminal."""
        value = self.cells[field]
        if len(value) > longest or (not value and not may_be_empty):
            self.fault(field, f"harus 1-{longest} karakter", f"must have 1-{longest} characters")
        sign = next((each for each in value if unicodedata.category(each) in _BREAKS), None)
        if sign is not None:
            told = f"U+{ord(sign):04X}"
            self.fault(field, f"ada karakter kendali {told}", f"there is a control character {told}")
        return value

    def choice(self, field: str, choices: dict[str, _T]) -> _T | None:
        """What the cell's word stands for."""
        chosen = choices.get(self.cells[field])
        if chosen is None:
            allowed = ", ".join(choices)
            self.fault(field, f"harus salah satu dari: {allowed}", f"must be one of: {allowed}")
        return chosen

    def date(self, field: str) -> date:
        """The cell as a date."""
        value = self.cells[field]
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fault(field, "harus tanggal berbentuk 2026-01-31", "must be a date like 2026-01-31")
        return date.min


def read_accounts(data: bytes, problems: Problems) -> list[AccountLine]:
    """The sound rows of an accounts file; the others are noted."""
    columns = ("kode", "nama", "saldo_normal", "rk", "contoh", "berlaku_dari", "berlaku_sampai")
    rows = (_account_line(row) for row in read_rows(data, columns, problems))
    return [row for row in rows if row is not None]


def _account_line(row: Row) -> AccountLine | None:
    code = row.text("kode", 20)
    if not ACCOUNT_CODE.fullmatch(code):
        row.fault("kode", f"bukan kode rekening: {code!r}", f"not an account code: {code!r}")
    name = row.text("nama", 300)
    side = row.choice("saldo_normal", SIDES)
    counterpart, sample = row.choice("rk", _FLAGS), row.choice("contoh", _FLAGS)
    valid_from = row.date("berlaku_dari")
    valid_to = row.date("berlaku_sampai") if row.cells["berlaku_sampai"] else None
    if row.sound and valid_to is not None and valid_to < valid_from:
        row.fault("berlaku_sampai", "mendahului berlaku_dari", "is before berlaku_dari")
    if not row.sound or side is None or counterpart is None or sample is None:
        return None
    return AccountLine(row.line, code, name, side, counterpart, sample, valid_from, valid_to)


def read_entities(data: bytes, problems: Problems) -> list[EntityLine]:
    """The sound rows of an entities file; the others are noted."""
    found = []
    for row in read_rows(data, ("kode", "nama", "jenis"), problems):
        code, name, kind = row.text("kode", 40), row.text("nama", 200), row.choice("jenis", _KINDS)
        if row.sound and kind is not None:
            found.append(EntityLine(row.line, code, name, kind))
    return found


def read_roles(data: bytes, problems: Problems) -> list[RoleLine]:
    """The sound rows of a roles file; the others are noted."""
    found = []
    for row in read_rows(data, ("peran", "kualifikasi", "rekening", "berlaku_dari"), problems):
        role = row.choice("peran", {name: name for name in ROLES})
        qualifier = row.text("kualifikasi", 40, may_be_empty=True)
        if role is not None and qualifier and not ROLES[role].qualified_by:
            row.fault("kualifikasi", f"peran {role} tidak memakai kualifikasi", f"role {role} takes no qualifier")
        code, valid_from = row.text("rekening", 20), row.date("berlaku_dari")
        if row.sound and role is not None:
            found.append(RoleLine(row.line, role, qualifier, code, valid_from))
    return found


def read_rows(data: bytes, columns: tuple[str, ...], problems: Problems) -> Iterator[Row]:
    """The lines of a file with these columns; what is no such line is noted."""
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.add(line, "berkas", "bukan teks UTF-8", "not UTF-8 text")
        return
    first = content.partition("\n")[0]
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=";" if ";" in first else ",")
    try:
        yield from _rows_of(reader, columns, problems)
    except csv.Error as error:
        # A cell of over 131,072 characters, most often after a quotation mark that is never closed.
        told_id = f"tidak terbaca sebagai CSV ({error}); periksa tanda kutip"
        problems.add(max(reader.line_num, 1), "berkas", told_id, f"not readable as CSV ({error}); look at its quotes")


def _rows_of(reader: Reader, columns: tuple[str, ...], problems: Problems) -> Iterator[Row]:
    header = [name.strip() for name in next(reader, [])]
    if sorted(header) != sorted(columns):
        told = ",".join(columns)
        problems.add(1, "berkas", f"baris pertama harus {told}", f"the first line must be {told}")
        return
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            problems.add(reader.line_num, "berkas", f"harus {len(header)} kolom", f"must have {len(header)} columns")
            continue
        yield Row(reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True)), problems)
