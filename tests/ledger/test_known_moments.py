"""What was known at a moment stays what was known, whoever was slow, whatever his clock said."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from foundation import clock
from foundation.db import constraint_of, unit_of_work
from ledger import (
    MomentAhead,
    account_balances,
    check_rollup,
    known_until,
    list_entries,
    list_wrong_sums,
    note_known,
    post_entry,
    role_balance,
    roll_balances,
    trial_balance,
)
from tests.database import TestDatabase
from tests.ledger.entries import DAY, draft, money, paid
from tests.ledger.seals import settle
from tests.ledger.two_times import HOUR, T0, YEAR, make_final, note, post_at, receivable, roll


def is_final(region: str, at: datetime) -> bool:
    with unit_of_work(region) as session:
        return trial_balance(session, since=YEAR[0], on=YEAR[1], known_at=at).final


def pulled(region: str, known_at: datetime) -> list[str]:
    with unit_of_work(region) as session:
        return [entry.key for entry in list_entries(session, known_at=known_at, limit=100).entries]


def late_entries(region: str) -> list[tuple[str, datetime]]:
    with unit_of_work(region) as session:
        rows = session.execute(
            text("SELECT e.key, l.known_from FROM late_entry l JOIN journal_entry e ON e.id = l.entry_id ORDER BY e.id")
        )
        return [(row.key, row.known_from) for row in rows]


def test_a_moment_is_not_final_while_an_act_from_before_it_runs_and_then_counts_it(books: str) -> None:
    post_at(books, "i1", 500_000, kind="issued", at=T0)
    with unit_of_work(books) as slow:
        post_entry(slow, draft("p1", paid(100_000)), actor="job:test", recorded_at=T0 + HOUR)
        assert note(books, T0 + 2 * HOUR) is None
        assert note(books, T0 + 2 * HOUR) is None
        assert not is_final(books, T0 + HOUR)
        assert receivable(books, known_at=T0 + HOUR) == "500000.00"
    make_final(books, T0 + 2 * HOUR)
    assert is_final(books, T0 + 2 * HOUR)
    assert not is_final(books, T0 + 3 * HOUR)
    assert receivable(books, known_at=T0 + HOUR) == "400000.00"
    assert late_entries(books) == []


def test_a_final_answer_stays_when_an_entry_is_written_behind_it(books: str) -> None:
    post_at(books, "i1", 500_000, kind="issued", at=T0)
    make_final(books, T0 + 2 * HOUR)
    with unit_of_work(books) as session:
        before = trial_balance(session, since=YEAR[0], on=YEAR[1], known_at=T0 + HOUR)
    assert before.final
    post_at(books, "p1", 100_000, at=T0 + HOUR)
    post_at(books, "p2", 30_000, at=T0 + 2 * HOUR)
    settle(books)
    just_after = T0 + 2 * HOUR + timedelta(microseconds=1)
    for step in ("not noted", "noted", "rolled up", "moved"):
        with unit_of_work(books) as session:
            assert trial_balance(session, since=YEAR[0], on=YEAR[1], known_at=T0 + HOUR) == before
            assert role_balance(session, "receivable", "PBB-P2", on=DAY, known_at=T0 + 2 * HOUR) == money(500_000)
        assert pulled(books, T0 + 2 * HOUR) == ["i1"]
        assert pulled(books, just_after) == ["i1", "p1", "p2"]
        assert receivable(books, known_at=just_after) == "370000.00"
        assert receivable(books) == "370000.00"
        if step == "not noted":
            make_final(books, T0 + 3 * HOUR)
            assert late_entries(books) == [("p1", just_after), ("p2", just_after)]
        elif step == "noted":
            assert roll(books, piece=1) == 3
    with unit_of_work(books) as session:
        assert check_rollup(session) == 0


def test_a_final_answer_stays_where_the_ledger_is_moved_to_another_server(books: str, database: TestDatabase) -> None:
    post_at(books, "i1", 500_000, kind="issued", at=T0)
    make_final(books, T0 + 2 * HOUR)
    post_at(books, "p1", 100_000, at=T0 + HOUR)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE r3316.journal_entry SET recorded_xact = '6'")
        connection.execute("UPDATE r3316.journal_entry SET recorded_xact = '5' WHERE key = 'i1'")
        connection.execute("UPDATE r3316.known_position SET known_xact = '6'")
        connection.execute("UPDATE r3316.balance_position SET cluster = 1")
    post_at(books, "p2", 30_000, at=T0 + HOUR)
    assert note(books, T0 + 5 * HOUR) == T0 + 2 * HOUR
    assert receivable(books, known_at=T0 + 2 * HOUR) == "500000.00"
    for _ in ("noted what came along", "summed up"):
        with unit_of_work(books) as session:
            assert roll_balances(session, piece=1) > 0
        assert receivable(books, known_at=T0 + 2 * HOUR) == "500000.00"
    just_after = T0 + 2 * HOUR + timedelta(microseconds=1)
    assert late_entries(books) == [("p1", just_after), ("p2", just_after)]
    post_at(books, "p3", 7_000, at=T0 + 2 * HOUR)
    make_final(books, T0 + 5 * HOUR)
    assert receivable(books, known_at=T0 + 2 * HOUR) == "500000.00"
    assert receivable(books, known_at=T0 + 5 * HOUR) == "363000.00"
    with unit_of_work(books) as session:
        assert check_rollup(session) == 0


def test_a_slow_act_keeps_its_entry_out_of_pieces_until_it_ends(books: str) -> None:
    post_at(books, "i1", 500_000, kind="issued", at=T0)
    with unit_of_work(books) as slow:
        post_entry(slow, draft("p1", paid(100_000)), actor="job:test", recorded_at=T0)
        note(books, T0 + HOUR)
        with unit_of_work(books) as session:
            roll_balances(session, least=1, piece=1)
    make_final(books, T0 + HOUR)
    roll(books, piece=1)
    assert receivable(books, known_at=T0) == "400000.00"


def test_no_moment_ahead_of_the_database_s_clock_becomes_final(books: str) -> None:
    before = clock.now()
    note(books, before + timedelta(days=400))
    settle(books)
    until = note(books, before + timedelta(days=400))
    assert until is not None
    assert before - timedelta(minutes=1) < until < before + timedelta(hours=1)


def test_what_is_final_never_goes_back(books: str) -> None:
    make_final(books, T0 + HOUR)
    settle(books)
    for _ in range(3):
        assert note(books, T0) == T0 + HOUR


def test_a_moment_is_noted_with_a_grace_and_not_at_every_look(books: str) -> None:
    def look(at: datetime) -> datetime | None:
        settle(books)
        with unit_of_work(books) as session:
            return note_known(session, at=at)

    assert look(T0) is None
    assert look(T0) == T0 - timedelta(seconds=30)
    assert look(T0 + timedelta(seconds=14)) == T0 - timedelta(seconds=30)
    assert look(T0 + timedelta(seconds=15)) == T0 - timedelta(seconds=30)
    assert look(T0 + timedelta(seconds=15)) == T0 - timedelta(seconds=15)


def test_a_moment_that_has_not_come_is_refused_by_name(books: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = clock.now() + timedelta(hours=2)
    with unit_of_work(books) as session:
        for ask in (
            lambda: account_balances(session, known_at=ahead),
            lambda: trial_balance(session, since=YEAR[0], on=YEAR[1], known_at=ahead),
            lambda: role_balance(session, "receivable", "PBB-P2", on=DAY, known_at=ahead),
            lambda: list_entries(session, known_at=ahead),
        ):
            with pytest.raises(MomentAhead) as refused:
                ask()
            assert refused.value.field == "known_at"
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", "10800")
    with unit_of_work(books) as session:
        assert account_balances(session, known_at=ahead) == []


def test_the_application_cannot_say_what_is_final_or_late(books: str, database: TestDatabase) -> None:
    post_at(books, "p1", 1_000, at=T0)
    for statement in (
        "UPDATE known_position SET known_until = NULL",
        "INSERT INTO late_entry (entry_id, known_from) VALUES (1, '2026-01-01')",
        "DELETE FROM late_entry",
        "SELECT ledger_move_known(0, 1, '5')",
    ):
        with pytest.raises(DBAPIError, match="permission denied"), unit_of_work(books) as session:
            session.execute(text(statement))
    with psycopg.connect(database.owner_url) as owner, pytest.raises(psycopg.Error, match="late_entry"):
        owner.execute("DELETE FROM r3316.late_entry")


@pytest.mark.parametrize(
    "call",
    [
        "ledger_note_known(now(), '0')",
        "ledger_note_known(now(), '-1 day')",
        "ledger_note_known(now(), NULL)",
        "ledger_note_known('-infinity', '1 second')",
        "ledger_note_known('0044-03-15 00:00:00+00 BC', '1 second')",
    ],
)
def test_no_moment_is_noted_that_cannot_be_meant(books: str, call: str) -> None:
    make_final(books, T0 + HOUR)
    before = _position(books)
    with pytest.raises(DBAPIError) as refused, unit_of_work(books) as session:
        session.execute(text(f"SELECT {call}"))
    assert constraint_of(refused.value) == "ledger_known_asked"
    assert _position(books) == before


@pytest.mark.parametrize("every", ["1 microsecond", "1 month -29 days", "1 month -30 days 1 second"])
@pytest.mark.parametrize("behind", [timedelta(0), HOUR, timedelta(days=30)])
def test_what_is_final_does_not_become_open_again_by_noting_the_past(books: str, every: str, behind: timedelta) -> None:
    """The months that have fewer days than an interval counts for one bring no moment back either."""
    final = datetime(2026, 2, 28, tzinfo=UTC)
    post_at(books, "p1", 100_000, at=final - HOUR)
    make_final(books, final)
    before = _position(books)
    for _ in range(3):
        with unit_of_work(books) as session:
            session.execute(
                text("SELECT ledger_note_known(:at, CAST(:every AS interval))"), {"at": final - behind, "every": every}
            )
    assert _position(books) == before
    post_at(books, "p2", 50_000, at=final - HOUR)
    assert pulled(books, final) == ["p1"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE known_position SET known_until = known_until - interval '1 microsecond'",
        "UPDATE known_position SET known_until = NULL",
        "UPDATE known_position SET known_xact = (known_xact::text::bigint - 1)::text::xid8",
        "UPDATE known_position SET known_id = known_id - 1",
        "UPDATE known_position SET noted_at = known_until, noted_xact = pg_current_xact_id()",
    ],
)
def test_what_is_final_does_not_fall_for_the_owner_either(books: str, database: TestDatabase, change: str) -> None:
    post_at(books, "p1", 1_000, at=T0)
    make_final(books, T0 + HOUR)
    before = _position(books)
    with psycopg.connect(database.owner_url) as owner:
        owner.execute("SET search_path = r3316, pg_temp")
        with pytest.raises(psycopg.errors.CheckViolation) as refused:
            owner.execute(change.encode())
    assert refused.value.diag.constraint_name == "ledger_known_rises"
    for act in ("DELETE FROM", "TRUNCATE"):
        with psycopg.connect(database.owner_url) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(f"{act} r3316.known_position".encode())
    assert _position(books) == before


def _position(region: str) -> str:
    """All that is noted, while nothing waits to become final."""
    with unit_of_work(region) as session:
        return str(session.scalar(text("SELECT k::text FROM known_position k")))


def test_known_moments_settle_while_many_post_and_nothing_final_changes(books: str) -> None:
    began = clock.now()
    stop = threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with unit_of_work(books) as session:
                entry = draft(f"w{writer}:{number}", paid(1_000))
                post_entry(session, entry, actor="job:test", recorded_at=clock.now() - timedelta(seconds=number % 3))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    answers: dict[datetime, str] = {}
    while len(answers) < 12:
        until = note(books, clock.now())
        with unit_of_work(books) as session:
            roll_balances(session, least=1, piece=16)
        if until is not None and until > began:
            answers.setdefault(until, receivable(books, known_at=until))
            assert {at: receivable(books, known_at=at) for at in answers} == answers
    stop.set()
    for writer in writers:
        writer.join()
    make_final(books, clock.now())
    roll(books, piece=16)
    assert {at: receivable(books, known_at=at) for at in answers} == answers
    with unit_of_work(books) as session:
        assert list_wrong_sums(session) == []
        assert known_until(session) is not None
