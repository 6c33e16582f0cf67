"""A region at work, for tests: chart loaded, bills issued, one bank registered that signs its own requests.

For: `make_scene(region)` and a bank that knocks on the doors of a Flask test client (`BankInTest`).
Not for: the journeys, which run real processes (tests/journeys).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from bank_adapters.snap import sign_symmetric, sign_token
from billing import import_bills, read_mapping
from foundation import clock
from foundation.db import unit_of_work
from foundation.money import Money
from foundation.regions import Region
from payments import Partner, add_partner
from tests.sample_chart import load_sample_chart

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PREFIX = "88899"
_TABLES = ("payment", "journal_entry", "posting", "partner_external_id", "state_change", "outbox_message")
MAPPING = """
entity = "{entity}"
account = "4.1.01.15.01.0001"
[kind]
code = "PBB-P2"
digits = "01"
name_id = "PBB-P2"
name_en = "Land tax"
family = "pajak"
object_label = "NOP"
object_rule = "nop18"
[file]
delimiter = ";"
[columns]
object_number = "NOP"
period = "TAHUN"
payer_name = "NAMA"
object_address = "ALAMAT"
amount = "JUMLAH"
due_on = "JATUH TEMPO"
"""


@dataclass(frozen=True)
class BillInTest:
    """A bill of the scene."""

    payment_code: str
    amount: Money
    object_number: str


@dataclass
class Scene:
    """A region with bills and a bank."""

    region: Region
    partner: Partner
    client_secret: str
    bills: list[BillInTest]
    _numbers: Any = field(default_factory=lambda: count(1))

    def bank(self, client: FlaskClient) -> BankInTest:
        """The bank, with a token, before a test client."""
        return BankInTest(self, client)

    def next_id(self) -> str:
        """A number that no other message of this test has."""
        return f"{next(self._numbers):012d}"

    def scalar(self, sql: str, **values: Any) -> Any:
        """One value from the region's schema."""
        with unit_of_work(self.region.code) as session:
            return session.execute(text(sql), values).scalar()

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows from the region's schema."""
        with unit_of_work(self.region.code) as session:
            return [tuple(row) for row in session.execute(text(sql), values)]

    def books(self) -> dict[str, Any]:
        """What a refused message must leave as it was: row counts, bill states and ledger sums."""
        counts = {table: self.scalar(f"SELECT count(*) FROM {table}") for table in _TABLES}
        return counts | {
            "paid": self.scalar("SELECT count(*) FROM bill WHERE state = 'PAID'"),
            "moved": self.scalar("SELECT coalesce(sum(amount_sen), 0) FROM posting"),
        }

    def postings_of(self, kind: str) -> list[tuple[Any, ...]]:
        """(book, entity, account, side, amount_sen, counterpart, partner) of all entries of a kind, in order."""
        return self.rows(
            "SELECT book, entity, account_code, side, amount_sen, counterpart, partner FROM ledger_postings"
            " WHERE kind = :kind ORDER BY entry_id, line_no",
            kind=kind,
        )


def make_scene(
    region: Region,
    amounts: tuple[int, ...] = (150_000, 75_500, 1_250_000),
    *,
    profile: dict[str, Any] | None = None,
    due_on: date | None = None,
    acquirer: dict[str, Any] | None = None,
    sign_pem: bytes | None = None,
    secret_out: str | None = None,
) -> Scene:
    """Load the sample chart, issue one PBB bill per amount (rupiah), register the bank "BANKUJI"."""
    load_sample_chart(region.code)
    at = clock.now()
    due = due_on or (clock.today(region.timezone) + timedelta(days=60))
    lines = ["NOP;TAHUN;NAMA;ALAMAT;JUMLAH;JATUH TEMPO"]
    for number, amount in enumerate(amounts, 1):
        nop = f"33161200010010{number:03d}0"
        lines.append(f"{nop};2026;WARGA CONTOH {number:04d};JL CONTOH NO {number};{amount};{due.isoformat()}")
    entity = "BAPENDA" if region.code == "3316" else "BPPDRD"
    with unit_of_work(region.code) as session:
        import_bills(
            session,
            region=region,
            data="\n".join(lines).encode(),
            filename="pbb.csv",
            mapping=read_mapping((MAPPING.format(entity=entity) + "[rules]\narrears = true\n").encode()),
            actor="cli:test",
            at=at,
            issued_on=min(clock.today(region.timezone), due),
        )
        new = add_partner(
            session,
            code="BANKUJI",
            name="Bank Uji Contoh",
            va_prefix=PREFIX,
            public_key_pem=PUBLIC_PEM,
            profile=profile or {},
            terms={"holding_account_no": "1234567890"},
            acquirer=acquirer,
            sign_pem=sign_pem,
            secret_out=secret_out,
            actor="cli:test",
            at=datetime(2026, 1, 2, tzinfo=UTC),
        )
        rows = session.execute(text("SELECT payment_code, amount_sen, object_number FROM bill ORDER BY id"))
        bills = [BillInTest(code, Money(sen), number) for code, sen, number in rows]
    return Scene(region, new.partner, new.client_secret, bills)


