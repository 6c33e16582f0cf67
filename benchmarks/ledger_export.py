"""Exporting a whole ledger: how fast beside COPY TO of the same rows, and how much memory it takes.

For: the goal of half the speed of COPY TO, with memory flat.
Not for: posting and balances (benchmarks.posting, benchmarks.ledger_growth).

The baseline is one COPY TO of the same join and order with the columns as they are stored, read by psycopg on the same
connection and thrown away. Exports are thrown away too, after their SHA-256 was taken; their manifest's totals are in
the time. Processor time is the server's with all its processes and the reader's; where others use the machine, it is
the steadier ratio. A workbook is made row by row by xlsxwriter: it is measured on a tenth of the dates, without a goal.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.figures import Figure, Options, say
from benchmarks.ground import CannotMeasure, Ground, cpu_seconds
from benchmarks.ledger_filling import YEAR, fill_ledger
from benchmarks.scene import make_region
from foundation import clock
from foundation.connections import dispose_engines
from foundation.db import raw_connection, unit_of_work
from ledger import open_export

__all__ = ["measure_exports"]

_REGION = "3316"
_SHORT_COUNT = 10_000
_COUNT = 300_000
_TURNS = 2
_EXPORTS = (
    ("entries", "csv"),
    ("entries", "jsonl"),
    ("entries", "hledger"),
    ("account-ledger", "csv"),
    ("account-ledger", "jsonl"),
    ("entries", "xlsx"),
)
_XLSX_UNTIL = date(YEAR, 2, 6)
_PLAIN = """
COPY (
    SELECT e.id, e.uid, e.kind, e.key, e.accounted_on, e.occurred_at, e.recorded_at, e.description, e.source_kind,
        e.source_uid, e.actor, p.line_no, p.book, n.code, a.code, a.name, p.side, p.amount_sen, c.code, p.partner
    FROM journal_entry e JOIN posting p ON p.entry_id = e.id
    JOIN account a ON a.id = p.account_id JOIN entity n ON n.id = p.entity_id
    LEFT JOIN entity c ON c.id = p.counterpart_entity_id
    ORDER BY e.recorded_xact, e.id, p.line_no
) TO STDOUT (FORMAT csv)
"""


@dataclass(frozen=True)
class _Run:
    """Postings written or read, the seconds it took, processor seconds of both sides, and memory gained in MB."""

    postings: int
    seconds: float
    cpu: float
    grown: float = 0

    @property
    def rate(self) -> float:
        """Postings per second."""
        return self.postings / self.seconds

    @property
    def cpu_rate(self) -> float:
        """Postings per second of processor time."""
        return self.postings / self.cpu


def measure_exports(ground: Ground, options: Options) -> list[Figure]:
    """Fill a ledger, copy it plainly, export it in each format, each in a process of its own."""
    count = _SHORT_COUNT if options.short else _COUNT
    make_region(_REGION, "Kabupaten Blora")
    fill_ledger(ground, _REGION, count)
    figures = []
    for what, form in _EXPORTS:
        # The two take turns, so that both meet the same hour of a shared machine.
        runs = [(_copy_plainly(ground, 2 * count), _export_apart(ground, what, form, count)) for _ in range(_TURNS)]
        plain, ours = max((p for p, _ in runs), key=_rate), max((o for _, o in runs), key=_rate)
        cpu = max(o.cpu_rate for _, o in runs) / max(p.cpu_rate for p, _ in runs)
        name = f"{what} as {form}"
        ratio = ours.rate / plain.rate
        say(f"{name}: {ours.rate:,.0f} postings/s, {ratio:.2f} of COPY TO, {ours.grown:.0f} MB more memory")
        goal = None if form == "xlsx" else 0.5
        figures.append(Figure(name, ours.rate, "/s"))
        figures.append(Figure(f"{name}, beside COPY TO", ratio, "", goal))
        figures.append(Figure(f"{name}, processor time beside COPY TO's", cpu, ""))
        figures.append(Figure(f"memory that {name} took", ours.grown, "MB", 20, at_most=True))
        figures.append(Figure("COPY TO meanwhile", plain.rate, "/s"))
    return figures


def _rate(run: _Run) -> float:
    return run.rate


def _copy_plainly(ground: Ground, postings: int) -> _Run:
    with unit_of_work(_REGION) as session:
        server, ours, began = cpu_seconds(ground.server_pid()), time.process_time(), time.perf_counter()
        with raw_connection(session).cursor() as cursor, cursor.copy(_PLAIN) as copy:
            rows = sum(1 for _row in copy)
        seconds, ours = time.perf_counter() - began, time.process_time() - ours
        server = cpu_seconds(ground.server_pid()) - server
    if rows != postings:
        raise CannotMeasure(f"COPY TO gave {rows} of {postings} postings")
    return _Run(rows, seconds, ours + server)


def _export_apart(ground: Ground, what: str, form: str, count: int) -> _Run:
    """One export in a process of its own, so that its memory can be told."""
    theirs, ours = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_export, args=(ground.server_pid(), what, form, theirs))
    process.start()
    run: _Run = ours.recv()
    process.join()
    if form != "xlsx" and run.postings < 2 * count:
        raise CannotMeasure(f"the export holds {run.postings} of {2 * count} postings")
    return run


def _export(server: int, what: str, form: str, answer: Connection) -> None:
    # The connections are the parent's.
    dispose_engines(close=False)
    until: dict[str, Any] = {"accounted_to": _XLSX_UNTIL} if form == "xlsx" else {}
    with unit_of_work(_REGION) as session:
        session.connection()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        theirs, own, began = cpu_seconds(server), time.process_time(), time.perf_counter()
        opened = open_export(session, what, form, region=_REGION, written_at=clock.now(), **until)
        for _piece in opened:
            pass
        seconds, own = time.perf_counter() - began, time.process_time() - own
        theirs = cpu_seconds(server) - theirs
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    manifest = opened.manifest()
    answer.send(_Run(manifest.get("postings", manifest["rows"]), seconds, own + theirs, float(grown)))
