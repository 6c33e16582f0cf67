"""The temporary table between a bill file and the bills: rows come in by COPY, sets are checked, bills go out.

For: billing.issuing alone, inside its unit of work; the table is gone when that ends.
Not for: rules of single fields (billing.fields).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from billing.errors import LineProblem
from billing.mapping import BillMapping
from billing.numbering import format_object_number, payment_code_sql
from billing.queries import Kind
from billing.reading import BillFile, BillRow
from foundation.crypto import blind_index, encrypt_personal
from foundation.db import raw_connection
from foundation.ids import new_uid
from foundation.money import Money

__all__ = [
    "Differing",
    "Staged",
    "count_staged",
    "drop_issued",
    "find_differing",
    "find_doubled_keys",
    "find_due_dates_outside",
    "find_other_amounts",
    "issue_staged",
    "lock_kind",
    "stage_rows",
]

_TOLD_EVERY = 10_000
# Of more rows than a person will read, only the count is told.
MOST_DIFFERING_NAMED = 1_000
_DESCRIBING = ("payer_name", "object_address", "due_on")
_TABLE = """
CREATE TEMPORARY TABLE staged_bill (
    line integer, uid uuid, object_number text, period text, payer_name text, object_address text, amount_sen bigint,
    due_on date, nik_sealed bytea, nik_index bytea, phone_sealed bytea
) ON COMMIT DROP
"""
_COPY = (
    "COPY pg_temp.staged_bill (line, uid, object_number, period, payer_name, object_address, amount_sen, due_on,"
    " nik_sealed, nik_index, phone_sealed) FROM STDIN"
)
_DOUBLED = text(
    "SELECT s.line, s.object_number, s.period, f.line AS other FROM pg_temp.staged_bill AS s"
    " JOIN (SELECT object_number, period, min(line) AS line FROM pg_temp.staged_bill"
    " GROUP BY object_number, period HAVING count(*) > 1) AS f"
    " ON f.object_number = s.object_number AND f.period = s.period AND f.line < s.line"
)
_OTHER_AMOUNT = text(
    "SELECT s.line, s.object_number, s.period, s.amount_sen, b.amount_sen AS issued_sen"
    " FROM pg_temp.staged_bill AS s JOIN bill AS b"
    " ON b.kind = :kind AND b.object_number = s.object_number AND b.period = s.period"
    " WHERE b.amount_sen <> s.amount_sen"
)
_DIFFERING = (
    "SELECT s.line, s.object_number, s.period, s.payer_name, s.object_address, s.due_on,"
    " b.payer_name AS issued_payer_name, b.object_address AS issued_object_address, b.due_on AS issued_due_on,"
    " count(*) OVER () AS rows FROM pg_temp.staged_bill AS s JOIN bill AS b"
    " ON b.kind = :kind AND b.object_number = s.object_number AND b.period = s.period"
    " WHERE {differs} ORDER BY s.line LIMIT :most"
)
_DROP_ISSUED = text(
    "DELETE FROM pg_temp.staged_bill AS s USING bill AS b"
    " WHERE b.kind = :kind AND b.object_number = s.object_number AND b.period = s.period"
)
_OUTSIDE = text("SELECT s.line, s.due_on FROM pg_temp.staged_bill AS s WHERE s.due_on NOT BETWEEN :first AND :last")
_COUNT = text("SELECT count(*) AS bills, coalesce(sum(s.amount_sen), 0) AS total FROM pg_temp.staged_bill AS s")
_ISSUE = (
    "INSERT INTO bill (uid, batch_id, kind, entity, object_number, period, payer_name, object_address, amount_sen,"
    " issued_on, due_on, payment_code, state, nik_sealed, nik_index, phone_sealed)"
    " SELECT s.uid, t.id, t.kind, t.entity, s.object_number, s.period, s.payer_name, s.object_address, s.amount_sen,"
    " :issued_on, s.due_on, {code}, 'ISSUED', s.nik_sealed, s.nik_index, s.phone_sealed"
    " FROM (SELECT r.line, r.uid, r.object_number, r.period, r.payer_name, r.object_address, r.amount_sen, r.due_on,"
    " r.nik_sealed, r.nik_index, r.phone_sealed, :first_serial - 1 + row_number() OVER (ORDER BY r.line) AS serial"
    " FROM pg_temp.staged_bill AS r) AS s CROSS JOIN bill_batch AS t WHERE t.id = :batch_id ORDER BY s.line"
)


@dataclass(frozen=True, slots=True)
class Differing:
    """How many rows say something else than the bill issued before; what the first of them say, by line and field."""

    rows: int
    named: tuple[LineProblem, ...]


@dataclass(frozen=True, slots=True)
class Staged:
    """How many rows wait to be issued, and their sum."""

    bills: int
    total_sen: int


def stage_rows(session: Session, file: BillFile, on_row: Callable[[int], None] | None) -> None:
    """Read the whole file into the table; what is wrong with single rows is then in `file.problems`."""
    connection = raw_connection(session)
    connection.execute("DROP TABLE IF EXISTS pg_temp.staged_bill")
    connection.execute(_TABLE)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for count, row in enumerate(file.rows(), start=1):
            copy.write_row((row.line, *_columns(row, sealing=not file.problems)))
            if on_row is not None and count % _TOLD_EVERY == 0:
                on_row(count)
    connection.execute("ANALYZE pg_temp.staged_bill")


def _columns(row: BillRow, *, sealing: bool) -> tuple[object, ...]:
    """A row as the table takes it. Nothing is sealed once the file is known to be refused."""
    nik = row.nik if sealing else None
    phone = row.phone if sealing else None
    return (
        str(new_uid()),
        row.object_number,
        row.period,
        row.payer_name,
        row.object_address or "",
        row.amount_sen,
        row.due_on,
        nik and encrypt_personal(nik, context="taxpayer.nik"),
        nik and blind_index(nik, context="taxpayer.nik"),
        phone and encrypt_personal(phone, context="taxpayer.phone"),
    )


def lock_kind(session: Session, region: str, kind: str) -> None:
    """Let one import of this kind through at a time, until the unit of work ends."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"billing.import/{region}/{kind}"}
    )


