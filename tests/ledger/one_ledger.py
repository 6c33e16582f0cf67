"""One ledger with every kind of entry and a paper one beside it, and what may be asked of each of its listings.

For: test_filters.py and test_exports_oracle.py: reversals, corrections, late items, closed months, a role mapped anew,
and sums rolled up for a part of it; the same in every run.
Not for: what changes a ledger (ledger_acts.py), or charts and days on their edges (oracle_scene.py).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import Phase, settings
from hypothesis import strategies as st

from tests.ledger.entries import wait_until_settled
from tests.ledger.ledger_acts import DAYS, KINDS, MAPPINGS, REGION
from tests.ledger.ledger_questions import MAYBE_DAY, NARROWING, PARTNER, Ledger
from tests.ledger.months import APRIL, MARCH

# Not made shorter: what a failure asked is told.
ASKED = settings(max_examples=150, deadline=None, derandomize=True, phases=[Phase.generate])
_ALL = st.builds(
    lambda narrowing, more: narrowing | more,
    NARROWING,
    st.fixed_dictionaries(
        {
            "accounted_from": MAYBE_DAY,
            "accounted_to": MAYBE_DAY,
            "partner": PARTNER,
            "kind": st.sampled_from((None, "reversal", "closing", "paid_at_partner", "tidak-ada")),
            "source_uid": st.sampled_from((None, UUID(int=1), UUID(int=99))),
        }
    ),
)
# At most three filters at once, since more leave next to nothing of 53 entries.
QUERIES = st.builds(
    lambda query, names: {name: value if name in names else None for name, value in query.items()},
    _ALL,
    st.sets(
        st.sampled_from(
            (
                *("accounted_from", "accounted_to", "account", "entity", "book"),
                *("known_at", "partner", "kind", "source_uid"),
            )
        ),
        max_size=3,
    ),
)


def a_ledger(restore: Callable[[], None]) -> Ledger:
    """53 entries, the same in every run: 15 undo others, 6 close and refuse to be undone."""
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
        on = max(chance.choice(DAYS), made.chosen(3 * number).on)
        made.reverse(which=3 * number, reason="Salah", on=on, hour=chance.randint(0, 20))
    made.roll(piece=4)
    made.map_a_role_anew(mapping=MAPPINGS[0], other=False)
    for month in (MARCH, APRIL):
        made.move_month(month=month, act="adjust")
    made.move_month(month=MARCH, act="close")
    for number in range(8):
        made.post(facts=facts(), hour=chance.randint(0, 20))
        on = max(chance.choice(DAYS), made.chosen(3 * number + 1).on)
        made.correct(which=3 * number + 1, facts=facts(), on=on, hour=number, again=False)
    kinds = Counter(each.draft.kind for each in made.paper.entries)
    assert (kinds.total(), kinds["reversal"], kinds["closing"]) == (53, 15, 6), kinds
    wait_until_settled(REGION)
    return made
