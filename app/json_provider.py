"""JSON by orjson: fast, strict, and with our own types written our own way.

For: every JSON answer and every JSON body of the application.
Not for: signed bank bodies, which are read and written as raw bytes by bank_adapters.snap.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider

from foundation.money import Money

__all__ = ["OrjsonProvider"]


class OrjsonProvider(JSONProvider):
    """Dates in ISO 8601, moments in UTC with "Z", amounts as "150000.00"; NaN does not exist."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:  # noqa: ARG002 - Flask's signature
        """The object as text."""
        return _dump(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ARG002 - Flask's signature
        """The text as an object. Raises ValueError."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """An answer of type application/json."""
        return Response(_dump(self._prepare_response_obj(args, kwargs)), mimetype="application/json")


def _dump(obj: Any) -> bytes:
    # orjson would write Money, a dataclass, as an object of sen; handed through, it is written our way.
    return orjson.dumps(obj, default=_ours, option=orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS)


def _ours(value: Any) -> str:
    if isinstance(value, Money):
        return value.plain()
    raise TypeError(f"{type(value).__name__} has no JSON form")
