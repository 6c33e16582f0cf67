"""Refusals of reconciliation: files that cannot be taken, and things that are asked for and not there.

For: the named reasons; a refused file is kept with them, and a person is shown both sentences.
Not for: files that break their format (bank_adapters.contract), or differences, which are findings and not refusals.
"""

from typing import Any

from foundation.errors import Conflict, Invalid, NotFound
from foundation.wording import in_words

__all__ = [
    "AccountUnknown",
    "FileTooLarge",
    "RunUnknown",
    "SettlementContradicts",
    "SettlementPartnerUnknown",
    "SettlementValueTooLong",
    "StatementContradicts",
    "name_differing",
]


class AccountUnknown(Invalid):
    """The statement is of an account that is neither RKUD nor a partner's holding account here."""

    code = "statement_account_unknown"
    text_id = (
        "Rekening {account} bukan RKUD (kebijakan treasury.rkud_account_no) dan bukan rekening penampungan mitra"
        " mana pun."
    )
    text_en = "Account {account} is neither the RKUD (policy treasury.rkud_account_no) nor a partner's holding account."


class StatementContradicts(Conflict):
    """The same statement (account, number, closing date) was imported before with other content."""

    code = "statement_contradicts"
    text_id = (
        "Rekening koran {number} rekening {account} per {closing_on} sudah diimpor dengan isi berbeda: {differing_id}."
    )
    text_en = (
        "Statement {number} of account {account} as of {closing_on} was imported before with other content:"
        " {differing_en}."
    )


class SettlementPartnerUnknown(Invalid):
    """A settlement file names a partner or merchant that this region does not have."""

    code = "settlement_partner_unknown"
    text_id = "Berkas settlement menyebut {partner}, yang bukan mitra wilayah ini."
    text_en = "The settlement file names {partner}, which is no partner of this region."


class SettlementContradicts(Conflict):
    """The same batch was imported before with other content."""

    code = "settlement_contradicts"
    text_id = "Settlement {batch} dari {partner} sudah diimpor dengan isi berbeda: {differing_id}."
    text_en = "Settlement {batch} of {partner} was imported before with other content: {differing_en}."


class SettlementValueTooLong(Invalid):
    """A reference of a settlement line that is longer than any payment's can be."""

    code = "settlement_value_too_long"
    text_id = "Baris {line}: {field} melebihi {limit} karakter."
    text_en = "Line {line}: {field} has more than {limit} characters."


class FileTooLarge(Invalid):
    """A file above the bound is not read at all."""

    code = "bank_file_too_large"
    text_id = "Berkas {filename} berukuran {size} byte, melebihi batas {limit} byte."
    text_en = "File {filename} has {size} bytes, above the bound of {limit} bytes."


class RunUnknown(NotFound):
    """No reconciliation run has this uid."""

    code = "reconciliation_run_unknown"
    text_id = "Rekonsiliasi {run} tidak ditemukan."
    text_en = "There is no reconciliation run {run}."


def name_differing(*pairs: tuple[str, str, Any, Any], otherwise: tuple[str, str]) -> tuple[str, str]:
    """What differs between what was imported and what comes now, in Indonesian and English.

    Each pair is (name in Indonesian, name in English, as imported, as it comes now); `otherwise` where none differs.
    """
    parts_id, parts_en = [], []
    for name_id, name_en, imported, comes in pairs:
        if imported != comes:
            facts = {"imported": imported, "comes": comes}
            parts_id.append("{name} {imported} / {comes}".format(name=name_id, **in_words(facts, "id")))
            parts_en.append("{name} {imported} / {comes}".format(name=name_en, **in_words(facts, "en")))
    return "; ".join(parts_id) or otherwise[0], "; ".join(parts_en) or otherwise[1]
