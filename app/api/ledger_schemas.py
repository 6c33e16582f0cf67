"""The shapes of the ledger's API: what may be asked and what is answered.

For: reading parameters, and the OpenAPI document.
Not for: writing answers; `ledger.entry_as_dict` writes entries, and a test holds both to each other.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.api.fields import AnswerSchema, CodeField, DateField, MoneyField, NumberField, QuerySchema, WordField, both

__all__ = ["BalancesAnswer", "BalancesQuery", "EntriesAnswer", "EntriesQuery"]

_BOOKS = ("F", "A")
_ACCOUNT = r"^[1-8](\.[0-9]{1,4}){0,5}$"
# Codes that a region chose itself: anything on one line, up to the length of the column.
_OWN_CODE = r"^[^\x00-\x1f\x7f]{1,40}$"


class _Narrowing(QuerySchema):
    account = CodeField(
        _ACCOUNT, like="4.1.01", metadata={"description": "Akun beserta turunannya / the account and all below it"}
    )
    entity = CodeField(_OWN_CODE, like="5.02.0.00.0.00.01.0000", metadata={"description": "Kode entitas / entity code"})
    book = WordField(*_BOOKS, metadata={"description": "F: buku finansial / financial; A: buku anggaran / budget"})


class EntriesQuery(_Narrowing):
    """Parameters of the list of entries."""

    cursor = CodeField(
        r"^[0-9]{1,19}-[0-9]{1,18}$",
        like="7311-104",
        metadata={"description": "`next_cursor` atau `position` dari halaman sebelumnya / of an earlier page"},
    )
    limit = NumberField(least=1, most=1000, load_default=200)
    accounted_from = DateField(metadata={"description": "Tanggal pembukuan pertama / first accounting date"})
    accounted_to = DateField(metadata={"description": "Tanggal pembukuan terakhir / last accounting date"})
    partner = CodeField(_OWN_CODE, like="BANKCONTOH", metadata={"description": "Kode bank mitra / partner code"})
    kind = CodeField(_OWN_CODE, like="paid_at_partner", metadata={"description": "Jenis jurnal / kind of journal"})
    format = WordField(
        "json", "csv", metadata={"description": "Selain header Accept / instead of the header Accept; csv: semua baris"}
    )

    @ma.validates_schema
    def check_order(self, data: dict[str, Any], **_: Any) -> None:
        """A range that ends before it begins would answer with nothing and look like an empty ledger."""
        first, last = data.get("accounted_from"), data.get("accounted_to")
        if first and last and last < first:
            told = both("Tanggal akhir sebelum tanggal awal.", "The last date is before the first.")
            raise ma.ValidationError({"accounted_to": told})


class BalancesQuery(_Narrowing):
    """Parameters of the balances."""

    on = DateField(metadata={"description": "Sampai dengan tanggal / until this date; default hari ini / today"})
    since = DateField(metadata={"description": "Mutasi sejak tanggal / only movements from this date"})


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
    balances = fields.List(fields.Nested(Balance), required=True)
