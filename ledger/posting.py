"""Posting: the one door through which journal entries are written.

For: `post_entry`, which writes a balanced entry once per key, in one round trip to the database, and `post_entries`,
which does the same for many at once.
Not for: deciding what to post (ledger.standard_journals), or which account a role has (the region's chart).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from foundation.db import fetch_row
from foundation.errors import LunasError
from foundation.ids import new_uid
from foundation.money import Money
from ledger.differing import find_difference
from ledger.errors import EntryInvalid, EntryKeyReused, EntryTooLarge, EntryUnbalanced, refusal_of
from ledger.roles import ROLES

__all__ = ["EntryDraft", "PostedEntry", "PostingDraft", "post_entries", "post_entry"]

DEBIT = "debit"
CREDIT = "credit"
MOST_POSTINGS = 10_000
# A quadrillion rupiah, for one posting and for one side of an entry: sums are kept in eight bytes, which hold 92 of it,
# and the largest region turns over about a hundredth of it in a year.
HIGHEST_SEN = 10**17
_YEARS = (1000, 9998)  # that Python and PostgreSQL both write with four digits in every zone
_LONGEST_ACTOR = 120
_LONGEST_PARTNER = 40
_NUL = rb"\u0000"  # as orjson writes it
_LONGEST = {"kind": 40, "key": 200, "description": 300, "source_kind": 40}

_POST = (
    "SELECT entry_id, entry_uid, first_time, stored_hash"
    " FROM ledger_post(%s::uuid, %s::jsonb, %s::bytea, %s::text, %s::timestamptz)"
)

_POST_MANY = (
    "SELECT new_ids, repeated FROM ledger_post_many(%s::jsonb, %s::bytea, %s::bytea, %s::text, %s::timestamptz)"
)
_AT_ONCE = 2000


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


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """What was written: the outside and inside id, and whether this call wrote it (False: an earlier one had)."""

    uid: UUID
    id: int
    first_time: bool


def post_entry(session: Session, draft: EntryDraft, *, actor: str, recorded_at: datetime) -> PostedEntry:
    """Write the entry and its postings, once per key.

    The same key with the same content returns the first result. Raises EntryKeyReused naming the field that differs,
    EntryInvalid, EntryUnbalanced, RoleNotMapped, EntityUnknown or AccountTakesNoPostings; then the unit of work
    cannot go on and nothing of it is kept.
    """
    _check_act(actor, recorded_at)
    content = _checked_content(draft)
    content_hash = hashlib.sha256(content).digest()
    arguments = (new_uid(), content.decode(), content_hash, actor, recorded_at)
    entry_id, entry_uid, first_time, stored_hash = _call(session, _POST, arguments)
    if not first_time and bytes(stored_hash) != content_hash:
        raise EntryKeyReused(field=find_difference(session, draft, bytes(stored_hash)), key=draft.key)
    return PostedEntry(uid=entry_uid, id=entry_id, first_time=first_time)


def post_entries(
    session: Session, drafts: Iterable[EntryDraft], *, actor: str, recorded_at: datetime
) -> list[PostedEntry]:
    """Write many entries, each once per key; what was written, in the order given.

    As `post_entry` for each, in one unit of work: a refused draft refuses all. The error's field names the draft by
    its place, "entries[17].postings[2].role", where it is seen before the database is asked.
    """
    _check_act(actor, recorded_at)
    waiting = iter(drafts)
    posted: list[PostedEntry] = []
    while chunk := list(islice(waiting, _AT_ONCE)):
        posted += _post_chunk(session, chunk, len(posted), actor, recorded_at)
    return posted


def _post_chunk(
    session: Session, drafts: list[EntryDraft], before: int, actor: str, recorded_at: datetime
) -> list[PostedEntry]:
    contents: list[bytes] = []
    for place, draft in enumerate(drafts, start=before + 1):
        try:
            contents.append(_checked_content(draft))
        except LunasError as refusal:
            refusal.field = f"entries[{place}].{refusal.field}"
            raise
    uids = [new_uid() for _ in drafts]
    hashes = [hashlib.sha256(content).digest() for content in contents]
    together = (b"[" + b",".join(contents) + b"]").decode()
    arguments = (together, b"".join(uid.bytes for uid in uids), b"".join(hashes), actor, recorded_at)
    new_ids, repeated = _call(session, _POST_MANY, arguments)
    found = {place - 1: (entry_id, UUID(uid), stored) for place, entry_id, uid, stored in repeated or ()}
    for place, (_, _, stored) in found.items():
        if stored != hashes[place].hex():
            differing = find_difference(session, drafts[place], bytes.fromhex(stored))
            field = f"entries[{before + place + 1}].{differing}"
            raise EntryKeyReused(field=field, key=drafts[place].key)
    return [
        PostedEntry(found[place][1], found[place][0], False) if place in found else PostedEntry(uid, entry_id, True)
        for place, (uid, entry_id) in enumerate(zip(uids, new_ids, strict=True))
    ]


def _call(session: Session, statement: str, arguments: Sequence[Any]) -> tuple[Any, ...]:
    """The one row of a call to the database, or the ledger's refusal in its words."""
    try:
        row = fetch_row(session, statement, arguments)
    except DBAPIError as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error
    if row is None:
        raise AssertionError("a function that posts gives one row")
    return row


