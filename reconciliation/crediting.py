"""Booking credits of the RKUD statement: against the batch whose reference they carry, or in suspense after a wait.

For: `book_credits`, run after every import and at the start of every run, so that the order of files does not matter.
Not for: forming batches (settlements), holding accounts (checked, never posted), debits and reversals (listed).

One entry per credit and batch: row 4b for what the batch still holds, with the budget side (4A) of the payments that
this stretch of the batch covers, in the order of the file; by policy what was on its way over 31 December has its
budget side in the old year, as an entry of its own. What a credit brings above its batches is row 19 at once;
a credit without any batch is row 19 when its wait is over. A batch that comes after that is booked out of suspense.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from foundation.clock import business_date
from foundation.holidays import working_days_between
from foundation.money import Money
from foundation.policies import get_policy_number
from foundation.states import move
from ledger import (
    OLD_YEAR_KIND,
    EntryDraft,
    PostingDraft,
    accounting_date,
    credited_to_rkud,
    get_ppkd,
    post_entry,
    sweep_identified,
    unidentified_at_rkud,
)
from payments import mark_credited
from reconciliation.budget import budget_side
from reconciliation.models import BankStatementLine, BatchCredit, SettlementBatch
from reconciliation.states import BATCH_STATES, LINE_STATES

__all__ = ["Crediting", "book_credits", "carries"]

# Shorter references stand in any remark by chance; they are believed only where the bank writes them as a reference.
_SHORTEST_IN_TEXT = 6
_CHUNK = 50_000

_CANDIDATES = text(
    "SELECT l.id AS line_id, b.id AS batch_id FROM statement_line l JOIN settlement_batch b"
    " ON strpos(upper(concat_ws(' ', l.bank_reference, l.owner_reference, l.text)), upper(b.batch_reference)) > 0"
    " WHERE l.state IN ('WAITING', 'SUSPENSE') AND l.id = ANY(:line_ids) ORDER BY b.business_on, b.id"
)
_COVERED = text(
    "SELECT l.payment_id FROM settlement_line l WHERE l.batch_id = :batch_id AND l.outcome <> 'SETTLED_BEFORE'"
    " AND l.until_sen > :before AND l.until_sen <= :after ORDER BY l.line_no"
)


@dataclass(slots=True)
class Crediting:
    """What one pass booked: credits against batches, credits put in suspense, sums of both."""

    credits: int = 0
    credited: Money = Money(0)  # noqa: RUF009 - Money is frozen
    put_in_suspense: int = 0


@dataclass(frozen=True, slots=True)
class _Pass:
    """What holds for a whole pass."""

    session: Session
    zone: str
    ppkd: str
    at: datetime
    by: str
    today: date
    done: Crediting

    def moment_of(self, day: date) -> datetime:
        """A statement names a day and no hour: its beginning in the region's zone."""
        return datetime.combine(day, time(0), tzinfo=ZoneInfo(self.zone))


def book_credits(session: Session, *, zone: str, at: datetime, by: str) -> Crediting:
    """Book every open credit of RKUD as far as its batches are known, and what has waited long enough as row 19.

    The caller holds the region's turn (`bank_files.take_turn`). Running again on the same facts books nothing.
    """
    open_lines = session.scalars(
        select(BankStatementLine)
        .where(BankStatementLine.state.in_(("WAITING", "SUSPENSE")))
        .order_by(BankStatementLine.accounted_on, BankStatementLine.id)
        .with_for_update()
    ).all()
    done = Crediting()
    if not open_lines:
        return done
    on = business_date(at, zone)
    this = _Pass(session, zone, get_ppkd(session).code, at, by, on, done)
    batches_of = _find_batches(session, open_lines)
    for line in open_lines:
        batches = batches_of.get(line.id, [])
        for batch in batches:
            _credit(this, line, batch)
        _settle_line(this, line, has_batch=bool(batches))
    session.flush()
    return done


def _find_batches(session: Session, lines: Sequence[BankStatementLine]) -> dict[int, list[SettlementBatch]]:
    """The batches whose reference a line carries, oldest first. A line that names two partners' is nobody's."""
    by_id = {line.id: line for line in lines}
    found: dict[int, list[SettlementBatch]] = {}
    for row in session.execute(_CANDIDATES, {"line_ids": list(by_id)}).all():
        batch = session.get_one(SettlementBatch, row.batch_id, with_for_update=True)
        if carries(by_id[row.line_id], batch.batch_reference):
            found.setdefault(row.line_id, []).append(batch)
    return {line: batches for line, batches in found.items() if len({batch.partner for batch in batches}) == 1}


class _Referring(Protocol):
    """What a statement line says of itself."""

    bank_reference: Any
    owner_reference: Any
    text: Any


def carries(line: _Referring, reference: str) -> bool:
    """True when a statement line carries a reference as a word of its own: one about STL-10 does not carry STL-1."""
    if reference in (line.bank_reference, line.owner_reference):
        return True
    word = rf"(?<![A-Z0-9]){re.escape(reference)}(?![A-Z0-9])"
    places = (line.bank_reference or "", line.owner_reference or "", line.text)
    return len(reference) >= _SHORTEST_IN_TEXT and any(re.search(word, place, re.IGNORECASE) for place in places)


