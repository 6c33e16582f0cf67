"""Merkle trees after RFC 6962: the root over leaves, and the path that proves one leaf.

For: sealing, verifying and proving; nothing here knows what a leaf holds.
Not for: hashing anything without its domain: a leaf begins with byte 0, a node with byte 1, so neither can be taken for
the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["follow_path", "leaf_hash", "path_to", "root_of"]

_LEAF, _NODE = b"\x00", b"\x01"


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of a leaf's data, 32 bytes."""
    return hashlib.sha256(_LEAF + data).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over one or more leaf hashes."""
    level = list(leaves)
    while len(level) > 1:
        level = _next_level(level)
    return level[0]


def path_to(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes beside the way from a leaf to the root, lowest first. Where a node has no neighbour, none is named."""
    path: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        level = _next_level(level)
        index >>= 1
    return path


def follow_path(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf's path leads to, or None when the path cannot be one of this index and count."""
    if not 0 <= index < count:
        return None
    left = list(path)
    while count > 1:
        if index ^ 1 < count:
            if not left:
                return None
            beside = left.pop(0)
            leaf = _node(beside, leaf) if index & 1 else _node(leaf, beside)
        index >>= 1
        count = (count + 1) >> 1
    return None if left else leaf


def _next_level(level: list[bytes]) -> list[bytes]:
    """Pairs joined; a last one without neighbour goes up as it is, which gives RFC 6962's tree."""
    sha256 = hashlib.sha256
    above = [sha256(_NODE + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
    if len(level) & 1:
        above.append(level[-1])
    return above


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
