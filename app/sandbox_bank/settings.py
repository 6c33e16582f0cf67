"""Where the sandbox bank lives: its database, the inbox it writes to, and its own address.

For: the few settings of this program; docs/settings.md lists them.
Not for: keys. The sandbox bank makes its own and keeps them in its own database, and never reads those of Lunas.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from foundation.embedded import EmbeddedServer, default_home
from foundation.errors import SettingsIncomplete

__all__ = ["SANDBOX_SETTING_NAMES", "SandboxSettings", "is_loopback", "read_sandbox_settings"]

SANDBOX_SETTING_NAMES = {
    "SANDBOX_DATABASE_URL": "the sandbox bank's own database; without it one is made on the embedded server",
    "SANDBOX_INBOX": "directory that it writes files to, one folder per region; default LUNAS_INBOX or <home>/inbox",
    "SANDBOX_URL": "its own address; default http://127.0.0.1:8090",
    "SANDBOX_ALLOW_OUTSIDE": "1 to let it listen to and call other machines; never where it could be taken for real",
}
_DATABASE = "sandbox_bank"


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What the sandbox bank runs with; the address of its database holds a password and stays out of its repr."""

    database_url: str = field(repr=False)
    inbox: Path
    url: str
    allow_outside: bool


def read_sandbox_settings(environ: Mapping[str, str] | None = None) -> SandboxSettings:
    """The settings from the environment; starts the embedded server where no database is named.

    Raises SettingsIncomplete when Lunas uses another server but the sandbox bank has been given no database there.
    """
    given = os.environ if environ is None else environ
    database_url = given.get("SANDBOX_DATABASE_URL", "")
    if not database_url and given.get("DATABASE_URL"):
        raise SettingsIncomplete(problems=f"- SANDBOX_DATABASE_URL: {SANDBOX_SETTING_NAMES['SANDBOX_DATABASE_URL']}")
    home = Path(given["LUNAS_HOME"]) if given.get("LUNAS_HOME") else default_home()
    return SandboxSettings(
        database_url=database_url or _embedded_database(home),
        inbox=Path(given.get("SANDBOX_INBOX") or given.get("LUNAS_INBOX") or home / "inbox"),
        url=(given.get("SANDBOX_URL") or "http://127.0.0.1:8090").rstrip("/"),
        allow_outside=given.get("SANDBOX_ALLOW_OUTSIDE") == "1",
    )


def is_loopback(address: str) -> bool:
    """True when a host name or an http address means this machine itself."""
    host = urlsplit(address).hostname if "//" in address else address
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _embedded_database(home: Path) -> str:
    """A database with a role of its own: nothing of Lunas is readable from it, nor the other way round."""
    server = EmbeddedServer(home)
    server.start()
    server.create_database(_DATABASE, owner=_DATABASE)
    return server.url(_DATABASE, _DATABASE)
