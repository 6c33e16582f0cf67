"""Moments as SNAP writes them: the X-TIMESTAMP header and dates inside bodies.

For: reading ISO 8601 with a zone (and the compact form that ASPI's samples use in bodies), writing both, freshness.
Not for: reading the clock (the moment now is an argument) or business dates (foundation.clock).
Source: interfaces.md §2.3.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from bank_adapters.snap.errors import TimestampUnreadable

__all__ = ["WIB", "is_fresh", "parse_moment", "parse_timestamp", "write_compact", "write_timestamp"]

WIB = timezone(timedelta(hours=7), "WIB")

_EXTENDED = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})(Z|[+-][0-9]{2}:?[0-9]{2})")


def parse_timestamp(text: str, *, field: str = "X-TIMESTAMP") -> datetime:
    """Read "2026-01-31T10:00:00+07:00", "…Z", with or without a fraction of a second, to an aware moment in UTC.

    Raises TimestampUnreadable naming the field: no zone, another form, or a date that does not exist.
    """
    match = _EXTENDED.fullmatch(text)
    if match is None:
        raise TimestampUnreadable(field=field)
    whole, fraction, zone = match.groups()
    micro = f".{(fraction + '000000')[:6]}" if fraction else ""
    return _to_utc(f"{whole}{micro}{zone}", field)


def parse_moment(text: str, *, field: str) -> datetime:
    """Read a date inside a body: as `parse_timestamp`, or compact "20201231T235959Z". Raises TimestampUnreadable."""
    match = _COMPACT.fullmatch(text)
    if match is None:
        return parse_timestamp(text, field=field)
    year, month, day, hour, minute, second, zone = match.groups()
    return _to_utc(f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone}", field)


def _to_utc(iso: str, field: str) -> datetime:
    try:
        return datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise TimestampUnreadable(field=field) from fault


def write_timestamp(moment: datetime, zone: tzinfo = WIB) -> str:
    """ "2026-01-31T10:00:00+07:00": whole seconds in the given zone (WIB). A naive moment raises ValueError."""
    _require_aware(moment)
    return moment.astimezone(zone).isoformat(timespec="seconds")


def write_compact(moment: datetime) -> str:
    """ "20201231T235959Z", in UTC. A naive moment raises ValueError."""
    _require_aware(moment)
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def is_fresh(moment: datetime, *, now: datetime, tolerance_seconds: int) -> bool:
    """True when the moment is within the tolerance of now, before or after (both aware)."""
    return abs(now - moment) <= timedelta(seconds=tolerance_seconds)


def _require_aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
