"""A bank asks and pays over SNAP: what settles a bill, what is refused, and that a refusal changes nothing.

For: the virtual account doors through a real database. Not for: signatures by openssl
(tests/bank_adapters/test_snap_signatures.py).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.factory import create_app
from foundation import clock
from foundation.connections import owner_engine
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import adjust_period
from tests.scene import BankInTest, Scene, make_scene


@pytest.fixture
def app(region: Region) -> Flask:
    return create_app()


@pytest.fixture
def scene(region: Region, app: Flask) -> Scene:
    return make_scene(region)


@pytest.fixture
def bank(scene: Scene, app: Flask) -> BankInTest:
    return scene.bank(app.test_client())


def test_an_inquiry_tells_what_is_owed(scene: Scene, bank: BankInTest) -> None:
    before = scene.books()
    answer = bank.inquire(scene.bills[0].payment_code)
    assert answer.status_code == 200
    assert answer.json["responseCode"] == "2002400"
    data = answer.json["virtualAccountData"]
    assert data["totalAmount"] == {"value": "150000.00", "currency": "IDR"}
    assert data["virtualAccountName"] == "WARGA CONTOH 0001"
    assert data["virtualAccountTrxType"] == "C"
    assert scene.books() == before | {"partner_external_id": before["partner_external_id"] + 1}


def test_a_payment_settles_the_bill_and_posts_4a_in_one_act(scene: Scene, bank: BankInTest) -> None:
    bill = scene.bills[0]
    answer = bank.pay(bank.payment_body(bill.payment_code, "150000.00"))
    assert (answer.status_code, answer.json["responseCode"]) == (200, "2002500")
    assert answer.json["virtualAccountData"]["paymentFlagStatus"] == "00"
    assert scene.rows("SELECT state, channel, amount_sen FROM payment") == [("APPLIED", "VA", 15_000_000)]
    assert scene.scalar("SELECT state FROM bill WHERE payment_code = :code", code=bill.payment_code) == "PAID"
    lines = scene.postings_of("payment_applied")
    assert [
        (book, entity, side, sen, counterpart, partner) for book, entity, _, side, sen, counterpart, partner in lines
    ] == [
        ("F", "BAPENDA", "debit", 15_000_000, "PPKD", None),
        ("F", "BAPENDA", "credit", 15_000_000, None, None),
        ("F", "PPKD", "debit", 15_000_000, None, "BANKUJI"),
        ("F", "PPKD", "credit", 15_000_000, "BAPENDA", None),
    ]
    assert scene.rows(
        "SELECT thing, from_state, to_state FROM state_change WHERE thing IN ('bill', 'payment') ORDER BY thing"
    ) == [("bill", "ISSUED", "PAID"), ("payment", "RECORDED", "APPLIED")]
    assert scene.scalar("SELECT count(*) FROM outbox_message WHERE topic = 'payment.recorded'") == 1


def test_a_payment_of_a_month_that_takes_no_more_is_accounted_in_the_next(scene: Scene, bank: BankInTest) -> None:
    """It came in the month's last second and is booked when the month is being adjusted already."""
    at = clock.now()
    month = clock.today(scene.region.timezone).replace(day=1)
    following = (month + timedelta(days=31)).replace(day=1)
    with unit_of_work(scene.region.code) as session:
        adjust_period(session, month, today=following, by="cli:test", at=at)
    answer = bank.pay(bank.payment_body(scene.bills[0].payment_code, "150000.00"))
    assert (answer.status_code, answer.json["responseCode"]) == (200, "2002500")
    asked = "SELECT DISTINCT accounted_on, occurred_at < :next FROM ledger_postings WHERE kind = 'payment_applied'"
    assert scene.rows(asked, next=at + timedelta(days=1)) == [(following, True)]


@pytest.mark.parametrize(
    ("amount", "code"),
    [("149999.00", "4042513"), ("150000.01", "4042513"), ("150001.00", "4042513")],
)
def test_another_amount_than_owed_is_refused(scene: Scene, bank: BankInTest, amount: str, code: str) -> None:
    before = scene.books()
    answer = bank.pay(bank.payment_body(scene.bills[0].payment_code, amount))
    assert (answer.status_code, answer.json["responseCode"]) == (404, code)
    assert answer.json["virtualAccountData"]["paymentFlagStatus"] == "01"
    assert scene.books() == before


