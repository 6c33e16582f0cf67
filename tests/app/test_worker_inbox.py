"""The inbox: taken once however often a file comes, refused whole, and never in the way of the next file.

For: files and folders of the inbox. Not for: what files mean (tests/reconciliation).
"""

from __future__ import annotations

import hashlib
import threading
from datetime import date
from pathlib import Path

import pytest

from app.worker.inbox import has_files, take_file, take_inbox
from foundation.regions import Region
from tests.app.worker_scene import inbox as inbox
from tests.reconciliation.scene import Counter, rupiah


@pytest.fixture
def counter(region: Region) -> Counter:
    counter = Counter(region)
    for number in range(3):
        counter.pay(number)
    return counter


def names(folder: Path) -> list[str]:
    """The files of a folder, sorted; [] where it is not there."""
    return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def test_files_are_imported_and_moved(counter: Counter, inbox: Path) -> None:
    (inbox / "a.csv").write_bytes(counter.settlement(*(counter.line(number) for number in range(3))))
    (inbox / "b.sta").write_bytes(counter.statement((1_475_500, "STL261123A")))
    taken = take_inbox(counter.region, by="job:inbox")
    assert (taken.imported, taken.known, taken.refused, taken.failed) == (["a.csv", "b.sta"], [], [], [])
    assert (names(inbox), names(inbox / "imported")) == ([], ["a.csv", "b.sta"])
    assert counter.balance("rkud") == rupiah(1_475_500)
    assert counter.rows("SELECT filename, kind, state, received_by FROM bank_file ORDER BY id") == [
        ("a.csv", "settlement-csv", "IMPORTED", "job:inbox"),
        ("b.sta", "mt940", "IMPORTED", "job:inbox"),
    ]


def test_a_file_delivered_ten_times_under_two_names_is_imported_once(counter: Counter, inbox: Path) -> None:
    data = counter.settlement(*(counter.line(number) for number in range(3)))
    (inbox / "first.csv").write_bytes(data)
    assert take_inbox(counter.region, by="job:inbox").imported == ["first.csv"]
    before = counter.everything()
    for number in range(10):
        name = "first.csv" if number % 2 else "second.csv"
        (inbox / name).write_bytes(data)
        taken = take_inbox(counter.region, by="job:inbox")
        assert (taken.imported, taken.known) == ([], [name])
    assert counter.everything() == before
    assert counter.rows("SELECT count(*) FROM bank_file") == [(1,)]
    assert names(inbox) == []
    assert {path.read_bytes() for path in (inbox / "imported").iterdir()} == {data}


def test_a_statement_that_does_not_foot_is_refused_with_its_problems(counter: Counter, inbox: Path) -> None:
    wrong = counter.statement((1_475_500, "STL261123A")).replace(b":62F:C261123IDR1475500,", b":62F:C261123IDR1475501,")
    (inbox / "wrong.sta").write_bytes(wrong)
    (inbox / "z.csv").write_bytes(counter.settlement(*(counter.line(number) for number in range(3))))
    (inbox / "a.bin").write_bytes(b"\x00\x01\x02")
    before = counter.everything()
    taken = take_inbox(counter.region, by="job:inbox")
    assert taken.imported == ["z.csv"]
    assert [(name, refusal.code) for name, refusal in taken.refused] == [
        ("a.bin", "bank_file_refused"),
        ("wrong.sta", "statement_unreadable"),
    ]
    assert names(inbox / "refused") == ["a.bin", "a.bin.txt", "wrong.sta", "wrong.sta.txt"]
    told = (inbox / "refused" / "wrong.sta.txt").read_text(encoding="utf-8")
    assert told.splitlines()[0] == "wrong.sta"
    assert "1475501" in told.replace(".", "").replace(",", "")
    changed = counter.everything()
    assert {key for key in before if before[key] != changed[key]} == {
        "settlement_batch", "settlement_line", "state_change", "payments",
    }  # fmt: skip
    rows = counter.rows("SELECT filename, state, problems -> 0 ->> 'code' FROM bank_file ORDER BY filename")
    assert [row[:2] for row in rows] == [("a.bin", "REFUSED"), ("wrong.sta", "REFUSED"), ("z.csv", "IMPORTED")]


