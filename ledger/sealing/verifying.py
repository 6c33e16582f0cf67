"""Verifying: the chain is replayed over all that it seals, and what no longer fits is named.

For: `verify_ledger`, run by an auditor or on schedule. It needs public keys from outside the database, and best a head
file from before.
Not for: repairing anything; what is found is for people.

What it holds the ledger to
- Every block follows the one before it, from number 1 on without a gap, and is signed by the key that its chain had
  introduced; the newest block is signed by a key that the caller trusts, or by one that such a key introduced.
- Every sealed row has the bytes that were sealed; none is gone, none is sealed twice.
- No row stands behind the seals or ahead of the server's own count, and no posting without its entry.
- No code of the chart leads to two rows.
- Every entry, sealed or not, keeps the ledger's own rules (ledger.sealing.footing).
- The kinds that adjust and close are those of this version (ledger.sealing.kinds), and so are all triggers and
  functions of the schema (ledger.sealing.guards).
- The final moment and late entries contradict nothing else that is there (ledger.sealing.knowing).
- A head from before is a block of this chain.
- Every closed month holds what it was closed with, and every month stands where its newest audit act left it
  (ledger.periods.checking).
What else is newer than the seals is counted, not judged. The kept sums are not looked at: `check_rollup` proves them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.periods import PeriodCheck, name_of
from ledger.sealing.blocks import NOTHING_BEFORE, hash_of, key_id_of, read_hex, read_members, read_signed, signed_by
from ledger.sealing.chain import HEAD_FORMAT, Block, read_blocks
from ledger.sealing.comparing import changed_columns
from ledger.sealing.findings import Finding
from ledger.sealing.footing import check_entries
from ledger.sealing.guards import check_guards
from ledger.sealing.kinds import check_kinds
from ledger.sealing.knowing import check_knowing
from ledger.sealing.merkle import leaf_hash, root_of
from ledger.sealing.months import list_unsealed_months, months_checked
from ledger.sealing.streams import ENTRY, KEYS, STREAMS, Stream, pin_text_form, read_items, rows_of, split_marks
from ledger.sealing.telling import Unsound, reasons_of

__all__ = ["Verification", "verify_ledger"]

MOST_FINDINGS = 1000
# The bytes differ, but the marks of the columns agree by chance or are gone.
_NOT_NAMED = ("kolomnya tidak dapat ditunjuk", "which column cannot be told")

# Tables and columns come from STREAMS, never from outside.
_SEALED = "(SELECT unnest(b.item_ids) AS item_id, b.number FROM seal_block b WHERE b.stream = :stream)"
# Numbers that the server gave to nobody yet, but for our own: a row that is seen was written by a lower one.
_NEVER_GIVEN = (
    "t.recorded_xact >= pg_snapshot_xmax(pg_current_snapshot())"
    " AND t.recorded_xact IS DISTINCT FROM pg_current_xact_id_if_assigned()"
)
# A row that no block holds is new, unless the stream's seals had passed its place when it came, or never will reach it.
# In a database that was moved, transaction numbers are not comparable with those of the seals: until this server has
# sealed of that stream, it is only counted.
_UNSEALED = (
    "SELECT t.{id} AS id, count(*) OVER () AS unsealed,"
    " coalesce((t.recorded_xact, t.{id}) < (l.next_xact, l.next_id), false) AS behind,"
    " l.next_xact IS NOT NULL AND {never} AS ahead"
    " FROM {table} t LEFT JOIN {sealed} s ON s.item_id = t.{id} LEFT JOIN ("
    "SELECT b.next_xact, b.next_id, b.cluster FROM seal_block b WHERE b.stream = :stream ORDER BY b.number DESC LIMIT 1"
    ") l ON l.cluster = (SELECT c.system_identifier FROM pg_control_system() c) WHERE s.item_id IS NULL"
    " ORDER BY behind DESC, ahead DESC, t.{id} LIMIT :most"
)
# Sealed or not, readers of entries go by these numbers, and by ids for those that came with a dump.
_HIDDEN = (
    "SELECT t.id FROM journal_entry t, balance_position p, pg_control_system() c"
    " WHERE p.cluster = c.system_identifier AND t.id > p.after_id AND {never} ORDER BY t.id LIMIT :most"
)
# Postings stand in their entry's seal by codes, which must lead to one row only.
_CODES = (
    "SELECT 'account' AS stream, a.id, a.code FROM account a WHERE EXISTS ("
    "SELECT 1 FROM account x WHERE x.code = a.code AND x.valid_from = a.valid_from AND x.id <> a.id)"
    " UNION ALL SELECT 'entity', n.id, n.code FROM entity n WHERE EXISTS ("
    "SELECT 1 FROM entity x WHERE x.code = n.code AND x.id <> n.id) ORDER BY 1, 2 LIMIT :most"
)
_TWICE = (
    "SELECT s.item_id, max(s.number) AS number FROM {sealed} s GROUP BY s.item_id HAVING count(*) > 1"
    " ORDER BY s.item_id LIMIT :most"
)
_ORPHANS = (
    "SELECT p.entry_id, count(*) AS lines FROM posting p"
    " WHERE NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.id = p.entry_id)"
    " GROUP BY p.entry_id ORDER BY p.entry_id LIMIT :most"
)


@dataclass(slots=True)
class Verification:
    """What was looked at and found. `sealed` and `unsealed` count items per stream, `rows` rows that were hashed.

    `periods` counts the closed months; `periods_unsealed` names all ("2026-03") whose newest audit act is not sealed
    yet, so that nothing but the database itself says that they were closed or reopened so.
    """

    blocks: int = 0
    rows: int = 0
    sealed: dict[str, int] = field(default_factory=dict)
    unsealed: dict[str, int] = field(default_factory=dict)
    periods: int = 0
    periods_unsealed: tuple[str, ...] = ()
    head_number: int = 0
    head_hash: bytes = NOTHING_BEFORE
    findings: list[Finding] = field(default_factory=list)
    more_findings: int = 0

    @property
    def sound(self) -> bool:
        """True when nothing was found."""
        return not self.findings

    def add(self, finding: Finding) -> None:
        """Keep a finding; beyond the bound they are only counted."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)
        else:
            self.more_findings += 1


