"""What the tests of two times share: entries recorded at moments, sums rolled up, and moments made final.

For: tests/ledger/test_two_times.py, test_known_moments.py and the tests of seals that need a final moment.
Not for: drafts (entries.py), fixtures (conftest.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from foundation.db import unit_of_work
from ledger import PostingDraft, account_balances, budget_recognised, note_known, post_entry, roll_balances
from tests.ledger.entries import DAY, credited, draft, issued, money, paid, wait_until_settled

T0 = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
KINDS: dict[str, Callable[[int], tuple[PostingDraft, ...]]] = {
    "issued": issued,
    "paid": paid,
    "paid elsewhere": lambda rupiah: paid(rupiah, partner="BANK2"),
    "credited": credited,
    "budget": lambda rupiah: budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=money(rupiah)),
}


def roll(region: str, *, piece: int = 8192) -> int:
    """Roll up all there is; how many entries that were."""
    wait_until_settled(region)
    total = 0
    while True:
        with unit_of_work(region) as session:
            rolled = roll_balances(session, least=1, most=5, piece=piece)
        total += rolled
        if not rolled:
            return total


def note(region: str, at: datetime) -> datetime | None:
    """Note the moment without a grace; until when answers are final."""
    with unit_of_work(region) as session:
        return note_known(session, at=at, grace=timedelta(0), every=timedelta(microseconds=1))


def make_final(region: str, at: datetime) -> None:
    """Let answers as known until that moment be final."""
    wait_until_settled(region)
    while True:
        until = note(region, at)
        if until is not None and until >= at:
            return


def post_at(region: str, key: str, rupiah: int, *, on: date = DAY, at: datetime = T0, kind: str = "paid") -> None:
    """Post an entry of one of KINDS, accounted on that day and recorded at that moment."""
    entry = draft(key, KINDS[kind](rupiah), accounted_on=on)
    with unit_of_work(region) as session:
        post_entry(session, entry, actor="job:test", recorded_at=at)


def receivable(region: str, **asked: object) -> str:
    """The balance of the receivables, asked for by `since`, `on`, `known_at` or `moment`; "none" without postings."""
    with unit_of_work(region) as session:
        rows = account_balances(session, account="1.1.03", **asked)  # type: ignore[arg-type]  # dates and moments by name
    return rows[0].balance.plain() if rows else "none"
