"""Figures for Prometheus: how many requests, how long they took, and whether the process is well.

For: `/metrics`, and counters that other parts of `app` may add to.
Not for: the figures of the treasury (they come from the books), or anything with a person or a bill in its labels.

Several web processes: `lunas serve` sets PROMETHEUS_MULTIPROC_DIR before they start, each writes its own files there,
and `/metrics` of any of them adds all up; a process that ended is taken out by `forget_process`.
"""

from __future__ import annotations

import os
import time

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client import multiprocess as several

__all__ = ["exposition", "forget_process", "use_metrics"]

REQUESTS = Counter("lunas_http_requests", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram(
    "lunas_http_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def use_metrics(app: Flask) -> None:
    """Count and time every request of an application."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        REQUESTS.labels(route, request.method, str(response.status_code)).inc()
        if "began" in g:
            SECONDS.labels(route).observe(time.perf_counter() - g.began)
        return response


def exposition() -> tuple[bytes, str]:
    """All figures in Prometheus' text form, and its media type."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
    registry = CollectorRegistry()
    several.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
    return generate_latest(registry), CONTENT_TYPE_LATEST


def forget_process(pid: int) -> None:
    """Take a web process that ended out of the figures that describe the present."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        several.mark_process_dead(pid)  # type: ignore[no-untyped-call]  # as above
