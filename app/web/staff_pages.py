"""What the staff's pages have in common: who is signed in, where else to go, and the reader's place in a table.

For: the blueprints of staff pages (app.web.treasury, app.web.reconciliation).
Not for: who may see them; each view states its permission.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _

from app.permissions import current_staff

__all__ = ["PAGE", "place_in_table", "same_page", "use_staff_pages"]

# A table shows at most this many rows.
PAGE = 200


def use_staff_pages(blueprint: Blueprint) -> None:
    """Give the templates of a blueprint the reader and the navigation."""
    blueprint.context_processor(_navigation)


def _navigation() -> dict[str, Any]:
    return {
        "staff": current_staff(),
        "staff_pages": (
            ("today", url_for("treasury.today"), _("Penerimaan")),
            ("unapplied", url_for("treasury.unapplied"), _("Belum Teridentifikasi")),
            ("contradictions", url_for("treasury.contradictions"), _("Laporan bertentangan")),
            ("runs", url_for("reconciliation.runs"), _("Rekonsiliasi")),
        ),
        "channel_names": {"VA": _("Virtual account"), "QRIS-MPM": "QRIS"},
    }


def place_in_table() -> int | None:
    """The id after which the table goes on, from `?setelah=`. 404 for what no page of ours links to."""
    asked = request.args.get("setelah")
    if asked is None:
        return None
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 18:
        abort(404)
    return int(asked)


def same_page(*kept: str, **changed: Any) -> str:
    """The address of this page with the named parameters kept and others changed; None drops one."""
    given = {name: request.args[name] for name in kept if name in request.args}
    return url_for(str(request.endpoint), **(request.view_args or {}) | given | changed)
