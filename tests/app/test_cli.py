"""The command line: regions, settings, policies, staff and tokens; refusals in words and nothing changed."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner, Result

import app.cli
from app.cli import COMMANDS, main
from foundation import clock
from foundation.db import unit_of_work
from foundation.identity import authenticate_token, list_assignments, list_tokens, list_users, try_password
from foundation.identity.signing_in import try_second_factor
from foundation.policies import get_policy
from foundation.regions import Region, list_regions


def run(*arguments: str, given: str | None = None) -> Result:
    """Run `lunas` in this process."""
    return CliRunner().invoke(main, arguments, input=given)


def done(*arguments: str, given: str | None = None) -> str:
    """Run `lunas`, which must succeed; what it printed."""
    result = run(*arguments, given=given)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: str) -> str:
    """Run `lunas`, which must refuse; what it said on standard error."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Traceback" not in result.stderr
    return result.stderr


def test_help_names_every_command_that_is_there() -> None:
    told = done("--help")
    there = [name for name in COMMANDS if (Path(app.cli.__file__).parent / f"{name}.py").is_file()]
    assert [name for name in there if f"\n  {name} " not in told] == []
    assert {"region", "db", "settings", "policy", "user", "token", "serve"} <= set(there)


def test_a_light_command_loads_neither_database_nor_web() -> None:
    code = (
        "import sys\nfrom app.cli import main\n"
        "try:\n    main(['qris', 'decode', 'x'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'sqlalchemy', 'flask', 'psycopg', 'ledger', 'alembic'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert told.stdout.splitlines()[-1] == "[]"


def test_a_region_is_made_and_listed(region: Region) -> None:
    told = done("region", "create", "9102", "Kabupaten Contoh", "--timezone", "Asia/Jayapura")
    assert "Wilayah 9102 Kabupaten Contoh (Asia/Jayapura) siap digunakan." in told
    assert done("region", "list").splitlines() == [
        "3316\tAsia/Jakarta\tKabupaten Blora",
        "6471\tAsia/Makassar\tKota Balikpapan",
        "9102\tAsia/Jayapura\tKabupaten Contoh",
    ]


def test_a_region_that_exists_is_refused_in_both_languages(region: Region) -> None:
    before = list_regions()
    assert refused("region", "create", "3316", "Kabupaten Lain").splitlines() == [
        "Wilayah 3316 sudah terdaftar.",
        "Region 3316 is already registered.",
    ]
    assert list_regions() == before


def test_an_upgrade_says_what_it_did(region: Region) -> None:
    lines = done("db", "upgrade").splitlines()
    assert [line.split(":")[0] for line in lines] == ["lunas", "r3316", "r6471"]
    assert all("unchanged" in line for line in lines)


def test_settings_are_written_once_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNAS_HOME", str(tmp_path / "home"))
    assert str(tmp_path / "home" / "settings.env") in done("settings", "init")
    kept = (tmp_path / "home" / "settings.env").read_text(encoding="ascii")
    assert "left as it is" in done("settings", "init")
    assert (tmp_path / "home" / "settings.env").read_text(encoding="ascii") == kept
    assert "complete" in done("settings", "check")


def test_missing_settings_are_all_named(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LUNAS_", "DATABASE_"))}
    told = subprocess.run(
        [sys.executable, "-m", "app.cli", "settings", "check"],
        capture_output=True,
        text=True,
        env=environ | {"LUNAS_HOME": str(tmp_path)},
        check=False,
    )
    assert (told.returncode, told.stdout) == (1, "")
    for name in ("LUNAS_SECRET_KEY", "LUNAS_DATA_KEYS", "LUNAS_INDEX_KEY"):
        assert told.stderr.count(f"- {name}: ") == 2


def test_a_policy_is_set_and_listed(region: Region) -> None:
    name = "ledger.budget_recognised_at"
    done("policy", "set", "--region", "3316", "--from", "2026-03-01", "--basis", "Perbup 1/2026", name, "4a")
    assert f"{name}\t4a\t" in done("policy", "list", "--region", "3316", "--on", "2026-03-01")
    assert f"{name}\t4b\t" in done("policy", "list", "--region", "3316", "--on", "2026-02-28")
    assert "4c" in refused("policy", "set", "--region", "3316", "--from", "2026-04-01", "--basis", "x", name, "4c")
    with unit_of_work(region.code) as session:
        assert get_policy(session, name, on=date(2026, 5, 1)) == "4a"


def test_a_user_that_is_made_can_sign_in(region: Region) -> None:
    told = done(
        *("user", "create", "--region", "3316", "--name", "Ani Contoh"),
        *("--role", "bpkad", "--decree", "900/1/2026", "--qr", "ani.contoh"),
    )
    facts = dict(line.split(": ", 1) for line in told.splitlines() if " / " in line and ": " in line)
    at = clock.now()
    with unit_of_work(region.code) as session:
        secret = try_password(session, "ani.contoh", facts["Kata sandi / password"], at=at)
        assert secret is not None
        code = pyotp.TOTP(facts["Kode rahasia autentikator / authenticator secret"]).at(at)
        assert try_second_factor(session, secret, code, at=at) is not None
        held = list_assignments(session, "ani.contoh")
        assert [(row.role, row.decree_number) for row in held] == [("bpkad", "900/1/2026")]
    listed = done("user", "list", "--region", "3316")
    assert listed == f"ani.contoh\tAni Contoh\taktif\tbpkad {clock.today(region.timezone)}..\n"


def test_a_password_may_be_asked_for_and_is_then_not_shown(region: Region) -> None:
    chosen = "a password for tests alone"
    told = done(
        *("user", "create", "--region", "3316", "--name", "Ani", "--ask-password", "ani.contoh"),
        given=f"{chosen}\n{chosen}\n",
    )
    assert chosen not in told
    with unit_of_work(region.code) as session:
        assert try_password(session, "ani.contoh", chosen, at=clock.now()) is not None


def test_a_user_with_an_unknown_role_is_not_made_at_all(region: Region) -> None:
    told = refused(
        "user", "create", "--region", "3316", "--name", "Ani", "--role", "wali", "--decree", "1", "ani.contoh"
    )
    assert "bendahara, bpkad, auditor, admin" in told
    with unit_of_work(region.code) as session:
        assert list_users(session) == []


@pytest.mark.parametrize("decree", [(), ("--decree", " ")])
def test_a_role_without_its_decree_is_refused_and_nobody_is_made(region: Region, decree: tuple[str, ...]) -> None:
    told = CliRunner().invoke(
        main, ["user", "create", "--region", "3316", "--name", "Ani", "--role", "bpkad", *decree, "ani.contoh"]
    )
    assert told.exit_code == 2
    assert "--role: sebutkan nomor SK dengan --decree" in told.stderr
    with unit_of_work(region.code) as session:
        assert list_users(session) == []


def test_roles_are_given_and_ended_and_users_blocked(region: Region) -> None:
    done("user", "create", "--region", "3316", "--name", "Ani", "ani.contoh")
    assigned = ("--role", "auditor", "--decree", "1", "--from", "2026-01-01")
    done("user", "assign", "--region", "3316", *assigned, "ani.contoh")
    done("user", "end", "--region", "3316", "--role", "auditor", "--on", "2026-06-30", "ani.contoh")
    done("user", "block", "--region", "3316", "ani.contoh")
    assert done("user", "list", "--region", "3316").split("\t")[2:] == [
        "diblokir",
        "auditor 2026-01-01..2026-06-30\n",
    ]
    done("user", "block", "--undo", "--region", "3316", "ani.contoh")
    assert "0 sesi" in done("user", "sign-out", "--region", "3316", "ani.contoh")
    assert "Kata sandi" in done("user", "renew", "--region", "3316", "ani.contoh")
    assert "budi" in refused("user", "renew", "--region", "3316", "budi")


def test_a_token_is_shown_once_and_revoked(region: Region, other_region: Region) -> None:
    result = run("token", "create", "--region", "3316", "--name", "bpkad", "--permission", "ledger.read")
    secret = result.stdout.strip()
    with unit_of_work(region.code) as session:
        token = authenticate_token(session, secret, region="3316", at=clock.now())
        assert token is not None
        assert token.permissions == {"ledger.read"}
    listed = done("token", "list", "--region", "3316")
    assert listed.split("\t")[1:3] == ["bpkad", "ledger.read"]
    assert secret not in listed
    assert done("token", "list", "--region", "6471") == ""
    done("token", "revoke", "--region", "3316", "bpkad")
    assert done("token", "list", "--region", "3316").endswith("dicabut\n")
    refused("token", "revoke", "--region", "6471", "bpkad")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", "bpkad", "--permission", "ledger.write"),
        ("--name", "x", "--permission", "ledger.read"),
        ("--name", "bpkad", "--permission", "ledger.read", "--days", "0"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(region: Region, arguments: tuple[str, ...]) -> None:
    refused("token", "create", "--region", "3316", *arguments)
    with unit_of_work(region.code) as session:
        assert list_tokens(session) == []


@pytest.mark.parametrize(
    "command", [("policy", "list"), ("user", "list"), ("token", "list"), ("user", "renew", "ani.contoh")]
)
def test_a_region_that_is_not_there_is_named(region: Region, command: tuple[str, ...]) -> None:
    assert refused(*command, "--region", "9999").splitlines()[0] == "Wilayah 9999 belum terdaftar."


def test_a_database_that_does_not_answer_is_told_in_words(tmp_path: Path) -> None:
    told = _elsewhere("postgresql://lunas_app:x@127.0.0.1:1/lunas", "region", "list")
    assert told.returncode == 1
    assert told.stderr.startswith("Basis data tidak dapat dijangkau")
    assert "Traceback" not in told.stderr


def test_a_database_without_our_tables_is_told_in_words(embedded_server, fresh_database: str) -> None:  # type: ignore[no-untyped-def]  # the fixture's type is the server's own
    told = _elsewhere(embedded_server.url("owner", fresh_database), "region", "list")
    assert told.returncode == 1
    assert "lunas db upgrade" in told.stderr
    assert "Traceback" not in told.stderr


def _elsewhere(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"DATABASE_URL": url, "DATABASE_OWNER_URL": url}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments], capture_output=True, text=True, env=environ, check=False
    )
