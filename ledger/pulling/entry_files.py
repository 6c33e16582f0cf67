"""Entries as CSV, JSON Lines and hledger journal, written by PostgreSQL itself.

For: large exports. CSV and JSON Lines are, byte for byte, what ledger.pulling.rows makes of the same entries.
Not for: other listings, or workbooks.

One row comes per posting, in order. What stands before an entry's postings comes with the first of them and what stands
after with the last: their numbers run from 1 to posting_count without a gap, which the database sees to.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from ledger.moments import Moment
from ledger.pulling.copying import Passed, copy_csv, copy_texts
from ledger.pulling.entries import LINE_JOINS
from ledger.pulling.filters import entry_condition
from ledger.pulling.hledger import write_assertions, write_heading
from ledger.pulling.rows import CSV_COLUMNS
from ledger.pulling.spelling import (
    amount,
    free_text,
    json_members,
    json_plain,
    json_plain_or_null,
    json_text,
    moment,
    one_line,
    percent_coded,
)
from ledger.pulling.totals import EntryTotals

__all__ = ["entries_csv", "entries_hledger", "entries_jsonl"]

_QUERY = (
    "SELECT {written} FROM journal_entry e JOIN posting p ON p.entry_id = e.id"  # noqa: S608 - fixed texts; values are bound
    f" {LINE_JOINS} WHERE {{condition}} ORDER BY e.recorded_xact, e.id, p.line_no"
)
_PER_POSTING = (
    "concat(CASE p.line_no WHEN 1 THEN {before} ELSE {between} END, {posting},"
    " CASE p.line_no WHEN e.posting_count THEN {after} END)"
)


def entries_csv(
    session: Session, at: Moment, wanted: Mapping[str, Any], passed: Passed
) -> Generator[bytes, None, None]:
    """CSV with a header line; `passed` counts postings."""
    yield ",".join(CSV_COLUMNS).encode() + b"\r\n"
    for query, values in _queries(at, wanted, _CELLS):
        yield from copy_csv(session, query, values, passed)


def entries_jsonl(
    session: Session, at: Moment, wanted: Mapping[str, Any], passed: Passed
) -> Generator[bytes, None, None]:
    """One JSON object per line with the entry's postings in `lines`; `passed` counts postings."""
    for query, values in _queries(at, wanted, _JSON):
        yield from copy_texts(session, query, values, passed)


def entries_hledger(
    session: Session, at: Moment, wanted: Mapping[str, Any], totals: EntryTotals, title: str, passed: Passed
) -> Generator[bytes, None, None]:
    """The journal of ledger.pulling.hledger; `totals` are those of the same entries, `passed` counts postings."""
    yield write_heading(title, totals).encode()
    for query, values in _queries(at, wanted, _JOURNAL):
        yield from copy_texts(session, query, values, passed)
    yield write_assertions(totals).encode()


def _queries(at: Moment, wanted: Mapping[str, Any], written: str) -> list[tuple[str, dict[str, Any]]]:
    condition, values = entry_condition(wanted)
    return [(_QUERY.format(written=written, condition=stretch + condition), values) for stretch in at.stretches]


def _per_posting(*, before: str, between: str, posting: str, after: str) -> str:
    return _PER_POSTING.format(before=before, between=between, posting=posting, after=after)


_AMOUNT = amount("p.amount_sen")
_CELLS = ", ".join(
    (
        "e.id",
        "e.uid",
        free_text("e.kind"),
        free_text("e.key"),
        "e.accounted_on",
        moment("e.occurred_at"),
        moment("e.recorded_at"),
        free_text("e.description"),
        free_text("e.source_kind"),
        "e.source_uid",
        free_text("e.actor"),
        "p.line_no",
        "p.book",
        free_text("n.code"),
        "a.code",
        free_text("a.name"),
        f"CASE p.side WHEN 'debit' THEN {_AMOUNT} END",
        f"CASE p.side WHEN 'credit' THEN {_AMOUNT} END",
        free_text("c.code"),
        free_text("p.partner"),
    )
)
_JSON_ENTRY = json_members(
    {
        "id": "e.id",
        "uid": json_plain("e.uid"),
        "kind": json_text("e.kind"),
        "key": json_text("e.key"),
        "accounted_on": json_plain("e.accounted_on"),
        "occurred_at": json_plain(moment("e.occurred_at")),
        "recorded_at": json_plain(moment("e.recorded_at")),
        "description": json_text("e.description"),
        "source_kind": json_text("e.source_kind"),
        "source_uid": json_plain_or_null("e.source_uid"),
        "actor": json_text("e.actor"),
    }
)
_JSON_POSTING = json_members(
    {
        "line_no": "p.line_no",
        "book": json_plain("p.book"),
        "entity": json_text("n.code"),
        "account": json_plain("a.code"),
        "account_name": json_text("a.name"),
        "side": json_plain("p.side"),
        "amount": json_plain(_AMOUNT),
        "counterpart": json_text("c.code"),
        "partner": json_text("p.partner"),
    }
)
_JSON = _per_posting(
    before=f"concat('{{', {_JSON_ENTRY}, ',\"lines\"\\:[{{')",
    between="',{'",
    posting=f"{_JSON_POSTING}, '}}'",
    after=r"E']}\n'",
)
_JOURNAL_TOLD = f"""CASE WHEN p.partner IS NOT NULL OR c.code IS NOT NULL THEN concat('  ; ', concat_ws(', ',
    'partner\\: ' || {percent_coded("p.partner")}, 'counterpart\\: ' || {percent_coded("c.code")})) END"""
_JOURNAL = _per_posting(
    before=f"""concat(e.accounted_on, rtrim(' ' || {one_line("e.description")}),
        E'\\n    ; uid\\: ', e.uid, E'\\n    ; kind\\: ', {one_line("e.kind")},
        E'\\n    ; key\\: ', {one_line("e.key")}, E'\\n    ; occurred_at\\: ', {moment("e.occurred_at")}, E'\\n')""",
    between="''",
    posting=f"""'    ', p.book, '\\:', {percent_coded("n.code")}, '\\:', a.code,
        CASE p.side WHEN 'debit' THEN '  ' ELSE '  -' END, {_AMOUNT}, ' IDR', {_JOURNAL_TOLD}, E'\\n'""",
    after="E'\\n'",
)