def test_a_total_that_differs_from_what_is_paid_is_refused(scene: Scene, bank: BankInTest) -> None:
    before = scene.books()
    body = bank.payment_body(scene.bills[0].payment_code, "150000.00")
    body["totalAmount"] = {"value": "151000.00", "currency": "IDR"}
    assert bank.pay(body).json["responseCode"] == "4042513"
    assert scene.books() == before


def test_an_unknown_code_is_refused(scene: Scene, bank: BankInTest) -> None:
    before = scene.books()
    wrong = scene.bills[0].payment_code[:-1] + ("0" if scene.bills[0].payment_code[-1] != "0" else "1")
    assert bank.inquire(wrong).json["responseCode"] == "4042412"
    assert bank.pay(bank.payment_body(wrong, "150000.00")).json["responseCode"] == "4042512"
    assert scene.books() == before


def test_a_paid_bill_is_not_paid_again(scene: Scene, bank: BankInTest) -> None:
    code = scene.bills[0].payment_code
    assert bank.pay(bank.payment_body(code, "150000.00")).status_code == 200
    before = scene.books()
    assert bank.inquire(code).json["responseCode"] == "4042414"
    assert bank.pay(bank.payment_body(code, "150000.00")).json["responseCode"] == "4042514"
    assert scene.books() == before


def test_a_code_past_its_due_date_is_refused(region: Region, app: Flask) -> None:
    scene = make_scene(region, due_on=clock.today(region.timezone) - timedelta(days=1))
    bank = scene.bank(app.test_client())
    before = scene.books()
    code = scene.bills[0].payment_code
    assert bank.inquire(code).json["responseCode"] == "4042419"
    assert bank.pay(bank.payment_body(code, "150000.00")).json["responseCode"] == "4042519"
    assert scene.books() == before


def test_the_same_payment_again_is_inconsistent_with_the_first_status(scene: Scene, bank: BankInTest) -> None:
    body = bank.payment_body(scene.bills[0].payment_code, "150000.00")
    assert bank.pay(body, external_id="EXT1").status_code == 200
    before = scene.books()
    for external_id in ("EXT1", "EXT2"):
        again = bank.pay(body, external_id=external_id)
        assert (again.status_code, again.json["responseCode"]) == (404, "4042518")
        assert again.json["virtualAccountData"]["paymentFlagStatus"] == "00"
    assert scene.books() == before


def test_the_same_payment_advised_again_is_answered_well(scene: Scene, bank: BankInTest) -> None:
    body = bank.payment_body(scene.bills[0].payment_code, "150000.00")
    assert bank.pay(body).status_code == 200
    before = scene.books()
    again = bank.pay({**body, "flagAdvise": "Y"})
    assert (again.status_code, again.json["responseCode"]) == (200, "2002500")
    assert scene.books() == before


def test_another_body_under_the_same_reference_is_refused_and_shown(scene: Scene, bank: BankInTest) -> None:
    body = bank.payment_body(scene.bills[0].payment_code, "150000.00")
    assert bank.pay(body).status_code == 200
    before = scene.books()
    other = {**body, "customerNo": scene.bills[1].payment_code}
    other["virtualAccountNo"] = other["partnerServiceId"] + other["customerNo"]
    answer = bank.pay(other)
    assert (answer.status_code, answer.json["responseCode"]) == (409, "4092500")
    assert scene.books() == before
    assert scene.rows("SELECT reference FROM partner_message WHERE outcome = 'contradiction'") == [
        (body["paymentRequestId"],)
    ]


def test_a_reused_external_id_is_refused(scene: Scene, bank: BankInTest) -> None:
    assert bank.inquire(scene.bills[0].payment_code, external_id="ONCE").status_code == 200
    before = scene.books()
    assert bank.inquire(scene.bills[1].payment_code, external_id="ONCE").json["responseCode"] == "4092400"
    refused = bank.pay(bank.payment_body(scene.bills[1].payment_code, "75500.00"), external_id="ONCE")
    assert (refused.status_code, refused.json["responseCode"]) == (409, "4092500")
    assert scene.books() == before


