"""The first benchmark: signed SNAP virtual account payments over HTTP, beside pgbench on the same server.

For: payments per second in a closed loop, delays in an open loop, and both on a region that was just created; design.md
§7 has the goals. Afterwards the books are held against what was answered.
Not for: the generator itself (benchmarks.load).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.baseline import Baseline, measure_baseline
from benchmarks.figures import Figure, Options, say
from benchmarks.ground import CannotMeasure, Ground, Web, cpu_seconds
from benchmarks.load import Outcome, Plan, run_load
from benchmarks.scene import PREFIX, Bank, make_scene, write_bill_list
from foundation.regions import Region

__all__ = ["measure_payments"]

# Generous: bills must not run out in a closed loop on a fast machine.
_MOST_PER_SECOND = 2500


@dataclass
class _Run:
    """A region under load: which of its bills are next, and what was answered well so far."""

    ground: Ground
    web: Web
    region: Region
    bank: Bank
    bill_list: Path
    bills: int
    next: int = 0
    paid: int = 0

    @property
    def acknowledged(self) -> Path:
        return self.ground.home / f"acknowledged-{self.region.code}.txt"

    def load(self, *, connections: int, seconds: float, rate: float | None = None) -> Outcome:
        """Pay further bills; what a closed loop did not come to stays unpaid and is not used again."""
        count = int(seconds * (rate or _MOST_PER_SECOND))
        if self.next + count > self.bills:
            raise CannotMeasure(f"region {self.region.code} has too few bills")
        outcome = run_load(
            Plan(
                port=self.web.port,
                region=self.region.code,
                client_id=self.bank.client_id,
                client_secret=self.bank.client_secret,
                private_key_pem=self.bank.private_key_pem,
                va_prefix=PREFIX,
                bill_list=str(self.bill_list),
                first=self.next,
                count=count,
                connections=connections,
                seconds=seconds,
                rate=rate,
                acknowledged=str(self.acknowledged),
            )
        )
        self.next += outcome.sent
        self.paid += outcome.paid
        if outcome.paid != outcome.sent:
            say(f"  answers other than paid: {outcome.codes}")
        return outcome


def measure_payments(ground: Ground, options: Options) -> list[Figure]:
    """Run baseline, closed loop, open loop, and the closed loop on a new region. Raises CannotMeasure when the books
    do not agree."""
    say(f"pgbench, scale {options.scale}, {options.seconds} s with 8 and with 16 clients …")
    base = measure_baseline(ground, scale=options.scale, seconds=options.seconds)
    say(f"  TPC-B per second: {base.per_second}")
    figures = [Figure("pgbench TPC-B, best of 8 and 16 clients", base.best, "/s")]
    web = ground.start_web()
    worker = ground.start_worker()
    warm_up = 1 if options.short else 5
    run = _open_region(ground, web, "3316", "Kabupaten Blora", _bills_for(options, warm_up))
    run.load(connections=options.connections, seconds=warm_up)
    figures += _closed(run, options, base, worker)
    figures += _open_loop(run, options)
    _check_books(run)
    run = _open_region(ground, web, "3317", "Kabupaten Contoh", int(options.seconds * _MOST_PER_SECOND))
    say("the same on a region created a moment ago …")
    outcome = run.load(connections=options.connections, seconds=options.seconds)
    _check_books(run)
    figures += [
        Figure("payments, closed loop, new region", outcome.per_second, "/s", 1000),
        Figure("  its slowest 5 seconds", outcome.slowest_slice_per_second, "/s"),
        Figure("  ratio to pgbench", outcome.per_second / base.best, "", 0.23),
    ]
    return figures


def _bills_for(options: Options, warm_up: int) -> int:
    return (options.seconds + warm_up) * _MOST_PER_SECOND + options.seconds * options.rate


def _open_region(ground: Ground, web: Web, code: str, name: str, bills: int) -> _Run:
    say(f"region {code} with {bills:,} bills …")
    region, bank = make_scene(code, name, bills=bills, folder=ground.home)
    bill_list = ground.home / f"bills-{code}.txt"
    return _Run(ground, web, region, bank, bill_list, write_bill_list(region, bill_list))


def _closed(run: _Run, options: Options, base: Baseline, worker: int) -> list[Figure]:
    say(f"closed loop, {options.connections} connections, {options.seconds} s …")
    ground = run.ground
    ground.settle_down()
    pids = {"web": run.web.pid, "worker": worker, "PostgreSQL": ground.server_pid()}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    outcome = run.load(connections=options.connections, seconds=options.seconds)
    spent = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    spent["load generator"] = outcome.cpu_seconds
    say(f"  {outcome.paid} payments in {outcome.seconds:.1f} s")
    each = 1000 / max(outcome.paid, 1)
    return [
        Figure("payments, closed loop", outcome.per_second, "/s", 1000),
        Figure("  ratio to pgbench (goal)", outcome.per_second / base.best, "", 0.23),
        Figure("  ratio to pgbench (stretch)", outcome.per_second / base.best, "", 0.30),
        Figure("  p50", 1000 * outcome.p50, "ms"),
        Figure("  p99", 1000 * outcome.p99, "ms"),
        *(Figure(f"  processor, {name}, per payment", seconds * each, "ms") for name, seconds in spent.items()),
        Figure("  processor, PostgreSQL, per TPC-B", base.server_cpu_ms, "ms"),
    ]


def _open_loop(run: _Run, options: Options) -> list[Figure]:
    say(f"open loop, {options.rate} payments/s, {options.seconds} s …")
    run.ground.settle_down()
    outcome = run.load(connections=32, seconds=options.seconds, rate=options.rate)
    return [
        Figure(f"payments, open loop at {options.rate}/s", outcome.per_second, "/s", options.rate * 0.99),
        Figure("  p50 from the moment due", 1000 * outcome.p50, "ms"),
        Figure("  p99 from the moment due", 1000 * outcome.p99, "ms", 100, at_most=True),
        Figure("  longest", 1000 * outcome.longest, "ms"),
    ]


def _check_books(run: _Run) -> None:
    """Everything answered with 2xx is in the books once, whole and balanced, and nothing else is."""
    acknowledged = run.acknowledged.read_text(encoding="ascii").split() if run.acknowledged.exists() else []
    with run.ground.superuser() as connection:
        connection.execute(f"SET search_path = r{run.region.code}")
        found = {name: _scalar(connection, query) for name, query in _COUNTS.items()}
        known = _scalar(
            connection,
            "SELECT count(DISTINCT bank_reference) FROM payment WHERE bank_reference = ANY (%s)",
            acknowledged,
        )
        skewed = _scalar(connection, _SKEWED)
        waiting = _scalar(connection, "SELECT count(*) FROM outbox_message WHERE state = 'QUEUED'")
    wrong = {name: count for name, count in found.items() if count != run.paid}
    if wrong or known != run.paid or len(set(acknowledged)) != run.paid or skewed:
        raise CannotMeasure(
            f"the books do not agree: {run.paid} answered, {known} of them known, {skewed} unbalanced sums, {wrong}"
        )
    say(f"  books agree: {run.paid} answered = payments = entries; balanced; {waiting} wait in the outbox")


_COUNTS = {
    "payments": "SELECT count(*) FROM payment WHERE state = 'APPLIED'",
    "entries": "SELECT count(*) FROM journal_entry WHERE kind = 'payment_applied'",
    "bills paid": "SELECT count(*) FROM bill WHERE state = 'PAID'",
    "outbox rows": "SELECT count(*) FROM outbox_message WHERE topic = 'payment.recorded'",
    "moves of payments": "SELECT count(*) FROM state_change WHERE thing = 'payment'",
    "moves of bills": "SELECT count(*) FROM state_change WHERE thing = 'bill'",
    "messages": "SELECT count(*) FROM partner_message WHERE service = '25' AND outcome = 'accepted'",
    "external ids": "SELECT count(*) FROM partner_external_id",
}
_KNOWN = "SELECT count(DISTINCT bank_reference) FROM payment WHERE bank_reference = ANY (%s)"
_SKEWED = (
    "SELECT count(*) FROM (SELECT FROM posting GROUP BY entry_id, book, entity_id"
    " HAVING sum(CASE side WHEN 'debit' THEN amount_sen ELSE -amount_sen END) <> 0) AS skewed"
)


def _scalar(connection: psycopg.Connection[Any], query: str, *values: Any) -> int:
    row = connection.execute(query, list(values)).fetchone()
    if row is None:
        raise CannotMeasure("a count gave no row")
    return int(row[0])
