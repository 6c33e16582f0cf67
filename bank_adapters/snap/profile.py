"""How one partner speaks SNAP: the points on which banks differ, as one frozen record.

For: limits, switches and paths that the parsers, renderers, caller and doors read.
Not for: keys and secrets (they are arguments), or the account numbers of a partner (payments).
Source: interfaces.md §2.3, §2.8 to §2.10 (the "bca" profile is the strictest one seen).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from bank_adapters.snap.errors import ProfileInvalid

__all__ = ["NAMED_PROFILES", "SnapProfile"]

_PATH_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~\-]+)*")
_NOTIFY_SIGNATURES = ("symmetric", "asymmetric")


@dataclass(frozen=True, slots=True)
class SnapProfile:
    """A partner's way of speaking SNAP. Lengths are in characters, times in seconds.

    refusal_returns_money: a VA payment we refuse is returned to the payer by the bank (design.md §8); if not, it is
        recorded as unapplied instead of being refused.
    errors_carry_va_data: 4xx answers (except 401) to VA messages still carry `virtualAccountData` with status "01".
    expires_in_numeric: `expiresIn` as a number (some kits demand it) instead of ASPI's string.
    amount_digits_max: digits before the decimal point.
    path_prefix: what stands before the service's path when we call the partner; the signature covers it.
    partner_id: what it sends as X-PARTNER-ID where that is a code of its own; empty: the client id that we gave it.
    qris_notify_signature: "symmetric" (token and client secret) or "asymmetric" (the partner's RSA key, no token).
    """

    name: str = "snap"
    timestamp_tolerance_seconds: int = 300
    token_lifetime_seconds: int = 900
    expires_in_numeric: bool = False
    customer_no_max: int = 20
    request_id_max: int = 128
    amount_digits_max: int = 14
    name_max: int = 255
    bill_details_max: int = 24
    free_texts_max: int = 25
    refusal_returns_money: bool = True
    errors_carry_va_data: bool = True
    qris_notify_signature: str = "symmetric"
    path_prefix: str = "/v1.0"
    partner_id: str = ""

    @property
    def virtual_account_no_max(self) -> int:
        """Eight characters of partnerServiceId, then the customer number."""
        return 8 + self.customer_no_max

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> SnapProfile:
        """Read a profile as a partner's registration gives it; `name` picks the profile that the rest adjusts.

        Raises ProfileInvalid naming every unknown setting, or the one whose value it cannot have.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(str(key) for key in values if key not in known)
        if unknown:
            raise ProfileInvalid(
                field=", ".join(unknown), reason_id="pengaturan tidak dikenal", reason_en="unknown setting"
            )
        name = values.get("name", "snap")
        base = NAMED_PROFILES.get(name) if isinstance(name, str) else None
        if base is None:
            raise ProfileInvalid(
                field="name",
                reason_id=f"pilih salah satu: {', '.join(NAMED_PROFILES)}",
                reason_en=f"choose one of {', '.join(NAMED_PROFILES)}",
            )
        for key, value in values.items():
            _require_value(base, key, value)
        return replace(base, **{key: value for key, value in values.items() if key != "name"})  # type: ignore[arg-type]  # each value was just checked against its field's type

    def as_dict(self) -> dict[str, object]:
        """Every setting by name, JSON-ready; `from_dict` reads it back to an equal profile."""
        return asdict(self)


_RANGES: Mapping[str, tuple[int, int]] = {
    "timestamp_tolerance_seconds": (1, 3600),
    "token_lifetime_seconds": (60, 86400),
    "customer_no_max": (1, 20),
    "request_id_max": (1, 128),
    "amount_digits_max": (1, 15),
    "name_max": (1, 255),
    "bill_details_max": (1, 24),
    "free_texts_max": (0, 25),
}


def _require_value(base: SnapProfile, key: str, value: object) -> None:
    expected = type(getattr(base, key))
    if type(value) is not expected:
        raise ProfileInvalid(
            field=key,
            reason_id=f"harus berjenis {expected.__name__}",
            reason_en=f"it must be of type {expected.__name__}",
        )
    if key in _RANGES and isinstance(value, int):
        least, most = _RANGES[key]
        if not least <= value <= most:
            raise ProfileInvalid(
                field=key, reason_id=f"harus {least} sampai {most}", reason_en=f"it must be {least} to {most}"
            )
    if key == "qris_notify_signature" and value not in _NOTIFY_SIGNATURES:
        raise ProfileInvalid(
            field=key,
            reason_id=f"pilih salah satu: {', '.join(_NOTIFY_SIGNATURES)}",
            reason_en=f"choose one of {', '.join(_NOTIFY_SIGNATURES)}",
        )
    if key == "path_prefix" and isinstance(value, str) and _PATH_PREFIX.fullmatch(value) is None:
        raise ProfileInvalid(
            field=key,
            reason_id="tulis seperti /openapi/v1.0, tanpa garis miring di akhir",
            reason_en="write it like /openapi/v1.0, with no slash at the end",
        )


NAMED_PROFILES: Mapping[str, SnapProfile] = {
    "snap": SnapProfile(),
    "bca": SnapProfile(
        name="bca",
        customer_no_max=18,
        request_id_max=30,
        amount_digits_max=13,
        name_max=30,
        bill_details_max=5,
        free_texts_max=9,
        path_prefix="/openapi/v1.0",
    ),
}
