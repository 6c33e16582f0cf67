"""Making a region a client, exchanging connection files, and refusing to look like a real bank.

For: `lunas sandbox setup`, `connect` and `serve`, and what they refuse.
Not for: `lunas partner add` (tests/app).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select

from app.cli import main
from app.sandbox_bank.bookkeeping import get_client
from app.sandbox_bank.errors import ClientExists, SandboxInputInvalid, SandboxLooksReal
from app.sandbox_bank.models import Account, Client
from app.sandbox_bank.running import RunningBank, open_bank
from app.sandbox_bank.serving import require_here
from app.sandbox_bank.setting_up import NewClient, add_client, connection_document
from app.sandbox_bank.settings import read_sandbox_settings
from bank_adapters.snap import SnapProfile, load_public_key
from foundation import clock
from foundation.errors import SettingsIncomplete
from foundation.money import Money
from tests.app.sandbox_bank.scene import CODE, StandIn, balances, post, va

SETUP = ["sandbox", "setup", "--region", "3316", "--region-name", "Kabupaten Blora", "--connection"]


def _public_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _reply(**other: object) -> dict[str, object]:
    return {
        "client_id": "the-bank",
        "client_secret": "a-secret",
        "public_key_pem": _public_pem(),
        "base_url": "http://127.0.0.1:8080/3316/snap",
    } | other


def test_setup_writes_the_file_that_partner_add_reads(sandbox_environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "bank-side.json"

    ran = CliRunner().invoke(main, [*SETUP, str(file)])

    assert ran.exit_code == 0, ran.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    document = json.loads(file.read_text(encoding="utf-8"))
    assert set(document) == {"code", "name", "va_prefix", "public_key_pem", "profile", "terms", "acquirer"}
    assert (document["code"], document["va_prefix"]) == ("SANDBOX", "83316")
    assert "bukan bank sungguhan" in document["name"]
    assert document["terms"] == {"holding_account_no": "2331600001", "settlement_format": "lunas-sandbox"}
    assert document["acquirer"]["base_url"] == "http://127.0.0.1:8090/3316"
    assert document["acquirer"]["merchant_id"] == "SANDBOX3316"
    assert set(document["acquirer"]) == {"base_url", "client_id", "client_secret", "merchant_id"}
    assert SnapProfile.from_dict(document["profile"]) == SnapProfile()
    assert load_public_key(document["public_key_pem"]).key_size == 2048


def test_setup_a_second_time_keeps_the_keys(sandbox_environ: dict[str, str], tmp_path: Path) -> None:
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    for file in files:
        assert CliRunner().invoke(main, [*SETUP, str(file)]).exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_reply_connects_the_client(bank: RunningBank, tmp_path: Path) -> None:
    reply = tmp_path / "reply.json"
    reply.write_text(json.dumps(_reply()), encoding="utf-8")

    ran = CliRunner().invoke(main, ["sandbox", "connect", "--region", "3316", "--reply", str(reply)])

    assert ran.exit_code == 0, ran.output
    with bank.database.unit_of_work() as session:
        client = get_client(session, "3316")
        assert (client.lunas_client_id, client.lunas_base_url) == ("the-bank", "http://127.0.0.1:8080/3316/snap")


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (_reply(client_secret=""), "client_secret"),
        (_reply(public_key_pem="no key"), "kunci publik"),
        (_reply(base_url="ftp://127.0.0.1/"), "base_url"),
        (_reply(base_url="https://lunas.example.go.id/3316/snap"), "SANDBOX_ALLOW_OUTSIDE"),
        ([], "reply"),
    ],
)
def test_a_reply_that_cannot_be_used_changes_nothing(
    bank: RunningBank, tmp_path: Path, reply: object, said: str
) -> None:
    file = tmp_path / "reply.json"
    file.write_text(json.dumps(reply), encoding="utf-8")

    ran = CliRunner().invoke(main, ["sandbox", "connect", "--region", "3316", "--reply", str(file)])

    assert ran.exit_code == 1
    assert said in ran.output
    with bank.database.unit_of_work() as session:
        assert get_client(session, "3316").lunas_base_url is None


def test_two_regions_share_no_number_and_no_key(bank: RunningBank) -> None:
    with bank.database.unit_of_work() as session:
        add_client(session, NewClient(region="6471", region_name="Kota Balikpapan"), at=clock.now())
    with bank.database.unit_of_work() as session:
        first, second = (connection_document(get_client(session, code), url="x") for code in ("3316", "6471"))
    for field in ("va_prefix", "public_key_pem", "terms", "acquirer"):
        assert first[field] != second[field]
    for field in ("base_url", "client_id", "client_secret", "merchant_id"):
        assert first["acquirer"][field] != second["acquirer"][field]


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({"va_prefix": "83316"}, ClientExists),
        ({"holding_account_no": "2331600001"}, ClientExists),
        ({"va_prefix": "123456789"}, SandboxInputInvalid),
        ({"timezone": "Asia/Blora"}, SandboxInputInvalid),
        ({"region": "331"}, SandboxInputInvalid),
    ],
)
def test_a_client_that_cannot_be_leaves_nothing(
    bank: RunningBank, wanted: dict[str, str], refusal: type[Exception]
) -> None:
    before = balances(bank)
    facts = {"region": "6471", "region_name": "Kota Balikpapan"} | wanted
    with pytest.raises(refusal), bank.database.unit_of_work() as session:
        add_client(session, NewClient(**facts), at=clock.now())  # type: ignore[arg-type]  # texts alone are varied
    with bank.database.unit_of_work() as session:
        assert session.scalars(select(Client.region)).all() == ["3316"]
    assert balances(bank) == before


def test_opening_the_bank_again_keeps_its_money_and_its_secret(
    bank: RunningBank, sandbox_environ: dict[str, str]
) -> None:
    before, secret = balances(bank), bank.database.get_secret("session")
    again = open_bank(sandbox_environ)
    assert (balances(again), again.database.get_secret("session")) == (before, secret)
    again.close()
    with bank.database.unit_of_work() as session:
        assert all("ontoh" in owner for owner in session.scalars(select(Account.owner).where(Account.kind == "PAYER")))


def test_a_database_of_lunas_is_refused(sandbox_environ: dict[str, str], database: object) -> None:
    with pytest.raises(SandboxLooksReal):
        open_bank({**sandbox_environ, "SANDBOX_DATABASE_URL": os.environ["DATABASE_OWNER_URL"]})


def test_beside_an_outside_database_it_wants_one_of_its_own() -> None:
    with pytest.raises(SettingsIncomplete):
        read_sandbox_settings({"DATABASE_URL": "postgresql://lunas@db.example/lunas"})


def test_it_listens_to_this_machine_only_unless_told_otherwise(sandbox_environ: dict[str, str]) -> None:
    settings = read_sandbox_settings(sandbox_environ)
    require_here("127.0.0.1", settings)
    for host, url in (("0.0.0.0", settings.url), ("127.0.0.1", "https://bank.example.co.id")):
        with pytest.raises(SandboxLooksReal):
            require_here(host, read_sandbox_settings({**sandbox_environ, "SANDBOX_URL": url}))
    require_here("0.0.0.0", read_sandbox_settings({**sandbox_environ, "SANDBOX_ALLOW_OUTSIDE": "1"}))


def test_served_as_a_process_it_repeats_what_lunas_has_not_answered(
    bank: RunningBank, lunas: StandIn, sandbox_environ: dict[str, str]
) -> None:
    lunas.owed[CODE] = Money.parse("150000.00")
    lunas.silences = 1
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "sandbox", "serve", "--port", str(port)], env=os.environ | sandbox_environ
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until(lambda: _answers(url))
        assert post(url, "/3316/api/pay-va", virtual_account=va(bank)).json()["state"] == "DEBITED"
        _wait_until(lambda: _only_state(url) == "DONE")
        assert [each.body["flagAdvise"] for each in lunas.sent("/payment")] == ["N", "Y"]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/3316/api/payments", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def _only_state(url: str) -> str:
    (payment,) = requests.get(f"{url}/3316/api/payments", timeout=5).json()["payments"]
    return str(payment["state"])


def _wait_until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        threading.Event().wait(0.1)
    pytest.fail("it did not happen within a minute")
