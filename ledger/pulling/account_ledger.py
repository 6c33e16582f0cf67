"""The account ledger (buku besar): the postings of each account of each entity in order of date, with running balance.

For: looking at one account page by page, and for the whole general ledger as a stream.
Not for: entries with all their postings (ledger.pulling.entries), or sums alone (ledger.balances).

One section per book, entity and account: an opening row (what stood before the first date, also where nothing moves
afterwards), then its postings by accounting date and entry. The balance is on the account's normal side; negative: it
stands on the other one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.asking import check_asked
from ledger.balances import KNOWN_AT, AccountSums, on_side, sums_by_account
from ledger.drafts import DEBIT
from ledger.errors import CursorInvalid
from ledger.moments import Moment, take_moment
from ledger.pulling.entries import MOST_PER_PAGE
from ledger.queries import ACCOUNT_AND_BELOW, ENTITY_ID

__all__ = [
    "LEDGER_COLUMNS",
    "AccountLedgerFilter",
    "LedgerPage",
    "LedgerRow",
    "list_account_ledger",
    "list_sections",
    "posting_condition",
    "stream_account_ledger",
]

LEDGER_COLUMNS = (
    *("book", "entity", "account", "account_name", "accounted_on", "entry_id", "entry_uid", "line_no"),
    *("kind", "key", "description", "counterpart", "partner", "debit", "credit", "balance"),
)

_STREAM_ROWS = 2000


class AccountLedgerFilter(TypedDict, total=False):
    """What narrows an account ledger. Dates are inclusive; an account stands for itself and all below it.

    All hold on the posting; `partner` makes the balances those of the partner; `known_at` takes what was known at that
    moment (ledger.balances).
    """

    accounted_from: date | None
    accounted_to: date | None
    account: str | None
    entity: str | None
    book: str | None
    partner: str | None
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An opening row (no entry; debit and credit are None) or a posting, with the balance after it."""

    book: str
    entity: str
    account: str
    account_name: str
    accounted_on: date | None
    entry_id: int | None
    entry_uid: UUID | None
    line_no: int | None
    kind: str | None
    key: str | None
    description: str | None
    counterpart: str | None
    partner: str | None
    debit: Money | None
    credit: Money | None
    balance: Money


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """One page. `next_cursor` is None at the end; it holds the page's snapshot, so that the balances run on."""

    rows: tuple[LedgerRow, ...]
    next_cursor: str | None
    snapshot: str


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a page ended: a section, and the posting in it that was shown last (None: its opening row)."""

    snapshot: str
    book: str
    entity: str
    account: str
    posting: tuple[date, int, int] | None


_POSTINGS = """
SELECT a.book, n.code AS entity, a.code AS account, p.accounted_on, e.id AS entry_id, e.uid AS entry_uid, p.line_no,
    e.kind, e.key, e.description, c.code AS counterpart, p.partner, p.side, p.amount_sen
