"""Nothing can be accounted before the date on which books began, while daily work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from threading import Thread

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.states import MoveRefused
from ledger import (
    ChartRefused,
    CutOverRefused,
    PeriodClosed,
    PeriodTakenOver,
    adjust_period,
    check_periods,
    close_period,
    close_year,
    is_year_closed,
    list_periods,
    load_chart,
    post_entry,
    reopen_period,
    reverse_entry,
)
from ledger.errors import BooksRefused
from tests.ledger.entries import AT, draft, everything, issued, post
from tests.ledger.openings import BALANCES, HEAD, ON, take_over
from tests.ledger.waiting import until
from tests.ledger.year_scene import standing

MARCH = date(2026, 3, 1)
NOVEMBER, DECEMBER = date(2025, 11, 1), date(2025, 12, 1)
HEADING = "kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai\n"
LH = HEAD + "1.1.03.15.01.0001,LH,F,debit,100.00,,\n3.1.01.01.01.0001,LH,F,kredit,100.00,,\n"


def periods(region: str) -> dict[str, str]:
    with unit_of_work(region) as session:
        return {each.name: each.state for each in list_periods(session)}


def close(region: str, month: date, today: date = MARCH) -> None:
    with unit_of_work(region) as session:
        adjust_period(session, month, today=today, by="user:a", at=AT)
        close_period(session, month, by="user:a", at=AT)


def reopen(region: str, month: date) -> None:
    with unit_of_work(region) as session:
        reopen_period(session, month, reason="Koreksi", by="user:a", at=AT)


@contextmanager
def refused(region: str) -> Iterator[pytest.ExceptionInfo[CutOverRefused]]:
    """The cut-over date is refused, and neither entries nor months have changed."""
    before = everything(region), periods(region)
    with pytest.raises(CutOverRefused) as caught:
        yield caught
    assert caught.value.field == "on"
    assert (everything(region), periods(region)) == before


def test_the_months_before_are_closed_and_take_nothing_more(books: str) -> None:
    opened = take_over(books)
    months = tuple(f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13))
    assert opened.months_closed == months
    assert periods(books) == dict.fromkeys(months, "CLOSED") | {"2026-01": "OPEN"}
    taken_over = standing(books, ON)
    for day in (date(2024, 1, 1), date(2025, 12, 31)):
        before = everything(books)
        with pytest.raises(PeriodClosed):
            post(books, draft("early", issued(5), accounted_on=day))
        assert everything(books) == before
    # Daily work goes on: also what comes late.
    post(books, draft("late", issued(5), accounted_on=date(2025, 12, 31), may_be_late=True))
    assert standing(books, date(2025, 12, 31)) == {}
    assert standing(books, ON)["BAPENDA", "1.1.03.15.01.0001"] == taken_over["BAPENDA", "1.1.03.15.01.0001"] + 5
    with unit_of_work(books) as session:
        acts = session.execute(
            text("SELECT actor, action, count(*) FROM audit_event WHERE thing = 'accounting_period' GROUP BY 1, 2")
        ).all()
        assert all(each.is_intact for each in check_periods(session))
    assert sorted(tuple(act) for act in acts) == [
        ("cli:test", "period.adjusting_began", 24),
        ("cli:test", "period.closed", 24),
    ]


def test_the_same_balances_again_close_nothing(books: str) -> None:
    take_over(books)
    before = everything(books), periods(books)
    again = take_over(books)
    assert (again.first_time, again.months_closed) == (False, ())
    assert (everything(books), periods(books)) == before


@pytest.mark.parametrize(
    "on, reason",
    [
        (date(2025, 12, 31), "it must be the first of a month; balances of 31 December are those of 1 January"),
        (date(2026, 1, 2), "it must be the first of a month; balances of 31 December are those of 1 January"),
        (date(2026, 4, 1), "the month before is not over"),
    ],
)
def test_books_begin_on_the_first_of_a_month_after_months_that_are_over(books: str, on: date, reason: str) -> None:
    with refused(books) as caught:
        take_over(books, on=on)
    told = {
        date(2025, 12, 31): "31 December 2025",
        date(2026, 1, 2): "2 January 2026",
        date(2026, 4, 1): "1 April 2026",
    }
    assert caught.value.message_en == f"The books cannot begin on {told[on]}: {reason}."
    assert take_over(books, on=MARCH).first_time


def test_a_month_with_entries_of_others_is_closed_by_the_office_first(books: str) -> None:
    post(books, draft("nov", issued(5), accounted_on=date(2025, 11, 20)))
    post(books, draft("dec", issued(7), accounted_on=date(2025, 12, 20)))
    with refused(books) as caught:
        take_over(books, LH)
    assert caught.value.message_id == (
        "Tanggal peralihan 1 Januari 2026 tidak dapat dipakai: masih menerima jurnal: 2025-11, 2025-12."
        " Tutup dahulu: lunas ledger period adjust, lalu close."
    )
    close(books, NOVEMBER)
    with unit_of_work(books) as session:
        adjust_period(session, DECEMBER, today=MARCH, by="user:a", at=AT)
    with refused(books) as caught:
        take_over(books, LH)
    assert "still take entries: 2025-12." in caught.value.message_en
    end_year(books)
    opened = take_over(books, LH)
    assert (len(opened.months_closed), opened.months_closed[-1]) == (12, "2024-12")
    assert standing(books, ON) == standing(books, date(2025, 12, 31)) | {
        ("LH", "1.1.03.15.01.0001"): 100,
        ("LH", "3.1.01.01.01.0001"): -100,
    }


def end_year(region: str) -> None:
    """Close January to October 2025, the accounts of the year, and December, which is being adjusted."""
    for number in range(1, 11):
        close(region, date(2025, number, 1))
    with unit_of_work(region) as session:
        assert close_year(session, 2025, actor="user:a", at=AT).entries
        close_period(session, DECEMBER, by="user:a", at=AT)


@pytest.mark.parametrize("on", [ON, date(2026, 2, 1)])
def test_the_year_before_is_closed_before_another_office_begins(books: str, on: date) -> None:
    post(books, draft("dec", issued(7), accounted_on=date(2025, 12, 20)))
    close(books, NOVEMBER)
    close(books, DECEMBER)
    with refused(books) as caught:
        take_over(books, LH, on)
    assert caught.value.facts["reason_id"] == (
        "tahun 2025 belum ditutup, dan bulannya tidak dapat dibuka kembali selama saldo awal berdiri."
        " Tutup dahulu tahunnya: lunas ledger close-year"
    )
    assert caught.value.facts["reason_en"] == (
        "the year 2025 is not closed, and its months are not reopened while opening balances stand."
        " First close the year: lunas ledger close-year"
    )
    # What the refusal and the one after it say can be done.
    reopen(books, DECEMBER)
    end_year(books)
    assert take_over(books, LH, on).first_time
    with unit_of_work(books) as session:
        assert is_year_closed(session, 2025)
        assert close_year(session, 2025, actor="user:a", at=AT).entries == ()
    assert standing(books, on) == {
        ("BAPENDA", "1.1.03.15.01.0001"): 7,
        ("BAPENDA", "3.1.01.01.01.0001"): -7,
        ("LH", "1.1.03.15.01.0001"): 100,
        ("LH", "3.1.01.01.01.0001"): -100,
    }


def test_a_month_before_an_opening_is_not_reopened_while_that_stands(books: str) -> None:
    (financial, budget) = take_over(books).entries
    before = everything(books), periods(books)
    for month in (date(2024, 1, 1), date(2025, 12, 31)):
        with pytest.raises(PeriodTakenOver) as caught:
            reopen(books, month)
        assert caught.value.field == "month"
    assert caught.value.message_en == (
        "Period 2025-12 cannot be reopened: the opening balances of 1 January 2026 stand on it."
        f" First reverse entry {financial.uid}: lunas ledger reverse"
    )
    assert (everything(books), periods(books)) == before
    with pytest.raises(MoveRefused):
        reopen(books, ON)  # begun by the opening itself, and open
    for entry in (financial, budget):
        with unit_of_work(books) as session:
            reverse_entry(session, entry.uid, reason="Salah", accounted_on=ON, actor="cli:test", at=AT)
    reopen(books, DECEMBER)
    with refused(books):
        take_over(books)
    with unit_of_work(books) as session:
        close_period(session, DECEMBER, by="user:a", at=AT)
    assert take_over(books, BALANCES).first_time


def test_the_cut_over_month_itself_may_be_reopened(books: str) -> None:
    take_over(books)
    close(books, ON)
    reopen(books, ON)
    assert periods(books)["2026-01"] == "ADJUSTING"


def test_an_entry_that_was_being_written_is_not_overlooked(books: str) -> None:
    with unit_of_work(books) as session:
        post_entry(session, draft("early", issued(5), accounted_on=date(2025, 12, 20)), actor="user:a", recorded_at=AT)
        told: list[Exception] = []

        def open_meanwhile() -> None:
            try:
                take_over(books, LH)
            except CutOverRefused as caught:
                told.append(caught)

        other = Thread(target=open_meanwhile)
        other.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

        def waits_or_ended() -> bool:
            with unit_of_work(books) as watching:
                return bool(watching.scalar(waiting)) or not other.is_alive()

        until(waits_or_ended, "nobody waited for the writer")
    other.join(60)
    assert [str(each.facts["reason_en"]) for each in told if isinstance(each, CutOverRefused)] == [
        "these months still take entries: 2025-12. First close them: lunas ledger period adjust, then close"
    ]
    assert standing(books, ON) == {("BAPENDA", "1.1.03.15.01.0001"): 5, ("BAPENDA", "7.1.01.15.01.0001"): -5}


def test_what_is_wrong_with_the_file_is_told_first(books: str) -> None:
    with pytest.raises(BooksRefused):
        take_over(books, BALANCES.replace("900000.00", "1.00"), on=date(2026, 1, 2))
    assert periods(books) == {}


@pytest.mark.parametrize("begins, count", [("1900-01-01", 1512), ("2015-12-31", 121)])
def test_a_chart_that_begins_long_ago_does_not_close_all_its_months_at_once(
    books: str, begins: str, count: int
) -> None:
    earlier = f"{HEADING}4,PENDAPATAN DAERAH,kredit,tidak,tidak,{begins},\n".encode()
    with unit_of_work(books) as session:
        load_chart(session, accounts=earlier, actor="cli:test", at=AT)
    with refused(books) as caught:
        take_over(books)
    assert caught.value.facts["reason_id"] == (
        f"bagan akun berlaku sejak {begins[:7]}, dan {count} bulan belum ditutup; paling banyak 120 ditutup sekaligus."
        " Tutup dahulu yang terdahulu: lunas ledger period adjust, lalu close"
    )
    assert caught.value.facts["reason_en"] == (
        f"the chart is valid from {begins[:7]}, and {count} months are not closed; at most 120 are closed at once."
        " First close the earliest: lunas ledger period adjust, then close"
    )
    if count == 121:
        close(books, date(2015, 12, 1))
        assert len(take_over(books).months_closed) == 120


def test_no_account_begins_earlier_months_while_an_opening_stands(books: str) -> None:
    earlier = f"{HEADING}4,PENDAPATAN DAERAH,kredit,tidak,tidak,2023-12-31,\n".encode()

    def load() -> None:
        with unit_of_work(books) as session:
            load_chart(session, accounts=earlier, actor="cli:test", at=AT)

    opened = take_over(books, LH)
    before = everything(books)
    with pytest.raises(ChartRefused) as caught:
        load()
    assert [(each.file, each.line, each.field, each.message_en) for each in caught.value.problems] == [
        ("accounts", 2, "berlaku_dari", "must be 2024-01-01 or later, while opening balances stand")
    ]
    assert everything(books) == before
    (entry,) = opened.entries
    with unit_of_work(books) as session:
        reverse_entry(session, entry.uid, reason="Salah", accounted_on=ON, actor="cli:test", at=AT)
    load()
    assert take_over(books, LH).months_closed == ("2023-12",)