def verify_ledger(
    session: Session, *, trusted: Sequence[bytes], heads: Sequence[Mapping[str, Any]] = ()
) -> Verification:
    """Replay the whole chain. `trusted` are public keys (32 bytes) from outside, `heads` what `seal_head` gave before.

    Nothing is raised for what is wrong: it is in `findings`.
    """
    pin_text_form(session)
    found = Verification()
    ledger = str(session.scalar(text("SELECT current_schema()")))
    chain = _Chain(found, trusted, _expected(found, ledger, heads))
    with months_checked(session) as checks:
        for blocks in read_blocks(session):
            items = _read_all(session, blocks)
            for block in blocks:
                chain.follow(block)
                _check_items(found, block, items[block.header.stream], chain)
        chain.end()
        for stream in (KEYS, *STREAMS.values()):
            _look_beside(session, found, stream)
        for row in session.execute(text(_ORPHANS), {"most": MOST_FINDINGS}):
            lines = str(row.lines)
            found.add(Finding("posting_without_entry", "entry", row.entry_id, told_id=lines, told_en=lines))
        for row in session.execute(text(_CODES), {"most": MOST_FINDINGS}):
            found.add(Finding("code_twice", row.stream, row.id, told_id=row.code, told_en=row.code))
        _look_at_entries(session, found)
        for finding in (*check_kinds(session), *check_guards(session), *check_knowing(session, most=MOST_FINDINGS)):
            found.add(finding)
        _look_at_periods(session, found, checks())
    return found


