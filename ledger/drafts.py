"""Drafts: what is to be posted, before the database is asked.

For: the shapes of an entry and its postings, what of them can be refused without the database, and the content under
which an entry is kept for its key.
Not for: writing entries (ledger.posting); making postings of standard journals (ledger.standard_journals).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from uuid import UUID

import orjson

from foundation.money import Money
from ledger.errors import EntryInvalid, EntryTooLarge, EntryUnbalanced
from ledger.roles import CREDIT, DEBIT, ROLES

__all__ = [
    "CREDIT",
    "DEBIT",
    "HIGHEST_SEN",
    "MOST_POSTINGS",
    "EntryDraft",
    "PostingDraft",
    "check_moment",
    "checked_content",
    "content_of",
    "mirrored",
    "refuse_length",
]

MOST_POSTINGS = 10_000
# A quadrillion rupiah, for one posting and for one side of an entry: sums are kept in eight bytes, which hold 92 of it,
# and the largest region turns over about a hundredth of it in a year.
HIGHEST_SEN = 10**17
_YEARS = (1000, 9998)  # that Python and PostgreSQL both write with four digits in every zone
_LONGEST_PARTNER = 40
_NUL = rb"\u0000"  # as orjson writes it
_LONGEST = {"kind": 40, "key": 200, "description": 300, "source_kind": 40}


@dataclass(frozen=True, slots=True)
class PostingDraft:
    """One line to post. `entity` and `counterpart` are entity codes; `counterpart` stands on RK roles only.

    What repeats or ends what stands in the books (a reversal, an opening balance, a closing) names the `account`'s code
    instead, with an empty role; whether that is an RK, the database knows.
    """

    book: str
    entity: str
    role: str
    side: str
    amount: Money
    qualifier: str = ""
    counterpart: str | None = None
    partner: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """One entry to post.

    `kind` names the standard journal, `key` is unique for the event it books, `occurred_at` is the aware moment it
    happened, `accounted_on` the business date in the region's zone, `source_kind` and `source_uid` what it came from.
    An entry that `may_be_late` is accounted on the first day of the next open period when its own takes it no more.
    """

    kind: str
    key: str
    occurred_at: datetime
    accounted_on: date
    description: str
    postings: tuple[PostingDraft, ...]
    source_kind: str = ""
    source_uid: UUID | None = None
    may_be_late: bool = False


def mirrored(postings: tuple[PostingDraft, ...]) -> tuple[PostingDraft, ...]:
    """The same postings with their sides changed."""
    return tuple(replace(posting, side=CREDIT if posting.side == DEBIT else DEBIT) for posting in postings)


def checked_content(draft: EntryDraft) -> bytes:
    """The content of a draft that has nothing wrong with it which can be seen without the database.

    Raises EntryInvalid, EntryTooLarge or EntryUnbalanced, naming the field.
    """
    _check(draft)
    try:
        content = content_of(draft)
    except orjson.JSONEncodeError:
        content = _NUL
    if _NUL in content:  # also what only looks like it: a backslash before u0000
        _check_texts(draft, "")
        for number, posting in enumerate(draft.postings, start=1):
            _check_texts(posting, f"postings[{number}].")
    return content


def _check_texts(part: EntryDraft | PostingDraft, where: str) -> None:
    """Refuse text that PostgreSQL cannot keep: NUL, and half of a surrogate pair."""
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, str) and ("\x00" in value or any("\ud800" <= mark <= "\udfff" for mark in value)):
            raise EntryInvalid(
                field=f"{where}{field.name}",
                reason_id="teks tidak boleh memuat NUL atau setengah pasangan surrogate",
                reason_en="text has no NUL and no half of a surrogate pair",
            )


def content_of(draft: EntryDraft) -> bytes:
    """The entry as JSON for `ledger_post`; its SHA-256 is what a repetition is held to. Moments are in UTC."""
    late = {"may_be_late": True} if draft.may_be_late else {}
    return orjson.dumps(
        {
            "kind": draft.kind,
            "key": draft.key,
            "occurred_at": draft.occurred_at.astimezone(UTC),
            "accounted_on": draft.accounted_on,
            "description": draft.description,
            "source_kind": draft.source_kind,
            "source_uid": draft.source_uid,
            "lines": [_line_of(posting) for posting in draft.postings],
        }
        | late
    )


def _line_of(posting: PostingDraft) -> dict[str, str | int | None]:
    line: dict[str, str | int | None] = {
        "book": posting.book,
        "entity": posting.entity,
        "role": posting.role,
        "qualifier": posting.qualifier,
        "side": posting.side,
        "sen": posting.amount.sen,
        "counterpart": posting.counterpart or None,
        "partner": posting.partner or None,
    }
    return line if posting.account is None else line | {"account": posting.account}


def refuse_length(field: str, longest: int) -> EntryInvalid:
    """The refusal of a text that is empty or too long."""
    return EntryInvalid(
        field=field,
        reason_id=f"harus 1 sampai {longest} karakter",
        reason_en=f"it must have 1 to {longest} characters",
    )


def _refuse_year(field: str, last: int) -> EntryInvalid:
    first = _YEARS[0]
    return EntryInvalid(
        field=field, reason_id=f"tahun harus {first} sampai {last}", reason_en=f"the year must be {first} to {last}"
    )


def check_moment(field: str, moment: datetime) -> None:
    """Raises EntryInvalid for a moment that has no zone or that nobody can mean."""
    if moment.tzinfo is None:
        raise EntryInvalid(field=field, reason_id="waktu harus disertai zonanya", reason_en="a moment needs its zone")
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise _refuse_year(field, _YEARS[1])


def _check(draft: EntryDraft) -> None:
    """What the books rest on, the database refuses again."""
    for field, longest in _LONGEST.items():
        value: str = getattr(draft, field)
        if len(value) > longest or (not value and field in ("kind", "key")):
            raise refuse_length(field, longest)
    check_moment("occurred_at", draft.occurred_at)
    if draft.accounted_on.year < _YEARS[0]:
        raise _refuse_year("accounted_on", date.max.year)
    if not 2 <= len(draft.postings) <= MOST_POSTINGS:
        raise EntryInvalid(
            field="postings",
            reason_id=f"harus 2 sampai {MOST_POSTINGS} baris jurnal",
            reason_en=f"there must be 2 to {MOST_POSTINGS} postings",
        )
    for number, posting in enumerate(draft.postings, start=1):
        _check_posting(posting, f"postings[{number}]")
    if sum(posting.amount.sen for posting in draft.postings) > 2 * HIGHEST_SEN:
        raise EntryTooLarge(field="postings", key=draft.key)
    _check_balance(draft.postings)


def _check_posting(posting: PostingDraft, where: str) -> None:
    role = ROLES.get(posting.role)
    if posting.account is None and (role is None or role.book != posting.book):
        raise EntryInvalid(
            field=f"{where}.role",
            reason_id=f"{posting.role} bukan peran pada buku {posting.book}",
            reason_en=f"{posting.role} is no role of book {posting.book}",
        )
    if posting.account is not None and (posting.role or posting.qualifier):
        raise EntryInvalid(
            field=f"{where}.account",
            reason_id="baris jurnal menyebut peran atau rekening, bukan keduanya",
            reason_en="a posting names a role or an account, not both",
        )
    if posting.side not in (DEBIT, CREDIT):
        raise EntryInvalid(
            field=f"{where}.side",
            reason_id="harus debit (debit) atau kredit (credit)",
            reason_en="it must be debit or credit",
        )
    if posting.amount.sen <= 0:
        raise EntryInvalid(field=f"{where}.amount", reason_id="harus lebih dari nol", reason_en="it must be above zero")
    if posting.amount.sen > HIGHEST_SEN:
        highest = Money(HIGHEST_SEN)
        raise EntryInvalid(
            field=f"{where}.amount",
            reason_id=f"paling banyak {highest.on_screen('id')}",
            reason_en=f"at most {highest.on_screen('en')}",
        )
    if posting.partner is not None and len(posting.partner) > _LONGEST_PARTNER:
        raise refuse_length(f"{where}.partner", _LONGEST_PARTNER)
    wrong_rk = role is not None and role.is_rk != bool(posting.counterpart)
    if wrong_rk or posting.counterpart == posting.entity:
        raise EntryInvalid(
            field=f"{where}.counterpart",
            reason_id="RK menyebut entitas lain sebagai lawan, peran lain tidak menyebut lawan",
            reason_en="an RK names another entity, other roles name none",
        )


def _check_balance(postings: Sequence[PostingDraft]) -> None:
    differences: defaultdict[str, int] = defaultdict(int)
    for posting in postings:
        signed = posting.amount.sen if posting.side == DEBIT else -posting.amount.sen
        differences[f"{posting.book} {posting.entity}"] += signed
        if posting.counterpart:
            differences["RK " + "/".join(sorted((posting.entity, posting.counterpart)))] += signed
    for where, difference in differences.items():
        if difference:
            raise EntryUnbalanced(field="postings", where=where, difference=Money(difference).plain())
