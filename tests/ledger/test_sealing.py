"""Sealing: everything once, nothing skipped, one at a time, and a chain that nobody may write by hand.

For: the sealer. Not for: what verifying finds (test_sealing_found) or proofs (test_sealing_proofs).
"""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from foundation import clock
from foundation.audit import record_act
from foundation.config import write_seal_key
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import (
    SealKeyNotCurrent,
    SealKeyUnusable,
    change_seal_key,
    has_unsealed,
    load_signer,
    post_entry,
    seal_next,
)
from tests.database import TestDatabase
from tests.ledger.entries import AT, draft, post
from tests.ledger.seals import head, seal, settle, signer, tamper, told, verify


def test_a_first_run_seals_the_key_the_chart_the_entries_and_the_acts(books: str) -> None:
    for number in range(3):
        post(books, draft(f"payment:{number}"))
    added = seal(books)
    assert [(block.number, block.stream, block.count) for block in added[:5]] == [
        (1, "key", 1),
        (2, "entity", 4),
        (3, "account", 292),
        (4, "account_role", 64),
        (5, "entry", 3),
    ]
    assert "audit_event" in {block.stream for block in added[5:]}
    found = verify(books)
    assert (found.findings, found.blocks, found.head_number) == ([], len(added), len(added))
    assert (found.sealed["entry"], set(found.unsealed.values())) == (3, {0})
    assert found.head_hash == added[-1].block_hash
    assert seal(books) == []


def test_a_block_holds_at_most_so_many_and_the_next_goes_on_behind_it(books: str) -> None:
    seal(books)
    for number in range(7):
        post(books, draft(f"payment:{number}"))
    settle(books)
    counts = []
    for _ in range(4):
        with unit_of_work(books) as session:
            block = seal_next(session, signer(), at=AT, by="cli:test", most=3)
            counts.append(block and (block.stream, block.count))
    assert counts == [("entry", 3), ("entry", 3), ("entry", 1), None]
    assert verify(books).sound


def test_what_came_after_the_seals_is_counted_and_sealed_next(books: str) -> None:
    post(books, draft("payment:1"))
    seal(books)
    with unit_of_work(books) as session:
        assert not has_unsealed(session)
    post(books, draft("payment:2"))
    post(books, draft("payment:3"))
    settle(books)
    with unit_of_work(books) as session:
        assert has_unsealed(session)
    found = verify(books)
    assert (found.findings, found.sealed["entry"], found.unsealed["entry"]) == ([], 1, 2)
    assert [(block.stream, block.count) for block in seal(books)] == [("entry", 2)]
    assert verify(books).unsealed["entry"] == 0


def test_an_entry_that_commits_late_is_never_skipped(books: str) -> None:
    seal(books)
    with unit_of_work(books) as slow:
        late = post_entry(slow, draft("late"), actor="cli:test", recorded_at=AT)
        quick = post(books, draft("quick"))
        with unit_of_work(books) as session:
            # The later id is committed, but an older transaction is open: nothing past it is sealed.
            assert seal_next(session, signer(), at=AT, by="cli:test") is None
    assert late.id < quick.id
    assert [(block.stream, block.count) for block in seal(books)] == [("entry", 2)]


def test_a_lower_id_that_began_later_is_sealed_after_a_higher_one(books: str, database: TestDatabase) -> None:
    first, second = post(books, draft("a")), post(books, draft("b"))
    # The order of transactions is not that of ids.
    tamper(
        database,
        "UPDATE journal_entry SET recorded_xact = (SELECT (e.recorded_xact::text::bigint - 1)::text::xid8"
        f" FROM journal_entry e WHERE e.id = {first.id}) WHERE id = {second.id}",
    )
    settle(books)
    seal(books)
    with unit_of_work(books) as session:
        ids = session.scalar(text("SELECT item_ids FROM seal_block WHERE stream = 'entry'"))
    assert ids == [second.id, first.id]
    assert verify(books).sound


def test_two_sealers_at_once_make_one_chain(books: str) -> None:
    for number in range(40):
        post(books, draft(f"payment:{number}"))
    settle(books)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            while True:
                with unit_of_work(books) as session:
                    if seal_next(session, signer(), at=AT, by="cli:test", most=5) is None:
                        return
        except BaseException as error:  # noqa: BLE001 - a thread's failure belongs to the test
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    found = verify(books)
    assert (found.findings, found.sealed["entry"], found.unsealed["entry"]) == ([], 40, 0)


def _seal_and_die(region: str, database: TestDatabase) -> None:
    """Seal a block, and lose the database's process before the commit."""
    with unit_of_work(region) as session:
        assert seal_next(session, signer(), at=AT, by="cli:test") is not None
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with closing(psycopg.connect(database.superuser_url, autocommit=True)) as killer:
            killer.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def test_a_sealer_that_dies_leaves_nothing(books: str, database: TestDatabase) -> None:
    post(books, draft())
    seal(books)
    before = head(books)["block_hash"]
    post(books, draft("payment:2"))
    settle(books)
    with pytest.raises(DBAPIError):
        _seal_and_die(books, database)
    assert head(books)["block_hash"] == before
    assert [block.count for block in seal(books)] == [1]
    assert verify(books).sound


def test_regions_have_chains_of_their_own(books: str, other_region: Region) -> None:
    with unit_of_work(other_region.code) as session:
        record_act(session, actor="cli:test", action="test", thing="x", thing_uid=None, details={"a": "\t\\n"}, at=AT)
    seal(books)
    assert [block.number for block in seal(other_region.code)][:2] == [1, 2]
    assert verify(other_region.code).sound
    assert head(books)["block"]["header"]["ledger"] == "r3316"
    assert head(other_region.code)["block"]["header"]["ledger"] == "r6471"


