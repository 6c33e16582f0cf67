"""A balance is carried once all of it is in the books: nobody still writes, and nothing ordinary can follow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import text

from foundation.db import run_unit, unit_of_work
from ledger import (
    CodesCarried,
    EntryDraft,
    PeriodBusy,
    PostedEntry,
    YearNotReady,
    carry_to_codes,
    journals,
    post_entry,
    reverse_entry,
)
from ledger.periods import adjust_period, list_periods
from tests.ledger.entries import AT, draft, everything, issued, post
from tests.ledger.waiting import until
from tests.ledger.year_scene import DECEMBER, LAST, NEXT, make_ready, sen, standing

OLD, NEW = "1.1.03.15.01.0001", "1.1.03.20.01.0001"
CODES = f"rekening_lama,rekening_baru\n{OLD},{NEW}\n".encode()


def carry(region: str) -> CodesCarried:
    with unit_of_work(region) as session:
        return carry_to_codes(session, 2026, CODES, actor="cli:test", at=AT)


def reduced(on: date = LAST) -> EntryDraft:
    """An adjusting entry over 10.000."""
    postings = journals.assessment_reduced(entity="BAPENDA", kind="PBB-P2", amount=sen(10_000))
    return EntryDraft("assessment_reduced", f"reduced:{on}", AT, on, "Pengurangan", postings)


def receivables(region: str) -> dict[str, int]:
    return {account: net for (_, account), net in standing(region, LAST).items() if account.startswith("1.1.03")}


def others_wait(region: str) -> bool:
    with unit_of_work(region) as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")))


@pytest.mark.parametrize("on", [LAST, date(2026, 6, 30), date(2025, 12, 31)])
def test_what_was_being_written_is_carried_along(books: str, on: date) -> None:
    post(books, draft("issued", issued(90_000)))
    make_ready(books)
    with ThreadPoolExecutor(1) as pool:
        with unit_of_work(books) as session:
            post_entry(session, reduced(on), actor="cli:test", recorded_at=AT)
            carrying = pool.submit(carry, books)
            until(lambda: carrying.done() or others_wait(books), "nobody waited for the writer")
        assert carrying.result(60).moved == sen(80_000)
    assert receivables(books) == {NEW: 80_000}


@pytest.mark.parametrize("on", [LAST, date(2025, 12, 31)])
def test_what_waited_for_a_carry_is_posted_after_it_and_undone_where_it_stands(books: str, on: date) -> None:
    post(books, draft("issued", issued(90_000)))
    make_ready(books)

    def post_reduced() -> PostedEntry:
        return run_unit(books, lambda session: post_entry(session, reduced(on), actor="cli:test", recorded_at=AT))

    with ThreadPoolExecutor(1) as pool:
        with unit_of_work(books) as session:
            # As the carry does before it looks at what there is to carry.
            session.execute(text("SELECT ledger_lock_period(:month)"), {"month": on.replace(day=1)})
            posting = pool.submit(post_reduced)
            until(lambda: posting.done() or others_wait(books), "nobody waited for the carry")
            (carried,) = carry_to_codes(session, 2026, CODES, actor="cli:test", at=AT).entries
        posted = posting.result(60)
    assert (posted.first_time, posted.id > carried.id) == (True, True)
    assert receivables(books) == {OLD: -10_000, NEW: 90_000}
    with unit_of_work(books) as session:
        reverse_entry(session, posted.uid, reason="Salah", accounted_on=NEXT, actor="cli:test", at=AT)
    after = {account: net for (_, account), net in standing(books, NEXT).items() if account.startswith("1.1.03")}
    assert after == {NEW: 90_000}


def test_nothing_is_carried_while_somebody_goes_on_writing(books: str) -> None:
    post(books, draft("issued", issued(90_000)))
    make_ready(books)
    before = everything(books)
    with unit_of_work(books) as session:
        post_entry(session, reduced(), actor="cli:test", recorded_at=AT)
        with pytest.raises(PeriodBusy) as refused:
            carry(books)
        session.rollback()
    assert refused.value.field == "year"
    assert everything(books) == before
    assert carry(books).moved == sen(90_000)


def test_nothing_is_carried_from_a_year_that_takes_ordinary_entries(books: str) -> None:
    post(books, draft("issued", issued(90_000)))
    with unit_of_work(books) as session:
        adjust_period(session, DECEMBER, today=date(2027, 1, 5), by="cli:test", at=AT)
        months = list_periods(session)
    before = everything(books)
    with pytest.raises(YearNotReady) as refused:
        carry(books)
    named = ", ".join(f"2026-{number:02}" for number in range(1, 12))
    assert refused.value.facts["reason_id"] == f"belum dalam penyesuaian atau ditutup: {named}"
    assert refused.value.facts["reason_en"] == f"not being adjusted or closed: {named}"
    assert everything(books) == before
    with unit_of_work(books) as session:
        assert list_periods(session) == months
