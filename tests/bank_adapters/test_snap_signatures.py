"""SNAP signatures: what we verify is what openssl makes by the steps of the standard, and nothing else.

For: minify, the three strings to sign, signing and verifying, keys that must not be used.
Not for: the messages themselves.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from bank_adapters.snap import (
    KeyRefused,
    body_digest,
    load_private_key,
    load_public_key,
    minify,
    sign_asymmetric,
    sign_symmetric,
    sign_token,
    string_to_sign_asymmetric,
    string_to_sign_symmetric,
    string_to_sign_token,
    verify_asymmetric,
    verify_symmetric,
    verify_token,
)

TIMESTAMP = "2026-01-31T10:00:00+07:00"
PATH = "/3316/snap/v1.0/transfer-va/payment"
BODY = b'{ "partnerServiceId" : "  088899",\r\n\t"note": "a \\"b c\\" d" }'
MINIFIED = b'{"partnerServiceId":"  088899","note":"a \\"b c\\" d"}'
SECRET = "rahasia-contoh-0123456789"


def openssl(*arguments: str, stdin: bytes = b"") -> bytes:
    """Run the openssl command line; what it prints."""
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(private, public): an RSA-2048 pair in PEM, made by openssl."""
    folder = tmp_path_factory.mktemp("keys")
    private, public = folder / "private.pem", folder / "public.pem"
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(private))
    openssl("pkey", "-in", str(private), "-pubout", "-out", str(public))
    return private, public


def public_key(key_files: tuple[Path, Path]) -> rsa.RSAPublicKey:
    return load_public_key(key_files[1].read_bytes())


def private_key(key_files: tuple[Path, Path]) -> rsa.RSAPrivateKey:
    return load_private_key(key_files[0].read_bytes())


def test_a_token_signature_made_with_openssl_verifies(key_files: tuple[Path, Path]) -> None:
    # 1. The string to sign is the client id, a bar, and the timestamp as sent.
    to_sign = b"LUNAS-CLIENT-01|2026-01-31T10:00:00+07:00"
    # 2. Sign it with SHA-256 and the private key (PKCS #1 v1.5).
    signed = openssl("dgst", "-sha256", "-sign", str(key_files[0]), stdin=to_sign)
    # 3. X-SIGNATURE is that in base64 on one line.
    signature = openssl("base64", "-A", stdin=signed).decode()

    assert verify_token(public_key(key_files), signature, client_id="LUNAS-CLIENT-01", timestamp=TIMESTAMP)
    assert not verify_token(public_key(key_files), signature, client_id="LUNAS-CLIENT-02", timestamp=TIMESTAMP)
    assert not verify_token(
        public_key(key_files), signature, client_id="LUNAS-CLIENT-01", timestamp="2026-01-31T10:00:01+07:00"
    )
    # RSA with PKCS #1 v1.5 has no randomness, so ours is the same to the letter.
    assert sign_token(private_key(key_files), client_id="LUNAS-CLIENT-01", timestamp=TIMESTAMP) == signature


def test_a_symmetric_signature_made_with_openssl_verifies() -> None:
    # 1. Hash the minified body: SHA-256, lower-case hex (the last word that openssl prints).
    digest = openssl("dgst", "-sha256", stdin=MINIFIED).decode().split()[-1]
    # 2. The string to sign: METHOD:path:token:hash:timestamp.
    to_sign = f"POST:{PATH}:token-contoh-1:{digest}:{TIMESTAMP}".encode()
    # 3. HMAC-SHA512 with the client secret, then base64 on one line.
    mac = openssl("dgst", "-sha512", "-hmac", SECRET, "-binary", stdin=to_sign)
    signature = openssl("base64", "-A", stdin=mac).decode()

    facts = {"method": "POST", "path": PATH, "token": "token-contoh-1", "timestamp": TIMESTAMP}
    assert verify_symmetric(SECRET, signature, body=BODY, **facts)
    assert verify_symmetric(SECRET, signature, body=MINIFIED, **facts)
    assert sign_symmetric(SECRET, body=BODY, **facts) == signature
    assert not verify_symmetric(SECRET, signature, body=BODY.replace(b"088899", b"088898"), **facts)
    assert not verify_symmetric(SECRET, signature, body=BODY, **{**facts, "path": PATH + "?a=1"})
    assert not verify_symmetric(SECRET, signature, body=BODY, **{**facts, "token": "token-contoh-2"})
    assert not verify_symmetric(SECRET, signature, body=BODY, **{**facts, "method": "PUT"})
    assert not verify_symmetric(SECRET + "x", signature, body=BODY, **facts)


