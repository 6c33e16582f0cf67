"""Reversals and corrections: exact mirrors, once each, found from every side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text

from foundation.db import unit_of_work
from ledger import (
    AccountTakesNoPostings,
    Correction,
    EntryAlreadyReversed,
    EntryDraft,
    EntryInvalid,
    EntryKeyReused,
    EntryUnknown,
    LedgerEntry,
    PeriodClosed,
    PostedEntry,
    PostingDraft,
    ReasonInvalid,
    ReversalTooEarly,
    account_balances,
    correct_entry,
    find_reversal,
    list_entries,
    load_chart,
    reverse_entry,
)
from ledger.drafts import mirrored
from tests.database import TestDatabase
from tests.ledger.entries import (
    AT,
    DAY,
    LINK,
    credited,
    draft,
    everything,
    issued,
    money,
    paid,
    post,
    wait_until_settled,
)
from tests.ledger.months import APRIL, LATER, MARCH, MAY, adjust, close
from tests.ledger.seals import tamper

BY = "user:akuntansi"
ON = date(2026, 4, 7)
RKUD, SUSPENSE = "1.1.01.01.01.0001", "2.1.06.90.01.0001"


def reverse(region: str, uid: UUID, **changed: Any) -> PostedEntry:
    facts: dict[str, Any] = {"reason": "Salah tagihan", "accounted_on": ON, "actor": BY, "at": LATER}
    with unit_of_work(region) as session:
        return reverse_entry(session, uid, **(facts | changed))


def read(region: str) -> list[LedgerEntry]:
    wait_until_settled(region)
    with unit_of_work(region) as session:
        return list(list_entries(session).entries)


def lines(entry: LedgerEntry) -> list[tuple[Any, ...]]:
    return [(n.book, n.entity, n.account, n.side, n.amount.sen, n.counterpart, n.partner) for n in entry.lines]


def test_a_reversal_is_the_mirror_on_its_own_date(books: str) -> None:
    first = post(books, draft())
    undone = reverse(books, first.uid)
    original, reversal = read(books)
    assert (reversal.uid, reversal.kind, reversal.key) == (undone.uid, "reversal", f"reversal:{first.uid}")
    assert (reversal.accounted_on, reversal.occurred_at, reversal.recorded_at) == (ON, LATER, LATER)
    assert (reversal.source_kind, reversal.source_uid, reversal.actor) == ("journal_entry", first.uid, BY)
    assert reversal.description == "Pembalikan: Salah tagihan"
    assert lines(original) == [
        ("F", "BAPENDA", "3.1.03.01.01.0001", "debit", 15_000_000, "PPKD", None),
        ("F", "BAPENDA", "1.1.03.15.01.0001", "credit", 15_000_000, None, None),
        ("F", "PPKD", "1.1.01.90.01.0001", "debit", 15_000_000, None, "BPD"),
        ("F", "PPKD", "1.1.13.01.01.0001", "credit", 15_000_000, "BAPENDA", None),
    ]
    assert lines(reversal) == [
        ("F", "BAPENDA", "3.1.03.01.01.0001", "credit", 15_000_000, "PPKD", None),
        ("F", "BAPENDA", "1.1.03.15.01.0001", "debit", 15_000_000, None, None),
        ("F", "PPKD", "1.1.01.90.01.0001", "credit", 15_000_000, None, "BPD"),
        ("F", "PPKD", "1.1.13.01.01.0001", "debit", 15_000_000, "BAPENDA", None),
    ]
    with unit_of_work(books) as session:
        assert {row.balance.sen for row in account_balances(session, on=ON)} == {0}
        asked = text("SELECT actor, action, thing_uid, details FROM audit_event WHERE thing = 'journal_entry'")
        (act,) = session.execute(asked).all()
    assert (act.actor, act.action, act.thing_uid) == (BY, "entry.reverse", str(first.uid))
    assert act.details == {"key": "payment:1", "reason": "Salah tagihan", "reversal": str(undone.uid)}


def test_a_bank_s_reversal_is_dated_on_its_debit(books: str) -> None:
    first = post(books, draft())
    debited = AT + timedelta(days=2)
    reverse(books, first.uid, kind="payment_reversed", occurred_at=debited, accounted_on=date(2026, 3, 11))
    found = read(books)[1]
    assert (found.kind, found.occurred_at, found.accounted_on) == ("payment_reversed", debited, date(2026, 3, 11))


def test_the_same_reversal_again_gives_the_first_and_another_is_refused(books: str) -> None:
    first = post(books, draft())
    undone = reverse(books, first.uid)
    before = everything(books)
    assert reverse(books, first.uid) == PostedEntry(undone.uid, undone.id, first_time=False)
    for changed in ({"reason": "Lain"}, {"accounted_on": MAY}, {"at": LATER + timedelta(seconds=1)}):
        with pytest.raises(EntryAlreadyReversed) as refused:
            reverse(books, first.uid, **changed)
        assert refused.value.facts == {"uid": first.uid, "reversal": undone.uid}
    assert everything(books) == before


def test_a_reversal_can_be_reversed_once(books: str) -> None:
    first = post(books, draft())
    undone = reverse(books, first.uid)
    back = reverse(books, undone.uid, reason="Ternyata benar")
    with pytest.raises(EntryAlreadyReversed):
        reverse(books, undone.uid, reason="Sekali lagi")
    with pytest.raises(EntryAlreadyReversed):
        reverse(books, first.uid, reason="Sekali lagi")
    original, _, again = read(books)
    assert (again.uid, lines(again)) == (back.uid, lines(original))


def test_ten_at_once_reverse_once(books: str) -> None:
    first = post(books, draft())
    start, told = Barrier(10), list[str]()

    def act(number: int) -> None:
        start.wait()
        try:
            reverse(books, first.uid, reason=f"Alasan {number}")
        except EntryAlreadyReversed:
            told.append("refused")
        else:
            told.append("reversed")

    threads = [Thread(target=act, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told) == ["refused"] * 9 + ["reversed"]
    assert len(everything(books)["journal_entry"]) == 2


def test_a_reversal_goes_to_the_account_that_was_posted_although_its_role_has_moved(books: str) -> None:
    first = post(books, draft("c", credited(5)))
    roles = b"peran,kualifikasi,rekening,berlaku_dari\nrkud,,1.1.01.90.01.0001,2026-04-01\n"
    with unit_of_work(books) as session:
        load_chart(session, accounts=None, roles=roles, entities=None, actor="cli:test", at=AT)
    reverse(books, first.uid)
    original, reversal = read(books)
    assert [n.account for n in reversal.lines] == [n.account for n in original.lines]
    assert reversal.lines[0].account == RKUD


def test_what_is_reversed_in_a_closed_month_is_accounted_in_the_next(books: str) -> None:
    first = post(books, draft())
    close(books)
    reverse(books, first.uid, accounted_on=date(2026, 3, 9))
    assert read(books)[1].accounted_on == APRIL
    second = post(books, draft("april", accounted_on=APRIL))
    adjust(books, APRIL)
    reverse(books, second.uid, accounted_on=date(2026, 4, 2))
    assert read(books)[3].accounted_on == date(2026, 4, 2)


@pytest.mark.parametrize("reason", ["", " ", "x" * 301, "a\x00b"])
def test_a_reversal_needs_a_reason(books: str, reason: str) -> None:
    first = post(books, draft())
    before = everything(books)
    with pytest.raises(ReasonInvalid) as refused:
        reverse(books, first.uid, reason=reason)
    assert (refused.value.field, everything(books)) == ("reason", before)


def test_what_is_not_there_cannot_be_reversed(books: str) -> None:
    with pytest.raises(EntryUnknown):
        reverse(books, UUID(int=7))
    with unit_of_work(books) as session:
        assert find_reversal(session, UUID(int=7)) is None


@pytest.mark.parametrize("on", [date(2026, 3, 8), date(2024, 1, 4), date(1000, 1, 1)])
def test_a_reversal_is_not_accounted_before_its_entry(books: str, on: date) -> None:
    first = post(books, draft())
    before = everything(books)
    for act in (
        lambda: reverse(books, first.uid, accounted_on=on),
        lambda: correct(books, first.uid, draft("right", accounted_on=ON), on=on),
    ):
        with pytest.raises(ReversalTooEarly) as refused:
            act()
        assert (refused.value.field, refused.value.message_id, refused.value.message_en) == (
            "accounted_on",
            f"Jurnal {first.uid} dibukukan pada 9 Maret 2026; pembalikannya tidak dapat dibukukan lebih awal.",
            f"Entry {first.uid} is accounted on 9 March 2026; its reversal cannot be accounted earlier.",
        )
    assert everything(books) == before
    reverse(books, first.uid, accounted_on=DAY)
    assert [entry.accounted_on for entry in read(books)] == [DAY, DAY]


def test_the_database_takes_no_reversal_that_is_accounted_before_its_entry(books: str, database: TestDatabase) -> None:
    first = post(books, draft())
    early = post(books, as_reversal(first, accounted_on=date(2026, 3, 8)))
    for url in (database.url, database.owner_url):
        with psycopg.connect(url) as connection:
            connection.execute("SET search_path = r3316")
            with pytest.raises(errors.CheckViolation) as refused:
                connection.execute(LINK, (first.id, early.id))
            assert refused.value.diag.constraint_name == "ledger_reversal_dates"
            connection.rollback()
    with unit_of_work(books) as session:
        assert find_reversal(session, first.uid) is None


def correct(region: str, uid: UUID, replacement: EntryDraft, *, on: date = ON) -> Correction:
    with unit_of_work(region) as session:
        return correct_entry(session, uid, replacement, reason="Salah jenis", accounted_on=on, actor=BY, at=LATER)


def test_a_correction_is_a_reversal_and_another_entry_linked_both_ways(books: str) -> None:
    wrong = post(books, draft("bill:1", issued(150_000), kind="assessment_issued"))
    right = draft("bill:1:corrected", issued(150_000, kind="RETRIBUSI-PASAR"), kind="correction", accounted_on=ON)
    made = correct(books, wrong.uid, right)
    assert [entry.uid for entry in read(books)] == [wrong.uid, made.reversal.uid, made.replacement.uid]
    with unit_of_work(books) as session:
        links = [find_reversal(session, each) for each in (wrong.uid, made.reversal.uid, made.replacement.uid)]
        balances = {row.account: row.balance.sen for row in account_balances(session, on=ON)}
    assert links[0] == links[1] == links[2]
    assert links[0] is not None
    assert (links[0].entry_uid, links[0].reversal_uid) == (wrong.uid, made.reversal.uid)
    assert (links[0].replacement_uid, links[0].reason) == (made.replacement.uid, "Salah jenis")
    assert sorted(sen for sen in balances.values() if sen) == [15_000_000, 15_000_000]
    before = everything(books)
    again = correct(books, wrong.uid, right)
    assert (again.reversal.uid, again.replacement.uid) == (made.reversal.uid, made.replacement.uid)
    assert everything(books) == before


def test_a_correction_that_differs_from_the_first_is_refused(books: str) -> None:
    wrong = post(books, draft())
    right = draft("right", accounted_on=ON)
    correct(books, wrong.uid, right)
    before = everything(books)
    with pytest.raises(EntryAlreadyReversed):
        correct(books, wrong.uid, draft("other", accounted_on=ON))
    with pytest.raises(EntryKeyReused):
        correct(books, wrong.uid, replace(right, description="Lain"))
    with pytest.raises(EntryAlreadyReversed):
        reverse(books, wrong.uid, reason="Salah jenis")
    assert everything(books) == before


def test_a_correction_does_not_adopt_an_entry_that_stood_before(books: str) -> None:
    wrong, other = post(books, draft()), draft("other", accounted_on=ON)
    post(books, other)
    before = everything(books)
    with pytest.raises(EntryKeyReused):
        correct(books, wrong.uid, other)
    assert everything(books) == before


def test_a_correction_whose_new_entry_is_refused_reverses_nothing(books: str) -> None:
    wrong = post(books, draft())
    close(books)
    before = everything(books)
    with pytest.raises(PeriodClosed):
        correct(books, wrong.uid, draft("right", accounted_on=MARCH))
    assert everything(books) == before


def as_reversal(first: PostedEntry, **changed: Any) -> EntryDraft:
    """What `reverse_entry` posts to undo an entry of `paid(150_000)`, without its link."""
    facts: dict[str, Any] = {"kind": "reversal", "source_kind": "journal_entry", "source_uid": first.uid}
    facts |= {"key": f"reversal:{first.uid}"} | changed
    return draft(postings=mirrored(paid(150_000)), **facts)


@pytest.mark.parametrize(
    "changed",
    [
        {"key": "payment:2"},
        {"kind": "paid_at_partner"},
        {"source_kind": "payment"},
        {"source_uid": None},
        {"source_uid": UUID(int=7)},
        # Two ordinary payments that mirror each other.
        {"key": "payment:2", "kind": "paid_at_partner", "source_kind": "payment", "source_uid": None},
    ],
)
def test_what_does_not_say_that_it_reverses_an_entry_is_not_its_reversal(
    books: str, database: TestDatabase, changed: dict[str, Any]
) -> None:
    first = post(books, draft())
    other = post(books, as_reversal(first, **changed))
    for url in (database.url, database.owner_url):
        with psycopg.connect(url) as connection:
            connection.execute("SET search_path = r3316")
            with pytest.raises(errors.CheckViolation) as refused:
                connection.execute(LINK, (first.id, other.id))
            assert refused.value.diag.constraint_name == "ledger_reversal_names"
            connection.rollback()
    with unit_of_work(books) as session:
        assert find_reversal(session, first.uid) is None


def test_an_entry_that_was_linked_past_the_guards_is_told_as_reversed(books: str, database: TestDatabase) -> None:
    first = post(books, draft())
    other = post(books, draft("payment:2", mirrored(paid(150_000))))
    tamper(database, f"INSERT INTO entry_reversal (entry_id, reversal_id, reason) VALUES ({first.id}, {other.id}, 'x')")
    before = everything(books)
    with pytest.raises(EntryAlreadyReversed) as refused:
        reverse(books, first.uid)
    assert refused.value.message_en == f"Entry {first.uid} was already reversed by entry {other.uid}."
    with pytest.raises(EntryAlreadyReversed) as refused:
        correct(books, first.uid, draft("right", paid(1)))
    assert refused.value.message_en == f"Entry {first.uid} was already reversed by entry {other.uid}."
    assert everything(books) == before


def test_the_database_takes_nothing_but_a_mirror_for_a_reversal(books: str, database: TestDatabase) -> None:
    first = post(books, draft())
    others = [
        post(books, draft("same side")),
        post(books, draft("amount", mirrored(paid(150_001)))),
        post(books, draft("partner", mirrored(paid(150_000, partner="BANK2")))),
        post(books, draft("fewer", mirrored(credited(150_000)))),
        post(books, draft("more", mirrored(paid(150_000)) + credited(1))),
    ]
    wrong = [(first.id, other.id) for other in others] + [(first.id, first.id), (7, 8), (first.id, 8), (7, first.id)]
    for pair in wrong:
        with psycopg.connect(database.url) as connection:
            connection.execute("SET search_path = r3316")
            with pytest.raises(errors.CheckViolation):
                connection.execute(LINK, pair)
            connection.rollback()
    mirror = post(books, as_reversal(first))
    with psycopg.connect(database.url) as connection:
        connection.execute("SET search_path = r3316")
        connection.execute(LINK, (first.id, mirror.id))
    with psycopg.connect(database.url) as connection:
        connection.execute("SET search_path = r3316")
        with pytest.raises(errors.UniqueViolation):
            connection.execute(LINK, (first.id, mirror.id))


def test_two_entries_do_not_undo_each_other(books: str, database: TestDatabase) -> None:
    first = post(books, draft())
    mirror = post(books, as_reversal(first))
    with psycopg.connect(database.url) as connection:
        connection.execute("SET search_path = r3316")
        with pytest.raises(errors.CheckViolation) as refused:
            connection.execute(LINK, (mirror.id, first.id))
        assert refused.value.diag.constraint_name == "ck_entry_reversal_order"
        connection.rollback()
        connection.execute("SET search_path = r3316")
        with pytest.raises(errors.CheckViolation) as refused:
            connection.execute(LINK.replace("'x'", "' '").encode(), (first.id, mirror.id))
        assert refused.value.diag.constraint_name == "ck_entry_reversal_reason"
        connection.rollback()
    with unit_of_work(books) as session:
        assert find_reversal(session, first.uid) is None


@pytest.mark.parametrize("act", ["UPDATE entry_reversal SET reason = 'y'", "DELETE FROM entry_reversal"])
def test_a_link_is_not_changed_or_removed(books: str, database: TestDatabase, act: str) -> None:
    reverse(books, post(books, draft()).uid)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("SET search_path = r3316")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(act.encode())


def by_account(account: str | None, side: str, *, role: str = "", **changed: Any) -> PostingDraft:
    return PostingDraft("F", "PPKD", role, side, money(5), account=account, **changed)


def test_a_posting_may_name_an_account_instead_of_a_role(books: str) -> None:
    both = (by_account(RKUD, "debit"), by_account(SUSPENSE, "credit"))
    first = post(books, draft("k", both))
    assert post(books, draft("k", both)) == PostedEntry(first.uid, first.id, first_time=False)
    assert [n.account for n in read(books)[0].lines] == [RKUD, SUSPENSE]
    with pytest.raises(EntryKeyReused) as reused:
        post(books, draft("k", (by_account(RKUD, "debit"), by_account("1.1.01.90.01.0001", "credit"))))
    assert reused.value.field == "postings[2].account"


def test_a_posting_names_a_role_or_an_account_that_takes_it(books: str) -> None:
    before = everything(books)
    with pytest.raises(EntryInvalid) as invalid:
        post(books, draft("k", (by_account(RKUD, "debit", role="rkud"), by_account(SUSPENSE, "credit"))))
    assert invalid.value.field == "postings[1].account"
    with pytest.raises(EntryInvalid):
        post(books, draft("k", (by_account(None, "debit"), by_account(SUSPENSE, "credit"))))
    for account in ("1.1.01", "9.9.99.99.99.9999", "4.1.01.15.01.0001"):
        with pytest.raises(AccountTakesNoPostings):
            post(books, draft("k", (by_account(account, "debit"), by_account(SUSPENSE, "credit"))))
    assert everything(books) == before
