"""Files that commands write: whole or not there, and a place that cannot be is refused in words.

For: `--output` and `--manifest` of `lunas ledger export` and the seals.
Not for: what stands in an export (tests/ledger/test_exporting.py).
"""

from __future__ import annotations

import json
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
