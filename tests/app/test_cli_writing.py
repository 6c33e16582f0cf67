"""Files that commands write: whole or not there, and a place that cannot be is refused in words.

For: `--output` and `--manifest` of `lunas ledger export` and the seals.
Not for: what stands in an export (tests/ledger/test_exporting.py).
"""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.cli.writing import OutputImpossible, write_whole
from foundation.regions import Region
from tests.ledger.entries import draft, post
from tests.ledger.seals import seal, settle
from tests.sample_chart import load_sample_chart


@pytest.fixture
def books(region: Region) -> str:
    load_sample_chart(region.code)
    post(region.code, draft("payment:1"))
    settle(region.code)
    return region.code


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["ledger", *map(str, arguments), "--region", "3316"])


def test_an_export_and_its_manifest_are_written(books: str, tmp_path: Path) -> None:
    result = run("export", "--output", tmp_path / "jurnal.csv")
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in tmp_path.iterdir()) == ["jurnal.csv", "jurnal.csv.manifest.json"]
    manifest = json.loads((tmp_path / "jurnal.csv.manifest.json").read_text(encoding="utf-8"))
    assert manifest["file"] == "jurnal.csv"


@pytest.mark.parametrize(
    "places", [("--output", "no/x.csv"), ("--output", "x.csv", "--manifest", "no/x.json"), ("--output", ".")]
)
def test_an_export_into_no_folder_is_refused(
    books: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("export", *places)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "tidak dapat ditulis" in result.stderr
    assert "cannot be written" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("manifest", ["x.csv", "./x.csv"])
def test_an_export_does_not_overwrite_itself_with_its_manifest(
    books: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manifest: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("export", "--output", "x.csv", "--manifest", manifest)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "harus dua berkas / must be two files" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_export_as_known_says_whether_it_is_final(books: str, tmp_path: Path) -> None:
    result = run("export", "--output", tmp_path / "x.csv", "--known-at", "2026-03-01T00:00:00+0700")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Belum final: masih dapat berubah / not final: it may still change\n"
    assert json.loads((tmp_path / "x.csv.manifest.json").read_text(encoding="utf-8"))["final"] is False


def test_a_head_into_no_folder_is_refused(books: str, tmp_path: Path) -> None:
    seal(books)
    result = run("head", "--output", tmp_path / "no" / "head.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "tidak dapat ditulis" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_text("before")
    with pytest.raises(ZeroDivisionError):
        write_whole((bytes([1 // (1 - n)]) for n in range(2)), str(place))
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("x", "before")]


def test_a_name_that_the_system_does_not_take_is_refused(tmp_path: Path) -> None:
    for name in ("x" * 300, "a\x00b"):
        with pytest.raises(OutputImpossible):
            write_whole([b"x"], str(tmp_path / name))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", ["-", "/dev/full"])
def test_a_full_disk_is_told_in_words(books: str, output: str) -> None:
    command = [sys.executable, "-m", "app.cli", "ledger", "export", "--region", books, "--output", output]
    with Path("/dev/full").open("wb") as full:
        told = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert told.returncode == 1
    assert "tidak dapat ditulis: ruang penyimpanan habis.\n" in told.stderr
    assert "cannot be written: no space is left.\n" in told.stderr
    assert "Traceback" not in told.stderr
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert not Path("/dev/full.manifest.json").exists()


def test_a_disk_that_fills_up_leaves_what_was_there(books: str, tmp_path: Path) -> None:
    place = tmp_path / "x.csv"
    assert run("export", "--output", place).exit_code == 0
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    # A limit on the size of files stands for a disk that is full after some bytes.
    limited = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (300, 300)); from app.cli import main; main()"
    command = [sys.executable, "-c", limited, "ledger", "export", "--region", books, "--output", str(place)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert "tidak dapat ditulis: berkasnya terlalu besar.\n" in told.stderr
    assert "cannot be written: the file is too large.\n" in told.stderr
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_new_file_never_stands_beside_the_manifest_of_the_old(
    books: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "x.csv"
    assert run("export", "--output", place).exit_code == 0
    monkeypatch.setattr("ledger.Export.manifest", lambda _self: 1 // 0)
    assert isinstance(run("export", "--entity", "BAPENDA", "--output", place).exception, ZeroDivisionError)
    assert [file.name for file in tmp_path.iterdir()] == ["x.csv"]
