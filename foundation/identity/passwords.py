"""Passwords as argon2id, with the same work whether or not there is anything to compare with.

For: foundation.identity only.
Not for: secrets made by us (sessions, tokens); those have 256 random bits and need no slow hash.
"""

from __future__ import annotations

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from foundation.identity.errors import PasswordTooWeak

__all__ = ["check_strength", "hash_password", "needs_new_hash", "new_password", "password_fits"]

# The library's default is RFC 9106's second recommended setting: 64 MiB, 3 passes.
_HASHER = PasswordHasher()
_LONGEST = 128


def hash_password(password: str) -> str:
    """The argon2id string to keep."""
    return _HASHER.hash(password)


def password_fits(password: str, kept: str | None) -> bool:
    """True when the password has this hash; with None the same work is done and the answer is False."""
    if len(password) > _LONGEST:
        password = password[:_LONGEST] + "…"
    try:
        return _HASHER.verify(kept or _hash_of_nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_new_hash(kept: str) -> bool:
    """True when the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def check_strength(password: str, *, username: str) -> None:
    """Raises PasswordTooWeak. Length counts, not signs and capitals (NIST SP 800-63B)."""
    if not 12 <= len(password) <= _LONGEST or username in password.lower():
        raise PasswordTooWeak(field="password")


def new_password() -> str:
    """A random password of 96 bits that can be read aloud: six groups of four, without letters that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(6))


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))
