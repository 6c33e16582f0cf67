"""A new year's chart is loaded before the year ends, whatever January brings; or late, from where January stands."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.db import unit_of_work
from ledger import ChartLoaded, adjust_period, carry_to_codes, load_chart
from ledger.errors import ChartRefused
from tests.ledger.entries import AT, draft, everything, issued, paid, post
from tests.ledger.year_scene import DECEMBER, NEXT, close, make_ready, standing
from tests.sample_chart import SAMPLES

OLD, NEW = "1.1.03.15.01.0001", "1.1.03.15.02.0001"
HEADING, *ROWS = (SAMPLES / "accounts.csv").read_text().splitlines()
(LOADED,) = (row for row in ROWS if row.startswith(OLD))
NEW_CODES = f"""{HEADING}
1.1.03.15.02,CONTOH – Piutang PBBP2 baru,debit,tidak,ya,2026-12-31,
{NEW},CONTOH – Piutang PBBP2 baru,debit,tidak,ya,2026-12-31,
"""
OLD_CODE_ENDS = f"{LOADED}2026-12-31\n"
CODES = f"rekening_lama,rekening_baru\n{OLD},{NEW}\n".encode()


def load(region: str, accounts: str, *, roles_from: date) -> ChartLoaded:
    roles = f"peran,kualifikasi,rekening,berlaku_dari\nreceivable,PBB-P2,{NEW},{roles_from}\n"
    with unit_of_work(region) as session:
        return load_chart(session, accounts=accounts.encode(), roles=roles.encode(), actor="cli:test", at=AT)


def receivables(region: str, on: date) -> dict[str, int]:
    return {account: net for (_, account), net in standing(region, on).items() if account.startswith("1.1.03")}


def carry(region: str, year: int = 2026) -> int:
    with unit_of_work(region) as session:
        return carry_to_codes(session, year, CODES, actor="cli:test", at=AT).moved.sen // 100


def adjust_december(region: str) -> None:
    with unit_of_work(region) as session:
        adjust_period(session, DECEMBER, today=date(2027, 1, 4), by="cli:test", at=AT)


def test_a_chart_that_is_loaded_in_december_serves_both_years_from_the_first_minute(books: str) -> None:
    post(books, draft("before", issued(900), accounted_on=date(2026, 12, 9)))
    loaded = load(books, NEW_CODES + OLD_CODE_ENDS, roles_from=NEXT)
    assert (loaded.accounts, loaded.roles) == (3, 1)
    post(books, draft("after", issued(50), accounted_on=date(2026, 12, 10)))
    post(books, draft("last", issued(7), accounted_on=date(2026, 12, 31)))
    adjust_december(books)
    post(books, draft("first", paid(300), accounted_on=NEXT))
    # December takes it no more: a late item of 31 December, accounted on 1 January.
    post(books, draft("late", paid(40), accounted_on=date(2026, 12, 31), may_be_late=True))
    assert receivables(books, date(2026, 12, 31)) == {OLD: 957}
    assert receivables(books, NEXT) == {OLD: 957, NEW: -340}
    make_ready_but_december(books)
    assert carry(books) == 957
    assert receivables(books, date(2026, 12, 31)) == {NEW: 957}
    assert receivables(books, NEXT) == {NEW: 617}


def test_a_chart_that_comes_after_january_began_serves_from_the_next_day(books: str) -> None:
    post(books, draft("before", issued(900), accounted_on=date(2026, 12, 9)))
    adjust_december(books)
    post(books, draft("late", paid(40), accounted_on=date(2026, 12, 31), may_be_late=True))
    before = everything(books)
    with pytest.raises(ChartRefused) as refused:
        load(books, NEW_CODES, roles_from=NEXT)
    assert [(each.file, each.field) for each in refused.value.problems] == [("roles", "berlaku_dari")]
    assert "must be after 2027-01-01" in refused.value.message_en
    assert everything(books) == before
    load(books, NEW_CODES, roles_from=date(2027, 1, 2))
    post(books, draft("second", paid(300), accounted_on=date(2027, 1, 2)))
    make_ready_but_december(books)
    assert carry(books) == 900
    # What January brought before stands on the old code, until the year's end tells and carries it.
    assert receivables(books, date(2027, 1, 31)) == {OLD: -40, NEW: 600}
    assert close(books).ending == ()
    make_ready(books, 2027)
    assert close(books, 2027).ending == (OLD,)
    assert carry(books, 2027) == 40
    assert receivables(books, date(2027, 12, 31)) == {NEW: 560}


def make_ready_but_december(region: str) -> None:
    """January to November 2026 being adjusted, as December is already."""
    with unit_of_work(region) as session:
        for number in range(1, 12):
            adjust_period(session, date(2026, number, 1), today=date(2027, 1, 5), by="cli:test", at=AT)