def test_two_refused_files_of_one_name_keep_an_explanation_each(counter: Counter, inbox: Path) -> None:
    first, second = (counter.statement((100, "X"), account=account) for account in ("5550001112", "5550001113"))
    for data in (first, second):
        (inbox / "other.sta").write_bytes(data)
        take_inbox(counter.region, by="job:inbox")
    other = f"{hashlib.sha256(second).hexdigest()[:8]}-other.sta"
    assert names(inbox / "refused") == sorted(["other.sta", "other.sta.txt", other, f"{other}.txt"])
    for name, data, account in (("other.sta", first, "5550001112"), (other, second, "5550001113")):
        assert (inbox / "refused" / name).read_bytes() == data
        told = (inbox / "refused" / f"{name}.txt").read_text(encoding="utf-8")
        assert told.splitlines()[0] == name
        assert [number in told for number in ("5550001112", "5550001113")] == [
            number == account for number in ("5550001112", "5550001113")
        ]


def test_a_refused_file_is_taken_once_its_cause_is_gone(counter: Counter, inbox: Path) -> None:
    (inbox / "other.sta").write_bytes(counter.statement((100, "X"), account="5550001112"))
    (refused,) = take_inbox(counter.region, by="job:inbox").refused
    assert (refused[0], refused[1].code) == ("other.sta", "statement_account_unknown")
    assert "5550001112" in refused[1].message_id
    counter.set_policy("treasury.rkud_account_no", "5550001112", date(2026, 2, 1))
    (inbox / "refused" / "other.sta").rename(inbox / "other.sta")
    assert take_inbox(counter.region, by="job:inbox").imported == ["other.sta"]
    assert counter.rows("SELECT state, problems FROM bank_file") == [("IMPORTED", [])]


def test_unfinished_files_links_and_folders_are_left_alone(counter: Counter, inbox: Path) -> None:
    data = counter.settlement(counter.line(0))
    for name in (".a.csv", "b.csv.part", "c.csv.tmp", "D.CSV.PART"):
        (inbox / name).write_bytes(data)
    (inbox / "folder").mkdir()
    (inbox.parent / "outside.csv").write_bytes(data)
    (inbox / "link.csv").symlink_to(inbox.parent / "outside.csv")
    assert not has_files(counter.region)
    before = counter.everything()
    assert take_inbox(counter.region, by="job:inbox").imported == []
    assert counter.everything() == before
    assert (inbox / "link.csv").is_symlink()


def test_two_workers_at_once_import_a_file_once(counter: Counter, inbox: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        line = counter.line("abc".index(name[0]))
        (inbox / name).write_bytes(counter.settlement(line, reference=f"STL-{name[0].upper()}-0001"))
    together = threading.Barrier(4)
    taken = []

    def walk() -> None:
        together.wait()
        taken.append(take_inbox(counter.region, by="job:inbox"))

    threads = [threading.Thread(target=walk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for each in taken for name in each.imported) == ["a.csv", "b.csv", "c.csv"]
    assert [each.failed for each in taken] == [[]] * 4
    assert counter.rows("SELECT count(*), sum(gross_sen) FROM settlement_batch") == [(3, 147_550_000)]
    assert (names(inbox), names(inbox / "imported")) == ([], ["a.csv", "b.csv", "c.csv"])


def test_a_worker_that_died_between_commit_and_moving_does_no_harm(counter: Counter, inbox: Path) -> None:
    file = inbox / "a.csv"
    file.write_bytes(counter.settlement(*(counter.line(number) for number in range(3))))
    assert take_file(counter.region, file, by="job:inbox").first_time
    before = counter.everything()
    assert take_inbox(counter.region, by="job:inbox").known == ["a.csv"]
    assert counter.everything() == before
    assert names(inbox / "imported") == ["a.csv"]


def test_a_file_above_the_bound_is_not_read(counter: Counter, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.worker.inbox.LARGEST_FILE", 100)
    (inbox / "large.csv").write_bytes(counter.settlement(counter.line(0)))
    before = counter.everything()
    (refused,) = take_inbox(counter.region, by="job:inbox").refused
    assert refused[1].code == "bank_file_too_large"
    assert counter.everything() == before | {"state_change": before["state_change"] + 1}


def test_one_regions_files_never_reach_another(counter: Counter, inbox: Path, other_region: Region) -> None:
    (inbox / "a.csv").write_bytes(counter.settlement(counter.line(0)))
    assert take_inbox(other_region, by="job:inbox").imported == []
    assert names(inbox) == ["a.csv"]
