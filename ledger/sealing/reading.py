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

from ledger.errors import HeadInvalid, ProofInvalid
from ledger.sealing.telling import Unsound

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
    value = _read(data, ProofInvalid)
    if write_sealed(value) != data:
        raise ProofInvalid(
            field="file",
            reason_id="tidak ditulis seperti `lunas ledger proof` menulisnya: spasi atau tanda escape",
            reason_en="not written as `lunas ledger proof` writes it: spacing or escapes",
        )
    return value


def read_head(data: bytes) -> dict[str, Any]:
    """A head from the bytes of its file; spacing is the keeper's own. Raises HeadInvalid."""
    return _read(data, HeadInvalid)


def _read(data: bytes, refusal: type[ProofInvalid]) -> dict[str, Any]:
    try:
        return _object_of(data)
    except Unsound as error:
        raise refusal(field="file", reason_id=error.reason_id, reason_en=error.reason_en) from error


def _object_of(data: bytes) -> dict[str, Any]:
    if len(data) > _MOST_BYTES:
        raise Unsound(f"lebih besar dari {_MOST_BYTES} byte", f"larger than {_MOST_BYTES} bytes")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_read_object,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            parse_int=_read_number,
        )
    except UnicodeDecodeError as error:
        raise Unsound("bukan UTF-8", "not UTF-8") from error
    except RecursionError as error:
        raise Unsound("bersarang terlalu dalam", "nested too deeply") from error
    except json.JSONDecodeError as error:
        row, column = error.lineno, error.colno
        raise Unsound(f"bukan JSON (baris {row}, kolom {column})", f"no JSON (line {row}, column {column})") from error
    if not isinstance(value, dict):
        raise Unsound("bukan objek JSON", "no JSON object")
    return value


def _read_object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in members:
        if name in made:
            raise Unsound(f"bagian {name[:80]!r} ada dua kali", f"the member {name[:80]!r} stands there twice")
        made[name] = value
    return made


def _read_number(digits: str) -> int:
    if len(digits.lstrip("-")) > _MOST_DIGITS:
        raise Unsound(f"ada bilangan sepanjang {len(digits)} digit", f"a number of {len(digits)} digits")
    return int(digits)


def _refuse_number(written: str) -> Any:
    raise Unsound(f"{written[:40]} bukan bilangan bulat", f"the number {written[:40]} is no whole number")
