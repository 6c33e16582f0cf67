"""The clock: UTC moments, regional dates, and Indonesian words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from foundation import clock

LATE_EVENING_UTC = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)


def test_the_same_moment_has_another_date_further_east() -> None:
    assert clock.business_date(LATE_EVENING_UTC, "Asia/Jakarta") == date(2026, 12, 31)
    assert clock.business_date(LATE_EVENING_UTC, "Asia/Makassar") == date(2027, 1, 1)
    assert clock.business_date(LATE_EVENING_UTC, "Asia/Jayapura") == date(2027, 1, 1)


def test_a_moment_without_a_zone_is_a_fault() -> None:
    with pytest.raises(ValueError):
        clock.business_date(datetime(2026, 1, 1), "Asia/Jakarta")  # noqa: DTZ001 - that is what is refused


def test_dates_and_moments_are_written_in_both_languages() -> None:
    assert clock.on_screen_date(date(2026, 5, 1)) == "1 Mei 2026"
    assert clock.on_screen_date(date(2026, 5, 1), "en") == "1 May 2026"
    assert clock.on_screen_moment(LATE_EVENING_UTC, "Asia/Jakarta") == "31 Desember 2026 23.30 WIB"
    assert clock.on_screen_moment(LATE_EVENING_UTC, "Asia/Makassar") == "1 Januari 2027 00.30 WITA"
    assert clock.on_screen_moment(LATE_EVENING_UTC, "Asia/Jayapura", "en") == "1 January 2027 01:30 WIT"


def test_periods_are_written_in_both_languages() -> None:
    assert clock.on_screen_period("2026-01") == "Januari 2026"
    assert clock.on_screen_period("2026-12", "en") == "December 2026"
    assert clock.on_screen_period("2026") == clock.on_screen_period("2026", "en") == "2026"


def test_the_clock_is_shifted_by_seconds_and_the_file_goes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", "86400")
    assert clock.now() - datetime.now(UTC) > timedelta(hours=23)
    file = tmp_path / "shift"
    file.write_text("-86400\n", encoding="ascii")
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT_FILE", str(file))
    assert clock.now() - datetime.now(UTC) < timedelta(hours=-23)
    assert clock.now().tzinfo is UTC
