"""Waiting for others who write, and giving up after a while.

For: `wait_for`, which sends one of our functions that take a lock and refuses when it took too long.
Not for: how long each waits: its migration says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from foundation.errors import LunasError

__all__ = ["wait_for"]

_LOCK_NOT_AVAILABLE = "55P03"


def wait_for(session: Session, lock: TextClause, values: Mapping[str, Any], *, refusal: LunasError) -> None:
    """Take a lock until the unit of work ends. Raises the refusal when the database gave up waiting for it."""
    try:
        session.execute(lock, values)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise refusal from error
        raise