FROM posting p
JOIN journal_entry e ON e.id = p.entry_id
JOIN account a ON a.id = p.account_id
JOIN entity n ON n.id = p.entity_id
LEFT JOIN entity c ON c.id = p.counterpart_entity_id
WHERE {condition}
"""
# The order of sections is that of the codes' bytes, in the database and in Python alike.
_BY_SECTION = ' ORDER BY a.book, n.code COLLATE "C", a.code COLLATE "C", p.accounted_on, p.entry_id, p.line_no'
_IN_SECTION = " ORDER BY p.accounted_on, p.entry_id, p.line_no LIMIT :limit"
_NARROWING = {
    "accounted_from": "p.accounted_on >= :accounted_from",
    "accounted_to": "p.accounted_on <= :accounted_to",
    "account": f"p.account_id IN {ACCOUNT_AND_BELOW}",
    "entity": f"p.entity_id = {ENTITY_ID}",
    "book": "p.book = :book",
    "partner": "p.partner = :partner",
    "known_at": KNOWN_AT,
}


def list_account_ledger(
    session: Session,
    *,
    cursor: str | None = None,
    limit: int = 200,
    snapshot: str | None = None,
    **wanted: Unpack[AccountLedgerFilter],
) -> LedgerPage:
    """The rows after `cursor` (None: from the beginning), at most `limit` (1-1000), of now or of a snapshot.

    Later pages are of the first page's snapshot and want its filters. Raises DatesReversed, AccountUnknown,
    MomentAhead, CursorInvalid, SnapshotUnknown.
    """
    if not 1 <= limit <= MOST_PER_PAGE:
        raise ValueError(f"a page has 1 to {MOST_PER_PAGE} rows")
    check_asked(session, wanted)
    after = None if cursor is None else _read_cursor(cursor)
    moment = take_moment(session, snapshot if after is None else after.snapshot)
    shown_last = None if after is None else (after.book, after.entity, after.account)
    rows: list[LedgerRow] = []
    for section in list_sections(session, moment, wanted):
        if shown_last is not None and _place(section) < shown_last:
            continue
        continued = after if _place(section) == shown_last else None
        rows += _section_rows(session, moment, section, continued, limit + 1 - len(rows), wanted)
        if len(rows) > limit:
            break
    shown = tuple(rows[:limit])
    return LedgerPage(shown, _cursor(moment, shown[-1]) if len(rows) > limit else None, moment.snapshot)


def stream_account_ledger(
    session: Session, *, moment: Moment | None = None, **wanted: Unpack[AccountLedgerFilter]
) -> Iterator[LedgerRow]:
    """Every row, section after section, through a server-side cursor: memory stays flat whatever there is.

    The session's unit of work must stay open while the stream is read. Raises, with the first row, DatesReversed,
    AccountUnknown, MomentAhead.
    """
    check_asked(session, wanted)
    moment = moment or take_moment(session)
    condition, values = posting_condition(moment, wanted)
    rows = session.execute(
        text(_POSTINGS.format(condition=condition) + _BY_SECTION),
        values,
        execution_options={"stream_results": True, "yield_per": _STREAM_ROWS},
    )
    posting = next(rows, None)
    for section in list_sections(session, moment, wanted):
        last = _opening(section)
        yield last
        while posting is not None and (posting.book, posting.entity, posting.account) == _place(section):
            last = _after(last, posting, section.normal_side)
            yield last
            posting = next(rows, None)


def list_sections(session: Session, moment: Moment, wanted: Mapping[str, Any]) -> list[AccountSums]:
    """The sums of every section in order; a region has some thousands at most."""
    found = sums_by_account(
        session,
        since=wanted.get("accounted_from"),
        on=wanted.get("accounted_to"),
        known_at=wanted.get("known_at"),
        account=wanted.get("account"),
        entity=wanted.get("entity"),
        book=wanted.get("book"),
        partner=wanted.get("partner"),
        moment=moment,
    )
    return sorted(found, key=_place)


def _place(section: AccountSums) -> tuple[str, str, str]:
    return (section.book, section.entity, section.account)


def _section_rows(
    session: Session,
    moment: Moment,
    section: AccountSums,
    after: _Position | None,
    limit: int,
    wanted: AccountLedgerFilter,
) -> list[LedgerRow]:
    """At most `limit` rows of one section, from its opening row or from after a position in it."""
    last = _opening(section)
    rows = [last] if after is None else []
    condition, values = posting_condition(moment, wanted | {"account": section.account, "entity": section.entity})
    if after is not None and after.posting is not None:
        last = replace(last, balance=_balance_at(session, moment, section, after.posting, wanted))
        condition += " AND (p.accounted_on, p.entry_id, p.line_no) > (:after_day, :after_entry, :after_line)"
        values |= dict(zip(("after_day", "after_entry", "after_line"), after.posting, strict=True))
    found = session.execute(
        text(_POSTINGS.format(condition=condition) + _IN_SECTION), values | {"limit": limit - len(rows)}
    )
    for posting in found:
        last = _after(last, posting, section.normal_side)
        rows.append(last)
    return rows


def _balance_at(
    session: Session,
    moment: Moment,
    section: AccountSums,
    posting: tuple[date, int, int],
    wanted: AccountLedgerFilter,
) -> Money:
    """The balance after one posting: what the kept sums say of earlier days, and that day's postings up to it."""
    day, entry_id, line_no = posting
    of_section: AccountLedgerFilter = {"account": section.account, "entity": section.entity}
    of_day: AccountLedgerFilter = {"accounted_from": day, "accounted_to": day}
    narrowed = wanted | of_section | of_day
    before = next(iter(list_sections(session, moment, narrowed)), section)
    condition, values = posting_condition(moment, narrowed)
    debit, credit = session.execute(
        text(
            "SELECT coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'debit'), 0)::bigint,"  # noqa: S608 - fixed texts; values are bound
            " coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'credit'), 0)::bigint"
            f" FROM posting p JOIN journal_entry e ON e.id = p.entry_id WHERE {condition}"
            " AND (p.entry_id, p.line_no) <= (:upto_entry, :upto_line)"
        ),
        values | {"upto_entry": entry_id, "upto_line": line_no},
    ).one()
    return on_side(section.normal_side, before.opening_debit + debit, before.opening_credit + credit)


