"""post_entry: what it writes, once per key, and what it refuses without leaving a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from foundation.db import unit_of_work
from foundation.money import Money
from foundation.regions import Region
from ledger import (
    AccountTakesNoPostings,
    Entity,
    EntityUnknown,
    EntryDraft,
    EntryInvalid,
    EntryKeyReused,
    EntryUnbalanced,
    PostedEntry,
    PostingDraft,
    RoleNotMapped,
    budget_recognised,
    get_entity,
    get_ppkd,
    list_entries,
    post_entries,
    post_entry,
    resolve_account,
)
from tests.ledger.entries import AT, DAY, credited, draft, everything, issued, money, paid, post, wait_until_settled
from tests.sample_chart import load_sample_chart

SOURCE = UUID("0190a0b0-0000-7000-8000-000000000001")


def test_a_payment_and_its_budget_side_stand_in_one_entry(books: str) -> None:
    both = paid(150_000) + budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=money(150_000))
    posted = post(books, draft(postings=both, source_uid=SOURCE))
    wait_until_settled(books)
    with unit_of_work(books) as session:
        (entry,) = list_entries(session).entries
    assert (entry.uid, entry.id, posted.first_time) == (posted.uid, posted.id, True)
    assert (entry.kind, entry.key, entry.description) == ("paid_at_partner", "payment:1", "Pembayaran PBB-P2")
    assert (entry.occurred_at, entry.accounted_on, entry.recorded_at) == (AT, DAY, AT)
    assert (entry.source_kind, entry.source_uid, entry.actor) == ("payment", SOURCE, "partner:BPD")
    assert [(n.line_no, n.book, n.entity, n.account, n.side, n.amount.sen) for n in entry.lines] == [
        (1, "F", "BAPENDA", "3.1.03.01.01.0001", "debit", 15_000_000),
        (2, "F", "BAPENDA", "1.1.03.15.01.0001", "credit", 15_000_000),
        (3, "F", "PPKD", "1.1.01.90.01.0001", "debit", 15_000_000),
        (4, "F", "PPKD", "1.1.13.01.01.0001", "credit", 15_000_000),
        (5, "A", "BAPENDA", "3.1.02.05.01.0001", "debit", 15_000_000),
        (6, "A", "BAPENDA", "4.1.01.15.01.0001", "credit", 15_000_000),
    ]
    assert [n.counterpart for n in entry.lines] == ["PPKD", None, None, "BAPENDA", None, None]
    assert [n.partner for n in entry.lines] == [None, None, "BPD", None, None, None]


def test_the_same_entry_again_gives_the_first_result(books: str) -> None:
    first = post(books, draft(source_uid=SOURCE))
    before = everything(books)
    in_jakarta = AT.astimezone(timezone(timedelta(hours=7)))
    again = post(books, draft(source_uid=SOURCE, occurred_at=in_jakarta), actor="job:retry")
    assert again == PostedEntry(uid=first.uid, id=first.id, first_time=False)
    assert everything(books) == before


@pytest.mark.parametrize(
    "field, changed",
    [
        ("kind", {"kind": "other"}),
        ("occurred_at", {"occurred_at": AT + timedelta(microseconds=1)}),
        ("accounted_on", {"accounted_on": date(2026, 3, 10)}),
        ("description", {"description": "Lain"}),
        ("source_kind", {"source_kind": "other"}),
        ("source_uid", {"source_uid": UUID(int=1)}),
        ("postings[1].amount", {"postings": paid(150_001)}),
        ("postings[1].entity", {"postings": paid(150_000, entity="LH")}),
        ("postings[2].qualifier", {"postings": paid(150_000, kind="RETRIBUSI-PASAR")}),
        ("postings[3].partner", {"postings": paid(150_000, partner="BANK2")}),
        ("postings", {"postings": credited(150_000)}),
    ],
)
def test_other_content_under_a_used_key_is_refused_naming_the_field(
    books: str, field: str, changed: dict[str, Any]
) -> None:
    post(books, draft())
    before = everything(books)
    with pytest.raises(EntryKeyReused) as refused:
        post(books, draft(**changed))
    assert refused.value.field == field
    assert everything(books) == before


def test_a_role_that_shares_its_account_with_the_first_is_still_other_content(books: str) -> None:
    first = credited(150_000)
    post(books, draft(postings=first))
    other = (first[0], replace(first[1], qualifier="BANK2"))
    with pytest.raises(EntryKeyReused) as refused:
        post(books, draft(postings=other))
    assert refused.value.field == "postings[2].qualifier"


def test_ten_at_once_under_one_key_post_once(books: str) -> None:
    start, told = Barrier(10), []

    def act() -> None:
        start.wait()
        told.append(post(books, draft()))

    threads = [Thread(target=act) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(t.first_time for t in told) == [False] * 9 + [True]
    assert len({t.uid for t in told}) == 1
    stored = everything(books)
    assert (len(stored["journal_entry"]), len(stored["posting"])) == (1, 4)


def line(**changed: Any) -> PostingDraft:
    return replace(PostingDraft("F", "PPKD", "rkud", "debit", money(1)), **changed)


CREDIT = line(role="suspense", side="credit")
RK = line(role="rk_ppkd", counterpart="PPKD", entity="LH")


@pytest.mark.parametrize(
    "field, entry",
    [
        ("kind", draft(kind="")),
        ("key", draft(key="k" * 201)),
        ("key", draft(key="a\x00b")),
        ("description", draft(description="d" * 301)),
        ("occurred_at", draft(occurred_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=7))))),
        ("occurred_at", draft(occurred_at=datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=7))))),
        ("accounted_on", draft(accounted_on=date(999, 12, 31))),
        ("postings", draft(postings=tuple(replace(each, amount=Money(10**17)) for each in (line(), CREDIT) * 2))),
        ("description", draft(description="half of a pair \ud83d")),
        ("source_kind", draft(source_kind="\x00")),
        ("postings[2].qualifier", draft(postings=(line(), replace(CREDIT, qualifier="\x00")))),
        ("postings[1].entity", draft(postings=(line(entity="A\x00"), replace(CREDIT, entity="A\x00")))),
        ("postings[1].partner", draft(postings=(line(partner="p" * 41), CREDIT))),
        ("postings[1].partner", draft(postings=(line(partner="\udfff"), CREDIT))),
        ("occurred_at", draft(occurred_at=datetime(2026, 3, 9))),  # noqa: DTZ001 - a naive moment is the point
        ("postings", draft(postings=(line(),))),
        ("postings[1].role", draft(postings=(line(role="cash"), CREDIT))),
        ("postings[1].role", draft(postings=(line(book="A"), CREDIT))),
        ("postings[1].side", draft(postings=(line(side="D"), CREDIT))),
        ("postings[1].amount", draft(postings=(line(amount=Money(0)), CREDIT))),
        ("postings[2].amount", draft(postings=(line(), replace(CREDIT, amount=Money(-100))))),
        ("postings[1].amount", draft(postings=(line(amount=Money(9 * 10**18)), CREDIT))),
        ("postings[2].amount", draft(postings=(line(), replace(CREDIT, amount=Money(10**17 + 1))))),
        ("postings[1].counterpart", draft(postings=(line(counterpart="LH"), CREDIT))),
        ("postings[1].counterpart", draft(postings=(line(role="rk_skpd"), CREDIT))),
        ("postings[1].counterpart", draft(postings=(line(role="rk_skpd", counterpart="PPKD"), CREDIT))),
    ],
)
def test_a_malformed_entry_is_refused_naming_the_field(books: str, field: str, entry: EntryDraft) -> None:
    before = everything(books)
    with pytest.raises(EntryInvalid) as refused:
        post(books, entry)
    assert refused.value.field == field
    assert everything(books) == before


@pytest.mark.parametrize(
    "field, changed",
    [
        ("actor", {"actor": ""}),
        ("actor", {"actor": "a" * 121}),
        ("actor", {"actor": "a\x00"}),
        ("recorded_at", {"recorded_at": datetime(2026, 3, 9)}),  # noqa: DTZ001 - a naive moment is the point
        ("recorded_at", {"recorded_at": datetime(9999, 1, 1, tzinfo=UTC)}),
    ],
)
@pytest.mark.parametrize("many", [False, True])
def test_an_act_without_actor_or_moment_is_refused(books: str, field: str, changed: dict[str, Any], many: bool) -> None:
    before = everything(books)
    told: dict[str, Any] = {"actor": "job:test", "recorded_at": datetime(2026, 3, 9, tzinfo=UTC)} | changed
    with pytest.raises(EntryInvalid) as refused, unit_of_work(books) as session:
        post_entries(session, [draft()], **told) if many else post_entry(session, draft(), **told)
    assert refused.value.field == field
    assert everything(books) == before


def test_text_that_only_looks_like_nul_is_kept(books: str) -> None:
    told = r"a\u0000b \ud800"
    entry = post(books, draft(description=told))
    with unit_of_work(books) as session:
        kept = session.scalar(text("SELECT description FROM journal_entry WHERE id = :id"), {"id": entry.id})
    assert kept == told


@pytest.mark.parametrize(
    "where, postings",
    [
        ("F PPKD", (line(amount=money(3)), CREDIT)),
        # Debit in one office, credit in another: the sum is zero, the books are not.
        ("F LH", (line(entity="LH"), CREDIT)),
        # The same across the two books of one office.
        ("F BAPENDA", (issued(5)[0], *budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=money(5)))),
        (
            "RK LH/PPKD",
            (
                line(entity="LH", role="rk_ppkd", counterpart="PPKD"),
                line(entity="LH", role="receivable", side="credit"),
            ),
        ),
    ],
)
def test_what_does_not_balance_is_refused_saying_where(
    books: str, where: str, postings: tuple[PostingDraft, ...]
) -> None:
    before = everything(books)
    with pytest.raises(EntryUnbalanced) as refused:
        post(books, draft(postings=postings))
    assert refused.value.facts["where"] == where
    assert everything(books) == before


def test_a_kind_that_is_not_mapped_is_named(books: str) -> None:
    before = everything(books)
    with pytest.raises(RoleNotMapped) as refused:
        post(books, draft(postings=issued(1, kind="PAJAK-BARU")))
    assert refused.value.facts == {"role": "receivable", "qualifier": "PAJAK-BARU"}
    assert everything(books) == before


def test_an_unknown_office_is_named(books: str) -> None:
    before = everything(books)
    with pytest.raises(EntityUnknown) as refused:
        post(books, draft(postings=issued(1, entity="TIDAK-ADA")))
    assert refused.value.facts == {"entity": "TIDAK-ADA"}
    assert everything(books) == before


def test_a_date_before_the_chart_begins_has_no_account(books: str) -> None:
    with pytest.raises(RoleNotMapped):
        post(books, draft(accounted_on=date(2023, 12, 31)))


def test_an_account_that_has_ended_takes_no_more_postings(books: str) -> None:
    with unit_of_work(books) as session:
        session.execute(
            text(
                "INSERT INTO account (code, name, level, parent_code, book, normal_side, requires_counterpart,"
                " is_sample, valid_from, valid_to) VALUES ('2.1.06.90.01.0002', 'Utang sementara', 6, '2.1.06.90.01',"
                " 'F', 'credit', false, true, '2024-01-01', '2026-03-08')"
            )
        )
        session.execute(text("INSERT INTO account_role VALUES ('suspense', '', '2026-01-01', '2.1.06.90.01.0002')"))
    postings = (line(), CREDIT)
    post(books, draft("late", postings, accounted_on=date(2026, 3, 8)))
    before = everything(books)
    with pytest.raises(AccountTakesNoPostings) as refused:
        post(books, draft("later", postings, accounted_on=DAY))
    assert refused.value.facts == {"account": "2.1.06.90.01.0002"}
    assert everything(books) == before


def test_nothing_is_left_when_the_unit_of_work_fails_after_posting(books: str) -> None:
    def act() -> None:
        with unit_of_work(books) as session:
            post_entry(session, draft(), actor="partner:BPD", recorded_at=AT)
            raise RuntimeError("bank")

    before = everything(books)
    with pytest.raises(RuntimeError, match="bank"):
        act()
    assert everything(books) == before


def test_two_regions_do_not_see_each_other(books: str, other_region: Region) -> None:
    load_sample_chart(other_region.code)
    post(books, draft("shared key"))
    there = post(other_region.code, draft("shared key", credited(7)))
    assert there.first_time
    assert len(everything(books)["posting"]) == 4
    assert len(everything(other_region.code)["posting"]) == 2
    with unit_of_work(other_region.code) as session:
        assert set(session.scalars(select(Entity.code))) == {"PPKD", "BPPDRD", "PERDAGANGAN", "LH"}
        with pytest.raises(EntityUnknown):
            get_entity(session, "BAPENDA")


def test_roles_resolve_to_their_own_row_then_to_the_fallback(books: str) -> None:
    with unit_of_work(books) as session:
        assert get_ppkd(session).code == "PPKD"
        assert resolve_account(session, "receivable", "PBB-P2", DAY).code == "1.1.03.15.01.0001"
        assert resolve_account(session, "clearing", "BPD", DAY).code == "1.1.01.90.01.0001"
        with pytest.raises(RoleNotMapped) as refused:
            resolve_account(session, "receivable", "PAJAK-BARU", DAY)
        session.execute(text("INSERT INTO account_role VALUES ('clearing', 'BPD', '2026-03-10', '1.1.01.90.01.0002')"))
        assert resolve_account(session, "clearing", "BPD", DAY).code == "1.1.01.90.01.0001"
        assert resolve_account(session, "clearing", "BPD", date(2026, 3, 10)).code == "1.1.01.90.01.0002"
        assert resolve_account(session, "clearing", "BANK2", date(2026, 3, 10)).code == "1.1.01.90.01.0001"
    assert refused.value.message_id == "Peran receivable[PAJAK-BARU] belum dipetakan ke kode rekening."


def test_mapping_a_role_anew_moves_no_old_posting(books: str) -> None:
    post(books, draft("old", credited(10)))
    old = everything(books)["posting"]
    with unit_of_work(books) as session:
        session.execute(text("INSERT INTO account_role VALUES ('clearing', '', '2026-03-10', '1.1.01.90.01.0002')"))
    post(books, draft("new", credited(10), accounted_on=date(2026, 3, 10)))
    stored = everything(books)["posting"]
    assert set(old) < set(stored)
    with unit_of_work(books) as session:
        codes = session.scalars(
            text("SELECT account_code FROM ledger_postings WHERE side = 'credit' ORDER BY entry_id")
        ).all()
    assert codes == ["1.1.01.90.01.0001", "1.1.01.90.01.0002"]


def test_moments_are_kept_to_the_microsecond(books: str) -> None:
    moment = datetime(2026, 3, 9, 23, 59, 59, 999_999, tzinfo=UTC)
    post(books, draft(occurred_at=moment))
    with unit_of_work(books) as session:
        assert session.scalar(text("SELECT occurred_at FROM ledger_postings LIMIT 1")) == moment
