"""Fixtures of the ledger's tests: a region with the sample chart.

For: `books`, the code of region 3316 with its chart loaded and no entries; `kept_books`, the same once for a module,
whose tests undo what they do.
Not for: other packages' tests (tests/sample_chart.py is theirs too).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from foundation.regions import Region
from tests.sample_chart import load_sample_chart


@pytest.fixture
def books(region: Region) -> str:
    load_sample_chart(region.code)
    return region.code


@pytest.fixture(scope="module")
def kept_books(restore_regions: Callable[[], None]) -> str:
    restore_regions()
    load_sample_chart("3316")
    return "3316"
