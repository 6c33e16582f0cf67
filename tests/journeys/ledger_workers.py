"""Processes that work on a ledger until they are told to stop, whatever happens to the database meanwhile.

For: tests/journeys/test_ledger_killed.py, which starts `python -m tests.journeys.ledger_workers WORK NAME FOLDER`.
Not for: judging what is in the ledger; each only notes, in FOLDER/NAME, what the database acknowledged to it.

A line is written once the unit of work has returned. Work that failed is done again, as it was: whether the first
attempt was committed nobody told us, and the ledger has to make one of both. They stop when FOLDER/stop appears.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from foundation.config import settings
from foundation.db import run_unit, unit_of_work
from foundation.money import Money
from foundation.states import MoveRefused
from ledger import (
    EntryDraft,
    PeriodBusy,
    PostedEntry,
    adjust_period,
    budget_recognised,
    close_period,
    load_signer,
    paid_at_partner,
    post_entries,
    post_entry,
    reopen_period,
    roll_balances,
    seal_next,
)

T = TypeVar("T")
REGION = "3316"
AT = datetime(2026, 3, 9, 4, 5, 6, tzinfo=UTC)
TODAY = date(2026, 9, 1)
MOVED = date(2026, 3, 1)
BATCH = 7


def draft_of(key: str) -> EntryDraft:
    """The entry of a key "NAME:NUMBER": half of them in a month that is closed and reopened under them."""
    number = int(key.rpartition(":")[2])
    amount = Money.from_rupiah(1 + number % 997)
    postings = paid_at_partner(entity="BAPENDA", ppkd="PPKD", kind="PBB-P2", amount=amount, partner="BPD")
    if number % 3 == 0:
        postings += budget_recognised(entity="BAPENDA", kind="PBB-P2", amount=amount)
    return EntryDraft(
        kind="paid_at_partner",
        key=key,
        occurred_at=AT + timedelta(seconds=number),
        accounted_on=MOVED if number % 2 else date(2026, 4, 1 + number % 28),
        description="Pembayaran uji",
        postings=postings,
        may_be_late=True,
    )


def write(name: str) -> Iterator[list[str]]:
    """Post without end: singly, and every fifth time in a batch. Gives lines "KEY UID"."""
    number = 0
    while True:
        turn = BATCH if number % 5 == 0 else 1
        drafts = [draft_of(f"{name}:{number + each}") for each in range(turn)]
        number += turn

        def act(drafts: list[EntryDraft] = drafts) -> list[PostedEntry]:
            with unit_of_work(REGION) as session:
                if len(drafts) == 1:
                    return [post_entry(session, drafts[0], actor=f"job:{name}", recorded_at=AT)]
                return post_entries(session, drafts, actor=f"job:{name}", recorded_at=AT)

        posted = _until_acknowledged(act)
        yield [f"{draft.key} {each.uid}" for draft, each in zip(drafts, posted, strict=True)]


def seal(_name: str) -> Iterator[list[str]]:
    """Seal and roll up without end. Gives lines "NUMBER HASH" of blocks."""
    signer = load_signer(settings().seal_key_file)
    while True:
        block = _until_acknowledged(
            lambda: run_unit(REGION, lambda session: seal_next(session, signer, at=AT, by="job:seal", most=200))
        )
        _until_acknowledged(lambda: run_unit(REGION, lambda session: roll_balances(session, least=50, piece=500)))
        if block is None:
            time.sleep(0.05)
        else:
            yield [f"{block.number} {block.block_hash.hex()}"]


def move(_name: str) -> Iterator[list[str]]:
    """Close and reopen a month without end. Gives lines "STATE REOPENINGS"."""
    while True:
        for act in (
            lambda session: adjust_period(session, MOVED, today=TODAY, by="user:bud", at=AT),
            lambda session: close_period(session, MOVED, by="user:bud", at=AT),
            lambda session: reopen_period(session, MOVED, reason="Uji", by="user:bud", at=AT),
            lambda session: reopen_period(session, MOVED, reason="Uji", by="user:bud", at=AT),
        ):
            try:
                moved = _until_acknowledged(lambda act=act: run_unit(REGION, act))  # type: ignore[misc]  # act is bound at once
            except (MoveRefused, PeriodBusy):
                # The attempt before this one was committed, though nobody told us; or writers kept the month.
                continue
            yield [f"{moved.state} {moved.reopenings}"]
            time.sleep(0.05)


def _until_acknowledged(act: Callable[[], T]) -> T:
    while True:
        try:
            return act()
        except DBAPIError:
            time.sleep(0.05)


def main(work: str, name: str, folder: Path) -> None:
    """Work until told to stop."""
    lines = {"write": write, "seal": seal, "move": move}[work](name)
    with (folder / name).open("a", encoding="ascii") as file:
        for acknowledged in lines:
            file.write("".join(f"{line}\n" for line in acknowledged))
            file.flush()
            if (folder / "stop").exists():
                return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
