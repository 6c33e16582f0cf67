"""`GET …/ledger/entries`, `/account-ledger`, `/balances`, `/trial-balance`: the books for BPKAD and auditors.

For: reading the books by program, page by page as JSON or whole as a file, each with its `/manifest`.
Not for: writing (nothing outside posts), or files by command (`lunas ledger export`).
"""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_smorest import Blueprint

from app.api.ledger_files import MEDIA_TYPES, answer_manifest, file_wanted, send_file
from app.api.ledger_schemas import (
    AccountLedgerAnswer,
    AccountLedgerManifestQuery,
    AccountLedgerQuery,
    BalancesAnswer,
    BalancesManifestQuery,
    BalancesQuery,
    EntriesAnswer,
    EntriesManifestQuery,
    EntriesQuery,
    ManifestAnswer,
    TrialBalanceAnswer,
    TrialBalanceManifestQuery,
    TrialBalanceQuery,
)
from app.permissions import requires
from foundation import clock
from foundation.db import unit_of_work
from ledger import (
    EXPORT_FORMATS,
    account_balances,
    entry_as_dict,
    is_known_finally,
    list_account_ledger,
    list_entries,
    take_moment,
    trial_balance,
)

__all__ = ["blueprint"]

blueprint = Blueprint(
    "ledger",
    __name__,
    url_prefix="/<region:region>/api/v1/ledger",
    description="Buku besar pendapatan / The revenue ledger",
)
_PAGE = "Satu halaman; berkas memuat semuanya / One page; a file holds all"


def _files(what: str) -> dict[str, Any]:
    """The files that a listing may come as, for the document."""
    types = {MEDIA_TYPES[form].partition(";")[0]: form for form in EXPORT_FORMATS[what]}
    content = {media: {"schema": {"type": "string", "format": "binary"}} for media in types}
    return {"responses": {200: {"content": content}}}


