"""The system user that the embedded server runs as.

For: choosing that user, and running the server's programs as that user with a clean environment.
Not for: users of Lunas (foundation.identity) or roles inside the database (foundation.embedded.server).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import EmbeddedServerUnavailable

__all__ = ["ServerAccount", "choose_account"]

_NAME = "lunas"
_FALLBACK = "nobody"
# The user's own PG… variables, locale and library paths must not reach the server's programs.
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "HOME": "/"}


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """Who runs the server: ourselves (`switch` is None), or as root another user, by uid and gid."""

    switch: tuple[int, int] | None

    def run(self, command: list[str], *, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run one of the server's programs to its end, output captured. Raises EmbeddedServerUnavailable.

        It gets a session of its own, so that Ctrl-C in the starter's terminal stays in that terminal.
        """
        uid, gid = self.switch or (None, None)
        try:
            return subprocess.run(  # noqa: S603 - our own list of arguments, no shell
                command,
                cwd=cwd,
                env=_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                user=uid,
                group=gid,
                extra_groups=None if self.switch is None else [],
                umask=0o077,
                start_new_session=True,
            )
        except OSError as error:
            raise EmbeddedServerUnavailable(
                reason_id=f"{command[0]} tidak dapat dijalankan ({error})",
                reason_en=f"{command[0]} cannot be run ({error})",
            ) from error

    def own(self, path: Path) -> None:
        """Give a fresh file or directory of ours to the server's user."""
        if self.switch is not None:
            os.chown(path, *self.switch)

    def can_enter(self, path: Path) -> bool:
        """True if the server's user may walk into this directory."""
        if self.switch is None:
            return os.access(path, os.X_OK)
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)], cwd=Path("/")).returncode == 0


def choose_account() -> ServerAccount:
    """Ourselves, unless we are root, whom PostgreSQL refuses: then the system user `lunas`, made if it is missing.

    Where no user can be added (a read-only /etc), `nobody` serves.
    """
    if os.geteuid() != 0:
        return ServerAccount(None)
    entry = _find_user(_NAME) or _add_user() or _find_user(_FALLBACK)
    if entry is None or entry.pw_uid == 0:
        raise EmbeddedServerUnavailable(
            reason_id="root tidak boleh menjalankan PostgreSQL dan pengguna sistem 'lunas' tidak dapat dibuat",
            reason_en="root may not run PostgreSQL, and the system user 'lunas' cannot be made",
        )
    return ServerAccount((entry.pw_uid, entry.pw_gid))


def _find_user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _add_user() -> pwd.struct_passwd | None:
    program = shutil.which("useradd", path=_ENVIRONMENT["PATH"])
    if program is None:
        return None
    command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run(  # noqa: S603 - fixed arguments; two starters at once: the loser finds the user made
        [*command, "--shell", "/usr/sbin/nologin", _NAME], capture_output=True, check=False
    )
    return _find_user(_NAME)
