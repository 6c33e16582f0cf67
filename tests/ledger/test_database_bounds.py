"""Dates, moments and sums that readers could not tell are refused by the database, whoever writes.

For: bounds of what the application's role sends to `ledger_post` and `ledger_post_many` past ledger.posting, and of
plain SQL by the owner.
Not for: what an entry has to be as a whole (test_database_guards).
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from foundation.db import unit_of_work
from ledger import EntryInvalid, account_balances, list_entries, post_entries
from ledger.errors import EntryTooLarge
from ledger.refusing import refusal_of
from tests.database import TestDatabase
from tests.ledger.entries import AT, DAY, draft, everything, post, wait_until_settled
from tests.ledger.months import MARCH, close

RKUD, SUSPENSE = "1.1.01.01.01.0001", "2.1.06.90.01.0001"
WAYS = ["ledger_post", "ledger_post_many"]
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")


def line(side: str, account: str, sen: int = 500) -> dict[str, Any]:
    return {"book": "F", "entity": "PPKD", "role": "", "qualifier": "", "side": side, "sen": sen, "account": account}


def content(**changed: Any) -> dict[str, Any]:
    facts = {
        "kind": "correction",
        "key": "raw:1",
        "occurred_at": "2026-03-09T04:05:06Z",
        "accounted_on": "2026-03-09",
        "description": "d",
        "source_kind": "",
        "lines": [line("debit", RKUD), line("credit", SUSPENSE)],
    }
    return facts | changed


def send(url: str, way: str, given: dict[str, Any], recorded_at: str = "2026-03-09 04:05:06+00") -> None:
    """Post by the function itself, as a program with the application's password could."""
    with closing(psycopg.connect(url)) as connection:
        connection.execute("SET search_path = r3316, pg_temp")
        if way == "ledger_post":
            connection.execute(
                "SELECT entry_id FROM ledger_post(gen_random_uuid(), %s::jsonb, sha256('x'), 'a', %s::timestamptz)",
                [json.dumps(given), recorded_at],
            )
        else:
            connection.execute(
                "SELECT new_ids FROM ledger_post_many(%s::jsonb, uuid_send(gen_random_uuid()), sha256('x'), 'a',"
                " %s::timestamptz)",
                [json.dumps([given]), recorded_at],
            )
        connection.commit()


def refused(region: str, url: str, way: str, given: dict[str, Any], **more: str) -> str | None:
    """The rule by which it is refused; nothing has changed afterwards."""
    before = everything(region)
    with pytest.raises(errors.CheckViolation) as error:
        send(url, way, given, **more)
    assert everything(region) == before
    return error.value.diag.constraint_name


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "accounted_on",
    [
        "today", "epoch", "infinity", "-infinity", "20000-01-01", "0999-12-31", "0044-03-15 BC", "2026-3-9", "20260309",
        "2026-03-09 ", "2026-03-09T00:00:00", "09/03/2026", "", None, 20260309,
    ],
)  # fmt: skip
def test_a_date_is_an_iso_date_with_a_year_of_four_digits(
    books: str, database: TestDatabase, way: str, accounted_on: object
) -> None:
    given = content(accounted_on=accounted_on)
    assert refused(books, database.url, way, given) == "ck_journal_entry_accounted_on"
    given = content(accounted_on=accounted_on, may_be_late=True)
    assert refused(books, database.url, way, given) == "ck_journal_entry_accounted_on"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "moment",
    ["infinity", "-infinity", "20000-01-01T00:00:00Z", "0044-03-15 00:00:00 BC", "0999-12-31T23:59:59Z", "9999-12-31"],
)
def test_moments_are_of_years_that_every_zone_can_tell(
    books: str, database: TestDatabase, way: str, moment: str
) -> None:
    assert refused(books, database.url, way, content(occurred_at=moment)) == "ck_journal_entry_occurred_at"
    assert refused(books, database.url, way, content(), recorded_at=moment) == "ck_journal_entry_recorded_at"


def test_the_first_and_the_last_moment_are_read_in_every_zone(books: str, database: TestDatabase) -> None:
    ends = {"first": "1000-01-01T00:00:00Z", "last": "9999-12-30T23:59:59.999999Z"}
    for key, moment in ends.items():
        send(database.url, "ledger_post", content(key=key, occurred_at=moment))
    wait_until_settled(books)
    with unit_of_work(books) as session:
        found = {entry.key: entry.occurred_at for entry in list_entries(session).entries}
    assert found == {key: datetime.fromisoformat(moment) for key, moment in ends.items()}
    assert [found["last"].astimezone(ZoneInfo(zone)).year for zone in ZONES] == [9999] * 3
    assert [found["first"].astimezone(ZoneInfo(zone)).year for zone in ZONES] == [1000] * 3


def lines(sen: int, pairs: int) -> list[dict[str, Any]]:
    return [line("debit", RKUD, sen), line("credit", SUSPENSE, sen)] * pairs


