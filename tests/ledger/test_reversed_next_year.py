"""What is undone in a year with other codes is undone on the code that the balance was carried to."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import (
    EntryAlreadyReversed,
    PostedEntry,
    ReversalAccountEnded,
    carry_to_codes,
    close_period,
    journals,
    load_chart,
    reopen_period,
    reverse_entry,
)
from ledger.drafts import mirrored
from tests.database import TestDatabase
from tests.ledger.entries import AT, LINK, draft, everything, paid, post
from tests.ledger.year_scene import (
    DECEMBER,
    LAST,
    NEW_ACCOUNTS,
    NEW_ROLES,
    PBB,
    a_year,
    book,
    close,
    make_ready,
    sen,
    standing,
)

OLD, NEW, THIRD = "1.1.03.15.01.0001", "1.1.03.15.02.0001", "1.1.03.20.01.0001"
REVENUE = "7.1.01.15.01.0001"
DEBITED = date(2027, 1, 5)
STAYING = NEW_ACCOUNTS[: NEW_ACCOUNTS.index(OLD)]
HEAD = NEW_ACCOUNTS.splitlines()[0] + "\n"


def load(region: str, accounts: str | None, roles: str | None = None) -> None:
    with unit_of_work(region) as session:
        load_chart(
            session,
            accounts=None if accounts is None else accounts.encode(),
            roles=None if roles is None else roles.encode(),
            actor="cli:test",
            at=AT,
        )


def carry(region: str, old: str, new: str, year: int = 2026) -> Money:
    content = f"rekening_lama,rekening_baru\n{old},{new}\n".encode()
    with unit_of_work(region) as session:
        return carry_to_codes(session, year, content, actor="cli:test", at=AT).moved


def shut(region: str, month: date = DECEMBER) -> None:
    with unit_of_work(region) as session:
        close_period(session, month, by="cli:test", at=AT)


def uid_of(region: str, kind: str) -> UUID:
    with unit_of_work(region) as session:
        found: UUID = session.execute(text("SELECT uid FROM journal_entry WHERE kind = :k"), {"k": kind}).scalar_one()
    return found


def debit_back(region: str, uid: UUID, on: date = DEBITED, **changed: Any) -> PostedEntry:
    """Row 27: the bank takes a payment back."""
    facts: dict[str, Any] = {"reason": "Dibatalkan bank", "kind": "payment_reversed", "actor": "cli:test", "at": AT}
    with unit_of_work(region) as session:
        return reverse_entry(session, uid, accounted_on=on, **(facts | changed))


def receivables(region: str, on: date = date(2027, 1, 31)) -> dict[str, int]:
    return {account: net for (_, account), net in standing(region, on).items() if account.startswith("1.1.03")}


@pytest.fixture(params=[NEW_ACCOUNTS, STAYING], ids=["the old code ended", "the old code goes on"])
def renewed(books: str, request: pytest.FixtureRequest) -> str:
    """2026 with 300.000 receivable carried to a new code; December is closed."""
    a_year(books)
    make_ready(books)
    load(books, request.param, NEW_ROLES)
    close(books)
    assert carry(books, OLD, NEW) == sen(300_000)
    shut(books)
    return books


def test_a_payment_that_a_bank_takes_back_is_owed_on_the_new_code(renewed: str) -> None:
    uid = uid_of(renewed, "paid_at_partner")
    before = standing(renewed, LAST)
    debit_back(renewed, uid)
    assert receivables(renewed) == {NEW: 900_000}
    assert standing(renewed, LAST) == before
    after = standing(renewed, date(2027, 1, 31))
    assert after["PPKD", "1.1.01.90.01.0001"] == 100_000 - 600_000
    assert not {account for _, account in after} & {"3.1.03.01.01.0001", "1.1.13.01.01.0001"}
    make_ready(renewed, 2027)
    assert close(renewed, 2027).ending == ()


def test_the_same_reversal_again_gives_the_first_also_after_a_further_carry(renewed: str) -> None:
    uid = uid_of(renewed, "paid_at_partner")
    first = debit_back(renewed, uid)
    make_ready(renewed, 2027)
    assert carry(renewed, NEW, THIRD, 2027) == sen(900_000)
    before = everything(renewed)
    again = debit_back(renewed, uid)
    assert (again.uid, again.first_time) == (first.uid, False)
    with pytest.raises(EntryAlreadyReversed):
        debit_back(renewed, uid, reason="Lain")
    assert everything(renewed) == before


def test_codes_are_followed_over_years_and_back_again(renewed: str) -> None:
    uid = uid_of(renewed, "paid_at_partner")
    make_ready(renewed, 2027)
    carry(renewed, NEW, "1.1.03.14.37.0001", 2027)
    carry(renewed, "1.1.03.14.37.0001", NEW, 2027)
    carry(renewed, NEW, THIRD, 2027)
    undone = debit_back(renewed, uid, date(2028, 1, 5))
    assert receivables(renewed, date(2028, 1, 31)) == {THIRD: 900_000}
    debit_back(renewed, undone.uid, date(2028, 1, 6), kind="reversal")
    assert receivables(renewed, date(2028, 1, 31)) == {THIRD: 300_000}


def test_what_is_undone_in_the_old_year_is_undone_on_the_old_code_and_carried_again(books: str) -> None:
    a_year(books)
    make_ready(books)
    load(books, NEW_ACCOUNTS, NEW_ROLES)
    carry(books, OLD, NEW)
    debit_back(books, uid_of(books, "paid_at_partner"), LAST)
    assert receivables(books, LAST) == {NEW: 300_000, OLD: 600_000}
    assert close(books).ending == (OLD,)
    assert carry(books, OLD, NEW) == sen(600_000)
    assert receivables(books, LAST) == {NEW: 900_000}


def test_what_was_posted_after_the_carry_stands_on_its_own_code_still(renewed: str) -> None:
    with unit_of_work(renewed) as session:
        reopen_period(session, DECEMBER, reason="Koreksi", by="cli:test", at=AT)
    reduced = journals.assessment_reduced(entity="BAPENDA", kind="PBB-P2", amount=sen(10_000))
    book(renewed, "assessment_reduced", reduced, on=LAST)
    assert receivables(renewed, LAST) == {NEW: 300_000, OLD: -10_000}
    uid = uid_of(renewed, "assessment_reduced")
    with unit_of_work(renewed) as session:
        ended = session.scalar(
            text("SELECT valid_to FROM account WHERE code = :c ORDER BY id DESC LIMIT 1"), {"c": OLD}
        )
    if ended is None:
        debit_back(renewed, uid, kind="reversal")
        assert receivables(renewed) == {NEW: 300_000}
        return
    before = everything(renewed)
    with pytest.raises(ReversalAccountEnded) as refused:
        debit_back(renewed, uid, kind="reversal")
    assert (refused.value.field, refused.value.facts) == ("uid", {"uid": uid, "account": OLD})
    assert everything(renewed) == before
    carry(renewed, OLD, NEW)
    debit_back(renewed, uid, kind="reversal")
    assert receivables(renewed) == {NEW: 300_000}


def test_an_ended_code_that_was_not_carried_is_named_with_what_to_do(books: str) -> None:
    a_year(books)
    make_ready(books)
    load(books, NEW_ACCOUNTS, NEW_ROLES)
    close(books)
    shut(books)
    uid = uid_of(books, "paid_at_partner")
    before = everything(books)
    with pytest.raises(ReversalAccountEnded) as refused:
        debit_back(books, uid)
    assert everything(books) == before
    assert refused.value.message_id == (
        f"Jurnal {uid} tidak dapat dibalik pada tanggal tersebut: rekening {OLD} tidak berlaku lagi dan saldonya tidak"
        " dipindahkan. Pindahkan saldonya (lunas ledger carry-forward), atau muat lagi rekening itu dari tanggal"
        " tersebut sampai akhir tahunnya (lunas chart load)."
    )
    assert refused.value.message_en == (
        f"Entry {uid} cannot be reversed on that date: account {OLD} is not valid any more and its balance was not"
        " carried. Carry it (lunas ledger carry-forward), or load the account again from that date to the end of its"
        " year (lunas chart load)."
    )
    with unit_of_work(books) as session:
        reopen_period(session, DECEMBER, reason="Saldo belum dipindahkan", by="cli:test", at=AT)
    carry(books, OLD, NEW)
    shut(books)
    debit_back(books, uid)
    assert receivables(books) == {NEW: 900_000}


def test_a_revenue_account_that_ended_is_loaded_again_for_the_rest_of_the_year(books: str) -> None:
    a_year(books)
    make_ready(books)
    load(books, f"{HEAD}{REVENUE},CONTOH – Pendapatan PBBP2-LO,kredit,tidak,ya,2026-12-31,2026-12-31\n")
    close(books)
    shut(books)
    uid = uid_of(books, "assessment_issued")
    with pytest.raises(ReversalAccountEnded) as refused:
        debit_back(books, uid, kind="reversal")
    assert refused.value.facts["account"] == REVENUE
    load(books, f"{HEAD}{REVENUE},CONTOH – Pendapatan PBBP2-LO,kredit,tidak,ya,{DEBITED},2027-12-31\n")
    debit_back(books, uid, kind="reversal")
    assert receivables(books) == {OLD: -600_000}
    assert standing(books, DEBITED)["BAPENDA", REVENUE] == 900_000
    make_ready(books, 2027)
    closed = close(books, 2027)
    assert (closed.surplus_lo, closed.ending) == ({"BAPENDA": sen(-900_000)}, ())


def test_what_came_back_to_a_code_before_it_was_carried_is_told_at_the_next_year_s_end(books: str) -> None:
    a_year(books)
    make_ready(books)
    load(books, STAYING, NEW_ROLES)
    close(books)
    debit_back(books, uid_of(books, "paid_at_partner"))
    carry(books, OLD, NEW)
    assert receivables(books) == {NEW: 300_000, OLD: 600_000}
    assert close(books).ending == ()
    shut(books)
    make_ready(books, 2027)
    assert close(books, 2027).ending == (OLD,)
    carry(books, OLD, NEW, 2027)
    assert receivables(books, date(2027, 12, 31)) == {NEW: 900_000}
    assert close(books, 2027).ending == ()


def test_what_came_back_to_a_code_that_had_nothing_to_carry_is_told_too(books: str) -> None:
    book(books, "assessment_issued", journals.assessment_issued(**PBB, amount=sen(600_000)))
    payment = journals.paid_at_partner(**PBB, ppkd="PPKD", partner="BPD", amount=sen(600_000))
    book(books, "paid_at_partner", payment)
    make_ready(books)
    load(books, STAYING, NEW_ROLES)
    assert close(books).ending == ()
    assert carry(books, OLD, NEW) == Money(0)
    shut(books)
    debit_back(books, uid_of(books, "paid_at_partner"))
    assert receivables(books) == {OLD: 600_000}
    make_ready(books, 2027)
    assert close(books, 2027).ending == (OLD,)
    carry(books, OLD, NEW, 2027)
    assert (close(books, 2027).ending, receivables(books, date(2027, 12, 31))) == ((), {NEW: 600_000})


def test_a_code_that_a_role_leaves_with_the_year_is_told_until_it_is_carried(books: str) -> None:
    a_year(books)
    make_ready(books)
    load(books, STAYING, NEW_ROLES)
    assert close(books).ending == (OLD,)
    carry(books, OLD, NEW)
    assert close(books).ending == ()


def test_a_code_that_ended_during_the_year_with_a_balance_is_told_every_year(books: str) -> None:
    a_year(books)
    load(books, f"{HEAD}{OLD},CONTOH – Piutang PBBP2,debit,tidak,ya,2026-06-30,2026-06-30\n")
    for year in (2026, 2027):
        make_ready(books, year)
        assert close(books, year).ending == (OLD,)


def test_the_database_takes_no_reversal_on_a_code_that_was_carried_away(renewed: str, database: TestDatabase) -> None:
    load(renewed, f"{HEAD}{OLD},CONTOH – Piutang PBBP2,debit,tidak,ya,2027-01-02,\n")
    load(renewed, None, NEW_ROLES.replace(NEW, OLD).replace("2027-01-01", "2027-01-02"))
    uid = uid_of(renewed, "paid_at_partner")
    facts: dict[str, Any] = {"kind": "reversal", "source_kind": "journal_entry", "source_uid": uid}
    other = post(renewed, draft(f"reversal:{uid}", mirrored(paid(600_000)), accounted_on=DEBITED, **facts))
    with unit_of_work(renewed) as session:
        first = session.scalar(text("SELECT id FROM journal_entry WHERE uid = :uid"), {"uid": uid})
    with psycopg.connect(database.url) as connection:
        connection.execute("SET search_path = r3316")
        with pytest.raises(errors.CheckViolation) as refused:
            connection.execute(LINK, (first, other.id))
        assert refused.value.diag.constraint_name == "ledger_reversal_mirrors"
        connection.rollback()
