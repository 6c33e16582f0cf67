"""Posting many entries at once does what posting them one by one does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.errors import LunasError
from ledger import (
    EntityUnknown,
    EntryDraft,
    EntryInvalid,
    EntryKeyReused,
    EntryUnbalanced,
    PostedEntry,
    PostingDraft,
    RoleNotMapped,
    budget_recognised,
    post_entries,
)
from tests.ledger.entries import AT, credited, draft, everything, issued, money, paid, post
from tests.sample_chart import load_sample_chart

MANY = (
    draft("i1", issued(500_000), kind="assessment_issued"),
    draft("p1", paid(150_000, partner="BANK2"), accounted_on=date(2026, 3, 10)),
    draft("c1", credited(150_000) + budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=money(150_000))),
    draft(
        "a1",
        (
            PostingDraft("F", "LH", "", "debit", money(7), account="1.1.04.01.14.0001"),
            PostingDraft("F", "LH", "revenue_lo", "credit", money(7), qualifier="RETRIBUSI-KEBERSIHAN"),
        ),
        description='Kutip " dan \\ serta é',
        may_be_late=True,
    ),
)


def post_many(region: str, *drafts: EntryDraft) -> list[PostedEntry]:
    with unit_of_work(region) as session:
        return post_entries(session, drafts, actor="job:test", recorded_at=AT)


def content(region: str) -> list[tuple[object, ...]]:
    """Every entry and posting without ids."""
    with unit_of_work(region) as session:
        rows = session.execute(
            text(
                "SELECT v.kind, v.key, v.occurred_at, v.accounted_on, v.recorded_at, v.source_kind, v.source_uid,"
                " v.line_no, v.book, v.entity, v.account_code, v.side, v.amount_sen, v.counterpart, v.partner,"
                " e.description, e.actor, e.posting_count, e.content_hash"
                " FROM ledger_postings v JOIN journal_entry e ON e.id = v.entry_id ORDER BY e.id, v.line_no"
            )
        )
        return [tuple(row) for row in rows]


def test_many_entries_stand_in_the_ledger_as_if_posted_one_by_one(
    books: str, restore_regions: Callable[[], None]
) -> None:
    posted = post_many(books, *MANY)
    with unit_of_work(books) as session:
        stored = session.execute(text("SELECT id, uid FROM journal_entry ORDER BY id")).all()
    assert [(each.id, each.uid, each.first_time) for each in posted] == [(*row, True) for row in stored]
    together = content(books)
    restore_regions()
    load_sample_chart(books)
    for each in MANY:
        post(books, each, actor="job:test")
    assert content(books) == together
    assert len(together) == 2 + 4 + 4 + 2


def test_again_gives_the_first_result_also_in_part_and_within_one_batch(books: str) -> None:
    alone = post(books, MANY[1], actor="job:test")
    posted = post_many(books, *MANY, MANY[0])
    assert [each.first_time for each in posted] == [True, False, True, True, False]
    assert posted[1] == replace(alone, first_time=False)
    assert posted[4] == replace(posted[0], first_time=False)
    before = everything(books)
    assert [replace(each, first_time=True) for each in post_many(books, *MANY)] == [
        posted[0],
        alone,
        *posted[2:4],
    ]
    assert everything(books) == before


def test_a_key_with_other_content_refuses_the_whole_batch_and_names_field_and_place(books: str) -> None:
    post(books, MANY[1])
    before = everything(books)
    with pytest.raises(EntryKeyReused) as refused:
        post_many(books, MANY[0], replace(MANY[1], description="lain"))
    assert refused.value.field == "entries[2].description"
    assert everything(books) == before


@pytest.mark.parametrize(
    ("bad", "refusal", "field"),
    [
        (draft("b", kind=""), EntryInvalid, "entries[3].kind"),
        (draft("b", (*issued(5), *issued(6)[:1])), EntryUnbalanced, "entries[3].postings"),
        (draft("b", issued(5, kind="PAJAK-BARU")), RoleNotMapped, None),
        (draft("b", issued(5, entity="TIDAK-ADA")), EntityUnknown, None),
    ],
)
def test_one_bad_draft_refuses_all(books: str, bad: EntryDraft, refusal: type[LunasError], field: str | None) -> None:
    before = everything(books)
    with pytest.raises(refusal) as refused:
        post_many(books, MANY[0], MANY[1], bad)
    assert field is None or refused.value.field == field
    assert everything(books) == before


def test_more_than_one_chunk_keeps_order_and_places(books: str) -> None:
    drafts = [draft(f"k{number}", issued(number)) for number in range(1, 4502)]
    posted = post_many(books, *drafts)
    assert [each.id for each in posted] == sorted(each.id for each in posted)
    with unit_of_work(books) as session:
        stored = session.execute(text("SELECT uid FROM journal_entry ORDER BY substr(key, 2)::int")).scalars().all()
    assert [each.uid for each in posted] == list(stored)
    with pytest.raises(EntryInvalid) as refused:
        post_many(books, *(replace(each, key=f"n{each.key}") for each in drafts), replace(drafts[0], key=""))
    assert refused.value.field == "entries[4502].key"
    assert post_many(books) == []
