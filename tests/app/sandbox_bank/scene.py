"""A stand-in that answers the sandbox bank where Lunas itself plays no part, and the small verbs of its tests.

For: `StandIn` with Lunas's four doors, `served`, `post`, and looking at the bank's money.
Not for: Lunas's own behaviour; the journeys run against the real one.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

import requests
from cryptography.hazmat.primitives import serialization
from flask import Flask, Response, request
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from app.sandbox_bank.bookkeeping import get_client
from app.sandbox_bank.models import Account, Client
from app.sandbox_bank.running import RunningBank
from bank_adapters.snap import verify_symmetric, verify_token
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
