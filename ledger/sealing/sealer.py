"""The sealer: it appends the next block to the chain.

For: `seal_next`, called in a loop by the worker and by `lunas ledger seal`; introducing keys; what waits to be sealed.
Not for: telling whether the seals still fit (ledger.sealing.verifying).

Which rows a block takes: those of transactions older than every one still running, in the order (transaction, id),
after the stream's last block. What commits late has a transaction number not passed yet, so nothing is skipped.
A database that was restored on another server counts its transactions anew: the server's own number, which each block
names, is another one. Then everything is looked through once for what no block holds. What a block already holds is
never taken again.

One sealer at a time per region (advisory lock until the unit of work ends); a sealer that is killed leaves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, text
from sqlalchemy.orm import Session

from foundation.audit import record_act
from ledger.errors import SealKeyNotCurrent
from ledger.sealing.blocks import NOTHING_BEFORE, BlockHeader, SealSigner, hash_of, items_digest
from ledger.sealing.merkle import leaf_hash, root_of
from ledger.sealing.models import SealKey
from ledger.sealing.streams import KEYS, STREAMS, Stream, id_array, marks_of, pin_text_form, read_items

__all__ = [
    "MOST_PER_BLOCK",
    "SealedBlock",
    "change_seal_key",
    "has_unsealed",
    "introduce_key",
    "seal_next",
]

MOST_PER_BLOCK = 4096

_LOCK = text("SELECT pg_advisory_xact_lock('seal_block'::regclass::oid::int, 0)")
_LAST = text("SELECT number, block_hash FROM seal_block ORDER BY number DESC LIMIT 1")
_CURRENT_KEY = text("SELECT key_id FROM seal_key ORDER BY id DESC LIMIT 1")
_POSITION = text(
    "SELECT cluster, next_xact::text AS xact, next_id AS id FROM seal_block WHERE stream = :stream"
    " ORDER BY number DESC LIMIT 1"
)
_HORIZON = text(
    "SELECT pg_snapshot_xmin(s.now)::text AS oldest, pg_snapshot_xmax(s.now)::text AS next,"
    " (SELECT c.system_identifier FROM pg_control_system() c) AS cluster FROM (SELECT pg_current_snapshot() AS now) s"
)
_OVERLAPPING = text(
    "SELECT item_ids FROM seal_block WHERE stream = :stream AND last_id >= :first_id AND first_id <= :last_id"
)
_INSERT = text(
    "INSERT INTO seal_block (number, first_id, last_id, cluster, next_xact, next_id, sealed_at, item_count, stream,"
    " key_id, merkle_root, previous_hash, block_hash, signature, item_ids, leaf_hashes, marks)"
    " VALUES (:number, :first_id, :last_id, :cluster, CAST(:next_xact AS xid8), :next_id, :sealed_at, :count,"
    " :stream, :key_id, :merkle_root, :previous_hash, :block_hash, :signature, CAST(:item_ids AS bigint[]),"
    " :leaf_hashes, :marks)"
)
# Table and column come from STREAMS, never from outside.
_NEXT = (
    "SELECT t.{id} AS id, t.recorded_xact::text AS xact FROM {table} t"
    " WHERE (t.recorded_xact, t.{id}) >= (CAST(:xact AS xid8), :id) AND t.recorded_xact < CAST(:oldest AS xid8)"
    " ORDER BY t.recorded_xact, t.{id} LIMIT :most"
)
_AHEAD = "SELECT EXISTS (SELECT 1 FROM {table} t WHERE t.recorded_xact >= CAST(:next AS xid8))"
_MISSED = (
    "SELECT t.{id} AS id, t.recorded_xact::text AS xact FROM {table} t"
    " WHERE (t.recorded_xact < CAST(:oldest AS xid8) OR t.recorded_xact >= CAST(:next AS xid8))"
    " AND NOT EXISTS (SELECT 1 FROM ("
    "SELECT unnest(b.item_ids) AS item_id FROM seal_block b WHERE b.stream = :stream) s WHERE s.item_id = t.{id})"
    " ORDER BY t.{id} LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A block that was just appended."""

    number: int
    stream: str
    count: int
    block_hash: bytes


@dataclass(frozen=True, slots=True)
class _Taken:
    """The items of the next block, and where the stream goes on in the numbers of the server that calls itself
    `cluster` (xact None: look through everything again)."""

    ids: list[int]
    cluster: int
    next_xact: int | None
    next_id: int


def seal_next(
    session: Session, signer: SealSigner, *, at: datetime, by: str, most: int = MOST_PER_BLOCK, search: bool = False
) -> SealedBlock | None:
    """Append one block of the first stream that has something to seal; None when nothing has.

    The first block of a ledger introduces the key. With `search` everything is looked through for rows that no block
    holds. Raises SealKeyNotCurrent when another key seals this ledger by now; then nothing is sealed.
    """
    session.execute(_LOCK)
    current = session.scalar(_CURRENT_KEY)
    if current is None:
        return introduce_key(session, signer, signer.public, signer.key_id, at=at, by=by, why="the first key")
    if current != signer.key_id:
        raise SealKeyNotCurrent(key=signer.key_id, current=current)
    pin_text_form(session)
    for stream in STREAMS.values():
        taken = _take(session, stream, most, search=search)
        if taken.ids:
            return _append(session, signer, stream, taken, at)
    return None