class _Chain:
    """Follows the blocks one by one: numbers, hashes, signatures and keys."""

    def __init__(self, found: Verification, trusted: Sequence[bytes], heads: dict[int, set[bytes]]) -> None:
        self._found = found
        self._trusted = set(trusted)
        self._keys: dict[str, bytes] = {}
        self._current: str | None = None
        self._heads = heads
        self._last_key = ""

    def follow(self, block: Block) -> None:
        """Hold one block against all before it."""
        found, header = self._found, block.header
        for number in range(found.head_number + 1, min(header.number, found.head_number + MOST_FINDINGS)):
            found.add(Finding("block_missing", block=number))
        if header.previous_hash != found.head_hash:
            found.add(Finding("chain_broken", block=header.number))
        signed = header.bytes()
        if hash_of(signed) != block.block_hash:
            found.add(Finding("block_changed", block=header.number, columns=("block_hash",)))
        if header.stream != KEYS.name:
            self._check_signature(block, signed, self._keys.get(header.key_id))
        for _ in self._heads.pop(header.number, set()) - {block.block_hash}:
            found.add(Finding("head_differs", block=header.number))
        found.blocks += 1
        found.head_number, found.head_hash = header.number, block.block_hash
        self._last_key = header.key_id

    def introduce(self, block: Block, item: bytes) -> None:
        """A block that seals a key: signed by the key so far, or by itself, which only outside trust makes good.

        Trust passes on only where the signature covers this very row.
        """
        _, key_id, public_hex, *_ = rows_of(item)[0]
        try:
            public = bytes.fromhex((public_hex or "").removeprefix("\\x"))
        except ValueError:
            public = b""
        signer = block.header.key_id
        if key_id in self._keys:
            # Else a key of a stranger's could take over, and give back to the true one, which then vouches for all.
            self._found.add(Finding("key_again", block=block.header.number, told_id=key_id, told_en=key_id))
        if key_id is None or key_id_of(public) != key_id:
            self._found.add(Finding("key_unknown", block=block.header.number, told_id=signer, told_en=signer))
            return
        signed = self._check_signature(
            block, block.header.bytes(), public if signer == key_id else self._keys.get(signer)
        )
        covered = [leaf_hash(item)] == block.leaf_hashes and root_of(block.leaf_hashes) == block.header.merkle_root
        if signed and covered and self._keys.get(signer) in self._trusted:
            self._trusted.add(public)
        self._keys[key_id] = public
        self._current = key_id

    def _check_signature(self, block: Block, signed: bytes, public: bytes | None) -> bool:
        key_id, number = block.header.key_id, block.header.number
        introduces = block.header.stream == KEYS.name
        if public is None or (not introduces and key_id != self._current):
            self._found.add(Finding("key_unknown", block=number, told_id=key_id, told_en=key_id))
            return False
        if not signed_by(public, block.signature, signed):
            self._found.add(Finding("signature_wrong", block=number))
            return False
        return True

    def end(self) -> None:
        """The newest block vouches for all before it, so its key has to be trusted; heads not met are missing."""
        if self._found.blocks and self._keys.get(self._last_key) not in self._trusted:
            self._found.add(
                Finding("key_untrusted", block=self._found.head_number, told_id=self._last_key, told_en=self._last_key)
            )
        for number in sorted(self._heads):
            self._found.add(Finding("head_missing", block=number))


def _expected(found: Verification, ledger: str, heads: Sequence[Mapping[str, Any]]) -> dict[int, set[bytes]]:
    """By number, the hashes of that block in all head files, as their headers make them; two may contradict."""
    expected: dict[int, set[bytes]] = {}
    for head in heads:
        try:
            read_members(head, ("format", "exported_at", "block", "block_hash"))
            if head["format"] != HEAD_FORMAT:
                given = str(head["format"])[:40]
                raise Unsound(f"format {given}, bukan {HEAD_FORMAT}", f"format {given}, not {HEAD_FORMAT}")
            block = read_signed(head["block"])
            if block.fields["ledger"] != ledger:
                other = block.fields["ledger"][:40]
                raise Unsound(f"buku besar {other}, bukan {ledger}", f"ledger {other}, not {ledger}")
            if not signed_by(block.public, block.signature, block.signed):
                raise Unsound("tanda tangannya salah", "its signature is wrong")
            if read_hex(head["block_hash"], 32) != hash_of(block.signed):
                raise Unsound("block_hash bukan hash blok itu", "block_hash is not that block's hash")
            expected.setdefault(block.fields["number"], set()).add(hash_of(block.signed))
        except (KeyError, TypeError, ValueError) as error:
            told_id, told_en = reasons_of(error)
            found.add(Finding("head_unsound", told_id=told_id, told_en=told_en))
    return expected


