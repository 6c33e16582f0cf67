"""Reading the three CSV files of a chart, with every fault named by file, line and column.

For: turning bytes into checked rows; what a cell may hold by itself.
Not for: whether rows fit each other and what is already loaded (ledger.chart), or CSV as such (ledger.csv_files).

The columns:
accounts: kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai
entities: kode,nama,jenis
roles:    peran,kualifikasi,rekening,berlaku_dari
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ledger.csv_files import SIDES, Problems, Row, read_rows
from ledger.roles import ROLES

__all__ = [
    "DEEPEST_LEVEL",
    "AccountLine",
    "EntityLine",
    "RoleLine",
    "read_accounts",
    "read_entities",
    "read_roles",
]

DEEPEST_LEVEL = 6
_ACCOUNT_CODE = re.compile(r"[1-8](\.[0-9](\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?)?)?")
_FLAGS = {"ya": True, "tidak": False}
_KINDS = {"PD": "PD", "PPKD": "PPKD"}


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


def read_accounts(data: bytes, problems: Problems) -> list[AccountLine]:
    """The sound rows of an accounts file; the others are noted."""
    columns = ("kode", "nama", "saldo_normal", "rk", "contoh", "berlaku_dari", "berlaku_sampai")
    rows = (_account_line(row) for row in read_rows(data, columns, problems))
    return [row for row in rows if row is not None]


def _account_line(row: Row) -> AccountLine | None:
    code = row.text("kode", 20)
    if not _ACCOUNT_CODE.fullmatch(code):
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
