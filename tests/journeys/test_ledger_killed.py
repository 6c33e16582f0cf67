"""kill -9 of the database under six writers, a sealer and one who closes months: nothing acknowledged is lost.

For: the promise that the ledger survives the death of its server at any moment.
Not for: payments over HTTP (test_killed_under_load.py), or what the machine's disk does when the power fails.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from foundation.config import reload_settings, settings, write_seal_key
from foundation.connections import dispose_engines
from foundation.db import unit_of_work
from foundation.embedded import EmbeddedServer
from foundation.regions import create_region
from ledger import account_balances, check_periods, check_rollup, load_signer, verify_ledger
from tests.journeys.ledger_workers import REGION, draft_of
from tests.journeys.town import wait_until
from tests.sample_chart import load_sample_chart

WRITERS = tuple(f"W{number}" for number in range(6))
MORE = 40


@dataclass
class Office:
    """The ledger on a server of its own, and the processes at work on it."""

    server: EmbeddedServer
    folder: Path
    processes: list[subprocess.Popen[bytes]]

    def begin(self) -> None:
        """Start the writers, the sealer and the one who moves months."""
        works = [*(("write", name) for name in WRITERS), ("seal", "S"), ("move", "M")]
        self.processes = [
            subprocess.Popen([sys.executable, "-m", "tests.journeys.ledger_workers", *work, str(self.folder)])
            for work in works
        ]

    def acknowledged(self, name: str) -> list[str]:
        """What the database acknowledged to a process so far: whole lines only."""
        noted = self.folder / name
        told = noted.read_text(encoding="ascii") if noted.exists() else ""
        return told[: told.rfind("\n") + 1].splitlines()

    def progress(self) -> list[int]:
        """How many acknowledgements each process has."""
        assert all(each.poll() is None for each in self.processes), "a worker has ended"
        return [len(self.acknowledged(name)) for name in (*WRITERS, "S", "M")]

    def wait_for_more(self) -> None:
        """Wait until every writer has a good deal more, and seals and months have moved on."""
        before = self.progress()
        more = [MORE] * len(WRITERS) + [2, 2]
        wait_until(
            lambda: all(is_now >= was + add for is_now, was, add in zip(self.progress(), before, more, strict=True))
        )

    def end(self) -> None:
        """Let everyone finish what he is at."""
        (self.folder / "stop").touch()
        for each in self.processes:
            assert each.wait(timeout=120) == 0

    def kill(self, whom: str) -> None:
        """kill -9: the server's first process, or one that serves a worker (then the server restarts itself)."""
        with psycopg.connect(self.server.url("superuser"), autocommit=True) as witness:
            at_work = "SELECT pid FROM pg_stat_activity WHERE usename = 'lunas_app' AND state <> 'idle' LIMIT 1"
            found = wait_until(lambda: witness.execute(at_work).fetchone())
            assert found is not None
            pid = self.server.status().pid if whom == "server" else int(found[0])
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: _is_cut_off(witness))

    def recover(self) -> None:
        """Wait until the server answers again; this process's own connections died with it."""
        self.server.start()
        dispose_engines()


def _is_cut_off(connection: psycopg.Connection[tuple[int]]) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


@pytest.fixture
def office(own_server: EmbeddedServer, tmp_path: Path) -> Iterator[Office]:
    made = Office(own_server, tmp_path, [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", own_server.url("app"))
        patch.setenv("DATABASE_OWNER_URL", own_server.url("owner"))
        patch.setenv("LUNAS_SEAL_KEY_FILE", str(tmp_path / "seal-key.pem"))
        write_seal_key(tmp_path / "seal-key.pem")
        reload_settings()
        dispose_engines()
        try:
            create_region(REGION, "Kabupaten Blora", timezone="Asia/Jakarta")
            load_sample_chart(REGION)
            yield made
        finally:
            for each in made.processes:
                each.kill()
                each.wait()
            dispose_engines()
    reload_settings()


def require_whole(office: Office) -> None:
    """All that was acknowledged so far is there, once, as it was posted; all that is there is whole and balances."""
    acknowledged = dict(line.split() for name in WRITERS for line in office.acknowledged(name))
    blocks = dict(line.split() for line in office.acknowledged("S"))
    with psycopg.connect(office.server.url("superuser")) as connection:
        connection.execute(f"SET search_path = r{REGION}, pg_temp")
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found = connection.execute("SELECT key, uid::text, id, posting_count FROM journal_entry").fetchall()
        chained = connection.execute("SELECT number::text, encode(block_hash, 'hex') FROM seal_block").fetchall()
        lines = connection.execute("SELECT entry_id, count(*) FROM posting GROUP BY entry_id").fetchall()
        skewed = connection.execute(
            "SELECT entry_id, book, entity_id FROM posting GROUP BY entry_id, book, entity_id HAVING"
            " sum(CASE side WHEN 'debit' THEN amount_sen ELSE -amount_sen END) <> 0"
        ).fetchall()
    by_key = {key: uid for key, uid, _, _ in found}
    by_number: dict[str, str] = dict(chained)
    assert len(by_key) == len(found)
    assert {key: by_key.get(key) for key in acknowledged} == acknowledged
    assert {number: by_number.get(number) for number in blocks} == blocks
    assert skewed == []
    assert sorted(lines) == sorted((entry_id, count) for _, _, entry_id, count in found)
    assert all(count == len(draft_of(key).postings) for key, _, _, count in found)


def require_verified(office: Office) -> None:
    """Closed months, seals and kept sums are what they were made from."""
    acknowledged = len(office.acknowledged("S"))
    with unit_of_work(REGION) as session:
        assert [each for each in check_periods(session) if not each.is_intact] == []
    with unit_of_work(REGION) as session:
        verified = verify_ledger(session, trusted=[load_signer(settings().seal_key_file).public])
    assert verified.findings == []
    assert verified.blocks >= acknowledged
    with unit_of_work(REGION) as session:
        assert check_rollup(session) == 0


def require_nothing_else(office: Office) -> None:
    """Once everyone has finished, the ledger holds what was acknowledged and no more, and comes to its sum."""
    acknowledged = {line.split()[0] for name in WRITERS for line in office.acknowledged(name)}
    with psycopg.connect(office.server.url("superuser")) as connection:
        keys = {key for (key,) in connection.execute(f"SELECT key FROM r{REGION}.journal_entry")}
    assert keys == acknowledged
    expected = sum(draft_of(key).postings[0].amount.sen for key in keys)
    with unit_of_work(REGION) as session:
        (clearing,) = account_balances(session, account="1.1.01.90.01.0001")
    assert (clearing.debit.sen, clearing.credit.sen) == (expected, 0)


def _kill_again_and_again(office: Office, kills: list[str]) -> None:
    office.begin()
    for whom in kills:
        office.wait_for_more()
        office.kill(whom)
        office.recover()
        require_whole(office)
        require_verified(office)
    office.wait_for_more()
    office.end()
    require_whole(office)
    require_verified(office)
    require_nothing_else(office)


def test_a_database_killed_under_six_writers_loses_nothing_it_acknowledged(office: Office) -> None:
    _kill_again_and_again(office, ["server", "one who serves a writer", "server"])


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_database_killed_fifty_times_loses_nothing_it_acknowledged(office: Office) -> None:
    _kill_again_and_again(office, ["server", "one who serves a writer"] * 25)
