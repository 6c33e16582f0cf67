"""Balances as of two times: whatever is posted, rolled up or still on its way, they equal a plain sum of postings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from foundation.db import unit_of_work
from ledger import (
    DatesReversed,
    EntryDraft,
    PostingDraft,
    WrongSum,
    account_balances,
    balances_lag_behind,
    check_rollup,
    list_wrong_sums,
    post_entry,
    role_balance,
    roll_balances,
    trial_balance,
)
from ledger.moments import take_moment
from tests.database import TestDatabase
from tests.ledger.entries import DAY, draft, money, paid, post, wait_until_settled
from tests.ledger.slips import slip_in
from tests.ledger.two_times import KINDS, T0, YEAR, make_final, note, post_at, receivable, roll
from tests.sample_chart import load_sample_chart


def test_a_rolled_balance_equals_the_one_before_it(books: str) -> None:
    for number in range(12):
        post_at(books, f"p{number}", 1000 + number, on=DAY + timedelta(days=9 * number))
    with unit_of_work(books) as session:
        before = account_balances(session), account_balances(session, on=date(2026, 4, 5), since=date(2026, 3, 10))
    assert roll(books, piece=2) == 12
    with unit_of_work(books) as session:
        after = account_balances(session), account_balances(session, on=date(2026, 4, 5), since=date(2026, 3, 10))
        assert check_rollup(session) == 0
    assert after == before
    assert roll(books) == 0


def test_entries_past_the_sums_count_at_once_also_uncommitted_ones_of_the_same_unit(books: str) -> None:
    post_at(books, "i1", 500_000, kind="issued")
    roll(books)
    post_at(books, "p1", 100_000)
    assert receivable(books) == "400000.00"
    with unit_of_work(books) as session:
        post_entry(session, draft("p2", paid(50_000)), actor="job:test", recorded_at=T0)
        assert account_balances(session, account="1.1.03")[0].balance == money(350_000)
        assert role_balance(session, "receivable", "PBB-P2", on=DAY) == money(350_000)


def test_an_entry_that_commits_late_is_neither_missed_nor_counted_twice(books: str) -> None:
    post_at(books, "i1", 500_000, kind="issued")
    with unit_of_work(books) as late:
        post_entry(late, draft("p1", paid(100_000)), actor="job:test", recorded_at=T0)
        post_at(books, "p2", 30_000)
        with unit_of_work(books) as session:
            roll_balances(session, least=1)
        assert receivable(books) == "470000.00"
    assert receivable(books) == "370000.00"
    roll(books)
    assert receivable(books) == "370000.00"
    with unit_of_work(books) as session:
        assert check_rollup(session) == 0


def test_an_act_that_was_undone_leaves_nothing_in_the_sums(books: str) -> None:
    post_at(books, "i1", 500_000, kind="issued")
    with unit_of_work(books) as session:
        post_entry(session, draft("p1", paid(100_000)), actor="job:test", recorded_at=T0)
        session.rollback()
    assert roll(books) == 1
    assert receivable(books) == "500000.00"


def test_a_balance_is_given_as_it_was_known(books: str) -> None:
    post_at(books, "i1", 500_000, kind="issued", on=date(2026, 1, 5), at=T0)
    post_at(books, "p1", 100_000, on=date(2026, 2, 1), at=T0 + timedelta(hours=1))
    post_at(books, "p2", 30_000, on=date(2026, 1, 6), at=T0 + timedelta(hours=2))
    for _ in ("not rolled up", "rolled up"):
        assert receivable(books) == "370000.00"
        assert receivable(books, known_at=T0 - timedelta(seconds=1)) == "none"
        assert receivable(books, known_at=T0) == "500000.00"
        assert receivable(books, known_at=T0 + timedelta(hours=1)) == "400000.00"
        assert receivable(books, on=date(2026, 1, 31), known_at=T0 + timedelta(hours=1)) == "500000.00"
        assert receivable(books, on=date(2026, 1, 31)) == "470000.00"
        with unit_of_work(books) as session:
            known = role_balance(session, "receivable", "PBB-P2", on=DAY, known_at=T0 + timedelta(hours=1))
        assert known == money(400_000)
        make_final(books, T0 + timedelta(hours=3))
        roll(books, piece=1)


def test_the_trial_balance_of_a_year_opens_moves_and_closes(books: str) -> None:
    post_at(books, "old", 500_000, kind="issued", on=date(2025, 12, 31))
    post_at(books, "new", 80_000, kind="issued", on=date(2026, 1, 1))
    post_at(books, "p1", 100_000, on=date(2026, 12, 31))
    post_at(books, "next", 7_000, on=date(2027, 1, 1))
    with unit_of_work(books) as session:
        found = trial_balance(session, since=YEAR[0], on=YEAR[1])
    assert [
        (line.entity, line.account, line.opening.plain(), line.debit.plain(), line.credit.plain(), line.closing.plain())
        for line in found.lines
    ] == [
        ("BAPENDA", "1.1.03.15.01.0001", "500000.00", "80000.00", "100000.00", "480000.00"),
        ("BAPENDA", "3.1.03.01.01.0001", "0.00", "100000.00", "0.00", "-100000.00"),
        ("BAPENDA", "7.1.01.15.01.0001", "500000.00", "0.00", "80000.00", "580000.00"),
        ("PPKD", "1.1.01.90.01.0001", "0.00", "100000.00", "0.00", "100000.00"),
        ("PPKD", "1.1.13.01.01.0001", "0.00", "0.00", "100000.00", "-100000.00"),
    ]
    assert [(line.closing_debit.plain(), line.closing_credit.plain()) for line in found.lines[:3]] == [
        ("480000.00", "0.00"),
        ("100000.00", "0.00"),
        ("0.00", "580000.00"),
    ]
    assert found.totals("F") == (money(680_000), money(680_000))
    with unit_of_work(books) as session:
        assert trial_balance(session, since=YEAR[0], on=YEAR[1], book="A").lines == ()
        assert trial_balance(session, since=YEAR[0], on=YEAR[1], entity="TIDAK-ADA").lines == ()
        with pytest.raises(DatesReversed):
            trial_balance(session, since=YEAR[1], on=YEAR[0])


def test_before_closing_leaves_this_year_s_closing_out_and_keeps_the_last_one_s(books: str) -> None:
    def close(key: str, rupiah: int, on: date) -> EntryDraft:
        postings = (
            PostingDraft("F", "BAPENDA", "revenue_lo", "debit", money(rupiah), qualifier="PBB-P2"),
            PostingDraft("F", "BAPENDA", "receivable", "credit", money(rupiah), qualifier="PBB-P2"),
        )
        return draft(key, postings, kind="closing", accounted_on=on)

    post_at(books, "i1", 500_000, kind="issued", on=date(2025, 3, 1))
    post(books, close("c1", 500_000, date(2025, 12, 31)))
    post_at(books, "i2", 80_000, kind="issued", on=date(2026, 3, 1))
    post(books, close("c2", 80_000, date(2026, 12, 31)))
    for _ in ("not rolled up", "rolled up"):
        with unit_of_work(books) as session:
            after = trial_balance(session, since=YEAR[0], on=YEAR[1], account="7")
            before = trial_balance(session, since=YEAR[0], on=YEAR[1], account="7", before_closing=True)
        assert [(line.opening, line.closing) for line in after.lines] == [(money(0), money(0))]
        assert [(line.opening, line.closing) for line in before.lines] == [(money(0), money(80_000))]
        roll(books)


def test_the_application_cannot_write_a_balance(books: str) -> None:
    post_at(books, "p1", 100_000)
    roll(books)
    for statement in (
        "UPDATE balance_month SET debit_sen = 1",
        "DELETE FROM balance_month",
        "INSERT INTO balance_piece (level, number, known_from, known_to) VALUES (0, 9, now(), now())",
        "UPDATE balance_position SET upto_xact = '0'",
    ):
        with pytest.raises(DBAPIError, match="permission denied"), unit_of_work(books) as session:
            session.execute(text(statement))


def test_a_wrong_sum_is_found(books: str, database: TestDatabase) -> None:
    post_at(books, "p1", 100_000)
    roll(books)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("UPDATE r3316.balance_month SET debit_sen = debit_sen + 1 WHERE debit_sen > 0")
    with unit_of_work(books) as session:
        assert check_rollup(session) == 2


def test_one_rolls_at_a_time_and_the_other_does_not_wait(books: str) -> None:
    post_at(books, "p1", 100_000)
    wait_until_settled(books)
    with unit_of_work(books) as first, unit_of_work(books) as second:
        assert not balances_lag_behind(first)
        assert roll_balances(first) == 0
        assert roll_balances(first, least=1) == 1
        assert roll_balances(second, least=1) == 0


def test_sums_are_made_anew_where_a_dump_was_restored_on_another_server(books: str, database: TestDatabase) -> None:
    for number in range(5):
        post_at(books, f"p{number}", 1000, at=T0 + timedelta(hours=number))
    roll(books, piece=2)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE r3316.balance_position SET cluster = 1, upto_xact = '900000000'")
        connection.execute("UPDATE r3316.journal_entry SET recorded_xact = '900000000'")
    post_at(books, "p5", 1000, at=T0 + timedelta(hours=5))
    assert receivable(books) == "-6000.00"
    assert receivable(books, known_at=T0 + timedelta(hours=2)) == "-3000.00"
    for _ in range(2):
        with unit_of_work(books) as session:
            assert roll_balances(session, piece=2) > 0
        assert receivable(books) == "-6000.00"
    post_at(books, "p6", 1000, at=T0 + timedelta(hours=6))
    for _ in ("one past the sums", "in the sums"):
        assert receivable(books) == "-7000.00"
        assert receivable(books, known_at=T0 + timedelta(hours=2)) == "-3000.00"
        assert receivable(books, known_at=T0 + timedelta(hours=5)) == "-6000.00"
        with unit_of_work(books) as session:
            assert check_rollup(session) == 0
            roll_balances(session, least=1, piece=2)


_ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(sorted(KINDS)),
        st.integers(1, 9),
        st.dates(date(2025, 12, 28), date(2026, 3, 3)),
        st.integers(0, 20),
        st.sampled_from(["", "", "roll", "cut", "final", "final"]),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=_ENTRIES,
    since=st.none() | st.dates(date(2025, 12, 28), date(2026, 3, 3)),
    on=st.none() | st.dates(date(2025, 12, 28), date(2026, 3, 3)),
    known=st.none() | st.integers(0, 20),
    entity=st.sampled_from([None, "BAPENDA", "PPKD"]),
    account=st.sampled_from([None, "1", "1.1.03", "1.1.01.90.01.0001", "9"]),
)
def test_every_question_gets_what_a_plain_sum_of_postings_gives(
    region: object,
    restore_regions: Callable[[], None],
    entries: list[tuple[str, int, date, int, str]],
    since: date | None,
    on: date | None,
    known: int | None,
    entity: str | None,
    account: str | None,
) -> None:
    restore_regions()
    load_sample_chart("3316")
    wanted: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    final = T0 - timedelta(days=1)
    known_from: dict[str, datetime] = {}
    for number, (kind, rupiah, day, hour, then) in enumerate(entries):
        at = T0 + timedelta(hours=hour)
        post_at("3316", f"k{number}", rupiah, on=day, at=at, kind=kind)
        known_from[f"k{number}"] = at if at > final else final + timedelta(microseconds=1)
        if then == "final":
            final = max(final, at - timedelta(minutes=30))
            make_final("3316", final)
        elif then:
            roll("3316", piece=1 if then == "cut" else 3)
    known_at = None if known is None else T0 + timedelta(hours=known)
    with unit_of_work("3316") as session:
        rows = session.execute(
            text(
                "SELECT v.book, v.entity, v.account_code, v.side, v.amount_sen, v.accounted_on, v.key"
                " FROM ledger_postings v"
            )
        ).all()
        if slip := slip_in({"since": since, "on": on, "account": account}, "since", "on"):
            with pytest.raises(slip):
                account_balances(session, since=since, on=on, known_at=known_at, entity=entity, account=account)
            return
        found = account_balances(session, since=since, on=on, known_at=known_at, entity=entity, account=account)
        assert check_rollup(session) == 0
    for row in rows:
        if (
            (since is None or row.accounted_on >= since)
            and (on is None or row.accounted_on <= on)
            and (known_at is None or known_from[row.key] <= known_at)
            and (entity is None or row.entity == entity)
            and (account is None or f"{row.account_code}.".startswith(f"{account}."))
        ):
            wanted[row.book, row.entity, row.account_code][row.side == "credit"] += row.amount_sen
    assert {(r.book, r.entity, r.account): [r.debit.sen, r.credit.sen] for r in found} == wanted


def test_a_pinned_moment_leaves_out_what_settled_later_rolled_up_or_not(books: str) -> None:
    post_at(books, "i1", 500_000, kind="issued", on=date(2025, 12, 31))
    wait_until_settled(books)
    with unit_of_work(books) as session:
        moment = take_moment(session)
    post_at(books, "p1", 100_000)
    for _ in ("not rolled up", "rolled up"):
        assert receivable(books) == "400000.00"
        assert receivable(books, moment=moment) == "500000.00"
        with unit_of_work(books) as session:
            found = trial_balance(session, since=YEAR[0], on=YEAR[1], moment=moment)
        assert [(line.opening, line.debit, line.credit) for line in found.lines] == [
            (money(500_000), money(0), money(0)),
            (money(500_000), money(0), money(0)),
        ]
        roll(books)


def test_sums_are_exact_at_every_moment_while_entries_arrive_and_are_rolled_up(books: str) -> None:
    writers, each = 3, 60

    def write(writer: int) -> None:
        for number in range(each):
            post_at(books, f"w{writer}:{number}", 1000, on=DAY + timedelta(days=number), at=T0)

    looks = 0
    with ThreadPoolExecutor(writers) as pool:
        running = [pool.submit(write, writer) for writer in range(writers)]
        while not all(writer.done() for writer in running):
            with unit_of_work(books) as session:
                roll_balances(session, least=1, most=7, piece=3)
            with unit_of_work(books) as session:
                assert check_rollup(session) == 0
            looks += 1
        for writer in running:
            writer.result()
    assert looks > 3
    roll(books, piece=3)
    assert receivable(books) == f"-{writers * each * 1000}.00"


def test_dates_at_the_ends_of_all_time_are_only_dates(books: str) -> None:
    post_at(books, "i1", 500_000, kind="issued", on=date(2026, 1, 31))
    post_at(books, "p1", 100_000, on=date(9999, 12, 31))
    for _ in ("not rolled up", "rolled up"):
        assert receivable(books, on=date.max) == "400000.00"
        assert receivable(books, on=date(9999, 12, 30)) == "500000.00"
        assert receivable(books, on=date(9999, 12, 25), since=date.min) == "500000.00"
        assert receivable(books, since=date(9999, 12, 31)) == "-100000.00"
        assert receivable(books, on=date(2026, 1, 30)) == "none"
        assert receivable(books, on=date.min) == "none"
        with unit_of_work(books) as session:
            assert trial_balance(session, since=date.min, on=date.min).lines == ()
            whole = trial_balance(session, since=date.min, on=date.max)
        assert whole.totals("F") == (money(600_000), money(600_000))
        roll(books)


def test_two_rollers_at_once_while_others_post_add_each_entry_once(books: str) -> None:
    def write(writer: int) -> None:
        for number in range(40):
            post_at(books, f"w{writer}:{number}", 1000, on=DAY + timedelta(days=number))

    def keep_rolling(_: int) -> None:
        while not all(each.done() for each in writing):
            note(books, T0 + timedelta(hours=1))
            with unit_of_work(books) as session:
                roll_balances(session, least=1, most=7, piece=3)

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, writer) for writer in range(2)]
        for rolling in [pool.submit(keep_rolling, number) for number in range(2)]:
            rolling.result()
        for each in writing:
            each.result()
    make_final(books, T0 + timedelta(hours=1))
    roll(books, piece=3)
    assert receivable(books) == receivable(books, known_at=T0 + timedelta(hours=2)) == "-80000.00"
    with unit_of_work(books) as session:
        assert check_rollup(session) == 0


@pytest.mark.parametrize(
    "damage, piece, span",
    [
        ("UPDATE balance_day SET credit_sen = credit_sen + 1 WHERE starts_on = '2026-03-11'", "0", "day"),
        ("DELETE FROM balance_part WHERE starts_on = '2026-03-11'", "0", "part"),
        ("INSERT INTO balance_month VALUES (999, 1, 0, 5, 0, '2026-01-01', false, '')", "0", "month"),
        ("UPDATE balance_past SET debit_sen = 7 WHERE piece_id = {first} AND span = 'day'", "0/1", "day"),
        ("DELETE FROM balance_past WHERE piece_id = {second} AND span = 'month'", "1/1", "month"),
        ("UPDATE balance_piece SET known_to = known_to - interval '1 second' WHERE level = 0", "0/1", "piece"),
        ("DELETE FROM balance_piece WHERE level = 1", "1/1", "piece"),
        ("DELETE FROM balance_piece WHERE level = 0 AND number = 5", "0/5", "piece"),
        ("UPDATE balance_piece SET upto_xact = '3' WHERE level = 0 AND number = 2", "0/3", "piece"),
    ],
)
def test_each_kind_of_wrong_sum_is_named(
    books: str, database: TestDatabase, damage: str, piece: str, span: str
) -> None:
    for number in range(5):
        post_at(books, f"p{number}", 1000, on=DAY + timedelta(days=number), at=T0 + timedelta(hours=number))
    make_final(books, T0 + timedelta(days=1))
    roll(books, piece=1)
    ids = {
        "first": "(SELECT id FROM r3316.balance_piece WHERE level = 0 AND number = 1)",
        "second": "(SELECT id FROM r3316.balance_piece WHERE level = 1 AND number = 1)",
    }
    with unit_of_work(books) as session:
        assert list_wrong_sums(session) == []
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET search_path = r3316")
        connection.execute(damage.format(**ids))
    with unit_of_work(books) as session:
        found = {(wrong.piece, wrong.span) for wrong in list_wrong_sums(session)}
        assert check_rollup(session) >= 1
    assert (piece, span) in found


def test_a_wrong_sum_is_told_with_what_is_kept_and_what_the_postings_come_to(
    books: str, database: TestDatabase
) -> None:
    post_at(books, "p1", 100_000)
    roll(books)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("UPDATE r3316.balance_part SET credit_sen = 5 WHERE credit_sen > 0 AND partner = ''")
    with unit_of_work(books) as session:
        assert list_wrong_sums(session, limit=1) == [
            WrongSum(
                piece="0",
                span="part",
                starts_on=date(2026, 3, 6),
                account="1.1.03.15.01.0001",
                entity="BAPENDA",
                counterpart=None,
                partner=None,
                kept_debit=0,
                kept_credit=5,
                found_debit=0,
                found_credit=10_000_000,
            )
        ]
