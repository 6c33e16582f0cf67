"""`lunas worker`: what happens on schedule.

For: the process that takes the inbox, reconciles, sends the outbox, seals the ledger, sums up balances and cleans up;
run two for a takeover without delay.
Not for: pages and doors (`lunas serve`), or what a job does (app/worker).
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click

__all__ = ["worker"]


@click.command()
@click.option(
    "--poll-seconds",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.1, 60),
    help="Jeda / wait when idle.",
)
@click.option(
    "--tick-seconds",
    default=15,
    show_default=True,
    type=click.IntRange(1, 3600),
    help="Jarak tik / between ticks.",
)
def worker(poll_seconds: float, tick_seconds: int) -> None:
    """Proses terjadwal / the scheduled worker.

    Runs until told to stop (SIGTERM, Ctrl-C), for every region: inbox, reconciliation, outbox, sealing the ledger,
    summing up balances, cleaning.
    """
    from app.logs import collect_library_logs, configure_logging
    from app.worker.running import work
    from foundation.config import settings

    settings()
    configure_logging()
    collect_library_logs()
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    work(stop, poll_seconds=poll_seconds, tick_seconds=tick_seconds)
