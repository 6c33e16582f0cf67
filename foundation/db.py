"""The database: engines, the two declarative bases, and the unit of work.

For: opening one unit of work per act, in one region's schema; the only module that commits.
Not for: statements of any package, or schema changes (foundation.migrating, migrations/).

Invariants
- The search path is set inside each transaction, in the message that begins it, so nothing of one region's session is
  left on a connection (safe behind PgBouncer in transaction mode).
- A unit of work begins with its first statement, whoever sends it: SQLAlchemy, or `fetch_row` past it. Where only hot
  paths ran, SQLAlchemy is never asked for a connection: its own begin and commit cost more than the two messages.
- The application's role owns nothing; migrations and new regions use the owner's role.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Self, TypeVar, cast

import psycopg
from sqlalchemy import BigInteger, Connection, DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import Pool, PoolProxiedConnection
from sqlalchemy.types import TypeDecorator, UserDefinedType

from foundation.config import settings
from foundation.embedded import EmbeddedServer

__all__ = [
    "Json",
    "MoneySen",
    "RegionBase",
    "SharedBase",
    "UnitOfWorkFailed",
    "UtcDateTime",
    "Xact",
    "constraint_of",
    "database_url",
    "dispose_engines",
    "fetch_row",
    "leadership_connection",
    "owner_engine",
    "raw_connection",
    "run_unit",
    "schema_of",
    "shared_unit_of_work",
    "unit_beside",
    "unit_of_work",
]

T = TypeVar("T")
SHARED_SCHEMA = "lunas"
MoneySen = BigInteger
Json = JSONB
_BEGIN = "lunas_begin"
_CURSOR = "lunas_cursor"
_OLDEST = 1800  # seconds that a connection is used
_MOST_IDLE = 16
_engines: dict[str, Engine] = {}
_bound: dict[str, Engine] = {}
_making_engines = threading.Lock()
# Connections between two units of work: the pool's own way in and out costs more than a BEGIN. It still counts them.
_idle: deque[_Lent] = deque()
# A connection that Python forgets is ended, also in a child whose parent goes on using it.
_left_to_parent: list[_Lent] = []
_REGION_CODE = re.compile(r"\d{2}(\d{2})?")
_IDLE = psycopg.pq.TransactionStatus.IDLE
_FAILED = psycopg.pq.TransactionStatus.INERROR
_DONE = psycopg.pq.ExecStatus.COMMAND_OK
_RETRIED = {"40001", "40P01"}
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UnitOfWorkFailed(RuntimeError):
    """A unit of work was used in a way in which nothing of it could be kept; a fault in our own code."""


class UtcDateTime(TypeDecorator[datetime]):
    """timestamptz that refuses naive moments instead of guessing their zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a naive moment. Raises ValueError."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value


class Xact(UserDefinedType[int]):
    """xid8: the number of the database transaction that wrote a row; readers wait until all older ones have ended."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        """The type's name in DDL."""
        return "XID8"


# So that the comparison of models and migrations knows the type when it meets it in the database.
ischema_names["xid8"] = Xact


class SharedBase(DeclarativeBase):
    """Tables of the shared schema: the registry of regions and leadership, nothing else."""

    metadata = MetaData(schema=SHARED_SCHEMA, naming_convention=_NAMING)
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012 - SQLAlchemy reads it from the class


