"""Each filter of entries and of the account ledger chooses what a plain look through everything chooses.

For: pages and streams, whatever the filters and the length of a page.
Not for: what changes a ledger (test_state_machine.py), balances (test_balances_oracle.py) or files
(test_exports_oracle.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.db import unit_of_work
from ledger import LedgerEntry, stream_entries
from ledger.pulling.account_ledger import stream_account_ledger
from tests.ledger.ledger_acts import REGION
from tests.ledger.ledger_questions import Ledger
from tests.ledger.one_ledger import ASKED, QUERIES, a_ledger
from tests.ledger.paper_ledger import PaperEntry
from tests.ledger.slips import slip_in


@pytest.fixture(scope="module")
def ledger(restore_regions: Callable[[], None]) -> Ledger:
    return a_ledger(restore_regions)


def on_paper(entry: PaperEntry) -> tuple[Any, ...]:
    lines = [
        (number, each.book, each.entity, each.account, each.side, each.sen, each.counterpart, each.partner)
        for number, each in enumerate(entry.lines, start=1)
    ]
    draft = entry.draft
    facts = (draft.kind, draft.key, draft.occurred_at, draft.description, draft.source_kind, draft.source_uid)
    return (entry.posted.id, entry.posted.uid, *facts, entry.on, entry.recorded_at, lines)


def as_told(entry: LedgerEntry) -> tuple[Any, ...]:
    lines = [
        (each.line_no, each.book, each.entity, each.account, each.side, each.amount.sen, each.counterpart, each.partner)
        for each in entry.lines
    ]
    facts = (entry.kind, entry.key, entry.occurred_at, entry.description, entry.source_kind, entry.source_uid)
    return (entry.id, entry.uid, *facts, entry.accounted_on, entry.recorded_at, lines)


def narrowed(query: dict[str, Any]) -> tuple[dict[str, Any], tuple[Any, Any]]:
    """The filters of places and moments, and the two dates."""
    names = ("account", "entity", "book", "known_at")
    return {name: query[name] for name in names}, (query["accounted_from"], query["accounted_to"])


def test_every_filter_of_entries(ledger: Ledger) -> None:
    @ASKED
    @given(query=QUERIES, limit=st.sampled_from((7, 1000, 1000)))
    def ask(query: dict[str, Any], limit: int) -> None:
        narrowing, days = narrowed(query)
        ledger.ask_entries(
            narrowing=narrowing, partner=query["partner"], days=days, kind=query["kind"], source=query["source_uid"],
            limit=limit,
        )  # fmt: skip
        if slip := slip_in(query):
            ledger.require_refused(slip, None, lambda session: list(stream_entries(session, **query)))
            return
        with unit_of_work(REGION) as session:
            found = [as_told(each) for each in stream_entries(session, **query)]
        assert found == [on_paper(each) for each in ledger.paper.pulled(query)]

    ask()


def test_every_filter_of_the_account_ledger(ledger: Ledger) -> None:
    @ASKED
    @given(query=QUERIES, limit=st.sampled_from((25, 1000, 1000)))
    def ask(query: dict[str, Any], limit: int) -> None:
        narrowing, days = narrowed(query)
        ledger.ask_account_ledger(narrowing=narrowing, partner=query["partner"], days=days, limit=limit, back=None)
        wanted = {name: value for name, value in query.items() if name not in ("kind", "source_uid")}
        if slip := slip_in(wanted):
            ledger.require_refused(slip, None, lambda session: list(stream_account_ledger(session, **wanted)))
            return
        with unit_of_work(REGION) as session:
            found = [ledger.told(each) for each in stream_account_ledger(session, **wanted)]
        assert found == ledger.paper.account_ledger(wanted, first=len(ledger.paper.entries))

    ask()
