"""No token, cookie or address of one region reaches the other."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.regions import Region
from tests.app.web_client import form_token, make_client, make_staff, sign_in, token_header
from tests.ledger.entries import draft, post, wait_until_settled
from tests.sample_chart import load_sample_chart

ENTRIES = "/{}/api/v1/ledger/entries"


def test_a_token_opens_its_own_region_only(region: Region, other_region: Region) -> None:
    load_sample_chart(region.code)
    post(region.code, draft())
    wait_until_settled(region.code)
    client, header = make_client(), token_header(region)
    assert len(client.get(ENTRIES.format(region.code), headers=header).json["entries"]) == 1
    refused = client.get(ENTRIES.format(other_region.code), headers=header)
    assert (refused.status_code, refused.json["error"]["code"]) == (401, "token_needed")
    renamed = {"Authorization": header["Authorization"].replace("_3316_", "_6471_")}
    assert client.get(ENTRIES.format(other_region.code), headers=renamed).status_code == 401
    own = client.get(ENTRIES.format(other_region.code), headers=token_header(other_region))
    assert own.json["entries"] == []


def test_a_token_row_copied_into_the_other_region_still_opens_nothing(region: Region, other_region: Region) -> None:
    header = token_header(region)
    with unit_of_work(region.code) as session:
        row = session.execute(text("SELECT uid, public_id, secret_hash, expires_at FROM api_token")).one()
    with unit_of_work(other_region.code) as session:
        session.execute(
            text(
                "INSERT INTO api_token (uid, public_id, name, secret_hash, permissions, created_by, created_at,"
                " expires_at) VALUES (:uid, :public_id, 'copy', :secret_hash, '{ledger.read}', 'x', now(), :expires_at)"
            ),
            row._asdict(),
        )
    assert make_client().get(ENTRIES.format(other_region.code), headers=header).status_code == 401


def test_cookies_go_to_their_own_regions_addresses(region: Region, other_region: Region) -> None:
    client = make_client()
    sign_in(client, region, make_staff(region))
    cookies = {(name, path) for (_domain, path, name) in client._cookies}
    assert cookies == {("lunas-3316", "/3316/"), ("lunas-staff-3316", "/3316/")}
    sent = client.get(f"/{other_region.code}/masuk").request.headers.get("Cookie")
    assert sent is None


def test_a_session_is_nothing_under_the_other_regions_name(region: Region, other_region: Region) -> None:
    client = make_client()
    sign_in(client, region, make_staff(region))
    make_staff(other_region)
    secret = client.get_cookie("lunas-staff-3316", path="/3316/")
    assert secret is not None
    thief = make_client()
    thief.set_cookie("lunas-staff-6471", secret.value, path="/6471/")
    page = thief.get(f"/{other_region.code}/masuk")
    assert page.status_code == 200
    assert form_token(page)


def test_a_form_token_of_one_region_is_refused_by_the_other(region: Region, other_region: Region) -> None:
    client = make_client()
    token = form_token(client.get(f"/{region.code}/masuk"))
    cookie = client.get_cookie("lunas-3316", path="/3316/")
    assert cookie is not None
    client.set_cookie("lunas-6471", cookie.value, path="/6471/")
    refused = client.post(f"/{other_region.code}/masuk", data={"csrf_token": token, "username": "a", "password": "b"})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "address", ["/9999/", "/9999/masuk", "/9999/api/v1/ledger/entries", "/33/", "/331/", "/33161/"]
)
def test_an_address_of_no_region_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_region_made_later_is_served_at_once(region: Region, client: FlaskClient) -> None:
    from foundation.regions import create_region

    assert client.get("/9102/api/v1/openapi.json").status_code == 404
    create_region("9102", "Kabupaten Contoh", timezone="Asia/Jayapura")
    assert client.get("/9102/api/v1/openapi.json").status_code == 200


@pytest.fixture
def client(other_region: Region) -> FlaskClient:
    """Somebody without cookies or token."""
    return make_client()
