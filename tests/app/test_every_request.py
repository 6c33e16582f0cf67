"""What holds for every request: permissions, headers, refusals, logs and figures."""

from __future__ import annotations

import io
import json

import pytest
from flask import Blueprint
from flask.testing import FlaskClient

from app.logs import mask_personal_data
from app.permissions import RouteWithoutPermission, check_routes, requirement_of, requires
from foundation.regions import Region
from tests.app.web_client import changed_settings, make_app, make_client, token_header


@pytest.fixture
def client(region: Region) -> FlaskClient:
    """Somebody without cookies or token."""
    return make_client()


def test_every_route_states_what_it_requires(region: Region) -> None:
    app = make_app()
    stated = {rule.rule: requirement_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert [rule for rule, requirement in stated.items() if requirement is None] == []
    by_token = {rule for rule, requirement in stated.items() if requirement and requirement.by == "token"}
    assert by_token == {
        f"/<region:region>/api/v1/ledger/{what}{tail}"
        for what in ("entries", "account-ledger", "balances", "trial-balance")
        for tail in ("", "/manifest")
    }


def test_a_route_that_states_nothing_is_refused(region: Region) -> None:
    app = make_app()
    called: list[str] = []
    careless = Blueprint("careless", __name__)
    careless.get("/<region:region>/api/careless")(lambda: called.append("x") or "done")
    app.register_blueprint(careless)
    with pytest.raises(RouteWithoutPermission):
        check_routes(app)
    answer = app.test_client().get("/3316/api/careless")
    assert (answer.status_code, called) == (500, [])


def test_a_permission_must_exist() -> None:
    with pytest.raises(ValueError):
        requires("ledger.write")


@pytest.mark.parametrize(
    "header", ["", "Basic abc", "Bearer", "Bearer x", "Bearer lunas_3316_000000000000_" + "A" * 43]
)
def test_the_api_wants_a_token(client: FlaskClient, header: str) -> None:
    answer = client.get("/3316/api/v1/ledger/entries", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="lunas"'
    assert answer.json["error"]["code"] == "token_needed"


def test_the_api_wants_the_right_permission(client: FlaskClient, region: Region) -> None:
    header = token_header(region, "treasury.view")
    answer = client.get("/3316/api/v1/ledger/entries", headers=header)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "permission_missing")


@pytest.mark.parametrize("address", ["/", "/3316/", "/3316/masuk", "/nope", "/3316/api/v1/openapi.json", "/health"])
def test_every_answer_tells_the_browser_what_to_refuse(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers
    assert len(headers["X-Request-Id"]) == 36


def test_over_tls_cookies_and_pages_stay_with_tls(region: Region) -> None:
    with changed_settings(LUNAS_INSECURE_COOKIES="0"):
        answer = make_client().get("/3316/masuk", base_url="https://lunas.example.go.id")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("lunas-3316=")
    assert all(part in cookie for part in ("; Secure", "; HttpOnly", "; Path=/3316/", "; SameSite=Lax"))


def test_refusals_speak_json_to_programs_and_pages_to_people(client: FlaskClient) -> None:
    program = client.get("/3316/api/v1/nothing")
    assert (program.status_code, program.json["error"]["code"]) == (404, "page_not_found")
    assert set(program.json["error"]["message"]) == {"id", "en"}
    page = client.get("/3316/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert page.headers["X-Request-Id"] in page.text
    assert client.get("/9999/masuk").status_code == 404


def test_another_method_is_refused_with_those_that_are_served(client: FlaskClient) -> None:
    answer = client.get("/3316/keluar")
    assert (answer.status_code, "POST" in answer.headers["Allow"]) == (405, True)


def test_a_body_larger_than_any_we_take_is_refused(client: FlaskClient) -> None:
    big = io.BytesIO(b"username=" + b"a" * 1_100_000)
    answer = client.post("/3316/masuk", input_stream=big, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (400, 413)


def test_a_fault_is_told_without_detail(region: Region, capsys: pytest.CaptureFixture[str]) -> None:
    app = make_app()
    faulty = Blueprint("faulty", __name__)

    @faulty.get("/<region:region>/api/faulty")
    @requires("public")
    def fail() -> str:
        raise RuntimeError("secret detail")

    app.register_blueprint(faulty)
    answer = app.test_client().get("/3316/api/faulty")
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "lunas_error")
    assert "secret detail" not in answer.text
    logged = capsys.readouterr().err
    assert "secret detail" in logged
    assert answer.headers["X-Request-Id"] in logged


def test_health_asks_the_database(client: FlaskClient) -> None:
    assert client.get("/health").json == {"status": "ok", "regions": 2}


def test_health_says_when_the_database_is_gone(region: Region) -> None:
    with changed_settings(DATABASE_URL="postgresql://lunas_app:x@127.0.0.1:1/lunas"):
        answer = make_client().get("/health")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "database_busy")


def test_figures_are_for_this_machine_and_its_network(client: FlaskClient) -> None:
    client.get("/3316/api/v1/openapi.json")
    figures = client.get("/metrics")
    assert 'lunas_http_requests_total{method="GET",route="/<region:region>/api/v1/openapi.json",status="200"}' in (
        figures.text
    )
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 403


def test_one_line_per_request_names_the_route_and_never_the_address(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.get("/3316/api/v1/openapi.json?q=3316120010010001")
    line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert (line["event"], line["status"], line["region"]) == ("request", 200, "3316")
    assert line["route"] == "/<region:region>/api/v1/openapi.json"
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert "3316120010010001" not in json.dumps(line)


def test_logs_hide_personal_data_at_any_depth() -> None:
    event = {
        "nik": "3316010101800001",
        "payer_name": "WARGA CONTOH",
        "body": {"phone": "081234567890", "note": "hubungi 0812-3456-7890 atau warga@contoh.id", "amount": "150000.00"},
        "list": ["NOP 33.16.120.010.010-0010.0"],
        "request_id": "01a1ff57-f742-7884-8bd2-6bc1271bff8d",
    }
    assert mask_personal_data(None, "info", event) == {
        "nik": "***",
        "payer_name": "***",
        "body": {"phone": "***", "note": "hubungi ***7890 atau ***@***", "amount": "150000.00"},
        "list": ["NOP ***10.0"],
        "request_id": "01a1ff57-f742-7884-8bd2-6bc1271bff8d",
    }
