"""The sandbox bank closes its day: settlement, sweep and statements, well and, when told to, wrongly.

For: the files as Lunas's own readers see them, and the money behind them.
Not for: reconciliation (tests/reconciliation, tests/journeys).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.sandbox_bank.running import RunningBank
from app.sandbox_bank.setting_up import NewClient, add_client
from app.sandbox_bank.telling import send_waiting
from bank_adapters.contract import SettlementFile, StatementFile
from bank_adapters.statements import SANDBOX_SETTLEMENT, Mt940Reader, SettlementCsvReader, recognise
from foundation import clock
from foundation.money import Money
from tests.app.sandbox_bank.scene import StandIn, balances, numbers, post, va

CODES = ("331601261100000016", "331601261100000024", "331601261100000032")
OWED = Money.parse("150000.00")


def _pay(bank: RunningBank, url: str, lunas: StandIn, code: str) -> dict[str, Any]:
    lunas.owed[code] = OWED
    told: dict[str, Any] = post(url, "/3316/api/pay-va", virtual_account=va(bank, code)).json()
    assert told["state"] == "DONE"
    return told


def _close(url: str, **wanted: Any) -> dict[str, Any]:
    answer = post(url, "/3316/api/close-day", **wanted)
    assert answer.status_code == 200, answer.text
    closed: dict[str, Any] = answer.json()
    return closed


def _settlements(closed: dict[str, Any]) -> list[SettlementFile]:
    reader = SettlementCsvReader(SANDBOX_SETTLEMENT)
    paths = [Path(file["path"]) for file in closed["files"] if file["kind"] == "settlement"]
    return [reader.read(path.read_bytes(), filename=path.name) for path in paths]


def _statements(closed: dict[str, Any]) -> list[StatementFile]:
    paths = [Path(file["path"]) for file in closed["files"] if file["kind"] == "mt940"]
    return [each for path in paths for each in Mt940Reader().read(path.read_bytes(), filename=path.name)]


def _today() -> date:
    return clock.today("Asia/Jakarta")


def test_a_closed_day_leaves_one_settlement_and_two_statements(
    bank: RunningBank, bank_url: str, lunas: StandIn, sandbox_environ: dict[str, str]
) -> None:
    paid = [_pay(bank, bank_url, lunas, code) for code in CODES]

    closed = _close(bank_url)

    (settlement,) = _settlements(closed)
    reference = f"STL3316{_today():%y%m%d}001"
    assert (settlement.partner_ref, settlement.batch_reference) == ("SANDBOX", reference)
    assert (settlement.business_on, settlement.gross, settlement.fee, settlement.net) == (
        _today(), Money.parse("450000.00"), Money(0), Money.parse("450000.00"),
    )  # fmt: skip
    assert [(line.bank_reference, line.payment_code, line.channel) for line in settlement.lines] == [
        (told["bank_reference"], code, "VA") for told, code in zip(paid, CODES, strict=True)
    ]
    assert [line.paid_at.isoformat() for line in settlement.lines if line.paid_at] == [told["paid_at"] for told in paid]

    holding, rkud = _statements(closed)
    assert (holding.account_no, rkud.account_no) == numbers(bank)
    assert (holding.opening, holding.closing, len(holding.lines)) == (Money(0), Money(0), 4)
    assert (rkud.opening, rkud.closing) == (Money(0), Money.parse("450000.00"))
    (credit,) = rkud.lines
    assert (credit.direction, credit.amount, credit.value_on) == ("credit", Money.parse("450000.00"), _today())
    assert credit.text == f"{reference} PELIMPAHAN KE RKUD {_today():%d-%m-%Y}"
    assert holding.lines[3].bank_reference == credit.bank_reference

    folder = Path(sandbox_environ["SANDBOX_INBOX"]) / "3316"
    assert sorted(path.name for path in folder.iterdir()) == sorted(file["name"] for file in closed["files"])
    kinds = [recognise(file["name"], Path(file["path"]).read_bytes()) for file in closed["files"]]
    assert kinds == ["settlement-csv", "mt940", "mt940"]


def test_the_moment_in_the_settlement_is_the_one_that_lunas_was_told(
    bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    _pay(bank, bank_url, lunas, CODES[0])
    (settlement,) = _settlements(_close(bank_url))
    from bank_adapters.snap import parse_moment

    told = lunas.sent("/payment")[0].body["trxDateTime"]
    assert settlement.lines[0].paid_at == parse_moment(told, field="trxDateTime")


def test_closing_again_delivers_the_same_bytes_and_makes_nothing(
    bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    _pay(bank, bank_url, lunas, CODES[0])
    first = _close(bank_url)
    bytes_of_first = {file["name"]: Path(file["path"]).read_bytes() for file in first["files"]}
    before = balances(bank)
    for file in first["files"]:
        Path(file["path"]).unlink()

    again = _close(bank_url)

    assert (again["batches"], again["statements"]) == ([], [])
    assert {file["name"]: Path(file["path"]).read_bytes() for file in again["files"]} == bytes_of_first
    assert balances(bank) == before


def test_what_is_paid_after_the_close_comes_in_a_second_batch_of_the_same_date(
    bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    _pay(bank, bank_url, lunas, CODES[0])
    first = _close(bank_url)
    late = _pay(bank, bank_url, lunas, CODES[1])

    second = _close(bank_url)

    assert [batch["reference"][-3:] for batch in second["batches"]] == ["002"]
    settlements = _settlements(second)
    assert [each.business_on for each in settlements] == [_today(), _today()]
    assert [line.bank_reference for line in settlements[1].lines] == [late["bank_reference"]]
    statements = _statements(second)
    assert [(each.account_no, each.statement_no) for each in statements] == [
        (account, number) for number in ("1", "2") for account in numbers(bank)
    ]
    assert [each.opening for each in statements[2:]] == [each.closing for each in statements[:2]]
    assert len(first["files"]) == 3
    assert len(second["files"]) == 6


def test_an_empty_day_has_statements_and_no_settlement(bank: RunningBank, bank_url: str) -> None:
    closed = _close(bank_url)
    assert closed["batches"] == []
    assert [(each.opening, each.closing, each.lines) for each in _statements(closed)] == [(Money(0), Money(0), ())] * 2


def test_a_day_closed_late_settles_each_date_by_itself(
    bank: RunningBank, bank_url: str, lunas: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = _today()
    _pay(bank, bank_url, lunas, CODES[0])
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", "86400")
    _pay(bank, bank_url, lunas, CODES[1])

    late = _close(bank_url, date=yesterday.isoformat())
    (settlement,) = _settlements(late)
    assert (settlement.business_on, len(settlement.lines)) == (yesterday, 1)
    assert [each.closing_on for each in _statements(late)] == [yesterday, yesterday]

    today = _close(bank_url)
    (settlement,) = _settlements(today)
    assert (settlement.business_on, len(settlement.lines)) == (yesterday + timedelta(days=1), 1)
    assert [(each.opening_on, each.closing) for each in _statements(today)] == [
        (yesterday, Money(0)), (yesterday, Money.parse("300000.00")),
    ]  # fmt: skip


def test_one_close_settles_what_earlier_days_left(
    bank: RunningBank, bank_url: str, lunas: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = _today()
    _pay(bank, bank_url, lunas, CODES[0])
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", "86400")
    _pay(bank, bank_url, lunas, CODES[1])

    closed = _close(bank_url)

    assert [each.business_on for each in _settlements(closed)] == [yesterday, yesterday + timedelta(days=1)]
    _, rkud = _statements(closed)
    assert [line.amount for line in rkud.lines] == [OWED, OWED]


def test_a_day_to_come_cannot_be_closed(bank: RunningBank, bank_url: str) -> None:
    answer = post(bank_url, "/3316/api/close-day", date=(_today() + timedelta(days=1)).isoformat())
    assert (answer.status_code, answer.json()["field"]) == (422, "date")


def test_a_region_unknown_to_the_bank_is_refused(bank: RunningBank, bank_url: str) -> None:
    answer = post(bank_url, "/6471/api/close-day")
    assert (answer.status_code, answer.json()["code"]) == (404, "sandbox_client_unknown")


def test_a_payment_left_out_is_neither_settled_nor_swept_until_the_next_close(
    bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    kept = _pay(bank, bank_url, lunas, CODES[0])
    left = _pay(bank, bank_url, lunas, CODES[1])

    closed = _close(bank_url, leave_out=[left["bank_reference"]])

    (settlement,) = _settlements(closed)
    assert [line.bank_reference for line in settlement.lines] == [kept["bank_reference"]]
    assert closed["batches"][0]["misbehaviour"] == "1 tidak disertakan / left out"
    after, (holding, rkud) = balances(bank), numbers(bank)
    assert (after[holding], after[rkud]) == (OWED, OWED)

    late = _settlements(_close(bank_url))[1]
    assert [line.bank_reference for line in late.lines] == [left["bank_reference"]]


def test_a_payment_that_lunas_was_never_told_of_is_settled_and_swept(
    bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    _pay(bank, bank_url, lunas, CODES[0])
    told = len(lunas.knocked)

    closed = _close(bank_url, untold="25000.00")

    (settlement,) = _settlements(closed)
    assert [line.amount for line in settlement.lines] == [OWED, Money.parse("25000.00")]
    assert balances(bank)[numbers(bank)[1]] == Money.parse("175000.00")
    assert send_waiting(bank) == 0
    assert len(lunas.knocked) == told


def test_a_kept_fee_shows_in_the_settlement_and_lessens_the_sweep(
    bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    for code in CODES[:2]:
        _pay(bank, bank_url, lunas, code)

    (settlement,) = _settlements(_close(bank_url, fee_each="2500.00"))

    assert (settlement.gross, settlement.fee, settlement.net) == (
        Money.parse("300000.00"), Money.parse("5000.00"), Money.parse("295000.00"),
    )  # fmt: skip
    after, (holding, rkud) = balances(bank), numbers(bank)
    assert (after[holding], after[rkud]) == (Money(0), Money.parse("295000.00"))


def test_a_short_sweep_leaves_the_rest_on_the_holding_account(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    _pay(bank, bank_url, lunas, CODES[0])

    closed = _close(bank_url, sweep_short="1000.00")

    (settlement,) = _settlements(closed)
    assert settlement.net == OWED
    after, (holding, rkud) = balances(bank), numbers(bank)
    assert (after[holding], after[rkud]) == (Money.parse("1000.00"), Money.parse("149000.00"))
    assert closed["batches"][0]["misbehaviour"] == "pelimpahan kurang / sweep short 1000.00"


def test_telling_again_repeats_every_payment_under_a_new_external_id(
    bank: RunningBank, bank_url: str, lunas: StandIn
) -> None:
    _pay(bank, bank_url, lunas, CODES[0])

    _close(bank_url, tell_again=True)
    assert send_waiting(bank) == 1

    first, again = lunas.sent("/payment")
    assert first.body == again.body
    assert first.external_id != again.external_id
    assert balances(bank)[numbers(bank)[1]] == OWED


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"leave_out": ["VA0000"]}, "leave_out"),
        ({"leave_out": "VA0000"}, "leave_out"),
        ({"fee_each": "150000.01"}, "fee_each"),
        ({"sweep_short": "150000.01"}, "sweep_short"),
        ({"untold": "1,5"}, "untold"),
        ({"date": "21-11-2026"}, "date"),
    ],
)
def test_a_close_that_cannot_be_changes_nothing(
    bank: RunningBank, bank_url: str, lunas: StandIn, sandbox_environ: dict[str, str], wrong: dict[str, Any], field: str
) -> None:
    _pay(bank, bank_url, lunas, CODES[0])
    before = balances(bank)

    answer = post(bank_url, "/3316/api/close-day", **wrong)

    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert balances(bank) == before
    assert not (Path(sandbox_environ["SANDBOX_INBOX"]) / "3316").exists()
    assert [batch["reference"][-3:] for batch in _close(bank_url)["batches"]] == ["001"]


def test_an_rkud_that_held_money_opens_its_first_statement_with_it(bank: RunningBank, bank_url: str) -> None:
    with bank.database.unit_of_work() as session:
        wanted = NewClient(
            region="6471",
            region_name="Kota Balikpapan",
            timezone="Asia/Makassar",
            rkud_opening=Money.parse("1000000000.00"),
        )
        add_client(session, wanted, at=clock.now())

    closed: dict[str, Any] = post(bank_url, "/6471/api/close-day").json()

    _, rkud = _statements(closed)
    assert (rkud.statement_no, rkud.opening, rkud.closing, rkud.lines) == (
        "1", Money.parse("1000000000.00"), Money.parse("1000000000.00"), (),
    )  # fmt: skip


def test_the_day_closes_from_the_command_line_too(bank: RunningBank, bank_url: str, lunas: StandIn) -> None:
    _pay(bank, bank_url, lunas, CODES[0])

    ran = CliRunner().invoke(main, ["sandbox", "close-day", "--region", "3316", "--sweep-short", "1.00"])

    assert ran.exit_code == 0, ran.output
    lines = ran.output.splitlines()
    assert lines[0].startswith(f"STL3316{_today():%y%m%d}001  Rp150.000  pelimpahan kurang")
    assert [Path(line).is_file() for line in lines[1:]] == [True, True, True]
