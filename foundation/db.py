"""The database: one unit of work per act, in one region's schema.

For: opening, committing and undoing units of work, and the way past SQLAlchemy for hot paths inside them; the only
module that commits.
Not for: the connections they run on (foundation.connections), what models are made of (foundation.tables), statements
of any package, or schema changes (foundation.migrating, migrations/).

Invariant
- A unit of work begins with its first statement, whoever sends it: SQLAlchemy, or `fetch_row` past it. Where only hot
  paths ran, SQLAlchemy is never asked for a connection: its own begin and commit cost more than the two messages.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Self, TypeVar, cast

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

from foundation.connections import BEGIN, IDLE, Lent, as_sqlalchemy, bound_engine, driver_of, give_back, lend, send
from foundation.tables import SHARED_SCHEMA, schema_of

__all__ = [
    "UnitOfWorkFailed",
    "constraint_of",
    "fetch_row",
    "raw_connection",
    "run_unit",
    "shared_unit_of_work",
    "unit_beside",
    "unit_of_work",
]

T = TypeVar("T")
_CURSOR = "lunas_cursor"
_FAILED = psycopg.pq.TransactionStatus.INERROR
_RETRIED = {"40001", "40P01"}


class UnitOfWorkFailed(RuntimeError):
    """A unit of work was used in a way in which nothing of it could be kept; a fault in our own code."""


def unit_of_work(region: str) -> AbstractContextManager[Session]:
    """One act in one region: committed when the block ends, undone when it raises."""
    return _UnitSession(bound_engine(schema_of(region)))


def unit_beside(session: Session) -> AbstractContextManager[Session]:
    """A further unit of work in the same region on a connection of its own; of the first it sees what is committed."""
    return _UnitSession(session.get_bind().engine)


def shared_unit_of_work() -> AbstractContextManager[Session]:
    """One act on the registry of regions."""
    return _UnitSession(bound_engine(SHARED_SCHEMA))


def run_unit(region: str, act: Callable[[Session], T], *, attempts: int = 5) -> T:
    """Run an act as a unit of work, again when the database asks for it (serialization failure, deadlock)."""
    for attempt in range(1, attempts + 1):
        try:
            with unit_of_work(region) as session:
                return act(session)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _RETRIED or attempt == attempts:
                raise
            time.sleep(0.01 * 2**attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


def constraint_of(error: DBAPIError) -> str | None:
    """The name of the violated constraint, so that a package can turn it into its own named error."""
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


def raw_connection(session: Session) -> psycopg.Connection[Any]:
    """The psycopg connection inside the unit of work, for COPY and hot paths; it commits with the unit."""
    if isinstance(session, _UnitSession) and not session.in_nested_transaction():
        return session.begun_driver()
    # SQLAlchemy sends a SAVEPOINT only when it is asked for the connection.
    return driver_of(session.connection().connection)


def fetch_row(session: Session, statement: str, arguments: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of a statement on a hot path, or None: psycopg alone, parameters as %s, plain values out.

    A third of what SQLAlchemy costs per statement. Errors come as SQLAlchemy's own, so that `run_unit` and
    `constraint_of` know them. What the session has not yet flushed is not seen.
    """
    driver = raw_connection(session)
    cursor = session.info.get(_CURSOR)
    if cursor is None or cursor.connection is not driver:
        cursor = session.info[_CURSOR] = driver.cursor()
    try:
        row: tuple[Any, ...] | None = cursor.execute(statement, arguments).fetchone()
    except psycopg.Error as error:
        raise as_sqlalchemy(error, cast("Connection", session.get_bind())) from error
    return row


class _UnitSession(Session):
    """One unit of work: a session on one connection of the pool, whose transaction begins with its first statement.

    SQLAlchemy's own Connection is made over the same connection when the session itself is used.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(expire_on_commit=False)
        self._engine = engine
        self._lent: Lent | None = None
        self._core: Connection | None = None
        self._state = "new"

    def __enter__(self) -> Self:
        """Begin the act; the transaction begins with its first statement."""
        if self._state != "new":
            raise UnitOfWorkFailed("a unit of work is entered once")
        self._state = "entered"
        return self

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        """The connection that SQLAlchemy sends this session's statements through."""
        if self._core is None:
            self._core = Connection(self._engine, self._lease())
        return self._core

    def begun_driver(self) -> psycopg.Connection[Any]:
        """psycopg's connection, inside the transaction."""
        driver = self._driver()
        if driver.pgconn.transaction_status == IDLE:
            self._tell(driver, self._engine.get_execution_options()[BEGIN])
        return driver

    def rollback(self) -> None:
        """Undo what was done so far, hot paths included; what follows is a transaction of its own."""
        super().rollback()
        if self._lent is not None and not self._lent.connection.is_valid:
            self._lent = self._core = None  # what follows gets another connection
        self._end(b"ROLLBACK")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Commit whatever was begun, or undo it; the connection goes back. Raises SQLAlchemy's errors."""
        try:
            if kind is None:
                self._finish()
        finally:
            self._leave()

    def _finish(self) -> None:
        if self._lent is not None and self._driver().pgconn.transaction_status == _FAILED:
            raise UnitOfWorkFailed("a statement of this unit of work failed: COMMIT would quietly undo the others")
        if self.in_transaction():
            self.commit()
        self._end(b"COMMIT")

    def _end(self, command: bytes) -> None:
        """End what a hot path began, if SQLAlchemy has not."""
        if self._lent is not None and self._driver().pgconn.transaction_status != IDLE:
            self._tell(self._driver(), command)

    def _driver(self) -> psycopg.Connection[Any]:
        leased = self._lease()
        if not leased.is_valid:
            lost = psycopg.OperationalError("the connection of this unit of work was lost")
            raise DBAPIError.instance(
                "(hot path)", None, lost, psycopg.Error, hide_parameters=True, connection_invalidated=True
            )
        return driver_of(leased)

    def _tell(self, driver: psycopg.Connection[Any], command: bytes) -> None:
        try:
            send(driver, command)
        except psycopg.Error as error:
            raise as_sqlalchemy(error, self.get_bind()) from error

    def _leave(self) -> None:
        try:
            if self._core is not None or self.in_transaction():
                self.close()  # what it loaded stays readable, and is no longer its own
        finally:
            # Whoever still holds this session must not reach the connection that others use now.
            self._state = "ended"
            lent, self._lent, self._core = self._lent, None, None
            self.info.pop(_CURSOR, None)
            if lent is not None:
                give_back(lent)

    def _lease(self) -> PoolProxiedConnection:
        if self._lent is None:
            if self._state == "ended":
                raise UnitOfWorkFailed("this unit of work has ended")
            self._lent = lend(self._engine)
        return self._lent.connection