def _credit(this: _Pass, line: BankStatementLine, batch: SettlementBatch) -> None:
    """Book what the line still has against what the batch still holds: one entry, once per line and batch."""
    from_suspense = line.state == "SUSPENSE"
    left = line.suspense_sen if from_suspense else line.amount_sen - line.booked_sen
    amount = Money(min(left, batch.gross_sen - batch.credited_sen))
    if not amount:
        return
    before, after = batch.credited_sen, batch.credited_sen + amount.sen
    # Out of suspense it is today's finding; the cash itself was booked on the statement's day.
    accounted_on = _accounted_on(this, line, this.today if from_suspense else line.accounted_on)
    journal = sweep_identified if from_suspense else credited_to_rkud
    budget = budget_side(this.session, batch.id, before=before, after=after, credited_on=accounted_on)
    draft = EntryDraft(
        kind="sweep_identified" if from_suspense else "sweep_credited",
        key=f"statement-line:{line.uid}:batch:{batch.uid}",
        occurred_at=this.moment_of(line.entry_on),
        accounted_on=accounted_on,
        description=f"Pelimpahan {batch.partner} {batch.batch_reference}"[:300],
        postings=journal(ppkd=this.ppkd, amount=amount, partner=batch.partner) + budget.pop(accounted_on, ()),
        source_kind="statement_line",
        source_uid=line.uid,
    )
    entry = post_entry(this.session, draft, actor=this.by, recorded_at=this.at)
    for last_day, postings in budget.items():
        old_year = replace(
            draft, kind=OLD_YEAR_KIND, key=f"{draft.key}:{last_day.year}", accounted_on=last_day, postings=postings
        )
        post_entry(this.session, old_year, actor=this.by, recorded_at=this.at)
    this.session.execute(
        insert(BatchCredit).values(
            line_id=line.id, batch_id=batch.id, amount_sen=amount.sen, from_suspense=from_suspense,
            accounted_on=accounted_on, entry_uid=entry.uid,
        )
    )  # fmt: skip
    line.booked_sen += amount.sen
    line.suspense_sen -= amount.sen if from_suspense else 0
    _note_batch(this, batch, after, line)
    _note_payments(this.session, batch, before, after, line.entry_on)
    this.done.credits += 1
    this.done.credited += amount


def _accounted_on(this: _Pass, line: BankStatementLine, wanted: date) -> date:
    """The wanted date, or the first of the next month that takes entries; the line keeps when its cash was booked."""
    found = accounting_date(this.session, wanted)
    if line.state == "WAITING":
        line.accounted_on = found
    return found


def _note_batch(this: _Pass, batch: SettlementBatch, credited: int, line: BankStatementLine) -> None:
    batch.credited_sen, batch.credited_on = credited, line.entry_on
    if credited == batch.gross_sen:
        event = "credited" if batch.state == "FORMED" else "credited_rest"
    elif batch.state == "FORMED":
        event = "credited_in_part"
    else:
        return
    move(this.session, BATCH_STATES, batch, event, by=this.by, why=f"statement line {line.uid}", at=this.at)


def _note_payments(session: Session, batch: SettlementBatch, before: int, after: int, on: date) -> None:
    """The payments that are covered whole by now stand on RKUD."""
    ids = list(session.scalars(_COVERED, {"batch_id": batch.id, "before": before, "after": after}))
    for start in range(0, len(ids), _CHUNK):
        mark_credited(session, ids[start : start + _CHUNK], credited_on=on)


def _settle_line(this: _Pass, line: BankStatementLine, *, has_batch: bool) -> None:
    """Say where the line stands now, and put into suspense what nothing can be found for."""
    if line.state == "SUSPENSE":
        if line.suspense_sen == 0:
            _move_line(this, line, "identified", "its batches came")
        return
    left = Money(line.amount_sen - line.booked_sen)
    if not left:
        _move_line(this, line, "booked", "batch credited")
    elif has_batch or _waited_enough(this, line):
        _put_in_suspense(this, line, left)


def _waited_enough(this: _Pass, line: BankStatementLine) -> bool:
    days = get_policy_number(this.session, "reconciliation.wait_working_days", on=line.accounted_on)
    return days == 0 or working_days_between(this.session, line.accounted_on, this.today) > days


def _put_in_suspense(this: _Pass, line: BankStatementLine, amount: Money) -> None:
    accounted_on = _accounted_on(this, line, line.accounted_on)
    postings: tuple[PostingDraft, ...] = unidentified_at_rkud(ppkd=this.ppkd, amount=amount)
    draft = EntryDraft(
        kind="credit_unidentified",
        key=f"statement-line:{line.uid}:suspense",
        occurred_at=this.moment_of(line.entry_on),
        accounted_on=accounted_on,
        description=f"Belum teridentifikasi {line.bank_reference or '-'} {line.text}"[:300],
        postings=postings,
        source_kind="statement_line",
        source_uid=line.uid,
    )
    post_entry(this.session, draft, actor=this.by, recorded_at=this.at)
    line.suspense_sen = amount.sen
    _move_line(this, line, "put_in_suspense", "more than its batch" if line.booked_sen else "fits no batch")
    this.done.put_in_suspense += 1


def _move_line(this: _Pass, line: BankStatementLine, event: str, why: str) -> None:
    move(this.session, LINE_STATES, line, event, by=this.by, why=why, at=this.at)
