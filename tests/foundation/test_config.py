"""Settings: read whole, refused with the full list."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from foundation.config import read_settings, write_new_keys
from foundation.errors import SettingsIncomplete


def test_everything_missing_is_named_at_once(tmp_path: Path) -> None:
    environ = {"LUNAS_HOME": str(tmp_path), "DATABASE_URL": "postgresql://a@b/c", "LUNAS_TRUSTED_PROXIES": "many"}
    with pytest.raises(SettingsIncomplete) as refused:
        read_settings(environ)
    named = [line.split(":")[0].lstrip("- ") for line in refused.value.message_en.splitlines()[1:]]
    assert named == [
        "DATABASE_OWNER_URL",
        "LUNAS_SECRET_KEY",
        "LUNAS_DATA_KEYS",
        "LUNAS_INDEX_KEY",
        "LUNAS_TRUSTED_PROXIES",
    ]


@pytest.mark.parametrize("keys", ["k1:tooshort", "k1", ":" + "A" * 43 + "=", "k 1:" + "A" * 43 + "=", "k1:!!!"])
def test_an_unreadable_data_key_is_refused(tmp_path: Path, keys: str) -> None:
    environ = _good(tmp_path) | {"LUNAS_DATA_KEYS": keys}
    with pytest.raises(SettingsIncomplete, match="LUNAS_DATA_KEYS"):
        read_settings(environ)


def test_new_keys_are_readable_by_their_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    file = write_new_keys(tmp_path / "new")
    kept = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert write_new_keys(tmp_path / "new").read_bytes() == kept
    known = read_settings({"LUNAS_HOME": str(tmp_path / "new")})
    assert len(known.index_key) == 32
    assert [key_id for key_id, _key in known.data_keys] == ["k1"]


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    environ = _good(tmp_path)
    (tmp_path / "settings.env").write_text(
        "# a remark\nLUNAS_BASE_URL = https://a.example.go.id/\nLUNAS_TRUSTED_PROXIES=2\n", encoding="utf-8"
    )
    assert read_settings(environ).base_url == "https://a.example.go.id"
    known = read_settings(environ | {"LUNAS_BASE_URL": "https://b.example.go.id"})
    assert (known.base_url, known.trusted_proxies) == ("https://b.example.go.id", 2)
    assert (known.inbox, known.heads) == (tmp_path / "inbox", tmp_path / "heads")


def test_no_key_is_in_the_repr(tmp_path: Path) -> None:
    known = read_settings(_good(tmp_path))
    assert "AAAA" not in repr(known)
    assert known.secret_key not in repr(known)


def _good(home: Path) -> dict[str, str]:
    key = "A" * 43 + "="
    return {
        "LUNAS_HOME": str(home),
        "LUNAS_SECRET_KEY": "s" * 40,
        "LUNAS_DATA_KEYS": f"k1:{key}",
        "LUNAS_INDEX_KEY": key,
    }
