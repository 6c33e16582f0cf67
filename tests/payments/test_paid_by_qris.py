"""An acquirer offers a QRIS and reports what became of it: a report of moved money is always recorded.

For: asking for a QRIS (payments.qris_asking) and the notification door, through a real database.
Not for: the acquirer's own side (tests/app/test_sandbox_bank*) or the page (tests/app/test_bill_pages).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask

from app.factory import create_app
from bank_adapters.contract import QrisOffer
from bank_adapters.contract.qris import QrisMerchant, encode_merchant
from bank_adapters.snap import sign_asymmetric
from billing import find_payable
from foundation import clock
from foundation.db import unit_of_work
from foundation.money import Money
from foundation.regions import Region
from payments import (
    BillPaid,
    Contradiction,
    QrisNotOffered,
    ask_for_qris,
    find_live_qris,
    get_partner,
    list_contradictions,
    list_unapplied,
    record_qris_offer,
)
from tests.scene import KEY, BankInTest, Scene, make_scene

LIMIT = Money.from_rupiah(10_000_000)
MERCHANT = QrisMerchant(
    name="PEMKAB CONTOH",
    city="BLORA",
    postal_code="58211",
    category_code="9311",
    guid="ID.CO.CONTOH.WWW",
    mpan="936009990000000017",
    merchant_id="000000000017",
    criteria="URE",
    nmid="ID1000000000017",
)


@pytest.fixture
def app(region: Region) -> Flask:
    return create_app()


@pytest.fixture
def scene(region: Region, app: Flask) -> Scene:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    acquirer = {"base_url": "http://127.0.0.1:9", "client_id": "lunas", "merchant_id": "M1"}
    return make_scene(
        region,
        (150_000, 75_500, 10_000_001),
        acquirer=acquirer,
        sign_pem=pem,
        secret_out="secret towards the acquirer",
    )


@pytest.fixture
def bank(scene: Scene, app: Flask) -> BankInTest:
    return scene.bank(app.test_client())


def ask(scene: Scene, number: int = 0, at: datetime | None = None) -> tuple[str, Money, datetime]:
    """Ask for a bill's QRIS: (our reference, amount, valid until)."""
    with unit_of_work(scene.region.code) as session:
        bill = find_payable(session, scene.bills[number].payment_code)
        assert bill is not None
        partner = get_partner(session, "BANKUJI")
        asked, question = ask_for_qris(session, bill, partner, zone=scene.region.timezone, at=at or clock.now())
        return question.partner_reference_no, question.amount, asked.valid_until


def offer(scene: Scene, ours: str, theirs: str, amount: Money, *, shown: Money | None = None) -> None:
    """Record an offer of the acquirer whose code shows `shown` (else the amount asked)."""
    content = encode_merchant(MERCHANT, limit=LIMIT, amount=shown or amount, bill_number="QRIS1")
    with unit_of_work(scene.region.code) as session:
        uid = scene.rows("SELECT uid FROM qris_request WHERE partner_reference_no = :ours", ours=ours)[0][0]
        record_qris_offer(
            session,
            uid,
            QrisOffer(
                partner_reference_no=ours,
                reference_no=theirs,
                qr_content=content,
                valid_until=clock.now() + timedelta(minutes=15),
            ),
            at=clock.now(),
        )


def test_an_offer_of_the_right_amount_can_be_shown(scene: Scene) -> None:
    ours, amount, _ = ask(scene)
    assert amount == Money.from_rupiah(150_000)
    offer(scene, ours, "A1", amount)
    bill_uid = scene.rows("SELECT bill_uid FROM qris_request")[0][0]
    with unit_of_work(scene.region.code) as session:
        live = find_live_qris(session, bill_uid, at=clock.now())
        assert live is not None
        assert live.reference_no == "A1"
        assert find_live_qris(session, bill_uid, at=clock.now() + timedelta(minutes=16)) is None


def test_an_offer_of_another_amount_is_not_shown(scene: Scene) -> None:
    ours, amount, _ = ask(scene)
    with pytest.raises(QrisNotOffered):
        offer(scene, ours, "A1", amount, shown=Money.from_rupiah(150_001))
    assert scene.rows("SELECT state, qr_content FROM qris_request") == [("REQUESTED", None)]


def test_an_amount_above_the_limit_is_not_asked_for(scene: Scene) -> None:
    with pytest.raises(QrisNotOffered) as refused:
        ask(scene, 2)
    assert "Rp10.000.000" in refused.value.message_id
    assert scene.scalar("SELECT count(*) FROM qris_request") == 0


def test_a_qris_never_outlives_the_due_date(region: Region, app: Flask) -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    scene = make_scene(
        region,
        due_on=clock.today(region.timezone) + timedelta(days=1),
        acquirer={"base_url": "http://127.0.0.1:9", "client_id": "lunas", "merchant_id": "M1"},
        sign_pem=pem,
        secret_out="x",
    )
    due: date = clock.today(region.timezone) + timedelta(days=1)
    late = datetime.fromisoformat(f"{due.isoformat()}T23:50:00+07:00")
    _, _, valid_until = ask(scene, at=late)
    assert valid_until == datetime.fromisoformat(f"{(due + timedelta(days=1)).isoformat()}T00:00:00+07:00")


