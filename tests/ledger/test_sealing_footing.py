"""An entry that breaks the ledger's own rules is named, sealed or not: a seal proves only that nothing changed since.

For: what a superuser put in past the triggers before the sealer came. Not for: changes after it (test_sealing_found).
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from tests.database import TestDatabase
from tests.ledger.entries import credited, draft, issued, paid, post
from tests.ledger.seals import seal, tamper, told, verify

WHERE = "entry_id = (SELECT id FROM journal_entry WHERE key = 'payment:2')"
COLUMNS = "accounted_on, book, entity_id, account_id, side, amount_sen, counterpart_entity_id, partner"
# What a superuser does to an entry of four postings before it is sealed: (statement, finding, what it tells).
BREACHES = {
    "an amount alone": (
        f"UPDATE posting SET amount_sen = amount_sen + 1 WHERE {WHERE} AND line_no = 1",
        [("entry_unbalanced", ""), ("entry_unpaired", "")],
    ),
    "both sides of one entity": (
        f"UPDATE posting SET amount_sen = amount_sen + 1 WHERE {WHERE} AND line_no IN (1, 2)",
        [("entry_unpaired", "")],
    ),
    "a side": (
        f"UPDATE posting SET side = 'debit' WHERE {WHERE} AND line_no = 2",
        [("entry_unbalanced", "")],
    ),
    "another entity, though debits are credits": (
        f"UPDATE posting SET entity_id = (SELECT id FROM entity WHERE code = 'LH') WHERE {WHERE} AND line_no = 2",
        [("entry_unbalanced", "")],
    ),
    "an RK that names another counterpart": (
        "UPDATE posting SET counterpart_entity_id = (SELECT id FROM entity WHERE code = 'LH')"
        f" WHERE {WHERE} AND line_no = 4",
        [("entry_unpaired", "")],
    ),
    "a pair of postings removed": (
        f"DELETE FROM posting WHERE {WHERE} AND line_no IN (3, 4)",
        [("entry_incomplete", "2, should be 4"), ("entry_unpaired", "")],
    ),
    "all postings removed": (f"DELETE FROM posting WHERE {WHERE}", [("entry_incomplete", "0, should be 4")]),
    "postings added that balance": (
        f"INSERT INTO posting (entry_id, line_no, {COLUMNS}) SELECT entry_id, line_no + 4, {COLUMNS} FROM posting"
        f" WHERE {WHERE}",
        [("entry_incomplete", "8, should be 4")],
    ),
    "a line number beyond": (
        f"UPDATE posting SET line_no = 9 WHERE {WHERE} AND line_no = 2",
        [("entry_incomplete", "their numbers do not go on from 1")],
    ),
    "an account that takes no postings": (
        f"UPDATE posting SET account_id = (SELECT id FROM account WHERE code = '1.1.01') WHERE {WHERE} AND line_no = 2",
        [("posting_misplaced", "posting 2")],
    ),
    "an account that is not there": (
        f"UPDATE posting SET account_id = -1 WHERE {WHERE} AND line_no = 2",
        [("posting_misplaced", "posting 2")],
    ),
    "a counterpart that is not there": (
        f"UPDATE posting SET counterpart_entity_id = -1 WHERE {WHERE} AND line_no = 2",
        [("entry_unpaired", ""), ("posting_misplaced", "posting 2")],
    ),
    "a date that is not the entry's": (
        f"UPDATE posting SET accounted_on = accounted_on + 1 WHERE {WHERE} AND line_no = 2",
        [("posting_misplaced", "posting 2")],
    ),
    "another book on both sides": (
        f"UPDATE posting SET book = 'A' WHERE {WHERE} AND line_no IN (1, 2)",
        [("posting_misplaced", "posting 1"), ("posting_misplaced", "posting 2")],
    ),
    "dated before its account": (
        "UPDATE account SET valid_from = '2026-12-31' WHERE code = '1.1.03.15.01.0001'",
        [("posting_misplaced", "posting 2")],
    ),
}


@pytest.fixture
def entries(books: str) -> str:
    """Three entries, `payment:1` to `payment:3`, the second of four postings; nothing is sealed."""
    post(books, draft("payment:1", issued(100_000, kind="RETRIBUSI-PASAR", entity="LH")))
    post(books, draft("payment:2", paid(150_000)))
    post(books, draft("payment:3", credited(150_000)))
    return books


@pytest.mark.parametrize("breach", BREACHES)
@pytest.mark.parametrize("when", ["not sealed", "sealed"])
def test_an_entry_that_breaks_a_rule_is_named(entries: str, database: TestDatabase, breach: str, when: str) -> None:
    statement, wanted = BREACHES[breach]
    with unit_of_work(entries) as session:
        second = session.scalar(text("SELECT id FROM journal_entry WHERE key = 'payment:2'"))
    assert verify(entries).sound
    tamper(database, statement)
    if when == "sealed":
        seal(entries)
    found = verify(entries)
    assert found.unsealed["entry"] == (0 if when == "sealed" else 3)
    assert sorted((each.kind, each.told_en) for each in found.findings) == wanted
    assert {item for _, _, item in told(found)} == {second}
    assert f"Jurnal {second} " in found.findings[0].message_id


def test_entries_that_readers_never_see_are_named_even_when_sealed(entries: str, database: TestDatabase) -> None:
    seal(entries)
    hidden = post(entries, draft("payment:4"))
    tamper(database, f"UPDATE journal_entry SET recorded_xact = '4611686018427387904' WHERE id = {hidden.id}")
    # The sealer waits for a number that never comes; verifying says so.
    assert seal(entries) == []
    assert told(verify(entries)) == [("row_ahead", "entry", hidden.id)]
    assert [(block.stream, block.count) for block in seal(entries, search=True)] == [("entry", 1)]
    assert told(verify(entries)) == [("row_ahead", "entry", hidden.id)]
    assert verify(entries).unsealed["entry"] == 0


def test_what_the_sealer_would_pass_by_for_ever_is_named_in_every_stream(entries: str, database: TestDatabase) -> None:
    seal(entries)
    post(entries, draft("payment:4"))
    with unit_of_work(entries) as session:
        session.execute(text("SELECT foundation_record_move('x', 1, 'A', 'B', 'moved', 'user:a', '', now())"))
    seal(entries)
    for xact, kind in (("'1'", "row_behind"), ("'4611686018427387904'", "row_ahead")):
        with unit_of_work(entries) as session:
            session.execute(text("SELECT foundation_record_move('x', 1, 'B', 'C', 'moved', 'user:a', '', now())"))
            move = session.scalar(text("SELECT max(id) FROM state_change"))
        tamper(database, f"UPDATE state_change SET recorded_xact = {xact} WHERE id = {move}")
        assert seal(entries) == []
        assert told(verify(entries)) == [(kind, "state_change", move)]
        assert [(block.stream, block.count) for block in seal(entries, search=True)] == [("state_change", 1)]
        assert verify(entries).sound
