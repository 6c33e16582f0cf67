"""Ticks, jobs and leadership: queued once, done once, and each region by itself.

For: the worker's parts within one process. Not for: processes that die (test_worker_killed).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from app.cli import main
from app.outside.webhooks import webhook_key
from app.worker.leading import Leader
from app.worker.running import run_next
from app.worker.ticking import queue_due, tick
from foundation import clock
from foundation.db import unit_of_work
from foundation.regions import Region
from tests.app.worker_scene import inbox as inbox
from tests.database import TestDatabase
from tests.ledger.seals import settle, verify
from tests.reconciliation.scene import Counter

AT = datetime(2026, 11, 23, 5, 0, 7, tzinfo=UTC)


def jobs(counter: Counter) -> list[tuple[Any, ...]]:
    """(kind, state) of every job, oldest first."""
    return counter.rows("SELECT kind, state FROM job ORDER BY id")


def drain(region: Region) -> int:
    """Run every job that is due; how many there were."""
    done = 0
    while run_next(region, worker="test:1"):
        done += 1
    return done


def test_a_tick_queues_once_what_there_is_to_do(region: Region, inbox: Path) -> None:
    counter = Counter(region)
    with unit_of_work(region.code) as session:
        assert queue_due(session, region, at=AT, seconds=60) == ["reconcile", "clean", "seal"]
    counter.pay(0)
    (inbox / "a.csv").write_bytes(counter.settlement(counter.line(0)))
    for _ in range(3):
        with unit_of_work(region.code) as session:
            queue_due(session, region, at=AT, seconds=60)
    with unit_of_work(region.code) as session:
        queue_due(session, region, at=AT + timedelta(seconds=60), seconds=60)
    assert sorted(kind for kind, _ in jobs(counter)) == [
        "clean", "inbox", "inbox", "outbox", "outbox", "reconcile", "seal", "seal",
    ]  # fmt: skip


def test_jobs_take_the_inbox_and_reconcile(region: Region, other_region: Region, inbox: Path) -> None:
    counter = Counter(region)
    counter.pay(0, at=clock.now())
    (inbox / "a.csv").write_bytes(counter.settlement(counter.line(0)))
    (inbox / "b.sta").write_bytes(counter.statement((150_000, "STL261123A")))
    leader = Leader()
    tick(leader, seconds=60)
    leader.resign()
    assert drain(region) == 5
    assert {state for _, state in jobs(counter)} == {"DONE"}
    assert counter.rows("SELECT state FROM settlement_batch") == [("CREDITED",)]
    assert counter.rows("SELECT run_by FROM reconciliation_run ORDER BY id") == [("job:reconcile",)] * 2
    assert counter.rows("SELECT state FROM outbox_message") == [("DROPPED",)]
    with unit_of_work(other_region.code) as session:
        from foundation.jobs import list_jobs

        assert sorted(job.kind for job in list_jobs(session)) == ["clean", "reconcile"]
        assert {job.state for job in list_jobs(session)} == {"QUEUED"}


def test_the_seal_job_seals_until_nothing_is_left(region: Region) -> None:
    counter = Counter(region)
    counter.pay(0)
    settle(region.code)
    began = clock.now() - timedelta(minutes=3)
    for minute in (0, 1, 2):
        with unit_of_work(region.code) as session:
            queue_due(session, region, at=began + timedelta(minutes=minute), seconds=60)
        while run_next(region, worker="test:1"):
            continue
        settle(region.code)
    assert {row[0] for row in counter.rows("SELECT state FROM job WHERE kind = 'seal'")} == {"DONE"}
    with unit_of_work(region.code) as session:
        assert "seal" not in queue_due(session, region, at=began + timedelta(minutes=3), seconds=60)
    found = verify(region.code)
    assert (found.findings, set(found.unsealed.values())) == ([], {0})
    assert found.sealed["entry"] == counter.rows("SELECT count(*) FROM journal_entry")[0][0] >= 1
    assert found.sealed["state_change"] >= 1


def test_a_job_that_fails_keeps_its_reason_and_is_tried_again(
    region: Region, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(region)
    (inbox / "a.csv").write_bytes(counter.settlement(counter.line(0)))
    with unit_of_work(region.code) as session:
        queue_due(session, region, at=clock.now(), seconds=60)

    def fail(*_args: object, **_named: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr("app.worker.inbox.import_file", fail)
        drain(region)
    failed = counter.rows("SELECT state, attempts, last_error FROM job WHERE kind = 'inbox'")
    assert failed == [("QUEUED", 1, "OSError: no space left")]
    assert (inbox / "a.csv").exists()
    assert counter.rows("SELECT count(*) FROM bank_file") == [(0,)]
    (entry,) = counter.rows("SELECT run_at FROM job WHERE kind = 'inbox'")
    assert entry[0] > clock.now()


def test_one_leads_and_the_next_takes_over_when_its_connection_is_lost(database: TestDatabase) -> None:
    first, second = Leader(), Leader()
    try:
        assert first.is_leading()
        assert not second.is_leading()
        assert first.is_leading()
        with psycopg.connect(database.superuser_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        assert not first.is_leading()
        assert second.is_leading()
        assert not first.is_leading()
    finally:
        first.resign()
        second.resign()


class _Receiver(BaseHTTPRequestHandler):
    taken: list[tuple[dict[str, str], bytes]]
    status: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).taken.append((dict(self.headers), body))
        self.send_response(type(self).status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[_Receiver]]]:
    """A web server of the region's own, and what it took."""
    kind = type("Receiver", (_Receiver,), {"taken": [], "status": 204})
    server = HTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", kind
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_payment_is_told_to_the_webhook_signed(
    region: Region, inbox: Path, receiver: tuple[str, type[_Receiver]]
) -> None:
    url, kind = receiver
    counter = Counter(region)
    counter.set_policy("outside.webhook_url", url)
    payment = counter.pay(0, at=clock.now()).payment
    kind.status = 500
    with unit_of_work(region.code) as session:
        queue_due(session, region, at=clock.now(), seconds=60)
    drain(region)
    assert counter.rows("SELECT state, attempts, last_error FROM outbox_message") == [
        ("QUEUED", 1, "WebhookRefused: The webhook's receiver answered 500.")
    ]
    kind.status = 204
    with unit_of_work(region.code) as session:
        from app.outside.webhooks import send_webhook
        from foundation.outbox import send_due

        def deliver(message: Any) -> bool:
            send_webhook(url, region.code, message, at=AT)
            return True

        assert send_due(session, deliver, at=clock.now() + timedelta(minutes=5)) == (1, 0)
    headers, body = kind.taken[-1]
    told = json.loads(body)
    assert (told["id"], told["topic"], told["region"]) == (
        f"payment.recorded:{payment.uid}", "payment.recorded", region.code,
    )  # fmt: skip
    assert told["payload"]["amount"] == "150000.00"
    signed = f"{int(AT.timestamp())}.".encode() + body
    key = CliRunner().invoke(main, ["region", "webhook-key", region.code]).output.strip()
    assert key == webhook_key(region.code)
    assert headers["X-Lunas-Signature"] == hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    assert webhook_key(region.code) != webhook_key("6471")


