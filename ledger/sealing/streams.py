"""What is sealed: one stream per kind of row that nobody may change, and the bytes that stand for a row.

For: the columns of each stream in their order, and reading items as the bytes that are hashed.
Not for: which items a block holds (ledger.sealing.sealer) or whether they still are what they were (verifying).

An item is one row, and for an entry its postings too. Its bytes are PostgreSQL's own text form of COPY: columns in the
order named here, a tab between them, `\\N` for null, backslash escapes, UTF-8; moments in UTC (`2026-03-09 04:05:06+00`),
dates ISO, bytea in hex. An entry is its own row, then a row per posting by line number, a line break between rows.
Accounts and entities stand by their codes (an account with the date its row holds from), so that a proof says what it
proves, and a row of the chart that was swapped is seen in every entry on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.db import raw_connection

__all__ = [
    "ENTRY",
    "KEYS",
    "STREAMS",
    "Stream",
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
    "SELECT p.entry_id, p.line_no, p.book, n.code, a.code, a.valid_from, p.side, p.amount_sen, c.code, p.partner,"
    " p.accounted_on FROM posting p LEFT JOIN account a ON a.id = p.account_id"
    " LEFT JOIN entity n ON n.id = p.entity_id LEFT JOIN entity c ON c.id = p.counterpart_entity_id"
    " WHERE p.entry_id = ANY({ids}) ORDER BY p.entry_id, p.line_no",
)
KEYS = Stream("key", "seal_key", "id", ("id", "key_id", "public_key", "introduced_at", "introduced_by", "why"))
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
)
_MOVE = ("id", "thing", "thing_id", "from_state", "to_state", "event", "moved_by", "why", "moved_at")
_ACT = ("id", "uid", "at", "actor", "action", "thing", "thing_uid", "details")

STREAMS: dict[str, Stream] = {
    stream.name: stream
    for stream in (
        Stream("entity", "entity", "id", ("id", "code", "name", "kind")),
        Stream("account", "account", "id", _ACCOUNT),
        Stream("account_role", "account_role", "id", ("id", "role", "qualifier", "valid_from", "account_code")),
        ENTRY,
        Stream("entry_reversal", "entry_reversal", "entry_id", ("entry_id", "reversal_id", "replacement_id", "reason")),
        Stream("audit_event", "recorded_acts", "id", _ACT),
        Stream("state_change", "recorded_moves", "id", _MOVE),
    )
}

_PIN = text(
    "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, MDY', true),"
    " set_config('bytea_output', 'hex', true), set_config('client_encoding', 'UTF8', true),"
    " set_config('enable_seqscan', 'off', true)"
)
_ESCAPED = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}
_UNESCAPED = {escape: character for character, escape in _ESCAPED.items()}


def pin_text_form(session: Session) -> None:
    """Until the unit of work ends: the text form above, and plans by index also where a table was never analysed."""
    session.execute(_PIN)


def read_items(session: Session, stream: Stream, ids: Sequence[int]) -> dict[int, bytes]:
    """The bytes of each item that is there, by id. Call `pin_text_form` before."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in stream.columns)
    wanted = sql.SQL("SELECT {columns} FROM {table} WHERE {id} = ANY({ids})").format(
        columns=columns,
        table=sql.Identifier(stream.table),
        id=sql.Identifier(stream.id_column),
        ids=sql.Literal(list(ids)),
    )
    items = {int(line[: line.index(b"\t")]): line for line in _copy_lines(session, wanted)}
    if not stream.part_sql:
        return items
    wanted = sql.SQL(stream.part_sql).format(ids=sql.Literal(list(ids)))
    for line in _copy_lines(session, wanted):
        owner, _, part = line.partition(b"\t")
        entry_id = int(owner)
        if entry_id in items:
            items[entry_id] += b"\n" + part
    return items


def _copy_lines(session: Session, wanted: sql.Composed) -> list[bytes]:
    with (
        raw_connection(session).cursor() as cursor,
        cursor.copy(sql.SQL("COPY ({}) TO STDOUT").format(wanted)) as copy,
    ):
        return b"".join(copy).split(b"\n")[:-1]


def marks_of(item: bytes) -> bytes:
    """Two bytes per column of an item, after their count: enough to tell which column changed, not to prove it."""
    marks = [crc32(column) & 0xFFFF for row in item.split(b"\n") for column in row.split(b"\t")]
    return b"".join(mark.to_bytes(2, "big") for mark in (len(marks), *marks))


def split_marks(marks: bytes) -> Iterator[list[int]]:
    """The marks of each item of a block, in the block's order."""
    at = 0
    while at < len(marks):
        count = int.from_bytes(marks[at : at + 2], "big")
        numbers = marks[at + 2 : at + 2 + 2 * count]
        yield [int.from_bytes(numbers[i : i + 2], "big") for i in range(0, len(numbers), 2)]
        at += 2 + 2 * count


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
