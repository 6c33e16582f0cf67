"""In CI a browser test that skips has failed.

For: LUNAS_REQUIRE_BROWSER=1, which .ci/run sets; elsewhere a test marked `browser` may skip with its one clear line.
Not for: deciding whether a browser is there; the browser tests' own fixture does that.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a browser test into a failure where browsers are required."""
    report = yield
    required = os.environ.get("LUNAS_REQUIRE_BROWSER") == "1" and item.get_closest_marker("browser") is not None
    if report.skipped and required:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"browser tests may not skip where LUNAS_REQUIRE_BROWSER=1. {reason}"
    return report
