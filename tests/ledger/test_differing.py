"""Other content under a used key names the field that differs, whichever field it is, one by one and in a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import EntryDraft, EntryKeyReused, PostingDraft, budget_recognised, post_entries, post_entry
from ledger.periods import adjust_period, close_period
from tests.ledger.entries import AT, DAY, credited, draft, everything, issued, money, paid, post

Post = Callable[[str, EntryDraft], Any]
SOURCE = UUID("0190a0b0-0000-7000-8000-000000000001")
FIRST = draft(
    postings=paid(150_000) + budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=money(150_000)),
    source_uid=SOURCE,
    description="Pembayaran é",
)


def alone(region: str, entry: EntryDraft) -> None:
    post(region, entry)


def in_a_batch(region: str, entry: EntryDraft) -> None:
    with unit_of_work(region) as session:
        post_entries(session, [draft("another", may_be_late=True), entry], actor="job:test", recorded_at=AT)


def named(region: str, entry: EntryDraft, how: Post = alone) -> str:
    """The field that the refusal names; nothing has changed."""
    before = everything(region)
    with pytest.raises(EntryKeyReused) as refused:
        how(region, entry)
    assert everything(region) == before
    assert refused.value.field is not None
    return refused.value.field.removeprefix("entries[2].")


def changed(place: int, **facts: Any) -> tuple[PostingDraft, ...]:
    """The first entry's postings with other facts in one of them."""
    postings = list(FIRST.postings)
    postings[place - 1] = replace(postings[place - 1], **facts)
    return tuple(postings)


ENTRY_FIELDS: dict[str, dict[str, Any]] = {
    "kind": {"kind": "other"},
    "occurred_at": {"occurred_at": AT + timedelta(microseconds=1)},
    "accounted_on": {"accounted_on": DAY - timedelta(days=1)},
    "description": {"description": "Pembayaran e\u0301"},
    "postings": {"postings": FIRST.postings[:4]},
    "source_kind": {"source_kind": ""},
    "source_uid": {"source_uid": None},
    "may_be_late": {"may_be_late": True},
}
BUDGET_OF_MARKETS = budget_recognised(entity="BAPENDA", kind="RETRIBUSI-PASAR", amount=money(150_000))
BUDGET_OF_LH = budget_recognised(entity="LH", kind="PBB-P2", amount=money(150_000))
POSTING_FIELDS: dict[str, tuple[PostingDraft, ...]] = {
    "postings[1].book": (FIRST.postings[4], FIRST.postings[5], *FIRST.postings[:4]),
    "postings[5].entity": (*FIRST.postings[:4], *BUDGET_OF_LH),
    "postings[6].role": changed(6, role="sanction_lra"),
    "postings[1].side": tuple(
        replace(each, side="credit" if each.side == "debit" else "debit") for each in FIRST.postings
    ),
    "postings[5].amount": (
        *FIRST.postings[:4],
        *budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=Money(15_000_001)),
    ),
    "postings[6].qualifier": (*FIRST.postings[:4], *BUDGET_OF_MARKETS),
    "postings[1].counterpart": changed(1, counterpart="LH"),
    "postings[3].partner": changed(3, partner="BANK2"),
    "postings[2].account": changed(2, role="", qualifier="", account="1.1.04.01.14.0001"),
}


def test_every_field_of_a_draft_is_among_the_cases() -> None:
    assert set(ENTRY_FIELDS) == {field.name for field in fields(EntryDraft)} - {"key"}
    assert {case.partition(".")[2] for case in POSTING_FIELDS} == {field.name for field in fields(PostingDraft)}


@pytest.mark.parametrize("how", [alone, in_a_batch])
@pytest.mark.parametrize("field", ENTRY_FIELDS)
def test_each_field_of_an_entry_is_named(books: str, field: str, how: Post) -> None:
    post(books, FIRST)
    assert named(books, replace(FIRST, **ENTRY_FIELDS[field]), how) == field


@pytest.mark.parametrize("how", [alone, in_a_batch])
@pytest.mark.parametrize("field", POSTING_FIELDS)
def test_each_field_of_a_posting_is_named(books: str, field: str, how: Post) -> None:
    post(books, FIRST)
    if field == "postings[1].counterpart":
        # PPKD's own side has to follow, or the entry would not eliminate.
        other = list(POSTING_FIELDS[field])
        other[0] = replace(other[0], counterpart="LH")
        other[3] = replace(other[3], entity="LH")
        other[2] = replace(other[2], entity="LH")
        assert named(books, replace(FIRST, postings=tuple(other)), how) == field
    else:
        assert named(books, replace(FIRST, postings=POSTING_FIELDS[field]), how) == field


@pytest.mark.parametrize("how", [alone, in_a_batch])
def test_what_says_the_same_is_the_same_content(books: str, how: Post) -> None:
    post(books, FIRST)
    if how is in_a_batch:
        post(books, draft("another", may_be_late=True))
    before = everything(books)
    same = (
        replace(FIRST, occurred_at=AT.astimezone(timezone(timedelta(hours=9)))),
        replace(FIRST, postings=changed(2, counterpart="", partner="")),
        replace(FIRST, postings=changed(4, partner="")),
    )
    for each in same:
        how(books, each)
    post(books, FIRST, actor="job:another")
    assert everything(books) == before


