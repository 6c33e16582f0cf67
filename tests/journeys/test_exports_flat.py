"""Exports by a real process and over a real server: memory that does not grow with the ledger, and readers who leave.

For: the promise "flat memory, no row cap", by command and by HTTP, in every format.
Not for: speed (benchmarks/ledger_export.py), or what an export holds (tests/ledger/test_exports.py).

Memory is the process's own highest resident size (VmHWM), for a tenth of the ledger and for all of it. The short form
runs always; the long one (`pytest -m soak`) has more postings than a workbook's sheet has rows.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import EXPORT_FORMATS, EntryDraft, post_entries
from tests.app.web_client import token_header
from tests.journeys.ports import free_ports
from tests.ledger.entries import AT, DAY, draft, issued, wait_until_settled
from tests.sample_chart import load_sample_chart

_LATER = DAY + timedelta(days=1)
_SHORT, _LONG = 800, 60_000
_MOST_GROWTH_MB = 8
_CHILD = """
import sys
from app.cli import main
main(sys.argv[1:], standalone_mode=False)
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM:")).split()[1], file=sys.stderr)
"""
_GROWING = [(what, form) for what in ("entries", "account-ledger") for form in EXPORT_FORMATS[what]]


def fill(region: Region, few: int) -> None:
    """`few` entries on the first day, nine times as many on the second; two postings each."""
    load_sample_chart(region.code)
    for day, numbers in ((DAY, range(few)), (_LATER, range(few, 10 * few))):
        for begin in range(numbers.start, numbers.stop, 5_000):
            drafts = (_entry(number, day) for number in range(begin, min(begin + 5_000, numbers.stop)))
            with unit_of_work(region.code) as session:
                post_entries(session, drafts, actor="cli:test", recorded_at=AT)
    wait_until_settled(region.code)


def _entry(number: int, day: date) -> EntryDraft:
    words = f"Ketetapan contoh {number} untuk Warga Contoh"
    postings = issued(1_000 + number)
    return draft(f"issue:{number}", postings, kind="assessment_issued", accounted_on=day, description=words)


@pytest.fixture
def books(region: Region) -> Region:
    fill(region, _SHORT)
    return region


@pytest.fixture
def many_books(region: Region) -> Region:
    fill(region, _LONG)
    return region


def memory_of_command(region: Region, what: str, form: str, until: date, place: Path) -> int:
    """The highest resident size of `lunas ledger export`, in kB."""
    asked = ("--what", what, "--format", form, "--to", until.isoformat(), "--output", str(place))
    command = [sys.executable, "-c", _CHILD, "ledger", "export", "--region", region.code, *asked]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(told.stderr.split()[-1])


def hold_commands_flat(region: Region, what: str, form: str, folder: Path) -> None:
    """Export a tenth and all by command, and compare."""
    few = memory_of_command(region, what, form, DAY, folder / "few")
    many = memory_of_command(region, what, form, _LATER, folder / "many")
    rows = [json.loads((folder / f"{name}.manifest.json").read_text())["rows"] for name in ("few", "many")]
    assert rows[1] > 9 * rows[0]
    assert many - few < _MOST_GROWTH_MB * 1024, f"{few} kB for {rows[0]} rows, {many} kB for {rows[1]}"


def test_a_command_needs_no_more_memory_for_ten_times_the_ledger(books: Region, tmp_path: Path) -> None:
    for what, form in _GROWING:
        hold_commands_flat(books, what, form, tmp_path)


@pytest.mark.soak
def test_commands_need_no_more_memory_for_more_rows_than_a_sheet_holds(many_books: Region, tmp_path: Path) -> None:
    for what, form in _GROWING:
        hold_commands_flat(many_books, what, form, tmp_path)
        if form == "xlsx":
            with zipfile.ZipFile(tmp_path / "many") as book:
                assert {"xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"} <= set(book.namelist())


@contextmanager
def served(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """`lunas serve` with one web process: its port and that process's id."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_until(lambda: _answers(port) and process.poll() is None)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        yield port, int(children[0])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def memory_of_download(port: int, pid: int, address: str, header: dict[str, str]) -> tuple[int, str, str]:
    """The web process's highest resident size during one download in kB, the SHA-256, and where the manifest is."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # forget the highest so far
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", address, headers=header)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    seen = hashlib.sha256()
    while piece := answer.read(65536):
        seen.update(piece)
    connection.close()
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    highest = re.search(r"VmHWM:\s+(\d+)", status)
    assert highest is not None
    return int(highest[1]), seen.hexdigest(), (answer.getheader("Link") or "").partition(">")[0][1:]


def hold_server_flat(region: Region, tmp_path: Path) -> None:
    """Download a tenth and all of every growing file from one web process, and compare."""
    header = token_header(region)
    with served(tmp_path) as (port, pid):
        for what, form in _GROWING:
            address = f"/{region.code}/api/v1/ledger/{what}?format={form}&accounted_to="
            memory_of_download(port, pid, address + DAY.isoformat(), header)  # modules and connections are loaded once
            few, _, _ = memory_of_download(port, pid, address + DAY.isoformat(), header)
            many, digest, manifest = memory_of_download(port, pid, address + _LATER.isoformat(), header)
            assert many - few < _MOST_GROWTH_MB * 1024, f"{what} as {form}: {few} kB, {many} kB"
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
            connection.request("GET", manifest, headers=header)
            assert json.loads(connection.getresponse().read())["sha256"] == digest
            connection.close()


def test_the_server_needs_no_more_memory_for_ten_times_the_ledger(books: Region, tmp_path: Path) -> None:
    hold_server_flat(books, tmp_path)


@pytest.mark.soak
def test_the_server_needs_no_more_memory_for_more_rows_than_a_sheet_holds(many_books: Region, tmp_path: Path) -> None:
    hold_server_flat(many_books, tmp_path)


def test_a_reader_who_leaves_half_way_leaves_no_unit_of_work(books: Region, tmp_path: Path) -> None:
    with served(tmp_path) as (port, _pid):
        for form in EXPORT_FORMATS["entries"]:
            leave_half_way(port, f"/{books.code}/api/v1/ledger/entries?format={form}", token_header(books, name=form))
            _wait_until(lambda: _at_work(books) == 0)
        assert _answers(port)
    log = (tmp_path / "serve.log").read_text(encoding="utf-8")
    assert "Traceback" not in log, log[log.find("Traceback") :]


def leave_half_way(port: int, path: str, header: dict[str, str]) -> None:
    """Ask for a file, read its beginning, and go."""
    with socket.socket() as reader:
        # So that most of the file still waits in the server when we leave.
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", port))
        told = "".join(f"{name}: {value}\r\n" for name, value in header.items())
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{told}\r\n".encode())
        assert reader.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_killed_export_leaves_no_file_and_no_manifest(books: Region, tmp_path: Path) -> None:
    place = tmp_path / "besar.xlsx"
    command = [sys.executable, "-m", "app.cli", "ledger", "export", "--region", books.code, "--format", "xlsx"]
    process = subprocess.Popen([*command, "--output", str(place)])
    _wait_until(place.with_name("besar.xlsx.part").exists)
    process.kill()
    process.wait()
    assert not place.exists()
    assert not place.with_name("besar.xlsx.manifest.json").exists()
    _wait_until(lambda: _at_work(books) == 0)
    subprocess.run([*command, "--output", str(place)], check=True)
    manifest = json.loads(place.with_name("besar.xlsx.manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(place.read_bytes()).hexdigest()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["besar.xlsx", "besar.xlsx.manifest.json"]


def _at_work(region: Region) -> int:
    """How many other connections of the application are within a transaction."""
    with unit_of_work(region.code) as session:
        found = session.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL"
            )
        )
    return int(found or 0)


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
    except OSError:
        return False


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "waited for a minute"
        time.sleep(0.05)
