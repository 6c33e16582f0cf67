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
    """Make a directory and its missing parents with exactly this mode, whatever the umask; existing ones stay as is.

    Under the state root, parents are open to be walked through, as the server's user has to.
    """
    if path.is_dir():
        return
    if path == STATE_ROOT or STATE_ROOT in path.parent.parents:
        make_directory(path.parent, 0o711)
    elif path.parent == STATE_ROOT:
        make_directory(path.parent, 0o755)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(exist_ok=True)
    path.chmod(mode)
