"""Personal data at rest."""

from __future__ import annotations

import base64

import pytest

from foundation.config import reload_settings
from foundation.crypto import CiphertextUnreadable, blind_index, decrypt_personal, encrypt_personal

NIK = "3316010101800001"


def test_what_is_encrypted_is_read_back_and_never_twice_the_same() -> None:
    sealed = [encrypt_personal(NIK, context="taxpayer.nik") for _ in range(2)]
    assert sealed[0] != sealed[1]
    assert NIK.encode() not in sealed[0]
    assert decrypt_personal(sealed[0], context="taxpayer.nik") == NIK


@pytest.mark.parametrize("change", ["context", "bytes", "short", "key"])
def test_anything_that_does_not_fit_is_refused(change: str) -> None:
    sealed = encrypt_personal(NIK, context="taxpayer.nik")
    context = "taxpayer.npwp" if change == "context" else "taxpayer.nik"
    changed = {
        "context": sealed,
        "bytes": sealed[:-1] + bytes([sealed[-1] ^ 1]),
        "short": sealed[:2],
        "key": b"\x02zz" + sealed[3:],
    }[change]
    with pytest.raises(CiphertextUnreadable):
        decrypt_personal(changed, context=context)


def test_a_new_key_encrypts_and_the_old_one_still_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    old = encrypt_personal(NIK, context="taxpayer.nik")
    new_key = base64.b64encode(b"n" * 32).decode()
    with monkeypatch.context() as patch:
        patch.setenv("LUNAS_DATA_KEYS", f"n2:{new_key},{os.environ['LUNAS_DATA_KEYS']}")
        reload_settings()
        fresh = encrypt_personal(NIK, context="taxpayer.nik")
        assert fresh[1:3] == b"n2"
        assert decrypt_personal(old, context="taxpayer.nik") == NIK
    reload_settings()
    with pytest.raises(CiphertextUnreadable):
        decrypt_personal(fresh, context="taxpayer.nik")


def test_the_blind_index_finds_equals_in_one_context_only() -> None:
    assert blind_index(NIK, context="taxpayer.nik") == blind_index(NIK, context="taxpayer.nik")
    assert blind_index(NIK, context="taxpayer.nik") != blind_index(NIK, context="taxpayer.npwp")
    assert len(blind_index(NIK, context="taxpayer.nik")) == 32
