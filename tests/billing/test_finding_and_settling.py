"""Finding bills, and settling one: once, recorded, and without the application being able to change anything else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from billing import (
    BILL_STATES,
    BillAlreadyPaid,
    BillUnknown,
    expired,
    find_bills_for_public,
    find_payable,
    get_bill_by_uid,
    list_kinds,
    list_outstanding,
    settle_bill,
)
from billing.states import ISSUED, PAID
from foundation.db import unit_of_work
from foundation.ids import new_uid
from foundation.money import Money
from foundation.regions import Region
from tests.billing.bill_files import GOOD, MARKET, SAMPLES, a_file, ask, import_file, read_mapping, row

CODE = "331601260100000019"
PAID_AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
RECORDED_AT = datetime(2026, 3, 1, 2, 31, tzinfo=UTC)


@pytest.fixture
def billed(blora: Region) -> Region:
    """Blora with one bill, whose payment code is CODE."""
    import_file(blora, a_file(GOOD))
    return blora


def settle(region: Region, payment_uid: UUID) -> None:
    """Find the bill under lock and settle it, as a payment does."""
    with unit_of_work(region.code) as session:
        bill = find_payable(session, CODE, lock=True)
        assert bill is not None
        settle_bill(session, bill, payment_uid=payment_uid, paid_at=PAID_AT, by="partner:TEST", at=RECORDED_AT)


def test_a_payable_bill_has_what_a_bank_asks(billed: Region) -> None:
    with unit_of_work(billed.code) as session:
        bill = find_payable(session, CODE)
    assert bill is not None
    assert (bill.payment_code, bill.kind, bill.entity, bill.period) == (CODE, "PBB-P2", "BAPENDA", "2026")
    assert (bill.object_number, bill.payer_name) == ("331699900100100017", "Warga Contoh 00001")
    assert bill.kind_name == "Pajak Bumi dan Bangunan Perdesaan dan Perkotaan"
    assert bill.kind_name_en == "Rural and urban land and building tax"
    assert (bill.amount, bill.state, bill.paid_at) == (Money(15_000_000), ISSUED, None)
    assert (bill.issued_on, bill.due_on) == (date(2026, 1, 5), date(2026, 9, 30))


@pytest.mark.parametrize("code", ["", "331601260100000018", "33160126010000001", "3316 0126 0100 0000 19", "x" * 18])
def test_a_code_that_is_not_exact_finds_nothing(billed: Region, code: str) -> None:
    with unit_of_work(billed.code) as session:
        assert find_payable(session, code) is None


@pytest.mark.parametrize(
    "query",
    [
        "331699900100100017",
        "33.16.999.001.001-0001.7",
        " 33 16 999 001 001 0001 7 ",
        CODE,
        "3316 0126 0100 0000 19",
    ],
)
def test_anyone_finds_a_bill_by_nop_or_payment_code_and_sees_no_name(billed: Region, query: str) -> None:
    with unit_of_work(billed.code) as session:
        (bill,) = find_bills_for_public(session, query)
        assert get_bill_by_uid(session, bill.uid) == bill
    assert (bill.payer_name_masked, bill.object_number_shown) == ("W**** C***** 0****", "33.16.999.001.001-0001.7")
    assert (bill.payment_code_shown, bill.amount, bill.object_label) == (
        "3316 0126 0100 0000 19",
        Money(15_000_000),
        "NOP",
    )
    assert (bill.paid, bill.state_word(), bill.state_word("en")) == (False, "BELUM LUNAS", "Unpaid")
    assert "Warga" not in repr(bill)


@pytest.mark.parametrize("query", ["", " ", "33169990010010001", "%", "' OR 1=1 --", "9" * 18, "1" * 5000, "\x00"])
def test_anything_else_finds_nothing(billed: Region, query: str) -> None:
    with unit_of_work(billed.code) as session:
        assert find_bills_for_public(session, query) == []


def test_an_object_shows_its_years_newest_first(blora: Region) -> None:
    import_file(blora, a_file(row(1, year="2025"), row(1, year="2026"), row(1, year="2024"), row(2)))
    with unit_of_work(blora.code) as session:
        found = find_bills_for_public(session, "331699900100100017")
    assert [bill.period for bill in found] == ["2026", "2025", "2024"]


def test_other_numbers_are_found_as_they_are_written_whatever_their_case(blora: Region) -> None:
    mapping = read_mapping((SAMPLES / "kebersihan-3316.toml").read_bytes())
    import_file(blora, (SAMPLES / "kebersihan-3316.txt").read_bytes(), mapping)
    with unit_of_work(blora.code) as session:
        (bill,) = find_bills_for_public(session, "r.1.0000007")
    assert (bill.object_number_shown, bill.object_label, bill.period) == ("R.1.0000007", "NPWRD", "2026-01")


def test_an_unknown_uid_is_refused(billed: Region) -> None:
    with unit_of_work(billed.code) as session, pytest.raises(BillUnknown):
        get_bill_by_uid(session, uuid4())


def test_a_bill_expires_when_its_due_date_has_ended(billed: Region) -> None:
    with unit_of_work(billed.code) as session:
        bill = find_payable(session, CODE)
        assert bill is not None
        assert not expired(bill, date(2026, 9, 30))
        assert expired(bill, date(2026, 10, 1))
    settle(billed, new_uid())
    with unit_of_work(billed.code) as session:
        paid = find_payable(session, CODE)
    assert paid is not None
    assert not expired(paid, date(2026, 10, 1))


def test_settling_moves_the_bill_and_records_who_when_and_why(billed: Region) -> None:
    payment_uid = new_uid()
    settle(billed, payment_uid)
    assert ask(billed, "SELECT state, paid_at, payment_uid, amount_sen FROM bill") == [
        (PAID, PAID_AT, payment_uid, 15_000_000)
    ]
    assert ask(
        billed,
        "SELECT c.thing, c.from_state, c.to_state, c.event, c.moved_by, c.why, c.moved_at"
        " FROM state_change c JOIN bill b ON b.id = c.thing_id",
    ) == [("bill", ISSUED, PAID, "settled", "partner:TEST", f"payment {payment_uid}", RECORDED_AT)]
    with unit_of_work(billed.code) as session:
        assert list_outstanding(session) == []


def test_the_recorded_move_is_one_that_the_state_table_allows() -> None:
    assert BILL_STATES.initial == ISSUED
    assert BILL_STATES.target_of(ISSUED, "settled") == PAID
    assert BILL_STATES.states[PAID].finished


def test_settling_twice_is_refused_and_changes_nothing(billed: Region) -> None:
    first = new_uid()
    settle(billed, first)
    with pytest.raises(BillAlreadyPaid) as refusal:
        settle(billed, new_uid())
    assert refusal.value.facts == {"payment_code": CODE}
    assert ask(billed, "SELECT payment_uid FROM bill") == [(first,)]
    assert ask(billed, "SELECT count(*) FROM state_change") == [(1,)]


def test_ten_settlements_at_the_same_moment_settle_once(billed: Region) -> None:
    def attempt(payment_uid: UUID) -> bool:
        try:
            settle(billed, payment_uid)
        except BillAlreadyPaid:
            return False
        return True

    uids = [new_uid() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        settled = list(pool.map(attempt, uids))
    assert settled.count(True) == 1
    assert ask(billed, "SELECT payment_uid FROM bill") == [(uids[settled.index(True)],)]
    assert ask(billed, "SELECT count(*) FROM state_change") == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bill SET amount_sen = 100",
        "UPDATE bill SET payment_code = '331601260100000027'",
        "UPDATE bill SET due_on = '2030-01-01'",
        "DELETE FROM bill",
        "TRUNCATE bill",
        "UPDATE bill_batch SET total_sen = 1",
        "DELETE FROM bill_batch",
        "UPDATE revenue_kind SET digits = '02'",
        "UPDATE bill SET state = 'PAID'",
        "UPDATE bill SET state = 'GONE'",
        "UPDATE bill SET paid_at = now()",
    ],
)
def test_the_database_refuses_what_no_act_of_ours_does(billed: Region, statement: str) -> None:
    with pytest.raises(DBAPIError) as refusal, unit_of_work(billed.code) as session:
        session.execute(text(statement))
    assert getattr(refusal.value.orig, "sqlstate", None) in ("42501", "23514")
    assert ask(billed, "SELECT amount_sen, state, payment_code FROM bill") == [(15_000_000, ISSUED, CODE)]


def test_the_database_refuses_odd_sen_and_a_second_bill_of_one_key(billed: Region) -> None:
    columns = "batch_id, kind, entity, object_number, period, payer_name, object_address, issued_on, due_on, state"
    again = (
        f"INSERT INTO bill (uid, payment_code, amount_sen, {columns})"
        f" SELECT :uid, '331601260100000027', :sen, {columns} FROM bill"
    )
    for sen, state in ((15_000_050, "23514"), (0, "23514"), (15_000_000, "23505")):
        with pytest.raises(DBAPIError) as refusal, unit_of_work(billed.code) as session:
            session.execute(text(again), {"uid": new_uid(), "sen": sen})
        assert getattr(refusal.value.orig, "sqlstate", None) == state
    assert ask(billed, "SELECT count(*) FROM bill") == [(1,)]


def test_kinds_are_listed_by_their_digits(billed: Region) -> None:
    import_file(billed, (SAMPLES / "pasar-3316.csv").read_bytes(), MARKET)
    with unit_of_work(billed.code) as session:
        kinds = list_kinds(session)
    assert [(kind.code, kind.digits, kind.family) for kind in kinds] == [
        ("PBB-P2", "01", "pajak"),
        ("RETRIBUSI-PASAR", "11", "retribusi"),
    ]
