"""A region with the sample chart, ready for bills."""

import pytest

from foundation.regions import Region
from tests.sample_chart import load_sample_chart


@pytest.fixture
def blora(region: Region) -> Region:
    """Region 3316 with the sample chart."""
    load_sample_chart(region.code)
    return region


@pytest.fixture
def balikpapan(other_region: Region) -> Region:
    """Region 6471 with the sample chart."""
    load_sample_chart(other_region.code)
    return other_region
