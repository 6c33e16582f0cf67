"""A browser and a program for tests of the web application.

For: `make_client`, `changed_settings`, `token_header`, `form_token`, `sign_in`, and staff with both factors.
Not for: journeys over a real server (tests/journeys).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.factory import create_app
from foundation import clock
from foundation.config import reload_settings
from foundation.connections import dispose_engines
from foundation.db import unit_of_work
from foundation.identity import NewCredentials, assign_role, create_token, create_user
from foundation.regions import Region

PASSWORD = "a password for tests alone"


@contextmanager
def changed_settings(**environ: str) -> Iterator[None]:
    """Other settings for a while; afterwards all is as it was, whatever happened."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            dispose_engines()
            reload_settings()
            yield
    finally:
        dispose_engines()
        reload_settings()


def make_app() -> Flask:
    """An application on the test's database."""
    return create_app()


def make_client() -> FlaskClient:
    """A browser that keeps cookies."""
    return make_app().test_client()


def token_header(region: Region, *permissions: str, name: str = "bpkad") -> dict[str, str]:
    """The header of a program with a fresh token."""
    with unit_of_work(region.code) as session:
        token = create_token(
            session,
            name,
            region=region.code,
            permissions=permissions or ("ledger.read",),
            days=30,
            by="cli:test",
            at=clock.now(),
        )
    return {"Authorization": f"Bearer {token}"}


def make_staff(region: Region, role: str = "bpkad", username: str = "ani.contoh") -> NewCredentials:
    """A member of staff who holds a role since yesterday."""
    at = clock.now()
    with unit_of_work(region.code) as session:
        made = create_user(
            session, username, name="Ani Contoh", issuer="Lunas", by="cli:test", at=at, password=PASSWORD
        )
        assign_role(
            session,
            username,
            role,
            decree_number="900/1/2026",
            valid_from=clock.today(region.timezone) - timedelta(days=1),
            by="cli:test",
            at=at,
        )
    return made


def form_token(page: TestResponse) -> str:
    """The token of the form on a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"', page.text)
    assert found is not None, "the page has no form token"
    return found[1] or found[2]


def send_form(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Open a form's page and send it, with its token."""
    token = form_token(client.get(address))
    return client.post(address, data={**fields, "csrf_token": token})


def send_password(client: FlaskClient, region: Region, password: str = PASSWORD) -> TestResponse:
    """The first step of signing in."""
    return send_form(client, f"/{region.code}/masuk", username="ani.contoh", password=password)


def send_code(client: FlaskClient, region: Region, made: NewCredentials) -> TestResponse:
    """The second step, with the code of this moment."""
    code = pyotp.TOTP(made.totp_secret).at(clock.now())
    return send_form(client, f"/{region.code}/masuk/kode", code=code)


def sign_in(client: FlaskClient, region: Region, made: NewCredentials) -> None:
    """Both steps."""
    assert send_password(client, region).status_code == 303
    assert send_code(client, region, made).status_code == 303