def test_a_reported_payment_settles_the_bill_it_was_asked_for(scene: Scene, bank: BankInTest) -> None:
    ours, amount, _ = ask(scene)
    offer(scene, ours, "A1", amount)
    answer = bank.notify(bank.notification_body("A1", "150000.00", originalPartnerReferenceNo=ours))
    assert (answer.status_code, answer.json["responseCode"]) == (200, "2005200")
    assert scene.rows("SELECT state, channel, bank_reference, payment_code FROM payment") == [
        ("APPLIED", "QRIS-MPM", "A1", scene.bills[0].payment_code)
    ]
    with pytest.raises(BillPaid):
        ask(scene)


def test_a_report_found_by_the_acquirers_reference_alone_settles_too(scene: Scene, bank: BankInTest) -> None:
    ours, amount, _ = ask(scene)
    offer(scene, ours, "A1", amount)
    assert bank.notify(bank.notification_body("A1", "150000.00")).json["responseCode"] == "2005200"
    assert scene.scalar("SELECT state FROM payment") == "APPLIED"


def test_the_same_report_ten_times_in_parallel_books_once(scene: Scene, app: Flask, bank: BankInTest) -> None:
    ours, amount, _ = ask(scene)
    offer(scene, ours, "A1", amount)
    bank.take_token()
    body = bank.notification_body("A1", "150000.00", originalPartnerReferenceNo=ours)

    def notify(number: int) -> str:
        other = scene.bank(app.test_client())
        other.token = bank.token
        external_id = "SAME" if number % 2 else f"OTHER{number}"
        return str(other.notify(body, external_id=external_id).json["responseCode"])

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(notify, range(10))) == ["2005200"] * 10
    assert scene.rows("SELECT state FROM payment") == [("APPLIED",)]
    assert scene.scalar("SELECT count(*) FROM journal_entry WHERE kind = 'payment_applied'") == 1
    assert scene.scalar("SELECT count(*) FROM outbox_message WHERE topic = 'payment.recorded'") == 1


def test_a_report_with_other_facts_under_the_same_reference_is_refused_and_shown(
    scene: Scene, bank: BankInTest
) -> None:
    assert bank.notify(bank.notification_body("A1", "150000.00")).status_code == 200
    before = scene.books()
    answer = bank.notify(bank.notification_body("A1", "150001.00"))
    assert (answer.status_code, answer.json["responseCode"]) == (409, "4095200")
    assert scene.books() == before
    assert scene.rows("SELECT reference FROM partner_message WHERE outcome = 'contradiction'") == [("A1",)]


@pytest.mark.parametrize(("amount", "reason"), [("150001.00", "AMOUNT_MISMATCH"), ("1.00", "AMOUNT_MISMATCH")])
def test_a_report_of_another_amount_goes_to_suspense(scene: Scene, bank: BankInTest, amount: str, reason: str) -> None:
    ours, asked, _ = ask(scene)
    offer(scene, ours, "A1", asked)
    assert bank.notify(bank.notification_body("A1", amount)).json["responseCode"] == "2005200"
    assert scene.rows("SELECT state, unapplied_reason FROM payment") == [("UNAPPLIED", reason)]
    assert scene.scalar("SELECT count(*) FROM bill WHERE state = 'PAID'") == 0


def test_a_report_that_fits_no_bill_goes_to_suspense_and_is_shown(scene: Scene, bank: BankInTest) -> None:
    assert bank.notify(bank.notification_body("NOBODY", "99000.00")).json["responseCode"] == "2005200"
    with unit_of_work(scene.region.code) as session:
        [shown] = list_unapplied(session)
    assert (shown.unapplied_reason, shown.amount, shown.bank_reference) == (
        "BILL_NOT_FOUND",
        Money.from_rupiah(99_000),
        "NOBODY",
    )
    assert [line[3:5] for line in scene.postings_of("payment_unidentified")] == [
        ("debit", 9_900_000),
        ("credit", 9_900_000),
    ]


def test_the_second_of_two_payments_by_other_channels_goes_to_suspense(scene: Scene, bank: BankInTest) -> None:
    ours, amount, _ = ask(scene)
    offer(scene, ours, "A1", amount)
    code = scene.bills[0].payment_code
    assert bank.pay(bank.payment_body(code, "150000.00")).json["responseCode"] == "2002500"
    assert bank.notify(bank.notification_body("A1", "150000.00")).json["responseCode"] == "2005200"
    assert scene.rows("SELECT channel, state, unapplied_reason FROM payment ORDER BY id") == [
        ("VA", "APPLIED", None),
        ("QRIS-MPM", "UNAPPLIED", "BILL_PAID"),
    ]


