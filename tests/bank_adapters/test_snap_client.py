"""Calling a partner over SNAP, against a partner that answers over real HTTP on this machine.

For: what is sent and signed, the token's life, and every kind of answer that is no answer.
Not for: what a bill or a payment means.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bank_adapters.contract import (
    AcquirerRefused,
    AcquirerUnreachable,
    QrisNotification,
    QrisRequest,
    VaInquiry,
    VaPayment,
)
from bank_adapters.contract.qris import QrisMerchant, encode_merchant
from bank_adapters.snap import (
    NAMED_PROFILES,
    QRIS_NOTIFY,
    VA_INQUIRY,
    VA_PAYMENT,
    CallerIdentity,
    Case,
    PartnerRefused,
    PartnerUnreachable,
    SnapBankCaller,
    SnapCaller,
    SnapProfile,
    SnapQrisAcquirer,
    SnapRefusal,
    parse_qr_generate,
    parse_request_headers,
    parse_token_headers,
    parse_va_inquiry,
    parse_va_payment,
    render_qris_notified,
    render_refusal,
    render_va_payment,
    verify_asymmetric,
    verify_symmetric,
    verify_token,
    write_body,
)
from foundation.money import Money

SNAP = NAMED_PROFILES["snap"]
TEN_O_CLOCK = datetime(2026, 1, 31, 3, 0, 0, tzinfo=UTC)
SECRET = "rahasia-contoh-0123456789"
CODE = "331601260100000017"
ACCOUNT = {"partner_service_id": "088899", "customer_no": CODE, "virtual_account_no": "088899" + CODE}
PAYMENT = VaPayment(**ACCOUNT, payment_request_id="PAY-1", paid_amount=Money.from_rupiah(150_000))
REQUEST = QrisRequest(
    partner_reference_no="LN-1",
    amount=Money.from_rupiah(150_000),
    validity_until=TEN_O_CLOCK + timedelta(minutes=15),
    merchant_id="M1",
)
MERCHANT = QrisMerchant(
    name="PEMKAB CONTOH",
    city="CONTOH",
    postal_code="58211",
    category_code="9311",
    guid="ID.CO.BANKCONTOH.WWW",
    mpan="936001140000000017",
    merchant_id="M1",
    criteria="URE",
    nmid="ID1026000000017",
)
LIMIT = Money.from_rupiah(10_000_000)
QR = encode_merchant(MERCHANT, limit=LIMIT, amount=Money.from_rupiah(150_000), bill_number="LN-1")
OFFER = {
    "responseCode": "2004700",
    "responseMessage": "Successful",
    "referenceNo": "A1",
    "partnerReferenceNo": "LN-1",
    "qrContent": QR,
}


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Partner:
    """A partner on this machine: it keeps what it received and answers what the test scripted for each path's end."""

    base_url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Callable[[BaseHTTPRequestHandler, Received], None]] = field(default_factory=dict)

    def answers_with(
        self, path_end: str, *bodies: Any, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Answer this path with these bodies in turn, the last one for ever."""
        waiting = list(bodies)

        def answer(handler: BaseHTTPRequestHandler, _: Received) -> None:
            body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            handler.send_response(status)
            for name, value in (headers or {}).items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            # a caller that has read enough hangs up
            with suppress(OSError):
                handler.wfile.write(content)

        self.answers[path_end] = answer

    def received_at(self, path_end: str) -> list[Received]:
        return [one for one in self.received if one.path.endswith(path_end)]


@pytest.fixture
def partner() -> Iterator[Partner]:
    scripted = Partner()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received = Received(self.command, self.path, dict(self.headers.items()), body)
            scripted.received.append(received)
            for path_end, answer in scripted.answers.items():
                if self.path.endswith(path_end):
                    answer(self, received)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            # a caller that hangs up is what some of these tests are about
            if not isinstance(sys.exc_info()[1], OSError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    scripted.base_url = f"http://127.0.0.1:{server.server_address[1]}/3316/snap"
    scripted.answers_with(
        "/access-token/b2b",
        {"responseCode": "2007300", "responseMessage": "OK", "accessToken": "t-1", "expiresIn": "900"},
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield scripted
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Clock:
    """The time as the test says it is."""

    def __init__(self) -> None:
        self.at = TEN_O_CLOCK

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def caller(partner: Partner, private_key: rsa.RSAPrivateKey, clock: Clock) -> Iterator[SnapCaller]:
    identity = CallerIdentity("client-1", "BANKCONTOH", "95231", SECRET, private_key)
    made = SnapCaller(
        base_url=partner.base_url, identity=identity, profile=SNAP, now=clock, timeout=timedelta(seconds=2)
    )
    yield made
    made.close()


def test_a_qr_is_asked_for_with_a_signed_token_and_a_signed_request(
    partner: Partner, caller: SnapCaller, private_key: rsa.RSAPrivateKey
) -> None:
    partner.answers_with("/qr/qr-mpm-generate", OFFER)
    offer = SnapQrisAcquirer(caller).generate(REQUEST)
    assert (offer.reference_no, offer.partner_reference_no, offer.qr_content) == ("A1", "LN-1", QR)
    assert offer.valid_until == TEN_O_CLOCK + timedelta(minutes=15)

    token_request, request = partner.received
    asked = parse_token_headers(token_request.headers)
    assert (asked.client_key, asked.timestamp) == ("client-1", TEN_O_CLOCK)
    assert verify_token(private_key.public_key(), asked.signature, client_id="client-1", timestamp=asked.timestamp_text)
    assert json.loads(token_request.body) == {"grantType": "client_credentials", "additionalInfo": {}}

    assert (request.method, request.path) == ("POST", "/3316/snap/v1.0/qr/qr-mpm-generate")
    sent = parse_request_headers(VA_PAYMENT, request.headers)
    assert (sent.partner_id, sent.channel_id, sent.access_token) == ("BANKCONTOH", "95231", "t-1")
    assert len(sent.external_id) == 32
    assert sent.external_id.isdigit()
    assert verify_symmetric(
        SECRET,
        sent.signature,
        method="POST",
        path=request.path,
        token="t-1",
        body=request.body,
        timestamp="2026-01-31T10:00:00+07:00",
    )
    assert parse_qr_generate(request.body, SNAP, default_valid_until=TEN_O_CLOCK) == REQUEST


def test_the_signature_covers_the_prefix_that_is_called(
    partner: Partner, private_key: rsa.RSAPrivateKey, clock: Clock
) -> None:
    partner.answers_with("/qr/qr-mpm-notify", render_qris_notified())
    identity = CallerIdentity("client-1", "BANKCONTOH", "95231", SECRET, private_key)
    profile = SnapProfile.from_dict({"path_prefix": "/openapi/v2.0"})
    caller = SnapCaller(base_url=partner.base_url + "/", identity=identity, profile=profile, now=clock)
    bank = SnapBankCaller(caller, notify_signature="asymmetric")
    answer = bank.notify_qris(QrisNotification(original_reference_no="A1", latest_status="00"), external_id="42")
    caller.close()

    assert answer.succeeded
    (request,) = partner.received  # and no token was asked for
    assert request.path == "/3316/snap/openapi/v2.0/qr/qr-mpm-notify"
    sent = parse_request_headers(QRIS_NOTIFY, request.headers, needs_token=False)
    assert (sent.access_token, sent.external_id) == (None, "42")
    public = private_key.public_key()
    facts = {"method": "POST", "body": request.body, "timestamp": sent.timestamp_text}
    assert verify_asymmetric(public, sent.signature, path=request.path, **facts)
    assert not verify_asymmetric(public, sent.signature, path="/v1.0/qr/qr-mpm-notify", **facts)


def test_a_token_is_kept_until_it_nearly_ends(partner: Partner, caller: SnapCaller, clock: Clock) -> None:
    partner.answers_with("/qr/qr-mpm-generate", OFFER)
    acquirer = SnapQrisAcquirer(caller)
    for seconds in (0, 869):
        clock.at = TEN_O_CLOCK + timedelta(seconds=seconds)
        acquirer.generate(REQUEST)
    assert len(partner.received_at("/access-token/b2b")) == 1
    clock.at = TEN_O_CLOCK + timedelta(seconds=870)
    acquirer.generate(REQUEST)
    assert len(partner.received_at("/access-token/b2b")) == 2


def test_a_token_that_the_partner_forgot_is_fetched_anew_once(partner: Partner, caller: SnapCaller) -> None:
    token = {"responseCode": "2007300", "accessToken": "t-1", "expiresIn": 900}
    partner.answers_with("/access-token/b2b", token, {**token, "accessToken": "t-2"})
    partner.answers_with("/qr/qr-mpm-generate", {"responseCode": "4014701"}, OFFER)
    assert SnapQrisAcquirer(caller).generate(REQUEST).reference_no == "A1"
    used = [one.headers["Authorization"] for one in partner.received_at("/qr/qr-mpm-generate")]
    assert used == ["Bearer t-1", "Bearer t-2"]

    partner.answers_with("/qr/qr-mpm-generate", {"responseCode": "4014701", "responseMessage": "Invalid Token (B2B)"})
    with pytest.raises(AcquirerRefused, match="4014701"):
        SnapQrisAcquirer(caller).generate(REQUEST)
    assert len(partner.received_at("/qr/qr-mpm-generate")) == 4


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        {"responseCode": 2007300},
        {"responseCode": "200730"},
        {"responseCode": "2004700", "accessToken": "t", "expiresIn": "900"},
        {"responseCode": "2007300", "expiresIn": "900"},
        {"responseCode": "2007300", "accessToken": "", "expiresIn": "900"},
        {"responseCode": "2007300", "accessToken": "a b", "expiresIn": "900"},
        {"responseCode": "2007300", "accessToken": "t"},
        {"responseCode": "2007300", "accessToken": "t", "expiresIn": "soon"},
        {"responseCode": "2007300", "accessToken": "t", "expiresIn": -1},
    ],
)
def test_a_token_answer_that_is_none_is_not_used(partner: Partner, caller: SnapCaller, answer: Any) -> None:
    partner.answers_with("/access-token/b2b", answer)
    with pytest.raises(PartnerUnreachable):
        caller.request_token()
    with pytest.raises(AcquirerUnreachable):
        SnapQrisAcquirer(caller).generate(REQUEST)
    assert partner.received_at("/qr/qr-mpm-generate") == []


def test_a_refused_token_is_a_refusal(partner: Partner, caller: SnapCaller) -> None:
    answer = {"responseCode": "4017300", "responseMessage": "Unauthorized. [Unknown client]"}
    partner.answers_with("/access-token/b2b", answer, status=401)
    with pytest.raises(PartnerRefused, match=r"4017300 Unauthorized\. \[Unknown client\]"):
        caller.request_token()
    with pytest.raises(AcquirerRefused, match="4017300"):
        SnapQrisAcquirer(caller).generate(REQUEST)


@pytest.mark.parametrize(
    "changes, detail",
    [
        ({"qrContent": None}, "qrContent"),
        ({"qrContent": QR[:-1] + ("0" if QR[-1] != "0" else "1")}, "qrContent"),
        ({"qrContent": "x" * 513}, "qrContent"),
        ({"qrContent": encode_merchant(MERCHANT, limit=LIMIT)}, "amount"),
        ({"qrContent": encode_merchant(MERCHANT, limit=LIMIT, amount=Money.from_rupiah(150_001))}, "amount"),
        ({"amount": {"value": "150001.00", "currency": "IDR"}}, "amount"),
        ({"amount": {"value": "150.000", "currency": "IDR"}}, "amount.value"),
        ({"partnerReferenceNo": "LN-2"}, "partnerReferenceNo"),
        ({"referenceNo": 17}, "referenceNo"),
        ({"validityPeriod": "besok"}, "validityPeriod"),
        ({"responseCode": "2024700"}, "2024700"),
        ({"responseCode": "2005100"}, "2005100"),
    ],
)
def test_an_offer_that_does_not_fit_what_was_asked_is_not_shown(
    partner: Partner, caller: SnapCaller, changes: dict[str, Any], detail: str
) -> None:
    partner.answers_with("/qr/qr-mpm-generate", {**OFFER, **changes})
    with pytest.raises(AcquirerUnreachable) as unreachable:
        SnapQrisAcquirer(caller).generate(REQUEST)
    assert detail in unreachable.value.facts["detail"]


@pytest.mark.parametrize(
    "changes",
    [{"validityPeriod": "20260131T030500Z"}, {"additionalInfo": {"validityPeriod": "2026-01-31T10:05:00+07:00"}}],
)
def test_the_acquirers_own_validity_counts(partner: Partner, caller: SnapCaller, changes: dict[str, Any]) -> None:
    partner.answers_with("/qr/qr-mpm-generate", {**OFFER, **changes})
    assert SnapQrisAcquirer(caller).generate(REQUEST).valid_until == TEN_O_CLOCK + timedelta(minutes=5)


@pytest.mark.parametrize(
    "code, status, error",
    [
        ("4044708", 404, AcquirerRefused),
        ("4044708", 200, AcquirerRefused),
        ("4094701", 409, AcquirerRefused),
        ("4294700", 429, AcquirerUnreachable),
        ("5004700", 500, AcquirerUnreachable),
        ("5044700", 504, AcquirerUnreachable),
    ],
)
def test_what_the_acquirer_refuses_is_told_apart_from_its_own_trouble(
    partner: Partner, caller: SnapCaller, code: str, status: int, error: type[Exception]
) -> None:
    answer = {"responseCode": code, "responseMessage": "Kata bank"}
    partner.answers_with("/qr/qr-mpm-generate", answer, status=status)
    with pytest.raises(error) as raised:
        SnapQrisAcquirer(caller).generate(REQUEST)
    assert raised.value.facts["detail"] == f"{code} Kata bank"  # type: ignore[attr-defined]  # both are LunasError


def test_a_success_code_with_an_error_status_is_not_believed(partner: Partner, caller: SnapCaller) -> None:
    partner.answers_with("/qr/qr-mpm-generate", OFFER, status=502)
    with pytest.raises(AcquirerUnreachable):
        SnapQrisAcquirer(caller).generate(REQUEST)


def test_a_redirect_is_not_followed(partner: Partner, caller: SnapCaller) -> None:
    partner.answers_with("/elsewhere", OFFER)
    partner.answers_with("/qr/qr-mpm-generate", b"", status=307, headers={"Location": partner.base_url + "/elsewhere"})
    with pytest.raises(AcquirerUnreachable, match="did not answer"):
        SnapQrisAcquirer(caller).generate(REQUEST)
    assert partner.received_at("/elsewhere") == []


def test_cookies_of_the_partner_are_not_kept(partner: Partner, caller: SnapCaller) -> None:
    partner.answers_with("/qr/qr-mpm-generate", OFFER, headers={"Set-Cookie": "a=b; Path=/"})
    for _ in range(2):
        SnapQrisAcquirer(caller).generate(REQUEST)
    assert all("Cookie" not in one.headers for one in partner.received)


def test_an_answer_without_end_is_cut_off(partner: Partner, caller: SnapCaller) -> None:
    partner.answers_with("/qr/qr-mpm-generate", b'{"a":"' + b"x" * 200_000 + b'"}')
    with pytest.raises(AcquirerUnreachable) as unreachable:
        SnapQrisAcquirer(caller).generate(REQUEST)
    assert unreachable.value.facts["detail"] == "the answer is too long"


@pytest.mark.parametrize("ends_connection", [False, True])
@pytest.mark.parametrize("head_first", [False, True])
def test_a_partner_that_answers_byte_by_byte_or_not_at_all_does_not_hold_us(
    partner: Partner, caller: SnapCaller, head_first: bool, ends_connection: bool
) -> None:
    let_go = threading.Event()

    def dribble(handler: BaseHTTPRequestHandler, _: Received) -> None:
        handler.close_connection = True
        if head_first:
            handler.send_response(200)
            handler.send_header("Content-Length", "60000")
            if ends_connection:
                handler.send_header("Connection", "close")
            handler.end_headers()
        # one byte every tenth of a second would take 100 minutes
        while not let_go.wait(0.1):
            if head_first:
                try:
                    handler.wfile.write(b" ")
                except OSError:
                    return

    partner.answers["/qr/qr-mpm-generate"] = dribble
    with pytest.raises(AcquirerUnreachable):
        SnapQrisAcquirer(caller).generate(REQUEST)
    let_go.set()


def test_nobody_listening_is_unreachable(partner: Partner, private_key: rsa.RSAPrivateKey, clock: Clock) -> None:
    identity = CallerIdentity("client-1", "BANKCONTOH", "95231", SECRET, private_key)
    caller = SnapCaller(base_url="http://127.0.0.1:1", identity=identity, profile=SNAP, now=clock)
    with pytest.raises(PartnerUnreachable, match="ConnectionError"):
        caller.request_token()
    caller.close()


@pytest.mark.parametrize(
    "base_url",
    ["", "contoh.go.id", "ftp://contoh.go.id", "http://", "http://a@contoh.go.id", "http://contoh.go.id/?x=1"],
)
def test_an_address_that_cannot_be_signed_for_is_refused(
    base_url: str, private_key: rsa.RSAPrivateKey, clock: Clock
) -> None:
    identity = CallerIdentity("client-1", "BANKCONTOH", "95231", SECRET, private_key)
    with pytest.raises(ValueError, match="base_url"):
        SnapCaller(base_url=base_url, identity=identity, profile=SNAP, now=clock)


def test_a_bank_asks_and_pays_and_hears_yes_or_no(partner: Partner, caller: SnapCaller) -> None:
    bank = SnapBankCaller(caller)
    inquiry = VaInquiry(**ACCOUNT, inquiry_request_id="INQ-1", asked_at=TEN_O_CLOCK)

    def refuse_expired(handler: BaseHTTPRequestHandler, received: Received) -> None:
        parse_va_inquiry(received.body, SNAP)
        body = write_body(render_refusal(SnapRefusal(VA_INQUIRY, Case.BILL_EXPIRED), received.body, SNAP))
        handler.send_response(404)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    partner.answers["/transfer-va/inquiry"] = refuse_expired
    no = bank.inquire(inquiry)
    assert (no.response_code, no.status, no.total) == ("4042419", "01", None)
    assert (no.reason_id, no.reason_en) == ("Tagihan sudah lewat jatuh tempo", "The bill has expired")

    partner.answers_with("/transfer-va/payment", render_va_payment(PAYMENT, SNAP))
    yes = bank.pay(PAYMENT, external_id="7")
    assert (yes.response_code, yes.status, yes.total) == ("2002500", "00", Money.from_rupiah(150_000))
    (paid,) = partner.received_at("/transfer-va/payment")
    assert parse_va_payment(paid.body, SNAP) == PAYMENT
    assert paid.headers["X-EXTERNAL-ID"] == "7"


def test_an_answer_with_an_unreadable_total_is_no_answer(partner: Partner, caller: SnapCaller) -> None:
    spoiled = render_va_payment(PAYMENT, SNAP)
    spoiled["virtualAccountData"]["totalAmount"]["value"] = "150.000"
    partner.answers_with("/transfer-va/payment", spoiled)
    with pytest.raises(PartnerUnreachable, match=r"virtualAccountData\.totalAmount\.value"):
        SnapBankCaller(caller).pay(PAYMENT)


def test_many_threads_share_one_token(partner: Partner, caller: SnapCaller) -> None:
    partner.answers_with("/qr/qr-mpm-generate", OFFER)
    contents: list[str] = []
    threads = [
        threading.Thread(target=lambda: contents.append(SnapQrisAcquirer(caller).generate(REQUEST).qr_content))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert contents == [QR] * 8
    assert len(partner.received_at("/access-token/b2b")) == 1


def test_secrets_do_not_show(private_key: rsa.RSAPrivateKey) -> None:
    shown = repr(CallerIdentity("client-1", "BANKCONTOH", "95231", SECRET, private_key))
    assert shown == "CallerIdentity(client_id='client-1', partner_id='BANKCONTOH', channel_id='95231')"
