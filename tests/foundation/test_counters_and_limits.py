"""Gapless numbers, and counting attempts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from foundation.counters import DocumentCounter, take_numbers
from foundation.db import unit_of_work
from foundation.limits import LimitCounter, TooManyAttempts, count_and_check, drop_old_counters
from foundation.regions import Region

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def _take(region: Region, count: int = 1, *, year: int = 2026, unit: str = "01") -> list[int]:
    with unit_of_work(region.code) as session:
        return list(take_numbers(session, "SKPD", year=year, unit=unit, count=count))


def _take_and_fail(region: Region, count: int) -> None:
    with unit_of_work(region.code) as session:
        assert list(take_numbers(session, "SKPD", year=2026, unit="01", count=count)) == [2, 3, 4, 5, 6]
        raise RuntimeError


def test_each_series_year_and_unit_begins_at_one(region: Region, other_region: Region) -> None:
    assert _take(region) == [1]
    assert _take(region, 3) == [2, 3, 4]
    assert _take(region, year=2027) == [1]
    assert _take(region, unit="02") == [1]
    assert _take(other_region) == [1]
    assert _take(region) == [5]


def test_an_undone_act_gives_its_numbers_back(region: Region) -> None:
    assert _take(region) == [1]
    with pytest.raises(RuntimeError):
        _take_and_fail(region, 5)
    assert _take(region) == [2]


def test_many_at_once_get_every_number_once(region: Region) -> None:
    start = Barrier(8)

    def take(_: int) -> list[int]:
        start.wait()
        return [number for _ in range(10) for number in _take(region)]

    with ThreadPoolExecutor(8) as pool:
        taken = sorted(number for numbers in pool.map(take, range(8)) for number in numbers)
    assert taken == list(range(1, 81))
    with unit_of_work(region.code) as session:
        assert session.scalars(select(DocumentCounter.last_number)).all() == [80]


def _attempt(region: Region, at: datetime, bucket: str = "sign-in:user:ani") -> None:
    with unit_of_work(region.code) as session:
        count_and_check(session, bucket, limit=3, window_seconds=900, at=at)


def test_attempts_above_the_limit_wait_for_the_next_window(region: Region, other_region: Region) -> None:
    for _ in range(3):
        _attempt(region, AT)
    with pytest.raises(TooManyAttempts) as refused:
        _attempt(region, AT + timedelta(minutes=5))
    assert refused.value.facts == {"minutes": 10}
    _attempt(region, AT, "sign-in:user:budi")
    _attempt(other_region, AT)
    _attempt(region, AT + timedelta(minutes=15))


def test_attempts_at_once_are_all_counted(region: Region) -> None:
    def attempt(_: int) -> bool:
        try:
            _attempt(region, AT)
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 3


def test_old_windows_are_dropped(region: Region) -> None:
    _attempt(region, AT)
    _attempt(region, AT + timedelta(days=1))
    with unit_of_work(region.code) as session:
        assert drop_old_counters(session, before=AT + timedelta(hours=1)) == 1
        assert len(session.scalars(select(LimitCounter)).all()) == 1
