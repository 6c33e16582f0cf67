"""Logs as one JSON object per line, without people's data.

For: `configure_logging` before the first line of a process (create_app does), `collect_library_logs` in processes of
our own (serve, worker), and one line per request.
Not for: what an auditor reads (foundation.audit) or messages of banks (payments keeps them).

Values under names of personal or secret fields are replaced, and long runs of digits (NIK, NPWP, NOP, phone, payment
codes) keep their last four, wherever they stand.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request

from foundation import clock
from foundation.ids import new_uid

__all__ = ["collect_library_logs", "configure_logging", "mask_personal_data", "request_id", "use_request_log"]

_HIDDEN = re.compile(
    r"nik|npwp|phone|telp|e_?mail|address|alamat|payer|password|secret|token|authorization|cookie|signature|totp",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d(?:[ .-]?\d){8,}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class _StandardError:
    """Writes lines to whatever standard error is at that moment; tests and daemons change it under our feet."""

    def msg(self, message: str) -> None:
        """Write one line."""
        sys.stderr.write(message + "\n")

    debug = info = warning = error = critical = exception = msg


def configure_logging() -> None:
    """JSON lines on standard error, from level INFO. Until this is called a traceback would show local variables."""
    structlog.configure(
        processors=[*_SHARED, _RENDERER],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=True,
    )


def collect_library_logs() -> None:
    """Let what libraries log come out in the same form and through the same masks."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _RENDERER],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def use_request_log(app: Flask) -> None:
    """Give each request an id and write one line when it is answered; the route, never the address with its codes."""
    log = structlog.get_logger("lunas.web")

    @app.after_request
    def write(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        if request.endpoint != "static":
            region = g.get("region")
            log.info(
                "request",
                method=request.method,
                route=request.url_rule.rule if request.url_rule else None,
                region=region.code if region else None,
                status=response.status_code,
                actor=g.get("actor"),
                request_id=request_id(),
            )
        return response


def request_id() -> str:
    """The id of the present request, the same in its answer, its refusal and its log line."""
    if "request_id" not in g:
        g.request_id = str(new_uid())
    found: str = g.request_id
    return found


def mask_personal_data(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that hides personal data, at any depth."""
    for name, value in event.items():
        event[name] = _masked(name, value)
    return event


def _masked(name: str, value: Any) -> Any:
    if _is_hidden(name):
        return "***"
    if isinstance(value, dict):
        return {inner: _masked(str(inner), found) for inner, found in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(name, found) for found in value]
    if isinstance(value, str) and not _UUID.fullmatch(value):
        return _MAIL.sub("***@***", _DIGITS.sub(_last_four, value))
    return value


# The names in log calls are few; the limit is for keys of dictionaries.
@lru_cache(maxsize=1000)
def _is_hidden(name: str) -> bool:
    return _HIDDEN.search(name) is not None


def _last_four(match: re.Match[str]) -> str:
    return "***" + match[0][-4:]


def _stamp(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # Beside the masks, since a moment is a long run of digits too.
    event["at"] = clock.now()
    return event


def _to_text(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_UTC_Z).decode()


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    _stamp,
    structlog.processors.format_exc_info,
    mask_personal_data,
]
_RENDERER = structlog.processors.JSONRenderer(serializer=_to_text)
