"""The worker's head of each day: written once, for its owner alone, and one that verifying takes.

For: the job "head". Not for: what a head proves (tests/ledger/test_sealing_found.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.worker.heads import keep_head
from app.worker.ticking import queue_due
from foundation import clock
from foundation.config import reload_settings
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import SealsEmpty, read_head, seal_head
from tests.ledger.entries import draft, post
from tests.ledger.seals import seal, settle
from tests.sample_chart import load_sample_chart


@pytest.fixture
def heads(region: Region, tmp_path: Path) -> Iterator[Path]:
    """Where the heads of region 3316 are written; the ledger has one entry, not sealed yet."""
    load_sample_chart(region.code)
    post(region.code, draft("payment:1"))
    settle(region.code)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUNAS_HEADS", str(tmp_path / "heads"))
        reload_settings()
        yield tmp_path / "heads" / region.code
    reload_settings()


def head_jobs(region: Region) -> list[str]:
    at = clock.now()
    with unit_of_work(region.code) as session:
        return [
            kind
            for days in (0, 0, 1)
            for kind in queue_due(session, region, at=at + timedelta(days=days), seconds=60)
            if kind == "head"
        ]


def test_a_head_is_written_once_a_day_for_its_owner_alone(region: Region, heads: Path) -> None:
    seal(region.code)
    keep_head(region)
    today = clock.today(region.timezone)
    (file,) = heads.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == (f"head-{today}.json", 0o600)
    first = file.read_bytes()
    with unit_of_work(region.code) as session:
        newest = seal_head(session, at=clock.now())
    assert read_head(first)["block"] == newest["block"]
    post(region.code, draft("payment:2"))
    settle(region.code)
    seal(region.code)
    keep_head(region)
    assert [each.read_bytes() for each in heads.iterdir()] == [first]


def test_a_head_is_queued_once_a_day_and_only_where_there_is_a_seal(region: Region, heads: Path) -> None:
    assert head_jobs(region) == []
    with pytest.raises(SealsEmpty):
        keep_head(region)
    assert not heads.exists()
    seal(region.code)
    assert head_jobs(region) == ["head", "head"]
