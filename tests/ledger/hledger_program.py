"""The real hledger, which judges journals.

For: tests that need it; without it they are skipped, or fail where it is required.
Not for: making journals (ledger.pulling.hledger).
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

HLEDGER = shutil.which("hledger")

needs_hledger = pytest.mark.skipif(
    HLEDGER is None and os.environ.get("LUNAS_REQUIRE_HLEDGER") != "1",
    reason="hledger is not installed (Debian: apt-get install hledger); LUNAS_REQUIRE_HLEDGER=1 makes this a failure",
)


def hledger(content: str, *words: str) -> subprocess.CompletedProcess[str]:
    assert HLEDGER is not None, "hledger is required here and is not installed"
    return subprocess.run(
        [HLEDGER, "-f", "-", *words],
        input=content,
        capture_output=True,
        text=True,
        check=False,
        env={"LANG": "C.UTF-8", "HOME": "/nonexistent", "PATH": os.environ["PATH"]},
    )
