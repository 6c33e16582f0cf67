"""`lunas serve`: several processes on one port, figures of all of them, and an orderly end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from app.cli.serve import _directory_for_figures
from foundation.config import settings
from foundation.regions import Region


@pytest.fixture
def server(region: Region, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A running server of two processes, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process)
        yield address, process
    finally:
        process.kill()
        process.wait()


def test_pages_are_served_and_counted_over_all_processes(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    address, _process = server
    before = _counted(address)
    for _ in range(20):
        # A new connection each time, so that both processes get some.
        assert requests.get(f"{address}/health", headers={"Connection": "close"}, timeout=30).status_code == 200
    assert _counted(address) - before == 20


def test_it_ends_in_order_and_leaves_nothing(server: tuple[str, subprocess.Popen[bytes]], tmp_path: Path) -> None:
    _address, process = server
    figures = settings().home / "metrics"
    killed = figures / "999999999"
    assert [path.name for path in figures.iterdir()] == [str(process.pid)]
    killed.mkdir()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert list(figures.iterdir()) == [killed]
    assert list(_directory_for_figures(figures).parent.iterdir()) == [figures / str(os.getpid())]
    (figures / str(os.getpid())).rmdir()
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "Traceback" not in log


def _counted(address: str) -> int:
    line = 'lunas_http_requests_total{method="GET",route="/health",status="200"} '
    figures = requests.get(f"{address}/metrics", timeout=30).text
    return int(float(next(found[len(line) :] for found in figures.splitlines() if found.startswith(line))))


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended at once"
        try:
            requests.get(f"{address}/health", timeout=5)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer within a minute")
