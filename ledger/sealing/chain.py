"""The chain as it stands: blocks read back, their headers, and the head to keep elsewhere.

For: what verifying and proving share; `seal_head`, the newest block as a file for somebody else's drawer.
Not for: adding blocks (ledger.sealing.sealer).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ledger.errors import SealsEmpty
from ledger.sealing.blocks import BlockHeader, items_digest

__all__ = ["HEAD_FORMAT", "Block", "find_block", "list_seal_keys", "read_blocks", "seal_head", "signed_header"]

HEAD_FORMAT = "lunas-head-1"
_BLOCK = (
    "SELECT number, first_id, last_id, cluster, next_xact::text AS next_xact, next_id, sealed_at, item_count, stream,"
    " key_id, merkle_root, previous_hash, block_hash, signature, item_ids, leaf_hashes, marks FROM seal_block"
)
_ONE = text(f"{_BLOCK} WHERE number = :number")
_SOME = text(f"{_BLOCK} WHERE number BETWEEN :first AND :last ORDER BY number")
_SIZES = text("SELECT number, item_count FROM seal_block WHERE number > :after ORDER BY number LIMIT 500")
_NEWEST = text("SELECT max(number) FROM seal_block")
_KEYS = text("SELECT key_id, public_key FROM seal_key ORDER BY id")
_ITEMS_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class Block:
    """A block as stored, and the header that its columns make."""

    header: BlockHeader
    block_hash: bytes
    signature: bytes
    item_ids: list[int]
    leaf_hashes: list[bytes]
    marks: bytes


def find_block(session: Session, number: int) -> Block | None:
    """The block of a number, or None."""
    ledger = _ledger(session)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    return None if row is None else _block(ledger, row)


def read_blocks(session: Session) -> Iterator[list[Block]]:
    """Every block in order, some at a time: many small ones together, a full one or two alone. Memory stays flat."""
    ledger, after = _ledger(session), -(2**62)
    while sizes := session.execute(_SIZES, {"after": after}).all():
        total, last = 0, sizes[0].number
        for row in sizes:
            total += row.item_count
            if total > _ITEMS_AT_ONCE and row.number != sizes[0].number:
                break
            last = row.number
        yield [_block(ledger, row) for row in session.execute(_SOME, {"first": sizes[0].number, "last": last})]
        after = last


def list_seal_keys(session: Session) -> dict[str, bytes]:
    """The public keys that the ledger itself names, oldest first. Whether to trust one is the verifier's to say."""
    return {row.key_id: bytes(row.public_key) for row in session.execute(_KEYS)}


def seal_head(session: Session, *, at: datetime) -> dict[str, Any]:
    """The newest block, JSON-ready: kept elsewhere, it later shows what was removed together with its seals.

    Raises SealsEmpty.
    """
    newest = session.scalar(_NEWEST)
    block = None if newest is None else find_block(session, newest)
    if block is None:
        raise SealsEmpty
    return {
        "format": HEAD_FORMAT,
        "exported_at": at.isoformat(),
        "block": signed_header(block, list_seal_keys(session)),
        "block_hash": block.block_hash.hex(),
    }


def signed_header(block: Block, keys: Mapping[str, bytes]) -> dict[str, Any]:
    """A block's header with its signature and the key that made it, JSON-ready, for heads and proofs."""
    public = keys.get(block.header.key_id, b"")
    return {"header": block.header.fields(), "signature": block.signature.hex(), "public_key": public.hex()}


def _ledger(session: Session) -> str:
    return str(session.scalar(text("SELECT current_schema()")))


def _block(ledger: str, row: Row[Any]) -> Block:
    leaves = bytes(row.leaf_hashes)
    ids = list(row.item_ids)
    header = BlockHeader(
        ledger=ledger,
        number=row.number,
        stream=row.stream,
        count=row.item_count,
        first_id=row.first_id,
        last_id=row.last_id,
        items_sha256=items_digest(ids, bytes(row.marks)),
        merkle_root=bytes(row.merkle_root),
        cluster=row.cluster,
        next_xact=None if row.next_xact is None else int(row.next_xact),
        next_id=row.next_id,
        previous_hash=bytes(row.previous_hash),
        sealed_at=row.sealed_at,
        key_id=row.key_id,
    )
    split = [leaves[at : at + 32] for at in range(0, len(leaves), 32)]
    return Block(header, bytes(row.block_hash), bytes(row.signature), ids, split, bytes(row.marks))
