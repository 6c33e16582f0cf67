"""What is sealed: one stream per kind of row that nobody may change, and the bytes that stand for a row.

For: the columns of each stream in their order, and reading items as the bytes that are hashed.
Not for: which items a block holds (ledger.sealing.sealer) or whether they still are what they were (verifying).

An item is one row, and for an entry its postings too. Its bytes are PostgreSQL's own text form of COPY: columns in the
order named here, a tab between them, `\\N` for null, backslash escapes, UTF-8. Moments are UTC, as
`2026-03-09 04:05:06+00`; dates are ISO, bytea is hex. An entry is its own row, then a row per posting by line number, a
line break between rows.
Accounts and entities stand by their codes (an account with the date its row holds from), so that a proof says what it
proves, and a row of the chart that was swapped is seen in every entry on it. A counterpart that names no entity stands
by its number, so that it is not taken for none.
A row's transaction number is sealed like any other column, so that no column is left out: it means nothing after a
restore, but a dump keeps it as it was.
"""

from __future__ import annotations

import re
import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

from psycopg import errors, sql
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.db import raw_connection

__all__ = [
    "ENTRY",
    "KEYS",
    "STREAMS",
    "Stream",
    "id_array",
    "marks_of",
    "pin_text_form",
    "read_items",
    "rows_of",
    "split_marks",
    "text_of",
]


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of sealed row: the table or view it is read from, the columns hashed, and those of rows that belong to
    it (by `part_of`), if any."""

    name: str
    table: str
    id_column: str
    columns: tuple[str, ...]
    parts: tuple[str, ...] = ()
    part_sql: str = ""


ENTRY = Stream(
    "entry",
    "journal_entry",
    "id",
    (
        "id",
        "uid",
        "kind",
        "key",
        "content_hash",
        "occurred_at",
        "recorded_at",
        "accounted_on",
        "posting_count",
        "source_kind",
        "source_uid",
        "description",
        "actor",
        "recorded_xact",
    ),
    (
        "line_no",
        "book",
        "entity",
        "account",
        "account_valid_from",
        "side",
        "amount_sen",
        "counterpart",
        "partner",
        "accounted_on",
    ),
    "SELECT p.entry_id, p.line_no, p.book, n.code, a.code, a.valid_from, p.side, p.amount_sen,"
    " coalesce(c.code, p.counterpart_entity_id::text), p.partner,"
    " p.accounted_on FROM unnest({ids}::bigint[]) AS i (id) CROSS JOIN LATERAL ("
    "SELECT l.entry_id, l.line_no, l.book, l.entity_id, l.account_id, l.side, l.amount_sen, l.counterpart_entity_id,"
    " l.partner, l.accounted_on FROM posting l WHERE l.entry_id = i.id ORDER BY l.line_no OFFSET 0) p"
    " LEFT JOIN account a ON a.id = p.account_id LEFT JOIN entity n ON n.id = p.entity_id"
    " LEFT JOIN entity c ON c.id = p.counterpart_entity_id ORDER BY p.entry_id, p.line_no",
)
KEYS = Stream(
    "key",
    "seal_key",
    "id",
    ("id", "key_id", "public_key", "introduced_at", "introduced_by", "why", "recorded_xact"),
)
_ACCOUNT = (
    "id",
    "code",
    "name",
    "level",
    "parent_code",
    "book",
    "normal_side",
    "requires_counterpart",
    "is_sample",
    "valid_from",
    "valid_to",
    "recorded_xact",
)
_ROLE = ("id", "role", "qualifier", "valid_from", "account_code", "recorded_xact")
_REVERSAL = ("entry_id", "reversal_id", "replacement_id", "reason", "recorded_xact")
_MOVE = ("id", "thing", "thing_id", "from_state", "to_state", "event", "moved_by", "why", "moved_at", "recorded_xact")
_ACT = ("id", "uid", "at", "actor", "action", "thing", "thing_uid", "details", "recorded_xact")

STREAMS: dict[str, Stream] = {
    stream.name: stream
    for stream in (
        Stream("entity", "entity", "id", ("id", "code", "name", "kind", "recorded_xact")),
        Stream("account", "account", "id", _ACCOUNT),
        Stream("account_role", "account_role", "id", _ROLE),
        ENTRY,
        Stream("entry_reversal", "entry_reversal", "entry_id", _REVERSAL),
        Stream("late_entry", "late_entry", "entry_id", ("entry_id", "known_from", "recorded_xact")),
        Stream("audit_event", "recorded_acts", "id", _ACT),
        Stream("state_change", "recorded_moves", "id", _MOVE),
    )
}

# Row by row through the index, whatever the planner believes of a table that was never analysed: OFFSET 0 keeps it from
# joining in another way.
_ROWS = (
    "SELECT r.* FROM unnest({ids}::bigint[]) AS i (item_id)"
    " CROSS JOIN LATERAL (SELECT {columns} FROM {table} t WHERE t.{id} = i.item_id OFFSET 0) r"
)
_PIN = text(
    "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, MDY', true),"
    " set_config('bytea_output', 'hex', true), set_config('client_encoding', 'UTF8', true),"
    " set_config('enable_seqscan', 'off', true),"
    " set_config('jit', 'off', true)"
)
_ESCAPED = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}
_UNESCAPED = {escape: character for character, escape in _ESCAPED.items()}


def pin_text_form(session: Session) -> None:
    """Until the unit of work ends: the text form above, and plans by index also where a table was never analysed."""
    session.execute(_PIN)


def id_array(ids: Iterable[int]) -> str:
    """Ids as PostgreSQL writes an array; psycopg would look at each of them."""
    return "{" + ",".join(map(str, ids)) + "}"


def read_items(session: Session, stream: Stream, ids: Sequence[int]) -> dict[int, bytes]:
    """The bytes of each item that is there, by id. Call `pin_text_form` before."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in stream.columns)
    wanted_ids = sql.Literal(id_array(dict.fromkeys(ids)))
    wanted = sql.SQL(_ROWS).format(
        columns=columns, table=sql.Identifier(stream.table), id=sql.Identifier(stream.id_column), ids=wanted_ids
    )
    items = {int(line[: line.index(b"\t")]): line for line in _copy_lines(session, wanted)}
    if not stream.part_sql:
        return items
    wanted = sql.SQL(stream.part_sql).format(ids=wanted_ids)
    for line in _copy_lines(session, wanted):
        owner, _, part = line.partition(b"\t")
        entry_id = int(owner)
        if entry_id in items:
            items[entry_id] += b"\n" + part
    return items


