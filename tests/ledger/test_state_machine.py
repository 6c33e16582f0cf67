"""Whatever is done to a ledger in whatever order, it is what a ledger on paper is.

For: posting, batches, repetitions, reversals, corrections, months moved, late items, roles mapped anew, sums rolled up,
seals, a writer that commits late, and every question, in random order against tests/ledger/paper_ledger.py.
Not for: several writers at once (test_periods_at_once.py, tests/journeys/test_ledger_killed.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.ledger_questions import Ledger


def _play(restore: Callable[[], None], **chosen: Any) -> None:
    Ledger.restore = staticmethod(restore)
    run_state_machine_as_test(
        Ledger,
        settings=settings(deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False, **chosen),
    )


def test_a_ledger_is_what_a_ledger_on_paper_is(restore_regions: Callable[[], None]) -> None:
    # Not made shorter: a story of thirty steps can be read, and making it shorter takes minutes.
    _play(
        restore_regions,
        max_examples=25,
        stateful_step_count=30,
        derandomize=True,
        phases=[Phase.generate],
    )


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_ledger_is_what_a_ledger_on_paper_is_for_long(restore_regions: Callable[[], None]) -> None:
    _play(restore_regions, max_examples=500, stateful_step_count=60)
