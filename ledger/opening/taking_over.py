"""Beginning a region's books with the balances that were taken over.

For: `open_balances`.
Not for: the form of the file and whether it foots (ledger.opening.files).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.clock import business_date
from ledger.csv_files import Problems
from ledger.drafts import EntryDraft, PostingDraft
from ledger.errors import BooksRefused, FileProblem
from ledger.opening.beginning import close_months_before
from ledger.opening.files import BalanceLine, check_lines, read_balances
from ledger.periods import OPENING_KIND, Opening, list_openings, lock_openings
from ledger.posting import PostedEntry, post_entry

__all__ = ["BooksOpened", "open_balances"]

_OPENED = text(
    "SELECT DISTINCT p.book, n.code FROM posting p JOIN entity n ON n.id = p.entity_id WHERE p.entry_id = :entry_id"
)
# Entities on whose accounts something stands before the cut-over date, whatever openings did.
_BOOKED_BEFORE = text(
    "SELECT DISTINCT n.code FROM posting p JOIN entity n ON n.id = p.entity_id"
    " WHERE n.code = ANY(:entities) AND p.accounted_on < :on_date AND NOT p.entry_id = ANY(:openings)"
    " GROUP BY n.code, p.account_id, p.counterpart_entity_id, p.partner"
    " HAVING sum(CASE p.side WHEN 'debit' THEN p.amount_sen ELSE -p.amount_sen END) <> 0"
)


@dataclass(frozen=True, slots=True)
class BooksOpened:
    """The entries, one per book; `first_time` is False when the same balances had been posted before.

    `months_closed` are the empty months before the cut-over date that were closed with it, e.g. "2025-12".
    """

    entries: tuple[PostedEntry, ...]
    lines: int
    first_time: bool
    months_closed: tuple[str, ...] = ()


def open_balances(
    session: Session, data: bytes, *, on: date, zone: str, filename: str, actor: str, at: datetime
) -> BooksOpened:
    """Post the balances of a file, accounted on the cut-over date, in the region's `zone`.

    The months before are closed: those without entries here, the others and their years by the office first. Raises
    BooksRefused with every fault of the file, CutOverRefused for a date before which entries can still be accounted or
    a year is not closed, or what `post_entry` raises (PeriodClosed); then nothing is posted, and the unit of work
    cannot go on.
    """
    lock_openings(session)
    found: list[FileProblem] = []
    problems = Problems("balances", found)
    lines = read_balances(data, problems)
    check_lines(session, lines, problems, on=on)
    if found:
        raise BooksRefused(found)
    openings = list_openings(session)
    drafts = _drafts(lines, openings, on=on, zone=zone)
    keys = {draft.key for draft in drafts}
    _check_beginning(session, lines, [each for each in openings if each.key not in keys], problems, on=on)
    if found:
        raise BooksRefused(found)
    closed = []
    if not keys <= {each.key for each in openings}:
        closed = close_months_before(session, on, today=business_date(at, zone), by=actor, at=at)
    posted = tuple(post_entry(session, draft, actor=actor, recorded_at=at) for draft in drafts)
    first_time = any(entry.first_time for entry in posted)
    if first_time:
        details = {"on": on.isoformat(), "file": filename[:200], "sha256": hashlib.sha256(data).hexdigest()}
        record_act(
            session, actor=actor, action="ledger.open_balances", thing="journal_entry", thing_uid=posted[0].uid,
            details=details | {"lines": len(lines), "entries": [str(entry.uid) for entry in posted]}, at=at,
        )  # fmt: skip
    return BooksOpened(posted, len(lines), first_time, tuple(period.name for period in closed))


def _drafts(lines: list[BalanceLine], openings: list[Opening], *, on: date, zone: str) -> list[EntryDraft]:
    """One entry per book, its lines in one order whatever the file's. Its key tells the content apart."""
    drafts = []
    for book in sorted({line.posting.book for line in lines}, reverse=True):
        postings = tuple(sorted((line.posting for line in lines if line.posting.book == book), key=_place))
        digest = hashlib.sha256(repr(postings).encode()).hexdigest()[:32]
        drafts.append(
            EntryDraft(
                kind=OPENING_KIND,
                key=_key(openings, f"opening-balance:{on}:{book}:", f":{digest}"),
                occurred_at=datetime.combine(on, time(), ZoneInfo(zone)),
                accounted_on=on,
                description=f"Saldo awal per {on}",
                postings=postings,
                source_kind=OPENING_KIND,
            )
        )
    return drafts


def _key(openings: list[Opening], head: str, tail: str) -> str:
    """The key under which the same balances stand, or a new one that counts how often they were undone."""
    same = [each for each in openings if each.key.startswith(head) and each.key.endswith(tail)]
    standing = next((each.key for each in same if each.stands), None)
    return standing or f"{head}{len(same)}{tail}"


def _place(posting: PostingDraft) -> tuple[str, ...]:
    return (posting.entity, str(posting.account), posting.counterpart or "", posting.partner or "", posting.side)


def _check_beginning(
    session: Session, lines: list[BalanceLine], others: list[Opening], problems: Problems, *, on: date
) -> None:
    """Each book of an entity begins once, and nothing was booked before it begins."""
    first = {(line.posting.book, line.posting.entity): line.line for line in reversed(lines)}
    standing: set[tuple[str, str]] = set()
    undone: dict[tuple[str, str], tuple[date, UUID]] = {}
    for opening in others:
        opened = {(row.book, row.code) for row in session.execute(_OPENED, {"entry_id": opening.ids[0]})}
        late = opening.undone_after(on)
        if opening.stands:
            standing |= opened
        elif late is not None:
            undone |= dict.fromkeys(opened, late)
    chained = [entry_id for opening in others for entry_id in opening.ids]
    before = {"entities": [entity for _, entity in first], "on_date": on, "openings": chained}
    booked = set(session.scalars(_BOOKED_BEFORE, before))
    for (book, entity), line in sorted(first.items(), key=lambda item: item[1]):
        if (book, entity) in standing:
            told = (f"{book} {entity} sudah memiliki saldo awal lain", f"{book} {entity} has other opening balances")
            problems.add(line, "entitas", *told)
        elif (book, entity) in undone:
            day, uid = undone[book, entity]
            problems.add(
                line, "entitas",
                f"saldo awal lain {book} {entity} baru dibalik per {day}, sesudah {on}, oleh jurnal {uid}",
                f"the other opening balances of {book} {entity} are reversed only on {day}, after {on}, by entry {uid}",
            )  # fmt: skip
        if entity in booked:
            told = (f"{entity} sudah memiliki jurnal sebelum {on}", f"{entity} already has entries before {on}")
            problems.add(line, "entitas", *told)
