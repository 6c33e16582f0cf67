"""Attacks on sealing itself: sealers killed between blocks, clocks set back, and whoever has a role but not the key.

For: that the chain goes on, and that verifying names what was forged.
Not for: rows rewritten under the seals (test_sealing_columns, test_sealing_found).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from foundation.config import write_seal_key
from foundation.db import unit_of_work
from ledger import SealKeyNotCurrent, SealSigner, change_seal_key, load_signer, seal_next
from tests.database import TestDatabase
from tests.ledger.entries import AT, draft, post
from tests.ledger.seals import head, seal, settle, signer, tamper, told, verify
from tests.ledger.waiting import until

ROOT = Path(__file__).resolve().parents[2]
# A sealer of its own process, one item a block, telling each block once it is committed.
SEALER = """
from foundation import clock
from foundation.config import settings
from foundation.db import unit_of_work
from ledger import load_signer, seal_next
while True:
    with unit_of_work("3316") as session:
        block = seal_next(session, load_signer(settings().seal_key_file), at=clock.now(), by="cli:test", most=1)
    if block is None:
        break
    print(block.number, block.block_hash.hex(), flush=True)
"""


def _sealer() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", SEALER], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_sealers_that_are_killed_between_blocks_lose_and_double_nothing(books: str) -> None:
    seal(books)
    for number in range(60):
        post(books, draft(f"payment:{number}"))
    settle(books)
    acknowledged: dict[int, str] = {}
    for _ in range(3):
        pair = [_sealer(), _sealer()]
        for process in pair:
            assert process.stdout is not None
            lines = [process.stdout.readline().split() for _ in range(4)]
            acknowledged |= {int(line[0]): line[1] for line in lines if line}
        for process in pair:
            os.kill(process.pid, signal.SIGKILL)
            rest, _ = process.communicate()
            acknowledged |= {int(line.split()[0]): line.split()[1] for line in rest.splitlines() if " " in line}
    seal(books)
    with unit_of_work(books) as session:
        stored = {
            row.number: bytes(row.block_hash).hex()
            for row in session.execute(text("SELECT number, block_hash FROM seal_block"))
        }
    assert len(acknowledged) >= 12
    assert {number: stored.get(number) for number in acknowledged} == acknowledged
    found = verify(books)
    assert (found.findings, found.sealed["entry"], set(found.unsealed.values())) == ([], 60, {0})


def _seal_and_fail_when_another_waits(region: str, others: list[subprocess.Popen[str]]) -> None:
    """Seal a block, start another sealer, and undo the block once that one waits for us."""
    with unit_of_work(region) as session:
        assert seal_next(session, signer(), at=AT, by="cli:test", most=1) is not None
        others.append(_sealer())
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        until(lambda: session.scalar(waiting), "the other sealer did not wait")
        assert others[0].poll() is None
        raise ConnectionAbortedError


def test_a_sealer_waits_for_another_and_goes_on_when_that_one_is_gone(books: str) -> None:
    seal(books)
    for number in range(2):
        post(books, draft(f"payment:{number}"))
    settle(books)
    newest = head(books)["block"]["header"]["number"]
    others: list[subprocess.Popen[str]] = []
    with pytest.raises(ConnectionAbortedError):
        _seal_and_fail_when_another_waits(books, others)
    told_blocks, _ = others[0].communicate(timeout=60)
    assert [line.split()[0] for line in told_blocks.splitlines()] == [str(newest + 1), str(newest + 2)]
    assert (verify(books).findings, verify(books).sealed["entry"]) == ([], 2)


def test_a_clock_that_was_set_back_breaks_nothing(books: str) -> None:
    moments = [AT, AT - timedelta(days=400), AT + timedelta(days=1), AT]
    for number, moment in enumerate(moments):
        post(books, draft(f"payment:{number}"))
        settle(books)
        while True:
            with unit_of_work(books) as session:
                if seal_next(session, signer(), at=moment, by="cli:test") is None:
                    break
    found = verify(books)
    assert (found.findings, found.sealed["entry"], set(found.unsealed.values())) == ([], 4, {0})
    assert head(books)["block"]["header"]["sealed_at"] == "2026-03-09T04:05:06.000000Z"


def _as_application(database: TestDatabase, statement: str) -> None:
    with closing(psycopg.connect(database.url)) as connection:
        connection.execute("SET search_path = r3316, pg_temp")
        connection.execute(statement)
        connection.commit()


_BLOCK = {
    "number": "(SELECT max(number) + 1 FROM seal_block)",
    "previous_hash": "(SELECT block_hash FROM seal_block ORDER BY number DESC LIMIT 1)",
    "block_hash": "sha256('x')",
    "next_xact": "NULL",
}
_COPIED = (
    "first_id", "last_id", "cluster", "next_id", "sealed_at", "item_count", "stream", "key_id", "merkle_root",
    "signature", "item_ids", "leaf_hashes", "marks",
)  # fmt: skip


def _forge(database: TestDatabase, **changed: str) -> None:
    """Put in a copy of the block of entries as if it were the next one, with these columns changed, given in SQL."""
    columns = {name: name for name in _COPIED} | _BLOCK | changed
    _as_application(
        database,
        f"INSERT INTO seal_block ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        " FROM seal_block WHERE stream = 'entry'",
    )


@pytest.mark.parametrize("place", ["pg_snapshot_xmin(pg_current_snapshot())", "'0'", "NULL"])
def test_a_block_that_the_application_forged_to_pass_rows_by_is_found(
    books: str, database: TestDatabase, place: str
) -> None:
    post(books, draft("payment:1"))
    seal(books)
    passed = post(books, draft("payment:2"))
    settle(books)
    _forge(database, next_xact=place)
    seal(books)
    found = told(verify(books))
    assert {"block_changed", "signature_wrong", "sealed_twice"} <= {kind for kind, _, _ in found}
    assert ("row_behind", "entry", passed.id) in found or verify(books).unsealed["entry"] == 0
    # However it was passed by, a search seals it.
    seal(books, search=True)
    assert verify(books).unsealed["entry"] == 0


@pytest.mark.parametrize(
    "rule, changed",
    [
        ("ledger_seal_follows", {"number": "(SELECT max(number) + 2 FROM seal_block)"}),
        ("ledger_seal_follows", {"number": "-1"}),
        ("ledger_seal_follows", {"previous_hash": "sha256('y')"}),
        ("ledger_seal_key", {"key_id": "'0123456789abcdef'"}),
        (
            "ledger_seal_sound",
            {"next_xact": "(pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1000000)::text::xid8"},
        ),
        ("ledger_seal_sound", {"next_xact": "'4611686018427387904'::xid8"}),
        ("ledger_seal_sound", {"cluster": "1"}),
        ("ledger_seal_sound", {"next_id": "-1"}),
        ("ledger_seal_sound", {"first_id": "first_id - 1"}),
        ("ledger_seal_sound", {"last_id": "last_id + 1"}),
        ("ledger_seal_sound", {"marks": "''"}),
        ("ledger_seal_sound", {"item_ids": "array_fill(first_id, ARRAY[2])"}),
        ("ledger_seal_sound", {"item_ids": "ARRAY[first_id, NULL]"}),
        ("ledger_seal_sound", {"item_count": "1"}),
        ("ck_seal_block_items", {"leaf_hashes": "''"}),
        ("ck_seal_block_sealed_at", {"sealed_at": "'infinity'"}),
        ("ck_seal_block_sealed_at", {"sealed_at": "'0044-03-15 BC'"}),
    ],
)
def test_a_block_that_contradicts_itself_is_refused(
    books: str, database: TestDatabase, rule: str, changed: dict[str, str]
) -> None:
    for key in ("payment:1", "payment:2"):
        post(books, draft(key))
    seal(books)
    before = head(books)["block_hash"]
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        _forge(database, **changed)
    assert refused.value.diag.constraint_name == rule
    assert head(books)["block_hash"] == before
    assert verify(books).findings == []


def test_a_forged_block_is_told_and_taken_out_by_the_runbook(books: str, database: TestDatabase) -> None:
    """It holds a row that was not sealed yet, with a leaf of its own. Only the database's superuser gets it out."""
    post(books, draft("payment:1"))
    seal(books)
    kept = head(books)
    forged_number = kept["block"]["header"]["number"] + 1
    held = post(books, draft("payment:2"))
    settle(books)
    _forge(database, item_ids=f"ARRAY[{held.id}]", first_id=str(held.id), last_id=str(held.id))
    later = post(books, draft("payment:3"))
    seal(books)
    found = verify(books, heads=[kept])
    assert [(each.kind, each.stream, each.item_id, each.block) for each in found.findings] == [
        ("block_changed", "", None, forged_number),
        ("signature_wrong", "", None, forged_number),
        ("row_changed", "entry", held.id, forged_number),
    ]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _as_application(database, f"DELETE FROM seal_block WHERE number >= {forged_number}")
    tamper(database, f"DELETE FROM seal_block WHERE number >= {forged_number}")
    seal(books)
    repaired = verify(books, heads=[kept])
    assert (repaired.findings, repaired.sealed["entry"], repaired.unsealed["entry"]) == ([], 3, 0)
    assert later.id > held.id


