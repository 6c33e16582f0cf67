"""Other content under a used key: which field of a draft differs from the entry that has its key.

For: `find_difference`, the field that the refusal of a reused key names.
Not for: deciding that content differs; that is the SHA-256 of the content, compared in ledger.posting.

Most fields are stored and compared as they are. Three are not: the role and qualifier that led to an account, the date
that a late entry asked for first, and whether it could be late. For them other values are put in place until the
content has the stored hash, which proves them; within _MOST_HASHES tries.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, combinations, product, takewhile

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.drafts import EntryDraft, PostingDraft, content_of
from ledger.queries import find_account, find_account_of_role
from ledger.roles import ROLES

__all__ = ["find_difference"]

_MOST_HASHES = 20_000
# An entry may have 10,000 lines, and each try renders all of them: some seconds' work at most.
_MOST_LINES = 400_000
_MOST_DAYS_BACK = 3 * 366
_MOST_POSTINGS_AT_ONCE = 3

_STORED_ENTRY = text(
    "SELECT id, kind, occurred_at, accounted_on, description, source_kind, source_uid"
    " FROM journal_entry WHERE key = :key"
)
_STORED_POSTINGS = text(
    "SELECT p.book, n.code AS entity, p.side, p.amount_sen, c.code AS counterpart, p.partner, p.account_id,"
    " a.code AS account"
    " FROM posting p JOIN entity n ON n.id = p.entity_id JOIN account a ON a.id = p.account_id"
    " LEFT JOIN entity c ON c.id = p.counterpart_entity_id"
    " WHERE p.entry_id = :entry_id ORDER BY p.line_no"
)
_ROLE_MAP = text("SELECT DISTINCT r.role, r.qualifier, r.account_code FROM account_role r ORDER BY 1, 2, 3")

# What a posting may have been asked with: role, qualifier, account.
_Names = tuple[str, str, str | None]


def find_difference(session: Session, draft: EntryDraft, stored_hash: bytes) -> str:
    """The first field in which the entry of this key differs from the draft, such as "postings[2].qualifier".

    Where no try meets the stored hash, the name is as near as what is stored allows: "postings[2].role" where the
    account is another one, else "postings.role", the role or qualifier of some posting.
    """
    stored = session.execute(_STORED_ENTRY, {"key": draft.key}).one()
    tries = _Tries(stored_hash)
    if tries.meets(replace(draft, may_be_late=not draft.may_be_late)):
        return "may_be_late"
    for field in ("kind", "occurred_at", "accounted_on", "description", "source_kind", "source_uid"):
        moved = field == "accounted_on" and draft.may_be_late and stored.accounted_on > draft.accounted_on
        if getattr(stored, field) != getattr(draft, field) and not moved:
            return field
    lines = session.execute(_STORED_POSTINGS, {"entry_id": stored.id}).all()
    if len(lines) != len(draft.postings):
        return "postings"
    for number, (line, posting) in enumerate(zip(lines, draft.postings, strict=True), start=1):
        asked = (posting.book, posting.entity, posting.side, posting.amount.sen, posting.counterpart, posting.partner)
        names = ("book", "entity", "side", "amount", "counterpart", "partner")
        for name, was, wanted in zip(names, line[:6], asked, strict=True):
            if was != (wanted or None):
                return f"postings[{number}].{name}"
    if any(tries.meets(other) for other in tries.bounded(_asked_on_other_days(draft, stored.accounted_on))):
        return "accounted_on"
    return _find_other_names(session, draft, stored.accounted_on, [(n.account_id, n.account) for n in lines], tries)


@dataclass(slots=True)
class _Tries:
    """Hashes drafts until one has the stored hash or the bound is reached."""

    stored_hash: bytes
    hashes: int = 0
    lines: int = 0

    def bounded(self, drafts: Iterable[EntryDraft]) -> Iterator[EntryDraft]:
        return takewhile(lambda _: self.hashes < _MOST_HASHES and self.lines < _MOST_LINES, drafts)

    def meets(self, draft: EntryDraft) -> bool:
        self.hashes += 1
        self.lines += len(draft.postings)
        return hashlib.sha256(content_of(draft)).digest() == self.stored_hash


def _asked_on_other_days(draft: EntryDraft, accounted_on: date) -> Iterator[EntryDraft]:
    """The draft as it may have been asked for on another day: what is moved is moved to the first of a month."""
    yield replace(draft, accounted_on=accounted_on, may_be_late=False)
    for days in range(_MOST_DAYS_BACK if accounted_on.day == 1 else 1):
        yield replace(draft, accounted_on=accounted_on - timedelta(days=days), may_be_late=True)


def _find_other_names(
    session: Session, draft: EntryDraft, on: date, accounts: list[tuple[int, str]], tries: _Tries
) -> str:
    """All that is stored agrees but the accounts, so some posting named another role, qualifier or account."""
    known = _names_by_account(session, draft)
    others = [
        [names for names in known[code] if names != _names_of(posting) and _fits(names, posting)]
        for posting, (_, code) in zip(draft.postings, accounts, strict=True)
    ]
    now = {names: _find_account_id(session, names, on) for names in {_names_of(posting) for posting in draft.postings}}
    elsewhere = [
        place
        for place, (posting, (account_id, _)) in enumerate(zip(draft.postings, accounts, strict=True))
        if now[_names_of(posting)] != account_id
    ]
    candidates = chain(_with_one_qualifier_renamed(draft, known), _with_others(draft, others, elsewhere))
    for renamed in tries.bounded(candidates):
        if tries.meets(renamed):
            return _first_renamed(draft, renamed)
    if elsewhere:
        place = elsewhere[0]
        posting = draft.postings[place]
        same_role = {role for role, _, _ in others[place] if role} == {posting.role}
        named = "account" if posting.account is not None else "qualifier" if same_role else "role"
        return f"postings[{place + 1}].{named}"
    return "accounted_on, postings.role" if draft.may_be_late and on > draft.accounted_on else "postings.role"


def _names_by_account(session: Session, draft: EntryDraft) -> defaultdict[str, list[_Names]]:
    """Every role and qualifier that ever led to an account code, and the code itself.

    A role without a row for a qualifier falls back to the row without one, so there each known qualifier counts, and
    the partners that the draft names.
    """
    rows = session.execute(_ROLE_MAP).all()
    qualifiers = {row.qualifier for row in rows} | {""}
    for posting in draft.postings:
        qualifiers |= {posting.qualifier, posting.partner or ""}
    own = {(row.role, row.qualifier) for row in rows}
    found: defaultdict[str, list[_Names]] = defaultdict(list)
    for role, qualifier, code in rows:
        found[code].append((role, qualifier, None))
        if not qualifier:
            found[code] += [(role, each, None) for each in sorted(qualifiers) if (role, each) not in own]
    for code in {row.account_code for row in rows} | {p.account for p in draft.postings if p.account}:
        found[code].append(("", "", code))
    return found


def _names_of(posting: PostingDraft) -> _Names:
    return posting.role, posting.qualifier, posting.account


def _fits(names: _Names, posting: PostingDraft) -> bool:
    """Whether ledger.drafts would take the posting with these names."""
    role = ROLES.get(names[0])
    return role is None or (role.book == posting.book and role.is_rk == bool(posting.counterpart))


def _find_account_id(session: Session, names: _Names, on: date) -> int | None:
    role, qualifier, account = names
    if account is not None:
        found = find_account(session, account, on=on)
    else:
        found = find_account_of_role(session, role, qualifier, on=on)
    return None if found is None else found.id


def _with_one_qualifier_renamed(draft: EntryDraft, known: dict[str, list[_Names]]) -> Iterator[EntryDraft]:
    """The draft with another qualifier wherever it has a certain one: another kind's or another bank's payment."""
    every = sorted({qualifier for names in known.values() for _, qualifier, _ in names})
    for was in sorted({posting.qualifier for posting in draft.postings}):
        for other in every:
            if other != was:
                yield _renamed(
                    draft,
                    {
                        place: (posting.role, other, posting.account)
                        for place, posting in enumerate(draft.postings)
                        if posting.qualifier == was and posting.account is None
                    },
                )


def _with_others(draft: EntryDraft, others: list[list[_Names]], elsewhere: list[int]) -> Iterator[EntryDraft]:
    """The draft with other names in all places that lead elsewhere and in none, one, two or three further ones."""
    free = [place for place in range(len(others)) if place not in set(elsewhere) and others[place]]
    for count in range(_MOST_POSTINGS_AT_ONCE + 1):
        for further in combinations(free, count):
            places = sorted((*elsewhere, *further))
            for chosen in product(*(others[place] for place in places)):
                if chosen:
                    yield _renamed(draft, dict(zip(places, chosen, strict=True)))


def _renamed(draft: EntryDraft, names: dict[int, _Names]) -> EntryDraft:
    postings = list(draft.postings)
    for place, (role, qualifier, account) in names.items():
        postings[place] = replace(postings[place], role=role, qualifier=qualifier, account=account)
    return replace(draft, postings=tuple(postings))


def _first_renamed(draft: EntryDraft, found: EntryDraft) -> str:
    """The first field of the first posting in which the draft that has the stored hash differs."""
    for number, (posting, other) in enumerate(zip(draft.postings, found.postings, strict=True), start=1):
        if _names_of(posting) != _names_of(other):
            if posting.account is not None:
                return f"postings[{number}].account"
            return f"postings[{number}].{'role' if posting.role != other.role else 'qualifier'}"
    raise AssertionError("a draft with another hash has other names")
