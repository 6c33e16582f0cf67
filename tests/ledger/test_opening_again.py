"""A wrong opening is undone on its cut-over date and posted anew; until then, and elsewhere, nothing stands twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, text

from app.cli import main
from foundation.db import unit_of_work
from ledger import (
    EntryDraft,
    OpeningReversalMisdated,
    OpeningStaysUndone,
    PeriodClosed,
    PostedEntry,
    correct_entry,
    post_entry,
    reverse_entry,
)
from ledger.drafts import mirrored
from ledger.errors import BooksRefused
from ledger.periods import adjust_period, close_period, reopen_period
from ledger.periods.models import EntryReversal
from tests.ledger.entries import AT, credited, draft, everything, issued, money, post
from tests.ledger.openings import HEAD, ON, take_over
from tests.ledger.waiting import until
from tests.ledger.year_scene import standing

WRONG = HEAD + "1.1.03.15.01.0001,BAPENDA,F,debit,100.00,,\n3.1.01.01.01.0001,BAPENDA,F,kredit,100.00,,\n"
RIGHT = WRONG.replace("100.00", "120.00")
MARCH_END = date(2026, 3, 31)


def reverse(region: str, uid: UUID, on: date = ON) -> PostedEntry:
    with unit_of_work(region) as session:
        return reverse_entry(session, uid, reason="Salah saldo", accounted_on=on, actor="cli:test", at=AT)


def close(region: str, month: date) -> None:
    with unit_of_work(region) as session:
        adjust_period(session, month, today=date(2026, 4, 1), by="cli:test", at=AT)
        close_period(session, month, by="cli:test", at=AT)


def reverse_past_the_front(region: str, first: PostedEntry, on: date, *, again: bool = False) -> PostedEntry:
    """A reversal as another writer with the application's rights could post it, on any date; `again`: of a reversal."""
    postings = issued(100)
    by_account = tuple(
        type(each)(each.book, each.entity, "", each.side, each.amount, account=account)
        for each, account in zip(postings, ("1.1.03.15.01.0001", "3.1.01.01.01.0001"), strict=True)
    )
    facts: dict[str, Any] = {"kind": "reversal", "source_kind": "journal_entry", "source_uid": first.uid}
    with unit_of_work(region) as session:
        undone = post_entry(
            session,
            draft(f"reversal:{first.uid}", by_account if again else mirrored(by_account), accounted_on=on, **facts),
            actor="cli:test",
            recorded_at=AT,
        )
        session.execute(insert(EntryReversal).values(entry_id=first.id, reversal_id=undone.id, reason="Salah saldo"))
    return undone


def test_a_wrong_opening_is_reversed_on_its_date_and_the_right_one_stands_alone(books: str) -> None:
    (wrong,) = take_over(books, WRONG).entries
    reverse(books, wrong.uid)
    assert take_over(books, RIGHT).first_time
    expected = {("BAPENDA", "1.1.03.15.01.0001"): 120, ("BAPENDA", "3.1.01.01.01.0001"): -120}
    assert standing(books, ON) == standing(books, MARCH_END) == expected


@pytest.mark.parametrize("on", [date(2025, 12, 31), date(2026, 1, 2), MARCH_END])
def test_an_opening_is_not_reversed_on_another_date(books: str, on: date) -> None:
    (wrong,) = take_over(books, WRONG).entries
    before = everything(books)
    with pytest.raises(OpeningReversalMisdated) as refused:
        reverse(books, wrong.uid, on)
    assert refused.value.field == "accounted_on"
    assert refused.value.message_id == (
        f"Saldo awal {wrong.uid} hanya dapat dibalik per tanggal peralihannya: --on 2026-01-01"
    )
    instead = EntryDraft("correction", "instead", AT, on, "x", credited(1))
    with unit_of_work(books) as session, pytest.raises(OpeningReversalMisdated):
        correct_entry(session, wrong.uid, instead, reason="Salah", accounted_on=on, actor="cli:test", at=AT)
    assert everything(books) == before


