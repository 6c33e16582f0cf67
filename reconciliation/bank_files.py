"""Taking a bank's file: recognised, read whole, imported once, or refused and kept with its problems.

For: `import_file` and `record_refusal`, called by the worker's inbox job and by the command line.
Not for: walking the inbox and moving files (app/worker), or reading a format (bank_adapters, behind `FileReaders`).

The same bytes are known by their SHA-256 and add nothing, under whatever name they come; that is also why a worker that
died between its commit and moving the file does no harm. One act at a time per region reconciles (`take_turn`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bank_adapters.contract import BankFileRefused, SettlementReader, StatementReader
from foundation.audit import record_act
from foundation.errors import LunasError
from foundation.ids import new_uid
from foundation.regions import Region
from foundation.states import move
from reconciliation.crediting import Crediting, book_credits
from reconciliation.errors import FileTooLarge
from reconciliation.models import BankFile
from reconciliation.settlements import take_settlement
from reconciliation.statements import take_statement
from reconciliation.states import FILE_STATES

__all__ = ["LARGEST_FILE", "FileImported", "FileReaders", "import_file", "record_refusal", "take_turn"]

# A settlement of a million lines has about 160 MB.
LARGEST_FILE = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileReaders:
    """The formats of this region's banks: `recognise` names the kind ("mt940", "settlement-csv") of a file."""

    recognise: Callable[[str, bytes], str]
    statements: StatementReader
    settlements: SettlementReader


@dataclass(frozen=True, slots=True)
class FileImported:
    """What came of a file. `first_time` is False when its bytes were imported before; then all counts are zero.

    `statements` and `batches` count what was new in it; one that is already known under another file adds nothing.
    """

    uid: UUID
    kind: str
    first_time: bool
    statements: int = 0
    batches: int = 0
    lines: int = 0
    credits: int = 0


def import_file(
    session: Session, region: Region, filename: str, data: bytes, *, readers: FileReaders, at: datetime, by: str
) -> FileImported:
    """Import a file as one act, then book what can be booked, whichever of two files came first.

    Raises BankFileRefused with every problem of the format, AccountUnknown, StatementContradicts,
    SettlementPartnerUnknown, SettlementContradicts, SettlementValueTooLong or FileTooLarge; then nothing has changed,
    and `record_refusal` keeps the file in a unit of work of its own.
    """
    if len(data) > LARGEST_FILE:
        raise FileTooLarge(filename=filename, size=len(data), limit=LARGEST_FILE)
    take_turn(session)
    file = _enter(session, filename, data, at=at, by=by)
    if file.state == "IMPORTED":
        return FileImported(file.uid, file.kind, first_time=False)
    file.kind = readers.recognise(filename, data)
    statements = batches = lines = 0
    if file.kind == "mt940":
        for statement in readers.statements.read(data, filename=filename):
            added = take_statement(session, file, statement, at=at, by=by)
            statements += added is not None
            lines += added or 0
    else:
        settlement = readers.settlements.read(data, filename=filename)
        added = take_settlement(session, file, settlement, zone=region.timezone, at=at, by=by)
        batches, lines = int(added is not None), added or 0
    move(session, FILE_STATES, file, "imported", by=by, why=filename[:300], at=at)
    credited: Crediting = book_credits(session, zone=region.timezone, at=at, by=by)
    counts = {"statements": statements, "batches": batches, "lines": lines}
    details = {"filename": filename, "kind": file.kind, "sha256": file.sha256.hex(), **counts}
    record_act(
        session, actor=by, action="bank_file.import", thing="bank_file", thing_uid=file.uid, details=details, at=at
    )
    return FileImported(file.uid, file.kind, first_time=True, credits=credited.credits, **counts)


def record_refusal(session: Session, filename: str, data: bytes, refusal: LunasError, *, at: datetime, by: str) -> UUID:
    """Keep a refused file with its problems, for a person to see; the same bytes again are the same file.

    `data` may be cut short where the file was too large to read.
    """
    take_turn(session)
    file = _enter(session, filename, data, at=at, by=by)
    if file.state == "IMPORTED":  # another worker imported the same bytes once the cause was gone
        return file.uid
    problems = refusal.problems if isinstance(refusal, BankFileRefused) else (refusal,)
    file.problems = [problem.as_dict() for problem in problems]
    move(session, FILE_STATES, file, "refused", by=by, why=refusal.code, at=at)
    details = {"filename": filename, "code": refusal.code, "sha256": file.sha256.hex()}
    record_act(
        session, actor=by, action="bank_file.refuse", thing="bank_file", thing_uid=file.uid, details=details, at=at
    )
    return file.uid


def take_turn(session: Session) -> None:
    """Wait until no other unit of work of this region reconciles; held to the end of this one.

    Matching looks at all open lines and batches together; two at once would book the same credit twice, or be refused.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('lunas reconciliation'), hashtext(current_schema()))"))


def _enter(session: Session, filename: str, data: bytes, *, at: datetime, by: str) -> BankFile:
    """The row of these bytes: a new one, a refused one that is tried again, or the one imported before."""
    digest = hashlib.sha256(data).digest()
    session.execute(
        insert(BankFile)
        .values(
            uid=new_uid(), filename=filename[:255], sha256=digest, kind="unknown", data=data,
            state=FILE_STATES.initial, problems=[], received_at=at, received_by=by,
        )
        .on_conflict_do_nothing(index_elements=["sha256"])
    )  # fmt: skip
    file = session.scalars(select(BankFile).where(BankFile.sha256 == digest)).one()
    if file.state == "REFUSED":
        file.filename, file.received_at, file.received_by, file.problems = filename[:255], at, by, []
        move(session, FILE_STATES, file, "delivered_again", by=by, why=filename[:300], at=at)
    return file
