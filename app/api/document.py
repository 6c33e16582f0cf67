"""Registering the API and telling what it is in OpenAPI.

For: `register_api`, and the document at `/<region>/api/v1/openapi.json`, which names the region's own addresses.
Not for: the bank doors' document (app/bank_doors).
"""

from __future__ import annotations

import copy
from typing import Any

import flask_smorest
from flask import Blueprint, Flask, Response, g, jsonify
from marshmallow import fields

from app.api.fields import AnswerSchema, MoneyField
from app.permissions import requires

__all__ = ["openapi_document", "register_api"]

_PREFIX = "/{region}/api/v1"
_SECURITY = "apiToken"


class Words(AnswerSchema):
    """One sentence in both languages."""

    id = fields.String(required=True, metadata={"description": "Bahasa Indonesia"})
    en = fields.String(required=True, metadata={"description": "English"})


class FieldProblem(AnswerSchema):
    """What is wrong with one parameter."""

    field = fields.String(required=True)
    message = fields.Nested(Words, required=True)


class Error(AnswerSchema):
    """A refusal."""

    code = fields.String(required=True)
    message = fields.Nested(Words, required=True)
    id = fields.String(required=True, metadata={"description": "Sebutkan bila bertanya / name it when you ask us"})
    field = fields.String()
    fields_ = fields.List(fields.Nested(FieldProblem), data_key="fields")


class ErrorAnswer(AnswerSchema):
    """The shape of every refusal (app.refusals writes it)."""

    error = fields.Nested(Error, required=True)


class _Api(flask_smorest.Api):  # type: ignore[misc]  # the library has no types
    """flask-smorest with our refusals: app.refusals answers them, this tells their shape."""

    ERROR_SCHEMA = ErrorAnswer

    def _register_error_handlers(self) -> None:
        """Leave HTTP errors to app.refusals."""


def register_api(app: Flask) -> None:
    """Register every route of the API and its document."""
    from app.api import ledger

    app.config.update(
        API_TITLE="Lunas",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        # No pages of the library's own; the document has an address of ours, with the region in it.
        OPENAPI_URL_PREFIX=None,
    )
    api = _Api(app)
    api.register_field(MoneyField, "string", None)
    api.spec.components.security_scheme(
        _SECURITY,
        {"type": "http", "scheme": "bearer", "description": "`lunas token create` → lunas_<region>_<id>_<secret>"},
    )
    api.register_blueprint(ledger.blueprint)

    document = Blueprint("api-document", __name__, url_prefix="/<region:region>/api/v1")

    @document.get("/openapi.json")
    @requires("public")
    def show() -> Response:
        return jsonify(openapi_document(api.spec.to_dict(), g.region.code, g.region.name))

    app.register_blueprint(document)


def openapi_document(whole: dict[str, Any], region: str, name: str) -> dict[str, Any]:
    """The document of one region: its own server address, and paths without the region in them."""
    document = copy.deepcopy(whole)
    document["info"]["description"] = f'API {name}. Nilai uang berupa teks / amounts are strings: "150000.00".'
    document["servers"] = [{"url": f"/{region}/api/v1"}]
    document["security"] = [{_SECURITY: []}]
    # The library describes paging of its own, which is not ours.
    document["components"]["schemas"].pop("PaginationMetadata", None)
    document["paths"] = {path.removeprefix(_PREFIX): _without_region(item) for path, item in document["paths"].items()}
    return document


def _without_region(item: dict[str, Any]) -> dict[str, Any]:
    for holder in (item, *(part for part in item.values() if isinstance(part, dict))):
        if "parameters" in holder:
            holder["parameters"] = [asked for asked in holder["parameters"] if asked.get("name") != "region"]
            if not holder["parameters"]:
                del holder["parameters"]
    return item
