"""Fixtures of the ledger's tests: a region with the sample chart.

For: `books`, the code of region 3316 with its chart loaded and no entries.
Not for: other packages' tests (tests/sample_chart.py is theirs too).
"""

from __future__ import annotations

import pytest

from foundation.regions import Region
from tests.sample_chart import load_sample_chart


@pytest.fixture
def books(region: Region) -> str:
    load_sample_chart(region.code)
    return region.code
