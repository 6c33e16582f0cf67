"""Drafts and looks that the ledger's tests share.

For: making entries in one line, seeing all that is stored, and waiting until readers may see it.
Not for: fixtures (conftest.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import (
    EntryDraft,
    PostedEntry,
    PostingDraft,
    assessment_issued,
    credited_to_rkud,
    paid_at_partner,
    post_entry,
)
from tests.ledger.waiting import until

AT = datetime(2026, 3, 9, 4, 5, 6, tzinfo=UTC)
DAY = date(2026, 3, 9)
# Links an entry to what undoes it, past the front.
LINK = "INSERT INTO entry_reversal (entry_id, reversal_id, reason) VALUES (%s, %s, 'x')"
TABLES = ("entity", "account", "account_role", "journal_entry", "posting")


def money(rupiah: int) -> Money:
    return Money.from_rupiah(rupiah)


def draft(key: str = "payment:1", postings: tuple[PostingDraft, ...] | None = None, **changed: Any) -> EntryDraft:
    """An entry of row 4a over Rp150.000, unless told otherwise."""
    facts: dict[str, Any] = {
        "kind": "paid_at_partner",
        "occurred_at": AT,
        "accounted_on": DAY,
        "description": "Pembayaran PBB-P2",
        "source_kind": "payment",
    }
    return EntryDraft(key=key, postings=postings or paid(150_000), **(facts | changed))


def issued(rupiah: int, *, entity: str = "BAPENDA", kind: str = "PBB-P2") -> tuple[PostingDraft, ...]:
    return assessment_issued(entity=entity, kind=kind, amount=money(rupiah))


def paid(
    rupiah: int, *, entity: str = "BAPENDA", kind: str = "PBB-P2", partner: str = "BPD"
) -> tuple[PostingDraft, ...]:
    return paid_at_partner(entity=entity, ppkd="PPKD", kind=kind, amount=money(rupiah), partner=partner)


def credited(rupiah: int, *, partner: str = "BPD") -> tuple[PostingDraft, ...]:
    return credited_to_rkud(ppkd="PPKD", amount=money(rupiah), partner=partner)


def post(region: str, entry: EntryDraft, *, actor: str = "partner:BPD") -> PostedEntry:
    """Post one entry in a unit of work of its own."""
    with unit_of_work(region) as session:
        return post_entry(session, entry, actor=actor, recorded_at=AT)


def everything(region: str) -> dict[str, list[str]]:
    """Every row of every table of the ledger, to see that nothing changed."""
    with unit_of_work(region) as session:
        return {
            table: list(session.scalars(text(f'SELECT t::text FROM {table} t ORDER BY t::text COLLATE "C"')))
            for table in TABLES
        }


def wait_until_settled(region: str) -> None:
    """Wait until no older transaction is open in the whole server, so that readers see every entry."""
    unsettled = text(
        "SELECT EXISTS (SELECT 1 FROM journal_entry WHERE recorded_xact >= pg_snapshot_xmin(pg_current_snapshot()))"
    )

    def settled() -> bool:
        with unit_of_work(region) as session:
            return not session.scalar(unsettled)

    until(settled, "an older transaction stayed open")
