"""The error tree: every refusal that a person or a bank can meet has a code, a status and two languages.

For: naming what went wrong, and where (field, line), in Indonesian and English.
Not for: the shape of an HTTP or SNAP answer (the doors in `app/` translate), or programming errors (let those crash).

A package states its own refusals as subclasses in its `errors.py`; `docs/errors.md` lists every code, and a test
holds the two equal.
"""

from __future__ import annotations

from typing import Any, ClassVar

from foundation.wording import in_words

__all__ = [
    "AmountUnreadable",
    "Conflict",
    "DatabaseNewer",
    "EmbeddedServerUnavailable",
    "Forbidden",
    "Invalid",
    "LunasError",
    "NotFound",
    "SettingsIncomplete",
    "Unavailable",
]


class LunasError(Exception):
    """Base of every named refusal.

    `code` is stable and public; `text_id` and `text_en` are templates over the facts given at raise time; each language
    writes amounts and dates among them in its own way.
    `field` and `line` say where the fault lies when the input has such places.
    """

    code: ClassVar[str] = "lunas_error"
    http_status: ClassVar[int] = 500
    text_id: ClassVar[str] = "Terjadi kesalahan."
    text_en: ClassVar[str] = "Something went wrong."

    def __init__(self, *, field: str | None = None, line: int | None = None, **facts: Any) -> None:
        self.field = field
        self.line = line
        self.facts = facts
        super().__init__(self.message_en)

    @property
    def message_id(self) -> str:
        """The sentence in Indonesian."""
        return self.text_id.format(field=self.field, line=self.line, **in_words(self.facts, "id"))

    @property
    def message_en(self) -> str:
        """The sentence in English."""
        return self.text_en.format(field=self.field, line=self.line, **in_words(self.facts, "en"))

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON-ready data: code, both sentences, and field and line where known."""
        told: dict[str, Any] = {"code": self.code, "message": {"id": self.message_id, "en": self.message_en}}
        if self.field is not None:
            told["field"] = self.field
        if self.line is not None:
            told["line"] = self.line
        return told


class Invalid(LunasError):
    """The input itself is wrong; the sender must change it."""

    code = "invalid"
    http_status = 422
    text_id = "Isian {field} tidak dapat diterima."
    text_en = "The value of {field} cannot be accepted."


class NotFound(LunasError):
    """What was asked for does not exist here (in this region)."""

    code = "not_found"
    http_status = 404
    text_id = "Data tidak ditemukan."
    text_en = "Not found."


class Conflict(LunasError):
    """The input is well formed but contradicts what is already recorded."""

    code = "conflict"
    http_status = 409
    text_id = "Bertentangan dengan data yang sudah tercatat."
    text_en = "This contradicts what is already recorded."


class Forbidden(LunasError):
    """The asker may not do this."""

    code = "forbidden"
    http_status = 403
    text_id = "Anda tidak berwenang melakukan ini."
    text_en = "You are not allowed to do this."


class Unavailable(LunasError):
    """Something outside did not answer; trying again later is right."""

    code = "unavailable"
    http_status = 503
    text_id = "Layanan belum dapat dijangkau. Silakan coba lagi."
    text_en = "The service cannot be reached right now. Please try again."


class AmountUnreadable(Invalid):
    """An amount that is not written as its format says."""

    code = "amount_unreadable"
    text_id = "Nilai uang pada {field} tidak terbaca: {text!r}."
    text_en = "The amount in {field} cannot be read: {text!r}."


class SettingsIncomplete(LunasError):
    """One or more settings are missing or unreadable; all are named at once."""

    code = "settings_incomplete"
    text_id = "Pengaturan belum lengkap:\n{problems}"
    text_en = "The settings are not complete:\n{problems}"


class DatabaseNewer(Conflict):
    """A schema was migrated by a newer Lunas than this one. Facts: `schema`, `version`."""

    code = "database_newer"
    text_id = "Skema {schema} sudah pada versi {version}, lebih baru dari Lunas ini. Perbarui Lunas lebih dahulu."
    text_en = "Schema {schema} is at version {version}, newer than this Lunas. Update Lunas first."


class EmbeddedServerUnavailable(Unavailable):
    """The embedded PostgreSQL server could not be set up, started or reached; the reason says what to do."""

    code = "embedded_server_unavailable"
    text_id = "Server PostgreSQL bawaan tidak dapat dijalankan: {reason_id}"
    text_en = "The embedded PostgreSQL server cannot run: {reason_en}"
