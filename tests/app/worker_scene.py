"""An inbox of the test's own, and worker processes that are surely ended.

For: the fixtures `inbox` and `workers`, and `wait_until`.
Not for: what is in the files (tests/reconciliation/scene.py).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from foundation.config import reload_settings
from foundation.regions import Region

ROOT = Path(__file__).parents[2]


def wait_until(happened: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait until something is true; fail after so many seconds."""
    ends = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def inbox(region: Region, tmp_path: Path) -> Iterator[Path]:
    """The inbox of region 3316."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUNAS_INBOX", str(tmp_path / "inbox"))
        reload_settings()
        folder = tmp_path / "inbox" / region.code
        folder.mkdir(parents=True)
        yield folder
    reload_settings()


@dataclass
class WorkerProcess:
    """One `lunas worker`, and the file with its log."""

    process: subprocess.Popen[bytes]
    log: Path

    def events(self) -> list[str]:
        """The names of what it logged so far."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["event"] for line in lines if line.startswith("{") and line.endswith("}")]

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


@pytest.fixture
def start_worker(inbox: Path, tmp_path: Path) -> Iterator[Callable[[], WorkerProcess]]:
    """Starts a worker process with quick ticks; all are ended afterwards."""
    started: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        log = tmp_path / f"worker-{len(started)}.log"
        command = "import sys; from app.cli import main; sys.argv[0] = 'lunas'; main()"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", command, "worker", "--poll-seconds", "0.1", "--tick-seconds", "1"],
                cwd=ROOT, env=os.environ.copy(), stdout=out, stderr=out,
            )  # fmt: skip
        started.append(WorkerProcess(process, log))
        return started[-1]

    yield start
    for worker in started:
        if worker.process.poll() is None:
            worker.kill()