def test_the_command_names_the_date_and_takes_it(books: str) -> None:
    (wrong,) = take_over(books, WRONG).entries
    asked = ["ledger", "reverse", str(wrong.uid), "--region", books, "--reason", "Salah saldo"]
    told = CliRunner().invoke(main, asked)
    assert told.exit_code == 1
    assert f"The opening balances {wrong.uid} can only be reversed on their cut-over date: --on 2026-01-01" in (
        told.output
    )
    assert CliRunner().invoke(main, [*asked, "--on", "2026-01-01"]).exit_code == 0
    assert standing(books, ON) == {}


def test_an_opening_in_a_closed_month_is_not_reversed_in_the_next(books: str) -> None:
    (wrong,) = take_over(books, WRONG).entries
    close(books, ON)
    before = everything(books)
    with pytest.raises(PeriodClosed):
        reverse(books, wrong.uid)
    assert everything(books) == before


def test_books_do_not_begin_while_another_opening_still_stands_for_some_days(books: str) -> None:
    (wrong,) = take_over(books, WRONG).entries
    undone = reverse_past_the_front(books, wrong, date(2026, 2, 3))
    before = everything(books)
    with pytest.raises(BooksRefused) as refused:
        take_over(books, RIGHT)
    assert everything(books) == before
    assert [(each.line, each.field, each.message_id, each.message_en) for each in refused.value.problems] == [
        (
            2,
            "entitas",
            f"saldo awal lain F BAPENDA baru dibalik per 2026-02-03, sesudah 2026-01-01, oleh jurnal {undone.uid}",
            "the other opening balances of F BAPENDA are reversed only on 2026-02-03, after 2026-01-01,"
            f" by entry {undone.uid}",
        )
    ]
    for month in (ON, date(2026, 2, 1)):
        close(books, month)
    assert take_over(books, RIGHT, date(2026, 3, 1)).first_time
    assert standing(books, MARCH_END)["BAPENDA", "1.1.03.15.01.0001"] == 120


@pytest.mark.parametrize("since", ["nothing", "the right opening", "a month before it was reopened"])
def test_what_undid_an_opening_is_not_reversed(books: str, since: str) -> None:
    (wrong,) = take_over(books, WRONG).entries
    undone = reverse(books, wrong.uid)
    if since == "the right opening":
        take_over(books, RIGHT)
    elif since != "nothing":
        for _ in ("to being adjusted", "to open"):
            with unit_of_work(books) as session:
                reopen_period(session, date(2025, 12, 1), reason="Koreksi", by="cli:test", at=AT)
    before = everything(books)
    with pytest.raises(OpeningStaysUndone) as refused:
        reverse(books, undone.uid)
    assert refused.value.field == "uid"
    assert refused.value.message_id == (
        f"Jurnal {undone.uid} membalik saldo awal dan tidak dapat dibalik. Bukukan lagi berkas saldonya:"
        " lunas ledger open-balances"
    )
    assert refused.value.message_en == (
        f"Entry {undone.uid} undoes opening balances and cannot be reversed. Post their file again:"
        " lunas ledger open-balances"
    )
    instead = EntryDraft("correction", "instead", AT, ON, "x", credited(1))
    with unit_of_work(books) as session, pytest.raises(OpeningStaysUndone):
        correct_entry(session, undone.uid, instead, reason="Salah", accounted_on=ON, actor="cli:test", at=AT)
    assert everything(books) == before


def test_neither_is_what_brought_an_opening_back_past_the_front(books: str) -> None:
    (wrong,) = take_over(books, WRONG).entries
    back = reverse_past_the_front(books, reverse(books, wrong.uid), ON, again=True)
    before = everything(books)
    with pytest.raises(OpeningStaysUndone):
        reverse(books, back.uid)
    assert everything(books) == before


