"""Signs that PostgreSQL keeps in no text are refused with 400 at every address, before anything is asked or counted."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from foundation.db import unit_of_work
from foundation.regions import Region
from tests.app.web_client import form_token, make_app, make_client, make_staff, sign_in, token_header

SPECIMENS = {"region": "3316", "uuid": "01a1ff74-77d7-7807-860f-6358d1ed7a6b", "string": "3316", "path": "lunas.css"}


@pytest.fixture
def client(region: Region) -> FlaskClient:
    """Somebody without cookies or token."""
    return make_client()


def address_of(rule: Rule, **changed: str) -> str:
    """An address of a route, with a specimen for each part."""
    parts = {name: SPECIMENS[kind_of(rule, name)] for name in rule.arguments}
    with make_app().test_request_context():
        built = rule.build(parts | changed, append_unknown=False)
    assert built is not None, rule.rule
    return built[1]


def kind_of(rule: Rule, name: str) -> str:
    kind = type(rule._converters[name]).__name__
    return {"_RegionConverter": "region", "UUIDConverter": "uuid", "PathConverter": "path"}.get(kind, "string")


def test_every_route_refuses_a_nul_in_its_query(client: FlaskClient) -> None:
    rules = list(client.application.url_map.iter_rules())
    answers = {}
    for rule in rules:
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        answers[rule.rule] = client.open(f"{address_of(rule)}?mitra=%00", method=method).status_code
    assert len(rules) > 10
    assert {address: status for address, status in answers.items() if status != 400} == {}


def test_every_route_refuses_a_nul_in_its_path(client: FlaskClient) -> None:
    asked = 0
    for rule in client.application.url_map.iter_rules():
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        for name in rule.arguments:
            if kind_of(rule, name) in ("string", "path"):
                asked += 1
                assert client.open(address_of(rule, **{name: "a\0b"}), method=method).status_code == 400, rule.rule
    assert asked >= 5


def test_every_form_refuses_a_nul(client: FlaskClient) -> None:
    token = form_token(client.get("/3316/masuk"))
    answers = {}
    for rule in client.application.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/<region:region>/snap/"):
            sent = client.post(address_of(rule), data={"username": "a\0b", "csrf_token": token})
            answers[rule.rule] = (sent.status_code, "U+0000" in sent.text)
    assert len(answers) >= 4
    assert set(answers.values()) == {(400, True)}


def test_signing_in_with_a_nul_is_told_on_a_page_and_counts_nothing(client: FlaskClient, region: Region) -> None:
    token = form_token(client.get("/3316/masuk"))
    page = client.post("/3316/masuk", data={"username": "ani\0", "password": "x", "csrf_token": token})
    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "Isian username memuat karakter U+0000 yang tidak dapat diterima." in page.text
    with unit_of_work("3316") as session:
        assert session.execute(text("SELECT count(*) FROM limit_counter")).scalar_one() == 0


def test_the_treasurys_pages_refuse_a_nul_in_each_filter(region: Region) -> None:
    browser = make_client()
    sign_in(browser, region, make_staff(region, "bendahara"))
    for address, field in (
        ("/3316/kas/?kanal=%00", "kanal"),
        ("/3316/kas/?mitra=%00", "mitra"),
        ("/3316/kas/rekonsiliasi/01a1ff74-77d7-7807-860f-6358d1ed7a6b?mitra=%00", "mitra"),
    ):
        page = browser.get(address)
        assert page.status_code == 400, address
        assert f"Isian {field} memuat karakter U+0000" in page.text


def test_a_program_is_told_in_json(client: FlaskClient, region: Region) -> None:
    answer = client.get("/3316/api/v1/ledger/entries?account=%00", headers=token_header(region))
    assert answer.status_code == 400
    told = dict(answer.json["error"])
    assert len(told.pop("id")) == 36
    assert told == {
        "code": "character_refused",
        "field": "account",
        "message": {
            "id": "Isian account memuat karakter U+0000 yang tidak dapat diterima.",
            "en": "The value of account holds the character U+0000, which cannot be accepted.",
        },
    }
