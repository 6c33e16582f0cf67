"""Checking a proof: is this entry, with these postings, in a block that a key I trust has signed?

For: `check_proof`, which needs the proof and a public key and nothing else: no database, no settings, no network.
Not for: whether the ledger still holds the entry today (ledger.sealing.verifying).

The steps, so that anybody can repeat them in any language
1. Write the entry's values in the order of `ENTRY.columns`, and each posting's in the order of `ENTRY.parts`, as
   ledger.sealing.streams says; leaf = SHA-256(0x00 + those bytes).
2. Walk up with `index`, the header's `count` and `path`, joining by SHA-256(0x01 + left + right), as RFC 6962 does.
3. The result is the header's `merkle_root`.
4. The header as JSON with sorted names and no blanks is what `signature` signs (Ed25519).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.errors import ProofInvalid
from ledger.sealing.blocks import read_hex, read_members, read_signed, signed_by
from ledger.sealing.merkle import follow_path, leaf_hash
from ledger.sealing.streams import ENTRY, text_of
from ledger.sealing.telling import Unsound, reasons_of

__all__ = ["PROOF_FORMAT", "ProvenEntry", "check_proof"]

PROOF_FORMAT = "lunas-proof-1"
_MEMBERS = ("format", "entry", "postings", "index", "path", "block")


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """What a proof proves: these values stood in this ledger when the block was sealed."""

    ledger: str
    block: int
    sealed_at: datetime
    key_id: str
    entry: Mapping[str, str | None]
    postings: Sequence[Mapping[str, str | None]]


def check_proof(proof: Mapping[str, Any], *, trusted: Sequence[bytes]) -> ProvenEntry:
    """Check a proof against public keys (32 bytes each). Raises ProofInvalid naming the step that failed.

    Nothing in it may be spelled otherwise than `prove_entry` spells it; the bytes of a file are for `read_proof`.
    """
    try:
        read_members(proof, _MEMBERS)
        if proof["format"] != PROOF_FORMAT:
            raise Unsound(f"format bukan {PROOF_FORMAT}", f"the format is not {PROOF_FORMAT}")
        block = read_signed(proof["block"])
        header = block.fields
        if header["stream"] != ENTRY.name:
            raise Unsound("bloknya bukan blok jurnal", "its block is not one of entries")
        if type(proof["index"]) is not int or not isinstance(proof["path"], list):
            raise Unsound(
                "index bukan bilangan bulat, atau path bukan daftar", "index is not a whole number, or path not a list"
            )
        path = [read_hex(each, 32) for each in proof["path"]]
        leaf = leaf_hash(_bytes_of(proof["entry"], proof["postings"]))
        root = follow_path(leaf, proof["index"], header["count"], path)
        sealed_at = _moment_of(header["sealed_at"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _refusal("format", *reasons_of(error)) from error
    if root is None or root.hex() != header["merkle_root"]:
        raise _refusal(
            "entry",
            "jurnal dalam berkas tidak menghasilkan akar Merkle blok ini",
            "the entry in the file does not lead to this block's Merkle root",
        )
    if block.public not in trusted:
        key = header["key_id"]
        raise _refusal(
            "key",
            f"kunci {key} tidak termasuk kunci publik yang diberikan",
            f"key {key} is none of the public keys that were given",
        )
    if not signed_by(block.public, block.signature, block.signed):
        raise _refusal("signature", "tanda tangan blok salah", "the block's signature is wrong")
    return ProvenEntry(
        header["ledger"], header["number"], sealed_at, header["key_id"], proof["entry"], proof["postings"]
    )


def _refusal(field: str, reason_id: str, reason_en: str) -> ProofInvalid:
    return ProofInvalid(field=field, reason_id=reason_id, reason_en=reason_en)


def _moment_of(written: str) -> datetime:
    try:
        return datetime.fromisoformat(written)
    except ValueError as error:
        raise Unsound("sealed_at bukan waktu", "sealed_at is not a moment") from error


def _bytes_of(entry: object, postings: object) -> bytes:
    if not isinstance(postings, list):
        raise Unsound("postings bukan daftar", "postings is not a list")
    rows = [(entry, ENTRY.columns), *((posting, ENTRY.parts) for posting in postings)]
    values = [list(read_members(row, names).values()) for row, names in rows]
    if not all(value is None or type(value) is str for row in values for value in row):
        raise Unsound("ada nilai yang bukan teks dan bukan null", "a value is neither text nor null")
    return text_of(values)
