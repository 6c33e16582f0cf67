"""The running server as a process: is it there, is it ready, start it, stop it.

For: one data directory's postmaster, through pg_ctl and the file postmaster.pid.
Not for: what is inside the database (foundation.embedded.server).
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import shlex
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from foundation.embedded.account import ServerAccount
from foundation.errors import EmbeddedServerUnavailable

__all__ = ["PidFile", "find_postmaster", "socket_place", "start_postmaster", "stop_postmaster", "wait_until_ready"]

_TICK = 0.05
_PATIENCE = 300.0  # seconds without any sign of progress; PostgreSQL itself reports recovery every 10 seconds
_LONGEST_SOCKET = 107
_LEFTOVERS = 60.0  # seconds for the children of a killed postmaster to notice that it is gone
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    # Money depends on these three; they are named so that nobody's edit of postgresql.conf turns them off.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",  # start-up failures are told apart by their text
    "log_error_verbosity": "terse",  # a DETAIL would copy rows, and with them people's data, into the log
    "log_startup_progress_interval": "10s",
}


@dataclass(frozen=True, slots=True)
class PidFile:
    """What postmaster.pid says of a living postmaster."""

    pid: int
    port: int | None
    ready: bool


def find_postmaster(data: Path) -> PidFile | None:
    """The living postmaster of this data directory, or None.

    After kill -9 or a restarted container the file may name a process that is gone or something else altogether, so
    the process's command line has to show the name that we give to the server of this directory.
    """
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if not _is_postmaster(pid, data):
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].strip() else None
    return PidFile(pid, port, ready=len(lines) > 7 and lines[7].strip() == "ready")


def start_postmaster(folder: Path, binaries: Path, account: ServerAccount) -> None:
    """Start the server of `folder`/data and wait until it takes connections; crash recovery gets all its time.

    The port is kept in `folder`/port and changed if another program took it. Raises EmbeddedServerUnavailable.
    """
    leftovers_until = time.monotonic() + _LEFTOVERS
    log = folder / "log" / "postgres.log"
    port = _kept_port(folder)
    for _ in range(200):
        _remove_stale_files(folder)
        _write_port(folder, port)
        failure = _launch(folder, binaries, account, port)
        if failure is None:
            if not wait_until_ready(folder):
                raise _cannot_start(_tail(log, 0))
            return
        if "could not bind" in failure or "could not create any TCP/IP sockets" in failure:
            port = _free_port()
        elif "still in use" in failure and time.monotonic() < leftovers_until:
            time.sleep(10 * _TICK)
        else:
            raise _cannot_start(failure)
    raise _cannot_start("no free port on 127.0.0.1")


def socket_place(folder: Path, port: int) -> Path | None:
    """The directory of the server's socket; None where its path is longer than the 107 bytes a socket may have."""
    place = folder / "socket"
    return place if len(os.fsencode(place / f".s.PGSQL.{port}")) <= _LONGEST_SOCKET else None


def wait_until_ready(folder: Path) -> bool:
    """Wait for a starting server as long as it shows progress; False if there is none, or it ended meanwhile.

    Raises EmbeddedServerUnavailable when it hangs.
    """
    log = folder / "log" / "postgres.log"
    seen, deadline = -1, 0.0
    while True:
        found = find_postmaster(folder / "data")
        if found is None or found.ready:
            return found is not None
        size = log.stat().st_size if log.exists() else 0
        if size != seen:
            seen, deadline = size, time.monotonic() + _PATIENCE
        elif time.monotonic() > deadline:
            raise _cannot_start(_tail(log, 0))
        time.sleep(_TICK)


def stop_postmaster(data: Path) -> bool:
    """Stop the server in order (open work is undone, everything is written); False if none ran.

    One that does not end in a minute is stopped at once, which costs no committed work: it recovers at the next start.
    """
    found = find_postmaster(data)
    if found is None:
        return False
    for sign, seconds in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 60.0), (signal.SIGKILL, 60.0)):
        try:
            os.kill(found.pid, sign)
        except ProcessLookupError:
            return True
        if _wait(lambda: not _is_postmaster(found.pid, data), seconds):
            return True
    raise EmbeddedServerUnavailable(
        reason_id=f"proses {found.pid} tidak mau berhenti", reason_en=f"process {found.pid} does not stop"
    )


def _launch(folder: Path, binaries: Path, account: ServerAccount, port: int) -> str | None:
    """Start through pg_ctl, which puts the server in a session of its own; None, or what it logged on failing.

    Paths are relative to `folder`, because pg_ctl puts them into a shell's command line unquoted.
    """
    log = folder / "log" / "postgres.log"
    if log.exists() and log.stat().st_size > 10_000_000:
        log.replace(log.with_suffix(".log.1"))
    before = log.stat().st_size if log.exists() else 0
    sockets = "../socket" if socket_place(folder, port) else ""  # as the server sees it from its data directory
    named = {**_SETTINGS, "unix_socket_directories": sockets, "cluster_name": _cluster_name(folder / "data")}
    options = [part for name, value in named.items() for part in ("-c", f"{name}={value}")]
    told = account.run(
        [
            str(binaries / "pg_ctl"),
            *("start", "--silent", "--wait", "--timeout=10", "--pgdata=data", "--log=log/postgres.log"),
            f"--options={shlex.join([*options, '-p', str(port)])}",
        ],
        cwd=folder,
    )
    if told.returncode == 0 or find_postmaster(folder / "data") is not None:
        return None  # ready, or not ready within the ten seconds: wait_until_ready has more patience
    return _tail(log, before) or told.stderr.strip()


def _is_postmaster(pid: int, data: Path) -> bool:
    if Path("/proc/self").exists():
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:  # gone
            return False
        # A zombie has no command line, and the server's children replace theirs: only the postmaster shows this.
        return f"cluster_name={_cluster_name(data)}".encode() in arguments
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _cluster_name(data: Path) -> str:
    """A name of this data directory that fits on a command line. Unlike a process's working directory, a command
    line may be read by root in a container without ptrace."""
    return f"lunas-{hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]}"


def _remove_stale_files(folder: Path) -> None:
    """PostgreSQL refuses to start when the number in a dead server's file was given to a new process of the same user.

    Safe, since two servers on one data directory are also kept apart by the shared memory block of that directory, and
    the directory of the socket is this server's alone.
    """
    if find_postmaster(folder / "data") is None:
        (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        for left in (folder / "socket").glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)


def _kept_port(folder: Path) -> int:
    try:
        port = int((folder / "port").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return _free_port()
    return port if _is_free(port) else _free_port()


def _write_port(folder: Path, port: int) -> None:
    fresh = folder / "port.new"
    fresh.write_text(f"{port}\n", encoding="ascii")
    fresh.replace(folder / "port")


def _free_port() -> int:
    """A port below the system's range for outgoing connections.

    Inside that range another program's connection can take the port while the server is down, and a client that
    keeps trying can even connect to itself.
    """
    for _ in range(200):
        port = random.randint(20_000, 32_000)  # noqa: S311 - not a secret
        if _is_free(port):
            return port
    raise _cannot_start("no free port on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait(reached: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(_TICK)
    return True


def _tail(log: Path, start: int) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as lines:
        lines.seek(start)
        text = lines.read()[-4000:].decode("utf-8", "replace")
    told = [line for line in text.splitlines() if re.search(r"FATAL|PANIC|HINT|rror", line)]
    return "\n".join(told[-6:])


def _cannot_start(reason: str) -> EmbeddedServerUnavailable:
    return EmbeddedServerUnavailable(reason_id=f"tidak mau mulai: {reason}", reason_en=f"it does not start: {reason}")
