"""Running the sandbox bank: one gunicorn process, with the thread that repeats messages to Lunas.

For: `lunas sandbox serve`.
Not for: several processes or machines; a sandbox needs neither.
"""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication

from app.sandbox_bank.application import create_app
from app.sandbox_bank.errors import SandboxLooksReal
from app.sandbox_bank.running import RunningBank, open_bank
from app.sandbox_bank.settings import SandboxSettings, is_loopback
from app.sandbox_bank.telling import Teller

__all__ = ["require_here", "serve_bank"]


def serve_bank(host: str, port: int, *, settings: SandboxSettings) -> None:
    """Serve until a signal ends it. Raises SandboxLooksReal where it would be reachable as if it were a real bank."""
    require_here(host, settings)
    _Server(host, port).run()


def require_here(host: str, settings: SandboxSettings) -> None:
    """Refuse to listen to, or to go by an address of, another machine unless SANDBOX_ALLOW_OUTSIDE says so."""
    for address in (host, settings.url):
        if not settings.allow_outside and not is_loopback(address):
            raise SandboxLooksReal(
                reason_id=f"{address} bukan mesin ini (SANDBOX_ALLOW_OUTSIDE)",
                reason_en=f"{address} is not this machine (SANDBOX_ALLOW_OUTSIDE)",
            )


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, host: str, port: int) -> None:
        self._bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._bank: RunningBank | None = None
        self._teller: Teller | None = None
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._bind,
            "workers": 1,
            "threads": 8,
            "worker_class": "gthread",
            "proc_name": "lunas-sandbox-bank",
            "accesslog": None,
            # Its default place is the user's own home, which is not ours to write to.
            "control_socket_disable": True,
            "worker_exit": self._end,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # Opened in the worker, after the fork: connections and threads do not survive one.
        self._bank = open_bank()
        self._teller = Teller(self._bank)
        self._teller.start()
        return create_app(self._bank)

    def _end(self, arbiter: Any, worker: Any) -> None:  # noqa: ARG002 - gunicorn's signature
        if self._teller and self._bank:
            self._teller.stop()
            self._teller.join(timeout=10)
            self._bank.close()
