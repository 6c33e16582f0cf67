"""The final moment and late entries, forged by a superuser: each forgery that contradicts what else is there is named.

For: known_position and late_entry. Not for: what answers "as known at" are (test_known_moments).
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from tests.database import TestDatabase
from tests.ledger.seals import found_after, seal, superuser, verify
from tests.ledger.two_times import HOUR, T0, make_final, post_at, roll

MOVED = "UPDATE known_position SET "
FORGED = "INSERT INTO late_entry (entry_id, known_from) SELECT id, "
# Statement by statement: what is said, of which place, and what of it. {key} is an entry's id.
FORGERIES = {
    "a final moment that has not come": (
        MOVED + "known_until = now() + interval '1 hour', noted_at = NULL, noted_xact = NULL",
        ("position_wrong", "known_position", "known_until"),
    ),
    "a final moment before a late entry": (
        MOVED + "known_until = '2026-03-09 01:30:00+00'",
        ("late_too_soon", "late_entry {late}", ""),
    ),
    "transactions that run yet": (
        MOVED + "known_xact = '4611686018427387904', noted_at = NULL, noted_xact = NULL",
        ("position_wrong", "known_position", "known_id, known_xact"),
    ),
    "transactions of which history was cut": (
        MOVED + "known_xact = '3'",
        ("position_wrong", "known_position", "known_xact"),
    ),
    "an entry that is known left out": (
        MOVED + "known_id = {last} - 1",
        ("position_wrong", "known_position", "known_id"),
    ),
    "entries that are not there": (
        MOVED + "known_id = {new} + 1",
        ("position_wrong", "known_position", "known_id"),
    ),
    "a noted moment that has not come": (
        MOVED + "noted_at = now() + interval '1 hour', noted_xact = known_xact",
        ("position_wrong", "known_position", "noted_at"),
    ),
    "a noted transaction that was never given": (
        MOVED + "noted_at = known_until + interval '1 second', noted_xact = '4611686018427387904'",
        ("position_wrong", "known_position", "noted_xact"),
    ),
    "no final moment": ("DELETE FROM known_position", ("position_missing", "known_position", "")),
    "late without an entry": (
        "INSERT INTO late_entry (entry_id, known_from) VALUES (-7, '2026-03-09 02:00:00+00')",
        ("late_without_entry", "late_entry -7", ""),
    ),
    "late before it was recorded": (
        FORGED + "recorded_at FROM journal_entry WHERE id = {first}",
        ("late_too_early", "late_entry {first}", ""),
    ),
    "late behind what is not final": (
        FORGED + "now() FROM journal_entry WHERE id = {first}",
        ("late_too_soon", "late_entry {first}", ""),
    ),
    "late though not settled yet": (
        FORGED + "recorded_at + interval '1 second' FROM journal_entry WHERE id = {new}",
        ("late_too_soon", "late_entry {new}", ""),
    ),
    "late though what came after was known": (
        FORGED + "'2026-03-09 03:30:00+00' FROM journal_entry WHERE id = {first}",
        ("late_alone", "late_entry {first}", ""),
    ),
    "an honest one moved on": (
        "UPDATE late_entry SET known_from = known_from + interval '2 hours'",
        ("row_changed", "late_entry {late} (block {block})", "known_from"),
        ("late_alone", "late_entry {late}", ""),
    ),
    "an honest one removed": (
        "DELETE FROM late_entry",
        ("row_missing", "late_entry {late} (block {block})", ""),
    ),
}


@pytest.fixture(scope="module")
def entries(kept_books: str) -> dict[str, int]:
    """Sealed entries by key: known at once, late, known last, and one that no final moment holds yet."""
    post_at(kept_books, "first", 500_000, kind="issued", at=T0)
    make_final(kept_books, T0 + HOUR)
    post_at(kept_books, "late", 100_000, at=T0 + HOUR / 2)
    post_at(kept_books, "last", 100_000, at=T0 + 2 * HOUR)
    make_final(kept_books, T0 + 4 * HOUR)
    roll(kept_books, piece=1)
    post_at(kept_books, "new", 100_000, at=T0 + 3 * HOUR)
    seal(kept_books)
    with unit_of_work(kept_books) as session:
        return {row.key: row.id for row in session.execute(text("SELECT e.key, e.id FROM journal_entry e"))}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_cannot_have_been_known_so_is_named(
    kept_books: str, entries: dict[str, int], database: TestDatabase, forgery: str
) -> None:
    statement, *wanted = FORGERIES[forgery]
    with unit_of_work(kept_books) as session:
        block = session.scalar(text("SELECT b.number FROM seal_block b WHERE b.stream = 'late_entry'"))
        late = session.execute(text("SELECT l.entry_id, l.known_from FROM late_entry l")).all()
    assert late == [(entries["late"], T0 + HOUR + timedelta(microseconds=1))]
    assert verify(kept_books).findings == []
    with superuser(database) as session:
        assert found_after(session, statement.format(**entries)) == [
            (kind, place.format(**entries, block=block), told) for kind, place, told in wanted
        ]
