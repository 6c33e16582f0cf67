"""SNAP signatures over raw bytes: token (RSA), symmetric (HMAC-SHA512) and asymmetric without a token (RSA).

For: minifying, composing the string to sign, signing and verifying; keys are arguments.
Not for: where keys are kept (payments), or whether a timestamp is fresh (`timestamps.py`).

Source: interfaces.md §2.2 and §2.4. Verifying never raises on what a caller sent: a bad signature of any shape is
False. A caller may have hashed the body minified or as sent, so both are tried, minified first.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate

from bank_adapters.snap.errors import KeyRefused

__all__ = [
    "body_digest",
    "load_private_key",
    "load_public_key",
    "minify",
    "sign_asymmetric",
    "sign_symmetric",
    "sign_token",
    "string_to_sign_asymmetric",
    "string_to_sign_symmetric",
    "string_to_sign_token",
    "verify_asymmetric",
    "verify_symmetric",
    "verify_token",
]

# JSON's insignificant whitespace.
_BLANKS = b" \t\n\r"
# A string with its escapes is kept whole (group 1); blanks outside strings are dropped. The possessive quantifiers
# keep it linear on hostile input; the closing quote is optional so that a broken string is kept too.
_STRINGS_AND_BLANKS = re.compile(rb'("(?:[^"\\]++|\\.)*+"?)|[ \t\n\r]+', re.DOTALL)
_LEAST_RSA_BITS = 2048
# Longer keys only cost time, which a caller could then make us spend.
_MOST_RSA_BITS = 8192
_LONGEST_SIGNATURE = 2048


def minify(raw: bytes) -> bytes:
    """The body without insignificant whitespace (space, tab, line feed, carriage return outside strings).

    Works on the raw bytes and never decodes: one writer escapes "/" and another escapes non-ASCII, and the signature
    is over what was sent.
    """
    if b"\\" not in raw:
        # Without escapes every quote begins or ends a string, so every other piece is outside: the common, quick case.
        pieces = raw.split(b'"')
        pieces[::2] = [piece.translate(None, _BLANKS) for piece in pieces[::2]]
        return b'"'.join(pieces)
    return _STRINGS_AND_BLANKS.sub(rb"\1", raw)


def body_digest(body: bytes) -> str:
    """Lower-case hex SHA-256 of exactly these bytes; of nothing where the body is empty."""
    return hashlib.sha256(body).hexdigest()


def string_to_sign_token(client_id: str, timestamp: str) -> str:
    """`clientId|X-TIMESTAMP`, for the access token request."""
    return f"{client_id}|{timestamp}"


def string_to_sign_symmetric(*, method: str, path: str, token: str, digest: str, timestamp: str) -> str:
    """`METHOD:path+query:token:digest:X-TIMESTAMP`; `path` is the path as called, prefix and query included."""
    return f"{method.upper()}:{path}:{token}:{digest}:{timestamp}"


def string_to_sign_asymmetric(*, method: str, path: str, digest: str, timestamp: str) -> str:
    """`METHOD:path+query:digest:X-TIMESTAMP`, for partners that sign messages with their RSA key and use no token."""
    return f"{method.upper()}:{path}:{digest}:{timestamp}"


def load_public_key(pem: str | bytes) -> rsa.RSAPublicKey:
    """Read a partner's RSA public key from PEM (a public key or an X.509 certificate).

    Raises KeyRefused where it cannot be read, is not RSA, or has fewer than 2048 (or more than 8192) bits.
    """
    data = pem.encode() if isinstance(pem, str) else pem
    try:
        if b"BEGIN CERTIFICATE" in data:
            key: object = load_pem_x509_certificate(data).public_key()
        else:
            key = serialization.load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise KeyRefused(reason_id="bukan kunci publik PEM", reason_en="it is not a public key in PEM") from fault
    if not isinstance(key, rsa.RSAPublicKey):
        raise KeyRefused(reason_id="bukan kunci RSA", reason_en="it is not an RSA key")
    _require_key_size(key.key_size)
    return key


def load_private_key(pem: str | bytes, password: bytes | None = None) -> rsa.RSAPrivateKey:
    """Read our own RSA private key from PEM. Raises KeyRefused as `load_public_key` does."""
    data = pem.encode() if isinstance(pem, str) else pem
    try:
        key = serialization.load_pem_private_key(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise KeyRefused(
            reason_id="bukan kunci privat PEM, atau sandinya salah",
            reason_en="it is not a private key in PEM, or its password is wrong",
        ) from fault
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyRefused(reason_id="bukan kunci RSA", reason_en="it is not an RSA key")
    _require_key_size(key.key_size)
    return key


def _require_key_size(bits: int) -> None:
    if not _LEAST_RSA_BITS <= bits <= _MOST_RSA_BITS:
        raise KeyRefused(
            reason_id=f"panjangnya {bits} bit, harus {_LEAST_RSA_BITS} sampai {_MOST_RSA_BITS}",
            reason_en=f"it has {bits} bits, it must have {_LEAST_RSA_BITS} to {_MOST_RSA_BITS}",
        )


def sign_token(private_key: rsa.RSAPrivateKey, *, client_id: str, timestamp: str) -> str:
    """X-SIGNATURE of an access token request, in base64."""
    return _sign_rsa(private_key, string_to_sign_token(client_id, timestamp))


def verify_token(public_key: rsa.RSAPublicKey, signature: str, *, client_id: str, timestamp: str) -> bool:
    """True when the caller's key signed exactly this client id and timestamp."""
    return _verify_rsa(public_key, string_to_sign_token(client_id, timestamp), signature)


