"""What the tests of the seals share: sealing everything, verifying, and writing past the guards as a superuser.

For: tests/ledger/test_sealing*.py.
Not for: anything that a program of ours may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from foundation import clock
from foundation.config import settings
from foundation.db import unit_of_work
from ledger import Finding, SealedBlock, SealSigner, Verification, load_signer, seal_head, seal_next, verify_ledger
from tests.database import TestDatabase
from tests.ledger.waiting import until


def signer() -> SealSigner:
    """The installation's key."""
    return load_signer(settings().seal_key_file)


def settle(region: str) -> None:
    """Wait until every database transaction of before has ended, so that the sealer may pass them."""
    horizon = text(
        "SELECT pg_snapshot_xmin(s.now)::text::bigint, pg_snapshot_xmax(s.now)::text::bigint"
        " FROM (SELECT pg_current_snapshot() AS now) s"
    )

    def bounds() -> tuple[int, int]:
        with unit_of_work(region) as session:
            oldest, upcoming = session.execute(horizon).one()
        return oldest, upcoming

    begun = bounds()[1]
    until(lambda: bounds()[0] >= begun, "an older transaction stayed open")


def seal(region: str, *, key: SealSigner | None = None, search: bool = False) -> list[SealedBlock]:
    """Seal until nothing is left; the blocks that were added."""
    added: list[SealedBlock] = []
    while True:
        settle(region)  # each time: sealing itself records what is to be sealed
        with unit_of_work(region) as session:
            block = seal_next(session, key or signer(), at=clock.now(), by="cli:test", search=search)
        if block is None:
            return added
        added.append(block)


def verify(region: str, **more: Any) -> Verification:
    """Verify, trusting the installation's key unless told otherwise."""
    with unit_of_work(region) as session:
        return verify_ledger(session, **({"trusted": [signer().public]} | more))


def head(region: str) -> dict[str, Any]:
    """The newest block as a head file has it."""
    with unit_of_work(region) as session:
        return seal_head(session, at=clock.now())


def tamper(database: TestDatabase, *statements: str, region: str = "3316") -> None:
    """Run statements as the superuser with all guards switched off, each of which must touch a row."""
    with closing(psycopg.connect(database.superuser_url)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"SET search_path = r{region}, pg_temp")
        for statement in statements:
            assert connection.execute(statement).rowcount >= 1, statement
        connection.commit()


@contextmanager
def superuser(database: TestDatabase) -> Iterator[Session]:
    """One transaction past every guard: no trigger fires, no CHECK holds, any id may be written. It is undone."""
    engine = create_engine(database.superuser_url.replace("postgresql:", "postgresql+psycopg:", 1))
    try:
        with Session(engine) as session:
            session.execute(text("SET LOCAL search_path = r3316, pg_temp"))
            session.execute(text("SET LOCAL session_replication_role = replica"))
            yield session
            session.rollback()
    finally:
        engine.dispose()


def told(verification: Verification) -> list[tuple[str, str, int | None]]:
    """(kind, stream, item) of each finding."""
    return [(each.kind, each.stream, each.item_id) for each in verification.findings]


def after(session: Session, *statements: str) -> Verification:
    """What verifying finds after some statements, each of which touches a row; then they are undone."""
    with session.begin_nested() as undone:
        for statement in statements:
            touched = session.connection().exec_driver_sql(statement).rowcount
            assert touched >= 1, statement
        found = verify_ledger(session, trusted=[signer().public])
        undone.rollback()
    return found


def found_after(session: Session, statement: str) -> list[tuple[str, str, str]]:
    """Kind, place and what is told of each finding after a statement."""
    session.connection().exec_driver_sql(statement)
    found = verify_ledger(session, trusted=[signer().public])
    assert all(each.message_id.startswith(each.place_id) for each in found.findings)
    assert all(each.message_en.startswith(each.place_en) for each in found.findings)
    return [(each.kind, _place_of(each), ", ".join(each.columns) or each.told_en) for each in found.findings]


def _place_of(finding: Finding) -> str:
    block = "" if finding.block is None else f" (block {finding.block})"
    return finding.stream if finding.item_id is None else f"{finding.stream} {finding.item_id}{block}"
