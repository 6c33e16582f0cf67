"""Pulling entries: pages that stay right while others arrive, and a stream of one moment.

Not for: what each filter chooses (test_filters.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import psycopg
import pytest

from foundation.db import unit_of_work
from ledger import (
    CursorInvalid,
    EntryPage,
    LedgerEntry,
    LedgerMoved,
    list_account_ledger,
    list_entries,
    open_export,
    post_entry,
    roll_balances,
    stream_entries,
)
from tests.database import TestDatabase
from tests.ledger.entries import AT, DAY, draft, post, wait_until_settled
from tests.ledger.waiting import until

RECEIVABLE = "1.1.03.15.01.0001"


def page(region: str, **asked: Any) -> EntryPage:
    with unit_of_work(region) as session:
        return list_entries(session, **asked)


def keys(entries: tuple[LedgerEntry, ...] | Iterator[LedgerEntry]) -> list[str]:
    return [entry.key for entry in entries]


def pull_all(region: str, limit: int, **asked: Any) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        got = page(region, cursor=cursor, limit=limit, **asked)
        found += keys(got.entries)
        if got.next_cursor is None:
            return found
        cursor = got.next_cursor


def test_pages_give_every_entry_once_in_order(books: str) -> None:
    for number in range(7):
        post(books, draft(f"e{number}"))
    wait_until_settled(books)
    assert pull_all(books, 3) == pull_all(books, 7) == pull_all(books, 1) == [f"e{number}" for number in range(7)]
    assert page(books, limit=7).next_cursor is None


def test_a_puller_comes_back_for_what_is_new(books: str) -> None:
    post(books, draft("first"))
    wait_until_settled(books)
    before = page(books)
    assert page(books, cursor=before.position) == EntryPage((), None, before.position)
    post(books, draft("second"))
    wait_until_settled(books)
    assert keys(page(books, cursor=before.position).entries) == ["second"]


def test_an_empty_ledger_gives_a_position_to_come_back_to(books: str) -> None:
    empty = page(books)
    assert empty == EntryPage((), None, "0-0")
    post(books, draft("first"))
    wait_until_settled(books)
    assert keys(page(books, cursor=empty.position).entries) == ["first"]


def test_an_entry_that_commits_late_is_not_skipped(books: str) -> None:
    with unit_of_work(books) as slow:
        post_entry(slow, draft("written first, committed last"), actor="job:slow", recorded_at=AT)
        post(books, draft("written last, committed first"))
        held = page(books)
        assert held.entries == ()
    wait_until_settled(books)
    shown = page(books, cursor=held.position)
    assert keys(shown.entries) == ["written first, committed last", "written last, committed first"]


def test_an_older_transaction_that_takes_its_id_later_is_not_skipped(books: str, database: TestDatabase) -> None:
    """Ids and transactions in opposite order: pages by id alone would have gone past the first one here."""
    with unit_of_work(books) as younger:
        with unit_of_work(books) as older:
            older.connection().exec_driver_sql("SELECT pg_current_xact_id()")
            post_entry(younger, draft("lower id, younger transaction"), actor="a", recorded_at=AT)
            post_entry(older, draft("higher id, older transaction"), actor="a", recorded_at=AT)
        _wait_for_older_than(books, database)
        shown = page(books)
        assert keys(shown.entries) == ["higher id, older transaction"]
    wait_until_settled(books)
    assert keys(page(books, cursor=shown.position).entries) == ["lower id, younger transaction"]


def _wait_for_older_than(region: str, database: TestDatabase) -> None:
    """Until only the younger writer's own transaction holds the horizon back."""
    with closing(psycopg.connect(database.url, autocommit=True)) as connection:
        passed = (
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            f" > (SELECT max(recorded_xact::text::bigint) FROM r{region}.journal_entry)"
        )
        until(lambda: connection.execute(passed).fetchone() == (True,), "an older transaction stayed open")


def test_pages_stay_right_while_entries_arrive(books: str) -> None:
    for number in range(5):
        post(books, draft(f"e{number}"))
    wait_until_settled(books)
    first = page(books, limit=3)
    for number in range(5, 9):
        post(books, draft(f"e{number}"))
    wait_until_settled(books)
    assert first.next_cursor is not None
    rest = page(books, cursor=first.next_cursor)
    assert keys(first.entries) + keys(rest.entries) == [f"e{number}" for number in range(9)]


def test_a_restored_dump_is_not_listed_until_its_entries_are_noted(books: str, database: TestDatabase) -> None:
    for number in range(3):
        post(books, draft(f"e{number}"))
    wait_until_settled(books)
    earlier = page(books).position
    with closing(psycopg.connect(database.superuser_url)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE r3316.balance_position SET cluster = 1")
        connection.execute("UPDATE r3316.journal_entry SET recorded_xact = '900000000'")
        connection.commit()
    exports: dict[str, dict[str, Any]] = {
        "entries": {},
        "account-ledger": {"account": RECEIVABLE},
        "balances": {},
        "trial-balance": {"accounted_from": DAY, "accounted_to": DAY},
    }
    for _ in ("not noted", "noted, not summed"):
        with unit_of_work(books) as session:
            listings: list[Callable[[], object]] = [
                lambda: list_entries(session),
                lambda: list_entries(session, cursor=earlier),
                lambda: list(stream_entries(session)),
                lambda: list_account_ledger(session, account=RECEIVABLE),
                *(
                    partial(open_export, session, what, "csv", region=books, written_at=AT, **asked)
                    for what, asked in exports.items()
                ),
            ]
            for listing in listings:
                with pytest.raises(LedgerMoved) as refused:
                    listing()
                assert "lunas ledger roll" in refused.value.message_id
                assert "lunas ledger roll" in refused.value.message_en
        with unit_of_work(books) as session:
            assert roll_balances(session, least=1) > 0
    assert keys(page(books).entries) == ["e0", "e1", "e2"]
    with unit_of_work(books) as session:
        export = open_export(session, "entries", "csv", region=books, written_at=AT)
        assert b"".join(export).count(b"\r\n") == 13
    assert export.manifest()["entries"] == 3


def test_a_stream_shows_one_moment_though_entries_arrive(books: str) -> None:
    post(books, draft("before"))
    wait_until_settled(books)
    with unit_of_work(books) as session:
        stream = stream_entries(session)
        first = next(stream)
        post(books, draft("meanwhile"))
        assert [first.key, *keys(stream)] == ["before"]


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-", "-1-2", "1-2-3", "1-2 ", "9" * 40 + "-1"])
def test_a_cursor_that_no_page_gave_is_refused(books: str, cursor: str) -> None:
    with pytest.raises(CursorInvalid) as refused:
        page(books, cursor=cursor)
    assert refused.value.field == "cursor"


def test_a_filter_that_is_not_there_is_a_programming_error(books: str) -> None:
    with pytest.raises(TypeError, match="colour"):
        page(books, colour="red")
    with pytest.raises(ValueError, match="1 to 1000"):
        page(books, limit=0)
