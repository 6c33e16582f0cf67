"""A ledger on paper: plain lists and plain sums, to which the state machine holds the real one.

For: tests/ledger/test_state_machine.py. It looks through everything for every answer and shares no code with what it
judges but the drafts and the names of refusals.
Not for: speed, or more than one writer.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from foundation.errors import LunasError
from ledger import ADJUSTING_KINDS, EntryDraft, PeriodAdjusting, PeriodClosed, PostedEntry
from tests.sample_chart import SAMPLES


@dataclass(frozen=True)
class PaperLine:
    """One posting, by codes."""

    book: str
    entity: str
    account: str
    side: str
    sen: int
    counterpart: str | None
    partner: str | None


@dataclass(frozen=True)
class PaperEntry:
    """One entry as it was accepted."""

    posted: PostedEntry
    draft: EntryDraft
    on: date
    recorded_at: datetime
    lines: tuple[PaperLine, ...]


@dataclass
class PaperPeriod:
    """A month that was moved."""

    state: str = "OPEN"
    reopenings: int = 0
    held: tuple[int, int] | None = None


@dataclass(frozen=True)
class PaperLink:
    """A reversal or correction: what was asked, and the entries by uid."""

    asked: tuple[Any, ...]
    entry: UUID
    reversal: PostedEntry
    replacement: PostedEntry | None


@dataclass
class PaperLedger:
    """Everything that was accepted, in the order in which it was written."""

    entries: list[PaperEntry] = field(default_factory=list)
    periods: dict[date, PaperPeriod] = field(default_factory=dict)
    links: list[PaperLink] = field(default_factory=list)
    roles: dict[tuple[str, str], dict[date, str]] = field(default_factory=dict)
    sides: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[date, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in _rows("roles-3316.csv"):
            dated = self.roles.setdefault((row["peran"], row["kualifikasi"]), {})
            dated[date.fromisoformat(row["berlaku_dari"])] = row["rekening"]
        sides = {"debit": "debit", "kredit": "credit"}
        self.sides = {row["kode"]: sides[row["saldo_normal"]] for row in _rows("accounts.csv")}
        for row in _rows("accounts.csv"):
            self.names.setdefault(row["kode"], {})[date.fromisoformat(row["berlaku_dari"])] = row["nama"]

    def find(self, key: str) -> PaperEntry | None:
        """The entry of a key."""
        return next((entry for entry in self.entries if entry.draft.key == key), None)

    def state_of(self, day: date) -> str:
        """The state of the day's month."""
        return self.periods.get(day.replace(day=1), PaperPeriod()).state

    def refusal(self, kind: str, day: date) -> type[LunasError] | None:
        """Why a month does not take an entry of this kind, or None."""
        state = self.state_of(day)
        if state == "CLOSED":
            return PeriodClosed
        return PeriodAdjusting if state == "ADJUSTING" and kind not in ADJUSTING_KINDS else None

    def date_for(self, draft: EntryDraft) -> date:
        """Where the draft is accounted, if it is taken."""
        day = draft.accounted_on
        while draft.may_be_late and self.refusal(draft.kind, day):
            day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        return day

    def account_of(self, role: str, qualifier: str, day: date) -> str:
        """The account of a role on a day: the newest row of the qualifier, else of the fallback."""
        for wanted in (qualifier, ""):
            rows = {since: code for since, code in self.roles.get((role, wanted), {}).items() if since <= day}
            if rows:
                return rows[max(rows)]
        raise AssertionError(f"the sample chart has no {role}[{qualifier}]")

    def may_map(self, role: str, qualifier: str, since: date, code: str) -> bool:
        """Whether a role may have another account from a day on: what its former one holds from then on forbids it."""
        dated = self.roles[role, qualifier]
        if since in dated:
            return dated[since] == code
        former = self.account_of(role, qualifier, since)
        until = min((day for day in dated if day > since), default=date.max)
        return former == code or not any(
            line.account == former for entry in self.entries if since <= entry.on < until for line in entry.lines
        )

    def named_since(self, code: str, day: date) -> date:
        """Since when the row of a code that holds on a day does so."""
        return max(since for since in self.names[code] if since <= day)

    def may_name(self, code: str, since: date) -> bool:
        """Whether a code may have a further row from a day on: after all that is posted on it."""
        posted = [entry.on for entry, line in _lines(self.entries) if line.account == code]
        return since in self.names[code] or since > max(posted, default=date.min)

    def entry_of(self, draft: EntryDraft, posted: PostedEntry, recorded_at: datetime) -> PaperEntry:
        """The draft as the entry it becomes."""
        on = self.date_for(draft)
        lines = tuple(
            PaperLine(
                each.book,
                each.entity,
                each.account or self.account_of(each.role, each.qualifier, on),
                each.side,
                each.amount.sen,
                each.counterpart,
                each.partner,
            )
            for each in draft.postings
        )
        return PaperEntry(posted, draft, on, recorded_at, lines)

    def move(self, month: date, target: str) -> PaperPeriod:
        """Move a month that may be moved."""
        period = self.periods.setdefault(month, PaperPeriod())
        period.reopenings += (period.state, target) in (("CLOSED", "ADJUSTING"), ("ADJUSTING", "OPEN"))
        period.state = target
        here = [entry for entry in self.entries if entry.on.replace(day=1) == month]
        period.held = (len(here), sum(len(entry.lines) for entry in here)) if target == "CLOSED" else None
        return period

    def link_of(self, uid: UUID) -> PaperLink | None:
        """The reversal an entry has a part in: as what was undone, else as what undid or replaced it."""
        undone = [link for link in self.links if link.entry == uid]
        other = [
            link
            for link in self.links
            if uid == link.reversal.uid or (link.replacement is not None and uid == link.replacement.uid)
        ]
        return next(iter(undone + other), None)

    def pulled(self, wanted: dict[str, Any], *, first: int | None = None) -> list[PaperEntry]:
        """The entries that a filter of `list_entries` chooses, of the first so many."""
        return [entry for entry in self.entries[:first] if _is_chosen(entry, wanted)]

    def sums(self, wanted: dict[str, Any]) -> dict[tuple[str, str, str], tuple[int, int, int, int]]:
        """Opening debit and credit, debit and credit per book, entity and account, for balances' own filters."""
        found: dict[tuple[str, str, str], tuple[int, int, int, int]] = {}
        since = wanted.get("since") or date.min
        for entry, line in self._counted(wanted):
            place = (line.book, line.entity, line.account)
            added = [0, 0, 0, 0]
            added[2 * (entry.on >= since) + (line.side == "credit")] = line.sen
            old = found.get(place, (0, 0, 0, 0))
            found[place] = (old[0] + added[0], old[1] + added[1], old[2] + added[2], old[3] + added[3])
        return dict(sorted(found.items()))

    def named(self, wanted: dict[str, Any]) -> dict[tuple[str, str, str], str]:
        """The name of each account that `sums` has: of the newest row of its code that was posted on."""
        newest: dict[tuple[str, str, str], date] = {}
        for entry, line in self._counted(wanted):
            place, since = (line.book, line.entity, line.account), self.named_since(line.account, entry.on)
            newest[place] = max(since, newest.get(place, since))
        return {place: self.names[place[2]][since] for place, since in sorted(newest.items())}

    def _counted(self, wanted: dict[str, Any]) -> list[tuple[PaperEntry, PaperLine]]:
        since, on = wanted.get("since") or date.min, wanted.get("on") or date.max
        unclosed = wanted.get("before_closing", False)
        return [
            (entry, line)
            for entry, line in _lines(self.entries)
            if _fits(entry, line, wanted)
            and entry.on <= on
            and not (unclosed and ADJUSTING_KINDS.get(entry.draft.kind) == "closing" and entry.on >= since)
        ]

    def account_ledger(self, wanted: dict[str, Any], *, first: int) -> list[tuple[Any, ...]]:
        """Rows of the account ledger: (section, key or None, line number or None, signed movement, balance)."""
        rows: list[tuple[Any, ...]] = []
        since, until = wanted.get("accounted_from") or date.min, wanted.get("accounted_to") or date.max
        chosen: dict[tuple[str, str, str], list[tuple[date, int, int, str, int]]] = {}
        for entry, number, line in _numbered(self.entries[:first]):
            if _fits(entry, line, wanted) and entry.on <= until:
                sen = line.sen if line.side == self.sides[line.account] else -line.sen
                chosen.setdefault((line.book, line.entity, line.account), []).append(
                    (entry.on, entry.posted.id, number, entry.draft.key, sen)
                )
        for section, postings in sorted(chosen.items()):
            balance = sum(sen for on, *_, sen in postings if on < since)
            rows.append((section, None, None, 0, balance))
            for on, _, number, key, sen in sorted(postings):
                if on >= since:
                    balance += sen
                    rows.append((section, key, number, sen, balance))
        return rows