def introduce_key(
    session: Session, signer: SealSigner, public: bytes, key_id: str, *, at: datetime, by: str, why: str
) -> SealedBlock:
    """Seal a public key into the chain, signed by the key that seals so far (or by itself, when that is lost).

    From this block on it alone seals. The act is audited.
    """
    session.execute(_LOCK)
    pin_text_form(session)
    row_id = session.scalar(
        insert(SealKey)
        .values(key_id=key_id, public_key=public, introduced_at=at, introduced_by=by, why=why)
        .returning(SealKey.id)
    )
    if row_id is None:
        raise AssertionError("an inserted row has its id")
    details = {"key_id": key_id, "signed_by": signer.key_id, "why": why}
    record_act(
        session, actor=by, action="seal_key_introduced", thing="seal_key", thing_uid=key_id, details=details, at=at
    )
    cluster = session.execute(_HORIZON).one().cluster
    return _append(session, signer, KEYS, _Taken([row_id], cluster, 0, row_id + 1), at)


def change_seal_key(
    session: Session, old: SealSigner | None, new: SealSigner, *, at: datetime, by: str, why: str
) -> SealedBlock | None:
    """Let another key seal from now on, introduced by the old one, or by itself where that is lost (None).

    Returns None where there is nothing to change: no block yet, or the new key seals already. Raises SealKeyNotCurrent
    when `old` is not the key that seals.
    """
    session.execute(_LOCK)
    current = session.scalar(_CURRENT_KEY)
    if current is None or current == new.key_id:
        return None
    if old is not None and old.key_id != current:
        raise SealKeyNotCurrent(key=old.key_id, current=current)
    return introduce_key(session, old or new, new.public, new.key_id, at=at, by=by, why=why)


def has_unsealed(session: Session) -> bool:
    """True when something stands past the seals, whether or not it may be sealed yet; cheap enough for every tick."""
    return any(_take(session, stream, 1, settled=False).ids for stream in STREAMS.values())


def _take(session: Session, stream: Stream, most: int, *, search: bool = False, settled: bool = True) -> _Taken:
    """The next items. The horizon is read first: what is older has ended, so the statement after it sees it all."""
    horizon = session.execute(_HORIZON).one()
    bounds = {"oldest": horizon.oldest if settled else horizon.next, "next": horizon.next, "most": most}
    place = None if search else _place(session, stream, horizon)
    if place is None:
        return _missed(session, stream, horizon.cluster, bounds)
    return _following(session, stream, horizon.cluster, bounds, *place)


def _place(session: Session, stream: Stream, horizon: Row[Any]) -> tuple[int, int] | None:
    """The transaction and id from which the stream goes on; None: look through everything for what no block holds."""
    last = session.execute(_POSITION, {"stream": stream.name}).one_or_none()
    if last is None:  # nothing sealed yet; a dump may have brought rows along all the same
        ahead = session.scalar(text(_AHEAD.format(table=stream.table)), {"next": horizon.next})
        return None if ahead else (0, 0)
    if last.cluster != horizon.cluster:
        return None
    if last.xact is None:  # the last block of a search that was not at its end
        return None
    xact = int(last.xact)
    return None if xact > int(horizon.next) else (xact, last.id)


def _missed(session: Session, stream: Stream, cluster: int, bounds: dict[str, Any]) -> _Taken:
    """What no block holds, wherever it stands."""
    statement = text(_MISSED.format(table=stream.table, id=stream.id_column))
    ids = list(session.scalars(statement, bounds | {"stream": stream.name}))
    return _Taken(ids, cluster, None if len(ids) == bounds["most"] else int(bounds["oldest"]), 0)


def _following(session: Session, stream: Stream, cluster: int, bounds: dict[str, Any], xact: int, after: int) -> _Taken:
    """What comes from a place on, and was not sealed before a restore."""
    statement = text(_NEXT.format(table=stream.table, id=stream.id_column))
    while True:
        rows = session.execute(statement, bounds | {"xact": str(xact), "id": after}).all()
        ids = _without_sealed(session, stream, [row.id for row in rows])
        if len(rows) < bounds["most"]:
            return _Taken(ids, cluster, int(bounds["oldest"]), 0)
        xact, after = int(rows[-1].xact), rows[-1].id + 1
        if ids:
            return _Taken(ids, cluster, xact, after)


def _without_sealed(session: Session, stream: Stream, ids: list[int]) -> list[int]:
    """Leave out what a block holds already: rows of before a restore, whose transaction numbers come again."""
    if not ids:
        return ids
    near = {"stream": stream.name, "first_id": min(ids), "last_id": max(ids)}
    sealed = {item for block in session.scalars(_OVERLAPPING, near) for item in block}
    return [item for item in ids if item not in sealed]


def _append(session: Session, signer: SealSigner, stream: Stream, taken: _Taken, at: datetime) -> SealedBlock:
    last = session.execute(_LAST).one_or_none()
    items = read_items(session, stream, taken.ids)
    data = [items[each] for each in taken.ids]
    leaves = [leaf_hash(item) for item in data]
    marks = marks_of(data)
    header = BlockHeader(
        ledger=str(session.scalar(text("SELECT current_schema()"))),
        number=1 if last is None else last.number + 1,
        stream=stream.name,
        count=len(leaves),
        first_id=min(taken.ids),
        last_id=max(taken.ids),
        items_sha256=items_digest(taken.ids, marks),
        merkle_root=root_of(leaves),
        cluster=taken.cluster,
        next_xact=taken.next_xact,
        next_id=taken.next_id,
        previous_hash=NOTHING_BEFORE if last is None else bytes(last.block_hash),
        sealed_at=at,
        key_id=signer.key_id,
    )
    signed = header.bytes()
    block_hash = hash_of(signed)
    session.execute(
        _INSERT,
        header.columns()
        | {
            "block_hash": block_hash,
            "signature": signer.sign(signed),
            "item_ids": id_array(taken.ids),
            "leaf_hashes": b"".join(leaves),
            "marks": marks,
        },
    )
    return SealedBlock(header.number, stream.name, header.count, block_hash)
