"""Tables of the seals: blocks and the public keys that sign them.

For: the shapes; the checks live in migrations/region/versions/0008_sealing.py, where no writer can avoid them.
Not for: writing rows (ledger.sealing.sealer).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.tables import RegionBase, Xact

__all__ = ["SealBlock", "SealKey"]


class SealBlock(RegionBase):
    """A signed block: the ids of its items in order, and a hash per item; its header is made of the other columns.

    `marks` are two bytes per column of each item: they only tell which column is no longer what was sealed.
    """

    __tablename__ = "seal_block"
    __table_args__ = (
        Index("ix_seal_block_stream_number", "stream", "number"),
        Index("ix_seal_block_stream_last_id", "stream", "last_id"),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    cluster: Mapped[int] = mapped_column(BigInteger)
    next_xact: Mapped[int | None] = mapped_column(Xact)
    next_id: Mapped[int] = mapped_column(BigInteger)
    sealed_at: Mapped[datetime]
    item_count: Mapped[int]
    stream: Mapped[str] = mapped_column(String(40))
    key_id: Mapped[str] = mapped_column(String(16))
    merkle_root: Mapped[bytes]
    previous_hash: Mapped[bytes]
    block_hash: Mapped[bytes]
    signature: Mapped[bytes]
    item_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    leaf_hashes: Mapped[bytes]
    marks: Mapped[bytes]


class SealKey(RegionBase):
    """A public key that signs from the block on that seals this row."""

    __tablename__ = "seal_key"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16), unique=True)
    public_key: Mapped[bytes]
    introduced_at: Mapped[datetime]
    introduced_by: Mapped[str] = mapped_column(String(120))
    why: Mapped[str] = mapped_column(String(300))
    recorded_xact: Mapped[int] = mapped_column(Xact, server_default=text("pg_current_xact_id()"))
