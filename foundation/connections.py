"""Connections: where the database is, the engines of its two roles, and what they lend to units of work.

For: foundation.db, which takes a connection for each unit of work and gives it back; the owner's engine, the leader's
own connection, and forgetting them all before a fork.
Not for: acts on the data; those are units of work (foundation.db). Nothing here commits.

Invariants
- The search path is set inside each transaction, in the message that begins it, so nothing of one region's session is
  left on a connection (safe behind PgBouncer in transaction mode).
- The application's role owns nothing; migrations and new regions use the owner's role.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import Pool, PoolProxiedConnection

from foundation.config import settings
from foundation.embedded import EmbeddedServer

__all__ = [
    "BEGIN",
    "IDLE",
    "Lent",
    "as_sqlalchemy",
    "bound_engine",
    "database_url",
    "dispose_engines",
    "driver_of",
    "give_back",
    "leadership_connection",
    "lend",
    "owner_engine",
    "send",
]

BEGIN = "lunas_begin"  # the execution option of an engine that says how its transactions begin
IDLE = psycopg.pq.TransactionStatus.IDLE
_DONE = psycopg.pq.ExecStatus.COMMAND_OK
_OLDEST = 1800  # seconds that a connection is used
_MOST_IDLE = 16
_engines: dict[str, Engine] = {}
_bound: dict[str, Engine] = {}
_making_engines = threading.Lock()
# Connections between two units of work: the pool's own way in and out costs more than a BEGIN. It still counts them.
_idle: deque[Lent] = deque()
# A connection that Python forgets is ended, also in a child whose parent goes on using it.
_left_to_parent: list[Lent] = []


@dataclass(frozen=True, slots=True)
class Lent:
    """A connection that left its pool, and the moment (monotonic seconds) after which it is closed."""

    pool: Pool
    connection: PoolProxiedConnection
    until: float


def leadership_connection() -> psycopg.Connection[Any]:
    """A direct connection in autocommit for advisory locks; the caller closes it. Never through PgBouncer."""
    return psycopg.connect(database_url("app"), autocommit=True)


def database_url(role: str) -> str:
    """The libpq address for "app" or "owner"; starts the embedded server when no address is set."""
    known = settings()
    if known.database_url is None:
        return _embedded_url(role)
    url = known.database_url if role == "app" else known.database_owner_url
    if url is None:
        raise AssertionError("settings() refuses a DATABASE_URL without its owner's")
    return url


def owner_engine() -> Engine:
    """The engine of the owner's role: migrations and `region create` only."""
    return _engine("owner")


def dispose_engines(*, close: bool = True) -> None:
    """Forget every pooled connection, e.g. before a fork or when a test moves to another database.

    In a child after a fork `close=False`: the sockets are the parent's too, and closing them would end its sessions.
    """
    while _idle and close:
        _idle.pop().connection.invalidate()
    _left_to_parent.extend(_idle)
    _idle.clear()
    for engine in _engines.values():
        engine.dispose(close=close)
    _engines.clear()
    _bound.clear()
    _embedded_url.cache_clear()


def bound_engine(schema: str) -> Engine:
    """The application's engine, told how its transactions begin in this schema; all schemas share its pool."""
    engine = _engine("app")
    bound = _bound.get(schema)
    if bound is None or bound.pool is not engine.pool:
        begin = f"BEGIN; SET LOCAL search_path = {schema}, pg_temp".encode()
        bound = _bound[schema] = engine.execution_options(**{BEGIN: begin})
    return bound


@lru_cache(maxsize=2)
def _embedded_url(role: str) -> str:
    server = EmbeddedServer(settings().home)
    server.start()
    return server.url(role)


def _engine(role: str) -> Engine:
    known = _engines.get(role)
    if known is not None:
        return known
    with _making_engines:
        if role not in _engines:
            url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", database_url(role))
            # psycopg's own BEGIN would be one message more: it is sent together with the search path.
            own_begin = {"autocommit": True} if role == "app" else {}
            # Parameters carry names and codes of people; an error's text goes to the log.
            engine = create_engine(
                url,
                pool_size=_MOST_IDLE,
                max_overflow=16,
                pool_recycle=_OLDEST,
                hide_parameters=True,
                connect_args=own_begin,
            )
            if own_begin:
                event.listen(engine, "begin", _begin)
            _engines[role] = engine
        return _engines[role]


def lend(engine: Engine) -> Lent:
    """The connection that was used last, or one of the pool. Raises SQLAlchemy's DBAPIError where there is no server.

    One that is old, or of a pool that was given up, is closed instead.
    """
    while _idle:
        try:
            lent = _idle.pop()
        except IndexError:  # another thread was faster
            break
        if lent.pool is engine.pool and time.monotonic() < lent.until:
            return lent
        lent.connection.invalidate()
    return _borrow(engine)


def _borrow(engine: Engine) -> Lent:
    try:
        return Lent(engine.pool, engine.raw_connection(), time.monotonic() + _OLDEST)
    except psycopg.Error as error:  # no server: nothing is lent that could be given back
        raise DBAPIError.instance("(connect)", None, error, psycopg.Error, hide_parameters=True) from error


def give_back(lent: Lent) -> None:
    """Keep the connection for the next unit of work; what broke or is still in a transaction goes to the pool."""
    leased = lent.connection
    is_sound = leased.is_valid and driver_of(leased).pgconn.transaction_status == IDLE
    if is_sound and len(_idle) < _MOST_IDLE:
        _idle.append(lent)
    else:
        leased.close()  # the pool rolls back what is open


def _begin(connection: Connection) -> None:
    """Begin a transaction in the schema of the unit of work, unless a hot path did. SQLAlchemy calls it."""
    driver = driver_of(connection.connection)
    if driver.pgconn.transaction_status == IDLE:
        try:
            send(driver, connection.get_execution_options()[BEGIN])
        except psycopg.Error as error:
            raise as_sqlalchemy(error, connection) from error


def send(driver: psycopg.Connection[Any], command: bytes) -> None:
    """Send a command without parameters or rows straight through libpq: a third of the cost of a cursor."""
    result = driver.pgconn.exec_(command)
    if result.status == _DONE:
        return
    if driver.broken:
        raise psycopg.OperationalError(driver.pgconn.get_error_message())
    raise psycopg.errors.error_from_result(result, driver.info.encoding)


def as_sqlalchemy(error: psycopg.Error, connection: Connection) -> Exception:
    """The error as SQLAlchemy would have raised it; a broken connection leaves the pool, and with it all idle ones."""
    broken = driver_of(connection.connection).broken
    if broken:
        connection.invalidate(error)
        connection.engine.dispose()
    return DBAPIError.instance(
        "(hot path)", None, error, psycopg.Error, hide_parameters=True, connection_invalidated=broken
    )


def driver_of(leased: PoolProxiedConnection) -> psycopg.Connection[Any]:
    """psycopg's connection behind one of the pool."""
    return cast("psycopg.Connection[Any]", leased.driver_connection)
