"""A code that is loaded already ends after a day, when nothing is posted later, and none outlives the one above it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from foundation.db import constraint_of, unit_of_work
from foundation.regions import Region
from ledger import (
    AccountTakesNoPostings,
    ChartLoaded,
    ChartRefused,
    account_balances,
    find_account,
    list_accounts,
    load_chart,
    reverse_entry,
)
from tests.ledger.entries import AT, credited, draft, everything, issued, money, post
from tests.ledger.year_scene import a_year, close, make_ready
from tests.sample_chart import SAMPLES

HEAD = "kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai\n"
RECEIVABLE = "1.1.03.15.01.0001"
LAST = date(2026, 12, 31)
NEXT = date(2027, 1, 1)


def load(region: str, *rows: str) -> ChartLoaded:
    with unit_of_work(region) as session:
        return load_chart(session, accounts=(HEAD + "\n".join(rows)).encode(), actor="cli:test", at=AT)


def told(region: str, *rows: str) -> list[tuple[int, str, str]]:
    before = everything(region)
    with pytest.raises(ChartRefused) as refused:
        load(region, *rows)
    assert everything(region) == before
    return [(each.line, each.field, each.message_en) for each in refused.value.problems]


def sample(code: str, until: date | str) -> str:
    """The sample chart's row of a code, with an end."""
    lines = (SAMPLES / "accounts.csv").read_text("utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"{code},")) + str(until)


def holds(region: str, code: str, *days: date) -> list[bool]:
    with unit_of_work(region) as session:
        listed = [code in {each.code for each in list_accounts(session, on=day, limit=1000)} for day in days]
        assert [find_account(session, code, on=day) is not None for day in days] == listed
    return listed


def test_a_loaded_code_ends_after_a_day_on_which_it_has_postings(books: str) -> None:
    post(books, draft("a", issued(5), accounted_on=LAST))
    before = everything(books)
    assert load(books, sample(RECEIVABLE, LAST)) == ChartLoaded(0, 1, 0)
    assert holds(books, RECEIVABLE, date(2024, 1, 1), LAST, NEXT, date(9999, 12, 31)) == [True, True, False, False]
    post(books, draft("b", issued(7), accounted_on=LAST))
    with pytest.raises(AccountTakesNoPostings) as refused:
        post(books, draft("c", issued(9), accounted_on=NEXT))
    assert refused.value.facts == {"account": RECEIVABLE}
    after = everything(books)
    assert set(before["account"]) < set(after["account"])
    assert (len(after["account"]) - len(before["account"]), len(after["journal_entry"])) == (1, 2)
    with unit_of_work(books) as session:
        rows = {each.account: (each.account_name, each.debit) for each in account_balances(session, on=NEXT)}
    assert rows[RECEIVABLE] == ("CONTOH – Piutang PBBP2", money(12))


def test_the_same_file_again_is_recognised_and_an_earlier_one_too(books: str) -> None:
    assert load(books, sample(RECEIVABLE, LAST)) == ChartLoaded(0, 1, 0)
    before = everything(books)
    assert load(books, sample(RECEIVABLE, LAST)) == ChartLoaded(0, 0, 0)
    assert load(books, sample(RECEIVABLE, "")) == ChartLoaded(0, 0, 0)
    assert everything(books) == before


def test_an_end_may_come_earlier_but_not_later(books: str) -> None:
    load(books, sample(RECEIVABLE, LAST))
    assert told(books, sample(RECEIVABLE, "2027-06-30")) == [
        (2, "kode", f"{RECEIVABLE} is loaded otherwise for the same date")
    ]
    assert load(books, sample(RECEIVABLE, "2026-06-30")) == ChartLoaded(0, 1, 0)
    days = (date(2026, 6, 30), date(2026, 7, 1), LAST, NEXT)
    assert holds(books, RECEIVABLE, *days) == [True, False, False, False]


@pytest.mark.parametrize(
    "row",
    [
        f"{RECEIVABLE},Nama Lain,debit,tidak,ya,2024-01-01,2026-12-31",
        f"{RECEIVABLE},CONTOH – Piutang PBBP2,debit,tidak,tidak,2024-01-01,2026-12-31",
        f"{RECEIVABLE},CONTOH – Piutang PBBP2,debit,tidak,ya,2024-01-01,9999-12-31",
    ],
)
def test_a_row_that_says_more_than_an_end_is_refused(books: str, row: str) -> None:
    assert told(books, row) == [(2, "kode", f"{RECEIVABLE} is loaded otherwise for the same date")]


def test_two_lines_of_one_file_do_not_contradict_each_other(region: Region) -> None:
    entities = (SAMPLES / "entities-3316.csv").read_bytes()
    rows = (HEAD + "1,ASET,debit,tidak,tidak,2024-01-01,\n1,ASET,debit,tidak,tidak,2024-01-01,2026-12-31\n").encode()
    with unit_of_work(region.code) as session, pytest.raises(ChartRefused) as refused:
        load_chart(session, accounts=rows, entities=entities, actor="cli:test", at=AT)
    assert [(each.line, each.field) for each in refused.value.problems] == [(3, "kode")]


def test_nothing_is_posted_after_the_end(books: str) -> None:
    post(books, draft("a", issued(5), accounted_on=LAST))
    assert told(books, sample(RECEIVABLE, "2026-12-30")) == [
        (2, "berlaku_sampai", f"must not be before 2026-12-31, the date of the last posting on {RECEIVABLE}")
    ]
    with pytest.raises(ChartRefused) as refused:
        load(books, sample(RECEIVABLE, "2024-01-01"))
    (problem,) = refused.value.problems
    assert problem.message_id == f"tidak boleh sebelum 2026-12-31, tanggal jurnal terakhir pada {RECEIVABLE}"


def test_the_end_of_a_code_with_a_further_row_is_that_row_s(books: str) -> None:
    load(books, f"{RECEIVABLE},Piutang PBB,debit,tidak,tidak,2026-07-01,")
    other = [(2, "kode", f"{RECEIVABLE} is loaded otherwise for the same date")]
    assert told(books, sample(RECEIVABLE, LAST)) == other
    assert load(books, sample(RECEIVABLE, "2026-06-30")) == ChartLoaded(0, 0, 0)
    assert load(books, f"{RECEIVABLE},Piutang PBB,debit,tidak,tidak,2026-07-01,{LAST}") == ChartLoaded(0, 1, 0)
    assert holds(books, RECEIVABLE, date(2026, 6, 30), LAST, NEXT) == [True, True, False]


def test_a_code_that_ended_begins_again_by_a_further_row(books: str) -> None:
    load(books, sample(RECEIVABLE, LAST))
    again = f"{RECEIVABLE},Piutang PBB,debit,tidak,tidak,2027-02-01,"
    assert load(books, again) == ChartLoaded(0, 1, 0)
    assert holds(books, RECEIVABLE, LAST, NEXT, date(2027, 1, 31), date(2027, 2, 1)) == [True, False, False, True]


def test_the_database_holds_every_other_writer_to_the_same(books: str) -> None:
    insert = (
        "INSERT INTO account (code, name, level, parent_code, book, normal_side, requires_counterpart, is_sample,"
        " valid_from, valid_to) SELECT code, name, level, parent_code, book, normal_side, requires_counterpart,"
        f" is_sample, :since, :until FROM account WHERE code = '{RECEIVABLE}'"
    )
    post(books, draft("a", issued(5), accounted_on=LAST))
    before = everything(books)
    for since, until, rule in (
        (LAST, date(2026, 12, 30), "ledger_account_keeps_postings"),
        (LAST, LAST, "ledger_account_keeps_postings"),
        (NEXT, date(2026, 12, 30), "ck_account_validity"),
    ):
        with pytest.raises(IntegrityError) as refused, unit_of_work(books) as session:
            session.execute(text(insert), {"since": since, "until": until})
        assert constraint_of(refused.value) == rule
    assert everything(books) == before
    with unit_of_work(books) as session:
        session.execute(text(insert), {"since": NEXT, "until": LAST})
    assert holds(books, RECEIVABLE, LAST, NEXT) == [True, False]


def test_a_code_that_ends_with_the_year_is_told_when_the_year_is_closed(books: str) -> None:
    a_year(books)
    load(books, sample(RECEIVABLE, LAST))
    make_ready(books)
    assert close(books).ending == (RECEIVABLE,)


def test_what_was_posted_before_the_end_is_reversed_until_then(books: str) -> None:
    entry = post(books, draft("a", issued(5), accounted_on=date(2026, 12, 1)))
    load(books, sample(RECEIVABLE, LAST))
    with unit_of_work(books) as session:
        reverse_entry(session, entry.uid, reason="Salah", accounted_on=LAST, actor="cli:test", at=AT)
    with unit_of_work(books) as session:
        rows = {each.account: each.debit - each.credit for each in account_balances(session, on=LAST)}
    assert rows.get(RECEIVABLE, money(0)) == money(0)


TREE = (
    "4.1.88,Induk,kredit,tidak,tidak,2026-01-01,{}",
    "4.1.88.01,Anak,kredit,tidak,tidak,2026-01-01,{}",
    "4.1.88.01.01,Cucu,kredit,tidak,tidak,2026-01-01,{}",
)


def tree(*ends: str) -> list[str]:
    return [row.format(until) for row, until in zip(TREE, ends, strict=True)]


def test_no_account_outlives_the_one_above_it(books: str) -> None:
    assert told(books, *tree("2026-01-31", "", "")) == [
        (3, "berlaku_sampai", "the parent account 4.1.88 is valid only until 2026-01-31")
    ]
    assert told(books, *tree("2026-01-31", "2026-01-31", "2026-02-01")) == [
        (4, "berlaku_sampai", "the parent account 4.1.88.01 is valid only until 2026-01-31")
    ]
    assert load(books, *tree("2026-03-31", "2026-02-28", "2026-02-28")) == ChartLoaded(0, 3, 0)


def test_a_parent_that_is_followed_at_once_has_no_end(books: str) -> None:
    following = "4.1.88,Induk baru,kredit,tidak,tidak,2026-02-01,"
    assert load(books, *tree("2026-01-31", "", ""), following) == ChartLoaded(0, 4, 0)


def test_a_loaded_parent_ends_with_what_is_below_it(books: str) -> None:
    load(books, *tree("", "", ""))
    assert told(books, *tree("2026-06-30", "", "")) == [
        (2, "berlaku_sampai", "4.1.88.01 below it is still valid after 2026-06-30")
    ]
    assert told(books, *tree("2026-06-30", "2026-06-30", "")) == [
        (3, "berlaku_sampai", "4.1.88.01.01 below it is still valid after 2026-06-30")
    ]
    assert load(books, *tree("2026-06-30", "2026-06-30", "2026-05-31")) == ChartLoaded(0, 3, 0)
    later = "4.1.88.02,Anak lain,kredit,tidak,tidak,2026-07-01,"
    assert told(books, later) == [(2, "berlaku_dari", "the parent account 4.1.88 is not valid on 2026-07-01")]


def test_a_parent_ends_only_after_what_is_to_begin_below_it(books: str) -> None:
    load(books, *tree("", "2026-02-28", "2026-02-28"), "4.1.88.01,Anak,kredit,tidak,tidak,2026-09-01,2026-10-31")
    assert told(books, tree("2026-06-30", "", "")[0]) == [
        (2, "berlaku_sampai", "4.1.88.01 below it is still valid after 2026-06-30")
    ]
    assert load(books, tree("2026-10-31", "", "")[0]) == ChartLoaded(0, 1, 0)


def test_a_parent_has_a_gap_only_where_what_is_below_it_has_one(books: str) -> None:
    load(books, *tree("", "", ""))
    assert told(books, "4.1.88,Induk,kredit,tidak,tidak,2026-02-01,2026-03-31") == [
        (2, "berlaku_sampai", "4.1.88.01 below it is still valid after 2026-03-31")
    ]
    again = "4.1.88,Induk lagi,kredit,tidak,tidak,2026-04-01,"
    assert load(books, "4.1.88,Induk,kredit,tidak,tidak,2026-02-01,2026-03-31", again) == ChartLoaded(0, 2, 0)


def test_a_chart_that_is_loaded_with_ends_keeps_them(books: str) -> None:
    post(books, draft("a", credited(5)))
    load(books, *tree("2026-06-30", "2026-06-30", "2026-06-30"))
    before = everything(books)
    assert load(books, *tree("2026-06-30", "2026-06-30", "2026-06-30")) == ChartLoaded(0, 0, 0)
    assert told(books, *tree("", "", ""))[0] == (2, "kode", "4.1.88 is loaded otherwise for the same date")
    assert everything(books) == before


def test_the_database_refuses_an_account_that_would_outlive_the_one_above_it(books: str) -> None:
    load(books, *tree("", "2026-02-28", "2026-02-28"))
    insert = (
        "INSERT INTO account (code, name, level, parent_code, book, normal_side, requires_counterpart, is_sample,"
        " valid_from, valid_to) VALUES (:code, 'x', :level, :parent, 'A', 'credit',"
        " false, false, :since, :until)"
    )
    before = everything(books)
    for code, parent, since, until in (
        # Begins before, begins after, outlives, and a parent that ends, or has a gap, above what goes on.
        ("4.1.88.02", "4.1.88", "2025-12-31", None),
        ("4.1.88.01.02", "4.1.88.01", "2026-03-01", "2026-03-01"),
        ("4.1.88.01.02", "4.1.88.01", "2026-02-01", "2026-03-01"),
        ("4.1.88.01.01", "4.1.88.01", "2026-02-01", None),
        ("4.1.88", "4.1", "2026-02-01", "2026-01-31"),
        ("4.1.88", "4.1", "2026-01-05", "2026-01-20"),
    ):
        row = {"code": code, "level": code.count(".") + 1, "parent": parent, "since": since, "until": until}
        with pytest.raises(IntegrityError) as refused, unit_of_work(books) as session:
            session.execute(text(insert), row)
        assert constraint_of(refused.value) == "ledger_account_within_parent"
    assert everything(books) == before
    with unit_of_work(books) as session:
        for code, parent, since, until in (
            ("4.1.88.01.02", "4.1.88.01", "2026-02-01", "2026-02-28"),
            ("4.1.88", "4.1", "2026-03-01", "2026-02-28"),
        ):
            row = {"code": code, "level": code.count(".") + 1, "parent": parent, "since": since, "until": until}
            session.execute(text(insert), row)
    assert holds(books, "4.1.88", date(2026, 2, 28), date(2026, 3, 1)) == [True, False]
