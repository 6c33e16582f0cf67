"""A block's header: the bytes that are hashed and signed, and the keys that sign.

For: the one form of a header, its hash, Ed25519 signatures, and reading keys from PEM files.
Not for: the database. Whoever checks a head alone needs this module and ledger.sealing.reading; a proof's entry is
hashed by ledger.sealing.merkle besides, in the columns and the text form of ledger.sealing.streams.

A header is a JSON object with sorted names and no blanks: cluster, count, first_id, format, items_sha256, key_id,
last_id, ledger, merkle_root, next_id, next_xact, number, previous_hash, sealed_at, stream. Hashes are in hex, moments
UTC to the microsecond. A key's id is the first 16 hex digits of SHA-256 over its 32 public bytes.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from ledger.errors import SealKeyUnusable
from ledger.sealing.telling import Unsound

__all__ = [
    "FORMAT",
    "NOTHING_BEFORE",
    "BlockHeader",
    "SealSigner",
    "SignedHeader",
    "hash_of",
    "header_bytes",
    "items_digest",
    "key_id_of",
    "load_signer",
    "public_pem",
    "read_hex",
    "read_members",
    "read_public_key",
    "read_signed",
    "signed_by",
]

FORMAT = "lunas-seal-1"
NOTHING_BEFORE = bytes(32)
_NOT_ED25519 = ("bukan kunci Ed25519", "not an Ed25519 key")
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "cluster": str,
    "count": int,
    "first_id": int,
    "format": str,
    "items_sha256": str,
    "key_id": str,
    "last_id": int,
    "ledger": str,
    "merkle_root": str,
    "next_id": int,
    "next_xact": (str, type(None)),
    "number": int,
    "previous_hash": str,
    "sealed_at": str,
    "stream": str,
}


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """What a block commits to. `ledger` is the region's schema; `next_xact` and `next_id` are where the stream goes on
    (None: everything has to be looked through, after the database was moved), in the transaction numbers of the server
    that calls itself `cluster`."""

    ledger: str
    number: int
    stream: str
    count: int
    first_id: int
    last_id: int
    items_sha256: bytes
    merkle_root: bytes
    cluster: int
    next_xact: int | None
    next_id: int
    previous_hash: bytes
    sealed_at: datetime
    key_id: str

    def fields(self) -> dict[str, Any]:
        """The header as JSON-ready values."""
        return {
            "cluster": str(self.cluster),
            "count": self.count,
            "first_id": self.first_id,
            "format": FORMAT,
            "items_sha256": self.items_sha256.hex(),
            "key_id": self.key_id,
            "last_id": self.last_id,
            "ledger": self.ledger,
            "merkle_root": self.merkle_root.hex(),
            "next_id": self.next_id,
            "next_xact": None if self.next_xact is None else str(self.next_xact),
            "number": self.number,
            "previous_hash": self.previous_hash.hex(),
            "sealed_at": self.sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "stream": self.stream,
        }

    def columns(self) -> dict[str, Any]:
        """The header as the columns of its row."""
        return {
            "number": self.number,
            "stream": self.stream,
            "count": self.count,
            "first_id": self.first_id,
            "last_id": self.last_id,
            "merkle_root": self.merkle_root,
            "cluster": self.cluster,
            "next_xact": None if self.next_xact is None else str(self.next_xact),
            "next_id": self.next_id,
            "previous_hash": self.previous_hash,
            "sealed_at": self.sealed_at,
            "key_id": self.key_id,
        }

    def bytes(self) -> bytes:
        """What is hashed and signed."""
        return header_bytes(self.fields())


@dataclass(frozen=True, slots=True)
class SealSigner:
    """A signing key in memory. It never appears in its repr."""

    private: Ed25519PrivateKey
    public: bytes
    key_id: str

    def __repr__(self) -> str:
        return f"SealSigner(key_id={self.key_id})"

    def sign(self, header: bytes) -> bytes:
        """The Ed25519 signature over a header, 64 bytes."""
        return self.private.sign(header)


@dataclass(frozen=True, slots=True)
class SignedHeader:
    """A header read from a file: its fields, the bytes that are signed, the signature, and the key named beside it."""

    fields: Mapping[str, Any]
    signed: bytes
    signature: bytes
    public: bytes


def header_bytes(fields: Mapping[str, Any]) -> bytes:
    """The one form of a header. Raises Unsound for fields that are no header of ours."""
    if set(fields) != set(_FIELDS) or fields["format"] != FORMAT:
        raise Unsound(f"bukan keterangan blok berformat {FORMAT}", f"no block header of the format {FORMAT}")
    # Exactly these types: Python counts True as a number.
    if not all(type(fields[name]) in (kind if isinstance(kind, tuple) else (kind,)) for name, kind in _FIELDS.items()):
        raise Unsound("ada isian keterangan blok yang jenisnya lain", "a field of the block header has another type")
    return orjson.dumps(dict(fields), option=orjson.OPT_SORT_KEYS)


def read_hex(value: object, size: int) -> bytes:
    """So many bytes from their lower-case hex digits. Raises Unsound for anything else, blanks and capitals too."""
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", value):
        told = str(value)[:40]
        raise Unsound(
            f"bukan {2 * size} digit heksadesimal huruf kecil: {told}", f"not {2 * size} lower-case hex digits: {told}"
        )
    return bytes.fromhex(value)


def read_members(value: object, names: Sequence[str]) -> Mapping[str, Any]:
    """A JSON object with exactly these members in this order. Raises Unsound naming what is too many or missing."""
    listed = ", ".join(names)
    if not isinstance(value, Mapping):
        raise Unsound(f"bukan objek dengan {listed}", f"not an object with {listed}")
    for name in value:
        if name not in names:
            told = str(name)[:40]
            raise Unsound(f"ada bagian yang tidak semestinya: {told}", f"a member that does not belong there: {told}")
    for name in names:
        if name not in value:
            raise Unsound(f"bagian yang kurang: {name}", f"a member is missing: {name}")
    if tuple(value) != tuple(names):
        raise Unsound(f"urutan bagian bukan {listed}", f"members in another order than {listed}")
    return value


def read_signed(block: object) -> SignedHeader:
    """A header with its signature and public key, as heads and proofs hold them. Raises Unsound for anything else;
    whether the signature is good is for `signed_by` to say."""
    members = read_members(block, ("header", "signature", "public_key"))
    fields = read_members(members["header"], tuple(_FIELDS))
    public = read_hex(members["public_key"], 32)
    if key_id_of(public) != fields["key_id"]:
        key = str(fields["key_id"])[:40]
        raise Unsound(f"public_key bukan kunci {key}", f"public_key is not key {key}")
    return SignedHeader(fields, header_bytes(fields), read_hex(members["signature"], 64), public)


def hash_of(header: bytes) -> bytes:
    """A block's hash: SHA-256 of its header."""
    return hashlib.sha256(header).digest()