def test_an_asymmetric_signature_without_token_made_with_openssl_verifies(key_files: tuple[Path, Path]) -> None:
    # 1. Hash the minified body: SHA-256, lower-case hex.
    digest = openssl("dgst", "-sha256", stdin=MINIFIED).decode().split()[-1]
    # 2. The string to sign: METHOD:path:hash:timestamp, with no token.
    to_sign = f"POST:{PATH}:{digest}:{TIMESTAMP}".encode()
    # 3. Sign it with SHA-256 and the private key, then base64 on one line.
    signed = openssl("dgst", "-sha256", "-sign", str(key_files[0]), stdin=to_sign)
    signature = openssl("base64", "-A", stdin=signed).decode()

    facts = {"method": "POST", "path": PATH, "timestamp": TIMESTAMP}
    assert verify_asymmetric(public_key(key_files), signature, body=BODY, **facts)
    assert sign_asymmetric(private_key(key_files), body=BODY, **facts) == signature
    assert not verify_asymmetric(public_key(key_files), signature, body=BODY + b" x", **facts)
    assert not verify_asymmetric(public_key(key_files), signature, body=BODY, **{**facts, "path": PATH + "/"})


def test_a_body_hashed_as_sent_verifies_too(key_files: tuple[Path, Path]) -> None:
    digest = hashlib.sha256(BODY).hexdigest()
    to_sign = f"POST:{PATH}:{digest}:{TIMESTAMP}".encode()
    signed = openssl("dgst", "-sha256", "-sign", str(key_files[0]), stdin=to_sign)
    signature = base64.b64encode(signed).decode()

    assert verify_asymmetric(public_key(key_files), signature, method="POST", path=PATH, body=BODY, timestamp=TIMESTAMP)


def test_the_strings_to_sign_are_exact() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert body_digest(b"") == empty
    assert string_to_sign_token("client", TIMESTAMP) == "client|2026-01-31T10:00:00+07:00"
    assert (
        string_to_sign_symmetric(method="get", path="/v1.0/x?b=1&a=2", token="t", digest=empty, timestamp=TIMESTAMP)
        == f"GET:/v1.0/x?b=1&a=2:t:{empty}:2026-01-31T10:00:00+07:00"
    )
    assert (
        string_to_sign_asymmetric(method="POST", path="/v1.0/x", digest=empty, timestamp=TIMESTAMP)
        == f"POST:/v1.0/x:{empty}:2026-01-31T10:00:00+07:00"
    )


@pytest.mark.parametrize(
    "raw, minified",
    [
        (b"", b""),
        (b" \r\n\t ", b""),
        (b'{\n  "a": 1,\r\n\t"b": [1, 2]\n}\n', b'{"a":1,"b":[1,2]}'),
        (b'{"psid": "  088899"}', b'{"psid":"  088899"}'),
        # an escaped quote does not end the string, an escaped backslash before a quote does
        (rb'{"a": "x \" , y"}', rb'{"a":"x \" , y"}'),
        (rb'{"a": "x \\" , "b": " "}', rb'{"a":"x \\","b":" "}'),
        (rb'{"a": "x \\\" , y" , "b": 1}', rb'{"a":"x \\\" , y","b":1}'),
        # PHP escapes the slash, Python escapes non-ASCII: both stay as they were sent
        (rb'{"url": "https:\/\/contoh.go.id\/a b"}', rb'{"url":"https:\/\/contoh.go.id\/a b"}'),
        (rb'{"n": "Jos\u00e9  B"}', rb'{"n":"Jos\u00e9  B"}'),
        ('{"n": "José — B"}'.encode(), '{"n":"José — B"}'.encode()),
        # a no-break space is no JSON whitespace, inside or outside a string
        ('{"n":\u00a0 1}'.encode(), '{"n":\u00a01}'.encode()),
        # broken JSON is not repaired
        (b'{"a": "open  string', b'{"a":"open  string'),
        (b'{"a": "ends in \\', b'{"a":"ends in \\'),
        (b'{"a": 1} "  "  ', b'{"a":1}"  "'),
    ],
)
def test_minify_drops_only_blanks_outside_strings(raw: bytes, minified: bytes) -> None:
    assert minify(raw) == minified