HIGHEST = 10**17


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "given",
    [lines(HIGHEST, 95), lines(HIGHEST, 1) + lines(1, 1), lines(HIGHEST // 2, 2) + lines(1, 1)],
)
def test_an_entry_of_more_than_a_quadrillion_rupiah_on_a_side_is_refused(
    books: str, database: TestDatabase, way: str, given: list[dict[str, Any]]
) -> None:
    assert refused(books, database.url, way, content(lines=given)) == "ledger_entry_bounded"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("given", [lines(HIGHEST, 1), lines(HIGHEST // 100, 100)])
def test_an_entry_of_a_quadrillion_rupiah_is_taken_and_summed_up(
    books: str, database: TestDatabase, way: str, given: list[dict[str, Any]]
) -> None:
    send(database.url, way, content(lines=given))
    with unit_of_work(books) as session:
        assert [row.debit.sen for row in account_balances(session, account=RKUD)] == [HIGHEST]


def test_the_refusal_of_too_large_an_entry_has_its_name(books: str) -> None:
    def act() -> None:
        with unit_of_work(books) as session:
            session.execute(
                text("SELECT entry_id FROM ledger_post(gen_random_uuid(), CAST(:c AS jsonb), sha256('x'), 'a', now())"),
                {"c": json.dumps(content(lines=lines(HIGHEST, 2)))},
            )
            session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    with pytest.raises(DBAPIError) as error:
        act()
    told = refusal_of(error.value)
    assert isinstance(told, EntryTooLarge)
    assert (told.field, told.http_status) == ("postings", 422)
    assert told.message_id == (
        "Jumlah satu sisi jurnal raw:1 melebihi Rp1.000.000.000.000.000 (seribu triliun rupiah)."
    )
    assert everything(books)["journal_entry"] == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("late", [False, None, "true", 1, {}, []])
def test_an_entry_is_late_only_where_it_says_that_it_may_be(
    books: str, database: TestDatabase, way: str, late: object
) -> None:
    close(books)
    given = content(kind="x", accounted_on=MARCH.isoformat(), may_be_late=late)
    assert refused(books, database.url, way, given) == "ledger_period_closed"
    send(database.url, way, given | {"may_be_late": True})
    assert "2026-04-01" in everything(books)["journal_entry"][0]


@pytest.mark.parametrize("column", ["accounted_on", "occurred_at", "recorded_at"])
@pytest.mark.parametrize("value", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC"])
def test_the_owner_too_writes_no_date_that_cannot_be_read(
    books: str, database: TestDatabase, column: str, value: str
) -> None:
    given = {"accounted_on": "2026-03-09", "occurred_at": "2026-03-09", "recorded_at": "2026-03-09"} | {column: value}
    before = everything(books)
    with closing(psycopg.connect(database.owner_url)) as connection, pytest.raises(errors.CheckViolation) as error:
        connection.execute(
            "INSERT INTO r3316.journal_entry (uid, kind, key, content_hash, occurred_at, accounted_on, recorded_at,"
            " description, source_kind, actor, posting_count) VALUES (gen_random_uuid(), 'k', 'raw', sha256('x'),"
            " %(occurred_at)s, %(accounted_on)s, %(recorded_at)s, 'd', '', 'a', 2)",
            given,
        )
    assert error.value.diag.constraint_name == f"ck_journal_entry_{column}"
    assert everything(books) == before


@pytest.mark.parametrize("value", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC"])
def test_the_chart_has_no_such_dates_either(books: str, database: TestDatabase, value: str) -> None:
    before = everything(books)
    account = (
        "INSERT INTO r3316.account (code, name, level, parent_code, book, normal_side, requires_counterpart, is_sample,"
        " valid_from, valid_to) VALUES ('1.1.01.91', 'x', 4, '1.1.01', 'F', 'debit', false, true, {0})"
    )
    acts = {
        "ck_account_valid_from": account.format(f"'{value}', NULL"),
        "ck_account_validity": account.format(f"'2026-01-01', '{value}'"),
        "ck_account_role_valid_from": "INSERT INTO r3316.account_role (role, qualifier, valid_from, account_code)"
        f" VALUES ('rkud', 'x', '{value}', '{RKUD}')",
    }
    for rule, act in acts.items():
        with closing(psycopg.connect(database.url)) as connection, pytest.raises(errors.CheckViolation) as error:
            connection.execute(act)
        assert error.value.diag.constraint_name == rule
    assert everything(books) == before


def test_a_draft_out_of_bounds_is_refused_naming_the_field(books: str) -> None:
    before = everything(books)
    early, late = datetime(1000, 1, 1, tzinfo=timezone(timedelta(hours=7))), datetime(9999, 12, 31, tzinfo=UTC)
    wrongs: list[dict[str, Any]] = [{"accounted_on": date(999, 12, 31)}, {"occurred_at": early}, {"occurred_at": late}]
    for changed in wrongs:
        wrong = draft("b", **changed)
        with pytest.raises(EntryInvalid) as error:
            post(books, wrong)
        assert [error.value.field] == list(changed)
        with pytest.raises(EntryInvalid), unit_of_work(books) as session:
            post_entries(session, [draft("a"), wrong], actor="job:test", recorded_at=AT)
    with pytest.raises(EntryInvalid) as error, unit_of_work(books) as session:
        post_entries(session, [draft("a", accounted_on=DAY)], actor="job:test", recorded_at=late)
    assert error.value.field == "recorded_at"
    assert everything(books) == before
