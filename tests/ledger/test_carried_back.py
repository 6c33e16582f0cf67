"""A balance carried to a wrong code: not reversed, but carried back, and reports before closing never show it."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.db import unit_of_work
from ledger import (
    CarriedEntryStands,
    CodesCarried,
    EntryDraft,
    TrialBalance,
    account_balances,
    carry_to_codes,
    correct_entry,
    journals,
    reverse_entry,
    trial_balance,
)
from tests.ledger.entries import AT, draft, everything, issued, money, post
from tests.ledger.year_scene import make_ready

LAST = date(2026, 12, 31)
OLD, WRONG, RIGHT = "1.1.03.15.01.0001", "1.1.03.14.37.0001", "1.1.03.20.01.0001"


@pytest.fixture
def adjusting(books: str) -> str:
    """Rp300 receivable on OLD; 2026 is being adjusted."""
    post(books, draft("m", issued(300)))
    make_ready(books)
    return books


def carry(region: str, old: str, new: str) -> CodesCarried:
    content = f"rekening_lama,rekening_baru\n{old},{new}\n".encode()
    with unit_of_work(region) as session:
        return carry_to_codes(session, 2026, content, actor="cli:test", at=AT)


def standing(region: str) -> dict[str, int]:
    """Debit less credit in sen per receivable that holds something."""
    with unit_of_work(region) as session:
        rows = account_balances(session, on=LAST, account="1.1.03")
    return {row.account: row.balance.sen for row in rows if row.balance}


def unclosed(region: str) -> TrialBalance:
    with unit_of_work(region) as session:
        return trial_balance(session, since=date(2026, 1, 1), on=LAST, before_closing=True)


def test_a_carry_forward_is_not_reversed_nor_corrected(adjusting: str) -> None:
    (carried,) = carry(adjusting, OLD, WRONG).entries
    before = everything(adjusting)
    with unit_of_work(adjusting) as session, pytest.raises(CarriedEntryStands) as refused:
        reverse_entry(session, carried.uid, reason="Salah kode", accounted_on=LAST, actor="cli:test", at=AT)
    assert (refused.value.field, refused.value.facts) == ("uid", {"uid": carried.uid})
    assert refused.value.message_id == (
        f"Jurnal pemindahan saldo {carried.uid} tidak dapat dibalik."
        " Pindahkan kembali dengan berkas yang menukar kedua kode: lunas ledger carry-forward"
    )
    assert refused.value.message_en == (
        f"The carry-forward {carried.uid} cannot be reversed."
        " Carry the balance back, with a file that swaps the two codes: lunas ledger carry-forward"
    )
    instead = EntryDraft(
        "correction",
        "instead",
        AT,
        LAST,
        "x",
        journals.budget_approved(entity="BAPENDA", kind="PBB-P2", amount=money(1)),
    )
    with unit_of_work(adjusting) as session, pytest.raises(CarriedEntryStands):
        correct_entry(session, carried.uid, instead, reason="Salah", accounted_on=LAST, actor="cli:test", at=AT)
    assert everything(adjusting) == before


def test_a_balance_on_a_wrong_code_is_carried_back_and_then_to_the_right_one(adjusting: str) -> None:
    before = unclosed(adjusting)
    assert standing(adjusting) == {OLD: 30_000}
    carry(adjusting, OLD, WRONG)
    assert standing(adjusting) == {WRONG: 30_000}
    carry(adjusting, WRONG, OLD)
    assert standing(adjusting) == {OLD: 30_000}
    carry(adjusting, OLD, RIGHT)
    assert standing(adjusting) == {RIGHT: 30_000}
    assert unclosed(adjusting).lines == before.lines
