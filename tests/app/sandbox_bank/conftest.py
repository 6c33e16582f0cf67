"""Fixtures of the sandbox bank's tests: an open bank of its own, the bank served, and a stand-in for Lunas.

For: `sandbox_environ`, `bank` (Kabupaten Blora is its client), `lunas` (the stand-in, connected) and `bank_url`.
Not for: verbs and the stand-in itself (scene).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.sandbox_bank.application import create_app
from app.sandbox_bank.bookkeeping import get_client
from app.sandbox_bank.running import RunningBank, open_bank
from app.sandbox_bank.setting_up import NewClient, add_client, connection_document, store_reply
from bank_adapters.snap import load_public_key
from foundation import clock
from foundation.embedded import EmbeddedServer
from tests.app.sandbox_bank.scene import REGION, StandIn, reply_of, served, stand_in_app


@pytest.fixture
def sandbox_environ(
    embedded_server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """Settings of a sandbox bank with an empty database and inbox of its own."""
    name = f"sandbox_{secrets.token_hex(6)}"
    embedded_server.create_database(name, owner="sandbox_bank")
    environ = {
        "SANDBOX_DATABASE_URL": embedded_server.url("sandbox_bank", name),
        "SANDBOX_INBOX": str(tmp_path / "inbox"),
        "SANDBOX_URL": "http://127.0.0.1:8090",
    }
    for setting, value in environ.items():
        monkeypatch.setenv(setting, value)
    yield environ
    embedded_server.drop_database(name)


@pytest.fixture
def bank(sandbox_environ: dict[str, str]) -> Iterator[RunningBank]:
    """An open sandbox bank; Kabupaten Blora is its client, not connected yet."""
    opened = open_bank(sandbox_environ)
    with opened.database.unit_of_work() as session:
        add_client(session, NewClient(region=REGION, region_name="Kabupaten Blora"), at=clock.now())
    yield opened
    opened.close()


@pytest.fixture
def lunas(bank: RunningBank) -> Iterator[StandIn]:
    """The stand-in, and the sandbox bank connected to it."""
    stand_in = StandIn(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    with served(stand_in_app(stand_in)) as url:
        stand_in.url = url
        with bank.database.unit_of_work() as session:
            client = get_client(session, REGION)
            stand_in.public_key = load_public_key(connection_document(client, url=bank.settings.url)["public_key_pem"])
            store_reply(session, REGION, reply_of(stand_in), allow_outside=False)
        yield stand_in


@pytest.fixture
def bank_url(bank: RunningBank) -> Iterator[str]:
    """The sandbox bank's address while it is served."""
    with served(create_app(bank)) as url:
        yield url
