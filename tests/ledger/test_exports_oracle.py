"""Every filter of every exported file against the same plain look-throughs as pages and streams.

For: CSV, JSON Lines and hledger, most of which PostgreSQL writes by statements of their own.
Not for: what the files look like (test_exports.py), or workbooks, whose rows are those of pages and streams.
"""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import LedgerEntry, open_export
from tests.ledger.entries import AT
from tests.ledger.slips import slip_in
from tests.ledger.test_pulling_oracle import (
    BALANCE_FILTERS,
    ENTRY_FILTERS,
    LEDGER_FILTERS,
    SETTINGS,
    Line,
    Rounds,
    all_lines,
    asked,
    chosen,
    dates_of,
    made_entries,
    naive_balances,
    naive_ledger,
    naive_trial,
    normal_sides,
    post_all,
)

LISTINGS = {
    "entries": (ENTRY_FILTERS, ("csv", "jsonl", "hledger")),
    "account-ledger": (LEDGER_FILTERS, ("csv", "jsonl")),
    "balances": (BALANCE_FILTERS, ("csv", "jsonl")),
    "trial-balance": (BALANCE_FILTERS, ("csv", "jsonl")),
}


def amount(told: str | None) -> Money | None:
    """An amount with its sign; None where there is none."""
    if told is None:
        return None
    return -Money.parse(told.removeprefix("-")) if told.startswith("-") else Money.parse(told)


def sen(told: str) -> int:
    found = amount(told)
    assert found is not None
    return found.sen


def rows_of(content: bytes, form: str) -> list[dict[str, Any]]:
    """Rows by column; what is empty is None in both formats."""
    if form == "jsonl":
        return [json.loads(line) for line in content.splitlines()]
    rows = csv.DictReader(content.decode().splitlines())
    return [{name: value or None for name, value in row.items()} for row in rows]


def told_entries(content: bytes, form: str) -> list[str]:
    """The uid of each entry, once for each of its postings."""
    if form == "hledger":
        written: list[str] = []
        for line in content.decode().splitlines():
            if line.startswith("    ; uid: "):
                written.append(line.removeprefix("    ; uid: "))
            elif line.startswith(("    F:", "    A:")) and " = " not in line:
                written.append("posting")
        return written
    rows = rows_of(content, form)
    return [row["entry_uid"] for row in rows] if form == "csv" else [row["uid"] for row in rows for _ in row["lines"]]


def expected_entries(entries: list[LedgerEntry], form: str) -> list[str]:
    if form == "hledger":
        return [each for entry in entries for each in (str(entry.uid), *("posting" for _ in entry.lines))]
    return [str(entry.uid) for entry in entries for _ in entry.lines]


def place_of(row: dict[str, Any]) -> tuple[str, str, str]:
    return (row["book"], row["entity"], row["account"])


def told_rows(what: str, rows: list[dict[str, Any]]) -> Any:
    """The rows in the shape of the naive answers of test_pulling_oracle.py."""
    if what == "account-ledger":
        return [
            (
                place_of(row), row["key"], None if row["line_no"] is None else int(row["line_no"]),
                amount(row["debit"]), amount(row["credit"]), amount(row["balance"]),
            )
            for row in rows
        ]  # fmt: skip
    if what == "balances":
        return {place_of(row): (sen(row["debit"]), sen(row["credit"])) for row in rows}
    told = {}
    for row in rows:
        opening, debit, credit = (sen(row[name]) for name in ("opening", "debit", "credit"))
        told[place_of(row)] = (opening if row["normal_side"] == "debit" else -opening, debit, credit)
    return told


def naive(what: str, lines: list[Line], wanted: dict[str, Any], normal: dict[str, str]) -> Any:
    if what == "account-ledger":
        return naive_ledger(lines, wanted, normal)
    return naive_balances(lines, wanted) if what == "balances" else naive_trial(lines, wanted)


@pytest.mark.parametrize("what", LISTINGS)
def test_every_filter_of_every_file(books: str, what: str) -> None:
    rounds = Rounds()
    filters, forms = LISTINGS[what]

    @SETTINGS
    @given(entries=made_entries, queries=asked(*filters), form=st.sampled_from(forms))
    def check(entries: list[Any], queries: list[dict[str, Any]], form: str) -> None:
        post_all(books, rounds.next(), entries)
        lines, normal = all_lines(books), normal_sides(books)
        for query in queries:
            wanted = query | dict(zip(("accounted_from", "accounted_to"), dates_of(query), strict=True))
            wanted = wanted if what == "trial-balance" else query
            with unit_of_work(books) as session:
                if slip := slip_in(wanted):
                    with pytest.raises(slip):
                        open_export(session, what, form, region=books, written_at=AT, **wanted)
                    continue
                content = b"".join(open_export(session, what, form, region=books, written_at=AT, **wanted))
            if what == "entries":
                hit = {line.entry.id for line in lines if chosen(line, wanted)}
                entries_hit = list({line.entry.id: line.entry for line in lines if line.entry.id in hit}.values())
                assert told_entries(content, form) == expected_entries(entries_hit, form), wanted
            else:
                assert told_rows(what, rows_of(content, form)) == naive(what, lines, wanted, normal), wanted

    check()
