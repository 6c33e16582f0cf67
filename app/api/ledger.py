"""`GET …/ledger/entries` and `GET …/ledger/balances`: the revenue ledger for BPKAD and auditors.

For: reading the books by program, page by page as JSON or whole as CSV.
Not for: writing (nothing outside posts), or files by command (`lunas ledger export`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify, request
from flask_smorest import Blueprint

from app.api.fields import both
from app.api.ledger_schemas import BalancesAnswer, BalancesQuery, EntriesAnswer, EntriesQuery
from app.errors import RequestInvalid
from app.permissions import requires
from foundation import clock
from foundation.audit import record_act
from foundation.db import unit_of_work
from ledger import (
    AccountBalance,
    EntryFilter,
    account_balances,
    csv_pieces,
    entry_as_dict,
    list_entries,
    stream_entries,
)

__all__ = ["blueprint"]

blueprint = Blueprint(
    "ledger",
    __name__,
    url_prefix="/<region:region>/api/v1/ledger",
    description="Buku besar pendapatan / The revenue ledger",
)
_CSV = {"content": {"text/csv": {"schema": {"type": "string"}}}}


@blueprint.route("/entries", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.doc(responses={200: _CSV})
@blueprint.arguments(EntriesQuery, location="query", unknown=ma.RAISE)
@blueprint.response(200, EntriesAnswer, description="Satu halaman entri; CSV memuat semuanya / One page; CSV holds all")
def read_entries(query: dict[str, Any]) -> Response:
    """Journal entries with their postings, in the order they were recorded.

    JSON comes page by page: ask again with `next_cursor`. CSV (`format=csv` or `Accept: text/csv`) is one row per
    posting, as a stream without a limit.
    """
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    wanted: EntryFilter = query  # type: ignore[assignment]  # the schema has just these keys left, and `format`
    if _wants_csv(query.pop("format", None)):
        _refuse_paging_of_csv()
        return _stream_csv(wanted)
    with unit_of_work(g.region.code) as session:
        page = list_entries(session, cursor=cursor, limit=limit, **wanted)
    return jsonify(
        {
            "entries": [entry_as_dict(entry) for entry in page.entries],
            "next_cursor": page.next_cursor,
            "position": page.position,
        }
    )


@blueprint.route("/balances", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.arguments(BalancesQuery, location="query", unknown=ma.RAISE)
@blueprint.response(200, BalancesAnswer)
def read_balances(query: dict[str, Any]) -> Response:
    """The balance of every account that has postings, per book and entity."""
    on = query.pop("on", None) or clock.today(g.region.timezone)
    with unit_of_work(g.region.code) as session:
        found = account_balances(session, on=on, **query)
    return jsonify({"on": on, "since": query.get("since"), "balances": [_balance_as_dict(row) for row in found]})


def _balance_as_dict(row: AccountBalance) -> dict[str, Any]:
    # dataclasses.asdict would take Money apart too.
    return {field.name: getattr(row, field.name) for field in dataclass_fields(row)}


def _refuse_paging_of_csv() -> None:
    """CSV always holds everything; a limit that is given and not kept would mislead."""
    given = [name for name in ("cursor", "limit") if name in request.args]
    if given:
        told = both("Tidak berlaku untuk CSV, yang selalu memuat semuanya.", "Not for CSV, which always holds all.")
        raise RequestInvalid(names=", ".join(given), problems=[{"field": name, "message": told} for name in given])


def _wants_csv(asked: str | None) -> bool:
    if asked is not None:
        return asked == "csv"
    return request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv"


def _stream_csv(wanted: EntryFilter) -> Response:
    """CSV in pieces; the read stays in one unit of work, so that the file is the ledger as of one moment."""
    region, actor, at = g.region.code, g.actor, clock.now()
    details = {name: str(value) for name, value in wanted.items()}
    with unit_of_work(region) as session:
        record_act(
            session, actor=actor, action="ledger.exported", thing="ledger", thing_uid=None, details=details, at=at
        )

    def pieces() -> Iterator[str]:
        with unit_of_work(region) as session:
            yield from csv_pieces(stream_entries(session, **wanted))

    name = f"ledger-{region}-{clock.business_date(at, g.region.timezone).isoformat()}.csv"
    response = Response(pieces(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