def test_a_refused_message_does_not_use_up_its_external_id(scene: Scene, bank: BankInTest) -> None:
    code = scene.bills[0].payment_code
    assert bank.pay(bank.payment_body(code, "1.00"), external_id="KEEP").json["responseCode"] == "4042513"
    assert bank.pay(bank.payment_body(code, "150000.00"), external_id="KEEP").json["responseCode"] == "2002500"


def test_wrong_signature_stale_timestamp_and_bad_token_change_nothing_but_the_archive(
    scene: Scene, bank: BankInTest
) -> None:
    bank.take_token()
    before, archived = scene.books(), scene.scalar("SELECT count(*) FROM partner_message")
    body = bank.payment_body(scene.bills[0].payment_code, "150000.00")
    old = (clock.now() - timedelta(minutes=6)).isoformat()
    assert bank.pay(body, secret="another secret").json["responseCode"] == "4012500"
    assert bank.pay(body, signature="!!!").json["responseCode"] == "4012500"
    assert bank.pay(body, timestamp=old).json["responseMessage"] == "Unauthorized. [Timestamp]"
    assert bank.pay(body, token="not-a-token").json["responseCode"] == "4012501"
    assert scene.books() == before
    assert scene.scalar("SELECT count(*) FROM partner_message") == archived + 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "4002500"),
        (b"{", "4002500"),
        (b"[]", "4002500"),
        (b'{"partnerServiceId": "   88899"}', "4002502"),
        (b"\xff\xfe", "4002500"),
    ],
)
def test_a_malformed_body_changes_nothing_but_the_archive(
    scene: Scene, bank: BankInTest, body: bytes, code: str
) -> None:
    bank.take_token()
    before = scene.books()
    answer = bank.send("/transfer-va/payment", body)
    assert (answer.status_code, answer.json["responseCode"]) == (400, code)
    assert scene.books() == before
    assert scene.rows("SELECT body, outcome FROM partner_message ORDER BY id DESC LIMIT 1") == [(body, "refused")]


def test_an_amount_with_a_comma_or_exponent_names_its_field(scene: Scene, bank: BankInTest) -> None:
    before = scene.books()
    for value in ("150000,00", "1.5E5", "150.000", "-150000.00", "150000.5"):
        answer = bank.pay(bank.payment_body(scene.bills[0].payment_code, value))
        assert answer.json["responseCode"] == "4002501", value
        assert "Amount.value" in answer.json["responseMessage"]
    assert scene.books() == before


def test_two_payments_of_one_bill_at_the_same_moment_settle_it_once(scene: Scene, app: Flask, bank: BankInTest) -> None:
    bank.take_token()
    code = scene.bills[0].payment_code
    bodies = [bank.payment_body(code, "150000.00") for _ in range(8)]
    before = scene.books()

    def pay(body: dict[str, object]) -> str:
        other = scene.bank(app.test_client())
        other.token = bank.token
        return str(other.pay(body).json["responseCode"])

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(pay, bodies))
    assert codes == ["2002500", *["4042514"] * 7]
    after = scene.books()
    assert after["paid"] == 1
    assert after["payment"] == before["payment"] + 1
    assert after["journal_entry"] == before["journal_entry"] + 1


