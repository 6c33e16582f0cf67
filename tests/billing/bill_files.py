"""Bill files and mappings that the billing tests write, and what they count afterwards.

For: tests/billing.
Not for: other packages' tests; they import `samples/bills` through the front of billing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from billing import BillFileRefused, BillMapping, ImportResult, LineProblem, import_bills, read_mapping
from foundation.db import unit_of_work
from foundation.regions import Region

SAMPLES = Path(__file__).parent.parent.parent / "samples" / "bills"
AT = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
HEADER = "NOP,TAHUN,NAMA WP,ALAMAT OP,PBB TERUTANG,JATUH TEMPO"
GOOD = "331699900100100017,2026,Warga Contoh 00001,Jl. Contoh 1,150000,2026-09-30"
PBB = read_mapping((SAMPLES / "pbb-3316-2026.toml").read_bytes())
MARKET = read_mapping((SAMPLES / "pasar-3316.toml").read_bytes())


def with_form(mapping: BillMapping, **form: Any) -> BillMapping:
    """The mapping with another way of writing the file."""
    return replace(mapping, file=replace(mapping.file, **form))


def a_file(*rows: str, header: str = HEADER) -> bytes:
    """A file of our header and these rows."""
    return "\r\n".join([header, *rows, ""]).encode()


def row(number: int, *, nop: str = "", amount: str = "150000", **other: str) -> str:
    """One row of the PBB file, with single cells replaced."""
    cells = {
        "nop": nop or f"3316999001001{number:04d}7",
        "year": "2026",
        "name": f"Warga Contoh {number:05d}",
        "address": f"Jl. Contoh {number}",
        "amount": amount,
        "due": "2026-09-30",
    }
    return ",".join((cells | other).values())


def import_file(
    region: Region, data: bytes, mapping: BillMapping = PBB, *, at: datetime = AT, issued_on: date | None = None
) -> ImportResult:
    """Import in a unit of work of its own."""
    with unit_of_work(region.code) as session:
        return import_bills(
            session,
            region=region,
            data=data,
            filename="contoh.csv",
            mapping=mapping,
            actor="cli:test",
            at=at,
            issued_on=issued_on,
        )


def refuse(region: Region, data: bytes, mapping: BillMapping = PBB, *, at: datetime = AT) -> list[LineProblem]:
    """Import what must be refused; the problems. Nothing at all may have changed."""
    before = everything(region)
    with pytest.raises(BillFileRefused) as refusal:
        import_file(region, data, mapping, at=at)
    assert everything(region) == before
    return list(refusal.value.problems)


def places(problems: list[LineProblem]) -> list[tuple[int | None, str | None, str]]:
    """Where and what: line, field, code."""
    return [(problem.line, problem.field, problem.code) for problem in problems]


def ask(region: Region, statement: str, **values: Any) -> list[Any]:
    """The rows of a query, as tuples."""
    with unit_of_work(region.code) as session:
        return [tuple(found) for found in session.execute(text(statement), values)]


def everything(region: Region) -> list[Any]:
    """How many rows stand in each table that an import could touch."""
    tables = (
        "revenue_kind",
        "bill_batch",
        "bill",
        "journal_entry",
        "posting",
        "audit_event",
        "document_counter",
        "state_change",
        "outbox_message",
    )
    return [ask(region, f"SELECT count(*) FROM {table}")[0][0] for table in tables]
