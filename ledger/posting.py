"""Posting: the one door through which journal entries are written.

For: `post_entry`, which writes a balanced entry once per key, in one round trip to the database, and `post_entries`,
which does the same for many at once.
Not for: the shape of an entry and what is refused without the database (ledger.drafts), deciding what to post
(ledger.standard_journals), or which account a role has (the region's chart).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from foundation.db import fetch_row
from foundation.errors import LunasError
from foundation.ids import new_uid
from ledger.differing import find_difference
from ledger.drafts import EntryDraft, check_moment, checked_content, refuse_length
from ledger.errors import EntryKeyReused
from ledger.refusing import refusal_of

__all__ = ["PostedEntry", "post_entries", "post_entry"]

_POST = (
    "SELECT entry_id, entry_uid, first_time, stored_hash"
    " FROM ledger_post(%s::uuid, %s::jsonb, %s::bytea, %s::text, %s::timestamptz)"
)

_POST_MANY = (
    "SELECT new_ids, repeated FROM ledger_post_many(%s::jsonb, %s::bytea, %s::bytea, %s::text, %s::timestamptz)"
)
_AT_ONCE = 2000
_LONGEST_ACTOR = 120


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
    content = checked_content(draft)
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
            contents.append(checked_content(draft))
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


def _check_act(actor: str, recorded_at: datetime) -> None:
    if not 1 <= len(actor) <= _LONGEST_ACTOR or "\x00" in actor:
        raise refuse_length("actor", _LONGEST_ACTOR)
    check_moment("recorded_at", recorded_at)
