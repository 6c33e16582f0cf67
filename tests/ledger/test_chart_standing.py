"""A chart loaded while books are in use: what is posted stays under the role and account it was posted to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from queue import Queue
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from foundation.db import constraint_of, unit_of_work
from foundation.money import Money
from ledger import ChartLoaded, ChartRefused, EntryDraft, load_chart, post_entries, post_entry, role_balance
from ledger.errors import ChartBusy
from tests.ledger.entries import AT, DAY, credited, draft, everything, issued, money, paid, post
from tests.ledger.waiting import until

HEAD = b"peran,kualifikasi,rekening,berlaku_dari\n"
OTHER_CLEARING = "1.1.01.90.01.0002"
ACCOUNTS_HEAD = b"kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai\n"


def load(region: str, roles: bytes | None = None, accounts: bytes | None = None) -> ChartLoaded:
    with unit_of_work(region) as session:
        return load_chart(session, roles=roles, accounts=accounts, actor="cli:test", at=AT)


def clearing(since: date | str, *, qualifier: str = "", account: str = OTHER_CLEARING) -> bytes:
    return HEAD + f"clearing,{qualifier},{account},{since}\n".encode()


def faults(region: str, act: Callable[[], Any]) -> list[tuple[str, int, str]]:
    before = everything(region)
    with pytest.raises(ChartRefused) as refused:
        act()
    assert everything(region) == before
    return [(problem.file, problem.line, problem.field) for problem in refused.value.problems]


@pytest.mark.parametrize("since", ["2024-01-01", "2026-03-01", "2026-03-09"])
@pytest.mark.parametrize("qualifier", ["BPD", "BANK2"])
def test_a_role_gets_another_account_only_after_what_it_posted(books: str, since: str, qualifier: str) -> None:
    post(books, draft("a", paid(7)))
    with unit_of_work(books) as session:
        before = role_balance(session, "clearing", "BPD", on=DAY)
    refused = faults(books, lambda: load(books, clearing(since, qualifier=qualifier)))
    assert refused == [("roles", 2, "berlaku_dari")]
    assert load(books, clearing("2026-03-10", qualifier=qualifier)) == ChartLoaded(0, 0, 1)
    with unit_of_work(books) as session:
        assert role_balance(session, "clearing", "BPD", on=DAY) == before == money(7)


def test_the_refusal_says_which_account_and_from_when(books: str) -> None:
    post(books, draft("a", paid(7)))
    with pytest.raises(ChartRefused) as refused:
        load(books, clearing("2026-01-01", qualifier="BPD"))
    (problem,) = refused.value.problems
    assert problem.message_en == (
        "must be after 2026-03-09, the date of the last posting on 1.1.01.90.01.0001,"
        " the account of clearing[BPD] until then"
    )
    assert problem.message_id == (
        "harus sesudah 2026-03-09, tanggal jurnal terakhir pada 1.1.01.90.01.0001,"
        " rekening clearing[BPD] sampai saat itu"
    )


def test_a_role_that_had_no_account_or_keeps_it_may_begin_on_any_day(books: str) -> None:
    post(books, draft("a", issued(7)))
    rows = b"receivable,PAJAK-BARU,1.1.03.15.01.0001,2024-01-01\nclearing,BPD,1.1.01.90.01.0001,2024-01-01\n"
    assert load(books, HEAD + rows) == ChartLoaded(0, 0, 2)


def test_a_row_between_two_of_a_role_is_held_to_the_days_between(books: str) -> None:
    assert load(books, clearing("2026-03-09")) == ChartLoaded(0, 0, 1)
    post(books, draft("a", paid(7)))
    assert load(books, clearing("2026-02-01")) == ChartLoaded(0, 0, 1)
    post(books, draft("b", paid(7), accounted_on=date(2026, 1, 31)))
    back = clearing("2026-01-31", account="1.1.01.90.01.0002")
    assert faults(books, lambda: load(books, back)) == [("roles", 2, "berlaku_dari")]


@pytest.mark.parametrize(
    "statement, rule",
    [
        ("INSERT INTO account_role VALUES ('clearing', '', '2026-03-09', '1.1.01.90.01.0002')", "role_keeps_postings"),
        (
            "INSERT INTO account_role VALUES ('clearing', 'BPD', '2026-01-01', '1.1.01.90.01.0002')",
            "role_keeps_postings",
        ),
        (
            "INSERT INTO account (code, name, level, parent_code, book, normal_side, requires_counterpart, is_sample,"
            " valid_from) SELECT code, 'Lain', level, parent_code, book, normal_side, requires_counterpart, is_sample,"
            " '2026-03-09' FROM account WHERE code = '1.1.01.90.01.0001'",
            "account_keeps_postings",
        ),
        (
            "INSERT INTO account (code, name, level, parent_code, book, normal_side, requires_counterpart, is_sample,"
            " valid_from) SELECT code, name, level, parent_code, book, normal_side, true, is_sample,"
            " '2027-01-01' FROM account WHERE code = '1.1.01.90.01.0001'",
            "account_keeps_postings",
        ),
    ],
)
def test_the_database_holds_every_other_writer_to_the_same(books: str, statement: str, rule: str) -> None:
    post(books, draft("a", paid(7)))
    before = everything(books)
    with pytest.raises(IntegrityError) as refused, unit_of_work(books) as session:
        session.execute(text(statement))
    assert constraint_of(refused.value) == f"ledger_{rule}"
    assert everything(books) == before


@contextmanager
def in_the_middle(region: str, act: Callable[[Any], Any]) -> Iterator[Event]:
    """A unit of work that has acted and commits once the event is set."""
    go, acted = Event(), Event()

    def run() -> None:
        with unit_of_work(region) as session:
            act(session)
            acted.set()
            go.wait(60)

    thread = Thread(target=run)
    thread.start()
    assert acted.wait(60)
    try:
        yield go
    finally:
        go.set()
        thread.join()


def in_the_background(act: Callable[[], Any]) -> tuple[Thread, Queue[Any]]:
    answers: Queue[Any] = Queue()

    def run() -> None:
        try:
            answers.put(act())
        except Exception as error:  # noqa: BLE001 - the test looks at whatever came
            answers.put(error)

    thread = Thread(target=run)
    thread.start()
    return thread, answers


def wait_until_someone_waits(region: str) -> None:
    waiting = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'journal_entry'::regclass)")

    def is_waiting() -> bool:
        with unit_of_work(region) as session:
            return bool(session.scalar(waiting))

    until(is_waiting, "nobody waited")


def stands_on(region: str, key: str) -> set[str]:
    with unit_of_work(region) as session:
        found = session.scalars(text("SELECT account_code FROM ledger_postings WHERE key = :key"), {"key": key})
        return set(found)


def test_what_is_posted_while_a_chart_comes_is_before_it(books: str) -> None:
    def act(session: Any) -> None:
        post_entry(session, draft("a", credited(7)), actor="cli:test", recorded_at=AT)

    with in_the_middle(books, act) as go:
        thread, answers = in_the_background(lambda: load(books, clearing(DAY)))
        wait_until_someone_waits(books)
        go.set()
        thread.join()
    (problem,) = answers.get().problems
    assert (problem.file, problem.line, problem.field) == ("roles", 2, "berlaku_dari")
    assert stands_on(books, "a") == {"1.1.01.01.01.0001", "1.1.01.90.01.0001"}
    with unit_of_work(books) as session:
        assert role_balance(session, "clearing", "BPD", on=DAY) == Money.from_rupiah(-7)


def one(region: str, entry: EntryDraft) -> None:
    post(region, entry)


def many(region: str, entry: EntryDraft) -> None:
    with unit_of_work(region) as session:
        post_entries(session, [entry, draft("b", credited(8))], actor="cli:test", recorded_at=AT)


@pytest.mark.parametrize("how", [one, many])
def test_what_is_posted_while_a_chart_commits_is_after_it(books: str, how: Callable[[str, EntryDraft], None]) -> None:
    for number in range(7):
        # Until the database keeps a plan, which it takes up again in another order of locks and snapshots.
        how(books, draft(f"before {number}", credited(1), accounted_on=date(2026, 3, 8)))

    def act(session: Any) -> None:
        load_chart(session, roles=clearing("2026-03-10"), actor="cli:test", at=AT)

    with in_the_middle(books, act) as go:
        later = draft("later", credited(7), accounted_on=date(2026, 3, 10))
        thread, answers = in_the_background(lambda: how(books, later))
        wait_until_someone_waits(books)
        go.set()
        thread.join()
    assert answers.get() is None
    assert stands_on(books, "later") == {"1.1.01.01.01.0001", OTHER_CLEARING}


def test_a_chart_that_waits_too_long_is_told_so_and_loads_nothing(books: str) -> None:
    def act(session: Any) -> None:
        post_entry(session, draft("a", credited(7)), actor="cli:test", recorded_at=AT)

    before = everything(books)
    with in_the_middle(books, act):
        with pytest.raises(ChartBusy) as refused:
            load(books, clearing("2026-03-10"))
        assert everything(books) == before
    assert refused.value.code == "chart_busy"
    assert load(books, clearing("2026-03-10")) == ChartLoaded(0, 0, 1)


def test_a_further_row_waits_for_postings_too(books: str) -> None:
    renamed = ACCOUNTS_HEAD + b"1.1.01.90.01.0001,Kas lain,debit,tidak,ya,2026-03-09,\n"

    def act(session: Any) -> None:
        post_entry(session, draft("a", credited(7)), actor="cli:test", recorded_at=AT)

    with in_the_middle(books, act) as go:
        thread, answers = in_the_background(lambda: load(books, accounts=renamed))
        wait_until_someone_waits(books)
        go.set()
        thread.join()
    (problem,) = answers.get().problems
    assert (problem.file, problem.line, problem.field) == ("accounts", 2, "berlaku_dari")


def test_an_account_stays_what_elimination_leaves_out(books: str) -> None:
    marked = ACCOUNTS_HEAD + b"1.1.01.90.01.0001,Kas lain,debit,ya,ya,2027-01-01,\n"
    assert faults(books, lambda: load(books, accounts=marked)) == [("accounts", 2, "rk")]


def test_a_shorter_validity_begins_after_the_last_posting(books: str) -> None:
    post(books, draft("a", credited(7)))
    for since, last in (("2024-01-01", "2026-03-08"), ("2026-03-09", "2026-03-09"), ("2026-03-08", "2026-12-31")):
        row = f"1.1.01.90.01.0001,CONTOH – Kas dalam Perjalanan,debit,tidak,ya,{since},{last}\n".encode()
        told = faults(books, partial(load, books, accounts=ACCOUNTS_HEAD + row))
        assert told == [("accounts", 2, "kode" if since == "2024-01-01" else "berlaku_dari")]