def _checked_content(draft: EntryDraft) -> bytes:
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
            raise EntryInvalid(field=f"{where}{field.name}", reason="text without NUL and lone surrogates")


def _check_act(actor: str, recorded_at: datetime) -> None:
    if not 1 <= len(actor) <= _LONGEST_ACTOR or "\x00" in actor:
        raise EntryInvalid(field="actor", reason=f"1-{_LONGEST_ACTOR} characters")
    _check_moment("recorded_at", recorded_at)


def _check_moment(field: str, moment: datetime) -> None:
    if moment.tzinfo is None:
        raise EntryInvalid(field=field, reason="a moment needs its zone")
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise EntryInvalid(field=field, reason=f"years {_YEARS[0]}-{_YEARS[1]}")


def _check(draft: EntryDraft) -> None:
    """Refuse what can be seen without the database; what the books rest on, the database refuses again."""
    for field, longest in _LONGEST.items():
        value: str = getattr(draft, field)
        if len(value) > longest or (not value and field in ("kind", "key")):
            raise EntryInvalid(field=field, reason=f"1-{longest} characters")
    _check_moment("occurred_at", draft.occurred_at)
    if draft.accounted_on.year < _YEARS[0]:
        raise EntryInvalid(field="accounted_on", reason=f"years {_YEARS[0]}-{date.max.year}")
    if not 2 <= len(draft.postings) <= MOST_POSTINGS:
        raise EntryInvalid(field="postings", reason=f"2-{MOST_POSTINGS} postings")
    for number, posting in enumerate(draft.postings, start=1):
        _check_posting(posting, f"postings[{number}]")
    if sum(posting.amount.sen for posting in draft.postings) > 2 * HIGHEST_SEN:
        raise EntryTooLarge(field="postings", key=draft.key)
    _check_balance(draft.postings)


def _check_posting(posting: PostingDraft, where: str) -> None:
    role = ROLES.get(posting.role)
    if posting.account is None and (role is None or role.book != posting.book):
        raise EntryInvalid(field=f"{where}.role", reason=f"{posting.role} is no role of book {posting.book}")
    if posting.account is not None and (posting.role or posting.qualifier):
        raise EntryInvalid(field=f"{where}.account", reason="a posting names a role or an account, not both")
    if posting.side not in (DEBIT, CREDIT):
        raise EntryInvalid(field=f"{where}.side", reason="debit or credit")
    if posting.amount.sen <= 0:
        raise EntryInvalid(field=f"{where}.amount", reason="above zero")
    if posting.amount.sen > HIGHEST_SEN:
        raise EntryInvalid(field=f"{where}.amount", reason=f"at most {Money(HIGHEST_SEN).plain()}")
    if posting.partner is not None and len(posting.partner) > _LONGEST_PARTNER:
        raise EntryInvalid(field=f"{where}.partner", reason=f"1-{_LONGEST_PARTNER} characters")
    wrong_rk = role is not None and role.is_rk != bool(posting.counterpart)
    if wrong_rk or posting.counterpart == posting.entity:
        raise EntryInvalid(field=f"{where}.counterpart", reason="an RK names another entity, other roles name none")


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