def test_a_search_seals_what_was_left_behind(books: str, database: TestDatabase) -> None:
    post(books, draft("a"))
    seal(books)
    late = post(books, draft("b"))
    tamper(database, f"UPDATE journal_entry SET recorded_xact = '1' WHERE id = {late.id}")
    assert seal(books) == []
    assert told(verify(books)) == [("row_behind", "entry", late.id)]
    assert [(block.stream, block.count) for block in seal(books, search=True)] == [("entry", 1)]
    assert verify(books).sound


# Keys.


def _new_key(tmp_path: Path, name: str = "other.pem") -> Path:
    write_seal_key(tmp_path / name)
    return tmp_path / name


def test_a_new_key_takes_over_and_the_old_one_seals_no_more(books: str, tmp_path: Path) -> None:
    post(books, draft())
    seal(books)
    old, new = signer(), load_signer(_new_key(tmp_path))
    with unit_of_work(books) as session:
        assert change_seal_key(session, old, new, at=clock.now(), by="cli:test", why="yearly") is not None
        assert change_seal_key(session, old, new, at=clock.now(), by="cli:test", why="again") is None
    post(books, draft("payment:2"))
    before = head(books)
    with pytest.raises(SealKeyNotCurrent), unit_of_work(books) as session:
        seal_next(session, old, at=AT, by="cli:test")
    assert head(books)["block_hash"] == before["block_hash"]
    seal(books, key=new)
    # Who trusts either key follows the chain; who trusts neither does not.
    assert verify(books, trusted=[old.public]).sound
    assert verify(books, trusted=[new.public]).sound
    stranger = load_signer(_new_key(tmp_path, "stranger.pem"))
    assert [kind for kind, _, _ in told(verify(books, trusted=[stranger.public]))] == ["key_untrusted"]


def test_a_key_that_introduced_itself_is_trusted_only_from_outside(books: str, tmp_path: Path) -> None:
    seal(books)
    new = load_signer(_new_key(tmp_path))
    with unit_of_work(books) as session:
        with pytest.raises(SealKeyNotCurrent):
            change_seal_key(session, new, load_signer(_new_key(tmp_path, "x.pem")), at=AT, by="cli:test", why="")
        change_seal_key(session, None, new, at=clock.now(), by="cli:test", why="the old key is lost")
    seal(books, key=new)
    assert [kind for kind, _, _ in told(verify(books))] == ["key_untrusted"]
    assert verify(books, trusted=[new.public]).sound


@pytest.mark.parametrize("content", [None, b"", b"no key"])
def test_a_key_that_cannot_be_read_is_refused_by_its_file(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SealKeyUnusable, match=r"key\.pem"):
        load_signer(file)


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o644, 0o666])
def test_a_key_that_everybody_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    file = _new_key(tmp_path)
    file.chmod(mode)
    with pytest.raises(SealKeyUnusable, match="chmod 600"):
        load_signer(file)
    for fine in (0o600, 0o400, 0o640):
        file.chmod(fine)
        assert load_signer(file).key_id


def test_a_key_of_another_kind_or_with_a_password_is_refused(tmp_path: Path) -> None:
    own = Ed25519PrivateKey.generate()
    for key, secret in ((X25519PrivateKey.generate(), NoEncryption()), (own, BestAvailableEncryption(b"x"))):
        file = tmp_path / "key.pem"
        file.touch(0o600)
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret))
        with pytest.raises(SealKeyUnusable, match=r"key\.pem"):
            load_signer(file)
    with pytest.raises(SealKeyUnusable):
        load_signer(tmp_path)


def test_a_key_never_shows_itself() -> None:
    assert repr(signer()) == f"SealSigner(key_id={signer().key_id})"


# The database's own guards.


def _execute(url: str, statement: str) -> None:
    with closing(psycopg.connect(url)) as connection:
        connection.execute("SET search_path = r3316, pg_temp")
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("table", ["seal_block", "seal_key"])
@pytest.mark.parametrize("act", ["UPDATE {0} SET key_id = key_id", "DELETE FROM {0}", "TRUNCATE {0}"])
@pytest.mark.parametrize("role", ["app", "owner"])
def test_seals_are_not_changed_or_removed(books: str, database: TestDatabase, table: str, act: str, role: str) -> None:
    seal(books)
    before = head(books)["block_hash"]
    url = database.url if role == "app" else database.owner_url
    with pytest.raises(errors.InsufficientPrivilege):
        _execute(url, act.format(table))
    assert head(books)["block_hash"] == before


@pytest.mark.parametrize("number", ["number + 2", "number + 1", "number"])
def test_a_block_that_does_not_follow_the_last_one_is_refused(books: str, database: TestDatabase, number: str) -> None:
    seal(books)
    before = head(books)["block_hash"]
    columns = (
        "first_id, last_id, cluster, next_xact, next_id, sealed_at, item_count, stream, key_id, merkle_root,"
        " previous_hash, block_hash, signature, item_ids, leaf_hashes, marks"
    )
    forged = f"INSERT INTO seal_block (number, {columns}) SELECT {number}, {columns} FROM seal_block"
    with pytest.raises(errors.IntegrityError) as refused:
        _execute(database.url, f"{forged} ORDER BY number DESC LIMIT 1")
    assert refused.value.diag.constraint_name in ("ledger_seal_follows", "pk_seal_block")
    assert head(books)["block_hash"] == before


@pytest.mark.parametrize(
    "table",
    ["entity", "account", "account_role", "entry_reversal", "late_entry", "audit_event", "state_change", "seal_key"],
)
def test_where_a_row_stands_is_not_the_writer_s_to_say(books: str, database: TestDatabase, table: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        _execute(database.url, f"INSERT INTO {table} (recorded_xact) VALUES ('1')")
