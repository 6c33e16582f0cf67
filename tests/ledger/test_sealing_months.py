"""Months are checked beside the chain, on a connection of their own: what that must not change.

For: ledger.sealing.months. Not for: what is found about months (test_period_records, test_sealing_found).
"""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from ledger import close_period, verify_ledger
from ledger.sealing import months, verifying
from tests.database import TestDatabase
from tests.ledger.entries import draft, post
from tests.ledger.months import BY, LATER, MARCH, adjust, close
from tests.ledger.seals import seal, signer, tamper, told, verify
from tests.ledger.waiting import until

RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(600)'"


def test_a_closed_month_is_held_to_its_hash(books: str, database: TestDatabase) -> None:
    entry = post(books, draft("one"))
    close(books)
    seal(books)
    assert (verify(books).findings, verify(books).periods) == ([], 1)
    tamper(database, f"UPDATE journal_entry SET description = 'other' WHERE id = {entry.id}")
    assert told(verify(books)) == [("row_changed", "entry", entry.id), ("period_changed", "period 2026-03", None)]


def test_verifying_sees_what_its_own_unit_of_work_has_not_committed(books: str) -> None:
    post(books, draft("one"))
    adjust(books)
    with unit_of_work(books) as session:
        close_period(session, MARCH, by=BY, at=LATER)
        found = verify_ledger(session, trusted=[signer().public])
        session.rollback()
    assert (found.periods, found.periods_unsealed, found.findings) == (1, ("2026-03",), [])
    assert verify(books).periods == 0


def test_what_goes_wrong_with_the_months_is_raised(books: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("months")

    monkeypatch.setattr(months, "check_periods", fail)
    with pytest.raises(ArithmeticError, match="months"):
        verify(books)


def test_the_months_are_left_when_verifying_fails(
    books: str, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(books)
    monkeypatch.setattr(months, "check_periods", lambda session, **_: session.execute(text("SELECT pg_sleep(600)")))

    def fail(*_: object) -> None:
        with psycopg.connect(database.superuser_url, autocommit=True) as connection:
            until(lambda: connection.execute(RUNNING).fetchone() == (1,), "the months' check never began")
        raise ArithmeticError("chain")

    monkeypatch.setattr(verifying, "read_blocks", fail)
    with pytest.raises(ArithmeticError, match="chain"):
        verify(books)
    with psycopg.connect(database.superuser_url) as connection:
        assert connection.execute(RUNNING).fetchone() == (0,)
