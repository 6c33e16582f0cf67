"""One translator from refusals to answers: a page for people, JSON for programs, with an id that the log has too.

For: LunasError, HTTP errors of the framework, and faults of our own (told without detail, logged with all of it).
Not for: the bank doors; they answer in the shapes of their own protocols, by handlers of their own blueprints.

The JSON shape: {"error": {"code", "message": {"id", "en"}, "id", "field"?, "fields"?: [{"field", "message"}]}}.
"""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from marshmallow.fields import Field
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.errors import (
    BodyTooLarge,
    DatabaseBusy,
    MethodNotAllowed,
    PageNotFound,
    RequestInvalid,
    RequestUnreadable,
    TokenNeeded,
)
from app.logs import request_id
from app.region_urls import path_region
from foundation.errors import LunasError

__all__ = ["answer_refusal", "field_problems", "use_refusals"]

_HTTP_ERRORS: dict[int, type[LunasError]] = {
    400: RequestUnreadable,
    404: PageNotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: RequestUnreadable,
}
# The framework's own words, English only, as we say them; what else it says is told as not valid, by field.
_FRAMEWORK_WORDS = {
    Field.default_error_messages["required"]: ("Wajib diisi.", "It is required."),
    Field.default_error_messages["null"]: ("Tidak boleh null.", "It may not be null."),
}
_log = structlog.get_logger("lunas.web")


def use_refusals(app: Flask) -> None:
    """Register the translator on an application."""
    app.register_error_handler(LunasError, answer_refusal)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(OperationalError, _answer_database_error)
    app.register_error_handler(Exception, _answer_fault)


def answer_refusal(error: LunasError) -> Response:
    """The answer to a named refusal: its status, and a page or JSON."""
    body = error.as_dict() | {"id": request_id()}
    problems = error.facts.get("problems")
    if isinstance(error, RequestInvalid) and problems:
        body["fields"] = problems
    if _asks_for_json():
        response = jsonify({"error": body})
    else:
        response = _page(error, body["id"])
    response.status_code = error.http_status
    if isinstance(error, TokenNeeded):
        response.headers["WWW-Authenticate"] = 'Bearer realm="lunas"'
    return response


def _page(error: LunasError, told_id: str) -> Response:
    try:
        return make_response(render_template("error.html", error=error, request_id=told_id))
    except Exception as fault:
        if error.http_status < 500:
            raise
        # The fault may lie in what every page needs; a few plain words still reach the reader.
        _log.error("error page failed", exc_info=fault)
        words = f"{error.message_id}\n{error.message_en}\n{told_id}\n"
        return Response(words, mimetype="text/plain")


def field_problems(messages: Any, path: str = "") -> list[dict[str, Any]]:
    """Flatten what marshmallow says about fields: [{"field": "limit", "message": {"id": …, "en": …}}]."""
    if isinstance(messages, dict) and set(messages) == {"id", "en"}:
        return [{"field": path, "message": messages}]
    if isinstance(messages, dict):
        return [found for name, inner in messages.items() for found in field_problems(inner, _join(path, str(name)))]
    if isinstance(messages, list):
        return [found for inner in messages for found in field_problems(inner, path)]
    told_id, told_en = _FRAMEWORK_WORDS.get(str(messages), ("Isian tidak sah.", "The value is not valid."))
    return [{"field": path, "message": {"id": told_id, "en": told_en}}]


def _join(path: str, name: str) -> str:
    # webargs puts the place ("query", "json") on top; a reader knows the parameter by its name alone.
    return name if path in ("", "query", "json", "form") else f"{path}.{name}"


def _answer_http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        # A redirect to the address with its closing stroke is an answer, not a refusal.
        return make_response(error.get_response(request.environ))
    data: dict[str, Any] = getattr(error, "data", None) or {}
    if error.code == 422 and "messages" in data:
        problems = field_problems(data["messages"])
        return answer_refusal(RequestInvalid(names=", ".join(p["field"] for p in problems), problems=problems))
    known = _HTTP_ERRORS.get(error.code, RequestUnreadable if error.code < 500 else LunasError)
    response = answer_refusal(known())
    response.status_code = error.code
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]  # MethodNotAllowed has it
    return response


def _answer_database_error(error: OperationalError) -> Response:
    _log.error("database error", exc_info=error)
    return answer_refusal(DatabaseBusy())


def _answer_fault(error: Exception) -> Response:
    _log.error("fault", exc_info=error)
    return answer_refusal(LunasError())


def _asks_for_json() -> bool:
    path = request.path
    region = path_region(path)
    rest = path[1 + len(region) :] if region else path
    if rest.startswith(("/api/", "/snap/", "/health", "/metrics")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"
