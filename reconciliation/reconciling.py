"""A reconciliation run: book what can be booked, check partners, RKUD and holding accounts, and keep what was found.

For: `reconcile`, called by the worker and by `lunas reconcile run`.
Not for: the checks themselves (partner_check, rkud_check, holding_check) or showing runs (runs).

Running twice on the same facts gives the same result, as a second run, and posts nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.clock import business_date
from foundation.ids import new_uid
from foundation.regions import Region
from payments import list_partners
from reconciliation.bank_files import take_turn
from reconciliation.crediting import book_credits
from reconciliation.differences import Difference
from reconciliation.figures import RunFigures, figures_to_json
from reconciliation.holding_check import check_holding, match_holding_lines
from reconciliation.models import ReconciliationDifference, ReconciliationRun
from reconciliation.partner_check import check_partner
from reconciliation.rkud_check import check_rkud

__all__ = ["RunResult", "reconcile"]


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found. `balanced`: nothing but differences that explain themselves (a start-up balance)."""

    uid: UUID
    on: date
    balanced: bool
    figures: RunFigures
    differences: tuple[Difference, ...]


def reconcile(session: Session, *, region: Region, on: date | None = None, at: datetime, by: str) -> RunResult:
    """Reconcile a region as of a business date (default: today in its zone) and keep the run.

    Facts of the banks after that date are left out; credits that are open now are booked whatever the date.
    """
    take_turn(session)
    book_credits(session, zone=region.timezone, at=at, by=by)
    match_holding_lines(session)
    day = on or business_date(at, region.timezone)
    rkud, found = check_rkud(session, on=day)
    partners = []
    for partner in list_partners(session):
        figures, of_partner = check_partner(session, partner, on=day, zone=region.timezone)
        holding, of_holding = check_holding(session, partner, on=day)
        seen = [each for each in of_partner + of_holding if not each.kind.explained]
        partners.append(replace(figures, holding=holding, differences=len(seen)))
        found += of_partner + of_holding
    balanced = all(each.kind.explained for each in found)
    result = RunResult(new_uid(), day, balanced, RunFigures(partners=tuple(partners), rkud=rkud), tuple(found))
    _keep(session, result, at=at, by=by)
    return result


def _keep(session: Session, result: RunResult, *, at: datetime, by: str) -> None:
    run = ReconciliationRun(
        uid=result.uid, run_at=at, run_by=by, on_date=result.on,
        result="BALANCED" if result.balanced else "DIFFERENT", difference_count=len(result.differences),
        figures=figures_to_json(result.figures),
    )  # fmt: skip
    session.add(run)
    session.flush()
    if result.differences:
        session.execute(insert(ReconciliationDifference), [_row(run.id, each) for each in result.differences])
    details = {"on": result.on.isoformat(), "result": run.result, "differences": run.difference_count}
    record_act(
        session, actor=by, action="reconciliation.run", thing="reconciliation_run", thing_uid=run.uid, details=details,
        at=at,
    )  # fmt: skip


def _row(run_id: int, difference: Difference) -> dict[str, object]:
    return {
        "run_id": run_id,
        "code": difference.code,
        "side": difference.kind.side,
        "partner": difference.partner,
        "account_no": difference.account_no,
        "on_date": difference.on,
        "amount_sen": difference.amount.sen,
        "reference": difference.reference[:200],
        "text_id": difference.text("id"),
        "text_en": difference.text("en"),
        "link_kind": difference.link_kind,
        "link_uid": difference.link_uid,
        "explained": difference.kind.explained,
    }
