"""The command line of the benchmarks: which to run, and how long.

For: `python -m benchmarks [NAME …] [--short]`, from the top of the checkout; `make bench` runs all.
Not for: measuring anything itself.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks.figures import Figure, Options, describe_machine, print_table, say
from benchmarks.ground import CannotMeasure, Ground
from benchmarks.issuing import measure_bills
from benchmarks.ledger_batches import measure_batches
from benchmarks.ledger_export import measure_exports
from benchmarks.ledger_growth import measure_growth
from benchmarks.ledger_sealing import measure_seals
from benchmarks.paying import measure_payments
from benchmarks.posting import measure_posting

_ALL: dict[str, Callable[[Ground, Options], list[Figure]]] = {
    "payments": measure_payments,
    "bills": measure_bills,
    "posting": measure_posting,
    "batches": measure_batches,
    "growth": measure_growth,
    "seals": measure_seals,
    "exports": measure_exports,
}


def main() -> int:
    """Run what was named (all by default), print the table; 1 when a run could not give an honest figure."""
    names, options = _read_arguments()
    say(describe_machine())
    tables: dict[str, list[Figure]] = {}
    try:
        for name in names:
            say(f"\n== {name}")
            with Ground() as ground:
                tables[name] = _ALL[name](ground, options)
    except CannotMeasure as reason:
        print(f"no figure: {reason}", file=sys.stderr)
        return 1
    if options.short:
        say("\nA short run shows that the benchmarks work; its figures mean nothing.")
    for name, figures in tables.items():
        say(f"\n{name}")
        print_table(figures)
    return 0


def _read_arguments() -> tuple[list[str], Options]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast Lunas is on this machine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_ALL)}; all when none is named")
    parser.add_argument("--short", action="store_true", help="a few seconds, to see that everything works")
    parser.add_argument("--seconds", type=int, default=60, help="length of each measurement (60)")
    parser.add_argument("--connections", type=int, default=16, help="of the closed loop (16)")
    parser.add_argument("--rate", type=int, default=1000, help="payments per second of the open loop (1000)")
    parser.add_argument("--scale", type=int, default=50, help="of pgbench (50)")
    parser.add_argument("--bills", type=int, default=100_000, help="bills to issue (100000)")
    parser.add_argument("--entries", type=int, default=10_000_000, help="of the large ledger (10000000)")
    told = parser.parse_args()
    unknown = sorted(set(told.names) - set(_ALL))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    options = Options(told.short, told.seconds, told.connections, told.rate, told.scale, told.bills, told.entries)
    if told.short:
        options = Options(short=True, seconds=2, connections=8, rate=50, scale=1, bills=2000, entries=30_000)
    return told.names or list(_ALL), options


if __name__ == "__main__":
    sys.exit(main())
