"""Leadership: of all workers of an installation one queues the ticks.

For: an advisory lock on a direct connection; when that connection is lost, so is the lock, and another worker takes it.
Not for: correctness. Jobs have a key per tick, so two leaders for a moment queue nothing twice.
"""

from __future__ import annotations

from typing import Any

import psycopg
import structlog

from foundation.connections import leadership_connection

__all__ = ["Leader"]

log = structlog.get_logger("lunas.worker")
_LOCK = "SELECT pg_try_advisory_lock(hashtext('lunas worker leader'), 0)"


class Leader:
    """This process's claim to leadership."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._leads = False

    def is_leading(self) -> bool:
        """True when this process leads now: it holds the lock, or has just taken it."""
        try:
            if self._connection is None:
                self._connection = leadership_connection()
            if self._leads:
                self._connection.execute("SELECT 1")
                return True
            row = self._connection.execute(_LOCK).fetchone()
        except psycopg.Error as error:
            log.warning("leadership_lost" if self._leads else "leadership_unreachable", error=type(error).__name__)
            self.resign()
            return False
        self._leads = bool(row and row[0])
        if self._leads:
            log.info("leadership_taken")
        return self._leads

    def resign(self) -> None:
        """Give leadership up, e.g. when the process ends."""
        self._leads = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None
