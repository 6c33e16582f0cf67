"""kill -9 of a worker in the middle of an import, and of the leader: nothing is lost, nothing is done twice.

For: real worker processes. Not for: the parts within one process (test_worker_jobs, test_worker_inbox).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg

from foundation.regions import Region
from tests.app.worker_scene import (
    WorkerProcess,
    wait_until,
)
from tests.app.worker_scene import (
    inbox as inbox,
)
from tests.app.worker_scene import (
    start_worker as start_worker,
)
from tests.database import TestDatabase
from tests.reconciliation.scene import Counter, rupiah

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def test_a_worker_killed_in_the_middle_of_an_import_leaves_nothing_half_done(
    region: Region, database: TestDatabase, inbox: Path, start_worker: Callable[[], WorkerProcess]
) -> None:
    counter = Counter(region)
    before = counter.everything()
    with psycopg.connect(database.superuser_url) as holder:
        # The file's batch is written when the import comes to the payment that nobody told of, and waits for its bill.
        holder.execute("SELECT 1 FROM r3316.bill FOR UPDATE")
        (inbox / "a.csv").write_bytes(counter.settlement(counter.line(0)))
        worker = start_worker()
        with psycopg.connect(database.superuser_url, autocommit=True) as watcher:
            wait_until(lambda: watcher.execute(_WAITING).fetchone() == (1,))
        worker.kill()
        holder.rollback()
    after = counter.everything()
    assert {key for key in before if before[key] != after[key]} <= {"state_change", "reconciliation_run"}
    assert (inbox / "a.csv").exists()
    start_worker()
    wait_until(lambda: (inbox / "imported" / "a.csv").exists())
    assert counter.rows("SELECT count(*), sum(gross_sen) FROM settlement_batch") == [(1, 15_000_000)]
    assert counter.rows("SELECT state, source, amount_sen FROM payment") == [("APPLIED", "settlement", 15_000_000)]
    assert counter.balance("clearing", "BANKUJI") == rupiah(150_000)


def test_a_second_worker_takes_over_when_the_leader_is_killed(
    region: Region, inbox: Path, start_worker: Callable[[], WorkerProcess]
) -> None:
    counter = Counter(region)
    counter.pay(0)
    first = start_worker()
    wait_until(lambda: "leadership_taken" in first.events())
    second = start_worker()
    (inbox / "a.csv").write_bytes(counter.settlement(counter.line(0)))
    wait_until(lambda: (inbox / "imported" / "a.csv").exists())
    wait_until(lambda: "worker_started" in second.events())
    assert "leadership_taken" not in second.events()
    first.kill()
    (inbox / "b.sta").write_bytes(counter.statement((150_000, "STL261123A")))
    wait_until(lambda: (inbox / "imported" / "b.sta").exists())
    assert "leadership_taken" in second.events()
    assert counter.rows("SELECT state, credited_sen FROM settlement_batch") == [("CREDITED", 15_000_000)]


def test_a_worker_that_is_asked_to_stop_ends_well(
    region: Region, inbox: Path, start_worker: Callable[[], WorkerProcess]
) -> None:
    worker = start_worker()
    wait_until(lambda: "leadership_taken" in worker.events())
    worker.process.terminate()
    assert worker.process.wait(60) == 0
    assert worker.events()[-1] == "worker_stopped"