def _rows(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _lines(entries: Iterable[PaperEntry]) -> list[tuple[PaperEntry, PaperLine]]:
    return [(entry, line) for entry in entries for line in entry.lines]


def _numbered(entries: Sequence[PaperEntry]) -> list[tuple[PaperEntry, int, PaperLine]]:
    return [(entry, number, line) for entry in entries for number, line in enumerate(entry.lines, start=1)]


def _fits(entry: PaperEntry, line: PaperLine, wanted: dict[str, Any]) -> bool:
    """Whether what is asked of a posting holds on this one; an account stands for itself and all below it."""
    account, known_at = wanted.get("account"), wanted.get("known_at")
    return (
        (account is None or f"{line.account}.".startswith(f"{account}."))
        and all(wanted.get(name) in (None, getattr(line, name)) for name in ("entity", "book", "partner"))
        and (known_at is None or entry.recorded_at <= known_at)
    )


def _is_chosen(entry: PaperEntry, wanted: dict[str, Any]) -> bool:
    since, until = wanted.get("accounted_from") or date.min, wanted.get("accounted_to") or date.max
    return (
        any(_fits(entry, line, wanted) for line in entry.lines)
        and since <= entry.on <= until
        and wanted.get("kind") in (None, entry.draft.kind)
        and wanted.get("source_uid") in (None, entry.draft.source_uid)
    )
