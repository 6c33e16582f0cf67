"""Identifiers that leave the house: UUID version 7 (RFC 9562), which sort by when they were made.

For: `uid` columns and anything a person or a bank is shown.
Not for: primary keys (bigint identity columns) or secrets (UUIDs can be guessed; use `secrets`).
Python 3.11 and PostgreSQL 15 have no function for it, hence this one.
"""

from __future__ import annotations

import os
from uuid import UUID

from foundation import clock

__all__ = ["new_uid"]


def new_uid() -> UUID:
    """A new UUIDv7: 48 bits of milliseconds, then version, variant and 74 random bits."""
    milliseconds = int(clock.now().timestamp() * 1000)
    chance = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= (chance >> 62 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= chance & (1 << 62) - 1
    return UUID(int=value)