def test_where_a_refusal_would_keep_the_payers_money_it_is_recorded_unapplied(region: Region, app: Flask) -> None:
    scene = make_scene(region, profile={"refusal_returns_money": False})
    bank = scene.bank(app.test_client())
    code = scene.bills[0].payment_code
    assert bank.pay(bank.payment_body(code, "150000.00")).json["responseCode"] == "2002500"
    assert bank.pay(bank.payment_body(code, "150000.00")).json["responseCode"] == "2002500"
    assert bank.pay(bank.payment_body(scene.bills[1].payment_code, "75000.00")).json["responseCode"] == "2002500"
    assert scene.rows("SELECT state, unapplied_reason, amount_sen FROM payment ORDER BY id") == [
        ("APPLIED", None, 15_000_000),
        ("UNAPPLIED", "BILL_PAID", 15_000_000),
        ("UNAPPLIED", "AMOUNT_MISMATCH", 7_500_000),
    ]
    lines = scene.postings_of("payment_unidentified")
    assert [(book, entity, side, sen, partner) for book, entity, _, side, sen, _, partner in lines] == [
        ("F", "PPKD", "debit", 15_000_000, "BANKUJI"),
        ("F", "PPKD", "credit", 15_000_000, "BANKUJI"),
        ("F", "PPKD", "debit", 7_500_000, "BANKUJI"),
        ("F", "PPKD", "credit", 7_500_000, "BANKUJI"),
    ]


def test_a_token_of_one_region_opens_no_door_of_another(scene: Scene, bank: BankInTest, other_region: Region) -> None:
    bank.take_token()
    other = make_scene(other_region)
    assert other.region.code == "6471"
    before = other.books()
    bank.base = "/6471/snap/v1.0"
    answer = bank.pay(bank.payment_body(other.bills[0].payment_code, "150000.00"))
    assert (answer.status_code, answer.json["responseCode"]) == (401, "4012501")
    assert other.books() == before


def test_the_token_door_refuses_strangers(scene: Scene, bank: BankInTest) -> None:
    old = (clock.now() - timedelta(minutes=6)).isoformat()
    assert bank.take_token(client_id="nobody").json["responseMessage"] == "Unauthorized. [Unknown client]"
    assert bank.take_token(timestamp=old).json["responseMessage"] == "Unauthorized. [Timestamp]"
    assert bank.token == ""
    assert bank.take_token().json["responseCode"] == "2007300"


def test_wrong_signature_and_stale_timestamp_at_inquiry_change_nothing(scene: Scene, bank: BankInTest) -> None:
    bank.take_token()
    before = scene.books()
    code = scene.bills[0].payment_code
    old = (clock.now() - timedelta(minutes=6)).isoformat()
    assert bank.inquire(code, secret="another secret").json["responseCode"] == "4012400"
    assert bank.inquire(code, timestamp=old).json["responseCode"] == "4012400"
    assert scene.books() == before


def test_the_signature_covers_path_and_query_as_received(scene: Scene, bank: BankInTest) -> None:
    body = bank.inquiry_body(scene.bills[0].payment_code)
    assert bank.send("/transfer-va/inquiry?channel=6011&x=%2F", body).json["responseCode"] == "2002400"
    bank.base, honest = bank.base + "/transfer-va/inquiry?channel=6012", bank.base
    signed_elsewhere = bank.sign("", bank.inquiry_body(scene.bills[0].payment_code))
    bank.base = honest
    answer = bank.send("/transfer-va/inquiry?channel=6011", body, signature=signed_elsewhere)
    assert answer.json["responseCode"] == "4012400"


@pytest.mark.parametrize(
    ("amount", "reason"),
    [("149999.00", "AMOUNT_MISMATCH"), ("150000.00", "BILL_PAID")],
)
def test_an_advice_of_debited_money_seen_first_is_recorded_whatever_it_says(
    scene: Scene, bank: BankInTest, amount: str, reason: str
) -> None:
    code = scene.bills[0].payment_code
    if reason == "BILL_PAID":
        assert bank.pay(bank.payment_body(code, "150000.00")).status_code == 200
    advised = bank.pay(bank.payment_body(code, amount, flagAdvise="Y"))
    assert (advised.status_code, advised.json["responseCode"]) == (200, "2002500")
    assert scene.rows("SELECT unapplied_reason FROM payment WHERE state = 'UNAPPLIED'") == [(reason,)]


def test_an_advice_for_an_expired_bill_goes_to_suspense(region: Region, app: Flask) -> None:
    scene = make_scene(region, due_on=clock.today(region.timezone) - timedelta(days=1))
    bank = scene.bank(app.test_client())
    body = bank.payment_body(scene.bills[0].payment_code, "150000.00", flagAdvise="Y")
    assert bank.pay(body).json["responseCode"] == "2002500"
    assert scene.rows("SELECT state, unapplied_reason FROM payment") == [("UNAPPLIED", "BILL_EXPIRED")]


