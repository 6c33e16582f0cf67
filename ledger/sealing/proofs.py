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
from ledger.sealing.blocks import header_bytes, key_id_of, signed_by
from ledger.sealing.merkle import follow_path, leaf_hash
from ledger.sealing.streams import ENTRY, text_of

__all__ = ["PROOF_FORMAT", "ProvenEntry", "check_proof"]

PROOF_FORMAT = "lunas-proof-1"


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
    """Check a proof against public keys (32 bytes each). Raises ProofInvalid naming the step that failed."""
    try:
        header, entry, postings = proof["block"]["header"], proof["entry"], proof["postings"]
        signed = header_bytes(header)
        signature = bytes.fromhex(proof["block"]["signature"])
        path = [bytes.fromhex(each) for each in proof["path"]]
        leaf = leaf_hash(_bytes_of(entry, postings))
        if proof["format"] != PROOF_FORMAT or header["stream"] != ENTRY.name:
            raise ProofInvalid(field="format", reason=f"not {PROOF_FORMAT}")
        root = follow_path(leaf, int(proof["index"]), header["count"], path)
        sealed_at = datetime.fromisoformat(header["sealed_at"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProofInvalid(field="format", reason=f"{type(error).__name__}: {error}"[:200]) from error
    if root is None or root.hex() != header["merkle_root"]:
        raise ProofInvalid(field="entry", reason="the entry does not lead to the block's Merkle root")
    public = next((key for key in trusted if key_id_of(key) == header["key_id"]), None)
    if public is None:
        raise ProofInvalid(field="key", reason=f"the block is signed by key {header['key_id']}, which was not given")
    if not signed_by(public, signature, signed):
        raise ProofInvalid(field="signature", reason="the block's signature is wrong")
    return ProvenEntry(header["ledger"], header["number"], sealed_at, header["key_id"], entry, postings)


def _bytes_of(entry: Mapping[str, str | None], postings: Sequence[Mapping[str, str | None]]) -> bytes:
    if set(entry) != set(ENTRY.columns) or any(set(posting) != set(ENTRY.parts) for posting in postings):
        raise ValueError("the entry's columns are not those that are sealed")
    rows = [[entry[name] for name in ENTRY.columns]]
    return text_of(rows + [[posting[name] for name in ENTRY.parts] for posting in postings])
