"""Periods, where a late item goes, and reversals against plain look-throughs of what was done, at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from foundation.db import unit_of_work
from ledger import (
    ADJUSTING_KINDS,
    Reversal,
    accounting_date,
    check_periods,
    close_period,
    correct_entry,
    find_reversal,
    list_periods,
    list_unsealed_months,
    post_entry,
    reverse_entry,
)
from tests.ledger.entries import draft, issued
from tests.ledger.months import BY, LATER, adjust, reopen
from tests.ledger.oracle_scene import ASKED_DAYS, MADE_CHARTS, MADE_ENTRIES, ORACLE, REGION, Scene, build
from tests.sample_chart import load_sample_chart

MONTHS = tuple(date.fromisoformat(f"{month}-01") for month in ("2025-12", "2026-01", "2026-02", "2026-03", "2026-05"))
MOVES = st.lists(st.tuples(st.sampled_from(MONTHS), st.sampled_from(("on", "on", "back"))), max_size=14)
DAYS = st.lists(ASKED_DAYS, min_size=8, max_size=12, unique=True)
KINDS = ("", "assessment_issued", "reversal", "closing")
ACTS = st.lists(st.tuples(st.sampled_from(("post", "reverse", "reverse", "correct")), st.integers(0, 99)), max_size=12)


@dataclass
class Month:
    """A month that was moved, and how many entries and postings it held when it was closed."""

    state: str = "OPEN"
    reopenings: int = 0
    held: tuple[int, int] | None = None


@dataclass
class Moved:
    """What was done to months, in plain words."""

    months: dict[date, Month] = field(default_factory=dict)

    def state_of(self, day: date) -> str:
        return self.months.get(day.replace(day=1), Month()).state

    def taking(self, day: date, kind: str) -> date:
        """That day, or the first of the next month that takes the kind."""
        while self.state_of(day) == "CLOSED" or (self.state_of(day) == "ADJUSTING" and kind not in ADJUSTING_KINDS):
            day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return day


def held_in(scene: Scene, month: date) -> tuple[int, int]:
    """The numbers of entries and of postings that are accounted in a month."""
    here = [line.key for line in scene.lines if line.on.replace(day=1) == month]
    return len(set(here)), len(here)


def move_months(scene: Scene, moves: list[tuple[date, str]]) -> Moved:
    """Move months on or back as far as they go, and note where they stand."""
    moved = Moved()
    for month, way in moves:
        known = moved.months.get(month, Month())
        if way == "back" and known.state != "OPEN":
            reopen(REGION, month)
            back = "ADJUSTING" if known.state == "CLOSED" else "OPEN"
            moved.months[month] = Month(back, known.reopenings + 1)
        elif way == "on" and known.state == "OPEN":
            adjust(REGION, month)
            moved.months[month] = Month("ADJUSTING", known.reopenings)
        elif way == "on" and known.state == "ADJUSTING":
            close_adjusted(month)
            moved.months[month] = Month("CLOSED", known.reopenings, held_in(scene, month))
    return moved


def close_adjusted(month: date) -> None:
    with unit_of_work(REGION) as session:
        close_period(session, month, by=BY, at=LATER)


def stands(found: Any) -> tuple[Any, ...]:
    held = None if found.entry_count is None else (found.entry_count, found.posting_count)
    return (found.month, found.state, found.reopenings, held, found.sha256 is not None)


def expected(month: date, known: Month) -> tuple[Any, ...]:
    return (month, known.state, known.reopenings, known.held, known.held is not None)


def hold_checks(session: Session, moved: Moved, month: date | None, contents: bool, also_moved: bool) -> None:
    """`check_periods` gives the closed months, or all that were moved, and finds in them what they were closed with."""
    found = check_periods(session, month=month, contents=contents, moved=also_moved)
    assert [
        (each.month, each.state, each.entry_count, each.posting_count, each.entries_found, each.postings_found)
        for each in found
    ] == [
        (name, known.state, *(known.held or (None, None)), *((contents and known.held) or (None, None)))
        for name, known in sorted(moved.months.items())
        if (known.state == "CLOSED" or also_moved) and month in (None, *same_month(month, name))
    ], (month, contents, also_moved)
    assert list_unsealed_months(session, found) == [each.month for each in found]
    for each in found:
        assert each.is_intact
        assert each.sha256_found == (each.sha256 if contents else None)


def same_month(day: date | None, month: date) -> list[date]:
    return [day] if day is not None and day.replace(day=1) == month else []


def test_every_filter_of_periods_and_where_a_late_item_goes(restore_regions: Callable[[], None]) -> None:
    @ORACLE
    @given(chart=MADE_CHARTS, entries=MADE_ENTRIES, moves=MOVES, days=DAYS)
    def check(
        chart: dict[str, Any], entries: list[dict[str, Any]], moves: list[tuple[date, str]], days: list[date]
    ) -> None:
        scene = build(restore_regions, chart, entries)
        moved = move_months(scene, moves)
        named = {line.on.replace(day=1) for line in scene.lines} | set(moved.months)
        with unit_of_work(REGION) as session:
            assert [stands(each) for each in list_periods(session)] == [
                expected(month, moved.months.get(month, Month())) for month in sorted(named)
            ]
            for day in days:
                for kind in KINDS:
                    assert accounting_date(session, day, kind=kind) == moved.taking(day, kind), (day, kind)
            for asked, contents, also_moved in product([None, *days[:2], *MONTHS[:3]], (True, False), (True, False)):
                hold_checks(session, moved, asked, contents, also_moved)

    check()


def test_every_entry_leads_to_the_reversal_it_has_a_part_in(restore_regions: Callable[[], None]) -> None:
    @ORACLE
    @given(acts=ACTS)
    def check(acts: list[tuple[str, int]]) -> None:
        restore_regions()
        load_sample_chart(REGION)
        uids: list[UUID] = []
        undone: list[Reversal] = []
        for number, (what, which) in enumerate([("post", 0), *acts]):
            at = LATER + timedelta(hours=number)
            free = [uid for uid in uids if uid not in [each.entry_uid for each in undone]]
            with unit_of_work(REGION) as session:
                if what == "post" or not free:
                    posted = post_entry(session, draft(f"e{number}", issued(1)), actor="test", recorded_at=at)
                    uids.append(posted.uid)
                else:
                    undone.append(undo(session, free[which % len(free)], what, number, at))
                    uids += [each for each in (undone[-1].reversal_uid, undone[-1].replacement_uid) if each]
        with unit_of_work(REGION) as session:
            for uid in (*uids, UUID(int=7)):
                first = [each for each in undone if each.entry_uid == uid]
                part = [each for each in undone if uid in (each.reversal_uid, each.replacement_uid)]
                assert find_reversal(session, uid) == next(iter(first + part), None)

    check()


def undo(session: Session, uid: UUID, what: str, number: int, at: datetime) -> Reversal:
    """Reverse or correct an entry; what is to be found of it."""
    why = f"Salah {number}"
    on = date(2026, 4, 7)
    if what == "reverse":
        posted = reverse_entry(session, uid, reason=why, accounted_on=on, actor="test", at=at)
        return Reversal(uid, posted.uid, None, why)
    new = draft(f"e{number}", issued(2))
    done = correct_entry(session, uid, new, reason=why, accounted_on=on, actor="test", at=at)
    return Reversal(uid, done.reversal.uid, done.replacement.uid, why)