def test_books_do_not_begin_while_an_opening_is_being_undone(books: str) -> None:
    (wrong,) = take_over(books, WRONG).entries
    with ThreadPoolExecutor(1) as pool:
        with unit_of_work(books) as session:
            reverse_entry(session, wrong.uid, reason="Salah saldo", accounted_on=ON, actor="cli:test", at=AT)
            right = pool.submit(take_over, books, RIGHT)
            until(lambda: right.done() or others_wait(books), "nobody waited for the reversal")
        assert right.result(60).first_time
    assert standing(books, ON)["BAPENDA", "1.1.03.15.01.0001"] == 120


def others_wait(region: str) -> bool:
    """Whether anybody waits for a lock that has no table."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with unit_of_work(region) as session:
        return bool(session.scalar(waiting))


def test_an_opening_whose_reversal_was_reversed_stands(books: str) -> None:
    (wrong,) = take_over(books, WRONG).entries
    reverse_past_the_front(books, reverse(books, wrong.uid), ON, again=True)
    with pytest.raises(BooksRefused) as refused:
        take_over(books, RIGHT)
    assert [each.message_en for each in refused.value.problems] == ["F BAPENDA has other opening balances"]


@pytest.mark.parametrize("back_on, is_refused", [(date(2025, 12, 30), False), (date(2026, 1, 2), True)])
def test_what_was_booked_before_is_told_unless_it_was_undone_before(
    books: str, back_on: date, is_refused: bool
) -> None:
    first = post(books, draft("bill:1", issued(5), accounted_on=date(2025, 12, 20)))
    reverse(books, first.uid, back_on)
    if is_refused:
        with pytest.raises(BooksRefused) as refused:
            take_over(books, WRONG)
        assert [each.message_en for each in refused.value.problems] == ["BAPENDA already has entries before 2026-01-01"]
        return
    close(books, date(2025, 12, 1))
    assert take_over(books, WRONG).first_time
    assert standing(books, ON)["BAPENDA", "1.1.03.15.01.0001"] == money(100).sen // 100


PPKD = HEAD + "1.1.01.01.01.0001,PPKD,F,debit,900.00,,\n3.1.01.01.01.0001,PPKD,F,kredit,900.00,,\n"


def test_the_same_file_adds_nothing_after_another_entity_s_opening_was_reversed(books: str) -> None:
    (wrong,) = take_over(books, WRONG).entries
    (other,) = take_over(books, PPKD).entries
    reverse(books, wrong.uid)
    before = everything(books)
    again = take_over(books, PPKD)
    assert (again.first_time, [entry.uid for entry in again.entries]) == (False, [other.uid])
    assert everything(books) == before
    take_over(books, RIGHT)
    assert not take_over(books, PPKD).first_time
    assert standing(books, ON) == {
        ("BAPENDA", "1.1.03.15.01.0001"): 120,
        ("BAPENDA", "3.1.01.01.01.0001"): -120,
        ("PPKD", "1.1.01.01.01.0001"): 900,
        ("PPKD", "3.1.01.01.01.0001"): -900,
    }


def test_what_was_reversed_is_posted_again_from_the_same_file_as_often_as_it_was_reversed(books: str) -> None:
    uids = []
    for _ in range(3):
        opened = take_over(books, WRONG)
        assert opened.first_time
        assert take_over(books, WRONG).first_time is False
        uids.append(opened.entries[0].uid)
        reverse(books, opened.entries[0].uid)
    assert len(set(uids)) == 3
    assert standing(books, ON) == {}


def test_the_same_file_adds_nothing_where_the_reversal_was_reversed(books: str) -> None:
    (first,) = take_over(books, WRONG).entries
    reverse_past_the_front(books, reverse(books, first.uid), ON, again=True)
    again = take_over(books, WRONG)
    assert (again.first_time, again.entries[0].uid) == (False, first.uid)
    assert standing(books, ON)["BAPENDA", "1.1.03.15.01.0001"] == 100
