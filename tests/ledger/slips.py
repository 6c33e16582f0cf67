"""Questions that can only be a slip, told apart by plain means.

For: the oracles of every reader of the ledger: these are refused, all others answered.
Not for: the words of the refusals (test_refusal_texts.py).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

from foundation.errors import LunasError
from ledger import AccountUnknown, DatesReversed
from tests.sample_chart import SAMPLES

__all__ = ["slip_in"]

with (SAMPLES / "accounts.csv").open(encoding="utf-8", newline="") as _file:
    _CODES = {row["kode"] for row in csv.DictReader(_file)}


def slip_in(
    wanted: Mapping[str, Any], first: str = "accounted_from", last: str = "accounted_to"
) -> type[LunasError] | None:
    """What refuses a question over the sample chart: its dates are reversed, or its account was never there."""
    since, on, account = wanted.get(first), wanted.get(last), wanted.get("account")
    if since is not None and on is not None and on < since:
        return DatesReversed
    return AccountUnknown if account is not None and account not in _CODES else None
