"""The second benchmark: issuing a file of bills, beside COPY of every row that it leaves behind.

For: bills per second of `import_bills` with its commit, and its ratio to COPY into a table with the same indexes,
checks and foreign keys; design.md §7 allows three times.
Not for: printing or reading of other file forms.
"""

from __future__ import annotations

import resource
import time

import psycopg

from benchmarks.figures import Figure, Options, say
from benchmarks.ground import CannotMeasure, Ground
from benchmarks.scene import issue, make_region, write_bill_file
from foundation.connections import database_url

__all__ = ["measure_bills"]

_GOAL_PER_SECOND = 1_000_000 / 60


def measure_bills(ground: Ground, options: Options) -> list[Figure]:
    """Issue the bills, then copy what they left behind into an equal table."""
    region = make_region("3316", "Kabupaten Blora")
    file = ground.home / "bills.csv"
    write_bill_file(file, options.bills)
    say(f"issuing {options.bills:,} bills …")
    ground.settle_down()
    began = time.perf_counter()
    result = issue(region, file.read_bytes())
    issuing = time.perf_counter() - began
    if result.issued != options.bills:
        raise CannotMeasure(f"{result.issued} of {options.bills} bills were issued")
    say("COPY of the same rows …")
    copying = _copy_again(ground, options.bills)
    return [
        Figure("bills issued", options.bills / issuing, "/s", _GOAL_PER_SECOND),
        Figure("COPY of the rows left behind", options.bills / copying, "/s"),
        Figure("time of issuing to time of COPY", issuing / copying, "×", 3, at_most=True),
        Figure("most memory of this process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB"),
    ]


def _copy_again(ground: Ground, bills: int) -> float:
    """Seconds to COPY all bills into a new table like theirs, commit included."""
    rows = ground.home / "bills.copy"
    with psycopg.connect(database_url("owner")) as connection:
        connection.execute("SET search_path = r3316")
        with rows.open("wb") as out, connection.cursor().copy("COPY bill TO STDOUT") as copy:
            for block in copy:
                out.write(block)
        connection.execute("CREATE TABLE bill_again (LIKE bill INCLUDING ALL) WITH (fillfactor = 85)")
        connection.execute(
            "ALTER TABLE bill_again ADD FOREIGN KEY (batch_id, kind, entity) REFERENCES bill_batch (id, kind, entity)"
        )
        connection.commit()
        ground.settle_down()
        began = time.perf_counter()
        with rows.open("rb") as source, connection.cursor().copy("COPY r3316.bill_again FROM STDIN") as copy:
            while block := source.read(1 << 16):
                copy.write(block)
        connection.commit()
        seconds = time.perf_counter() - began
        row = connection.execute("SELECT count(*) FROM r3316.bill_again").fetchone()
        if row is None or row[0] != bills:
            raise CannotMeasure(f"COPY brought {row and row[0]} of {bills} rows")
    return seconds
