"""Listings of the ledger as files over HTTP, and their manifests.

For: `format=csv|jsonl|xlsx|hledger` of the routes in app/api/ledger.py, and their `…/manifest`.
Not for: JSON pages, or what an export holds (ledger.open_export).

A file leaves as a stream, so its SHA-256 is known only at its end. It names its snapshot in the header
`Lunas-Snapshot` and the address of its manifest in the header `Link` (rel="describedby"): that is `…/manifest` with the
same parameters and the snapshot, which writes the same bytes once more, to nowhere, and answers with the manifest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, jsonify, request

from app.api.fields import both
from app.errors import RequestInvalid
from foundation import clock
from foundation.audit import record_act
from foundation.db import unit_of_work
from ledger import Export, open_export

__all__ = ["MEDIA_TYPES", "answer_manifest", "file_wanted", "send_file"]

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "hledger": "text/plain; charset=utf-8",
}
_ENDINGS = {"hledger": "journal"}
_UNFIT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 150
_PAGING = ("cursor", "limit")


def file_wanted(asked: str | None) -> str | None:
    """The format of the file that is asked for by `format` or by the header Accept; None: JSON."""
    if asked is None:
        best = request.accept_mimetypes.best_match(["application/json", "text/csv"])
        return "csv" if best == "text/csv" else None
    return None if asked == "json" else asked


def send_file(what: str, form: str, wanted: dict[str, Any]) -> Response:
    """The whole listing as a stream without a limit; who took it is recorded."""
    _refuse_paging()
    at, region = clock.now(), g.region
    with ExitStack() as stack:
        session = stack.enter_context(unit_of_work(region.code))
        opened = open_export(session, what, form, region=region.code, written_at=at, **wanted)
        details = {name: str(value) for name, value in wanted.items() if value is not None}
        details |= {"what": what, "format": form, "snapshot": opened.snapshot}
        _record(details, at)
        response = Response(_Stream(opened, stack.pop_all()), content_type=MEDIA_TYPES[form])
    name = _file_name(what, form, wanted, clock.business_date(at, region.timezone))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Link"] = f'<{_manifest_address(what, form, wanted, opened.snapshot)}>; rel="describedby"'
    response.headers["Lunas-Snapshot"] = opened.snapshot
    return response


def answer_manifest(what: str, form: str, wanted: dict[str, Any]) -> Response:
    """The manifest of the file that the same parameters give."""
    with unit_of_work(g.region.code) as session:
        opened = open_export(session, what, form, region=g.region.code, written_at=clock.now(), **wanted)
        for _piece in opened:
            pass
    return jsonify(opened.manifest())


def _file_name(what: str, form: str, wanted: dict[str, Any], today: date) -> str:
    """E.g. "entries-3316-2026-03-01-2026-03-31-BAPENDA.csv": what narrows it, or the day it was taken."""
    days = [wanted[name].isoformat() for name in ("accounted_from", "accounted_to") if wanted.get(name)]
    others = [str(wanted[name]) for name in ("book", "account", "entity", "partner", "kind") if wanted.get(name)]
    if wanted.get("known_at"):
        others.append(wanted["known_at"].astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
    words = [what, g.region.code, *(days or [today.isoformat()]), *others]
    return _UNFIT_IN_NAMES.sub("_", "-".join(words))[:_LONGEST_NAME] + f".{_ENDINGS.get(form, form)}"


def _manifest_address(what: str, form: str, wanted: dict[str, Any], snapshot: str) -> str:
    """The path and query that give this file's manifest whenever they are asked."""
    asked = request.args.to_dict() | {"format": form, "snapshot": snapshot}
    if what == "balances":
        asked["on"] = wanted["accounted_to"].isoformat()  # what was today when the file was taken
    return f"{request.path}/manifest?{urlencode(asked)}"


def _record(details: dict[str, str], at: datetime) -> None:
    """In a unit of work of its own: it stands also when the file is broken off."""
    with unit_of_work(g.region.code) as session:
        record_act(
            session, actor=g.actor, action="ledger.exported", thing="ledger", thing_uid=None, details=details, at=at
        )


class _Stream:
    """An export that ends its unit of work when the server has sent it or given up, even before the first piece."""

    def __init__(self, opened: Export, stack: ExitStack) -> None:
        self._opened = opened
        self._pieces = iter(opened)
        self._stack = stack
        self._is_sent = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            # All is sent: the unit of work need not wait for the server to say so.
            self._is_sent = True
            self.close()
            raise

    def close(self) -> None:
        """Called by the server when the answer is over."""
        self._opened.close()
        if self._is_sent:
            self._stack.close()
        else:  # broken off: the unit of work is undone, as after any statement that did not end
            self._stack.__exit__(GeneratorExit, GeneratorExit(), None)


def _refuse_paging() -> None:
    """A file always holds everything; a limit that is given and not kept would mislead."""
    given = [name for name in _PAGING if name in request.args]
    if given:
        told = both("Tidak berlaku untuk berkas, yang selalu memuat semuanya.", "Not for files, which always hold all.")
        raise RequestInvalid(names=", ".join(given), problems=[{"field": name, "message": told} for name in given])
