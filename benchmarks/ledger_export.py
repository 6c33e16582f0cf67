"""Exporting a whole ledger: how fast beside COPY TO of the same rows, and how much memory it takes.

For: the goal of half the speed of COPY TO, with memory flat.
Not for: posting and balances (benchmarks.posting, benchmarks.ledger_growth).

The baseline is one COPY TO of the same join and order with the columns as they are stored, read by psycopg on the same
connection and thrown away. Exports are thrown away too, after their SHA-256 was taken; their manifest's totals are in
the time.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from multiprocessing.connection import Connection

from benchmarks.figures import Figure, Options, say
from benchmarks.ground import CannotMeasure, Ground
from benchmarks.ledger_filling import fill_ledger
from benchmarks.scene import make_region
from foundation import clock
from foundation.db import dispose_engines, raw_connection, unit_of_work
from ledger import open_export

__all__ = ["measure_exports"]

_REGION = "3316"
_SHORT_COUNT = 10_000
_COUNT = 300_000
_FORMATS = ("csv", "jsonl", "hledger")
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


def measure_exports(ground: Ground, options: Options) -> list[Figure]:
    """Fill a ledger, copy it plainly, export it in each format, each in a process of its own."""
    count = _SHORT_COUNT if options.short else _COUNT
    make_region(_REGION, "Kabupaten Blora")
    fill_ledger(ground, _REGION, count)
    plain = max(_copy_plainly(2 * count) for _ in range(3))
    say(f"COPY TO: {plain:,.0f} postings/s")
    figures = [Figure(f"COPY TO of {2 * count:,} postings", plain, "/s")]
    for form in _FORMATS:
        rate, grown = max(_export_apart(form, count) for _ in range(2))
        say(f"{form}: {rate:,.0f} postings/s, {grown:.0f} MB more memory")
        goal = None if form == "hledger" else 0.5
        figures.append(Figure(f"export as {form}", rate, "/s"))
        figures.append(Figure(f"export as {form}, beside COPY TO", rate / plain, "", goal))
        figures.append(Figure(f"memory that {form} took", grown, "MB", 100, at_most=True))
    return figures


def _copy_plainly(postings: int) -> float:
    with unit_of_work(_REGION) as session:
        began = time.perf_counter()
        with raw_connection(session).cursor() as cursor, cursor.copy(_PLAIN) as copy:
            rows = sum(1 for _row in copy)
        seconds = time.perf_counter() - began
    if rows != postings:
        raise CannotMeasure(f"COPY TO gave {rows} of {postings} postings")
    return rows / seconds


def _export_apart(form: str, count: int) -> tuple[float, float]:
    """Postings per second, and the megabytes by which the exporting process grew."""
    theirs, ours = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_export, args=(form, theirs))
    process.start()
    rate, grown, postings = ours.recv()
    process.join()
    if postings != 2 * count:
        raise CannotMeasure(f"the export holds {postings} of {2 * count} postings")
    return rate, grown


def _export(form: str, answer: Connection) -> None:
    # The connections are the parent's.
    dispose_engines(close=False)
    with unit_of_work(_REGION) as session:
        session.connection()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        opened = open_export(session, "entries", form, region=_REGION, written_at=clock.now())
        for _piece in opened:
            pass
        seconds = time.perf_counter() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    postings = opened.manifest()["postings"]
    answer.send((postings / seconds, float(grown), postings))
