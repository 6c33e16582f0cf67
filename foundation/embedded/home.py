"""Where an installation's own files live.

For: the default home directory, and making directories of ours without touching any other.
Not for: settings (foundation.config), which may name another home by LUNAS_HOME.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

__all__ = ["STATE_ROOT", "default_home", "make_directory"]

STATE_ROOT = Path("/var/lib/lunas")


def default_home() -> Path:
    """The home of this checkout: LUNAS_HOME if set, `.lunas` inside the checkout, or a directory of root's.

    As root it lies under /var/lib/lunas, because the server then runs as another user, who as a rule may not enter
    the place where the checkout lies. Nothing is made here.
    """
    named = os.environ.get("LUNAS_HOME")
    if named:
        return Path(named)
    checkout = Path(__file__).resolve().parents[2]
    if os.geteuid() != 0:
        return checkout / ".lunas"
    name = re.sub(r"[^A-Za-z0-9._-]", "-", checkout.name)[:40]
    return STATE_ROOT / f"{name}-{hashlib.sha256(os.fsencode(checkout)).hexdigest()[:8]}"


def make_directory(path: Path, mode: int) -> None:
    """Make a directory with exactly this mode, whatever the umask; one that exists already stays as it is.

    Missing parents are made too, open to be walked through, as the server's user has to do.
    """
    missing = [part for part in (path, *path.parents) if not part.exists()]
    for part in reversed(missing):
        part.mkdir(exist_ok=True)
        part.chmod(mode if part == path else 0o755)
