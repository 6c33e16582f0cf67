"""Making the web application: what is registered, in which order.

For: `create_app()`, used by `lunas serve`, the demo and the tests.
Not for: views. A new group of routes is a blueprint; add it to `_register_routes`, and state on each view what it
requires (app.permissions).

The order of what happens to a request: id and clock started, region found, text, permission and form checked, view,
then language cookie, security headers, log line and figures.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.json_provider import OrjsonProvider
from app.languages import use_languages
from app.logs import configure_logging, use_request_log
from app.metrics import use_metrics
from app.permissions import check_routes, requires, use_permissions
from app.refusals import use_refusals
from app.region_urls import use_region_urls
from app.request_text import use_storable_text
from app.security_headers import use_security_headers
from app.web.assets import use_asset_versions
from foundation.config import settings

__all__ = ["create_app"]

# The largest thing a browser or a bank sends is a form or a SNAP message of a few kilobytes.
_LARGEST_BODY = 1024 * 1024


def create_app() -> Flask:
    """A ready application. Raises SettingsIncomplete; touches no database until the first request."""
    known = settings()
    configure_logging()
    app = Flask("app", template_folder="web/templates", static_folder="web/static", static_url_path="/static")
    app.config.update(
        SECRET_KEY=known.secret_key,
        MAX_CONTENT_LENGTH=_LARGEST_BODY,
        SESSION_COOKIE_SECURE=not known.insecure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.json = OrjsonProvider(app)
    if known.trusted_proxies:
        proxies = known.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]  # as Flask documents
    use_region_urls(app)
    # Registered first, these run last on the way out: what they write is the finished answer.
    use_request_log(app)
    use_metrics(app)
    use_security_headers(app)
    use_languages(app)
    use_asset_versions(app)
    use_storable_text(app)
    use_permissions(app)
    use_refusals(app)
    _register_routes(app)
    check_routes(app)
    return app


def _register_routes(app: Flask) -> None:
    from app.api import register_api
    from app.bank_doors import snap_doors
    from app.web import bills, operations, public, reconciliation, staff, treasury

    requires("public")(app.view_functions["static"])
    pages = (operations, public, bills, staff, treasury, reconciliation)
    for blueprint in (*(each.blueprint for each in pages), snap_doors):
        app.register_blueprint(blueprint)
    register_api(app)
