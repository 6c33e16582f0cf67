"""Runs and bank files as staff see them.

For: the treasury pages and the command line: runs newest first, one run with its figures, its differences in pages, the
standing of each partner, and files that were refused.
Not for: making a run (reconciling).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.money import Money
from reconciliation.errors import RunUnknown
from reconciliation.figures import RunFigures, figures_from_json
from reconciliation.models import BankFile, ReconciliationDifference, ReconciliationRun

__all__ = [
    "DifferenceShown",
    "FileShown",
    "PartnerStanding",
    "RunShown",
    "find_last_run",
    "get_run",
    "last_runs_by_partner",
    "list_bank_files",
    "list_differences",
    "list_runs",
]

PAGE = 200


@dataclass(frozen=True, slots=True)
class RunShown:
    """One run; `id` is the cursor of the next page, `result` is "BALANCED" or "DIFFERENT"."""

    id: int
    uid: UUID
    run_at: datetime
    by: str
    on: date
    result: str
    difference_count: int
    figures: RunFigures


@dataclass(frozen=True, slots=True)
class DifferenceShown:
    """One difference of a run; `amount` is the bank's side less ours, `id` the cursor of the next page.

    `link_kind` ("payment", "batch", "statement", "statement_line" or "") and `link_uid` name what lies behind it;
    `explained` ones leave a run balanced.
    """

    id: int
    code: str
    side: str
    partner: str | None
    account_no: str | None
    on: date | None
    amount: Money
    reference: str
    text_id: str
    text_en: str
    link_kind: str
    link_uid: UUID | None
    explained: bool


@dataclass(frozen=True, slots=True)
class PartnerStanding:
    """A partner in the last run: what it still holds, and how many differences are open with it."""

    partner: str
    name: str
    run_uid: UUID
    run_at: datetime
    on: date
    clearing: Money
    in_transit: Money
    differences: int


@dataclass(frozen=True, slots=True)
class FileShown:
    """One file of a bank: state "IMPORTED" or "REFUSED", and the problems of a refused one (code, message, line,
    field)."""

    id: int
    uid: UUID
    filename: str
    kind: str
    state: str
    received_at: datetime
    problems: list[dict[str, Any]]


def list_runs(session: Session, *, before_id: int | None = None, limit: int = 50) -> list[RunShown]:
    """Runs, newest first; `before_id` continues after a page's last row. At most 200."""
    query = select(ReconciliationRun).order_by(ReconciliationRun.id.desc()).limit(min(limit, PAGE))
    if before_id is not None:
        query = query.where(ReconciliationRun.id < before_id)
    return [_run_shown(row) for row in session.scalars(query)]


def find_last_run(session: Session) -> RunShown | None:
    """The newest run, or None before the first."""
    runs = list_runs(session, limit=1)
    return runs[0] if runs else None


def get_run(session: Session, uid: UUID) -> RunShown:
    """The run with this uid. Raises RunUnknown."""
    row = session.scalar(select(ReconciliationRun).where(ReconciliationRun.uid == uid))
    if row is None:
        raise RunUnknown(run=str(uid))
    return _run_shown(row)


def list_differences(
    session: Session, run_uid: UUID, *, partner: str | None = None, after_id: int = 0, limit: int = PAGE
) -> list[DifferenceShown]:
    """Differences of a run in the order they were found, optionally of one partner; `after_id` continues a page."""
    query = (
        select(ReconciliationDifference)
        .join(ReconciliationRun, ReconciliationRun.id == ReconciliationDifference.run_id)
        .where(ReconciliationRun.uid == run_uid, ReconciliationDifference.id > after_id)
        .order_by(ReconciliationDifference.id)
        .limit(min(limit, PAGE))
    )
    if partner is not None:
        query = query.where(ReconciliationDifference.partner == partner)
    return [
        DifferenceShown(
            id=row.id, code=row.code, side=row.side, partner=row.partner, account_no=row.account_no, on=row.on_date,
            amount=Money(row.amount_sen), reference=row.reference, text_id=row.text_id, text_en=row.text_en,
            link_kind=row.link_kind, link_uid=row.link_uid, explained=row.explained,
        )
        for row in session.scalars(query)
    ]  # fmt: skip


def last_runs_by_partner(session: Session) -> list[PartnerStanding]:
    """Each partner as the newest run found it; empty before the first run."""
    run = find_last_run(session)
    if run is None:
        return []
    return [
        PartnerStanding(
            partner=each.partner, name=each.name, run_uid=run.uid, run_at=run.run_at, on=run.on,
            clearing=each.clearing, in_transit=each.in_transit, differences=each.differences,
        )
        for each in run.figures.partners
    ]  # fmt: skip


def list_bank_files(
    session: Session, *, state: str | None = None, before_id: int | None = None, limit: int = PAGE
) -> list[FileShown]:
    """Files of banks, newest first, optionally of one state ("REFUSED" is a person's worklist)."""
    query = select(
        BankFile.id, BankFile.uid, BankFile.filename, BankFile.kind, BankFile.state, BankFile.received_at,
        BankFile.problems,
    ).order_by(BankFile.id.desc()).limit(min(limit, PAGE))  # fmt: skip
    if state is not None:
        query = query.where(BankFile.state == state)
    if before_id is not None:
        query = query.where(BankFile.id < before_id)
    return [FileShown(*row) for row in session.execute(query)]


def _run_shown(row: ReconciliationRun) -> RunShown:
    return RunShown(
        id=row.id, uid=row.uid, run_at=row.run_at, by=row.run_by, on=row.on_date, result=row.result,
        difference_count=row.difference_count, figures=figures_from_json(row.figures),
    )  # fmt: skip