def test_an_advice_that_the_bill_was_paid_before_it_expired_settles_it(region: Region, app: Flask) -> None:
    scene = make_scene(region, due_on=clock.today(region.timezone) - timedelta(days=1))
    bank = scene.bank(app.test_client())
    paid_at = (clock.now() - timedelta(days=2)).isoformat(timespec="seconds")
    body = bank.payment_body(scene.bills[0].payment_code, "150000.00", flagAdvise="Y", trxDateTime=paid_at)
    assert bank.pay(body).json["responseCode"] == "2002500"
    assert scene.scalar("SELECT state FROM payment") == "APPLIED"


@pytest.mark.parametrize("claimed", ["0001-01-02T00:00:00+07:00", "1990-05-01T10:00:00+07:00", "days ago", "ahead"])
def test_a_claimed_time_of_payment_does_not_evade_the_due_date(region: Region, app: Flask, claimed: str) -> None:
    scene = make_scene(region, due_on=clock.today(region.timezone) - timedelta(days=1))
    bank = scene.bank(app.test_client())
    shift = {"days ago": timedelta(days=-3), "ahead": timedelta(days=3)}.get(claimed)
    stamp = claimed if shift is None else (clock.now() + shift).isoformat(timespec="seconds")
    before = scene.books()
    code = scene.bills[0].payment_code
    answer = bank.pay(bank.payment_body(code, "150000.00", trxDateTime=stamp))
    assert answer.json["responseCode"] == "4042519"
    assert scene.books() == before
    advised = bank.pay(bank.payment_body(code, "150000.00", flagAdvise="Y", trxDateTime="1990-05-01T10:00:00+07:00"))
    assert advised.json["responseCode"] == "2002500"
    [(reason, years)] = scene.rows("SELECT unapplied_reason, extract(year FROM paid_at)::int FROM payment")
    assert (reason, years) == ("BILL_EXPIRED", clock.now().year)


def test_an_external_id_may_be_used_again_on_the_next_day_of_the_banks_own_clock(
    scene: Scene, bank: BankInTest
) -> None:
    """One instant written in two offsets lies on two calendar days of two clocks."""
    first = clock.now() - timedelta(minutes=1)
    west, east = first.astimezone(timezone(timedelta(hours=-11))), first.astimezone(timezone(timedelta(hours=13)))
    assert west.date() != east.date()
    codes = [bill.payment_code for bill in scene.bills]
    assert bank.inquire(codes[0], external_id="DAILY1", timestamp=west.isoformat()).json["responseCode"] == "2002400"
    assert bank.inquire(codes[1], external_id="DAILY1", timestamp=east.isoformat()).json["responseCode"] == "2002400"
    assert bank.inquire(codes[2], external_id="DAILY1", timestamp=east.isoformat()).json["responseCode"] == "4092400"


def test_a_recorded_payment_cannot_be_changed_or_removed(scene: Scene, bank: BankInTest) -> None:
    assert bank.pay(bank.payment_body(scene.bills[0].payment_code, "150000.00")).status_code == 200
    for statement in (
        "UPDATE payment SET amount_sen = 1",
        "DELETE FROM payment",
        "TRUNCATE payment",
        "DELETE FROM partner_message",
    ):
        with pytest.raises(ProgrammingError) as refused, unit_of_work(scene.region.code) as session:
            session.execute(text(statement))
        assert "permission denied" in str(refused.value)
    for statement in ("DELETE FROM payment", "TRUNCATE payment", "DELETE FROM partner_message"):
        with owner_engine().connect() as owner:
            owner.execute(text(f"SET LOCAL search_path = r{scene.region.code}"))
            with pytest.raises(ProgrammingError) as refused:
                owner.execute(text(statement))
        assert "append-only" in str(refused.value)
    assert scene.rows("SELECT amount_sen FROM payment") == [(15_000_000,)]
