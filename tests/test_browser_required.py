"""CI must not stay green when the browser tests were skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SKIPPED = "import pytest\n@pytest.mark.browser\ndef test_page():\n    pytest.skip('no chromium here')\n"


@pytest.mark.parametrize(("required", "code", "told"), [("1", 1, "1 failed"), ("0", 0, "1 skipped")])
def test_a_skipped_browser_test_fails_only_where_browsers_are_required(
    tmp_path: Path, required: str, code: int, told: str
) -> None:
    (tmp_path / "test_page.py").write_text(SKIPPED)
    command = [sys.executable, "-m", "pytest", "-p", "tests.browser_required", "-c", "setup.cfg", str(tmp_path)]
    environment = {**os.environ, "LUNAS_REQUIRE_BROWSER": required}
    run = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert (run.returncode, told in run.stdout, "no chromium here" in run.stdout) == (code, True, True)
