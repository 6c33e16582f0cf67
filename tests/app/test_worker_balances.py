"""What the worker does for balances by itself: what was known becomes final, and a restored ledger is summed anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from app.worker.jobs import JOBS
from app.worker.running import run_next
from app.worker.ticking import queue_due
from foundation import clock
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import LedgerMoved, account_balances, check_rollup, known_until, list_entries
from tests.app.worker_scene import inbox as inbox
from tests.database import TestDatabase
from tests.ledger.entries import draft, post
from tests.ledger.seals import settle
from tests.sample_chart import load_sample_chart

AT = datetime(2026, 11, 21, 5, 0, 7, tzinfo=UTC)


def tick(region: Region, at: datetime) -> list[str]:
    settle(region.code)
    with unit_of_work(region.code) as session:
        return queue_due(session, region, at=at, seconds=5)


def test_ticks_make_final_what_was_known_also_where_nothing_happens(region: Region, inbox: Path) -> None:
    at = clock.now() - timedelta(days=1)
    for _ in range(2):
        tick(region, at)
    with unit_of_work(region.code) as session:
        assert known_until(session) == at - timedelta(seconds=30)


def test_a_ledger_restored_on_another_server_is_summed_anew_by_the_next_job(
    region: Region, inbox: Path, database: TestDatabase
) -> None:
    load_sample_chart(region.code)
    for number in range(3):
        post(region.code, draft(f"p{number}"))
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE r3316.balance_position SET cluster = 1")
        connection.execute("UPDATE r3316.journal_entry SET recorded_xact = '900000000'")
    with unit_of_work(region.code) as session:
        expected = account_balances(session)
        with pytest.raises(LedgerMoved):
            list_entries(session)
        kinds = queue_due(session, region, at=AT, seconds=5)
    assert "balances" in kinds
    JOBS["balances"](region)
    with unit_of_work(region.code) as session:
        assert account_balances(session) == expected
        assert check_rollup(session) == 0
        assert session.scalar(text("SELECT count(*) FROM balance_day")) == 4
        assert [entry.key for entry in list_entries(session).entries] == ["p0", "p1", "p2"]
        assert "balances" not in queue_due(session, region, at=AT + timedelta(minutes=1), seconds=5)


def test_an_empty_ledger_on_another_server_is_taken_over_too(
    region: Region, inbox: Path, database: TestDatabase
) -> None:
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("UPDATE r3316.balance_position SET cluster = 1")
    assert "balances" in tick(region, AT)
    while run_next(region, worker="test:1"):
        pass
    assert "balances" not in tick(region, AT + timedelta(minutes=1))
