"""Beginning a region's books with the balances that were taken over.

For: `open_balances`.
Not for: the form of the file and whether it foots (ledger.opening.files).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.audit import record_act
from ledger.chart_files import Problems
from ledger.drafts import EntryDraft, PostingDraft
from ledger.errors import BooksRefused, ChartProblem
from ledger.opening.files import BalanceLine, check_lines, read_balances
from ledger.posting import PostedEntry, post_entry

__all__ = ["KIND", "BooksOpened", "open_balances"]

KIND = "opening_balance"

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('ledger.opening'), hashtext(current_schema()))")
_UNDONE = text("SELECT count(*) FROM entry_reversal x JOIN journal_entry e ON e.id = x.entry_id WHERE e.kind = :kind")
# What another entry has opened, and entities that were booked before the cut-over date.
_OPENED = text(
    "SELECT DISTINCT p.book, n.code FROM journal_entry e"
    " JOIN posting p ON p.entry_id = e.id JOIN entity n ON n.id = p.entity_id"
    " WHERE e.kind = :kind AND NOT e.key = ANY(:keys)"
    " AND NOT EXISTS (SELECT 1 FROM entry_reversal x WHERE x.entry_id = e.id)"
)
_BOOKED_BEFORE = text(
    "SELECT n.code FROM entity n WHERE n.code = ANY(:entities) AND EXISTS ("
    "SELECT 1 FROM posting p JOIN journal_entry e ON e.id = p.entry_id"
    " WHERE p.entity_id = n.id AND p.accounted_on < :on_date AND e.kind <> :kind"
    " AND NOT EXISTS (SELECT 1 FROM entry_reversal x WHERE e.id IN (x.entry_id, x.reversal_id)))"
)


@dataclass(frozen=True, slots=True)
class BooksOpened:
    """The entries, one per book; `first_time` is False when the same balances had been posted before."""

    entries: tuple[PostedEntry, ...]
    lines: int
    first_time: bool


def open_balances(
    session: Session, data: bytes, *, on: date, zone: str, filename: str, actor: str, at: datetime
) -> BooksOpened:
    """Post the balances of a file, accounted on the cut-over date, in the region's `zone`.

    Raises BooksRefused with every fault of the file, or what `post_entry` raises (PeriodClosed); then nothing is
    posted.
    """
    session.execute(_LOCK)
    found: list[ChartProblem] = []
    problems = Problems("balances", found)
    lines = read_balances(data, problems)
    check_lines(session, lines, problems, on=on)
    if found:
        raise BooksRefused(found)
    drafts = _drafts(session, lines, on=on, zone=zone)
    _check_beginning(session, lines, drafts, problems, on=on)
    if found:
        raise BooksRefused(found)
    posted = tuple(post_entry(session, draft, actor=actor, recorded_at=at) for draft in drafts)
    first_time = any(entry.first_time for entry in posted)
    if first_time:
        details = {"on": on.isoformat(), "file": filename[:200], "sha256": hashlib.sha256(data).hexdigest()}
        record_act(
            session, actor=actor, action="ledger.open_balances", thing="journal_entry", thing_uid=posted[0].uid,
            details=details | {"lines": len(lines), "entries": [str(entry.uid) for entry in posted]}, at=at,
        )  # fmt: skip
    return BooksOpened(posted, len(lines), first_time)


def _drafts(session: Session, lines: list[BalanceLine], *, on: date, zone: str) -> list[EntryDraft]:
    """One entry per book, its lines in one order whatever the file's. Its key tells the content apart."""
    undone = session.scalar(_UNDONE, {"kind": KIND})
    drafts = []
    for book in sorted({line.posting.book for line in lines}, reverse=True):
        postings = tuple(sorted((line.posting for line in lines if line.posting.book == book), key=_place))
        digest = hashlib.sha256(repr(postings).encode()).hexdigest()[:32]
        drafts.append(
            EntryDraft(
                kind=KIND,
                key=f"opening-balance:{on}:{book}:{undone}:{digest}",
                occurred_at=datetime.combine(on, time(), ZoneInfo(zone)),
                accounted_on=on,
                description=f"Saldo awal per {on}",
                postings=postings,
                source_kind=KIND,
            )
        )
    return drafts


def _place(posting: PostingDraft) -> tuple[str, ...]:
    return (posting.entity, str(posting.account), posting.counterpart or "", posting.partner or "", posting.side)


def _check_beginning(
    session: Session, lines: list[BalanceLine], drafts: list[EntryDraft], problems: Problems, *, on: date
) -> None:
    """Each book of an entity begins once, and nothing was booked before it begins."""
    first = {(line.posting.book, line.posting.entity): line.line for line in reversed(lines)}
    keys = [draft.key for draft in drafts]
    opened = {(row.book, row.code) for row in session.execute(_OPENED, {"kind": KIND, "keys": keys})}
    before = {"entities": [entity for _, entity in first], "on_date": on, "kind": KIND}
    booked = set(session.scalars(_BOOKED_BEFORE, before))
    for (book, entity), line in sorted(first.items(), key=lambda item: item[1]):
        if (book, entity) in opened:
            told = (f"{book} {entity} sudah memiliki saldo awal lain", f"{book} {entity} has other opening balances")
            problems.add(line, "entitas", *told)
        if entity in booked:
            told = (f"{entity} sudah memiliki jurnal sebelum {on}", f"{entity} already has entries before {on}")
            problems.add(line, "entitas", *told)
