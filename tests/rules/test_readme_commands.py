"""The README's way to one's own PostgreSQL and to a first region, done as it is written there.

For: the SQL that makes the two roles, and every `lunas` command of the section "A first region", in order.
Not for: the long-running ones, `serve` and `worker`; the journeys run those.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from foundation.embedded import EmbeddedServer
from tests.rules.source import ROOT

_README = (ROOT / "README.md").read_text(encoding="utf-8")
_LONG_RUNNING = (["serve"], ["worker"], ["worker", "run"])


def _section(title: str) -> str:
    return _README.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.fixture
def roles_of_readme(embedded_server: EmbeddedServer) -> Iterator[dict[str, str]]:
    """The README's SQL, run by a superuser under other names: the test server has roles of these names already."""
    block = re.search(r"```sql\n(.*?)```", _section("On your own PostgreSQL"), re.DOTALL)
    assert block is not None
    statements = re.sub(r"\blunas(_owner|_app)?\b", r"readme\1", block[1])
    superuser = embedded_server.url("superuser", "postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        for statement in statements.split(";"):
            if statement.strip():
                connection.execute(statement)
        place = f"127.0.0.1:{embedded_server.status().port}"
        yield {
            "DATABASE_URL": f"postgresql://readme_app:choose-another@{place}/readme",
            "DATABASE_OWNER_URL": f"postgresql://readme_owner:choose-one@{place}/readme",
        }
        connection.execute("DROP DATABASE readme WITH (FORCE)")
        connection.execute("DROP ROLE readme_owner, readme_app")


def test_the_readme_leads_to_a_first_region(roles_of_readme: dict[str, str], tmp_path: Path) -> None:
    commands = [
        shlex.split(line)[1:]
        for line in _section("A first region").splitlines()
        if line.startswith("    lunas ") and shlex.split(line)[1:] not in _LONG_RUNNING
    ]
    assert len(commands) >= 10
    _write_connection_file(tmp_path / "bank.json")
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LUNAS_", "DATABASE_"))},
        **roles_of_readme,
        "LUNAS_HOME": str(tmp_path / "home"),
        "LUNAS_BASE_URL": "https://lunas.example.go.id",
        "PYTHONPATH": str(ROOT),
    }
    for words in commands:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"lunas {shlex.join(words)}\n{done.stdout}{done.stderr}"
    exported = (tmp_path / "ledger.csv").read_text(encoding="utf-8").splitlines()
    assert len(exported) > 2  # the heading and both sides of row 1


def _write_connection_file(file: Path) -> None:
    """The example of docs/runbooks/connect-a-bank.md with a real key in it."""
    text = (ROOT / "docs/runbooks/connect-a-bank.md").read_text(encoding="utf-8")
    block = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert block is not None
    given = json.loads(block[1])
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    given["public_key_pem"] = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    file.write_text(json.dumps(given), encoding="utf-8")
