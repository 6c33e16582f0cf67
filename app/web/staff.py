"""Signing in with two factors, and signing out.

For: `/<region>/masuk`, `/<region>/masuk/kode`, `/<region>/keluar`, the session's cookie, and the first page of those
whose work is not on the treasury's pages.
Not for: what staff may see afterwards (each page states its permission).

The cookie holds a random secret, is sent to its own region's addresses only, and never to scripts.
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response as AnyResponse

from app.permissions import current_staff, requires, staff_cookie_name
from app.region_urls import cookie_path
from foundation import clock
from foundation.config import settings
from foundation.db import unit_of_work
from foundation.errors import LunasError
from foundation.identity import (
    SecondFactorRefused,
    SignInRefused,
    count_second_factor,
    count_sign_in,
    sign_out,
    try_password,
    try_second_factor,
)
from foundation.limits import TooManyAttempts

__all__ = ["blueprint"]

blueprint = Blueprint("staff", __name__)


@blueprint.get("/<region:region>/masuk")
@requires("public")
def sign_in() -> ResponseReturnValue:
    """The form for name and password; whoever is signed in already goes on."""
    staff = current_staff()
    if staff is not None and staff.second_factor:
        return redirect(_next_address())
    return _form("sign_in.html", None)


@blueprint.post("/<region:region>/masuk")
@requires("public")
def check_password() -> ResponseReturnValue:
    """First step: on success the cookie of a session that waits for its second factor."""
    username, password = request.form.get("username", ""), request.form.get("password", "")
    at = clock.now()
    try:
        with unit_of_work(g.region.code) as session:
            count_sign_in(session, username, address=request.remote_addr or "unknown", at=at)
        with unit_of_work(g.region.code) as session:
            secret = try_password(session, username, password, at=at)
    except TooManyAttempts as error:
        return _form("sign_in.html", error)
    if secret is None:
        return _form("sign_in.html", SignInRefused(field="username"))
    answer = redirect(url_for("staff.second_factor", next=_wanted_address()), code=303)
    return _with_cookie(answer, secret)


@blueprint.get("/<region:region>/masuk/kode")
@requires("public")
def second_factor() -> ResponseReturnValue:
    """The form for the six digits of the authenticator app."""
    staff = current_staff()
    if staff is None:
        return redirect(url_for("staff.sign_in", next=_wanted_address()))
    if staff.second_factor:
        return redirect(_next_address())
    return _form("second_factor.html", None)


@blueprint.post("/<region:region>/masuk/kode")
@requires("public")
def check_second_factor() -> ResponseReturnValue:
    """Second step: on success the session is full and its secret new."""
    secret = request.cookies.get(staff_cookie_name(g.region), "")
    if current_staff() is None:
        return redirect(url_for("staff.sign_in", next=_wanted_address()), code=303)
    at = clock.now()
    try:
        with unit_of_work(g.region.code) as session:
            count_second_factor(session, secret, at=at)
        with unit_of_work(g.region.code) as session:
            fresh = try_second_factor(session, secret, request.form.get("code", ""), at=at)
    except TooManyAttempts as error:
        return _form("second_factor.html", error)
    if fresh is None:
        return _form("second_factor.html", SecondFactorRefused(field="code"))
    return _with_cookie(redirect(_next_address(), code=303), fresh)


@blueprint.post("/<region:region>/keluar")
@requires("public")
def leave() -> ResponseReturnValue:
    """End the session, also one that waits for its second factor, and forget the cookie."""
    secret = request.cookies.get(staff_cookie_name(g.region))
    if secret:
        with unit_of_work(g.region.code) as session:
            sign_out(session, secret, at=clock.now())
    answer = redirect(url_for("staff.sign_in"), code=303)
    answer.delete_cookie(
        staff_cookie_name(g.region),
        path=cookie_path(g.region.code),
        secure=not settings().insecure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return answer


@blueprint.get("/<region:region>/petugas")
@requires("signed-in")
def first_page() -> ResponseReturnValue:
    """The treasury's pages for those who may see them; others are told what they may do, and where."""
    staff = current_staff()
    if staff is None or "treasury.view" in staff.permissions:
        return redirect(url_for("treasury.today"))
    return render_template("staff_first_page.html", region=g.region, staff=staff, staff_pages=())


def _form(template: str, error: LunasError | None) -> Response:
    page = render_template(template, region=g.region, error=error, next=_wanted_address() or "")
    response = make_response(page)
    if error is not None:
        response.status_code = error.http_status
    return response


def _with_cookie(answer: AnyResponse, secret: str) -> AnyResponse:
    """A cookie for the browser's session; how long the secret is good for, the database says."""
    answer.set_cookie(
        staff_cookie_name(g.region),
        secret,
        path=cookie_path(g.region.code),
        secure=not settings().insecure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _next_address() -> str:
    """Where the reader wanted to go, else the first page of their work; before the second factor that is not known."""
    staff = current_staff()
    known = staff is not None and "treasury.view" in staff.permissions
    return _wanted_address() or url_for("treasury.today" if known else "staff.first_page")


def _wanted_address() -> str | None:
    """The address that the reader came from, if it is one of this region's pages."""
    wanted = request.values.get("next", "")
    if re.fullmatch(rf"/{g.region.code}/[A-Za-z0-9_./?=&%-]*", wanted) and not re.search(r"//|\.\.", wanted):
        return wanted
    return None
