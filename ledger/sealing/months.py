"""The months beside the chain: checked while it is read, and whether it holds what moved them.

For: `months_checked`, a part of verifying, on a connection of its own, so that two cores work: the SHA-256 of closed
months takes as long as the chain itself; `list_unsealed_months`.
Not for: what a month is held to (ledger.periods.checking), or the findings made of it (ledger.sealing.verifying).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date

from psycopg import Error
from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.db import raw_connection, unit_beside
from ledger.periods import PeriodCheck, check_periods
from ledger.sealing.streams import pin_text_form

__all__ = ["list_unsealed_months", "months_checked"]

_HAS_WRITTEN = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
_SEALED = text("""
SELECT n.id FROM unnest(CAST(:acts AS bigint[])) n (id) WHERE EXISTS (
    SELECT 1 FROM seal_block b WHERE b.stream = 'audit_event' AND b.number <= coalesce(:upto, b.number)
        AND b.last_id >= n.id AND b.first_id <= n.id AND n.id = ANY(b.item_ids))
""")


def list_unsealed_months(session: Session, checks: Sequence[PeriodCheck], *, upto: int | None = None) -> list[date]:
    """The months whose newest audit act no block holds yet, with `upto` none until that block; or that have no act.

    Nothing but the database itself says that they were closed or reopened so.
    """
    acts = [each.newest_act for each in checks if each.newest_act is not None]
    sealed = set(session.scalars(_SEALED, {"acts": acts, "upto": upto}))
    return [each.month for each in checks if each.newest_act not in sealed]


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
