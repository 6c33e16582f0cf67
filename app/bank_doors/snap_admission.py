"""Who knocks: from the headers of a SNAP request to the partner that signed it.

For: the token door's signature, and the token, timestamp and signature of every other message.
Not for: what the message asks.

A partner's row and keys are remembered for a few seconds per process, since every message needs them; a key that is
withdrawn is refused after that time at the latest.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bank_adapters.snap import (
    TOKEN,
    Case,
    RequestHeaders,
    Service,
    SnapProfile,
    SnapRefusal,
    load_public_key,
    parse_request_headers,
    parse_token_headers,
    require_fresh,
    verify_asymmetric,
    verify_symmetric,
    verify_token,
)
from foundation.db import unit_of_work
from foundation.regions import Region
from payments import Partner, find_partner_by_client_id, find_partner_by_token, partner_keys

__all__ = ["Caller", "admit_request", "admit_token_request", "forget_callers"]

_REMEMBERED = timedelta(seconds=5)
_MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner as the doors know it: its row, how it speaks, and the keys that its signatures are checked with."""

    partner: Partner
    profile: SnapProfile
    public_keys: tuple[RSAPublicKey, ...]
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request whose signature was right."""

    caller: Caller
    headers: RequestHeaders


_callers: dict[tuple[str, str, bytes], tuple[datetime, Caller]] = {}
_lock = threading.Lock()


def forget_callers() -> None:
    """Forget what is remembered; for tests that change a partner."""
    with _lock:
        _callers.clear()


def admit_token_request(region: Region, headers: dict[str, str], *, at: datetime) -> Caller:
    """The partner that asks for a token. Raises SnapRefusal 40173xx: unknown client, timestamp, signature."""
    given = parse_token_headers(headers)
    caller = _remembered(region, "client", given.client_key, at)
    if caller is None:
        raise SnapRefusal(TOKEN, Case.UNAUTHORIZED, "Unknown client", field="X-CLIENT-KEY")
    _require_fresh(TOKEN, given.timestamp, caller, at)
    right = any(
        verify_token(key, given.signature, client_id=given.client_key, timestamp=given.timestamp_text)
        for key in caller.public_keys
    )
    if not right:
        raise SnapRefusal(TOKEN, Case.UNAUTHORIZED, "Signature", field="X-SIGNATURE")
    return caller


def find_caller(region: Region, headers: dict[str, str], *, at: datetime) -> Caller | None:
    """The partner that a request claims to come from, by X-CLIENT-KEY or X-PARTNER-ID; nothing is proven yet."""
    claimed = headers.get("x-client-key") or headers.get("x-partner-id") or ""
    return _remembered(region, "client", claimed.strip(), at)


def admit_request(
    service: Service, region: Region, headers: dict[str, str], *, method: str, path: str, body: bytes, at: datetime
) -> Admitted:
    """The partner that signed this request. Raises SnapRefusal 401xxyy, or 400xxyy naming a malformed header.

    `path` is path and query as received, since the signature covers exactly that.
    """
    claimed = find_caller(region, headers, at=at)
    by_key = service.number == "52" and claimed is not None and claimed.profile.qris_notify_signature == "asymmetric"
    given = parse_request_headers(service, headers, needs_token=not by_key)
    caller = claimed
    if not by_key:
        caller = _remembered(region, "token", given.access_token or "", at)
        if caller is None:
            raise SnapRefusal(service, Case.INVALID_TOKEN, field="Authorization")
    if caller is None or given.partner_id != (caller.profile.partner_id or caller.partner.client_id):
        raise SnapRefusal(service, Case.UNAUTHORIZED, "Unknown client", field="X-PARTNER-ID")
    _require_fresh(service, given.timestamp, caller, at)
    if not _is_signed(caller, given, by_key=by_key, method=method, path=path, body=body):
        raise SnapRefusal(service, Case.UNAUTHORIZED, "Signature", field="X-SIGNATURE")
    return Admitted(caller, given)


def _is_signed(caller: Caller, given: RequestHeaders, *, by_key: bool, method: str, path: str, body: bytes) -> bool:
    if by_key:
        return any(
            verify_asymmetric(key, given.signature, method=method, path=path, body=body, timestamp=given.timestamp_text)
            for key in caller.public_keys
        )
    return any(
        verify_symmetric(
            secret,
            given.signature,
            method=method,
            path=path,
            token=given.access_token or "",
            body=body,
            timestamp=given.timestamp_text,
        )
        for secret in caller.secrets
    )


def _require_fresh(service: Service, timestamp: datetime, caller: Caller, at: datetime) -> None:
    require_fresh(service, timestamp, now=at, tolerance_seconds=caller.profile.timestamp_tolerance_seconds)


def _remembered(region: Region, by: str, value: str, at: datetime) -> Caller | None:
    """A caller by client id or by token, from memory or from the database; an unknown one is never remembered."""
    if not value:
        return None
    key = (region.code, by, hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest())
    with _lock:
        known = _callers.get(key)
    if known is not None and known[0] > at:
        return known[1]
    caller = _fetch(region, by, value, at)
    if caller is not None:
        with _lock:
            if len(_callers) >= _MOST_REMEMBERED:
                _callers.clear()
            _callers[key] = (at + _REMEMBERED, caller)
    return caller


def _fetch(region: Region, by: str, value: str, at: datetime) -> Caller | None:
    if not value.isascii():
        return None
    with unit_of_work(region.code) as session:
        if by == "client":
            partner = find_partner_by_client_id(session, value)
        else:
            partner = find_partner_by_token(session, value, at=at)
        if partner is None:
            return None
        keys = partner_keys(session, partner, at=at)
    return Caller(
        partner=partner,
        profile=SnapProfile.from_dict(partner.profile),
        public_keys=tuple(load_public_key(pem) for pem in keys.verify_pems),
        secrets=keys.secrets_in,
    )