def test_a_key_that_the_application_put_in_stops_the_sealer_and_is_found(
    books: str, database: TestDatabase, tmp_path: Path
) -> None:
    seal(books)
    stranger = _key(tmp_path)
    _as_application(
        database,
        "INSERT INTO seal_key (key_id, public_key, introduced_at, introduced_by, why)"
        f" VALUES ('{stranger.key_id}', '\\x{stranger.public.hex()}', now(), 'x', '')",
    )
    post(books, draft("payment:1"))
    settle(books)
    with pytest.raises(SealKeyNotCurrent), unit_of_work(books) as session:
        seal_next(session, signer(), at=AT, by="cli:test")
    found = verify(books)
    assert [(kind, stream) for kind, stream, _ in told(found)] == [("row_behind", "key")]
    assert found.unsealed["entry"] == 1
    # As the runbook says.
    tamper(database, f"DELETE FROM seal_key WHERE key_id = '{stranger.key_id}'")
    seal(books)
    repaired = verify(books)
    assert (repaired.findings, repaired.sealed["entry"], repaired.unsealed["entry"]) == ([], 1, 0)


def _key(tmp_path: Path) -> SealSigner:
    write_seal_key(tmp_path / "stranger.pem")
    return load_signer(tmp_path / "stranger.pem")


