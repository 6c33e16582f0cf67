"""Refusals of the contract: what an acquirer, a file or a QRIS code can do wrong.

For: the errors that every adapter raises in the same words, so that callers need not know which bank it was.
Not for: SNAP response codes (the SNAP room and the bank doors), nor refusals of payments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from foundation.errors import Conflict, Invalid, Unavailable
from foundation.money import Money

__all__ = [
    "AcquirerRefused",
    "AcquirerUnreachable",
    "BankFileRefused",
    "FileProblem",
    "QrisInvalid",
    "QrisOverLimit",
    "Reason",
    "SettlementUnreadable",
    "StatementUnreadable",
]


class Reason(NamedTuple):
    """Why something was refused or warned of, in Indonesian and English."""

    text_id: str
    text_en: str

    def __str__(self) -> str:
        return f"{self.text_id} / {self.text_en}"


class AcquirerUnreachable(Unavailable):
    """The acquirer did not answer in time, or not in a way that can be read. Facts: `detail`."""

    code = "acquirer_unreachable"
    text_id = "Penyedia QRIS belum menjawab. Silakan coba lagi atau gunakan virtual account."
    text_en = "The QRIS provider did not answer. Please try again or use the virtual account."


class AcquirerRefused(Conflict):
    """The acquirer answered no. Facts: `detail`, its code and message."""

    code = "acquirer_refused"
    text_id = "Penyedia QRIS menolak permintaan: {detail}."
    text_en = "The QRIS provider refused the request: {detail}."


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing wrong in a file: where (line from 1, field; None = the file as a whole), code and two sentences."""

    line: int | None
    field: str | None
    code: str
    message_id: str
    message_en: str

    def as_dict(self) -> dict[str, Any]:
        """The problem as JSON-ready data, shaped like `LunasError.as_dict`."""
        return {
            "code": self.code,
            "message": {"id": self.message_id, "en": self.message_en},
            "line": self.line,
            "field": self.field,
        }


class BankFileRefused(Invalid):
    """A bank's file is refused whole; `problems` lists everything found wrong, in the order of the file.

    `line` and `field` of the error are those of the first problem.
    """

    code = "bank_file_refused"
    text_id = "Berkas bank ditolak, {count} masalah. {place_id}{reason_id}"
    text_en = "The bank file is refused, {count} problem(s). {place_en}{reason_en}"

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(
            field=first.field,
            line=first.line,
            count=len(self.problems),
            place_id="" if first.line is None else f"Baris {first.line}: ",
            place_en="" if first.line is None else f"Line {first.line}: ",
            reason_id=first.message_id,
            reason_en=first.message_en,
        )

    def as_dict(self) -> dict[str, Any]:
        """As every error, with the list of problems."""
        return super().as_dict() | {"problems": [problem.as_dict() for problem in self.problems]}


class StatementUnreadable(BankFileRefused):
    """A statement file that is not as its format says, or does not foot."""

    code = "statement_unreadable"
    text_id = "Rekening koran ditolak, {count} masalah. {place_id}{reason_id}"
    text_en = "The bank statement is refused, {count} problem(s). {place_en}{reason_en}"


class SettlementUnreadable(BankFileRefused):
    """A settlement file that is not as its format says, or does not sum."""

    code = "settlement_unreadable"
    text_id = "Berkas settlement ditolak, {count} masalah. {place_id}{reason_id}"
    text_en = "The settlement file is refused, {count} problem(s). {place_en}{reason_en}"


class QrisInvalid(Invalid):
    """A QRIS code that breaks a rule of its specification.

    `tag` is the place, dotted when nested ("26.01"), or None when the code as a whole is at fault; `reason` says why
    in both languages.
    """

    code = "qris_invalid"
    text_id = "Kode QRIS tidak sah ({place_id}): {reason_id}"
    text_en = "The QRIS code is not valid ({place_en}): {reason_en}"

    def __init__(self, tag: str | None, reason: Reason) -> None:
        self.tag = tag
        self.reason = reason
        place = ("seluruh kode", "whole code") if tag is None else (f"tag {tag}", f"tag {tag}")
        super().__init__(
            field=tag, place_id=place[0], place_en=place[1], reason_id=reason.text_id, reason_en=reason.text_en
        )


class QrisOverLimit(Invalid):
    """An amount above what one QRIS payment may carry; the payer uses the virtual account instead."""

    code = "qris_over_limit"
    text_id = "Nilai {amount} melebihi batas QRIS {limit}. Gunakan virtual account."
    text_en = "The amount {amount} is above the QRIS limit of {limit}. Use the virtual account."

    def __init__(self, amount: Money, limit: Money) -> None:
        super().__init__(field="amount", amount=amount.on_screen(), limit=limit.on_screen())