def _copy_lines(session: Session, wanted: sql.Composed) -> list[bytes]:
    """The lines of a COPY, read from libpq itself: psycopg's own loop costs six times as much per row."""
    connection = raw_connection(session)
    wire = connection.pgconn
    _require(wire.exec_(sql.SQL("COPY ({}) TO STDOUT").format(wanted).as_bytes(connection)), ExecStatus.COPY_OUT)
    pieces: list[bytes] = []
    while True:
        size, data = wire.get_copy_data(0)
        if size <= 0 or data is None:
            break
        pieces.append(bytes(data))
    while (result := wire.get_result()) is not None:
        _require(result, ExecStatus.COMMAND_OK)
    return b"".join(pieces).split(b"\n")[:-1]


def _require(result: PGresult, status: ExecStatus) -> None:
    if result.status != status:
        raise errors.error_from_result(result)


def marks_of(items: Sequence[bytes]) -> bytes:
    """Two bytes per column, to tell which column changed; they prove nothing.

    First the number of columns of each item, then of each column the lower half of its CRC-32, all in two bytes, big
    endian. Made for all items of a block at once, since the sealer's time goes here.
    """
    counts = [item.count(b"\t") + item.count(b"\n") + 1 for item in items]
    columns = b"\t".join(items).replace(b"\n", b"\t").split(b"\t")
    checks = array("I", map(crc32, columns))
    if sys.byteorder == "big":
        checks.byteswap()
    raw, marks = checks.tobytes(), bytearray(2 * len(columns))
    marks[0::2], marks[1::2] = raw[1::4], raw[0::4]
    return struct.pack(f">{len(counts)}H", *counts) + marks


def split_marks(marks: bytes, items: int) -> list[tuple[int, ...]]:
    """The marks of each of a block's items, in the block's order; fewer where the marks are not whole."""
    whole = marks[: len(marks) // 2 * 2]
    numbers = struct.unpack(f">{len(whole) // 2}H", whole)
    split, at = [], items
    for count in numbers[:items]:
        split.append(numbers[at : at + count])
        at += count
    return split


def rows_of(item: bytes) -> list[list[str | None]]:
    """An item as rows of values; None where the database has null."""
    return [[_value_of(column) for column in row.split("\t")] for row in item.decode().split("\n")]


def text_of(rows: Iterable[Iterable[str | None]]) -> bytes:
    """The bytes of an item from its rows of values: the opposite of `rows_of`."""
    return "\n".join("\t".join(map(_column_of, row)) for row in rows).encode()


def _column_of(value: str | None) -> str:
    if value is None:
        return "\\N"
    return "".join(_ESCAPED.get(character, character) for character in value)


def _value_of(column: str) -> str | None:
    if column == "\\N":
        return None
    return re.sub(r"\\[bfnrtv\\]", lambda found: _UNESCAPED[found[0]], column)
