"""The guards of a freshly migrated region, written to ledger/sealing/guards.tsv.

For: whoever changed a trigger or a function in a migration: `python -m tests.rules.house_guards`.
Not for: holding the file to the migrations (test_guards).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from foundation.config import reload_settings
from foundation.connections import dispose_engines
from foundation.db import unit_of_work
from foundation.embedded import EmbeddedServer
from foundation.embedded.home import STATE_ROOT, make_directory
from foundation.migrating import upgrade_shared
from foundation.regions import create_region
from ledger.sealing.guards import GUARDS_FILE, guards_text, read_guards
from tests.conftest import TEST_KEYS
from tests.rules.source import ROOT

__all__ = ["GUARDS_PATH", "write_guards"]

GUARDS_PATH = f"ledger/sealing/{GUARDS_FILE}"


def write_guards() -> None:
    """Migrate a region on a server that is made for it and removed again, and write what its guards are."""
    parent = STATE_ROOT if os.geteuid() == 0 else Path(tempfile.gettempdir())
    home = parent / f"lunas-guards-{os.getpid()}"
    make_directory(home, 0o711)
    server = EmbeddedServer(home)
    try:
        server.start()
        os.environ |= TEST_KEYS | {"LUNAS_HOME": str(home)}
        os.environ |= {"DATABASE_URL": server.url("app"), "DATABASE_OWNER_URL": server.url("owner")}
        reload_settings()
        upgrade_shared()
        create_region("3316", "Kabupaten Blora", timezone="Asia/Jakarta")
        with unit_of_work("3316") as session:
            (ROOT / GUARDS_PATH).write_text(guards_text(read_guards(session)), encoding="utf-8")
        dispose_engines()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    write_guards()
