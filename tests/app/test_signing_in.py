"""The pages of signing in: two steps, forms that cannot be forged, limits, and leaving."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation import clock
from foundation.audit import AuditEvent
from foundation.db import unit_of_work
from foundation.identity import NewCredentials, revoke_sessions
from foundation.identity.models import StaffSession
from foundation.regions import Region
from tests.app.web_client import (
    PASSWORD,
    form_token,
    make_app,
    make_client,
    make_staff,
    send_code,
    send_form,
    send_password,
    sign_in,
)


@pytest.fixture
def ani(region: Region) -> NewCredentials:
    """A member of staff of BPKAD."""
    return make_staff(region)


@pytest.fixture
def client(ani: NewCredentials) -> FlaskClient:
    """A browser."""
    return make_client()


def _staff_page(region: Region) -> FlaskClient:
    """A browser before an application with one page for staff who may see the treasury."""
    from flask import Blueprint, g

    from app.permissions import requires

    app = make_app()
    pages = Blueprint("pages", __name__)

    @pages.get("/<region:region>/uji-kas")
    @requires("treasury.view")
    def treasury() -> str:
        return f"{g.actor} {g.region.code}"

    @pages.get("/<region:region>/uji-pegawai")
    @requires("user.manage")
    def users() -> str:
        return "users"

    @pages.post("/<region:region>/uji-kas")
    @requires("treasury.view")
    def change() -> str:
        return "changed"

    app.register_blueprint(pages)
    return app.test_client()


def test_both_steps_lead_to_the_page_that_was_wanted(region: Region, ani: NewCredentials) -> None:
    client = _staff_page(region)
    sent = client.get("/3316/uji-kas?hari=2026-11-21")
    assert (sent.status_code, sent.location) == (302, "/3316/masuk?next=/3316/uji-kas?hari%3D2026-11-21")
    page = client.get(sent.location)
    form = {"csrf_token": form_token(page), "username": "ani.contoh", "password": PASSWORD}
    first = client.post(sent.location, data=form)
    assert first.status_code == 303
    assert first.location.startswith("/3316/masuk/kode?next=")
    assert client.get("/3316/uji-kas").status_code == 302
    import pyotp

    page = client.get(first.location)
    code = pyotp.TOTP(ani.totp_secret).at(clock.now())
    second = client.post(first.location, data={"csrf_token": form_token(page), "code": code})
    assert (second.status_code, second.location) == (303, "/3316/uji-kas?hari=2026-11-21")
    assert client.get(second.location).text == "user:ani.contoh 3316"


def test_a_page_beyond_ones_role_is_refused(region: Region, ani: NewCredentials) -> None:
    client = _staff_page(region)
    sign_in(client, region, ani)
    answer = client.get("/3316/uji-pegawai")
    assert answer.status_code == 403
    assert "user.manage" in answer.text


def test_a_change_needs_the_form_of_this_browser(region: Region, ani: NewCredentials) -> None:
    client = _staff_page(region)
    own = form_token(client.get("/3316/masuk"))
    sign_in(client, region, ani)
    assert client.post("/3316/uji-kas").status_code == 400
    foreign = form_token(make_client().get("/3316/masuk"))
    assert client.post("/3316/uji-kas", data={"csrf_token": foreign}).status_code == 400
    assert client.post("/3316/uji-kas", data={"csrf_token": own}).text == "changed"


def test_a_change_without_a_session_is_refused_and_not_sent_elsewhere(region: Region, ani: NewCredentials) -> None:
    client = _staff_page(region)
    token = form_token(client.get("/3316/masuk"))
    assert client.post("/3316/uji-kas", data={"csrf_token": token}).status_code == 401


@pytest.mark.parametrize("username, password", [("ani.contoh", "wrong password"), ("budi", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_is_told_in_one_sentence(
    client: FlaskClient, region: Region, username: str, password: str
) -> None:
    answer = send_form(client, "/3316/masuk", username=username, password=password)
    assert answer.status_code == 401
    assert "Nama pengguna atau kata sandi salah." in answer.text
    assert password == "" or password not in answer.text
    assert client.get_cookie("lunas-staff-3316", path="/3316/") is None
    with unit_of_work(region.code) as session:
        assert session.scalars(select(StaffSession)).all() == []


def test_the_page_speaks_english_when_asked_and_remembers_it(client: FlaskClient, region: Region) -> None:
    assert 'lang="id"' in client.get("/3316/masuk").text
    assert 'lang="en"' in client.get("/3316/masuk?lang=en").text
    answer = send_password(client, region, "wrong password")
    assert "The user name or the password is wrong." in answer.text
    assert 'lang="id"' in client.get("/3316/masuk?lang=id").text
    assert 'lang="id"' in client.get("/3316/masuk?lang=xx").text


def test_a_form_without_its_token_changes_nothing(client: FlaskClient, region: Region) -> None:
    answer = client.post("/3316/masuk", data={"username": "ani.contoh", "password": PASSWORD})
    assert answer.status_code == 400
    with unit_of_work(region.code) as session:
        assert session.scalars(select(StaffSession)).all() == []


def test_a_wrong_code_may_be_tried_again_and_a_used_one_not(
    client: FlaskClient, region: Region, ani: NewCredentials
) -> None:
    send_password(client, region)
    wrong = send_form(client, "/3316/masuk/kode", code="000000")
    assert wrong.status_code == 401
    assert "Kode tidak berlaku." in wrong.text
    assert send_code(client, region, ani).status_code == 303
    other = make_client()
    send_password(other, region)
    assert send_code(other, region, ani).status_code == 401


def test_the_second_step_without_the_first_begins_anew(client: FlaskClient) -> None:
    assert client.get("/3316/masuk/kode").location == "/3316/masuk"


def test_the_secret_changes_with_the_second_step_and_is_hidden_from_scripts(
    client: FlaskClient, region: Region, ani: NewCredentials
) -> None:
    first = send_password(client, region)
    assert "HttpOnly" in first.headers["Set-Cookie"]
    assert "Path=/3316/" in first.headers["Set-Cookie"]
    before = client.get_cookie("lunas-staff-3316", path="/3316/")
    send_code(client, region, ani)
    after = client.get_cookie("lunas-staff-3316", path="/3316/")
    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_whoever_leaves_is_out(region: Region, ani: NewCredentials) -> None:
    client = _staff_page(region)
    token = form_token(client.get("/3316/masuk"))
    sign_in(client, region, ani)
    kept = client.get_cookie("lunas-staff-3316", path="/3316/")
    assert kept is not None
    assert client.get("/3316/uji-kas").status_code == 200
    assert client.post("/3316/keluar", data={"csrf_token": token}).location == "/3316/masuk"
    assert client.get_cookie("lunas-staff-3316", path="/3316/") is None
    client.set_cookie("lunas-staff-3316", kept.value, path="/3316/")
    assert client.get("/3316/uji-kas").status_code == 302


def test_a_session_that_is_revoked_or_idle_is_over(
    region: Region, ani: NewCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = _staff_page(region)
    sign_in(client, region, ani)
    assert client.get("/3316/uji-kas").status_code == 200
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", str(31 * 60))
    assert client.get("/3316/uji-kas").status_code == 302
    sign_in(client, region, ani)
    assert client.get("/3316/uji-kas").status_code == 200
    with unit_of_work(region.code) as session:
        revoke_sessions(session, "ani.contoh", by="cli:test", at=clock.now())
    assert client.get("/3316/uji-kas").status_code == 302


def test_a_role_that_ended_yesterday_opens_nothing_today(region: Region, ani: NewCredentials) -> None:
    from foundation.identity import end_assignment

    client = _staff_page(region)
    sign_in(client, region, ani)
    yesterday = clock.today(region.timezone) - timedelta(days=1)
    with unit_of_work(region.code) as session:
        end_assignment(session, "ani.contoh", "bpkad", last_day=yesterday, by="cli:test", at=clock.now())
    assert client.get("/3316/uji-kas").status_code == 403


def test_guessing_is_stopped_even_with_the_right_password(client: FlaskClient, region: Region) -> None:
    for _ in range(10):
        assert send_password(client, region, "wrong password").status_code == 401
    stopped = send_password(client, region)
    assert stopped.status_code == 429
    assert "Terlalu banyak percobaan." in stopped.text
    with unit_of_work(region.code) as session:
        refused = session.scalars(select(AuditEvent).where(AuditEvent.action == "sign_in.refused")).all()
        assert len(refused) == 10


@pytest.mark.parametrize(
    "wanted", ["https://example.com/", "//example.com", "/6471/", "/3316/../6471/", "javascript:alert(1)", "/3316/\\x"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(
    client: FlaskClient, region: Region, ani: NewCredentials, wanted: str
) -> None:
    send_password(client, region)
    import pyotp

    page = client.get("/3316/masuk/kode", query_string={"next": wanted})
    code = pyotp.TOTP(ani.totp_secret).at(clock.now())
    done = client.post(
        "/3316/masuk/kode", query_string={"next": wanted}, data={"csrf_token": form_token(page), "code": code}
    )
    assert done.status_code == 303
    assert done.location.startswith("/3316/")
    assert "example" not in done.location
