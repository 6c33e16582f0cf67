"""The seals at a command line: seal, verify, head, proof, keys; faults in words and exit code 1.

For: `lunas ledger seal` and its neighbours. Not for: what verifying can find (tests/ledger/test_sealing_found.py).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.cli.ledger_seals import _STREAMS
from foundation.config import reload_settings, settings, write_seal_key
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import list_entries, write_sealed
from ledger.sealing.streams import KEYS, STREAMS
from tests.database import TestDatabase
from tests.ledger.entries import draft, post
from tests.ledger.seals import settle, tamper
from tests.sample_chart import load_sample_chart


@pytest.fixture
def books(region: Region, other_region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Region 3316 with its chart and one entry, and a seal key of the test's own."""
    load_sample_chart(region.code)
    post(region.code, draft("payment:1"))
    settle(region.code)
    write_seal_key(tmp_path / "seal.pem")
    monkeypatch.setenv("LUNAS_SEAL_KEY_FILE", str(tmp_path / "seal.pem"))
    reload_settings()
    return region.code


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["ledger", *map(str, arguments)])


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_ledger_is_sealed_verified_and_held_to_its_head(books: str, database: TestDatabase, tmp_path: Path) -> None:
    rows = [line.split("\t") for line in done("seal", "--region", books).splitlines()]
    assert [row[:3] for row in rows[:5]] == [
        ["1", "key", "1"],
        ["2", "entity", "4"],
        ["3", "account", "292"],
        ["4", "account_role", "64"],
        ["5", "entry", "1"],
    ]
    done("head", "--region", books, "--output", tmp_path / "head.json")
    done("seal-key", "--output", tmp_path / "public.pem")
    told = done("verify", "--region", books, "--head", tmp_path / "head.json", "--public-key", tmp_path / "public.pem")
    assert "  jurnal (entry): 1 disegel / sealed, 0 belum / not yet\n" in told
    assert "  kunci segel (key): 1 disegel / sealed, 0 belum / not yet\n" in told
    assert "Semua yang disegel utuh" in told
    tamper(database, "UPDATE journal_entry SET description = 'x'")
    result = run("verify", "--region", books)
    assert result.exit_code == 1
    with unit_of_work(books) as session:
        (entry,) = list_entries(session).entries
    said, english = result.stderr.splitlines()
    assert said == f"Jurnal {entry.id} (blok 5) tidak lagi seperti saat disegel: uraian (description)"
    assert english.startswith(f"  Entry {entry.id} (block 5) is not what was sealed: description")
    assert "utuh" not in result.stdout
    assert result.stdout.splitlines()[-1] == "Ditemukan 1 ketidaksesuaian / 1 faults found"


def test_every_stream_has_words() -> None:
    assert set(_STREAMS) == {KEYS.name, *STREAMS}


def test_a_proof_is_written_and_checked(books: str, tmp_path: Path) -> None:
    entry = post(books, draft("payment:2"))
    refused = run("proof", entry.uid, "--region", books)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "belum disegel" in refused.stderr
    settle(books)
    done("seal", "--region", books)
    done("seal-key", "--output", tmp_path / "public.pem")
    done("proof", entry.uid, "--region", books, "--output", tmp_path / "proof.json")
    told = done("check-proof", tmp_path / "proof.json", "--public-key", tmp_path / "public.pem")
    assert "Bukti segel sah" in told
    assert "key: payment:2" in told
    proof = json.loads((tmp_path / "proof.json").read_text(encoding="utf-8"))
    proof["entry"]["description"] = "lain"
    (tmp_path / "other.json").write_bytes(write_sealed(proof))
    refused = run("check-proof", tmp_path / "other.json", "--public-key", tmp_path / "public.pem")
    assert refused.exit_code == 1
    assert "Bukti segel tidak sah" in refused.stderr
    for broken in ("{", "[]", "[" * 200_000, '{"a":' * 200_000):
        (tmp_path / "broken.json").write_text(broken, encoding="utf-8")
        refused = run("check-proof", tmp_path / "broken.json", "--public-key", tmp_path / "public.pem")
        assert (refused.exit_code, "Traceback" in refused.output) == (1, False)
        assert "Bukti segel tidak sah" in refused.stderr
        refused = run("verify", "--region", books, "--head", tmp_path / "broken.json")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "Berkas ujung segel tidak sah" in refused.stderr


def test_a_key_is_changed_in_every_region_and_the_chain_goes_on(books: str, tmp_path: Path) -> None:
    done("seal", "--region", books)
    done("seal-key", "--output", tmp_path / "old.pem")
    old = settings().seal_key_file.read_bytes()
    assert done("rotate-seal-key", "--why", "tahunan").splitlines()[0].startswith("3316\t")
    assert settings().seal_key_file.read_bytes() != old
    assert not settings().seal_key_file.with_name("seal.pem.next").exists()
    post(books, draft("payment:2"))
    settle(books)
    done("seal", "--region", books)
    assert "utuh" in done("verify", "--region", books)
    assert "utuh" in done("verify", "--region", books, "--public-key", tmp_path / "old.pem")


def test_a_change_of_keys_that_was_interrupted_is_ended_by_the_next_run(books: str) -> None:
    done("seal", "--region", books)
    file = settings().seal_key_file
    upcoming = file.with_name("seal.pem.next")
    old = file.read_bytes()
    done("rotate-seal-key", "--why", "tahunan")
    # As if it had died just before the new key was put in its place.
    upcoming.touch(0o600)
    upcoming.write_bytes(file.read_bytes())
    file.write_bytes(old)
    assert run("seal", "--region", books).exit_code == 1
    done("rotate-seal-key", "--why", "tahunan")
    done("seal", "--region", books)
    assert "utuh" in done("verify", "--region", books)


def test_a_lost_key_is_replaced_by_one_that_says_so(books: str, tmp_path: Path) -> None:
    done("seal", "--region", books)
    done("seal-key", "--output", tmp_path / "old.pem")
    settings().seal_key_file.unlink()
    refused = run("rotate-seal-key", "--why", "hilang")
    assert (refused.exit_code, "tidak dapat dipakai" in refused.stderr) == (1, True)
    done("rotate-seal-key", "--why", "hilang", "--lost")
    assert "utuh" in done("verify", "--region", books)
    refused = run("verify", "--region", books, "--public-key", tmp_path / "old.pem")
    assert (refused.exit_code, "tidak Anda percayai" in refused.stderr) == (1, True)


def test_a_ledger_without_seals_has_no_head(books: str) -> None:
    refused = run("head", "--region", books)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "belum disegel" in refused.stderr
