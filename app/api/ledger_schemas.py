"""The shapes of the ledger's API: what may be asked and what is answered.

For: reading parameters, and the OpenAPI document.
Not for: writing answers; `ledger.entry_as_dict` writes entries, and a test holds both to each other.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.api.fields import (
    AnswerSchema,
    CodeField,
    DateField,
    FlagField,
    MomentField,
    MoneyField,
    NumberField,
    QuerySchema,
    WordField,
    both,
)
from ledger import EXPORT_FORMATS, DatesReversed

__all__ = [
    "AccountLedgerAnswer",
    "AccountLedgerManifestQuery",
    "AccountLedgerQuery",
    "BalancesAnswer",
    "BalancesManifestQuery",
    "BalancesQuery",
    "EntriesAnswer",
    "EntriesManifestQuery",
    "EntriesQuery",
    "ManifestAnswer",
    "TrialBalanceAnswer",
    "TrialBalanceManifestQuery",
    "TrialBalanceQuery",
]

_BOOKS = ("F", "A")
_ACCOUNT = r"^[1-8](\.[0-9]{1,4}){0,5}$"
# Codes that a region chose itself: anything on one line, up to the length of the column.
_OWN_CODE = r"^[^\x00-\x1f\x7f]{1,40}$"


_SNAPSHOT = r"^[0-9]{1,19}-[0-9]{1,18}$"
_FINAL = "known_at: jawabannya tidak berubah lagi / the answer can no longer change; true where known_at is not asked"
_PARTNER = {"description": "Kode bank mitra / partner code"}
_FORMAT = {"description": "Selain header Accept / instead of the header Accept; berkas: semuanya / a file: all"}


def _format(what: str) -> WordField:
    return WordField("json", *EXPORT_FORMATS[what], metadata=_FORMAT)


def _file_format(what: str) -> WordField:
    return WordField(*EXPORT_FORMATS[what], required=True, metadata={"description": "Bentuk berkas / of the file"})


def _limit() -> NumberField:
    return NumberField(least=1, most=1000, load_default=200)


class _Narrowing(QuerySchema):
    account = CodeField(
        _ACCOUNT, like="4.1.01", metadata={"description": "Rekening beserta bawahannya / the account and all below it"}
    )
    entity = CodeField(_OWN_CODE, like="5.02.0.00.0.00.01.0000", metadata={"description": "Kode entitas / entity code"})
    book = WordField(*_BOOKS, metadata={"description": "F: buku finansial / financial; A: buku anggaran / budget"})
    known_at = MomentField(metadata={"description": "Seperti diketahui saat itu / as it was known at that moment"})
    snapshot = CodeField(
        _SNAPSHOT,
        like="7311-0",
        metadata={"description": "Dari manifes atau / of a manifest or the header Lunas-Snapshot"},
    )


class _Dated(_Narrowing):
    accounted_from = DateField(metadata={"description": "Tanggal pembukuan pertama / first accounting date"})
    accounted_to = DateField(metadata={"description": "Tanggal pembukuan terakhir / last accounting date"})
    partner = CodeField(_OWN_CODE, like="BANKCONTOH", metadata=_PARTNER)

    @ma.validates_schema
    def check_order(self, data: dict[str, Any], **_: Any) -> None:
        """A range that ends before it begins would answer with nothing and look like an empty ledger."""
        _refuse_order(data, "accounted_from", "accounted_to")


class EntriesManifestQuery(_Dated):
    """Parameters of a file of entries."""

    kind = CodeField(_OWN_CODE, like="paid_at_partner", metadata={"description": "Jenis jurnal / kind of journal"})
    format = _file_format("entries")


class EntriesQuery(EntriesManifestQuery):
    """Parameters of the list of entries."""

    cursor = CodeField(
        r"^[0-9]{1,19}-[0-9]{1,18}$",
        like="7311-104",
        metadata={"description": "`next_cursor` atau `position` dari halaman sebelumnya / of an earlier page"},
    )
    limit = _limit()
    format = _format("entries")


class AccountLedgerManifestQuery(_Dated):
    """Parameters of a file of the account ledger."""

    format = _file_format("account-ledger")


class AccountLedgerQuery(AccountLedgerManifestQuery):
    """Parameters of the account ledger."""

    cursor = CodeField(
        r"^[A-Za-z0-9_-]{1,800}$",
        like="WyI3MzExLTAiLCJGIiwiUFBLRCJd",
        metadata={"description": "`next_cursor` dari halaman sebelumnya / of an earlier page"},
    )
    limit = _limit()
    format = _format("account-ledger")


class BalancesManifestQuery(_Narrowing):
    """Parameters of a file of balances."""

    on = DateField(metadata={"description": "Sampai dengan tanggal / until this date; default hari ini / today"})
    since = DateField(metadata={"description": "Mutasi sejak tanggal / only movements from this date"})
    format = _file_format("balances")


class BalancesQuery(BalancesManifestQuery):
    """Parameters of the balances."""

    format = _format("balances")


class TrialBalanceManifestQuery(_Narrowing):
    """Parameters of a file of the trial balance."""

    since = DateField(required=True, metadata={"description": "Tanggal pembukuan pertama / first accounting date"})
    on = DateField(required=True, metadata={"description": "Tanggal pembukuan terakhir / last accounting date"})
    before_closing = FlagField(
        load_default=False, metadata={"description": "Tanpa jurnal penutup / without closing entries of these dates"}
    )
    format = _file_format("trial-balance")

    @ma.validates_schema
    def check_order(self, data: dict[str, Any], **_: Any) -> None:
        """The same for the two dates of a trial balance."""
        _refuse_order(data, "since", "on")


class TrialBalanceQuery(TrialBalanceManifestQuery):
    """Parameters of the trial balance."""

    format = _format("trial-balance")


def _refuse_order(data: dict[str, Any], first: str, last: str) -> None:
    if data.get(first) and data.get(last) and data[last] < data[first]:
        refused = DatesReversed(since=data[first], on=data[last])
        raise ma.ValidationError({last: both(refused.message_id, refused.message_en)})


class LedgerLine(AnswerSchema):
    """One posting; `counterpart` stands on RK lines only."""

    line_no = fields.Integer(required=True)
    book = fields.String(required=True, validate=validate.OneOf(_BOOKS))
    entity = fields.String(required=True)
    account = fields.String(required=True)
    account_name = fields.String(required=True)
    side = fields.String(required=True, validate=validate.OneOf(("debit", "credit")))
    amount = MoneyField(required=True)
    counterpart = fields.String(required=True, allow_none=True)
    partner = fields.String(required=True, allow_none=True)


class LedgerEntry(AnswerSchema):
    """One journal entry with all its postings."""

    id = fields.Integer(required=True)
    uid = fields.UUID(required=True)
    kind = fields.String(required=True)
    key = fields.String(required=True)
    accounted_on = fields.Date(required=True)
    occurred_at = fields.DateTime(required=True)
    recorded_at = fields.DateTime(required=True)
    description = fields.String(required=True)
    source_kind = fields.String(required=True)
    source_uid = fields.UUID(required=True, allow_none=True)
    actor = fields.String(required=True)
    lines = fields.List(fields.Nested(LedgerLine), required=True)


class EntriesAnswer(AnswerSchema):
    """One page of entries. `next_cursor` is null when there is no more now; `position` is where to go on later."""

    entries = fields.List(fields.Nested(LedgerEntry), required=True)
    final = fields.Boolean(required=True, metadata={"description": _FINAL})
    next_cursor = fields.String(required=True, allow_none=True)
    position = fields.String(required=True)


class Balance(AnswerSchema):
    """One account of one entity; negative when it stands on the other than its normal side."""

    book = fields.String(required=True, validate=validate.OneOf(_BOOKS))
    entity = fields.String(required=True)
    account = fields.String(required=True)
    account_name = fields.String(required=True)
    normal_side = fields.String(required=True, validate=validate.OneOf(("debit", "credit")))
    debit = MoneyField(required=True)
    credit = MoneyField(required=True)
    balance = MoneyField(signed=True, required=True)


class BalancesAnswer(AnswerSchema):
    """Every account that has postings; a balance on the other than the normal side is negative."""

    on = fields.Date(required=True)
    since = fields.Date(required=True, allow_none=True)
    final = fields.Boolean(required=True, metadata={"description": _FINAL})
    balances = fields.List(fields.Nested(Balance), required=True)


class AccountLedgerRow(AnswerSchema):
    """An opening row (`accounted_on` null, no debit or credit), or a posting with the balance after it."""

    book = fields.String(required=True, validate=validate.OneOf(_BOOKS))
    entity = fields.String(required=True)
    account = fields.String(required=True)
    account_name = fields.String(required=True)
    accounted_on = fields.Date(required=True, allow_none=True)
    entry_id = fields.Integer(required=True, allow_none=True)
    entry_uid = fields.UUID(required=True, allow_none=True)
    line_no = fields.Integer(required=True, allow_none=True)
    kind = fields.String(required=True, allow_none=True)
    key = fields.String(required=True, allow_none=True)
    description = fields.String(required=True, allow_none=True)
    counterpart = fields.String(required=True, allow_none=True)
    partner = fields.String(required=True, allow_none=True)
    debit = MoneyField(required=True, allow_none=True)
    credit = MoneyField(required=True, allow_none=True)
    balance = MoneyField(signed=True, required=True)


class AccountLedgerAnswer(AnswerSchema):
    """One page of the account ledger, of `snapshot`. `next_cursor` is null at the end."""

    rows = fields.List(fields.Nested(AccountLedgerRow), required=True)
    final = fields.Boolean(required=True, metadata={"description": _FINAL})
    next_cursor = fields.String(required=True, allow_none=True)
    snapshot = fields.String(required=True)


class TrialBalanceLine(AnswerSchema):
    """One account of one entity; `opening` and `closing` on its normal side, negative when on the other."""

    book = fields.String(required=True, validate=validate.OneOf(_BOOKS))
    entity = fields.String(required=True)
    account = fields.String(required=True)
    account_name = fields.String(required=True)
    normal_side = fields.String(required=True, validate=validate.OneOf(("debit", "credit")))
    opening = MoneyField(signed=True, required=True)
    debit = MoneyField(required=True)
    credit = MoneyField(required=True)
    closing = MoneyField(signed=True, required=True)
    closing_debit = MoneyField(required=True)
    closing_credit = MoneyField(required=True)


class BookTotal(AnswerSchema):
    """The two columns of a trial balance; they come to the same."""

    book = fields.String(required=True, validate=validate.OneOf(_BOOKS))
    debit = MoneyField(required=True)
    credit = MoneyField(required=True)


class TrialBalanceAnswer(AnswerSchema):
    """The trial balance of the dates `since` to `on`, both included."""

    since = fields.Date(required=True)
    on = fields.Date(required=True)
    final = fields.Boolean(required=True, metadata={"description": _FINAL})
    totals = fields.List(fields.Nested(BookTotal), required=True)
    lines = fields.List(fields.Nested(TrialBalanceLine), required=True)


class ManifestTotal(AnswerSchema):
    """Sums of a book's amounts in the file; the closing columns stand in trial balances only."""

    book = fields.String(required=True, validate=validate.OneOf(_BOOKS))
    debit = MoneyField(required=True)
    credit = MoneyField(required=True)
    closing_debit = MoneyField()
    closing_credit = MoneyField()


class ManifestAnswer(AnswerSchema):
    """What a file holds. `entries` and `postings` are of files of entries only, `final` where `known_at` is asked."""

    lunas_manifest = fields.Integer(required=True, metadata={"description": "Versi / version: 1"})
    what = fields.String(required=True)
    format = fields.String(required=True)
    region = fields.String(required=True)
    filters = fields.Dict(required=True)
    snapshot = fields.String(required=True)
    written_at = fields.DateTime(required=True)
    final = fields.Boolean(metadata={"description": _FINAL})
    rows = fields.Integer(required=True)
    entries = fields.Integer()
    postings = fields.Integer()
    totals = fields.List(fields.Nested(ManifestTotal), required=True)
    size = fields.Integer(required=True, metadata={"description": "Byte / bytes"})
    sha256 = fields.String(required=True, metadata={"pattern": "^[0-9a-f]{64}$"})