@blueprint.route("/entries", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.doc(**_files("entries"))
@blueprint.arguments(EntriesQuery, location="query", unknown=ma.RAISE)
@blueprint.response(200, EntriesAnswer, description=_PAGE)
def read_entries(query: dict[str, Any]) -> Response:
    """Journal entries with their postings, in the order they were recorded.

    JSON comes page by page: ask again with `next_cursor`. A file (`format=…` or `Accept: text/csv`) is a stream without
    a limit; as CSV and XLSX it has one row per posting.
    """
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    if form := file_wanted(query.pop("format", None)):
        return send_file("entries", form, query)
    with unit_of_work(g.region.code) as session:
        final = is_known_finally(session, query.get("known_at"))
        page = list_entries(session, cursor=cursor, limit=limit, **query)
    return jsonify(
        {
            "entries": [entry_as_dict(entry) for entry in page.entries],
            "final": final,
            "next_cursor": page.next_cursor,
            "position": page.position,
        }
    )


@blueprint.route("/entries/manifest", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.arguments(EntriesManifestQuery, location="query", unknown=ma.RAISE)
@blueprint.response(200, ManifestAnswer)
def read_entries_manifest(query: dict[str, Any]) -> Response:
    """Counts, totals and SHA-256 of the file that /entries gives for the same parameters and snapshot."""
    return answer_manifest("entries", query.pop("format"), query)


@blueprint.route("/account-ledger", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.doc(**_files("account-ledger"))
@blueprint.arguments(AccountLedgerQuery, location="query", unknown=ma.RAISE)
@blueprint.response(
    200, AccountLedgerAnswer, description="Satu halaman; berkas memuat semuanya / One page; a file holds all"
)
def read_account_ledger(query: dict[str, Any]) -> Response:
    """The account ledger (buku besar): each account of each entity, its postings by date with the running balance.

    A section begins with an opening row, whose `accounted_on` is null. Pages of one `next_cursor` are of one snapshot.
    """
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    if form := file_wanted(query.pop("format", None)):
        return send_file("account-ledger", form, query)
    with unit_of_work(g.region.code) as session:
        final = is_known_finally(session, query.get("known_at"))
        page = list_account_ledger(session, cursor=cursor, limit=limit, **query)
    rows = [_as_dict(row) for row in page.rows]
    return jsonify({"rows": rows, "final": final, "next_cursor": page.next_cursor, "snapshot": page.snapshot})


@blueprint.route("/account-ledger/manifest", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.arguments(AccountLedgerManifestQuery, location="query", unknown=ma.RAISE)
@blueprint.response(200, ManifestAnswer)
def read_account_ledger_manifest(query: dict[str, Any]) -> Response:
    """Counts, totals and SHA-256 of the file that /account-ledger gives for the same parameters and snapshot."""
    return answer_manifest("account-ledger", query.pop("format"), query)


@blueprint.route("/balances", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.doc(**_files("balances"))
@blueprint.arguments(BalancesQuery, location="query", unknown=ma.RAISE)
@blueprint.response(200, BalancesAnswer)
def read_balances(query: dict[str, Any]) -> Response:
    """The balance of every account that has postings, per book and entity."""
    on = query.pop("on", None) or clock.today(g.region.timezone)
    if form := file_wanted(query.pop("format", None)):
        return send_file("balances", form, _dated(query | {"on": on}))
    snapshot = query.pop("snapshot", None)
    with unit_of_work(g.region.code) as session:
        moment = None if snapshot is None else take_moment(session, snapshot)
        final = is_known_finally(session, query.get("known_at"))
        found = account_balances(session, on=on, moment=moment, **query)
    balances = [_as_dict(row) for row in found]
    return jsonify({"on": on, "since": query.get("since"), "final": final, "balances": balances})


@blueprint.route("/balances/manifest", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.arguments(BalancesManifestQuery, location="query", unknown=ma.RAISE)
@blueprint.response(200, ManifestAnswer)
def read_balances_manifest(query: dict[str, Any]) -> Response:
    """Counts, totals and SHA-256 of the file that /balances gives for the same parameters and snapshot."""
    query["on"] = query.get("on") or clock.today(g.region.timezone)
    return answer_manifest("balances", query.pop("format"), _dated(query))


@blueprint.route("/trial-balance", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.doc(**_files("trial-balance"))
@blueprint.arguments(TrialBalanceQuery, location="query", unknown=ma.RAISE)
@blueprint.response(200, TrialBalanceAnswer)
def read_trial_balance(query: dict[str, Any]) -> Response:
    """The trial balance (neraca saldo) of the dates `since` to `on`: opening, movement and closing per account."""
    if form := file_wanted(query.pop("format", None)):
        return send_file("trial-balance", form, _dated(query))
    snapshot = query.pop("snapshot", None)
    with unit_of_work(g.region.code) as session:
        moment = None if snapshot is None else take_moment(session, snapshot)
        found = trial_balance(session, moment=moment, **query)
    books = sorted({line.book for line in found.lines})
    totals = [dict(zip(("book", "debit", "credit"), (book, *found.totals(book)), strict=True)) for book in books]
    lines = [_as_dict(line) for line in found.lines]
    return jsonify({"since": found.since, "on": found.on, "final": found.final, "totals": totals, "lines": lines})


@blueprint.route("/trial-balance/manifest", methods=["GET"])
@requires("ledger.read", by="token")
@blueprint.arguments(TrialBalanceManifestQuery, location="query", unknown=ma.RAISE)
@blueprint.response(200, ManifestAnswer)
def read_trial_balance_manifest(query: dict[str, Any]) -> Response:
    """Counts, totals and SHA-256 of the file that /trial-balance gives for the same parameters and snapshot."""
    return answer_manifest("trial-balance", query.pop("format"), _dated(query))


def _dated(query: dict[str, Any]) -> dict[str, Any]:
    """The names that exports have for the two dates of balances."""
    renamed = {"since": "accounted_from", "on": "accounted_to"}
    return {renamed.get(name, name): value for name, value in query.items()}


def _as_dict(row: Any) -> dict[str, Any]:
    # dataclasses.asdict would take Money apart too.
    return {field.name: getattr(row, field.name) for field in dataclass_fields(row)}
