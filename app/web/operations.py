"""`/health` and `/metrics`: for whoever keeps the installation running.

For: a load balancer's probe and Prometheus.
Not for: people; a reverse proxy does not hand these two on.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.metrics import exposition
from app.permissions import requires
from foundation.regions import list_regions

__all__ = ["blueprint"]

blueprint = Blueprint("operations", __name__)


@blueprint.get("/health")
@requires("public")
def health() -> Response:
    """200 when the database answers with the registry of regions; the error handlers answer 503 otherwise."""
    return jsonify({"status": "ok", "regions": len(list_regions())})


@blueprint.get("/metrics")
@requires("operator")
def metrics() -> Response:
    """The figures in Prometheus' text form."""
    body, media_type = exposition()
    return Response(body, content_type=media_type)
