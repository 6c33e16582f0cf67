"""Text that no table can keep is refused at the door: a NUL (PostgreSQL takes none), or half a surrogate pair.

For: one check before every view over query, form and path; 400 names the field that holds such a sign.
Not for: bodies of banks (the bank doors read them under their own rules), or signs that a certain field does not take.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Flask, request

from app.errors import CharacterRefused
from app.permissions import requirement_of

__all__ = ["use_storable_text"]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def use_storable_text(app: Flask) -> None:
    """Refuse such requests to an application with CharacterRefused, before permissions ask the database anything."""

    @app.before_request
    def check() -> None:
        if request.endpoint is None:
            return
        for name, value in _texts(app, request.endpoint):
            found = _UNSTORABLE.search(value) or _UNSTORABLE.search(name)
            if found is not None:
                raise CharacterRefused(field=_UNSTORABLE.sub("", name)[:40], sign=f"U+{ord(found[0]):04X}")


def _texts(app: Flask, endpoint: str) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in (request.view_args or {}).items() if isinstance(value, str))
    if request.query_string:
        yield from request.args.items(multi=True)
    requirement = requirement_of(app, endpoint)
    if request.method == "POST" and requirement is not None and requirement.takes_forms_of_browsers:
        yield from request.form.items(multi=True)
