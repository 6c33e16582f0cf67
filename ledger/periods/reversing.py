"""Undoing an entry by a further one, and putting another in its place.

For: `reverse_entry` (row 27 "bank reverses a payment: mirrored, dated on the debit", and mistakes), and
`correct_entry`, a reversal and a new entry linked to each other (row 22 "wrong revenue account").
Not for: changing or removing an entry, which nobody can.

A reversal posts to the accounts that the entry stands on, whatever the role map says by now; in a later year to the
code that the balance was carried to (`carry_to_codes`), which the database knows from the carry entries. It is an entry
like any other, so it can itself be reversed, once. Only what undid opening balances cannot: they would stand again
beside others that were taken over since, or over months that were reopened. Their file is posted again instead, which
looks at both.

Closing entries and carried balances stand: a report before closing leaves their kinds out, and would take a reversal
for an ordinary posting. `close_year` can be run again, and closes what a correction left; `carry_to_codes` carries back
what went to a wrong code, with a file that swaps the two.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.money import Money
from ledger.drafts import EntryDraft, PostingDraft, mirrored
from ledger.errors import (
    AccountTakesNoPostings,
    CarriedEntryStands,
    ClosingEntryStands,
    EntryAlreadyReversed,
    EntryKeyReused,
    EntryUnknown,
    OpeningReversalMisdated,
    OpeningStaysUndone,
    ReversalAccountEnded,
    ReversalTooEarly,
)
from ledger.periods.kinds import ADJUSTING_KINDS
from ledger.periods.models import EntryReversal
from ledger.periods.moving import check_reason
from ledger.periods.queries import accounting_date
from ledger.periods.taken_over import OPENING_KIND, lock_openings, undoes_opening
from ledger.posting import PostedEntry, post_entry

__all__ = ["Correction", "Reversal", "correct_entry", "find_reversal", "find_source_kind", "reverse_entry"]

_ENTRY = text("SELECT id, uid, key, kind, accounted_on FROM journal_entry WHERE uid = :uid")
# Nothing is carried to other codes (ledger.year_end) between asking for an entry's codes and undoing it.
_HOLD_CODES = text("SELECT pg_advisory_xact_lock_shared(hashtext('ledger.year_end'), hashtext(current_schema()))")
# What a first reversal posted to stays so, for the same call again.
_POSTINGS = text(
    "SELECT p.book, n.code AS entity, p.side, p.amount_sen, c.code AS counterpart, p.partner,"
    " coalesce(u.code, ledger_carried_code(a.code, p.entry_id, p.accounted_on, :on_date)) AS account"
    " FROM posting p JOIN account a ON a.id = p.account_id JOIN entity n ON n.id = p.entity_id"
    " LEFT JOIN entity c ON c.id = p.counterpart_entity_id"
    " LEFT JOIN entry_reversal x ON x.entry_id = p.entry_id"
    " LEFT JOIN posting r ON r.entry_id = x.reversal_id AND r.line_no = p.line_no"
    " LEFT JOIN account u ON u.id = r.account_id"
    " WHERE p.entry_id = :entry_id ORDER BY p.line_no"
)
_LINK = text(
    "SELECT e.uid AS entry_uid, r.uid AS reversal_uid, n.uid AS replacement_uid, n.key AS replacement_key, x.reason"
    " FROM entry_reversal x JOIN journal_entry e ON e.id = x.entry_id JOIN journal_entry r ON r.id = x.reversal_id"
    " LEFT JOIN journal_entry n ON n.id = x.replacement_id"
    " WHERE x.entry_id = :entry_id OR x.reversal_id = :entry_id OR x.replacement_id = :entry_id"
    " ORDER BY (x.entry_id = :entry_id) DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Reversal:
    """An entry and what undid it; `replacement_uid` is the entry in its place, if it was corrected."""

    entry_uid: UUID
    reversal_uid: UUID
    replacement_uid: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class Correction:
    """The two entries of a correction."""

    reversal: PostedEntry
    replacement: PostedEntry


def find_reversal(session: Session, uid: UUID) -> Reversal | None:
    """The reversal that an entry has a part in: as what was undone, else as what undid or replaced it; or None."""
    entry = session.execute(_ENTRY, {"uid": uid}).one_or_none()
    found = None if entry is None else _find_link(session, entry)
    return found and Reversal(found.entry_uid, found.reversal_uid, found.replacement_uid, found.reason)


def find_source_kind(session: Session, uid: UUID) -> str | None:
    """What an entry was posted for ("bill_batch", "payment", …; "" where nothing is named), or None without entry."""
    kind: str | None = session.scalar(text("SELECT source_kind FROM journal_entry WHERE uid = :uid"), {"uid": uid})
    return kind


def reverse_entry(
    session: Session,
    uid: UUID,
    *,
    reason: str,
    accounted_on: date,
    actor: str,
    at: datetime,
    kind: str = "reversal",
    occurred_at: datetime | None = None,
) -> PostedEntry:
    """Post the mirror of an entry, accounted on that date or in the next month that takes it.

    `kind` is "reversal" or "payment_reversed"; the database links no other. `occurred_at` is when the cause happened
    (row 27: the bank's debit), else `at`. A payment's reversal is accounted on the date of the debit; for a debit dated
    before the entry the caller gives the entry's own day, and `occurred_at` tells the debit's. Opening balances are
    reversed on their own date only, while its month takes that; what undid them is not reversed. The very same call
    again gives the first result. Raises EntryUnknown, ClosingEntryStands, CarriedEntryStands, OpeningReversalMisdated,
    OpeningStaysUndone, ReversalTooEarly, ReversalAccountEnded, ReasonInvalid, EntryAlreadyReversed, or what
    `post_entry` raises.
    """
    entry, why = _get_reversible(session, uid, accounted_on), check_reason(reason)
    draft = _mirror(session, entry, why, kind=kind, accounted_on=accounted_on, occurred_at=occurred_at or at)
    reversal = _post_once(session, entry, draft, None, actor=actor, at=at)
    if reversal.first_time:
        _record(session, entry, reversal, None, why, actor=actor, at=at)
    return reversal


def correct_entry(
    session: Session,
    uid: UUID,
    replacement: EntryDraft,
    *,
    reason: str,
    accounted_on: date,
    actor: str,
    at: datetime,
) -> Correction:
    """Reverse an entry and post another in its place, in one act; both are found from each other by `find_reversal`.

    `accounted_on` is the reversal's; the replacement has its own, and a key that was not used before. The very same
    call again gives the first result. Raises what `reverse_entry` and `post_entry` raise.
    """
    entry, why = _get_reversible(session, uid, accounted_on), check_reason(reason)
    draft = _mirror(session, entry, why, kind="reversal", accounted_on=accounted_on, occurred_at=at)
    reversal = _post_once(session, entry, draft, replacement.key, actor=actor, at=at)
    posted = post_entry(session, replacement, actor=actor, recorded_at=at)
    if reversal.first_time:
        if not posted.first_time:
            raise EntryKeyReused(field="key", key=replacement.key)
        _record(session, entry, reversal, posted, why, actor=actor, at=at)
    return Correction(reversal, posted)


def _get_reversible(session: Session, uid: UUID, accounted_on: date) -> Row[Any]:
    entry = session.execute(_ENTRY, {"uid": uid}).one_or_none()
    if entry is None:
        raise EntryUnknown(field="uid", uid=uid)
    if ADJUSTING_KINDS.get(entry.kind) == "closing":
        stands = CarriedEntryStands if entry.kind == "carry_forward" else ClosingEntryStands
        raise stands(field="uid", uid=uid)
    if entry.kind == OPENING_KIND:
        lock_openings(session)
        if accounted_on != entry.accounted_on:
            # As the command takes it, whatever the reader's language.
            cut_over = entry.accounted_on.isoformat()
            raise OpeningReversalMisdated(field="accounted_on", uid=uid, cut_over=cut_over)
    elif undoes_opening(session, entry.id):
        raise OpeningStaysUndone(field="uid", uid=uid)
    if accounted_on < entry.accounted_on:
        raise ReversalTooEarly(field="accounted_on", uid=uid, entry_on=entry.accounted_on)
    return entry


def _mirror(
    session: Session, entry: Row[Any], why: str, *, kind: str, accounted_on: date, occurred_at: datetime
) -> EntryDraft:
    """The reversal to post. Its key is the entry's, so that there is one."""
    session.execute(_HOLD_CODES)
    on = accounted_on if entry.kind == OPENING_KIND else accounting_date(session, accounted_on, kind=kind)
    postings = tuple(
        PostingDraft(
            line.book, line.entity, "", line.side, Money(line.amount_sen),
            counterpart=line.counterpart, partner=line.partner, account=line.account,
        )
        for line in session.execute(_POSTINGS, {"entry_id": entry.id, "on_date": on})
    )  # fmt: skip
    return EntryDraft(
        kind=kind,
        key=f"reversal:{entry.uid}",
        occurred_at=occurred_at,
        accounted_on=accounted_on,
        description=f"Pembalikan: {why}"[:300],
        postings=mirrored(postings),
        source_kind="journal_entry",
        source_uid=entry.uid,
        may_be_late=entry.kind != OPENING_KIND,
    )


def _post_once(
    session: Session, entry: Row[Any], draft: EntryDraft, replacement_key: str | None, *, actor: str, at: datetime
) -> PostedEntry:
    """Post the reversal. An earlier one counts as this one only with the same content and the same replacement."""
    posted: PostedEntry | None = None
    try:
        with suppress(EntryKeyReused):
            posted = post_entry(session, draft, actor=actor, recorded_at=at)
    except AccountTakesNoPostings as refused:
        raise ReversalAccountEnded(field="uid", uid=entry.uid, account=refused.facts.get("account", "-")) from refused
    if posted is not None and posted.first_time:
        return posted
    known = _find_link(session, entry)
    if known is None or known.entry_uid != entry.uid:
        raise EntryKeyReused(field="key", key=draft.key)
    if posted is None or known.replacement_key != replacement_key:
        raise EntryAlreadyReversed(field="uid", uid=entry.uid, reversal=known.reversal_uid)
    return posted


def _find_link(session: Session, entry: Row[Any]) -> Row[Any] | None:
    return session.execute(_LINK, {"entry_id": entry.id}).one_or_none()


def _record(
    session: Session,
    entry: Row[Any],
    reversal: PostedEntry,
    replacement: PostedEntry | None,
    why: str,
    *,
    actor: str,
    at: datetime,
) -> None:
    """Link the entries to each other, and say who did it."""
    linked = session.scalar(
        insert(EntryReversal)
        .values(
            entry_id=entry.id,
            reversal_id=reversal.id,
            replacement_id=None if replacement is None else replacement.id,
            reason=why,
        )
        .on_conflict_do_nothing(index_elements=[EntryReversal.entry_id])
        .returning(EntryReversal.entry_id)
    )
    if linked is None:  # by another entry than ours, past the guards
        known = _find_link(session, entry)
        raise EntryAlreadyReversed(field="uid", uid=entry.uid, reversal=None if known is None else known.reversal_uid)
    details = {"key": entry.key, "reason": why, "reversal": str(reversal.uid)}
    details |= {} if replacement is None else {"replacement": str(replacement.uid)}
    action = "entry.reverse" if replacement is None else "entry.correct"
    record_act(session, actor=actor, action=action, thing="journal_entry", thing_uid=entry.uid, details=details, at=at)
