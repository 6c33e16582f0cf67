"""Each filter of each query, alone and together, chooses what a plain look through everything chooses.

For: entries and their pages, the account ledger, balances and the trial balance, over one ledger with every kind of
entry, reversals, late items, roles mapped anew, and sums rolled up for a part of it.
Not for: what changes a ledger (test_state_machine.py), or files (test_exports.py).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.ledger_acts import DAYS, KINDS, MAPPINGS
from tests.ledger.ledger_questions import MAYBE_DAY, NARROWING, PARTNER, Ledger
from tests.ledger.months import APRIL, MARCH


def a_ledger(restore: Callable[[], None]) -> Ledger:
    """53 entries, the same in every run; closing entries among them refuse their reversal."""
    chance = random.Random(5)

    def facts() -> dict[str, Any]:
        return {
            "kind": chance.choice(KINDS), "rupiah": chance.randint(1, 9), "on": chance.choice(DAYS),
            "entity": chance.choice(("BAPENDA", "LH", "PPKD")), "partner": chance.choice(("BPD", "BANK2")),
            "revenue": chance.choice(("PBB-P2", "RETRIBUSI-PASAR")), "late": True, "source": chance.randint(0, 3),
        }  # fmt: skip

    Ledger.restore = staticmethod(restore)
    made = Ledger()
    made.begin(facts=[facts() for _ in range(12)])
    for number in range(12):
        made.post(facts=facts(), hour=chance.randint(0, 20))
        made.reverse(which=3 * number, reason="Salah", on=chance.choice(DAYS), hour=chance.randint(0, 20))
    made.roll(piece=4)
    made.map_a_role_anew(mapping=MAPPINGS[0], other=False)
    for month in (MARCH, APRIL):
        made.move_month(month=month, act="adjust")
    made.move_month(month=MARCH, act="close")
    for number in range(8):
        made.post(facts=facts(), hour=chance.randint(0, 20))
        made.correct(which=3 * number + 1, facts=facts(), on=chance.choice(DAYS), hour=number, again=False)
    return made


def test_every_filter_chooses_what_a_plain_look_through_everything_does(restore_regions: Callable[[], None]) -> None:
    ledger = a_ledger(restore_regions)
    assert len(ledger.paper.entries) == 53

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(
        narrowing=NARROWING,
        partner=PARTNER,
        days=st.tuples(MAYBE_DAY, MAYBE_DAY),
        kind=st.sampled_from((None, None, "reversal", "closing", "paid_at_partner", "tidak-ada")),
        source=st.sampled_from((None, None, UUID(int=1), UUID(int=99))),
        limit=st.sampled_from((1, 3, 7, 1000)),
        before=st.booleans(),
    )
    def ask(
        narrowing: dict[str, Any],
        partner: str | None,
        days: tuple[date | None, date | None],
        kind: str | None,
        source: UUID | None,
        limit: int,
        before: bool,
    ) -> None:
        ledger.ask_entries(narrowing=narrowing, partner=partner, days=days, kind=kind, source=source, limit=limit)
        ledger.ask_account_ledger(narrowing=narrowing, partner=partner, days=days, limit=limit, back=None)
        ledger.ask_balances(narrowing=narrowing, since=days[0], on=days[1])
        ledger.ask_trial_balance(narrowing=narrowing, days=(days[0] or DAYS[0], days[1] or DAYS[-1]), before=before)

    ask()