@contextmanager
def _keys_may_come_again(database: TestDatabase) -> Iterator[None]:
    """Without the constraint by which a key is introduced once, as a superuser can have it."""
    with closing(psycopg.connect(database.superuser_url, autocommit=True)) as connection:
        connection.execute("ALTER TABLE r3316.seal_key DROP CONSTRAINT uq_seal_key_key_id")
        try:
            yield
        finally:
            connection.execute("SET session_replication_role = replica")
            connection.execute("DELETE FROM r3316.seal_key")
            connection.execute("ALTER TABLE r3316.seal_key ADD CONSTRAINT uq_seal_key_key_id UNIQUE (key_id)")


def test_a_strangers_key_that_gives_back_to_the_true_one_is_found(
    books: str, database: TestDatabase, tmp_path: Path
) -> None:
    post(books, draft("payment:1"))
    seal(books)
    stranger = _key(tmp_path)
    with _keys_may_come_again(database):
        with unit_of_work(books) as session:
            change_seal_key(session, None, stranger, at=AT, by="cli:test", why="")
        post(books, draft("payment:2"))
        seal(books, key=stranger)
        assert [kind for kind, _, _ in told(verify(books))] == ["key_untrusted", "guard_missing"]
        with unit_of_work(books) as session:
            change_seal_key(session, stranger, signer(), at=AT, by="cli:test", why="")
        post(books, draft("payment:3"))
        seal(books)
        # The newest block is of the true key again; that it came back is what tells.
        assert [kind for kind, _, _ in told(verify(books))] == ["key_again", "guard_missing"]