def items_digest(ids: Sequence[int], marks: bytes) -> bytes:
    """SHA-256 over a block's ids (8 bytes each, big endian) and marks, which the header commits to."""
    return hashlib.sha256(struct.pack(f">{len(ids)}q", *ids) + marks).digest()


def signed_by(public: bytes, signature: bytes, header: bytes) -> bool:
    """True when this key signed this header."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, header)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id_of(public: bytes) -> str:
    """The name of a public key: 16 hex digits."""
    return hashlib.sha256(public).hexdigest()[:16]


def load_signer(file: Path) -> SealSigner:
    """The signing key in a PEM file (PKCS 8, Ed25519, without a password), which not everybody may read or write.

    Raises SealKeyUnusable.
    """
    try:
        open_to_all = file.stat().st_mode & 0o006
        private = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        no_key = ("bukan kunci PEM tanpa kata sandi", "no PEM key without a password")
        raise _unusable(file, *_reasons_of(error, no_key)) from error
    if open_to_all:
        raise _unusable(
            file,
            "semua orang dapat membaca atau menulisnya; jalankan chmod 600",
            "everybody may read or write it; run chmod 600",
        )
    if not isinstance(private, Ed25519PrivateKey):
        raise _unusable(file, *_NOT_ED25519)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return SealSigner(private, public, key_id_of(public))


def read_public_key(file: Path) -> bytes:
    """The 32 bytes of an Ed25519 public key in a PEM file. Raises SealKeyUnusable."""
    try:
        public = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise _unusable(file, *_reasons_of(error, ("bukan kunci publik PEM", "no PEM public key"))) from error
    if not isinstance(public, Ed25519PublicKey):
        raise _unusable(file, *_NOT_ED25519)
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _unusable(file: Path, reason_id: str, reason_en: str) -> SealKeyUnusable:
    return SealKeyUnusable(file=str(file), reason_id=reason_id, reason_en=reason_en)


def _reasons_of(error: Exception, no_key: tuple[str, str]) -> tuple[str, str]:
    """Why a key file cannot be used, in both languages; `no_key` where it was read and holds none."""
    if isinstance(error, FileNotFoundError):
        return "berkas tidak ada", "there is no such file"
    if isinstance(error, PermissionError):
        return "berkas tidak boleh dibaca", "the file may not be read"
    return ("berkas tidak dapat dibaca", "the file cannot be read") if isinstance(error, OSError) else no_key


def public_pem(public: bytes) -> str:
    """A public key as PEM text, for those who check."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