def find_doubled_keys(session: Session, kind: Kind) -> Iterator[LineProblem]:
    """Rows whose object and period already stood on an earlier line."""
    for row in session.execute(_DOUBLED):
        shown = format_object_number(row.object_number, kind.object_rule)
        facts = {"object_number": shown, "period": row.period, "other": row.other}
        yield LineProblem(row.line, "object_number", "key_doubled", facts)


def find_other_amounts(session: Session, kind: Kind) -> Iterator[LineProblem]:
    """Rows whose object and period were issued with another amount."""
    for row in session.execute(_OTHER_AMOUNT, {"kind": kind.code}):
        facts = {
            "object_number": format_object_number(row.object_number, kind.object_rule),
            "period": row.period,
            "issued": Money(row.issued_sen),
            "stated": Money(row.amount_sen),
        }
        yield LineProblem(row.line, "amount", "issued_with_other_amount", facts)


def find_differing(session: Session, kind: Kind, mapping: BillMapping) -> Differing:
    """Rows issued before with another payer name, address or due date; only what the file itself states is compared."""
    compared = [field for field in _DESCRIBING if field in mapping.columns or field in mapping.constants]
    differs = " OR ".join(f"s.{field} <> b.{field}" for field in compared)
    if not differs:
        return Differing(0, ())
    rows = session.execute(
        text(_DIFFERING.format(differs=differs)), {"kind": kind.code, "most": MOST_DIFFERING_NAMED}
    ).all()
    found = []
    for row in rows:
        told = row._mapping
        place = {"object_number": format_object_number(row.object_number, kind.object_rule), "period": row.period}
        for field in compared:
            issued, stated = told[f"issued_{field}"], told[field]
            if issued != stated:
                facts = place | {"issued": issued or "-", "stated": stated or "-"}
                found.append(LineProblem(row.line, field, "issued_otherwise", facts))
    return Differing(rows[0].rows if rows else 0, tuple(found))


def drop_issued(session: Session, kind: str) -> int:
    """Take away the rows that are issued already, and say how many they were."""
    return session.connection().execute(_DROP_ISSUED, {"kind": kind}).rowcount


def find_due_dates_outside(session: Session, first: date, last: date, today: date) -> Iterator[LineProblem]:
    """Rows due before `first` (they could not be paid any more) or after `last` (a year mistyped)."""
    for row in session.execute(_OUTSIDE, {"first": first, "last": last}):
        code = "due_in_the_past" if row.due_on < first else "due_too_far"
        yield LineProblem(row.line, "due_on", code, {"due_on": row.due_on, "today": today})


def count_staged(session: Session) -> Staged:
    """What waits to be issued now."""
    row = session.execute(_COUNT).one()
    return Staged(row.bills, int(row.total))


def issue_staged(session: Session, batch_id: int, issued_on: date, *, code_prefix: str, first_serial: int) -> None:
    """Make a bill of every row, in order of the file; the serials of their payment codes count up from the first."""
    statement = text(_ISSUE.format(code=payment_code_sql(code_prefix, "s.serial")))
    session.execute(statement, {"batch_id": batch_id, "issued_on": issued_on, "first_serial": first_serial})
