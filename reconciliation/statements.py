"""Taking a statement: of which account it is, whether it is known, and its lines.

For: RKUD statements, whose credits are then booked, and holding account statements, which are only checked.
Not for: reading MT940 (bank_adapters.statements proves that it foots), or booking (reconciliation.crediting).
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import orjson
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from bank_adapters.contract import StatementFile, StatementLine
from foundation.ids import new_uid
from foundation.money import Money
from foundation.policies import get_policy
from payments import list_partners, terms_of
from reconciliation.errors import AccountUnknown, StatementContradicts, name_differing
from reconciliation.models import BankFile, BankStatement, BankStatementLine
from reconciliation.states import LINE_STATES

__all__ = ["take_statement"]

_RECORD_MOVES = text(
    "SELECT count(foundation_record_move('statement_line', l.id, 'READ', l.state, :event, :by, :why, :at))"
    " FROM statement_line l WHERE l.statement_id = :statement_id AND l.state = :state"
)


def take_statement(session: Session, file: BankFile, statement: StatementFile, *, at: datetime, by: str) -> int | None:
    """Keep a statement and its lines; returns how many lines, or None when it was taken before with equal content.

    Raises AccountUnknown, or StatementContradicts naming what differs.
    """
    role, partner = _role_of(session, statement)
    content = _content_of(statement)
    known = session.scalar(
        select(BankStatement).where(
            BankStatement.account_no == statement.account_no,
            BankStatement.statement_no == statement.statement_no,
            BankStatement.closing_on == statement.closing_on,
        )
    )
    if known is not None:
        if known.content_sha256 != content:
            raise _contradiction(known, statement)
        return None
    row = BankStatement(
        uid=new_uid(), file_id=file.id, account_no=statement.account_no, account_role=role, partner=partner,
        statement_no=statement.statement_no, reference=statement.reference[:40], opening_on=statement.opening_on,
        opening_sen=statement.opening.sen, closing_on=statement.closing_on, closing_sen=statement.closing.sen,
        content_sha256=content, received_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _keep_lines(session, row, statement, at=at, by=by)
    return len(statement.lines)


def _role_of(session: Session, statement: StatementFile) -> tuple[str, str | None]:
    rkud = get_policy(session, "treasury.rkud_account_no", on=statement.closing_on)
    if rkud and statement.account_no == rkud:
        return "rkud", None
    for partner in list_partners(session):
        if statement.account_no == terms_of(partner).holding_account_no:
            return "holding", partner.code
    raise AccountUnknown(field="account_no", account=statement.account_no)


def _keep_lines(session: Session, row: BankStatement, statement: StatementFile, *, at: datetime, by: str) -> None:
    if not statement.lines:
        return
    values = [
        {
            "uid": new_uid(),
            "statement_id": row.id,
            "line_no": line.line_no,
            "occurrence": line.occurrence,
            "value_on": line.value_on,
            "entry_on": line.entry_on,
            "accounted_on": _accounted_on(line.entry_on, statement),
            "amount_sen": line.amount.sen,
            "direction": line.direction,
            "reversal": line.reversal,
            "bank_reference": line.bank_reference,
            "owner_reference": line.owner_reference,
            "text": line.text,
            "state": LINE_STATES.target_of("READ", _first_event(row.account_role, line)),
            "booked_sen": 0,
            "suspense_sen": 0,
        }
        for line in statement.lines
    ]
    session.execute(insert(BankStatementLine), values)
    for event in ("waits", "listed", "checked"):
        told = {"statement_id": row.id, "state": LINE_STATES.target_of("READ", event), "event": event}
        session.execute(_RECORD_MOVES, told | {"by": by, "why": statement.statement_no, "at": at})


def _first_event(role: str, line: StatementLine) -> str:
    """Only a plain credit on RKUD can be booked by itself; a debit or a reversal is a person's to judge."""
    if role == "holding":
        return "checked"
    return "waits" if line.direction == "credit" and not line.reversal else "listed"


def _accounted_on(entry_on: date, statement: StatementFile) -> date:
    # Within the statement's own dates, so that books and balance can be compared as of its closing date.
    return max(min(entry_on, statement.closing_on), statement.opening_on)


def _content_of(statement: StatementFile) -> bytes:
    """SHA-256 over what the statement says; not over line numbers, which depend on the file it stands in."""
    lines = [
        (
            line.value_on, line.entry_on, line.amount.sen, line.direction, line.bank_reference, line.owner_reference,
            line.text, line.reversal,
        )
        for line in statement.lines
    ]  # fmt: skip
    said = (statement.opening_on, statement.opening.sen, statement.closing_on, statement.closing.sen, lines)
    return hashlib.sha256(orjson.dumps(said)).digest()


def _contradiction(known: BankStatement, statement: StatementFile) -> StatementContradicts:
    differing_id, differing_en = name_differing(
        ("saldo awal", "opening balance", Money(known.opening_sen), statement.opening),
        ("saldo akhir", "closing balance", Money(known.closing_sen), statement.closing),
        otherwise=("baris mutasi", "its lines"),
    )
    return StatementContradicts(
        field="statement_no",
        number=statement.statement_no,
        account=statement.account_no,
        closing_on=statement.closing_on,
        differing_id=differing_id,
        differing_en=differing_en,
    )