def posting_condition(moment: Moment, wanted: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The filters over posting p and journal_entry e, settled at a moment; raises TypeError for one we do not have."""
    values = {name: value for name, value in wanted.items() if value is not None}
    unknown = set(wanted) - set(_NARROWING)
    if unknown:
        raise TypeError(f"no such filter: {', '.join(sorted(unknown))}")
    return " AND ".join([moment.settled, *(_NARROWING[name] for name in values)]), values


def _opening(section: AccountSums) -> LedgerRow:
    balance = on_side(section.normal_side, section.opening_debit, section.opening_credit)
    nothing = dict.fromkeys(
        (
            *("accounted_on", "entry_id", "entry_uid", "line_no", "kind", "key", "description"),
            *("counterpart", "partner", "debit", "credit"),
        )
    )
    return LedgerRow(section.book, section.entity, section.account, section.account_name, balance=balance, **nothing)


def _after(last: LedgerRow, posting: Row[Any], normal_side: str) -> LedgerRow:
    """The posting's row, its balance that of the row before it moved by the posting."""
    amount, is_debit = Money(posting.amount_sen), posting.side == DEBIT
    return LedgerRow(
        book=last.book,
        entity=last.entity,
        account=last.account,
        account_name=last.account_name,
        accounted_on=posting.accounted_on,
        entry_id=posting.entry_id,
        entry_uid=posting.entry_uid,
        line_no=posting.line_no,
        kind=posting.kind,
        key=posting.key,
        description=posting.description,
        counterpart=posting.counterpart,
        partner=posting.partner,
        debit=amount if is_debit else None,
        credit=None if is_debit else amount,
        balance=last.balance + (amount if posting.side == normal_side else -amount),
    )


def _cursor(moment: Moment, row: LedgerRow) -> str:
    posting = None if row.accounted_on is None else [row.accounted_on.isoformat(), row.entry_id, row.line_no]
    place = orjson.dumps([moment.snapshot, row.book, row.entity, row.account, posting])
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def _read_cursor(cursor: str) -> _Position:
    """Raises CursorInvalid for anything that `_cursor` does not write."""
    try:
        place = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        snapshot, book, entity, account, posting = place
        if not all(isinstance(word, str) and "\x00" not in word for word in (snapshot, book, entity, account)):
            raise ValueError("words are texts")
        if posting is None:
            return _Position(snapshot, book, entity, account, None)
        day, entry_id, line_no = posting
        if type(entry_id) is not int or type(line_no) is not int or max(abs(entry_id), abs(line_no)) >= 2**62:
            raise ValueError("a posting is told by two numbers")
        return _Position(snapshot, book, entity, account, (date.fromisoformat(day), entry_id, line_no))
    except (ValueError, TypeError, binascii.Error) as error:
        raise CursorInvalid(field="cursor") from error
