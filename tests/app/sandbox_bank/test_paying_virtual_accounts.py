"""A customer of the sandbox bank pays a virtual account, and Lunas says yes, no, or nothing.

For: what happens to the money and to the message in each case.
Not for: what Lunas does with it (tests/payments, tests/journeys).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text, update

from app.sandbox_bank.models import Message, Payment
from app.sandbox_bank.running import RunningBank
from app.sandbox_bank.telling import send_waiting
from foundation import clock
from foundation.money import Money
from tests.app.sandbox_bank.scene import CODE, StandIn, balances, numbers, post, va

OWED = Money.parse("150000.00")
PAYER = "1000000001"


def _make_due(bank: RunningBank) -> None:
    with bank.database.unit_of_work() as session:
        session.execute(update(Message).values(next_try_at=clock.now()))


def test_a_paid_virtual_account_lies_on_the_holding_account(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED
    before = balances(bank)

    answer = post(bank_url, "/3316/api/pay-va", virtual_account=va(bank), payer=PAYER)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["state"], told["amount"], told["payment_code"]) == ("DONE", "150000.00", CODE)
    assert [(each["state"], each["response_code"], each["tries"]) for each in told["messages"]] == [
        ("ACCEPTED", "2002500", 1)
    ]
    after, (holding, rkud) = balances(bank), numbers(bank)
    assert after[PAYER] == before[PAYER] - OWED
    assert after[holding] == OWED
    assert after[rkud] == Money(0)
    assert sum(money.sen for money in after.values()) == 0


def test_the_payment_carries_the_reference_of_its_inquiry(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED
    post(bank_url, "/3316/api/pay-va", virtual_account=va(bank))

    asked, paid = lunas.sent("/inquiry")[0].body, lunas.sent("/payment")[0].body
    assert paid["paymentRequestId"] == asked["inquiryRequestId"]
    assert paid["partnerServiceId"] == "   83316"
    assert paid["virtualAccountNo"] == f"   83316{CODE}"
    assert paid["paidAmount"] == paid["totalAmount"] == {"value": "150000.00", "currency": "IDR"}
    assert paid["flagAdvise"] == "N"


def test_a_refused_inquiry_takes_no_money_and_says_why(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    lunas.owed["331601261100000024"] = OWED
    lunas.paid["331601261100000024"] = "someone else's"
    lunas.owed["331601261100000032"] = OWED
    lunas.expired.add("331601261100000032")
    before = balances(bank)

    said = {
        code: post(bank_url, "/3316/api/pay-va", virtual_account=va(bank, code))
        for code in (CODE, "331601261100000024", "331601261100000032")
    }

    assert [answer.status_code for answer in said.values()] == [409, 409, 409]
    assert [answer.json()["message"]["id"] for answer in said.values()] == [
        "Tagihan tidak ditemukan. Periksa kembali nomor virtual account Anda. (4042412)",
        "Tagihan ini sudah lunas, tidak perlu dibayar lagi. (4042414)",
        "Tagihan sudah lewat jatuh tempo dan tidak dapat dibayar dengan kode ini. (4042419)",
    ]
    assert lunas.sent("/payment") == []
    assert balances(bank) == before


def test_a_refused_payment_gives_the_payer_the_money_back(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED
    before = balances(bank)

    told = post(bank_url, "/3316/api/pay-va", virtual_account=va(bank), amount="149999.00").json()

    assert told["state"] == "RETURNED"
    assert told["messages"][0]["response_code"] == "4042513"
    assert balances(bank) == before


def test_a_payment_without_an_answer_is_repeated_as_advice_until_there_is_one(
    bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    lunas.owed[CODE] = OWED
    lunas.silences = 2
    holding, _ = numbers(bank)

    told = post(bank_url, "/3316/api/pay-va", virtual_account=va(bank), payer=PAYER).json()
    assert (told["state"], told["messages"][0]["state"]) == ("DEBITED", "WAITING")
    assert balances(bank)[holding] == Money(0)

    assert send_waiting(bank) == 0
    for _ in range(2):
        _make_due(bank)
        send_waiting(bank)

    first, *repeats = lunas.sent("/payment")
    assert len(repeats) == 2
    assert first.body["flagAdvise"] == "N"
    for repeat in repeats:
        assert repeat.external_id == first.external_id
        assert repeat.body == first.body | {"flagAdvise": "Y"}
    assert balances(bank)[holding] == OWED
    assert send_waiting(bank) == 0


def test_a_bank_killed_while_it_tells_repeats_as_advice(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED
    post(bank_url, "/3316/api/pay-va", virtual_account=va(bank))
    with bank.database.unit_of_work() as session:  # as it stood when the message was on its way
        session.execute(update(Message).values(state="WAITING", tries=1, response_code=None, next_try_at=clock.now()))
        session.execute(update(Payment).values(state="DEBITED"))
        session.execute(text("UPDATE account SET balance_sen = 0 WHERE kind = 'HOLDING'"))
        session.execute(text("UPDATE account SET balance_sen = :sen WHERE kind = 'TRANSIT'"), {"sen": OWED.sen})

    assert send_waiting(bank) == 1

    assert [each.body["flagAdvise"] for each in lunas.sent("/payment")] == ["N", "Y"]
    assert balances(bank)[numbers(bank)[0]] == OWED


def test_a_bank_that_tells_twice_credits_once(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED

    told = post(bank_url, "/3316/api/pay-va", virtual_account=va(bank), notifications=2).json()

    assert [each["response_code"] for each in told["messages"]] == ["2002500", "4042518"]
    assert [each["state"] for each in told["messages"]] == ["ACCEPTED", "ACCEPTED"]
    assert balances(bank)[numbers(bank)[0]] == OWED


def test_a_number_of_another_bank_is_refused_before_anyone_is_asked(
    bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    answer = post(bank_url, "/3316/api/pay-va", virtual_account=f"70012{CODE}")
    assert (answer.status_code, answer.json()["code"]) == (404, "sandbox_virtual_account_unknown")
    answer = post(bank_url, "/3316/api/pay-va", virtual_account="83316-12")
    assert (answer.status_code, answer.json()["field"]) == (422, "virtual_account")
    assert lunas.knocked == []


def test_an_account_that_holds_too_little_pays_nothing(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    lunas.owed[CODE] = Money.parse("100001.00")
    before = balances(bank)

    answer = post(bank_url, "/3316/api/pay-va", virtual_account=va(bank), payer="1000000003")

    assert (answer.status_code, answer.json()["code"]) == (409, "sandbox_balance_too_low")
    assert answer.json()["message"]["id"] == "Saldo rekening tidak cukup. Saldo Rp100.000."
    assert lunas.sent("/payment") == []
    assert balances(bank) == before


def test_payments_at_the_same_moment_keep_the_books_level(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    codes = [f"33160126110000{number:04d}" for number in range(8)]
    for code in codes:
        lunas.owed[code] = OWED

    with ThreadPoolExecutor(8) as crowd:
        answers = list(
            crowd.map(
                lambda code: post(bank_url, "/3316/api/pay-va", virtual_account=va(bank, code), payer=PAYER), codes
            )
        )

    assert [answer.json()["state"] for answer in answers] == ["DONE"] * 8
    after = balances(bank)
    assert after[numbers(bank)[0]] == Money.parse("1200000.00")
    assert sum(money.sen for money in after.values()) == 0