def sign_symmetric(secret: str, *, method: str, path: str, token: str, body: bytes, timestamp: str) -> str:
    """X-SIGNATURE with the client secret over the minified body, in base64. Raises KeyRefused on an empty secret."""
    if not secret:
        raise KeyRefused(reason_id="rahasia klien kosong", reason_en="the client secret is empty")
    text = string_to_sign_symmetric(
        method=method, path=path, token=token, digest=body_digest(minify(body)), timestamp=timestamp
    )
    return base64.b64encode(_hmac_sha512(secret, text)).decode("ascii")


def verify_symmetric(
    secret: str, signature: str, *, method: str, path: str, token: str, body: bytes, timestamp: str
) -> bool:
    """True when the signature is the client secret's over the body minified or as sent; compared in constant time."""
    given = _decode_signature(signature)
    if given is None or not secret:
        return False
    return any(
        hmac.compare_digest(
            given,
            _hmac_sha512(
                secret,
                string_to_sign_symmetric(method=method, path=path, token=token, digest=digest, timestamp=timestamp),
            ),
        )
        for digest in _digests_to_try(body)
    )


def sign_asymmetric(private_key: rsa.RSAPrivateKey, *, method: str, path: str, body: bytes, timestamp: str) -> str:
    """X-SIGNATURE of a message signed with the RSA key and no token, over the minified body, in base64."""
    digest = body_digest(minify(body))
    return _sign_rsa(
        private_key, string_to_sign_asymmetric(method=method, path=path, digest=digest, timestamp=timestamp)
    )


def verify_asymmetric(
    public_key: rsa.RSAPublicKey, signature: str, *, method: str, path: str, body: bytes, timestamp: str
) -> bool:
    """True when the partner's key signed this message, its body minified or as sent."""
    return any(
        _verify_rsa(
            public_key,
            string_to_sign_asymmetric(method=method, path=path, digest=digest, timestamp=timestamp),
            signature,
        )
        for digest in _digests_to_try(body)
    )


def _digests_to_try(body: bytes) -> tuple[str, ...]:
    minified = minify(body)
    if minified == body:
        return (body_digest(body),)
    return (body_digest(minified), body_digest(body))


def _to_bytes(text: str) -> bytes:
    # Headers may carry anything; what cannot be written as UTF-8 must fail the comparison, not the server.
    return text.encode("utf-8", "surrogatepass")


def _hmac_sha512(secret: str, text: str) -> bytes:
    return hmac.digest(_to_bytes(secret), _to_bytes(text), "sha512")


def _sign_rsa(private_key: rsa.RSAPrivateKey, text: str) -> str:
    signed = private_key.sign(_to_bytes(text), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signed).decode("ascii")


def _verify_rsa(public_key: rsa.RSAPublicKey, text: str, signature: str) -> bool:
    given = _decode_signature(signature)
    if given is None:
        return False
    try:
        public_key.verify(given, _to_bytes(text), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _decode_signature(signature: str) -> bytes | None:
    if not signature or len(signature) > _LONGEST_SIGNATURE:
        return None
    try:
        return base64.b64decode(signature, validate=True)
    except ValueError:
        return None
