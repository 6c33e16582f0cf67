"""What can be refused or go wrong in SNAP, each by name.

For: `SnapRefusal` (a message we refuse, with its seven-digit code), the faults of keys, profiles and timestamps, and
a partner that we call and that gives no usable answer or no token.
Not for: what a business package sees of an acquirer (AcquirerUnreachable and AcquirerRefused of the contract).
"""

from __future__ import annotations

from bank_adapters.snap.codes import Case, Service, compose_code, compose_message
from foundation.errors import Conflict, Invalid, LunasError, Unavailable

__all__ = ["KeyRefused", "PartnerRefused", "PartnerUnreachable", "ProfileInvalid", "SnapRefusal", "TimestampUnreadable"]


class SnapRefusal(LunasError):
    """A SNAP message is refused; `response_code` and `response_message` are what the caller is told.

    `field` is the JSON path of the faulty field (or the header's name) where one is to blame.
    """

    code = "snap_refused"
    http_status = 400
    text_id = "Pesan SNAP ditolak: {response_code} {response_message}."
    text_en = "The SNAP message is refused: {response_code} {response_message}."

    def __init__(self, service: Service, case: Case, detail: str = "", *, field: str | None = None) -> None:
        self.service = service
        self.case = case
        self.response_code = compose_code(service, case)
        self.response_message = compose_message(case, detail if detail else field or "")
        super().__init__(field=field, response_code=self.response_code, response_message=self.response_message)

    @property
    def status(self) -> int:
        """The HTTP status of the answer (`http_status` of the class is only the commonest)."""
        return int(self.case.http)


class KeyRefused(Invalid):
    """A key that must not be used: unreadable, of another kind, or too short."""

    code = "snap_key_refused"
    text_id = "Kunci tidak dapat dipakai: {reason_id}."
    text_en = "The key cannot be used: {reason_en}."


class ProfileInvalid(Invalid):
    """A partner's SNAP profile names a setting that does not exist, or gives one a value it cannot have."""

    code = "snap_profile_invalid"
    text_id = "Profil SNAP tidak sah pada {field}: {reason_id}."
    text_en = "The SNAP profile is not valid at {field}: {reason_en}."


class TimestampUnreadable(Invalid):
    """A moment that is not ISO 8601 with its zone."""

    code = "snap_timestamp_unreadable"
    text_id = "Waktu pada {field} tidak terbaca; tulis seperti 2026-01-31T10:00:00+07:00."
    text_en = "The moment in {field} cannot be read; write it like 2026-01-31T10:00:00+07:00."


class PartnerUnreachable(Unavailable):
    """A partner that we called over SNAP did not answer in time, or not in a way that can be read."""

    code = "snap_partner_unreachable"
    text_id = "Mitra SNAP belum memberi jawaban yang dapat dipakai: {detail}."
    text_en = "The SNAP partner gave no usable answer: {detail}."


class PartnerRefused(Conflict):
    """A partner that we called over SNAP said no; `response_code` and `response_message` are its words."""

    code = "snap_partner_refused"
    text_id = "Mitra SNAP menolak: {response_code} {response_message}."
    text_en = "The SNAP partner refused: {response_code} {response_message}."
