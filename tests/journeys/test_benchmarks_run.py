"""The benchmarks run and their books agree; how fast they were is not looked at.

For: noticing when a benchmark no longer fits the product. Not for: figures, which `make bench` prints.
"""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["payments", "bills", "posting"])
def test_a_short_run_ends_well(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, "--short"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if name == "payments":
        assert done.stdout.count("books agree") == 2
        assert "answers other than paid" not in done.stdout
