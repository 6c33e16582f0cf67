"""A running sandbox bank for the tests, and a stand-in that answers it where Lunas itself plays no part.

For: fixtures `bank` (open, own database), `bank_url` (served over HTTP), `lunas` (the stand-in, connected as region
3316) and the small verbs that the sandbox bank's tests share.
Not for: Lunas's own behaviour; the journeys run against the real one.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, request
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from app.sandbox_bank.application import create_app
from app.sandbox_bank.bookkeeping import get_client
from app.sandbox_bank.models import Account, Client
from app.sandbox_bank.running import RunningBank, open_bank
from app.sandbox_bank.setting_up import NewClient, add_client, connection_document, store_reply
from bank_adapters.snap import load_public_key, verify_symmetric, verify_token
from foundation import clock
from foundation.embedded import EmbeddedServer
from foundation.money import Money

REGION = "3316"
TOKEN = "a-token-of-the-stand-in"
SECRET = "a secret that Lunas gave the sandbox bank"
CODE = "331601261100000016"


class QuietHandler(WSGIRequestHandler):
    """No access log between the lines of pytest."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""


@dataclass
class Knocked:
    """One message that the sandbox bank sent."""

    path: str
    external_id: str
    body: dict[str, Any]


@dataclass
class StandIn:
    """What answers in the place of Lunas: `owed` bills by payment code, and what came in, `knocked`.

    `silences`: so many messages are taken in but answered with 504 "Timeout". `public_key` is the bank's.
    """

    url: str = ""
    owed: dict[str, Money] = field(default_factory=dict)
    paid: dict[str, str] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    knocked: list[Knocked] = field(default_factory=list)
    silences: int = 0
    public_key: Any = None
    key: Any = None

    def sent(self, path: str) -> list[Knocked]:
        """The messages to one address, in order."""
        return [each for each in self.knocked if each.path.endswith(path)]


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


class served:  # noqa: N801 - reads as a verb where it is used
    """Serve an application in a thread on a free port for the length of a `with`."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def reply_of(stand_in: StandIn) -> dict[str, str]:
    """The reply file of the stand-in's `partner add`."""
    pem = stand_in.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "client_id": "lunas-knows-the-bank-as-this",
        "client_secret": SECRET,
        "public_key_pem": pem.decode(),
        "base_url": f"{stand_in.url}/{REGION}/snap",
    }


def stand_in_app(stand_in: StandIn) -> Flask:
    """Lunas's four doors; signatures are checked, as Lunas would."""
    app = Flask("stand_in")

    @app.post(f"/{REGION}/snap/v1.0/access-token/b2b")
    def give_token() -> Response:
        right = verify_token(
            stand_in.public_key,
            request.headers["X-SIGNATURE"],
            client_id=request.headers["X-CLIENT-KEY"],
            timestamp=request.headers["X-TIMESTAMP"],
        )
        if not right:
            return _answer("4017300")
        return _answer("2007300", accessToken=TOKEN, tokenType="Bearer", expiresIn="900")

    @app.post(f"/{REGION}/snap/v1.0/transfer-va/inquiry")
    def inquire() -> Response:
        body = _take(stand_in)
        case = _case(stand_in, body["customerNo"], None)
        if case != "00":
            return _answer(f"40424{case}")
        data = {
            "inquiryStatus": "00",
            "virtualAccountName": "W**** C*****",
            "totalAmount": {"value": stand_in.owed[body["customerNo"]].plain(), "currency": "IDR"},
        }
        return _answer("2002400", virtualAccountData=data)

    @app.post(f"/{REGION}/snap/v1.0/transfer-va/payment")
    def pay() -> Response:
        body = _take(stand_in)
        code, reference = body["customerNo"], body["paymentRequestId"]
        repeated = stand_in.paid.get(code) == reference
        case = "00" if repeated else _case(stand_in, code, body["paidAmount"]["value"])
        if case == "00":
            stand_in.paid[code] = reference
        if stand_in.silences:
            stand_in.silences -= 1
            return _answer("5042500")
        if repeated and body["flagAdvise"] != "Y":
            return _answer("4042518", virtualAccountData={"paymentFlagStatus": "00"})
        status = "00" if case == "00" else "01"
        return _answer("2002500" if case == "00" else f"40425{case}", virtualAccountData={"paymentFlagStatus": status})

    @app.post(f"/{REGION}/snap/v1.0/qr/qr-mpm-notify")
    def notify() -> Response:
        _take(stand_in)
        if stand_in.silences:
            stand_in.silences -= 1
            return _answer("5045200")
        return _answer("2005200", additionalInfo={})

    return app


def _take(stand_in: StandIn) -> dict[str, Any]:
    raw = request.get_data()
    assert verify_symmetric(
        SECRET,
        request.headers["X-SIGNATURE"],
        method="POST",
        path=request.environ["REQUEST_URI"],
        token=TOKEN,
        body=raw,
        timestamp=request.headers["X-TIMESTAMP"],
    )
    body: dict[str, Any] = json.loads(raw)
    stand_in.knocked.append(Knocked(request.path, request.headers["X-EXTERNAL-ID"], body))
    return body


def _case(stand_in: StandIn, code: str, paid: str | None) -> str:
    if code not in stand_in.owed:
        return "12"
    if code in stand_in.paid:
        return "14"
    if code in stand_in.expired:
        return "19"
    return "13" if paid not in (None, stand_in.owed[code].plain()) else "00"


def _answer(code: str, **body: Any) -> Response:
    text = json.dumps({"responseCode": code, "responseMessage": "told by the code", **body})
    return Response(text, status=int(code[:3]), content_type="application/json")


def post(url: str, path: str, **body: Any) -> requests.Response:
    """POST JSON to the sandbox bank."""
    return requests.post(f"{url}{path}", json=body, timeout=30)


def balances(bank: RunningBank) -> dict[str, Money]:
    """Every account's balance by its number."""
    with bank.database.unit_of_work() as session:
        return {account.number: Money(account.balance_sen) for account in session.scalars(select(Account))}


def numbers(bank: RunningBank) -> tuple[str, str]:
    """The holding account's and RKUD's number."""
    with bank.database.unit_of_work() as session:
        client: Client = get_client(session, REGION)
        return client.holding.number, client.rkud.number


def va(bank: RunningBank, code: str = CODE) -> str:
    """The virtual account number of a payment code."""
    with bank.database.unit_of_work() as session:
        return get_client(session, REGION).va_prefix + code
