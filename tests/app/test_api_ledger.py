"""The ledger pulled by program: pages, filters, CSV, balances, refusals, and its own description."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import select

from app.api.ledger_schemas import BalancesAnswer, EntriesAnswer
from foundation.audit import AuditEvent
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import EXPORT_FORMATS
from ledger.pulling.rows import CSV_COLUMNS
from tests.app.web_client import make_client, token_header
from tests.ledger.entries import draft, issued, post, wait_until_settled
from tests.sample_chart import load_sample_chart

ENTRIES = "/3316/api/v1/ledger/entries"
BALANCES = "/3316/api/v1/ledger/balances"


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


def test_entries_come_in_the_order_they_were_recorded(client: FlaskClient) -> None:
    answer = client.get(ENTRIES)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert [entry["key"] for entry in answer.json["entries"]] == ["issue:1", "issue:2", "payment:1"]
    assert answer.json["next_cursor"] is None
    first = answer.json["entries"][0]
    assert first["accounted_on"] == "2026-03-01"
    assert first["occurred_at"] == "2026-03-09T04:05:06Z"
    assert [(line["book"], line["side"], line["amount"]) for line in first["lines"]] == [
        ("F", "debit", "150000.00"),
        ("F", "credit", "150000.00"),
    ]


def test_pages_hold_every_entry_once_and_go_on_later(client: FlaskClient, region: Region) -> None:
    first = client.get(ENTRIES, query_string={"limit": 2}).json
    assert [entry["key"] for entry in first["entries"]] == ["issue:1", "issue:2"]
    second = client.get(ENTRIES, query_string={"limit": 2, "cursor": first["next_cursor"]}).json
    assert [entry["key"] for entry in second["entries"]] == ["payment:1"]
    assert second["next_cursor"] is None
    post(region.code, draft("payment:2"))
    wait_until_settled(region.code)
    later = client.get(ENTRIES, query_string={"cursor": second["position"]}).json
    assert [entry["key"] for entry in later["entries"]] == ["payment:2"]


@pytest.mark.parametrize(
    "wanted, keys",
    [
        ({"accounted_from": "2026-03-02"}, ["issue:2", "payment:1"]),
        ({"accounted_to": "2026-03-01"}, ["issue:1"]),
        ({"accounted_from": "2026-03-02", "accounted_to": "2026-03-02"}, ["issue:2"]),
        ({"entity": "PPKD"}, ["payment:1"]),
        ({"entity": "LH"}, []),
        ({"book": "A"}, []),
        ({"kind": "assessment_issued"}, ["issue:1", "issue:2"]),
        ({"partner": "BPD"}, ["payment:1"]),
        ({"account": "7"}, ["issue:1", "issue:2"]),
    ],
)
def test_entries_are_narrowed(client: FlaskClient, wanted: dict[str, str], keys: list[str]) -> None:
    answer = client.get(ENTRIES, query_string=wanted)
    assert [entry["key"] for entry in answer.json["entries"]] == keys


@pytest.mark.parametrize(
    "query, fields",
    [
        ({"limit": "0"}, ["limit"]),
        ({"limit": "1001"}, ["limit"]),
        ({"limit": "1e3"}, ["limit"]),
        ({"limit": ""}, ["limit"]),
        ({"limit": "1_0"}, ["limit"]),
        ({"limit": "٣"}, ["limit"]),
        ({"accounted_from": "21-11-2026"}, ["accounted_from"]),
        ({"accounted_from": "2026-02-30", "book": "X"}, ["accounted_from", "book"]),
        ({"accounted_from": "2026-03-02", "accounted_to": "2026-03-01"}, ["accounted_to"]),
        ({"account": "9"}, ["account"]),
        ({"account": "4.1; DROP TABLE posting"}, ["account"]),
        ({"entity": "\x01"}, ["entity"]),
        ({"entity": ""}, ["entity"]),
        ({"cursor": "yesterday"}, ["cursor"]),
        ({"acount": "4"}, ["acount"]),
        ({"format": "pdf"}, ["format"]),
        ({"known_at": "2026-03-09T04:05:06"}, ["known_at"]),
        ({"known_at": "0001-01-01T00:00:00+14:00"}, ["known_at"]),
        ({"snapshot": "now"}, ["snapshot"]),
        ({"format": "csv", "limit": "10"}, ["limit"]),
    ],
)
def test_a_wrong_parameter_is_refused_by_name_in_both_languages(
    client: FlaskClient, query: dict[str, str], fields: list[str]
) -> None:
    answer = client.get(ENTRIES, query_string=query)
    assert answer.status_code == 422
    error = answer.json["error"]
    assert error["code"] == "request_invalid"
    assert sorted(problem["field"] for problem in error["fields"]) == fields
    assert all(problem["message"]["id"] and problem["message"]["en"] for problem in error["fields"])
    assert error["id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("listing", ["entries", "account-ledger", "balances", "trial-balance"])
@pytest.mark.parametrize("form", ["", "&format=csv"])
def test_an_account_that_the_chart_never_had_is_refused_by_name(client: FlaskClient, listing: str, form: str) -> None:
    dates = "&since=2026-01-01&on=2026-12-31" if listing == "trial-balance" else ""
    answer = client.get(f"{ENTRIES.removesuffix('entries')}{listing}?account=4.9{form}{dates}")
    assert answer.status_code == 422
    error = answer.json["error"]
    assert (error["code"], error["message"]) == (
        "account_unknown",
        {"id": "Kode rekening 4.9 tidak ada dalam bagan akun.", "en": "The chart has no account 4.9."},
    )


@pytest.mark.parametrize("query, accept", [("?format=csv", "*/*"), ("", "text/csv")])
def test_csv_holds_every_posting(client: FlaskClient, region: Region, query: str, accept: str) -> None:
    answer = client.get(ENTRIES + query, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert [row["key"] for row in rows] == ["issue:1"] * 2 + ["issue:2"] * 2 + ["payment:1"] * 4
    assert (rows[0]["debit"], rows[0]["credit"]) == ("150000.00", "")
    with unit_of_work(region.code) as session:
        assert session.scalars(select(AuditEvent.actor).where(AuditEvent.action == "ledger.exported")).all() == [
            "token:bpkad"
        ]


def test_json_is_what_a_caller_without_a_wish_gets(client: FlaskClient) -> None:
    assert client.get(ENTRIES, headers={"Accept": "text/html, */*"}).is_json
    assert client.get(ENTRIES + "?format=json", headers={"Accept": "text/csv"}).is_json


def test_balances_stand_per_account_and_entity(client: FlaskClient) -> None:
    answer = client.get(BALANCES, query_string={"on": "2026-03-31", "entity": "BAPENDA"})
    assert answer.json["on"] == "2026-03-31"
    receivable = [row for row in answer.json["balances"] if row["account"].startswith("1.1.")]
    assert [(row["debit"], row["credit"], row["balance"]) for row in receivable] == [
        ("225500.00", "150000.00", "75500.00")
    ]
    earlier = client.get(BALANCES, query_string={"on": "2026-03-01"}).json["balances"]
    assert {row["balance"] for row in earlier} == {"150000.00"}


def test_balances_of_all_entities_sum_to_nothing(client: FlaskClient) -> None:
    rows = client.get(BALANCES).json["balances"]
    debit = sum(int(row["debit"].replace(".", "")) for row in rows)
    credit = sum(int(row["credit"].replace(".", "")) for row in rows)
    assert debit == credit == 52_550_000


def test_answers_have_the_shape_that_the_document_tells(client: FlaskClient) -> None:
    document = client.get("/3316/api/v1/openapi.json").json
    schemas = document["components"]["schemas"]
    for address, schema in ((ENTRIES, EntriesAnswer), (BALANCES, BalancesAnswer)):
        answer = client.get(address).json
        assert schema().validate(answer) == {}
        _assert_same_members(answer, schemas[schema.__name__], schemas)


def _assert_same_members(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if schema["type"] == "object":
        assert set(value) == set(schema["properties"]) == set(schema["required"])
        for name, inner in schema["properties"].items():
            _assert_same_members(value[name], inner, schemas)
    elif schema["type"] == "array":
        assert value
        for item in value:
            _assert_same_members(item, schema["items"], schemas)


def test_the_document_is_valid_and_names_the_regions_own_addresses(client: FlaskClient) -> None:
    answer = client.get("/3316/api/v1/openapi.json", headers={"Authorization": ""})
    assert answer.status_code == 200
    document = answer.json
    validate(document)
    assert document["servers"] == [{"url": "/3316/api/v1"}]
    assert sorted(document["paths"]) == sorted(
        f"/ledger/{what}{tail}" for what in EXPORT_FORMATS for tail in ("", "/manifest")
    )
    entries = document["paths"]["/ledger/entries"]["get"]
    assert sorted(entries["responses"]["200"]["content"]) == [
        "application/json",
        "application/jsonl",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/csv",
        "text/plain",
    ]
    assert [asked["name"] for asked in entries["parameters"] if asked["in"] == "path"] == []
    assert document["security"] == [{"apiToken": []}]
    amount = document["components"]["schemas"]["LedgerLine"]["properties"]["amount"]
    assert (amount["type"], amount["pattern"]) == ("string", r"^[0-9]{1,15}\.[0-9]{2}$")
    balance = document["components"]["schemas"]["Balance"]["properties"]["balance"]
    assert balance["pattern"] == r"^-?[0-9]{1,15}\.[0-9]{2}$"