@given(st.binary(max_size=300))
def test_minify_twice_is_minify_once(raw: bytes) -> None:
    assert minify(minify(raw)) == minify(raw)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ),
    st.booleans(),
)
def test_minify_of_spaced_json_is_the_compact_json(value: object, ensure_ascii: bool) -> None:
    # lone surrogates cannot be written in UTF-8; escaped they can
    spaced = json.dumps(value, indent=2, ensure_ascii=ensure_ascii).encode("utf-8", "surrogatepass")
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=ensure_ascii).encode("utf-8", "surrogatepass")
    assert minify(spaced) == compact


def test_minify_of_a_long_hostile_body_returns() -> None:
    assert minify(b'"' + b"\\" * 60_001) == b'"' + b"\\" * 60_001
    assert minify(b'" ' * 30_001) == b'" "' * 15_000 + b'" '


@pytest.mark.parametrize(
    "signature",
    ["", " ", "=", "not base64", "YQ", "YWJj", "é", "\udcff", "A" * 5000, base64.b64encode(b"\x00" * 256).decode()],
)
def test_a_bad_signature_of_any_shape_is_false(signature: str, key_files: tuple[Path, Path]) -> None:
    public = public_key(key_files)
    facts = {"method": "POST", "path": PATH, "body": BODY, "timestamp": TIMESTAMP}
    assert verify_token(public, signature, client_id="c", timestamp=TIMESTAMP) is False
    assert verify_asymmetric(public, signature, **facts) is False
    assert verify_symmetric(SECRET, signature, token="t", **facts) is False


@given(st.text(max_size=60), st.text(max_size=60), st.binary(max_size=60))
def test_whatever_a_caller_sends_verifying_answers(signature: str, text: str, body: bytes) -> None:
    answer = verify_symmetric(SECRET, signature, method="POST", path=text, token=text, body=body, timestamp=text)
    assert answer is False


def test_the_signature_of_another_key_is_false(key_files: tuple[Path, Path]) -> None:
    longer = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    signature = sign_token(longer, client_id="c", timestamp=TIMESTAMP)
    assert verify_token(public_key(key_files), signature, client_id="c", timestamp=TIMESTAMP) is False
    assert verify_token(longer.public_key(), signature, client_id="c", timestamp=TIMESTAMP) is True


def test_an_empty_client_secret_neither_signs_nor_verifies() -> None:
    facts = {"method": "POST", "path": PATH, "token": "t", "body": b"", "timestamp": TIMESTAMP}
    to_sign = f"POST:{PATH}:t:{body_digest(b'')}:{TIMESTAMP}".encode()
    mac = openssl("dgst", "-sha512", "-mac", "HMAC", "-macopt", "hexkey:00", "-binary", stdin=to_sign)
    # a key of one zero byte is the same HMAC key as an empty one
    assert verify_symmetric("", base64.b64encode(mac).decode(), **facts) is False
    with pytest.raises(KeyRefused, match="secret is empty"):
        sign_symmetric("", **facts)


def test_a_short_key_is_refused_by_name(tmp_path: Path) -> None:
    private, public = tmp_path / "short.pem", tmp_path / "short.pub"
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", str(private))
    openssl("pkey", "-in", str(private), "-pubout", "-out", str(public))
    with pytest.raises(KeyRefused) as refused:
        load_public_key(public.read_text())
    assert refused.value.as_dict() == {
        "code": "snap_key_refused",
        "message": {
            "id": "Kunci tidak dapat dipakai: panjangnya 1024 bit, harus 2048 sampai 8192.",
            "en": "The key cannot be used: it has 1024 bits, it must have 2048 to 8192.",
        },
    }
    with pytest.raises(KeyRefused, match="1024 bits"):
        load_private_key(private.read_text())


def test_what_is_no_rsa_key_is_refused_by_name(key_files: tuple[Path, Path]) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    public = curve.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = curve.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(KeyRefused, match="not an RSA key"):
        load_public_key(public)
    with pytest.raises(KeyRefused, match="not an RSA key"):
        load_private_key(private)
    for nonsense in ("", "kunci", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"):
        with pytest.raises(KeyRefused, match="not a public key"):
            load_public_key(nonsense)
        with pytest.raises(KeyRefused, match="not a private key"):
            load_private_key(nonsense)
    # a private key where a public one belongs
    with pytest.raises(KeyRefused, match="not a public key"):
        load_public_key(key_files[0].read_text())


def test_the_key_in_a_certificate_is_read(key_files: tuple[Path, Path]) -> None:
    certificate = openssl("req", "-x509", "-key", str(key_files[0]), "-subj", "/CN=Bank Contoh", "-days", "1")
    assert load_public_key(certificate).public_numbers() == public_key(key_files).public_numbers()