def test_cleaning_forgets_what_has_served(region: Region, inbox: Path) -> None:
    counter = Counter(region)
    with unit_of_work(region.code) as session:
        from foundation.jobs import enqueue_job
        from foundation.limits import count_and_check
        from payments import ExternalId, find_partner_by_token, get_partner, issue_access_token, use_external_id

        partner = get_partner(session, "BANKUJI")
        old, now = clock.now() - timedelta(days=5), clock.now()
        issue_access_token(session, partner, lifetime_seconds=900, at=old)
        kept = issue_access_token(session, partner, lifetime_seconds=900, at=now)
        use_external_id(session, partner, ExternalId("1", old.date()))
        use_external_id(session, partner, ExternalId("1", now.date()))
        count_and_check(session, "a", limit=5, window_seconds=60, at=old)
        count_and_check(session, "a", limit=5, window_seconds=60, at=now)
        enqueue_job(session, "clean", {}, key="clean:x", run_at=now, at=now)
    assert drain(region) == 1
    assert counter.rows("SELECT count(*) FROM partner_access_token") == [(1,)]
    assert counter.rows("SELECT used_on FROM partner_external_id") == [(now.date(),)]
    assert counter.rows("SELECT count(*) FROM limit_counter") == [(1,)]
    with unit_of_work(region.code) as session:
        assert find_partner_by_token(session, kept, at=now) is not None


def test_the_command_says_what_differs_and_by_its_exit_code(region: Region, inbox: Path) -> None:
    counter = Counter(region)
    counter.pay(0)
    (inbox / "a.csv").write_bytes(counter.settlement(counter.line(0)))
    (inbox / "b.sta").write_bytes(counter.statement((150_000, "STL261123A"), (-6_500, "BIAYA RTGS")))
    (inbox / "c.sta").write_bytes(b":20:X\r\n")
    run = ["reconcile", "run", "--region", region.code, "--date", "2026-11-23"]
    left = CliRunner().invoke(main, [*run, "--no-inbox"])
    assert left.exit_code == 0, left.output
    assert "Sesuai: tidak ada selisih yang terbuka." in left.output
    done = CliRunner().invoke(main, run)
    assert done.exit_code == 3, done.output
    assert "diimpor: a.csv" in done.output
    assert "ditolak: c.sta" in done.output
    assert "UNBOOKED_DEBIT" in done.output
    assert "Debet Rp6.500 di RKUD tanggal 23 November 2026" in done.output
    english = CliRunner().invoke(main, [*run, "--lang", "en"])
    assert "A debit of Rp6.500 on RKUD of 23 November 2026" in english.output
    assert CliRunner().invoke(main, ["reconcile", "run", "--region", "9999"]).exit_code == 1


def test_the_command_imports_one_file_and_refuses_one(region: Region, tmp_path: Path) -> None:
    counter = Counter(region)
    counter.pay(0)
    file = tmp_path / "a.csv"
    file.write_bytes(counter.settlement(counter.line(0)))
    command = ["statement", "import", str(file), "--region", region.code]
    assert "1 settlement, 1 baris; 0 kredit RKUD dibukukan." in CliRunner().invoke(main, command).output
    assert "sudah diimpor sebelumnya" in CliRunner().invoke(main, command).output
    assert file.exists()
    file.write_bytes(counter.settlement(counter.line(0, amount=counter.scene.bills[1].amount)))
    before = counter.everything()
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "STL261123A" in refused.stderr
    assert counter.everything() == before | {"state_change": before["state_change"] + 1}