class BankInTest:
    """A bank that knocks on the SNAP doors. Every part of a request can be made wrong by keyword."""

    def __init__(self, scene: Scene, client: FlaskClient) -> None:
        self.scene = scene
        self.client = client
        self.base = f"/{scene.region.code}/snap/v1.0"
        self.token = ""

    def take_token(self, *, timestamp: str | None = None, client_id: str | None = None) -> TestResponse:
        """Ask for a token and keep it."""
        stamp = timestamp or clock.now().isoformat()
        client_id = client_id or self.scene.partner.client_id
        answer = self.client.post(
            f"{self.base}/access-token/b2b",
            data=json.dumps({"grantType": "client_credentials"}),
            headers={
                "Content-Type": "application/json",
                "X-TIMESTAMP": stamp,
                "X-CLIENT-KEY": client_id,
                "X-SIGNATURE": sign_token(KEY, client_id=client_id, timestamp=stamp),
            },
        )
        if answer.status_code == 200 and answer.json:
            self.token = answer.json["accessToken"]
        return answer

    def send(
        self,
        path: str,
        body: dict[str, Any] | bytes,
        *,
        external_id: str | None = None,
        timestamp: str | None = None,
        secret: str | None = None,
        signature: str | None = None,
        token: str | None = None,
    ) -> TestResponse:
        """Send one signed message."""
        if not self.token:
            assert self.take_token().status_code == 200
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = timestamp or clock.now().isoformat()
        signed = signature or sign_symmetric(
            secret or self.scene.client_secret,
            method="POST",
            path=self.base + path,
            token=token or self.token,
            body=raw,
            timestamp=stamp,
        )
        return self.client.post(
            self.base + path,
            data=raw,
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {token or self.token}",
                "X-TIMESTAMP": stamp,
                "X-SIGNATURE": signed,
                "X-PARTNER-ID": self.scene.partner.client_id,
                "X-EXTERNAL-ID": external_id or self.scene.next_id(),
                "CHANNEL-ID": "95221",
            },
        )

    def sign(self, path: str, body: dict[str, Any]) -> str:
        """A good signature for this body at this path."""
        return sign_symmetric(
            self.scene.client_secret,
            method="POST",
            path=self.base + path,
            token=self.token,
            body=json.dumps(body).encode(),
            timestamp=clock.now().isoformat(),
        )

    def inquire(self, code: str, **wrong: Any) -> TestResponse:
        """Virtual account inquiry for a payment code."""
        return self.send("/transfer-va/inquiry", self.inquiry_body(code), **wrong)

    def inquiry_body(self, code: str) -> dict[str, Any]:
        """The body of an inquiry."""
        return {**_ids(code), "inquiryRequestId": f"INQ{self.scene.next_id()}"}

    def payment_body(self, code: str, amount: str, **more: Any) -> dict[str, Any]:
        """The body of a virtual account payment, e.g. amount "150000.00"."""
        value = {"value": amount, "currency": "IDR"}
        return {
            **_ids(code),
            "paymentRequestId": f"PAY{self.scene.next_id()}",
            "paidAmount": value,
            "totalAmount": value,
            **more,
        }

    def pay(self, body: dict[str, Any], **wrong: Any) -> TestResponse:
        """Send a virtual account payment."""
        return self.send("/transfer-va/payment", body, **wrong)

    def notification_body(self, reference: str, amount: str | None, **more: Any) -> dict[str, Any]:
        """The body of a QRIS notification of success."""
        body: dict[str, Any] = {"originalReferenceNo": reference, "latestTransactionStatus": "00", **more}
        if amount is not None:
            body["amount"] = {"value": amount, "currency": "IDR"}
        return body

    def notify(self, body: dict[str, Any], **wrong: Any) -> TestResponse:
        """Send a QRIS notification."""
        return self.send("/qr/qr-mpm-notify", body, **wrong)


def _ids(code: str) -> dict[str, str]:
    padded = PREFIX.rjust(8)
    return {"partnerServiceId": padded, "customerNo": code, "virtualAccountNo": padded + code}
