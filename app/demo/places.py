"""Where a demo lives: its directory and its two ports.

For: one object that every step and process of a demo is told.
Not for: settings of an installation (foundation.config).
"""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from foundation.embedded import default_home
from foundation.errors import Unavailable

__all__ = ["CHECKOUT", "DemoPlaces", "PortTaken", "choose_places"]

CHECKOUT = Path(__file__).resolve().parents[2]
_WEB, _BANK = 8080, 8090
_PATIENCE_SECONDS = 10.0


class PortTaken(Unavailable):
    """Another program listens where this demo's addresses already point to."""

    code = "port_taken"
    text_id = "Port {port} dipakai program lain; hentikan program itu lalu jalankan kembali."
    text_en = "Port {port} is used by another program; stop that program and start again."


@dataclass(frozen=True, slots=True)
class DemoPlaces:
    """The demo's directory and ports; `environment` is what its processes are given."""

    home: Path
    web_port: int
    bank_port: int

    @property
    def web(self) -> str:
        """The address of Lunas."""
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def bank(self) -> str:
        """The address of the sandbox bank."""
        return f"http://127.0.0.1:{self.bank_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the demo's processes: nothing of another installation's settings."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LUNAS_", "SANDBOX_", "DATABASE_")) or name == "LUNAS_PG_BINDIR"
        }
        return kept | {
            "LUNAS_HOME": str(self.home),
            "LUNAS_BASE_URL": self.web,
            "LUNAS_INSECURE_COOKIES": "1",
            "SANDBOX_URL": self.bank,
        }


def choose_places(home: Path | None = None) -> DemoPlaces:
    """The places of this demo: those of its first start, or new ones on free ports.

    Raises PortTaken when a later start finds its ports in use: addresses were handed out, so they must not move.
    """
    home = home or default_home()
    kept = home / "demo-ports.json"
    if kept.is_file():
        ports = json.loads(kept.read_text(encoding="ascii"))
        for port in (ports["web"], ports["bank"]):
            _wait_until_free(port)
        return DemoPlaces(home, ports["web"], ports["bank"])
    web = _free_port(_WEB, ())
    places = DemoPlaces(home, web, _free_port(_BANK, (web,)))
    home.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"web": places.web_port, "bank": places.bank_port}), encoding="ascii")
    return places


def _wait_until_free(port: int) -> None:
    """A process that was just killed gives its port back a moment later. Raises PortTaken when it stays taken."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while not _is_free(port):
        if time.monotonic() > until:
            raise PortTaken(port=port)
        time.sleep(0.1)


def _free_port(wanted: int, taken: tuple[int, ...]) -> int:
    for port in range(wanted, wanted + 200):
        if port not in taken and _is_free(port):
            return port
    raise PortTaken(port=wanted)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
