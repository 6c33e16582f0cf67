"""Reading the files of the seals: proofs and heads, exactly as `lunas ledger proof` and `lunas ledger head` write them.

For: `read_proof`, `read_head`, `write_sealed`: one way to write such a file, and nothing else is taken for one.
Not for: whether what stands in it is true (ledger.sealing.proofs, ledger.sealing.verifying).

A reader that is lenient lets two people read two things in one file: which of two members of one name counts, whether
1.0 is 1. So anything that would not be written so is refused, and the reason names it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ledger.errors import ProofInvalid

__all__ = ["read_head", "read_proof", "write_sealed"]

_MOST_BYTES = 32 * 1024 * 1024  # an entry has at most 32,767 postings
_MOST_DIGITS = 19


def write_sealed(value: Mapping[str, Any]) -> bytes:
    """A proof or a head as the bytes of its file."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def read_proof(data: bytes) -> dict[str, Any]:
    """A proof from the bytes of its file. Raises ProofInvalid unless they are literally what is written.

    Members that belong to no proof are refused by `check_proof`.
    """
    value = _read(data)
    if write_sealed(value) != data:
        raise ProofInvalid(field="file", reason="not written as `lunas ledger proof` writes it: spacing or escapes")
    return value


def read_head(data: bytes) -> dict[str, Any]:
    """A head from the bytes of its file; spacing is the keeper's own. Raises ProofInvalid."""
    return _read(data)


def _read(data: bytes) -> dict[str, Any]:
    if len(data) > _MOST_BYTES:
        raise ProofInvalid(field="file", reason=f"larger than {_MOST_BYTES} bytes")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_read_object,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            parse_int=_read_number,
        )
    except UnicodeDecodeError as error:
        raise ProofInvalid(field="file", reason="not UTF-8") from error
    except RecursionError as error:
        raise ProofInvalid(field="file", reason="nested too deeply") from error
    except ValueError as error:
        raise ProofInvalid(field="file", reason=f"no JSON: {error}"[:200]) from error
    if not isinstance(value, dict):
        raise ProofInvalid(field="file", reason="no JSON object")
    return value


def _read_object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in members:
        if name in made:
            raise ProofInvalid(field="file", reason=f"the member {name[:80]!r} stands there twice")
        made[name] = value
    return made


def _read_number(digits: str) -> int:
    if len(digits.lstrip("-")) > _MOST_DIGITS:
        raise ProofInvalid(field="file", reason=f"a number of {len(digits)} digits")
    return int(digits)


def _refuse_number(written: str) -> Any:
    raise ProofInvalid(field="file", reason=f"the number {written[:40]} is no whole number")
