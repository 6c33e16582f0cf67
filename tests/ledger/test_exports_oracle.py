"""Every filter of every exported file against a plain look through everything, in each format.

For: CSV, JSON Lines and hledger, most of which PostgreSQL writes by statements of their own, and their manifests.
Not for: what the files look like (test_exports.py), or workbooks, whose rows are those of pages and streams.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import open_export
from ledger.pulling.listings import LISTING_FILTERS
from tests.ledger.ledger_acts import DAYS, REGION, T0
from tests.ledger.ledger_questions import Ledger
from tests.ledger.one_ledger import ASKED, QUERIES, a_ledger
from tests.ledger.paper_ledger import PaperEntry
from tests.ledger.slips import slip_in

FORMS = {
    "entries": ("csv", "jsonl", "hledger"),
    "account-ledger": ("csv", "jsonl"),
    "balances": ("csv", "jsonl"),
    "trial-balance": ("csv", "jsonl"),
}


@pytest.fixture(scope="module")
def ledger(restore_regions: Callable[[], None]) -> Ledger:
    return a_ledger(restore_regions)


def sen(told: str | None) -> int:
    """An amount with its sign; nothing where there is none."""
    if told is None:
        return 0
    return -Money.parse(told.removeprefix("-")).sen if told.startswith("-") else Money.parse(told).sen


def rows_of(content: bytes, form: str) -> list[dict[str, Any]]:
    """Rows by column; what is empty is None in both formats."""
    if form == "jsonl":
        return [json.loads(line) for line in content.splitlines()]
    rows = csv.DictReader(content.decode().splitlines())
    return [{name: value or None for name, value in row.items()} for row in rows]


def postings_told(content: bytes, form: str) -> list[tuple[str, str, str, str, int]]:
    """Uid of the entry, book, entity, account and debit less credit of each posting."""
    told: list[tuple[str, str, str, str, int]] = []
    if form == "hledger":
        uid = ""
        for line in content.decode().splitlines():
            if line.startswith("    ; uid: "):
                uid = line.removeprefix("    ; uid: ")
            elif line.startswith(("    F:", "    A:")) and " = " not in line:
                place, amount = line.partition(";")[0].removesuffix(" IDR  ").split()[:2]
                book, entity, account = place.split(":")
                told.append((uid, book, entity, account, sen(amount)))
    elif form == "jsonl":
        for entry in rows_of(content, form):
            for line in entry["lines"]:
                signed = sen(line["amount"]) * (1 if line["side"] == "debit" else -1)
                told.append((entry["uid"], line["book"], line["entity"], line["account"], signed))
    else:
        for row in rows_of(content, form):
            signed = sen(row["debit"]) - sen(row["credit"])
            told.append((row["entry_uid"], row["book"], row["entity"], row["account"], signed))
    return told


def postings_on_paper(entries: list[PaperEntry]) -> list[tuple[str, str, str, str, int]]:
    return [
        (str(entry.posted.uid), line.book, line.entity, line.account, line.sen if line.side == "debit" else -line.sen)
        for entry in entries
        for line in entry.lines
    ]


def expected_rows(ledger: Ledger, what: str, wanted: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a listing but that of entries, worked out on paper."""
    paper = ledger.paper
    if what == "account-ledger":
        return paper.account_ledger(wanted, first=len(paper.entries))
    asked = wanted | {"since": wanted["accounted_from"], "on": wanted["accounted_to"]}
    names = paper.named(asked)
    rows: list[tuple[Any, ...]] = []
    for place, (opened, owed, debit, credit) in paper.sums(asked).items():
        sign = 1 if paper.sides[place[2]] == "debit" else -1
        if what == "balances" and (debit or credit):
            rows.append((place, names[place], debit, credit, sign * (debit - credit)))
        elif what == "trial-balance":
            net = opened - owed + debit - credit
            sums = (sign * (opened - owed), debit, credit, sign * net, max(net, 0), max(-net, 0))
            rows.append((place, names[place], *sums))
    return rows


def told_rows(ledger: Ledger, what: str, rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    told: list[tuple[Any, ...]] = []
    for row in rows:
        place = (row["book"], row["entity"], row["account"])
        if what == "account-ledger":
            signed = sen(row["debit"]) - sen(row["credit"])
            moved = signed if ledger.paper.sides[row["account"]] == "debit" else -signed
            number = None if row["line_no"] is None else int(row["line_no"])
            assert [row["debit"], row["credit"]].count(None) == (2 if number is None else 1)
            told.append((place, row["key"], number, moved, sen(row["balance"])))
        else:
            assert row["normal_side"] == ledger.paper.sides[row["account"]]
            sums = ("opening", "debit", "credit", "closing", "closing_debit", "closing_credit")
            names = ("debit", "credit", "balance") if what == "balances" else sums
            told.append((place, row["account_name"], *(sen(row[name]) for name in names)))
    return told


def written(what: str, form: str, wanted: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    with unit_of_work(REGION) as session:
        opened = open_export(session, what, form, region=REGION, written_at=T0, **wanted)
        content = b"".join(opened)
    return content, opened.manifest()


def hold_entries(ledger: Ledger, form: str, wanted: dict[str, Any]) -> None:
    entries = ledger.paper.pulled(wanted)
    content, manifest = written("entries", form, wanted)
    expected = postings_on_paper(entries)
    assert postings_told(content, form) == expected, (form, wanted)
    assert (manifest["entries"], manifest["postings"]) == (len(entries), len(expected)), (form, wanted)
    totals = {each["book"]: (sen(each["debit"]), sen(each["credit"])) for each in manifest["totals"]}
    assert totals == {
        book: (
            sum(signed for _, its, _, _, signed in expected if its == book and signed > 0),
            -sum(signed for _, its, _, _, signed in expected if its == book and signed < 0),
        )
        for book in {its for _, its, *_ in expected}
    }, (form, wanted)


def hold(ledger: Ledger, what: str, form: str, wanted: dict[str, Any]) -> None:
    """The file tells what stands on paper, or the question is refused."""
    if slip := slip_in(wanted):
        ledger.require_refused(slip, None, lambda _: written(what, form, wanted))
    elif what == "entries":
        hold_entries(ledger, form, wanted)
    else:
        content, manifest = written(what, form, wanted)
        rows = expected_rows(ledger, what, wanted)
        assert told_rows(ledger, what, rows_of(content, form)) == rows, (form, wanted)
        assert manifest["rows"] == len(rows), (form, wanted)


@pytest.mark.parametrize("what", FORMS)
def test_every_filter_of_every_file(ledger: Ledger, what: str) -> None:
    @ASKED
    @given(query=QUERIES, before_closing=st.booleans())
    def check(query: dict[str, Any], before_closing: bool) -> None:
        wanted = {name: value for name, value in query.items() if name in LISTING_FILTERS[what]}
        if what == "trial-balance":
            days = {
                "accounted_from": query["accounted_from"] or DAYS[0],
                "accounted_to": query["accounted_to"] or DAYS[-1],
            }
            wanted |= days | {"before_closing": before_closing}
        for form in FORMS[what]:
            hold(ledger, what, form, wanted)

    check()
