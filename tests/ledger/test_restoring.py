"""The whole database dumped and restored on another server, and an older copy put in place: what still holds, what is
refused, and what is found.

For: the runbook docs/runbooks/backup-and-restore.md, with the real pg_dump and pg_restore beside the server's programs.
Not for: crash recovery of one server (tests/journeys) or faults inside one database (test_sealing_found).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import errors
from sqlalchemy import text

from app.cli import main
from foundation.config import reload_settings
from foundation.connections import dispose_engines
from foundation.db import unit_of_work
from foundation.embedded import EmbeddedServer
from foundation.errors import EmbeddedServerUnavailable
from foundation.migrating import upgrade_shared
from foundation.regions import create_region
from ledger import (
    LedgerMoved,
    SnapshotUnknown,
    account_balances,
    check_proof,
    list_entries,
    prove_entry,
    reverse_entry,
    trial_balance,
)
from ledger.moments import take_moment
from tests.database import TestDatabase
from tests.ledger.entries import AT, DAY, draft, issued, post
from tests.ledger.seals import head, seal, settle, signer, tamper, told, verify
from tests.sample_chart import load_sample_chart

REGION = "3316"
# What a schema is made of besides its rows; every list has to be the same after a restore.
SHAPE = {
    "functions": "SELECT p.oid::regprocedure::text, p.proconfig::text, p.prosecdef, md5(p.prosrc), p.proacl::text"
    " FROM pg_proc p WHERE p.pronamespace = 'r3316'::regnamespace",
    "triggers": "SELECT pg_get_triggerdef(t.oid), t.tgenabled::text FROM pg_trigger t JOIN pg_class c"
    " ON c.oid = t.tgrelid WHERE c.relnamespace = 'r3316'::regnamespace AND NOT t.tgisinternal",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated"
    " FROM pg_constraint WHERE connamespace = 'r3316'::regnamespace",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'r3316'",
    "tables": "SELECT relname, relkind::text, relacl::text, pg_get_userbyid(relowner), relrowsecurity FROM pg_class"
    " WHERE relnamespace = 'r3316'::regnamespace AND relkind IN ('r', 'v', 'S')",
    "columns": "SELECT a.attrelid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    " a.attidentity::text, a.attgenerated::text, a.attacl::text, a.attstorage::text,"
    " pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " WHERE c.relnamespace = 'r3316'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0",
}


@dataclass(frozen=True)
class Told:
    """What a reader is told of the ledger."""

    entries: list[UUID]
    balances: Any
    trial: Any


@pytest.fixture
def program(embedded_server: EmbeddedServer) -> Callable[..., None]:
    """Run pg_dump or pg_restore of the server's own version; skip, or fail where they are required, if missing."""
    paths: dict[str, Path] = {}
    for name in ("pg_dump", "pg_restore"):
        try:
            paths[name] = embedded_server.binary(name)
        except EmbeddedServerUnavailable:
            if os.environ.get("LUNAS_REQUIRE_PG_DUMP") == "1":
                raise
            pytest.skip(
                f"{name} is not beside PostgreSQL's programs (Debian: apt-get install postgresql-client);"
                " LUNAS_REQUIRE_PG_DUMP=1 makes this a failure"
            )

    def run(name: str, *arguments: object) -> None:
        done = subprocess.run([paths[name], *map(str, arguments)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    return run


@contextmanager
def at(server: EmbeddedServer) -> Iterator[TestDatabase]:
    """Work on another server until the block ends."""
    urls = [server.url(role) for role in ("app", "owner", "superuser")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", urls[0])
        patch.setenv("DATABASE_OWNER_URL", urls[1])
        reload_settings()
        dispose_engines()
        try:
            yield TestDatabase("lunas", *urls)
        finally:
            dispose_engines()
    reload_settings()


def burn(url: str, upto: int) -> None:
    """Use up transaction numbers until the server has given `upto`."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("SET synchronous_commit = off")
        used = 0
        while used < upto:
            row = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
            assert row is not None
            used = row[0]


def upcoming(url: str) -> int:
    """The transaction number that the server gives next."""
    with closing(psycopg.connect(url)) as connection:
        row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
    assert row is not None
    return int(row[0])


def shape(database: TestDatabase) -> dict[str, list[tuple[Any, ...]]]:
    """All that SHAPE asks, sorted."""
    with closing(psycopg.connect(database.superuser_url)) as connection:
        connection.execute("SET search_path = r3316")
        return {
            name: sorted((tuple(map(_plain, row)) for row in connection.execute(query)), key=str)
            for name, query in SHAPE.items()
        }


def _plain(value: Any) -> Any:
    """Without what PostgreSQL writes otherwise the second time: the order of grants, brackets and casts of an IN."""
    if not isinstance(value, str):
        return value
    if value.startswith("{") and "=" in value:
        return sorted(value.strip("{}").split(","))
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", value)


def tell() -> Told:
    """Entries in the reader's order, all balances, and the year's trial balance."""
    settle(REGION)
    with unit_of_work(REGION) as session:
        return Told(
            page_through(None)[0],
            account_balances(session, on=DAY),
            trial_balance(session, since=DAY.replace(month=1, day=1), on=DAY),
        )


def page_through(cursor: str | None, pages: int = 100) -> tuple[list[UUID], str | None]:
    """The uids that pages of two give from a position on, in their order, and the position after them."""
    seen: list[UUID] = []
    for _ in range(pages):
        with unit_of_work(REGION) as session:
            page = list_entries(session, cursor=cursor, limit=2)
        seen += [each.uid for each in page.entries]
        cursor = page.position
        if not page.entries:
            break
    return seen, cursor


def lunas(*words: str) -> str:
    result = CliRunner().invoke(main, ["ledger", *words, "--region", REGION])
    assert result.exit_code == 0, result.output
    return result.output


def write_ledger() -> tuple[list[UUID], dict[str, Any], dict[str, Any]]:
    """Sealed entries, a reversal, state history, two keys; then unsealed ones. Their uids, a head and a proof."""
    uids = [post(REGION, draft(f"sealed:{number}")).uid for number in range(5)]
    with unit_of_work(REGION) as session:
        session.execute(
            text("SELECT foundation_record_move('x', 1, 'A', 'B', 'moved', 'user:a', 'a\tb', :at)"), {"at": AT}
        )
    seal(REGION)
    kept = head(REGION)
    with unit_of_work(REGION) as session:
        proof = prove_entry(session, uids[1])
    # A reversal, so of a stream that has no seal yet, and entries that came after the seals.
    with unit_of_work(REGION) as session:
        done = reverse_entry(session, uids[0], reason="salah", accounted_on=DAY, actor="user:a", at=AT)
        uids.append(done.uid)
    uids += [post(REGION, draft(f"left:{number}", issued(100 + number))).uid for number in range(3)]
    return uids, kept, proof


@dataclass(frozen=True)
class Moved:
    """What was known before a move, to be held against the new server."""

    uids: list[UUID]
    told: Told
    cursor: str | None
    seen: list[UUID]
    snapshot: str
    head: dict[str, Any]
    newer_head: dict[str, Any]
    proof: dict[str, Any]
    shape: dict[str, list[tuple[Any, ...]]]


NUMBERS = ("begin anew", "are further on", "meet half way")


@pytest.fixture
def moved(
    request: pytest.FixtureRequest,
    books: str,
    database: TestDatabase,
    own_server: EmbeddedServer,
    program: Callable[..., None],
    tmp_path: Path,
) -> Iterator[tuple[TestDatabase, Moved]]:
    """The books dumped and restored on a server of its own, whose transaction numbers stand below those of the dump,
    above them, or among them; and what they were before."""
    new = own_server.url("superuser")
    if request.param == "are further on":
        burn(new, upcoming(database.superuser_url) + 3000)
    else:
        burn(database.superuser_url, upcoming(new) + 3000)
    uids, kept, proof = write_ledger()
    settle(books)
    seen, cursor = page_through(None, pages=2)
    with unit_of_work(books) as session:
        snapshot = take_moment(session).snapshot
    before = tell()
    file = tmp_path / "lunas.dump"
    program("pg_dump", "--format=custom", "--exclude-schema=kept_*", f"--file={file}", f"--dbname={database.owner_url}")
    shape_before = shape(database)
    seal(books)  # the server that was left goes on for a moment
    newer = head(books)
    if request.param == "meet half way":
        # The last sealed entries are of its past, the first unsealed ones of its future.
        with unit_of_work(books) as session:
            burn(new, session.scalars(text("SELECT min(recorded_xact::text::bigint) FROM entry_reversal")).one())
    program("pg_restore", "--single-transaction", "--exit-on-error", f"--dbname={own_server.url('owner')}", file)
    with at(own_server) as there:
        yield there, Moved(uids, before, cursor, seen, snapshot, kept, newer, proof, shape_before)


def _assert_guarded(there: TestDatabase) -> None:
    """Nobody but a superuser changes or removes a row, and the check at commit is there."""
    for url in (there.url, there.owner_url):
        for statement in (
            "UPDATE journal_entry SET description = 'x'",
            "DELETE FROM posting",
            "TRUNCATE seal_block",
            "DELETE FROM audit_event",
        ):
            with closing(psycopg.connect(url)) as connection:
                connection.execute("SET search_path = r3316, pg_temp")
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(statement)
    with closing(psycopg.connect(there.owner_url)) as connection:
        # Of an entry without postings the deferred trigger says so at commit.
        columns = "kind, content_hash, occurred_at, accounted_on, recorded_at, description, source_kind, actor"
        connection.execute("SET search_path = r3316, pg_temp")
        connection.execute(
            f"INSERT INTO journal_entry (uid, key, posting_count, {columns}) SELECT gen_random_uuid(), 'x', 2,"
            f" {columns} FROM journal_entry LIMIT 1"
        )
        with pytest.raises(errors.CheckViolation) as refused:
            connection.commit()
    assert refused.value.diag.constraint_name == "ledger_entry_complete"


@pytest.mark.parametrize("moved", NUMBERS, indirect=True)
def test_a_restored_ledger_is_whole_verifies_and_goes_on(moved: tuple[TestDatabase, Moved]) -> None:
    there, was = moved
    assert shape(there) == was.shape
    _assert_guarded(there)
    # All that was sealed verifies before anything is done; what was not is counted; the head from before fits.
    found = verify(REGION, heads=[was.head])
    assert (found.findings, found.sealed["entry"], found.unsealed["entry"]) == ([], 5, 4)
    assert found.unsealed["entry_reversal"] == 1
    # Posting works at once, with ids that were not given before, and the same key is still the same entry.
    new = post(REGION, draft("new:1"))
    assert new.first_time
    assert not post(REGION, draft("left:1", issued(101))).first_time
    lunas("roll")
    lunas("roll")
    told_now = tell()
    assert sorted(told_now.entries) == sorted([*was.uids, new.uid])
    assert len(told_now.entries) == len(set(told_now.entries))
    # Everything is sealed with new blocks behind the old ones, once, and nothing is left.
    added = seal(REGION)
    assert added[0].number == was.head["block"]["header"]["number"] + 1
    assert seal(REGION) == []
    newest = post(REGION, draft("new:2"))
    assert [(block.stream, block.count) for block in seal(REGION)] == [("entry", 1)]
    found = verify(REGION, heads=[was.head, head(REGION)])
    assert (found.findings, found.sealed["entry"], set(found.unsealed.values())) == ([], 11, {0})
    # A proof from before still holds, and the same entry gives the same proof.
    assert check_proof(was.proof, trusted=[signer().public]).entry["key"] == "sealed:1"
    with unit_of_work(REGION) as session:
        assert prove_entry(session, UUID(was.proof["entry"]["uid"])) == was.proof
        assert prove_entry(session, newest.uid)["entry"]["key"] == "new:2"


@pytest.mark.parametrize("moved", NUMBERS, indirect=True)
def test_readers_of_a_restored_ledger_see_all_of_it_or_are_refused(moved: tuple[TestDatabase, Moved]) -> None:
    there, was = moved
    with closing(psycopg.connect(there.superuser_url)) as connection:
        hidden = connection.execute(
            "SELECT count(*) FROM r3316.journal_entry WHERE recorded_xact >= pg_snapshot_xmin(pg_current_snapshot())"
        ).fetchone()
    if hidden != (0,):
        with pytest.raises(LedgerMoved, match="roll"), unit_of_work(REGION) as session:
            list_entries(session)
    assert "0" in lunas("roll", "--check").splitlines()[-1]
    assert "differences: 0" in lunas("roll", "--check")
    assert (sorted(tell().entries), tell().balances, tell().trial) == (
        sorted(was.told.entries),
        was.told.balances,
        was.told.trial,
    )
    # A snapshot of the server that was left means nothing here.
    with pytest.raises(SnapshotUnknown), unit_of_work(REGION) as session:
        list_entries(session, snapshot=was.snapshot)
    # Who paged before the move and goes on with the cursor misses nothing, now or later.
    new = post(REGION, draft("new:1"))
    settle(REGION)
    rest, cursor = page_through(was.cursor)
    assert sorted([*was.seen, *rest]) == sorted([*was.uids, new.uid])
    newest = post(REGION, draft("new:2"))
    settle(REGION)
    assert page_through(cursor)[0] == [newest.uid]
    # The balance follows what is posted here.
    assert tell().balances != was.told.balances
    assert "differences: 0" in lunas("roll", "--check")


@pytest.mark.parametrize("moved", ["begin anew"], indirect=True)
def test_tampering_on_the_new_server_is_found_and_a_newer_head_tells_an_older_dump(
    moved: tuple[TestDatabase, Moved],
) -> None:
    there, was = moved
    number = was.newer_head["block"]["header"]["number"]
    assert [(each.kind, each.block) for each in verify(REGION, heads=[was.newer_head]).findings] == [
        ("head_missing", number)
    ]
    seal(REGION)
    # Sealed anew on the new server, that number bears another block.
    assert [(each.kind, each.block) for each in verify(REGION, heads=[was.newer_head]).findings] == [
        ("head_differs", number)
    ]
    tamper(
        there,
        "UPDATE posting SET amount_sen = amount_sen + 1 WHERE line_no = 1 AND entry_id = 1 + ("
        "SELECT min(entry_id) FROM posting)",
    )
    assert {kind for kind, _, _ in told(verify(REGION, heads=[was.head]))} == {"row_changed"}


def test_an_older_copy_of_the_servers_files_is_found_against_a_newer_head(
    own_server: EmbeddedServer, database: TestDatabase, tmp_path: Path
) -> None:
    copy = own_server.data.with_name("data.copy")
    with at(own_server):
        upgrade_shared()
        create_region(REGION, "Kabupaten Blora", timezone="Asia/Jakarta")
        load_sample_chart(REGION)
        post(REGION, draft("payment:1"))
        seal(REGION)
        early = head(REGION)
    own_server.stop()
    subprocess.run(["cp", "-a", own_server.data, copy], check=True)
    own_server.start()
    with at(own_server):
        post(REGION, draft("payment:2"))
        seal(REGION)
        late = head(REGION)
        assert verify(REGION, heads=[early, late]).sound
    own_server.stop()
    shutil.rmtree(own_server.data)
    copy.rename(own_server.data)
    own_server.start()
    with at(own_server):
        # By itself the older state is a sound one, and it fits the head of its time: only the newer head tells.
        assert verify(REGION, heads=[early]).sound
        (finding,) = verify(REGION, heads=[early, late]).findings
        assert (finding.kind, finding.block) == ("head_missing", late["block"]["header"]["number"])
        # Going on from there does not hide it.
        post(REGION, draft("payment:3"))
        seal(REGION)
        (finding,) = verify(REGION, heads=[early, late]).findings
        assert (finding.kind, finding.block) == ("head_differs", late["block"]["header"]["number"])