def test_a_moment_is_told_apart_to_the_microsecond_and_not_by_its_zone(books: str) -> None:
    moment = datetime(2026, 3, 9, 16, 59, 59, 999_999, tzinfo=UTC)
    post(books, replace(FIRST, occurred_at=moment))
    assert named(books, replace(FIRST, occurred_at=moment + timedelta(microseconds=1))) == "occurred_at"
    assert named(books, replace(FIRST, occurred_at=moment.replace(microsecond=999_998))) == "occurred_at"
    elsewhere = moment.replace(tzinfo=timezone(timedelta(hours=7)))
    assert named(books, replace(FIRST, occurred_at=elsewhere)) == "occurred_at"


def share_an_account(region: str, role: str, qualifier: str, account: str) -> None:
    with unit_of_work(region) as session:
        session.execute(
            text(
                "INSERT INTO account_role (role, qualifier, valid_from, account_code) VALUES (:r, :q, '2025-01-01', :a)"
            ),
            {"r": role, "q": qualifier, "a": account},
        )


def test_two_roles_of_one_account_are_told_apart(books: str) -> None:
    share_an_account(books, "sanction_receivable", "PBB-P2", "1.1.03.15.01.0001")
    post(books, FIRST)
    assert named(books, replace(FIRST, postings=changed(2, role="sanction_receivable"))) == "postings[2].role"


def test_two_qualifiers_of_one_account_are_told_apart(books: str) -> None:
    share_an_account(books, "receivable", "PBB-LAMA", "1.1.03.15.01.0001")
    post(books, FIRST)
    assert named(books, replace(FIRST, postings=changed(2, qualifier="PBB-LAMA"))) == "postings[2].qualifier"
    assert named(books, replace(FIRST, postings=changed(3, qualifier="BANK2"))) == "postings[3].qualifier"
    assert named(books, replace(FIRST, postings=changed(3, qualifier=""))) == "postings[3].qualifier"


def test_the_account_that_a_role_leads_to_is_not_the_role(books: str) -> None:
    by_account = changed(2, role="", qualifier="", account="1.1.03.15.01.0001")
    post(books, FIRST)
    assert named(books, replace(FIRST, postings=by_account)) == "postings[2].account"
    post(books, replace(FIRST, key="by-account", postings=by_account))
    assert named(books, replace(FIRST, key="by-account")) == "postings[2].role"


def test_of_several_that_differ_the_first_is_named(books: str) -> None:
    post(books, draft("i", issued(5)))
    assert named(books, draft("i", issued(5, kind="RETRIBUSI-PASAR"))) == "postings[1].qualifier"
    share_an_account(books, "sanction_receivable", "PBB-P2", "1.1.03.15.01.0001")
    share_an_account(books, "sanction_lo", "PBB-P2", "7.1.01.15.01.0001")
    receivable, revenue = issued(5)
    others = (replace(receivable, role="sanction_receivable"), replace(revenue, role="sanction_lo"))
    assert named(books, draft("i", others)) == "postings[1].role"
    assert named(books, draft("i", (receivable, others[1]))) == "postings[2].role"


def test_a_long_entry_of_another_kind_is_named_by_its_first_line(books: str) -> None:
    post(books, draft("long", issued(5) * 1500))
    assert named(books, draft("long", issued(5, kind="RETRIBUSI-PASAR") * 1500)) == "postings[1].qualifier"
    assert named(books, draft("long", issued(5) * 1499 + issued(6))) == "postings[2999].amount"


def test_what_no_try_explains_has_a_general_name(books: str) -> None:
    post(books, draft(postings=(credited(5)[0], replace(credited(5)[1], qualifier="BANK-TAK-DIKENAL"))))
    assert named(books, draft(postings=credited(5))) == "postings.role"


def test_the_date_and_the_lateness_of_a_late_entry_are_named(books: str) -> None:
    with unit_of_work(books) as session:
        adjust_period(session, date(2026, 3, 1), today=date(2026, 4, 2), by="cli:test", at=AT)
        close_period(session, date(2026, 3, 1), by="cli:test", at=AT)
    late = replace(FIRST, may_be_late=True)
    posted = post(books, late)
    assert post(books, late).uid == posted.uid
    for field, other in (
        ("accounted_on", replace(late, accounted_on=DAY + timedelta(days=1))),
        ("accounted_on", replace(late, accounted_on=date(2026, 4, 1))),
        ("accounted_on", replace(late, accounted_on=date(2026, 4, 1), may_be_late=False)),
        ("accounted_on", replace(late, accounted_on=date(2024, 4, 1))),
        ("may_be_late", replace(late, may_be_late=False)),
        ("postings[3].qualifier", replace(late, postings=changed(3, qualifier="BANK2"))),
        (
            "accounted_on, postings.role",
            replace(late, accounted_on=DAY + timedelta(days=1), postings=changed(3, qualifier="BANK2")),
        ),
    ):
        assert named(books, other) == field
        assert named(books, other, in_a_batch) == field


def test_a_repetition_in_the_same_unit_of_work_is_named_too(books: str) -> None:
    other = replace(FIRST, postings=changed(3, qualifier="BANK2"))

    def one_by_one() -> None:
        with unit_of_work(books) as session:
            for each in (FIRST, other):
                post_entry(session, each, actor="cli:test", recorded_at=AT)

    def together() -> None:
        with unit_of_work(books) as session:
            post_entries(session, [draft("a"), FIRST, other], actor="cli:test", recorded_at=AT)

    before = everything(books)
    for act, field in ((one_by_one, "postings[3].qualifier"), (together, "entries[3].postings[3].qualifier")):
        with pytest.raises(EntryKeyReused) as refused:
            act()
        assert refused.value.field == field
        assert everything(books) == before
