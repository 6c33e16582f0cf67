"""The months, checked while the chain is read: on a connection of their own, so that two cores work.

For: `months_checked`, a part of verifying; the SHA-256 of closed months takes as long as the chain itself.
Not for: what a month is held to (ledger.periods.checking), or the findings made of it (ledger.sealing.verifying).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from psycopg import Error
from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.db import raw_connection, unit_beside
from ledger.periods import PeriodCheck, check_periods
from ledger.sealing.streams import pin_text_form

__all__ = ["months_checked"]

_HAS_WRITTEN = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")


@contextmanager
def months_checked(session: Session) -> Iterator[Callable[[], list[PeriodCheck]]]:
    """Begin to check every month; what is given waits for the result, or raises what went wrong.

    Leaving with an error stops the check. What this unit of work has written itself is seen by its own connection only:
    then the check is made there, when it is asked for. Call `pin_text_form` before.
    """
    if session.scalar(_HAS_WRITTEN):
        yield lambda: check_periods(session, moved=True)
        return
    with unit_beside(session) as beside, ThreadPoolExecutor(1) as thread:
        pin_text_form(beside)
        driver = raw_connection(beside)
        checks = thread.submit(check_periods, beside, moved=True)
        try:
            yield checks.result
        except BaseException:
            with suppress(Error):  # without a server nothing is left to stop
                driver.cancel_safe()
            raise
