"""A scratch installation to measure on: a server, keys and processes of its own, gone afterwards.

For: `with Ground() as ground`, which leaves nothing of the user's installation touched.
Not for: what is measured, or the rows in it (benchmarks.scene).
"""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg

from foundation.config import SETTING_NAMES, reload_settings, write_new_keys
from foundation.connections import dispose_engines
from foundation.embedded import EmbeddedServer
from foundation.embedded.home import STATE_ROOT, make_directory
from foundation.migrating import upgrade_shared

__all__ = ["CannotMeasure", "Ground", "Web", "cpu_seconds"]

_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
_TICKS = os.sysconf("SC_CLK_TCK")


class CannotMeasure(Exception):
    """The run cannot give an honest figure; the text says why."""


@dataclass(frozen=True)
class Web:
    """`lunas serve` as it runs in production: gunicorn, processes and threads."""

    pid: int
    port: int


class Ground:
    """A server in a home of its own, with the shared schema; settings of this process and its children point to it."""

    def __init__(self) -> None:
        root = STATE_ROOT if os.geteuid() == 0 else Path(tempfile.gettempdir())
        for left in root.glob("lunas-bench-*-*"):  # of runs that were killed
            if left.stat().st_uid == os.geteuid() and not Path(f"/proc/{left.name.split('-')[2]}").exists():
                _remove(left)
        self.home = root / f"lunas-bench-{os.getpid()}-{secrets.token_hex(4)}"
        self.server = EmbeddedServer(self.home)
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        # A kill by SIGTERM must stop the server too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            make_directory(self.home, 0o711)
            self.server.start()
            for name in SETTING_NAMES:
                os.environ.pop(name, None)
            os.environ["LUNAS_HOME"] = str(self.home)
            os.environ["DATABASE_URL"] = self.server.url("app")
            os.environ["DATABASE_OWNER_URL"] = self.server.url("owner")
            os.environ["LUNAS_INSECURE_COOKIES"] = "1"
            write_new_keys(self.home)
            reload_settings()
            self._require_durable()
            upgrade_shared()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            _stop(process)
        dispose_engines()
        _remove(self.home)

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection in autocommit that may do anything: checkpoints and checks of the books."""
        with psycopg.connect(self.server.url("superuser"), autocommit=True) as connection:
            yield connection

    def settle_down(self) -> None:
        """Let every measurement begin after a checkpoint, so that none pays for the one before."""
        with self.superuser() as connection:
            connection.execute("CHECKPOINT")

    def start_web(self, *, workers: int = 2, threads: int = 8) -> Web:
        """Start `lunas serve` and wait until it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        options = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads)]
        process = self._start("serve", options)
        deadline = time.monotonic() + 60
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotMeasure(f"lunas serve does not answer; see {self.home}/serve.log")
            time.sleep(0.1)
        return Web(process.pid, port)

    def start_worker(self) -> int:
        """Start `lunas worker`, which drains the outbox, and return its process id."""
        return self._start("worker", []).pid

    def server_pid(self) -> int:
        """The postmaster's process id."""
        pid = self.server.status().pid
        if pid is None:
            raise CannotMeasure("the server stopped")
        return pid

    def _start(self, command: str, options: list[str]) -> subprocess.Popen[bytes]:
        program = Path(sys.executable).with_name("lunas")
        with (self.home / f"{command}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(program), command, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._processes.append(process)
        return process

    def _require_durable(self) -> None:
        with self.superuser() as connection:
            for name in _DURABLE:
                row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
                if row is None or row[0] != "on":
                    raise CannotMeasure(f"the server runs with {name} = {row and row[0]}")


def cpu_seconds(pid: int) -> float:
    """The processor time of a process and its children, past and present; 0 where the system does not tell (/proc)."""
    total = 0
    for each in (pid, *_children(pid)):
        try:
            fields = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))  # its own and that of children that have ended
    return total / _TICKS


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    direct = [int(each) for each in text.split()]
    return [*direct, *(below for each in direct for below in _children(each))]


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _remove(home: Path) -> None:
    EmbeddedServer(home).stop()
    shutil.rmtree(home, ignore_errors=True)
