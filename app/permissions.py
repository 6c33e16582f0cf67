"""Every route states who may use it; a request to a route that does not is refused.

For: `@requires("…")` on views, and the one check before every request.
Not for: what roles carry which permission (foundation.identity.roles), or the signatures of banks, which the bank doors
check over raw bytes.

    @requires("public")                       anyone
    @requires("bank-signature")               a partner; the door itself checks the signature
    @requires("operator")                     a caller on this machine or in its private network
    @requires("signed-in")                    staff with a second factor, whatever their role
    @requires("treasury.view")                staff with a second factor and this permission today
    @requires("ledger.read", by="token")      a program with an API token of this region

Forms of public and staff pages carry a token against forged requests; banks and programs send no cookies and need none.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect

from app.errors import FormExpired, PermissionMissing, SignInNeeded, TokenNeeded
from foundation import clock
from foundation.db import unit_of_work
from foundation.identity import PERMISSIONS, StaffIdentity, authenticate_token, find_session
from foundation.regions import Region

__all__ = [
    "Requirement",
    "RouteWithoutPermission",
    "check_routes",
    "current_staff",
    "requirement_of",
    "requires",
    "staff_cookie_name",
    "use_permissions",
]

View = TypeVar("View", bound=Callable[..., Any])
_OPEN = ("public", "bank-signature", "operator", "signed-in")
# This machine and private networks (RFC 1918, RFC 4193).
_NEAR = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
_ATTRIBUTE = "lunas_requirement"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a route asks of its caller: a permission or one of the words above, shown by a session or a token."""

    permission: str
    by: Literal["session", "token"]

    @property
    def takes_forms_of_browsers(self) -> bool:
        """True where a browser would send its cookies along, so that a forged form would work without a token."""
        return self.by == "session" and self.permission not in ("bank-signature", "operator")


class RouteWithoutPermission(Exception):
    """A route was registered without `@requires`: a fault of ours, answered 500 and found by a test."""


def requires(permission: str, *, by: Literal["session", "token"] = "session") -> Callable[[View], View]:
    """State what a view requires. Raises ValueError for a permission that does not exist."""
    if permission not in _OPEN and permission not in PERMISSIONS:
        raise ValueError(f"there is no permission {permission!r}")
    requirement = Requirement(permission, by)

    def state(view: View) -> View:
        setattr(view, _ATTRIBUTE, requirement)
        return view

    return state


def requirement_of(app: Flask, endpoint: str) -> Requirement | None:
    """What an endpoint requires, or None when it states nothing."""
    return getattr(app.view_functions.get(endpoint), _ATTRIBUTE, None)


def use_permissions(app: Flask) -> None:
    """Check every request of an application before its view is called."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # The token lives as long as the browser's session; a bill's page left open over lunch must still work.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    forms = CSRFProtect(app)

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        requirement = requirement_of(app, request.endpoint)
        if requirement is None:
            raise RouteWithoutPermission(request.endpoint)
        if requirement.takes_forms_of_browsers:
            _check_form(forms)
        if requirement.permission in ("public", "bank-signature"):
            return None
        if requirement.permission == "operator":
            _check_operator()
            return None
        if requirement.by == "token":
            _check_token(requirement.permission)
            return None
        return _check_staff(requirement.permission)


def check_routes(app: Flask) -> None:
    """Raises RouteWithoutPermission when any route of a finished application states nothing."""
    for rule in app.url_map.iter_rules():
        if requirement_of(app, rule.endpoint) is None:
            raise RouteWithoutPermission(rule.rule)


def current_staff() -> StaffIdentity | None:
    """Who is signed in here, asked once per request; None for everyone else and outside a region."""
    if "staff" not in g:
        g.staff = _find_staff()
    found: StaffIdentity | None = g.staff
    return found


def staff_cookie_name(region: Region) -> str:
    """E.g. "lunas-staff-3316": each region's session has a name of its own."""
    return f"lunas-staff-{region.code}"


def _find_staff() -> StaffIdentity | None:
    region: Region | None = g.get("region")
    secret = request.cookies.get(staff_cookie_name(region)) if region else None
    if region is None or not secret:
        return None
    at = clock.now()
    with unit_of_work(region.code) as session:
        return find_session(session, secret, at=at, on=clock.business_date(at, region.timezone))


def _check_form(forms: CSRFProtect) -> None:
    if request.method in ("POST", "PUT", "PATCH", "DELETE"):
        try:
            forms.protect()
        except CSRFError as error:
            raise FormExpired from error


def _check_operator() -> None:
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        raise PermissionMissing(permission="operator") from None
    if not any(address in network for network in _NEAR):
        raise PermissionMissing(permission="operator")


def _check_token(permission: str) -> None:
    region: Region = g.region
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenNeeded
    with unit_of_work(region.code) as session:
        token = authenticate_token(session, text.strip(), region=region.code, at=clock.now())
    if token is None:
        raise TokenNeeded
    if permission not in token.permissions:
        raise PermissionMissing(permission=permission)
    g.actor = token.actor


def _check_staff(permission: str) -> ResponseReturnValue | None:
    staff = current_staff()
    if staff is None or not staff.second_factor:
        if request.method in ("GET", "HEAD"):
            endpoint = "staff.sign_in" if staff is None else "staff.second_factor"
            return redirect(url_for(endpoint, next=request.full_path.rstrip("?")))
        raise SignInNeeded
    if permission != "signed-in" and permission not in staff.permissions:
        raise PermissionMissing(permission=permission)
    g.actor = staff.actor
    return None
