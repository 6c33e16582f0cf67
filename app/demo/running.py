"""The demo's processes: web, worker and sandbox bank, started together, watched, and stopped together.

For: `run_demo`. Ctrl-C or SIGTERM stops all of them and the embedded server; if one of them ends by itself, so do the
others. What a demo that crashed left running is found by its note and stopped by the next start.
Not for: preparing (app.demo.preparing).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import requests

from app.demo.places import CHECKOUT, DemoPlaces
from foundation.embedded import EmbeddedServer
from foundation.errors import LunasError

__all__ = ["ProcessEnded", "Running", "run_demo", "start_processes", "stop_leftovers"]

_NOTE = "demo-processes.json"
_PATIENCE_SECONDS = 60.0
_GRACE_SECONDS = 20.0


class ProcessEnded(LunasError):
    """One of the demo's processes ended by itself, or did not come up."""

    code = "demo_process_ended"
    text_id = "Proses {name} berhenti; lihat {log}."
    text_en = "The process {name} ended; see {log}."


@dataclass(slots=True)
class Running:
    """The running processes of one demo by name."""

    places: DemoPlaces
    processes: dict[str, subprocess.Popen[bytes]]

    def require_alive(self) -> None:
        """Raises ProcessEnded naming a process that is gone."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise ProcessEnded(name=name, log=_log(self.places, name))

    def stop(self) -> None:
        """Ask all to end, wait, and end by force what does not."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + _GRACE_SECONDS
        for process in self.processes.values():
            try:
                process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _end_group(process.pid)
                process.wait()
        (self.places.home / _NOTE).unlink(missing_ok=True)


def start_processes(places: DemoPlaces, names: tuple[str, ...] = ("web", "worker", "bank")) -> Running:
    """Start the processes and wait until the pages answer. Raises ProcessEnded."""
    commands = {
        "web": ["serve", "--bind", f"127.0.0.1:{places.web_port}"],
        "worker": ["worker"],
        "bank": ["sandbox", "serve", "--port", str(places.bank_port)],
    }
    running = Running(places, {})
    try:
        for name in names:
            running.processes[name] = _start(places, name, commands[name])
            note = {key: process.pid for key, process in running.processes.items()}
            (places.home / _NOTE).write_text(json.dumps(note), encoding="ascii")
        for name, address in (("web", f"{places.web}/health"), ("bank", places.bank)):
            if name in names:
                _wait_for(running, address)
    except BaseException:
        running.stop()
        raise
    return running


def run_demo(places: DemoPlaces, *, ready: Callable[[], None]) -> None:
    """Start everything, call `ready` once the pages answer, and keep going until told to stop."""
    stopped = _StopSignals()
    try:
        running = start_processes(places)
        try:
            ready()
            while not stopped.asked:
                running.require_alive()
                time.sleep(0.5)
        finally:
            running.stop()
    finally:
        # Also when one of them did not come up: nothing stays behind.
        EmbeddedServer(places.home).stop()


def stop_leftovers(home: Path) -> int:
    """End the processes that a crashed demo left; returns how many there were."""
    note = home / _NOTE
    if not note.is_file():
        return 0
    ended = 0
    for pid in json.loads(note.read_text(encoding="ascii")).values():
        if _is_ours(pid):
            _end_group(pid)
            ended += 1
    note.unlink()
    return ended


class _StopSignals:
    """Remembers that Ctrl-C or SIGTERM came."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def _start(places: DemoPlaces, name: str, words: list[str]) -> subprocess.Popen[bytes]:
    log = _log(places, name)
    log.parent.mkdir(parents=True, exist_ok=True)
    # A group of its own: Ctrl-C in the terminal reaches the demo alone, which then stops the others in order.
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603 - our own command with words of our own
            [sys.executable, "-m", "app.cli", *words],
            env=places.environment,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_for(running: Running, address: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        running.require_alive()
        try:
            if requests.get(address, timeout=2).status_code < 500:
                return
        except (requests.ConnectionError, requests.Timeout):
            pass
        time.sleep(0.1)
    raise ProcessEnded(name=address, log=running.places.home / "log")


def _log(places: DemoPlaces, name: str) -> Path:
    return places.home / "log" / f"{name}.log"


def _is_ours(pid: int) -> bool:
    """True when the process still runs one of our commands; its number may be another program's by now."""
    try:
        return b"app.cli" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _end_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
