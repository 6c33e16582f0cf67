"""What the demo made for its visitor, kept beside its data and readable by its owner only.

For: printing it again at a later start, and the current second-factor code (`lunas demo code`), since a visitor may
have no authenticator app at hand.
Not for: real staff: their second factor is shown once and kept nowhere.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import pyotp

from foundation import clock

__all__ = ["DemoCredentials", "current_code", "read_credentials", "write_credentials"]

_FILE = "demo-credentials.json"


@dataclass(frozen=True, slots=True)
class DemoCredentials:
    """One region's treasurer and API token."""

    region: str
    username: str
    password: str
    totp_secret: str
    api_token: str


def write_credentials(home: Path, made: list[DemoCredentials]) -> None:
    """Keep them in the demo's directory (mode 0600)."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(home / _FILE, flags, 0o600), "w", encoding="ascii") as out:
        json.dump([asdict(one) for one in made], out, indent=2)


def read_credentials(home: Path) -> list[DemoCredentials]:
    """What an earlier start kept; empty before the first."""
    file = home / _FILE
    if not file.is_file():
        return []
    return [DemoCredentials(**one) for one in json.loads(file.read_text(encoding="ascii"))]


def current_code(credentials: DemoCredentials) -> str:
    """The six digits that are valid now."""
    return pyotp.TOTP(credentials.totp_secret).at(clock.now())
