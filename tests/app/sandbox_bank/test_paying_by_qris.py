"""The sandbox bank as acquirer: Lunas asks for a QRIS, a customer scans it, Lunas is told.

For: what is issued, what is refused, and what is told.
Not for: the QRIS codec (tests/bank_adapters).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import qrcode
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import func, select

from app.sandbox_bank.bookkeeping import get_client
from app.sandbox_bank.errors import QrImageUnreadable
from app.sandbox_bank.models import Qris
from app.sandbox_bank.running import RunningBank
from app.sandbox_bank.scanning import read_qr_image
from bank_adapters.contract import AcquirerRefused, QrisOffer, QrisRequest
from bank_adapters.contract.qris import crc_of, decode
from bank_adapters.snap import (
    QR_GENERATE,
    CallerIdentity,
    SnapCaller,
    SnapProfile,
    SnapQrisAcquirer,
    write_qr_generate,
)
from foundation import clock, luhn
from foundation.money import Money
from tests.app.sandbox_bank.scene import StandIn, balances, numbers, post

OWED = Money.parse("1250000.00")
Caller = Callable[..., SnapCaller]


@pytest.fixture
def call(bank: RunningBank, bank_url: str, lunas: StandIn) -> Caller:
    """Make a caller of the acquirer's door with Lunas's key and secret; arguments replace parts of its identity."""

    def make(**other: object) -> SnapCaller:
        with bank.database.unit_of_work() as session:
            client = get_client(session, "3316")
        identity = CallerIdentity(
            client_id=client.acquirer_client_id,
            partner_id=client.acquirer_client_id,
            channel_id="95221",
            client_secret=client.acquirer_client_secret,
            private_key=lunas.key,
        )
        return SnapCaller(
            base_url=f"{bank_url}/3316",
            identity=replace(identity, **other),  # type: ignore[arg-type]  # each test names fields of the identity
            profile=SnapProfile(),
            now=clock.now,
        )

    return make


def _request(reference: str = "LUNAS-1", amount: Money = OWED, minutes: int = 10) -> QrisRequest:
    until = (clock.now() + timedelta(minutes=minutes)).replace(microsecond=0)
    return QrisRequest(partner_reference_no=reference, amount=amount, validity_until=until, merchant_id="SANDBOX3316")


def _issue(call: Caller, **wanted: object) -> QrisOffer:
    return SnapQrisAcquirer(call()).generate(_request(**wanted))  # type: ignore[arg-type]  # as above


def _count(bank: RunningBank) -> int:
    with bank.database.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Qris)) or 0


def test_an_issued_qris_carries_amount_merchant_and_our_reference(call: Caller) -> None:
    asked = _request()
    offer = SnapQrisAcquirer(call()).generate(asked)

    code = decode(offer.qr_content)
    assert code.warnings == ()
    assert (code.amount, code.is_dynamic, code.bill_number) == (OWED, True, offer.reference_no)
    assert (code.merchant_name, code.nmid, code.mpans) == (
        "SANDBOX KAB BLORA", "ID1026331600001", ("936009991331600001",),
    )  # fmt: skip
    assert code.find_value("52") == "9311"
    assert offer.valid_until == asked.validity_until


def test_the_limit_of_ten_million_rupiah_is_kept(call: Caller, bank: RunningBank) -> None:
    assert _issue(call, reference="AT", amount=Money.parse("10000000.00")).qr_content
    with pytest.raises(AcquirerRefused) as refused:
        _issue(call, reference="ABOVE", amount=Money.parse("10000001.00"))
    assert refused.value.facts["response_code"] == "4034702"
    assert _count(bank) == 1


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"client_secret": "another secret"}, "4014700"),
        ({"partner_id": "someone-else"}, "4014700"),
        ({"private_key": rsa.generate_private_key(public_exponent=65537, key_size=2048)}, "4017300"),
        ({"client_id": "someone-else"}, "4017300"),
    ],
)
def test_whoever_cannot_sign_gets_no_qris(call: Caller, bank: RunningBank, other: dict[str, object], code: str) -> None:
    with pytest.raises(AcquirerRefused) as refused:
        SnapQrisAcquirer(call(**other)).generate(_request())
    assert refused.value.facts["response_code"] == code
    assert _count(bank) == 0


def test_a_reference_and_an_external_id_are_taken_once(call: Caller, bank: RunningBank) -> None:
    caller = call()
    body = write_qr_generate(_request())
    assert caller.call(QR_GENERATE, body, external_id="1").response_code == "2004700"
    assert caller.call(QR_GENERATE, body, external_id="2").response_code == "4094701"
    other = write_qr_generate(_request("LUNAS-2"))
    assert caller.call(QR_GENERATE, other, external_id="1").response_code == "4094700"
    # What was refused has used nothing up.
    assert caller.call(QR_GENERATE, other, external_id="2").response_code == "2004700"
    assert _count(bank) == 2


def test_a_malformed_request_is_named_and_leaves_nothing(call: Caller, bank: RunningBank) -> None:
    caller = call()
    body = write_qr_generate(_request())
    for change, code in (
        ({"amount": {"value": "1,00", "currency": "IDR"}}, "4004701"),
        ({"amount": {"value": "1250000.50", "currency": "IDR"}}, "4004701"),
        ({"partnerReferenceNo": ""}, "4004702"),
        ({"merchantId": "SANDBOX6471"}, "4044708"),
        ({"validityPeriod": "2020-01-01T00:00:00+07:00"}, "4004701"),
    ):
        assert caller.call(QR_GENERATE, body | change).response_code == code
    assert _count(bank) == 0


def test_a_token_of_one_region_opens_no_other(call: Caller, bank_url: str) -> None:
    grant = call().request_token()
    answer = requests.post(
        f"{bank_url}/6471/v1.0/qr/qr-mpm-generate",
        json={},
        headers={
            "Authorization": f"Bearer {grant.access_token}",
            "X-TIMESTAMP": clock.now().isoformat(timespec="seconds"),
            "X-SIGNATURE": "AAAA",
            "X-PARTNER-ID": "1",
            "X-EXTERNAL-ID": "1",
            "CHANNEL-ID": "1",
        },
        timeout=30,
    )
    assert (answer.status_code, answer.json()["responseCode"]) == (401, "4014701")


def test_a_scanned_qris_is_paid_and_told(call: Caller, bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    offer = _issue(call)
    picture = io.BytesIO()
    qrcode.make(offer.qr_content).save(picture)

    told = post(bank_url, "/3316/api/pay-qris", content=read_qr_image(picture.getvalue()), payer="1000000001").json()

    assert (told["state"], told["amount"], told["bank_reference"]) == ("DONE", "1250000.00", offer.reference_no)
    (notified,) = lunas.sent("/qr-mpm-notify")
    assert notified.body["originalReferenceNo"] == offer.reference_no
    assert notified.body["originalPartnerReferenceNo"] == "LUNAS-1"
    assert notified.body["latestTransactionStatus"] == "00"
    assert notified.body["amount"] == {"value": "1250000.00", "currency": "IDR"}
    assert notified.body["additionalInfo"]["rrn"] == told["rrn"]
    mpan = notified.body["additionalInfo"]["mpan"]
    assert (mpan[:18], luhn.is_valid(mpan)) == ("936009991331600001", True)
    assert balances(bank)[numbers(bank)[0]] == OWED


def test_a_notification_without_an_answer_is_repeated_word_for_word(
    call: Caller, bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    from sqlalchemy import update

    from app.sandbox_bank.models import Message
    from app.sandbox_bank.telling import send_waiting

    offer = _issue(call)
    lunas.silences = 1
    told = post(bank_url, "/3316/api/pay-qris", content=offer.qr_content).json()
    assert (told["state"], told["messages"][0]["state"]) == ("DONE", "WAITING")

    with bank.database.unit_of_work() as session:
        session.execute(update(Message).values(next_try_at=clock.now()))
    assert send_waiting(bank) == 1

    first, again = lunas.sent("/qr-mpm-notify")
    assert (again.external_id, again.body) == (first.external_id, first.body)
    assert balances(bank)[numbers(bank)[0]] == OWED


def test_a_bank_may_tell_of_a_qris_twice_or_never(call: Caller, bank_url: str, lunas: StandIn) -> None:
    offer = _issue(call, reference="TWICE")
    post(bank_url, "/3316/api/pay-qris", content=offer.qr_content, notifications=2)
    first, again = lunas.sent("/qr-mpm-notify")
    assert first.body == again.body
    assert first.external_id != again.external_id

    offer = _issue(call, reference="NEVER")
    told = post(bank_url, "/3316/api/pay-qris", content=offer.qr_content, notifications=0).json()
    assert (told["state"], told["messages"]) == ("DONE", [])
    assert len(lunas.sent("/qr-mpm-notify")) == 2


def test_a_qris_is_paid_once(call: Caller, bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    content = _issue(call).qr_content
    assert post(bank_url, "/3316/api/pay-qris", content=content).status_code == 200
    before = balances(bank)

    again = post(bank_url, "/3316/api/pay-qris", content=content, after_expiry=True)

    assert (again.status_code, again.json()["code"]) == (409, "sandbox_qris_already_paid")
    assert balances(bank) == before
    assert len(lunas.sent("/qr-mpm-notify")) == 1


def test_an_expired_qris_is_refused_unless_the_bank_is_told_to_err(
    call: Caller, bank: RunningBank, bank_url: str, lunas: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _issue(call, minutes=10).qr_content
    before = balances(bank)
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", "601")

    late = post(bank_url, "/3316/api/pay-qris", content=content)
    assert (late.status_code, late.json()["code"]) == (409, "sandbox_qris_expired")
    assert balances(bank) == before
    assert lunas.sent("/qr-mpm-notify") == []

    assert post(bank_url, "/3316/api/pay-qris", content=content, after_expiry=True).json()["state"] == "DONE"
    assert len(lunas.sent("/qr-mpm-notify")) == 1


def test_a_changed_foreign_or_broken_code_is_refused(
    call: Caller, bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    content = _issue(call).qr_content
    cheaper = content[:-4].replace("54071250000", "54071150000")
    foreign = content[:-4].replace("QR3316", "QR9916")
    before = balances(bank)

    codes = [
        post(bank_url, "/3316/api/pay-qris", content=text).json()["code"]
        for text in (cheaper + crc_of(cheaper), foreign + crc_of(foreign), content[:-4] + "0000", "hello")
    ]

    assert codes == ["sandbox_qris_changed", "sandbox_qris_foreign", "qris_invalid", "qris_invalid"]
    assert balances(bank) == before
    assert lunas.knocked == []


def test_a_picture_without_one_qr_is_refused() -> None:
    for data in (b"", b"no picture", b"\x89PNG\r\n\x1a\n"):
        with pytest.raises(QrImageUnreadable):
            read_qr_image(data)
