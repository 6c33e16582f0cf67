"""How cells are spelled in exports, as SQL: what `ledger.pulling.rows` does in Python, done where the rows are.

For: exports that PostgreSQL writes itself (ledger.pulling.entry_files, ledger.pulling.account_ledger_files).
Not for: which rows are exported, or bringing them out (ledger.pulling.copying).

Every function takes an SQL expression, mostly a column, and gives one; colons before a word are escaped, since
SQLAlchemy would take them for parameters.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.pulling.rows import FORMULA_STARTS

__all__ = [
    "amount",
    "free_text",
    "json_members",
    "json_plain",
    "json_plain_or_null",
    "json_text",
    "moment",
    "one_line",
    "percent_coded",
]

_FORMULA_STARTS = ", ".join(str(ord(mark)) for mark in FORMULA_STARTS)
# What hledger would take for a line's or a comment's end, the parting of payee and note, or blank space.
_UNREADABLE = r"[\u0001-\u001f\u007f-\u00a0;|\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_PLAIN_IN_CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"


def amount(sen: str) -> str:
    """Whole sen, never negative, as 150000.00."""
    return f"concat({sen} / 100, '.', right((100 + mod({sen}, 100))\\:\\:text, 2))"


def moment(column: str) -> str:
    """2026-03-09T04:05:06Z, with six decimals only where they are not zero."""
    written = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24\\:MI\\:SS.US\"Z\"')"
    return f"replace({written}, '.000000Z', 'Z')"


def free_text(column: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula; null for an empty text, which is not quoted."""
    # The number of the first character is cheap to see; few texts go further.
    formula = f"ascii(ltrim({column}, '''')) IN ({_FORMULA_STARTS})"
    written = f"CASE WHEN {formula} THEN '''' || {column} ELSE {column} END"
    return f"CASE WHEN ascii({column}) IN ({_FORMULA_STARTS}, 39) THEN {written} ELSE nullif({column}, '') END"


def json_members(members: Mapping[str, str]) -> str:
    """`"name":value,…` for concat(), from its arguments for each value; compact, as our own writer has it."""
    marks = ["", *([","] * (len(members) - 1))]
    return ", ".join(
        f"'{mark}\"{name}\"\\:', {value}" for mark, (name, value) in zip(marks, members.items(), strict=True)
    )


def json_text(column: str) -> str:
    """A JSON string, or null."""
    return f"coalesce(to_json({column}), 'null')"


def json_plain(written: str) -> str:
    """A JSON string of what is never null and holds nothing that JSON would escape."""
    return f"'\"', {written}, '\"'"


def json_plain_or_null(written: str) -> str:
    """The same where null is possible."""
    return f"coalesce('\"' || {written} || '\"', 'null')"


def one_line(column: str) -> str:
    """Text on one line in which hledger finds no mark of its own: a run of unreadable characters becomes one blank."""
    cleaned = f"btrim(regexp_replace({column}, '{_UNREADABLE}+', ' ', 'g'), ' ')"
    marked = f"regexp_replace({cleaned}, '^([*!(=])', '. \\1')"
    # Most texts need nothing: a look is cheaper than a replacement.
    return f"CASE WHEN {column} ~ '^[ *!(=]| $|{_UNREADABLE}' THEN {marked} ELSE {column} END"


def percent_coded(column: str) -> str:
    """A code in which hledger finds neither a comment nor a date nor an account's end, as urllib.parse.quote has it."""
    byte = f"get_byte(convert_to({column}, 'UTF8'), i)"
    coded = (
        f"SELECT string_agg(CASE WHEN {byte} < 128 AND position(chr({byte}) IN '{_PLAIN_IN_CODES}') > 0"  # noqa: S608 - fixed texts
        f" THEN chr({byte}) ELSE chr(37) || upper(lpad(to_hex({byte}), 2, '0')) END, '' ORDER BY i)"
        f" FROM generate_series(0, octet_length(convert_to({column}, 'UTF8')) - 1) i"
    )
    return f"CASE WHEN translate({column}, '{_PLAIN_IN_CODES}', '') = '' THEN {column} ELSE ({coded}) END"
