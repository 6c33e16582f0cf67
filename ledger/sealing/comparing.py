"""Naming what changed: an item as it is now beside the marks of what was sealed.

For: the words "amount_sen of posting 2" in a finding.
Not for: telling that something changed; the leaf's hash says that, and two bytes per column may agree by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from ledger.sealing.streams import Stream

__all__ = ["changed_columns"]


def changed_columns(stream: Stream, item: bytes, sealed: Sequence[int]) -> tuple[str, ...]:
    """The columns that differ, those of further rows as "posting 2: amount_sen"; empty where it cannot be told."""
    rows = [row.split(b"\t") for row in item.split(b"\n")]
    own, width = len(stream.columns), len(stream.parts)
    named = [stream.columns[at] for at in _differing(rows[0], sealed[:own])]
    if not width:
        return tuple(named)
    was = {number: sealed[at : at + width] for number, at in enumerate(range(own, len(sealed), width), start=1)}
    now = {int(row[0]): row for row in rows[1:]}
    for number in sorted(was.keys() | now.keys()):
        if number not in now:
            named.append(f"posting {number}: missing")
        elif number not in was:
            named.append(f"posting {number}: added")
        else:
            named += [f"posting {number}: {stream.parts[at]}" for at in _differing(now[number], was[number])]
    return tuple(named)


def _differing(columns: Sequence[bytes], marks: Sequence[int]) -> list[int]:
    return [at for at, (now, was) in enumerate(zip(columns, marks, strict=False)) if crc32(now) & 0xFFFF != was]
