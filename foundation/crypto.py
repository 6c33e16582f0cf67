"""Personal data and secrets at rest: AES-256-GCM with key ids, and a blind index for look-up.

For: NIK, NPWP, phone, e-mail, partner secrets, TOTP secrets. The context (e.g. "taxpayer.nik") is authenticated, so a
ciphertext moved to another column does not decrypt.
Not for: passwords (argon2 in foundation.identity) or signatures towards banks (bank_adapters.snap).

Rotation: put a new key first in LUNAS_DATA_KEYS; old rows still decrypt by the key id they carry.
Layout: 1 byte length of key id, key id, 12 bytes nonce, ciphertext with tag.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.config import settings
from foundation.errors import LunasError

__all__ = ["CiphertextUnreadable", "blind_index", "decrypt_personal", "encrypt_personal"]


class CiphertextUnreadable(LunasError):
    """The key is gone, the context is another one, or the bytes were changed."""

    code = "ciphertext_unreadable"
    text_id = "Data terenkripsi tidak dapat dibuka ({context})."
    text_en = "Encrypted data cannot be opened ({context})."


def encrypt_personal(text: str, *, context: str) -> bytes:
    """Encrypt under the first data key, bound to a context such as "taxpayer.nik"."""
    key_id, key = settings().data_keys[0]
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), context.encode())
    return bytes([len(key_id)]) + key_id.encode() + nonce + sealed


def decrypt_personal(sealed: bytes, *, context: str) -> str:
    """The text again. Raises CiphertextUnreadable when the key, context or bytes do not fit."""
    try:
        key_end = 1 + sealed[0]
        key = dict(settings().data_keys)[sealed[1:key_end].decode()]
        nonce, rest = sealed[key_end : key_end + 12], sealed[key_end + 12 :]
        return AESGCM(key).decrypt(nonce, rest, context.encode()).decode()
    except (InvalidTag, KeyError, IndexError, ValueError) as error:
        raise CiphertextUnreadable(context=context) from error


def blind_index(text: str, *, context: str) -> bytes:
    """A keyed hash that finds equal values without revealing them: 32 bytes of HMAC-SHA256."""
    return hmac.digest(settings().index_key, f"{context}\x1f{text}".encode(), hashlib.sha256)