def test_a_report_of_anything_but_success_books_nothing_and_success_may_follow(scene: Scene, bank: BankInTest) -> None:
    ours, amount, _ = ask(scene)
    offer(scene, ours, "A1", amount)
    before = scene.books()
    for status in ("03", "06"):
        body = bank.notification_body("A1", "150000.00", latestTransactionStatus=status)
        assert bank.notify(body).json["responseCode"] == "2005200"
    assert scene.books() == before | {"partner_external_id": before["partner_external_id"] + 2}
    assert scene.rows("SELECT outcome FROM partner_message WHERE service = '52' ORDER BY id") == [
        ("accepted: status 03",),
        ("accepted: status 06",),
    ]
    assert bank.notify(bank.notification_body("A1", "150000.00")).json["responseCode"] == "2005200"
    assert scene.scalar("SELECT state FROM payment") == "APPLIED"


def test_a_success_without_an_amount_means_the_amount_of_the_qris(scene: Scene, bank: BankInTest) -> None:
    ours, amount, _ = ask(scene)
    offer(scene, ours, "A1", amount)
    assert bank.notify(bank.notification_body("A1", None)).json["responseCode"] == "2005200"
    assert scene.rows("SELECT state, amount_sen FROM payment") == [("APPLIED", 15_000_000)]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (None, "4005202"),
        ({"value": "0.00", "currency": "IDR"}, "4005201"),
        ({"value": "5.00", "currency": "USD"}, "4005201"),
    ],
)
def test_a_success_that_cannot_be_taken_is_shown_to_a_person(
    scene: Scene, bank: BankInTest, amount: object, code: str
) -> None:
    bank.take_token()
    before = scene.books()
    body = bank.notification_body("NOBODY", None) | ({"amount": amount} if amount else {})
    answer = bank.notify(body)
    assert (answer.status_code, answer.json["responseCode"]) == (400, code)
    assert scene.books() == before
    assert [shown.outcome for shown in look_at(scene)] == ["untaken"]


def test_a_used_external_id_refuses_another_report_and_shows_it(scene: Scene, bank: BankInTest) -> None:
    assert bank.notify(bank.notification_body("A1", "150000.00"), external_id="ONCE").status_code == 200
    before = scene.books()
    answer = bank.notify(bank.notification_body("A2", "75500.00"), external_id="ONCE")
    assert (answer.status_code, answer.json["responseCode"]) == (409, "4095200")
    assert scene.books() == before
    assert [(shown.outcome, shown.reference) for shown in look_at(scene)] == [("untaken", "A2")]


def test_a_refund_reported_after_a_success_is_shown_to_a_person(scene: Scene, bank: BankInTest) -> None:
    assert bank.notify(bank.notification_body("A1", "150000.00")).status_code == 200
    before = scene.books()
    refunded = bank.notify(bank.notification_body("A1", "150000.00", latestTransactionStatus="04"))
    assert refunded.json["responseCode"] == "2005200"
    assert scene.books() == before | {"partner_external_id": before["partner_external_id"] + 1}
    assert [(shown.outcome, shown.reference) for shown in look_at(scene)] == [("contradiction", "A1")]


def test_wrong_signature_and_stale_timestamp_at_this_door_change_nothing(scene: Scene, bank: BankInTest) -> None:
    bank.take_token()
    before = scene.books()
    body = bank.notification_body("A1", "150000.00")
    old = (clock.now() - timedelta(minutes=6)).isoformat()
    assert bank.notify(body, secret="another secret").json["responseCode"] == "4015200"
    assert bank.notify(body, timestamp=old).json["responseCode"] == "4015200"
    assert bank.notify(body, token="unknown").json["responseCode"] == "4015201"
    assert scene.books() == before
    assert look_at(scene) == []


def test_a_bank_that_signs_reports_with_its_key_needs_no_token(region: Region, app: Flask) -> None:
    scene = make_scene(region, profile={"qris_notify_signature": "asymmetric", "partner_id": "KODEBANK"})
    client = app.test_client()
    path, stamp = "/3316/snap/v1.0/qr/qr-mpm-notify", clock.now().isoformat()
    raw = b'{"originalReferenceNo":"K1","latestTransactionStatus":"00","amount":{"value":"1000.00","currency":"IDR"}}'

    def send(body: bytes, signed: bytes) -> str:
        answer = client.post(
            path,
            data=body,
            headers={
                "X-TIMESTAMP": stamp,
                "X-SIGNATURE": sign_asymmetric(KEY, method="POST", path=path, body=signed, timestamp=stamp),
                "X-CLIENT-KEY": scene.partner.client_id,
                "X-PARTNER-ID": "KODEBANK",
                "X-EXTERNAL-ID": scene.next_id(),
                "CHANNEL-ID": "95221",
            },
        )
        return str(answer.json["responseCode"])

    before = scene.books()
    assert send(raw.replace(b"1000.00", b"9000.00"), raw) == "4015200"
    assert scene.books() == before
    assert send(raw, raw) == "2005200"
    assert scene.rows("SELECT bank_reference, amount_sen FROM payment") == [("K1", 100_000)]


def look_at(scene: Scene) -> list[Contradiction]:
    """What a person must look at."""
    with unit_of_work(scene.region.code) as session:
        return list_contradictions(session, since=clock.now() - timedelta(hours=1))
