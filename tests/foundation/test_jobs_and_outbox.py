"""The job table and the outbox: once per key, one taker at a time, nothing swallowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from foundation.db import unit_of_work
from foundation.jobs import MAX_ATTEMPTS, Job, claim_job, enqueue_job, fail_job, finish_job, list_jobs
from foundation.outbox import MAX_ATTEMPTS as MOST_SENDS
from foundation.outbox import OutboxMessage, enqueue, send_due
from foundation.regions import Region

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def _queue(region: Region, key: str, run_at: datetime = AT) -> bool:
    with unit_of_work(region.code) as session:
        return enqueue_job(session, "import-file", {"name": key}, key=key, run_at=run_at, at=AT)


def _claim(region: Region, at: datetime = AT, worker: str = "w1") -> Job | None:
    with unit_of_work(region.code) as session:
        return claim_job(session, worker=worker, at=at)


def _job(region: Region) -> Job:
    with unit_of_work(region.code) as session:
        return session.scalars(select(Job)).one()


def test_a_key_is_queued_once(region: Region, other_region: Region) -> None:
    assert _queue(region, "a") is True
    assert _queue(region, "a") is False
    assert _claim(other_region) is None
    with unit_of_work(region.code) as session:
        assert [job.payload for job in list_jobs(session, state="QUEUED")] == [{"name": "a"}]


def test_the_oldest_due_job_goes_first_and_one_that_is_not_due_waits(region: Region) -> None:
    _queue(region, "later", AT + timedelta(hours=1))
    _queue(region, "second", AT)
    _queue(region, "first", AT - timedelta(hours=1))
    assert [job.key for job in (_claim(region), _claim(region)) if job] == ["first", "second"]
    assert _claim(region) is None


def test_two_workers_never_hold_the_same_job(region: Region) -> None:
    _queue(region, "a")
    _queue(region, "b")
    with unit_of_work(region.code) as one, unit_of_work(region.code) as two, unit_of_work(region.code) as three:
        first = claim_job(one, worker="w1", at=AT)
        second = claim_job(two, worker="w2", at=AT)
        assert first is not None
        assert second is not None
        assert {first.key, second.key} == {"a", "b"}
        assert claim_job(three, worker="w3", at=AT) is None


def test_a_job_whose_worker_died_is_anybodys_after_its_lease(region: Region) -> None:
    _queue(region, "a")
    assert _claim(region) is not None
    assert _claim(region, AT + timedelta(minutes=14), "w2") is None
    again = _claim(region, AT + timedelta(minutes=16), "w2")
    assert again is not None
    assert (again.worker, again.attempts, again.state) == ("w2", 2, "RUNNING")


def test_a_finished_job_is_done(region: Region) -> None:
    _queue(region, "a")
    job = _claim(region)
    assert job is not None
    with unit_of_work(region.code) as session:
        finish_job(session, job.id, at=AT)
    done = _job(region)
    assert (done.state, done.finished_at, done.leased_until) == ("DONE", AT, None)
    assert _claim(region, AT + timedelta(days=1)) is None


def test_a_failed_job_is_tried_later_and_given_up_at_last(region: Region) -> None:
    _queue(region, "a")
    at = AT
    for attempt in range(1, MAX_ATTEMPTS + 1):
        job = _claim(region, at)
        assert job is not None
        with unit_of_work(region.code) as session:
            fail_job(session, job.id, reason=f"failure {attempt}", at=at)
        if attempt < MAX_ATTEMPTS:
            assert _job(region).run_at == at + timedelta(minutes=2**attempt)
            assert _claim(region, at) is None
        at += timedelta(days=1)
    failed = _job(region)
    assert (failed.state, failed.attempts, failed.last_error) == ("FAILED", MAX_ATTEMPTS, f"failure {MAX_ATTEMPTS}")


def _tell(region: Region, key: str) -> None:
    with unit_of_work(region.code) as session:
        enqueue(session, "payment.recorded", {"uid": key}, key=key, at=AT)


def _tell_and_fail(region: Region, key: str) -> None:
    with unit_of_work(region.code) as session:
        enqueue(session, "payment.recorded", {"uid": key}, key=key, at=AT)
        raise RuntimeError


def test_a_message_is_queued_once_and_only_with_its_act(region: Region) -> None:
    _tell(region, "a")
    _tell(region, "a")
    with pytest.raises(RuntimeError):
        _tell_and_fail(region, "b")
    with unit_of_work(region.code) as session:
        assert session.scalars(select(OutboxMessage.key)).all() == ["a"]


def test_what_is_sent_what_nobody_wants_and_what_fails_are_told_apart(region: Region) -> None:
    for key in ("sent", "unwanted", "failing"):
        _tell(region, key)

    def deliver(message: OutboxMessage) -> bool:
        if message.key == "failing":
            raise ConnectionError("no answer")
        return message.key == "sent"

    with unit_of_work(region.code) as session:
        assert send_due(session, deliver, at=AT) == (2, 1)
    with unit_of_work(region.code) as session:
        rows = {row.key: row for row in session.scalars(select(OutboxMessage))}
    assert {key: row.state for key, row in rows.items()} == {"sent": "SENT", "unwanted": "DROPPED", "failing": "QUEUED"}
    assert rows["failing"].last_error == "ConnectionError: no answer"
    assert rows["failing"].next_attempt_at == AT + timedelta(minutes=2)


def test_a_message_that_never_gets_through_is_shown_as_failed(region: Region) -> None:
    _tell(region, "a")

    def refuse(_message: OutboxMessage) -> bool:
        raise ConnectionError("no answer")

    for day in range(MOST_SENDS):
        with unit_of_work(region.code) as session:
            assert send_due(session, refuse, at=AT + timedelta(days=2 * day)) == (0, 1)
    with unit_of_work(region.code) as session:
        assert session.scalars(select(OutboxMessage.state)).all() == ["FAILED"]
        assert send_due(session, refuse, at=AT + timedelta(days=99)) == (0, 0)
