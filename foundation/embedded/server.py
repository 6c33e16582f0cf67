"""The embedded server of one home directory: its files, roles, databases and addresses.

For: `EmbeddedServer(home)`, the front that the settings, the demo, the tests and the benchmarks use.
Not for: processes (foundation.embedded.postmaster) or tables (foundation.migrating).

Files, all under `<home>/postgres/`: `data/`, `socket/` (both the server's user's), `log/postgres.log`, `port`,
`passwords.json` (0600, ours), `lock` (starters wait for each other).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from foundation.embedded.account import ServerAccount, choose_account
from foundation.embedded.binaries import find_binaries, major_version
from foundation.embedded.home import make_directory
from foundation.embedded.postmaster import (
    find_postmaster,
    socket_place,
    start_postmaster,
    stop_postmaster,
    wait_until_ready,
)
from foundation.errors import EmbeddedServerUnavailable

if TYPE_CHECKING:
    import psycopg

__all__ = ["APP_ROLE", "DATABASE", "OWNER_ROLE", "EmbeddedServer", "ServerStatus"]

OWNER_ROLE = "lunas_owner"
APP_ROLE = "lunas_app"
DATABASE = "lunas"
_SUPERUSER = "postgres"
_ROLES = {"superuser": _SUPERUSER, "owner": OWNER_ROLE, "app": APP_ROLE}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RECOVERING = re.compile(r"the database system is (in recovery mode|starting up|not yet accepting connections)")
_RECOVERY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """How the server stands: "absent" (never made), "stopped", "starting" (or ending) or "running"."""

    state: Literal["absent", "stopped", "starting", "running"]
    pid: int | None = None
    port: int | None = None


class EmbeddedServer:
    """The PostgreSQL server of one home. Making the object touches nothing; `start` makes what is missing."""

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"

    def start(self) -> None:
        """Make the server at first, start it unless it runs, and see that roles and database are there.

        May be called at any time and by several at once. After a kill it waits for recovery as long as that makes
        progress. Raises EmbeddedServerUnavailable with what to do.
        """
        account = choose_account()
        self._make_folders(account)
        with self._lock():
            if not wait_until_ready(self.folder):
                binaries = find_binaries(account)
                self._make_data(binaries, account)
                start_postmaster(self.folder, binaries, account)
            self._make_roles_and_database()

    def stop(self) -> bool:
        """Stop the server in order; False if none ran. Raises EmbeddedServerUnavailable if it does not end."""
        if not self.data.is_dir():
            return False
        with self._lock():
            return stop_postmaster(self.data)

    def status(self) -> ServerStatus:
        """How the server stands now, without touching it."""
        if not self.data.is_dir():
            return ServerStatus("absent")
        found = find_postmaster(self.data)
        if found is None:
            return ServerStatus("stopped")
        return ServerStatus("running" if found.ready else "starting", found.pid, found.port)

    def url(self, role: str = "app", database: str = DATABASE) -> str:
        """The libpq address for "app", "owner", "superuser" or a role made by `create_database`.

        It leads to the server's socket, which costs half of what TCP does, or to 127.0.0.1 where there is none (the
        path would be too long, or the server is not running). The password is in it. Raises
        EmbeddedServerUnavailable before the first `start` and KeyError for no such role.
        """
        name = _ROLES.get(role, role)
        try:
            port = int((self.folder / "port").read_text(encoding="ascii"))
        except FileNotFoundError:
            raise _unavailable("server belum pernah dijalankan", "the server was never started") from None
        place = socket_place(self.folder, port)
        if place is not None and (place / f".s.PGSQL.{port}").exists():
            return f"postgresql://{name}:{self._passwords()[name]}@/{database}?host={quote(str(place))}&port={port}"
        return f"postgresql://{name}:{self._passwords()[name]}@127.0.0.1:{port}/{database}"

    def binary(self, name: str) -> Path:
        """The path of a program that belongs to this server, e.g. "pgbench" or "psql"."""
        path = find_binaries(choose_account()) / name
        if not path.is_file():
            raise _unavailable(f"program {name} tidak ada", f"there is no program {name}")
        return path

    def create_database(self, name: str, owner: str = OWNER_ROLE) -> None:
        """Make a database unless it exists; an owner that does not exist yet becomes a role with a password of its own.

        Nobody but its owner may connect, and the application's role where the owner is ours. Raises ValueError for
        names that are not plain.
        """
        from psycopg import sql

        _check_names(name, owner)
        with self._lock(), self._connect("postgres") as connection:
            self._make_role(connection, owner)
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
                )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
            if owner == OWNER_ROLE:
                connection.execute(
                    sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                        sql.Identifier(name), sql.Identifier(APP_ROLE)
                    )
                )

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending its connections. Raises ValueError for a name that is not plain."""
        from psycopg import sql

        _check_names(name)
        with self._connect("postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _make_folders(self, account: ServerAccount) -> None:
        make_directory(self.home, 0o700 if account.switch is None else 0o711)
        make_directory(self.folder, 0o700 if account.switch is None else 0o711)
        make_directory(self.folder / "log", 0o700)
        account.own(self.folder / "log")
        make_directory(self.folder / "socket", 0o700 if account.switch is None else 0o711)
        account.own(self.folder / "socket")
        if not account.can_enter(self.folder):
            raise _unavailable(
                f"pengguna sistem tidak dapat memasuki {self.folder}; isi LUNAS_HOME dengan direktori /var/lib/lunas",
                f"the system user cannot enter {self.folder}; set LUNAS_HOME to a directory under /var/lib/lunas",
            )

    def _make_data(self, binaries: Path, account: ServerAccount) -> None:
        """initdb beside its place, then a rename: what is called `data` is always whole."""
        major = major_version(binaries, account)
        if self.data.is_dir():
            made_by = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
            if made_by != str(major):
                raise _unavailable(
                    f"{self.data} dibuat oleh PostgreSQL {made_by}, programnya versi {major}; isi LUNAS_HOME yang lain",
                    f"{self.data} was made by PostgreSQL {made_by}, the programs are {major}; set another LUNAS_HOME",
                )
            return
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        make_directory(fresh, 0o700)
        account.own(fresh)
        password_file = self.folder / "password.new"
        _write_private(password_file, self._password_for(_SUPERUSER) + "\n")
        account.own(password_file)
        # C.UTF-8 sorts by code point everywhere; from 17 on PostgreSQL brings it along, before that libc does.
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if major >= 17 else ["--locale=C.UTF-8"]
        options = ["--pgdata=data.new", f"--username={_SUPERUSER}", "--pwfile=password.new", "--encoding=UTF8"]
        scram = ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256"]
        try:
            told = account.run([str(binaries / "initdb"), *options, *scram, *locale], cwd=self.folder)
        finally:
            password_file.unlink()
        if told.returncode != 0:
            raise _unavailable(f"initdb gagal: {told.stderr.strip()}", f"initdb failed: {told.stderr.strip()}")
        fresh.rename(self.data)

    def _make_roles_and_database(self) -> None:
        with self._connect("postgres") as connection:
            for role in (OWNER_ROLE, APP_ROLE):
                self._make_role(connection, role)
            made = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if made is None:
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")
            connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APP_ROLE}")

    def _make_role(self, connection: psycopg.Connection[Any], role: str) -> None:
        """Make a role that may do nothing but sign in; the password reaches the server as a verifier only."""
        from psycopg import sql

        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            return
        password = self._password_for(role).encode()
        verifier = connection.pgconn.encrypt_password(password, role.encode(), b"scram-sha-256").decode()
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(verifier)
            )
        )

    @contextmanager
    def _connect(self, database: str) -> Iterator[psycopg.Connection[Any]]:
        """A superuser's connection in autocommit; scram proves to each side that the other knows the password."""
        import psycopg

        until = time.monotonic() + _RECOVERY_SECONDS
        while True:
            try:
                connection = psycopg.connect(
                    self.url("superuser", database), autocommit=True, require_auth="scram-sha-256", connect_timeout=60
                )
                break
            except psycopg.OperationalError as error:
                # Where one of its processes was killed, the server recovers by itself and its pid file says nothing.
                if not _RECOVERING.search(str(error)) or time.monotonic() > until:
                    raise _unavailable(f"tidak dapat masuk ({error})", f"cannot sign in ({error})") from error
            time.sleep(0.05)
        with connection:
            yield connection

    def _passwords(self) -> dict[str, str]:
        try:
            kept: dict[str, str] = json.loads((self.folder / "passwords.json").read_text(encoding="ascii"))
        except FileNotFoundError:
            return {}
        return kept

    def _password_for(self, role: str) -> str:
        """The role's password, made and kept before its first use, so that a kill between never locks us out."""
        kept = self._passwords()
        if role not in kept:
            kept[role] = secrets.token_hex(24)
            fresh = self.folder / "passwords.new"
            _write_private(fresh, json.dumps(kept, indent=1))
            fresh.replace(self.folder / "passwords.json")
        return kept[role]

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _check_names(*names: str) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a plain name: {name!r}")


def _unavailable(reason_id: str, reason_en: str) -> EmbeddedServerUnavailable:
    return EmbeddedServerUnavailable(reason_id=reason_id, reason_en=reason_en)
