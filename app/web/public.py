"""The front doors: the list of regions, and each region's first page.

For: `/` and `/<region>/`.
Not for: bills and payments (pages of their own), or staff.
"""

from __future__ import annotations

from flask import Blueprint, g, render_template

from app.permissions import requires
from foundation.regions import list_regions

__all__ = ["blueprint"]

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@requires("public")
def regions() -> str:
    """The regions of this installation, as links."""
    return render_template("regions.html", regions=list_regions())


@blueprint.get("/<region:region>/")
@requires("public")
def start() -> str:
    """A region's first page: find a bill by NOP or payment code."""
    return render_template("start.html", region=g.region)
