"""A QRIS code told as plain data: what `lunas qris decode` prints.

For: people and programs that want to see what is in a code, valid or not.
Not for: using a code (decode it and ask `DecodedQris`).

Shape, stable:
  {"valid": true, "fields": {TAG: FIELD, …}, "warnings": [{"tag": PATH, "reason": TEXT}, …]}
  {"valid": false, "tag": PATH or null, "reason": TEXT}
FIELD is {"name": TEXT, "value": TEXT}, or for a template {"name": TEXT, "fields": {TAG: FIELD, …}}; fields stand in
the order of the code. PATH is a tag, dotted when nested ("26.01"); it is null when the fault belongs to no tag (an
empty or over-long text, no tag where one should start). TEXT of a reason is "Indonesian / English".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bank_adapters.contract.errors import QrisInvalid
from bank_adapters.contract.qris.container import QrisObject, join_path
from bank_adapters.contract.qris.decoding import decode
from bank_adapters.contract.qris.table import tag_name

__all__ = ["describe"]


def describe(text: str) -> dict[str, Any]:
    """Decode a text and tell the outcome as JSON-ready data in the shape above. Never raises on bad input."""
    try:
        code = decode(text)
    except QrisInvalid as refusal:
        return {"valid": False, "tag": refusal.tag, "reason": str(refusal.reason)}
    return {
        "valid": True,
        "fields": _describe_objects(code.objects, ""),
        "warnings": [{"tag": warning.tag, "reason": str(warning.reason)} for warning in code.warnings],
    }


def _describe_objects(objects: Iterable[QrisObject], parent: str) -> dict[str, Any]:
    return {found.tag: _describe_one(found, join_path(parent, found.tag)) for found in objects}


def _describe_one(found: QrisObject, path: str) -> dict[str, Any]:
    if found.children:
        return {"name": tag_name(path), "fields": _describe_objects(found.children, path)}
    return {"name": tag_name(path), "value": found.value}