class RegionBase(DeclarativeBase):
    """Tables that each region has in a schema of its own; they name no schema and have no region column."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012 - SQLAlchemy reads it from the class


def schema_of(region: str) -> str:
    """The schema of a region: "3316" to "r3316". Raises ValueError on anything but 2 or 4 digits (it becomes SQL)."""
    if not (region.isascii() and _REGION_CODE.fullmatch(region)):
        raise ValueError("a region's code has 2 or 4 digits")
    return f"r{region}"


def unit_of_work(region: str) -> AbstractContextManager[Session]:
    """One act in one region: committed when the block ends, undone when it raises."""
    return _UnitSession(_bound_engine(schema_of(region)))


def unit_beside(session: Session) -> AbstractContextManager[Session]:
    """A further unit of work in the same region on a connection of its own; of the first it sees what is committed."""
    return _UnitSession(session.get_bind().engine)


def shared_unit_of_work() -> AbstractContextManager[Session]:
    """One act on the registry of regions."""
    return _UnitSession(_bound_engine(SHARED_SCHEMA))


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
    return _driver(session.connection())


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
        raise _as_sqlalchemy(error, cast("Connection", session.get_bind())) from error
    return row


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


@dataclass(frozen=True, slots=True)
class _Lent:
    """A connection that left its pool, and the moment (monotonic seconds) after which it is closed."""

    pool: Pool
    connection: PoolProxiedConnection
    until: float


class _UnitSession(Session):
    """One unit of work: a session on one connection of the pool, whose transaction begins with its first statement.

    SQLAlchemy's own Connection is made over the same connection when the session itself is used.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(expire_on_commit=False)
        self._engine = engine
        self._lent: _Lent | None = None
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
        if driver.pgconn.transaction_status == _IDLE:
            self._tell(driver, self._engine.get_execution_options()[_BEGIN])
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
        if self._lent is not None and self._driver().pgconn.transaction_status != _IDLE:
            self._tell(self._driver(), command)

    def _driver(self) -> psycopg.Connection[Any]:
        leased = self._lease()
        if not leased.is_valid:
            lost = psycopg.OperationalError("the connection of this unit of work was lost")
            raise DBAPIError.instance(
                "(hot path)", None, lost, psycopg.Error, hide_parameters=True, connection_invalidated=True
            )
        return _driver_of(leased)

    def _tell(self, driver: psycopg.Connection[Any], command: bytes) -> None:
        try:
            _send(driver, command)
        except psycopg.Error as error:
            raise _as_sqlalchemy(error, self.get_bind()) from error

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
                _give_back(lent)

    def _lease(self) -> PoolProxiedConnection:
        if self._lent is None:
            if self._state == "ended":
                raise UnitOfWorkFailed("this unit of work has ended")
            self._lent = _take_idle(self._engine) or _borrow(self._engine)
        return self._lent.connection


def _give_back(lent: _Lent) -> None:
    leased = lent.connection
    is_sound = leased.is_valid and _driver_of(leased).pgconn.transaction_status == _IDLE
    if is_sound and len(_idle) < _MOST_IDLE:
        _idle.append(lent)
    else:
        leased.close()  # the pool rolls back what is open


def _take_idle(engine: Engine) -> _Lent | None:
    """The connection that was used last. One that is old, or of a pool that was given up, is closed instead."""
    while _idle:
        try:
            lent = _idle.pop()
        except IndexError:  # another thread was faster
            return None
        if lent.pool is engine.pool and time.monotonic() < lent.until:
            return lent
        lent.connection.invalidate()
    return None


def _borrow(engine: Engine) -> _Lent:
    try:
        return _Lent(engine.pool, engine.raw_connection(), time.monotonic() + _OLDEST)
    except psycopg.Error as error:  # no server: nothing is lent that could be given back
        raise DBAPIError.instance("(connect)", None, error, psycopg.Error, hide_parameters=True) from error


def _begin(connection: Connection) -> None:
    """Begin a transaction in the schema of the unit of work, unless a hot path did. SQLAlchemy calls it."""
    driver = _driver(connection)
    if driver.pgconn.transaction_status == _IDLE:
        try:
            _send(driver, connection.get_execution_options()[_BEGIN])
        except psycopg.Error as error:
            raise _as_sqlalchemy(error, connection) from error


def _send(driver: psycopg.Connection[Any], command: bytes) -> None:
    """Send a command without parameters or rows straight through libpq: a third of the cost of a cursor."""
    result = driver.pgconn.exec_(command)
    if result.status == _DONE:
        return
    if driver.broken:
        raise psycopg.OperationalError(driver.pgconn.get_error_message())
    raise psycopg.errors.error_from_result(result, driver.info.encoding)


def _as_sqlalchemy(error: psycopg.Error, connection: Connection) -> Exception:
    """The error as SQLAlchemy would have raised it; a broken connection leaves the pool, and with it all idle ones."""
    broken = _driver(connection).broken
    if broken:
        connection.invalidate(error)
        connection.engine.dispose()
    return DBAPIError.instance(
        "(hot path)", None, error, psycopg.Error, hide_parameters=True, connection_invalidated=broken
    )


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    return _driver_of(connection.connection)


def _driver_of(leased: PoolProxiedConnection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", leased.driver_connection)


def _bound_engine(schema: str) -> Engine:
    """The application's engine, told how its transactions begin in this schema; all schemas share its pool."""
    engine = _engine("app")
    bound = _bound.get(schema)
    if bound is None or bound.pool is not engine.pool:
        begin = f"BEGIN; SET LOCAL search_path = {schema}, pg_temp".encode()
        bound = _bound[schema] = engine.execution_options(**{_BEGIN: begin})
    return bound