def _read_all(session: Session, blocks: Sequence[Block]) -> dict[str, dict[int, bytes]]:
    """What the blocks' items are now, per stream; nothing for a stream that we do not know."""
    ids: dict[str, list[int]] = {}
    for block in blocks:
        ids.setdefault(block.header.stream, []).extend(block.item_ids)
    known = {KEYS.name: KEYS, **STREAMS}
    return {name: read_items(session, known[name], wanted) if name in known else {} for name, wanted in ids.items()}


def _check_items(found: Verification, block: Block, items: Mapping[int, bytes], chain: _Chain) -> None:
    """Hold each item of a block to its leaf, and the leaves to the block's root."""
    header = block.header
    if root_of(block.leaf_hashes) != header.merkle_root:
        found.add(Finding("block_changed", block=header.number, columns=("merkle_root",)))
    if (len(block.item_ids), min(block.item_ids), max(block.item_ids)) != (
        header.count,
        header.first_id,
        header.last_id,
    ):
        found.add(Finding("block_changed", block=header.number, columns=("item_ids",)))
    found.sealed[header.stream] = found.sealed.get(header.stream, 0) + len(block.item_ids)
    wrong: list[int] = []
    for place, (item_id, sealed) in enumerate(zip(block.item_ids, block.leaf_hashes, strict=False)):
        item = items.get(item_id)
        if item is None:
            found.add(Finding("row_missing", header.stream, item_id, header.number))
            continue
        found.rows += item.count(b"\n") + 1
        if leaf_hash(item) != sealed:
            wrong.append(place)
        if header.stream == KEYS.name:
            chain.introduce(block, item)
    if wrong:
        _name_changes(found, block, items, wrong)


def _name_changes(found: Verification, block: Block, items: Mapping[int, bytes], wrong: Sequence[int]) -> None:
    marks = split_marks(block.marks, len(block.item_ids))
    stream = {KEYS.name: KEYS, **STREAMS}[block.header.stream]
    for place in wrong:
        item_id = block.item_ids[place]
        columns = changed_columns(stream, items[item_id], marks[place] if place < len(marks) else ())
        found.add(Finding("row_changed", stream.name, item_id, block.header.number, columns, *_NOT_NAMED))


def _look_at_entries(session: Session, found: Verification) -> None:
    """Entries that readers never see, or that break the ledger's rules, unless they are named for something already."""
    named = {finding.item_id for finding in found.findings if finding.stream == ENTRY.name}
    for entry_id in session.scalars(text(_HIDDEN.format(never=_NEVER_GIVEN)), {"most": MOST_FINDINGS}):
        if entry_id not in named:
            found.add(Finding("row_ahead", ENTRY.name, entry_id))
    for finding in check_entries(session, most=MOST_FINDINGS):
        if finding.item_id not in named:
            found.add(finding)


def _look_at_periods(session: Session, found: Verification, checks: Sequence[PeriodCheck]) -> None:
    """Hold every month to what it was closed with and to the audit acts about it, which the chain has just proved."""
    found.periods = sum(each.state == "CLOSED" for each in checks)
    unsealed = list_unsealed_months(session, checks, upto=found.head_number)
    found.periods_unsealed = tuple(name_of(month) for month in unsealed)
    for fault in (fault for each in checks for fault in each.faults):
        found.add(Finding(fault.kind, f"period {fault.month}", told_id=fault.told_id, told_en=fault.told_en))


def _look_beside(session: Session, found: Verification, stream: Stream) -> None:
    """Rows that no block holds, and rows that more than one does."""
    place = {"table": stream.table, "id": stream.id_column, "sealed": _SEALED, "never": _NEVER_GIVEN}
    values = {"stream": stream.name, "most": MOST_FINDINGS}
    found.unsealed[stream.name] = 0
    for row in session.execute(text(_UNSEALED.format(**place)), values):
        found.unsealed[stream.name] = row.unsealed
        # A key comes with its block, in one transaction: without one it was put in.
        if row.behind or row.ahead or stream is KEYS:
            found.add(Finding("row_ahead" if row.ahead else "row_behind", stream.name, row.id))
    for row in session.execute(text(_TWICE.format(**place)), values):
        found.add(Finding("sealed_twice", stream.name, row.item_id, row.number))
