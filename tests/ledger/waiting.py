"""Waiting for what others bring about.

For: `until`, the one place that looks again and again.
Not for: time that passes; no test waits for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], object], told: str) -> None:
    """Wait until a condition holds; fail after a minute, saying what did not come."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"for a minute: {told}"
        time.sleep(0.01)
