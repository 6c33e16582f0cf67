"""Closing a month while others write: nobody elsewhere waits, and nothing is left out of the hash."""

from __future__ import annotations

from collections import Counter
from datetime import date
from threading import Barrier, Event, Thread

from foundation.db import run_unit, unit_of_work
from foundation.states import MoveRefused
from ledger import PeriodClosed, check_periods, close_period, post_entry
from tests.database import TestDatabase
from tests.ledger.entries import AT, credited, draft, everything, post
from tests.ledger.months import APRIL, BY, LATER, MARCH, MAY, adjust, close, reopen, seen
from tests.ledger.waiting import until


def test_eight_writers_elsewhere_go_on_while_a_month_is_being_moved(books: str, database: TestDatabase) -> None:
    """The month is held alone, uncommitted, while eight writers each post ten entries into the next one."""
    post(books, draft("m"))
    adjust(books)
    done: list[str] = []

    def write(number: int) -> None:
        for turn in range(10):
            post(books, draft(f"{number}:{turn}", credited(1), accounted_on=APRIL))
            done.append(f"{number}:{turn}")

    threads = [Thread(target=write, args=(number,)) for number in range(8)]
    with unit_of_work(books) as closer:
        closed = close_period(closer, MARCH, by=BY, at=LATER)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(done) == 80
    assert (seen(books), closed.entry_count) == (closed, 1)


def test_whoever_began_before_the_close_is_in_the_hash_or_refused(books: str) -> None:
    """Eight writers post into a month that is closed and reopened under them, again and again."""
    adjust(books)
    stop, told, kept = Event(), Counter[str](), list[str]()

    def write(number: int) -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            key = f"{number}:{turn}"
            try:
                post(books, draft(key, credited(1), kind="correction"))
            except PeriodClosed:
                told["refused"] += 1
            else:
                kept.append(key)

    threads = [Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    counts: list[int] = []
    for _turn in range(6):
        until(lambda: len(kept) > sum(counts[-1:]), "no writer went on")
        closed = run_unit(books, lambda session: close_period(session, MARCH, by=BY, at=LATER))
        counts.append(closed.entry_count or 0)
        before = told["refused"]
        until(lambda: told["refused"] > before, "nobody was refused")  # noqa: B023 - called in this turn
        with unit_of_work(books) as session:
            (check,) = check_periods(session)
        assert check.is_intact
        assert check.entries_found == closed.entry_count
        reopen(books)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert counts == sorted(counts)
    assert len(everything(books)["journal_entry"]) == len(kept)


def test_two_who_close_at_once_close_once(books: str) -> None:
    post(books, draft("m"))
    adjust(books)
    start, told = Barrier(2), list[str]()

    def act() -> None:
        start.wait()
        try:
            with unit_of_work(books) as session:
                close_period(session, MARCH, by=BY, at=LATER)
        except MoveRefused:
            told.append("refused")
        else:
            told.append("closed")

    threads = [Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told) == ["closed", "refused"]
    assert seen(books).state == "CLOSED"


def test_different_months_are_moved_side_by_side(books: str) -> None:
    adjust(books, APRIL)
    with unit_of_work(books) as one:
        close_period(one, APRIL, by=BY, at=LATER)
        close(books, MAY)
    assert [seen(books, month).state for month in (APRIL, MAY)] == ["CLOSED", "CLOSED"]


def test_one_act_may_post_and_close(books: str) -> None:
    adjust(books)
    with unit_of_work(books) as session:
        post_entry(session, draft("closing", kind="closing", accounted_on=date(2026, 3, 31)), actor="a", recorded_at=AT)
        closed = close_period(session, MARCH, by=BY, at=LATER)
    assert closed.entry_count == 1
