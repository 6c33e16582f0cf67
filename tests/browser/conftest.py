"""What a browser test stands on: Debian's chromium, and `lunas serve` as a real process on the test's database.

For: the fixtures `chromium` (session), `address` and `phone`.
Not for: pages without a browser (tests/app).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, sync_playwright

from foundation.regions import Region
from tests.journeys.ports import free_ports

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running chromium; skips where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address(chromium: Browser, region: Region, tmp_path: Path) -> Iterator[str]:
    """The address of a server of its own."""
    host = f"127.0.0.1:{free_ports(1)[0]}"
    command = [sys.executable, "-m", "app.cli", "serve", "--bind", host, "--workers", "1"]
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | {"LUNAS_BASE_URL": f"http://{host}"}
        )
    try:
        _wait_for(f"http://{host}/health", process)
        yield f"http://{host}"
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page on a phone's screen, 360 by 740."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2, locale="id-ID")
    yield context.new_page()
    context.close()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended at once"
        try:
            requests.get(address, timeout=5)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer within a minute")
