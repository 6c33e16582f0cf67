"""From raw body bytes to a JSON object, bounded and strict, before any field is looked at.

For: size, depth, encoding, duplicate keys, numbers and characters that would hurt later (in SQL, in logs).
Not for: what a field must hold (`fields.py`) or which fields a message has (`token.py`, `va.py`, `qris.py`).
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from bank_adapters.snap.codes import Case, Service
from bank_adapters.snap.errors import SnapRefusal

__all__ = ["MAX_BODY_BYTES", "MAX_DEPTH", "WrittenNumber", "read_body"]

MAX_BODY_BYTES = 65_536
MAX_DEPTH = 12

_STRINGS_AND_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_NAMEABLE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
# NUL and lone surrogates pass JSON but not PostgreSQL or UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST_INTEGER = 18


class WrittenNumber(str):
    """A JSON number kept as it was written: a fraction, or an integer too long for 64 bits.

    It is a str so that the message can be stored and written again exactly; parsers that expect text refuse it,
    because they ask for exactly `str`.
    """

    __slots__ = ()


class _DuplicateKeyError(ValueError):
    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__("a key stands twice in one object")


def read_body(service: Service, raw: bytes) -> dict[str, Any]:
    """The body's JSON object: strings, ints, bools, None, `WrittenNumber`, lists and dicts.

    Raises SnapRefusal: 400xx00 where it is not one bounded JSON object in UTF-8 (NaN and Infinity are no JSON), and
    400xx01 naming the key that stands twice in one object, since two readers could each believe another value.
    """
    if len(raw) > MAX_BODY_BYTES or _is_too_deep(raw):
        raise SnapRefusal(service, Case.BAD_REQUEST)
    try:
        values = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object_without_duplicates,
            parse_float=WrittenNumber,
            parse_int=_read_integer,
            parse_constant=_refuse_constant,
        )
    except _DuplicateKeyError as fault:
        named = fault.key if _NAMEABLE.fullmatch(fault.key) else "body"
        raise SnapRefusal(service, Case.INVALID_FIELD, field=named) from fault
    except (ValueError, RecursionError) as fault:
        raise SnapRefusal(service, Case.BAD_REQUEST) from fault
    # Only an escape can bring such characters in: UTF-8 decoding and the JSON reader refuse them raw.
    if not isinstance(values, dict) or (b"\\u" in raw and not _is_storable(values)):
        raise SnapRefusal(service, Case.BAD_REQUEST)
    return values


def _is_too_deep(raw: bytes) -> bool:
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _STRINGS_AND_BRACKETS.finditer(raw):
        token = match[0]
        if token in (b"{", b"["):
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif token in (b"}", b"]"):
            depth -= 1
    return False


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(key)
            seen.add(key)
    return found


def _read_integer(text: str) -> int | WrittenNumber:
    return int(text) if len(text) <= _LONGEST_INTEGER else WrittenNumber(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return _UNSTORABLE.search(value) is None
    if isinstance(value, dict):
        return all(_is_storable(key) and _is_storable(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_is_storable(item) for item in value)
    return True
