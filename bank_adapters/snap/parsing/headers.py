"""The headers of a SNAP request, checked before its body is looked at.

For: the header values as typed records, and whether the timestamp is fresh.
Not for: whether the signature or the token is right (the door asks `signatures` and payments).
Source: interfaces.md §2.2 and §2.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bank_adapters.snap.codes import TOKEN, Case, Service
from bank_adapters.snap.errors import SnapRefusal, TimestampUnreadable
from bank_adapters.snap.timestamps import is_fresh, parse_timestamp

__all__ = ["RequestHeaders", "TokenHeaders", "parse_request_headers", "parse_token_headers", "require_fresh"]

_VISIBLE = re.compile("[!-~]+")
_BEARER = re.compile("bearer +([!-~]{1,2048})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TokenHeaders:
    """Headers of an access token request; `timestamp_text` is what was signed, `timestamp` its moment in UTC."""

    client_key: str
    signature: str
    timestamp_text: str
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class RequestHeaders:
    """Headers of any other request; `access_token` is None where the partner signs without a token and sent none."""

    partner_id: str
    external_id: str
    channel_id: str
    signature: str
    timestamp_text: str
    timestamp: datetime
    access_token: str | None

    @property
    def sent_on(self) -> date:
        """The calendar day of the sender's own clock: X-TIMESTAMP in its own offset."""
        return date.fromisoformat(self.timestamp_text[:10])


def parse_token_headers(headers: Mapping[str, str]) -> TokenHeaders:
    """X-CLIENT-KEY, X-TIMESTAMP and X-SIGNATURE. Raises SnapRefusal 4007302 or 4007301 naming the header."""
    given = _lower_names(headers)
    timestamp_text, timestamp = _timestamp(TOKEN, given)
    return TokenHeaders(
        client_key=_get(TOKEN, given, "X-CLIENT-KEY", 64),
        signature=_get(TOKEN, given, "X-SIGNATURE", 2048),
        timestamp_text=timestamp_text,
        timestamp=timestamp,
    )


def parse_request_headers(service: Service, headers: Mapping[str, str], *, needs_token: bool = True) -> RequestHeaders:
    """The headers of a service request.

    Raises SnapRefusal: 401xx01 where a token is needed and there is no bearer token; 400xx02 or 400xx01 naming the
    header that is missing, too long or malformed.
    """
    given = _lower_names(headers)
    timestamp_text, timestamp = _timestamp(service, given)
    return RequestHeaders(
        access_token=_access_token(service, given, needed=needs_token),
        partner_id=_get(service, given, "X-PARTNER-ID", 36),
        external_id=_get(service, given, "X-EXTERNAL-ID", 36),
        channel_id=_get(service, given, "CHANNEL-ID", 5),
        signature=_get(service, given, "X-SIGNATURE", 2048),
        timestamp_text=timestamp_text,
        timestamp=timestamp,
    )


def require_fresh(service: Service, timestamp: datetime, *, now: datetime, tolerance_seconds: int) -> None:
    """Refuse a timestamp too far from now, either way, as 401xx00 "Unauthorized. [Timestamp]"."""
    if not is_fresh(timestamp, now=now, tolerance_seconds=tolerance_seconds):
        raise SnapRefusal(service, Case.UNAUTHORIZED, "Timestamp", field="X-TIMESTAMP")


def _lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _get(service: Service, given: Mapping[str, str], name: str, longest: int) -> str:
    value = given.get(name.lower(), "").strip()
    if not value:
        raise SnapRefusal(service, Case.MISSING_FIELD, field=name)
    if len(value) > longest or _VISIBLE.fullmatch(value) is None:
        raise SnapRefusal(service, Case.INVALID_FIELD, field=name)
    return value


def _timestamp(service: Service, given: Mapping[str, str]) -> tuple[str, datetime]:
    text = _get(service, given, "X-TIMESTAMP", 35)
    try:
        return text, parse_timestamp(text)
    except TimestampUnreadable as fault:
        raise SnapRefusal(service, Case.INVALID_FIELD, field="X-TIMESTAMP") from fault


def _access_token(service: Service, given: Mapping[str, str], *, needed: bool) -> str | None:
    match = _BEARER.fullmatch(given.get("authorization", "").strip())
    if match is None and needed:
        raise SnapRefusal(service, Case.INVALID_TOKEN, field="Authorization")
    return match[1] if match else None
