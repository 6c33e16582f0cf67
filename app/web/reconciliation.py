"""The reconciliation pages: runs, one run with its equations and differences, and files that were refused.

For: `/<region>/kas/rekonsiliasi…`, read by the same staff as the treasury's pages.
Not for: running a reconciliation (app.worker, `lunas reconcile run`) or deciding what differs (reconciliation).
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from app.languages import current_language
from app.permissions import requires
from app.web.staff_pages import PAGE, place_in_table, same_page, use_staff_pages
from foundation.db import unit_of_work
from reconciliation import find_last_run, get_run, last_runs_by_partner, list_bank_files, list_differences, list_runs

__all__ = ["blueprint"]

blueprint = Blueprint("reconciliation", __name__, url_prefix="/<region:region>/kas/rekonsiliasi")
use_staff_pages(blueprint)
_RUNS = 50
_FILES = 20


@blueprint.get("/")
@requires("treasury.view")
def runs() -> ResponseReturnValue:
    """The last run in short, what each partner still holds, refused files, and the runs before."""
    with unit_of_work(g.region.code) as session:
        rows = list_runs(session, before_id=place_in_table(), limit=_RUNS)
        last = find_last_run(session)
        partners = last_runs_by_partner(session)
        refused = list_bank_files(session, state="REFUSED", limit=_FILES)
    return render_template(
        "reconciliation_runs.html",
        here_page="runs",
        last=last,
        partners=partners,
        refused=refused,
        rows=rows,
        next_page=same_page(setelah=rows[-1].id) if len(rows) == _RUNS else None,
        first_page=same_page() if "setelah" in request.args else None,
    )


@blueprint.get("/<uuid:run>")
@requires("treasury.view")
def run(run: UUID) -> ResponseReturnValue:
    """One run: bank = books + listed differences per account, each partner's days, and the differences themselves."""
    partner = request.args.get("mitra") or None
    with unit_of_work(g.region.code) as session:
        found = get_run(session, run)
        differences = list_differences(session, run, partner=partner, after_id=place_in_table() or 0, limit=PAGE)
    return render_template(
        "reconciliation_run.html",
        here_page="runs",
        run=found,
        partner=partner,
        names={each.partner: each.name for each in found.figures.partners},
        differences=[(each, each.text_en if current_language() == "en" else each.text_id) for each in differences],
        next_page=same_page("mitra", setelah=differences[-1].id) if len(differences) == PAGE else None,
        first_page=same_page("mitra") if "setelah" in request.args else None,
    )
