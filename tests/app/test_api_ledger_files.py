"""The ledger's listings by program: account ledger, trial balance, files of all, and their manifests."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.api.ledger_schemas import AccountLedgerAnswer, ManifestAnswer, TrialBalanceAnswer
from foundation import clock
from foundation.audit import AuditEvent
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import EXPORT_FORMATS, note_known
from tests.app.web_client import make_client, token_header
from tests.ledger.entries import draft, issued, post, wait_until_settled
from tests.ledger.seals import settle
from tests.sample_chart import load_sample_chart

LEDGER = "/3316/api/v1/ledger"
RECEIVABLE = {"account": "1.1.03", "entity": "BAPENDA"}
MARCH = {"since": "2026-03-02", "on": "2026-03-31"}
FILES = [(what, form) for what, forms in EXPORT_FORMATS.items() for form in forms]


@pytest.fixture
def client(region: Region) -> FlaskClient:
    """A program before a ledger of two issues and one payment."""
    load_sample_chart(region.code)
    post(region.code, draft("issue:1", issued(150_000), kind="assessment_issued", accounted_on=date(2026, 3, 1)))
    post(region.code, draft("issue:2", issued(75_500), kind="assessment_issued", accounted_on=date(2026, 3, 2)))
    post(region.code, draft("payment:1"))
    wait_until_settled(region.code)
    client = make_client()
    client.environ_base.update({"HTTP_AUTHORIZATION": token_header(region)["Authorization"]})
    return client


def shown(rows: list[dict[str, Any]]) -> list[tuple[str | None, str | None, str | None, str]]:
    return [(row["key"], row["debit"], row["credit"], row["balance"]) for row in rows]


def test_the_account_ledger_runs_on_over_pages_of_one_snapshot(client: FlaskClient, region: Region) -> None:
    first = client.get(f"{LEDGER}/account-ledger", query_string=RECEIVABLE | {"limit": 2}).json
    assert AccountLedgerAnswer().validate(first) == {}
    post(region.code, draft("meanwhile", issued(1), kind="assessment_issued", accounted_on=date(2026, 3, 1)))
    wait_until_settled(region.code)
    asked = RECEIVABLE | {"limit": 2, "cursor": first["next_cursor"]}
    second = client.get(f"{LEDGER}/account-ledger", query_string=asked).json
    assert shown(first["rows"] + second["rows"]) == [
        (None, None, None, "0.00"),
        ("issue:1", "150000.00", None, "150000.00"),
        ("issue:2", "75500.00", None, "225500.00"),
        ("payment:1", None, "150000.00", "75500.00"),
    ]
    assert (second["next_cursor"], second["snapshot"]) == (None, first["snapshot"])
    begun = client.get(f"{LEDGER}/account-ledger", query_string=RECEIVABLE | {"accounted_from": "2026-03-02"}).json
    assert shown(begun["rows"])[0] == (None, None, None, "150001.00")


def test_the_trial_balance_foots(client: FlaskClient) -> None:
    answer = client.get(f"{LEDGER}/trial-balance", query_string=MARCH).json
    assert TrialBalanceAnswer().validate(answer) == {}
    assert answer["totals"] == [{"book": "F", "debit": "375500.00", "credit": "375500.00"}]
    assert [
        (line["opening"], line["debit"], line["credit"], line["closing_debit"], line["closing_credit"])
        for line in answer["lines"]
        if line["account"].startswith("1.1.03")
    ] == [("150000.00", "75500.00", "150000.00", "75500.00", "0.00")]
    known = client.get(f"{LEDGER}/trial-balance", query_string=MARCH | {"known_at": "2026-03-01T00:00:00+07:00"}).json
    assert (known["lines"], known["final"], answer["final"]) == ([], False, True)


@pytest.mark.parametrize("what", ["entries", "account-ledger", "balances", "trial-balance"])
def test_every_answer_as_known_says_whether_it_is_final(client: FlaskClient, region: Region, what: str) -> None:
    asked = MARCH if what == "trial-balance" else {}
    known = asked | {"known_at": "2026-03-09T11:05:06+07:00"}
    told = client.get(f"{LEDGER}/{what}", query_string=known).json["final"]
    manifest = client.get(f"{LEDGER}/{what}/manifest", query_string=known | {"format": "jsonl"}).json["final"]
    until = None
    while until is None:
        settle(region.code)
        with unit_of_work(region.code) as session:
            until = note_known(session, at=clock.now(), every=timedelta(microseconds=1))
    final = client.get(f"{LEDGER}/{what}", query_string=known).json["final"]
    final_manifest = client.get(f"{LEDGER}/{what}/manifest", query_string=known | {"format": "jsonl"}).json
    assert (told, manifest, final, final_manifest["final"]) == (False, False, True, True)
    assert ManifestAnswer().validate(final_manifest) == {}
    assert client.get(f"{LEDGER}/{what}", query_string=asked).json["final"] is True
    assert "final" not in client.get(f"{LEDGER}/{what}/manifest", query_string=asked | {"format": "jsonl"}).json


@pytest.mark.parametrize("missing", ["since", "on"])
def test_a_trial_balance_wants_both_dates(client: FlaskClient, missing: str) -> None:
    asked = {name: day for name, day in MARCH.items() if name != missing}
    answer = client.get(f"{LEDGER}/trial-balance", query_string=asked)
    assert answer.status_code == 422
    assert answer.json["error"]["fields"] == [
        {"field": missing, "message": {"id": "Wajib diisi.", "en": "It is required."}}
    ]


def test_dates_in_the_wrong_order_are_told_as_at_the_command_line(client: FlaskClient) -> None:
    asked = {"since": "2026-12-31", "on": "2026-01-01"}
    answer = client.get(f"{LEDGER}/trial-balance", query_string=asked)
    assert answer.status_code == 422
    told = {
        "id": "Tanggal akhir 1 Januari 2026 mendahului tanggal awal 31 Desember 2026.",
        "en": "The last date 1 January 2026 is before the first, 31 December 2026.",
    }
    assert answer.json["error"]["fields"] == [{"field": "on", "message": told}]


@pytest.mark.parametrize("what, form", FILES)
def test_a_manifest_is_that_of_the_file_though_entries_arrived(
    client: FlaskClient, region: Region, what: str, form: str
) -> None:
    asked = {"format": form} | (MARCH if what == "trial-balance" else {"entity": "BAPENDA"})
    file = client.get(f"{LEDGER}/{what}", query_string=asked)
    assert (file.status_code, file.headers["Cache-Control"]) == (200, "no-store")
    post(region.code, draft("meanwhile"))
    wait_until_settled(region.code)
    pinned = asked | {"snapshot": file.headers["Lunas-Snapshot"]}
    manifest = client.get(f"{LEDGER}/{what}/manifest", query_string=pinned).json
    assert ManifestAnswer().validate(manifest) == {}
    assert manifest["sha256"] == hashlib.sha256(file.data).hexdigest()
    assert (manifest["size"], manifest["snapshot"]) == (len(file.data), file.headers["Lunas-Snapshot"])
    assert client.get(f"{LEDGER}/{what}", query_string=pinned).data == file.data
    address = file.headers["Link"].removeprefix("<").removesuffix('>; rel="describedby"')
    assert client.get(address).json["sha256"] == manifest["sha256"]
    newest = client.get(f"{LEDGER}/{what}/manifest", query_string=asked).json
    assert newest["sha256"] != manifest["sha256"]


def test_a_file_is_named_for_what_narrows_it(client: FlaskClient) -> None:
    asked = {"format": "xlsx", "accounted_from": "2026-03-01", "accounted_to": "2026-03-31", "entity": "../B\u00e9 N;"}
    asked |= {"known_at": "2026-03-09T12:00:00+07:00"}
    name = "account-ledger-3316-2026-03-01-2026-03-31-.._B_N_-20260309T050000Z.xlsx"
    with client.get(f"{LEDGER}/account-ledger", query_string=asked) as file:
        assert file.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_who_took_a_file_is_recorded(client: FlaskClient, region: Region) -> None:
    file = client.get(f"{LEDGER}/balances", query_string={"format": "jsonl", "on": "2026-03-01"})
    assert [json.loads(line)["balance"] for line in file.text.splitlines()] == ["150000.00", "150000.00"]
    assert file.headers["Content-Disposition"].startswith('attachment; filename="balances-3316-')
    with unit_of_work(region.code) as session:
        (told,) = session.scalars(select(AuditEvent.details).where(AuditEvent.action == "ledger.exported")).all()
    assert told == {
        "what": "balances",
        "format": "jsonl",
        "snapshot": file.headers["Lunas-Snapshot"],
        "accounted_to": "2026-03-01",
    }


@pytest.mark.parametrize("taken", [0, 1])
def test_a_file_that_is_broken_off_leaves_no_unit_of_work_open(client: FlaskClient, region: Region, taken: int) -> None:
    file = client.get(f"{LEDGER}/entries", query_string={"format": "csv"}, buffered=False)
    pieces = iter(file.response)
    for _ in range(taken):
        next(pieces)
    file.close()
    with unit_of_work(region.code) as session:
        open_elsewhere = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND usename = current_user AND state LIKE 'idle in transaction%'"
        )
        assert session.scalar(open_elsewhere) == 0


@pytest.mark.parametrize("snapshot", ["999999999999-0", "1-1"])
def test_a_snapshot_that_nobody_gave_is_refused_before_a_file_begins(client: FlaskClient, snapshot: str) -> None:
    for what in EXPORT_FORMATS:
        asked = {"format": "csv", "snapshot": snapshot} | (MARCH if what == "trial-balance" else {})
        answer = client.get(f"{LEDGER}/{what}", query_string=asked)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "snapshot_unknown"), what


@pytest.mark.parametrize("cursor", ["W10", "bnVsbA", "WzEsMiwzLDQsNV0", "A", "_" * 800])
def test_a_cursor_that_no_page_gave_is_refused(client: FlaskClient, cursor: str) -> None:
    answer = client.get(f"{LEDGER}/account-ledger", query_string={"cursor": cursor})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "cursor_invalid")
