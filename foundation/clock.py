"""The one place that reads the clock, and the one place that turns moments into regional dates and words.

For: `now` (UTC), the business date of a moment in a region's zone, and Indonesian dates on screens.
Not for: holidays (foundation.holidays) or cut-off times of a bank (the partner's profile).

Tests and the demo may shift time: `LUNAS_CLOCK_SHIFT` (seconds) or a file named by `LUNAS_CLOCK_SHIFT_FILE` holding
seconds, which separate processes read alike.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

__all__ = ["business_date", "now", "on_screen_date", "on_screen_moment", "on_screen_period", "today", "zone_label"]

_MONTHS_ID = (
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # noqa: SIM905 - a sentence of months reads better than twelve quotes
)
_MONTHS_EN = "January February March April May June July August September October November December".split()  # noqa: SIM905 - as above
_LABELS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


def now() -> datetime:
    """The present moment in UTC, shifted by the settings named above."""
    return datetime.now(UTC) + _shift()


def today(zone: str) -> date:
    """The date it is now in a region's zone, e.g. "Asia/Makassar"."""
    return business_date(now(), zone)


def business_date(moment: datetime, zone: str) -> date:
    """The calendar date of a moment in a zone. A naive moment is a bug and raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(ZoneInfo(zone)).date()


def zone_label(zone: str) -> str:
    """WIB, WITA or WIT; any other zone (a test's) is named as it is."""
    return _LABELS.get(zone, zone)


def on_screen_date(day: date, language: str = "id") -> str:
    """ "21 November 2026" in Indonesian, or in English where the language is "en"."""
    months = _MONTHS_EN if language == "en" else _MONTHS_ID
    return f"{day.day} {months[day.month - 1]} {day.year}"


def on_screen_period(period: str, language: str = "id") -> str:
    """ "Januari 2026" of a month "2026-01"; a year "2026" as it is. The month's number must be 01 to 12."""
    year, _, month = period.partition("-")
    months = _MONTHS_EN if language == "en" else _MONTHS_ID
    return f"{months[int(month) - 1]} {year}" if month else year


def on_screen_moment(moment: datetime, zone: str, language: str = "id") -> str:
    """ "21 November 2026 14.05 WIB": Indonesian writes hours with a full stop, English with a colon."""
    local = moment.astimezone(ZoneInfo(zone))
    mark = ":" if language == "en" else "."
    return f"{on_screen_date(local.date(), language)} {local.hour:02d}{mark}{local.minute:02d} {zone_label(zone)}"


def _shift() -> timedelta:
    seconds = os.environb.get(b"LUNAS_CLOCK_SHIFT", b"0")  # as bytes: every act reads it several times
    file = os.environb.get(b"LUNAS_CLOCK_SHIFT_FILE")
    if file and Path(os.fsdecode(file)).is_file():
        seconds = Path(os.fsdecode(file)).read_bytes().strip() or b"0"
    return timedelta(seconds=int(seconds))
