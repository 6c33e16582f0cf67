"""The sandbox bank as a web application.

For: `create_app`, which puts the rooms together, and what every answer of it must show and refuse.
Not for: the web application of Lunas (app.web); nothing is shared but the design.
"""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from app.sandbox_bank.acquirer_door import acquirer_door
from app.sandbox_bank.api import sandbox_api
from app.sandbox_bank.errors import SandboxFormInvalid, SandboxPageMissing, SandboxRequestFailed
from app.sandbox_bank.office_pages import office_pages
from app.sandbox_bank.pages import payer_pages
from app.sandbox_bank.running import EXTENSION, RunningBank
from app.sandbox_bank.scanning import MOST_IMAGE_BYTES
from foundation.errors import LunasError

__all__ = ["LABEL_EN", "LABEL_ID", "create_app"]

LABEL_ID = "BANK SANDBOX · bukan bank sungguhan · tidak ada uang nyata"
LABEL_EN = "Sandbox bank: not a real bank, no real money"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Sandbox-Bank": "not a real bank",
}


def create_app(bank: RunningBank) -> Flask:
    """The application of an open bank."""
    app = Flask(__name__)
    app.extensions[EXTENSION] = bank
    app.config.update(
        SECRET_KEY=bank.database.get_secret("session"),
        # Cookies know no port: Lunas itself may run on the same host.
        SESSION_COOKIE_NAME="sandbox_bank",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=bank.settings.url.startswith("https://"),
        MAX_CONTENT_LENGTH=MOST_IMAGE_BYTES + 65_536,
        WTF_CSRF_TIME_LIMIT=None,
    )
    forms = CSRFProtect(app)
    for spoken_to_by_programs in (acquirer_door, sandbox_api):
        forms.exempt(spoken_to_by_programs)
        app.register_blueprint(spoken_to_by_programs)
    app.register_blueprint(payer_pages)
    app.register_blueprint(office_pages)
    app.jinja_env.globals.update(label_id=LABEL_ID, label_en=LABEL_EN)
    app.after_request(_label)
    app.register_error_handler(CSRFError, lambda error: _refuse(SandboxFormInvalid()))
    app.register_error_handler(LunasError, _refuse)
    app.register_error_handler(HTTPException, _tell_http_error)
    return app


def _label(response: Response) -> Response:
    """Every answer says what this is; a page without the label is never sent."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    is_page = response.mimetype == "text/html" and not 300 <= response.status_code < 400
    if is_page and LABEL_ID not in response.get_data(as_text=True):
        structlog.get_logger().error("sandbox_bank.label_missing", path=request.path)
        response.status_code = 500
        response.mimetype = "text/plain"
        response.set_data(f"{LABEL_ID}\n{LABEL_EN}\n")
    return response


def _wants_json() -> bool:
    return request.blueprint == sandbox_api.name or "/api/" in request.path


def _refuse(error: LunasError, status: int | None = None) -> tuple[Response | str, int]:
    status = status or error.http_status
    if _wants_json():
        return jsonify(error.as_dict()), status
    return render_template("error.html", error=error, status=status), status


def _tell_http_error(error: HTTPException) -> tuple[Response | str, int]:
    status = error.code or 500
    return _refuse(SandboxPageMissing() if status == 404 else SandboxRequestFailed(status=status), status)
