"""The first segment of every URL names the region; it is found once per request and put into `g.region`.

For: the `region` converter of URL rules, `g.region`, and cookies that belong to one region (own name, own path, own
signing salt), so that a browser never sends one region's cookie to another, nor would it be believed there.
Not for: what a region allows (app.permissions).

A rule is written `/<region:region>/masuk`; views do not take the argument, and `url_for` fills it in.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, Request, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import BaseConverter

from foundation.regions import Region, get_region

__all__ = ["RegionSessions", "cookie_path", "path_region", "use_region_urls"]

_FIRST_SEGMENT = re.compile(r"/([0-9]{2}(?:[0-9]{2})?)(?:/|$)")
_EXTENSION = "lunas.regions"


class _RegionConverter(BaseConverter):
    """Two or four digits; whether such a region exists is asked later, so that a wrong one is told in words."""

    regex = r"[0-9]{2}(?:[0-9]{2})?"


class RegionSessions(SecureCookieSessionInterface):
    """Flask's signed session (form tokens, flashed words), one per region; outside a region there is none."""

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 - Flask's signature
        """E.g. "lunas-3316"."""
        return f"lunas-{path_region(request.path) or 'none'}"

    def get_cookie_path(self, app: Flask) -> str:  # noqa: ARG002 - Flask's signature
        """E.g. "/3316/"."""
        return cookie_path(path_region(request.path))

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """A serializer whose salt names the region, so that a copied cookie is not believed elsewhere."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.salt = f"{self.salt}.{path_region(request.path)}".encode()
        return serializer

    def open_session(self, app: Flask, request: Request) -> Any:
        """The region's session; None (Flask's null session) outside a region."""
        if path_region(request.path) is None:
            return None
        if self.get_cookie_name(app) not in request.cookies:
            # Banks and programs send none; the serializer would cost them more than their whole way here.
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Any) -> None:
        """Set the cookie on the region's path only."""
        if path_region(request.path) is not None:
            super().save_session(app, session, response)


def use_region_urls(app: Flask) -> None:
    """Teach an application the converter, `g.region` and region cookies."""
    app.url_map.converters["region"] = _RegionConverter
    app.session_interface = RegionSessions()
    # Regions are never removed and hardly ever renamed, so each is asked for once per process.
    known: dict[str, Region] = {}
    app.extensions[_EXTENSION] = known

    @app.url_value_preprocessor
    def find_region(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.region = None
        if values and "region" in values:
            code = values.pop("region")
            if code not in known:
                known[code] = get_region(code)
            g.region = known[code]
        elif request.routing_exception is not None:
            # An address of no page: whoever mistyped it still finds the way back to the region.
            g.region = known.get(path_region(request.path) or "")

    @app.url_defaults
    def add_region(endpoint: str, values: dict[str, Any]) -> None:
        region = g.get("region")
        if region is not None and "region" not in values and app.url_map.is_endpoint_expecting(endpoint, "region"):
            values["region"] = region.code


def path_region(path: str) -> str | None:
    """The region code that a path begins with, registered or not: "/3316/x" gives "3316"."""
    match = _FIRST_SEGMENT.match(path)
    return match[1] if match else None


def cookie_path(region: str | None) -> str:
    """The path of a region's cookies, "/3316/"; the closing stroke keeps "33" apart from "3316"."""
    return "/" if region is None else f"/{region}/"
