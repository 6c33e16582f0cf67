"""The demo as a real process, for the journeys: started by `lunas demo`, driven over HTTP, stopped like Ctrl-C.

For: `start_town`, in a directory and on ports of its own.
Not for: tests of one package, which need no processes.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import requests

from app.demo import DemoPlaces
from app.demo.credentials import DemoCredentials, read_credentials
from foundation.embedded import EmbeddedServer
from foundation.embedded.home import STATE_ROOT, make_directory
from tests.journeys.ports import free_ports

__all__ = ["Town", "start_town", "wait_until"]

T = TypeVar("T")
_PATIENCE_SECONDS = 240.0


@dataclass
class Town:
    """A running demo."""

    places: DemoPlaces
    process: subprocess.Popen[bytes]
    log: Path
    credentials: dict[str, DemoCredentials]

    @property
    def web(self) -> str:
        """Lunas, region 3316."""
        return f"{self.places.web}/3316"

    @property
    def bank(self) -> str:
        """The sandbox bank's JSON door for region 3316."""
        return f"{self.places.bank}/3316/api"

    def rows(self, sql: str, *values: Any, region: str = "3316") -> list[tuple[Any, ...]]:
        """Rows of a region, read past the application."""
        with psycopg.connect(EmbeddedServer(self.places.home).url("owner")) as connection:
            connection.execute(f"SET search_path = r{region}, pg_temp")
            return connection.execute(sql, values).fetchall()

    def scalar(self, sql: str, *values: Any, region: str = "3316") -> Any:
        """One value of a region."""
        return self.rows(sql, *values, region=region)[0][0]

    def lunas(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a `lunas` command in the town."""
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=self.places.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def pull(self, path: str, **query: Any) -> requests.Response:
        """GET from the region's API with its token."""
        token = self.credentials["3316"].api_token
        return requests.get(
            f"{self.web}/api/v1{path}", params=query, headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    def stop(self) -> int:
        """Stop it as Ctrl-C would, and give its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=90)


@contextmanager
def start_town(home: Path | None = None, **more: str) -> Iterator[Town]:
    """Start the demo in a new directory (or again in one), wait until it is ready, and stop it afterwards."""
    own = home is None
    home = home or new_home()
    if not (home / "demo-ports.json").exists():
        web, bank = free_ports(2)
        (home / "demo-ports.json").write_text(json.dumps({"web": web, "bank": bank}), encoding="ascii")
    ports = json.loads((home / "demo-ports.json").read_text(encoding="ascii"))
    places = DemoPlaces(home, ports["web"], ports["bank"])
    log = home / "demo.log"
    log.write_bytes(b"")
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "app.cli", "demo"],
            env=places.environment | more,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: process.poll() is not None or "Ctrl-C" in log.read_text(encoding="utf-8"))
        assert process.poll() is None, log.read_text(encoding="utf-8")
        made = {one.region: one for one in read_credentials(home)}
        yield Town(places, process, log, made)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=90)
        if own:
            remove_home(home)


def new_home() -> Path:
    """A new directory where root's embedded server may live too."""
    home = STATE_ROOT / f"journey-{secrets.token_hex(4)}" if os.getuid() == 0 else _user_place()
    make_directory(home, 0o755)
    return home


def remove_home(home: Path) -> None:
    """Stop what still runs there and remove it."""
    import shutil

    EmbeddedServer(home).stop()
    shutil.rmtree(home)


def wait_until(ready: Callable[[], T], *, seconds: float = _PATIENCE_SECONDS) -> T:
    """Ask again and again until the answer is true; AssertionError when patience ends."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = ready()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError("waited in vain")


def csrf_of(page: str) -> str:
    """The form token in a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]


def _user_place() -> Path:
    import tempfile

    return Path(tempfile.gettempdir()) / f"lunas-journey-{secrets.token_hex(4)}"
