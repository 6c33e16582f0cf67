"""Making a proof that one entry is in the ledger.

For: `prove_entry`, which a payer, a bank or an auditor may keep.
Not for: checking one, which needs no database (ledger.sealing.proofs).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.errors import EntryNotSealed, EntryUnknown
from ledger.sealing.chain import find_block, list_seal_keys, signed_header
from ledger.sealing.merkle import path_to
from ledger.sealing.proofs import PROOF_FORMAT
from ledger.sealing.streams import ENTRY, pin_text_form, read_items, rows_of

__all__ = ["prove_entry"]

_ENTRY = text("SELECT id FROM journal_entry WHERE uid = :uid")
_BLOCK = text(
    "SELECT number FROM seal_block WHERE stream = 'entry' AND last_id >= :id AND first_id <= :id"
    " AND :id = ANY(item_ids) ORDER BY number LIMIT 1"
)


def prove_entry(session: Session, uid: UUID) -> dict[str, Any]:
    """The entry, its postings, its place in the Merkle tree of its block, and the block's signed header; JSON-ready.

    Raises EntryUnknown, or EntryNotSealed.
    """
    entry_id = session.scalar(_ENTRY, {"uid": uid})
    if entry_id is None:
        raise EntryUnknown(uid=uid)
    number = session.scalar(_BLOCK, {"id": entry_id})
    block = None if number is None else find_block(session, number)
    if block is None:
        raise EntryNotSealed(uid=uid)
    pin_text_form(session)
    rows = rows_of(read_items(session, ENTRY, [entry_id])[entry_id])
    place = block.item_ids.index(entry_id)
    return {
        "format": PROOF_FORMAT,
        "entry": dict(zip(ENTRY.columns, rows[0], strict=True)),
        "postings": [dict(zip(ENTRY.parts, row, strict=True)) for row in rows[1:]],
        "index": place,
        "path": [each.hex() for each in path_to(block.leaf_hashes, place)],
        "block": signed_header(block, list_seal_keys(session)),
    }
