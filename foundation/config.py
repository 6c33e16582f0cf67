"""Settings: read once, checked whole, and refused with the full list of what is missing.

For: what differs between installations (addresses and keys). Each comes from the environment, or from
`settings.env` in the home directory, where the environment wins. docs/settings.md lists them all.
Not for: facts of law or agreements with banks; those are dated rows (foundation.policies, partner profiles).
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from foundation.embedded import default_home
from foundation.errors import SettingsIncomplete

__all__ = ["SETTING_NAMES", "Settings", "reload_settings", "settings", "write_new_keys", "write_seal_key"]

SETTING_NAMES = {
    "LUNAS_HOME": "where the embedded server, inbox and settings.env live",
    "DATABASE_URL": "the application's role; without it the embedded server is used",
    "DATABASE_OWNER_URL": "the owner's role, for migrations and new regions; needed when DATABASE_URL is set",
    "LUNAS_SECRET_KEY": "signs session cookies and form tokens; 32 bytes or more",
    "LUNAS_DATA_KEYS": "keys for personal data at rest: id:base64 of 32 bytes, comma separated, the first encrypts",
    "LUNAS_INDEX_KEY": "key of the blind index; base64 of 32 bytes",
    "LUNAS_SEAL_KEY_FILE": "the key that seals the ledger, Ed25519 as PEM; default <home>/seal-key.pem",
    "LUNAS_HEADS": "directory that each region's newest seal is written to once a day; default <home>/heads",
    "LUNAS_BASE_URL": "the public address of this installation, e.g. https://lunas.example.go.id",
    "LUNAS_INBOX": "directory that banks' files arrive in; default <home>/inbox",
    "LUNAS_INSECURE_COOKIES": "1 only where pages are served without TLS on this machine (demo, tests)",
    "LUNAS_TRUSTED_PROXIES": "how many reverse proxies stand in front, for the payer's address; default 0",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What this installation runs with. Keys never appear in its repr."""

    home: Path
    database_url: str | None
    database_owner_url: str | None
    base_url: str
    inbox: Path
    seal_key_file: Path
    heads: Path
    insecure_cookies: bool
    trusted_proxies: int
    secret_key: str
    data_keys: tuple[tuple[str, bytes], ...]
    index_key: bytes

    def __repr__(self) -> str:
        return f"Settings(home={self.home}, base_url={self.base_url})"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings, read once per process. Raises SettingsIncomplete naming every problem at once."""
    return read_settings(os.environ)


def reload_settings() -> Settings:
    """Forget what was read and read again; for tests and the demo's first start."""
    settings.cache_clear()
    return settings()


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment and the settings.env of its home. Raises SettingsIncomplete."""
    home = Path(environ["LUNAS_HOME"]) if environ.get("LUNAS_HOME") else default_home()
    values = {**_read_env_file(home / "settings.env"), **environ}
    problems: list[str] = []
    if values.get("DATABASE_URL") and not values.get("DATABASE_OWNER_URL"):
        problems.append("DATABASE_OWNER_URL: " + SETTING_NAMES["DATABASE_OWNER_URL"])
    secret_key = values.get("LUNAS_SECRET_KEY", "")
    if len(secret_key) < 32:
        problems.append("LUNAS_SECRET_KEY: " + SETTING_NAMES["LUNAS_SECRET_KEY"])
    data_keys = _data_keys(values.get("LUNAS_DATA_KEYS", ""), problems)
    index_key = _key("LUNAS_INDEX_KEY", values.get("LUNAS_INDEX_KEY", ""), problems)
    proxies = values.get("LUNAS_TRUSTED_PROXIES", "0")
    if not (proxies.isascii() and proxies.isdigit()):
        problems.append("LUNAS_TRUSTED_PROXIES: " + SETTING_NAMES["LUNAS_TRUSTED_PROXIES"])
    if problems:
        raise SettingsIncomplete(problems="\n".join(f"- {problem}" for problem in problems))
    return Settings(
        home=home,
        database_url=values.get("DATABASE_URL") or None,
        database_owner_url=values.get("DATABASE_OWNER_URL") or None,
        base_url=values.get("LUNAS_BASE_URL", "http://127.0.0.1:8080").rstrip("/"),
        inbox=Path(values.get("LUNAS_INBOX") or home / "inbox"),
        seal_key_file=Path(values.get("LUNAS_SEAL_KEY_FILE") or home / "seal-key.pem"),
        heads=Path(values.get("LUNAS_HEADS") or home / "heads"),
        insecure_cookies=values.get("LUNAS_INSECURE_COOKIES") == "1",
        trusted_proxies=int(proxies),
        secret_key=secret_key,
        data_keys=data_keys,
        index_key=index_key,
    )


def write_new_keys(home: Path) -> Path:
    """Write `settings.env` and `seal-key.pem` with fresh random keys, for their owner only; neither is overwritten.

    Returns the former.
    """
    file = home / "settings.env"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "seal-key.pem").exists():
        write_seal_key(home / "seal-key.pem")
    if file.exists():
        return file
    lines = [
        f"LUNAS_SECRET_KEY={secrets.token_urlsafe(48)}",
        f"LUNAS_DATA_KEYS=k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        f"LUNAS_INDEX_KEY={base64.b64encode(secrets.token_bytes(32)).decode()}",
    ]
    _write_secret(file, "\n".join(lines) + "\n")
    return file


def write_seal_key(file: Path) -> None:
    """Write a fresh Ed25519 key as PEM, readable by its owner only. Raises FileExistsError."""
    key = Ed25519PrivateKey.generate()
    _write_secret(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"))


def _write_secret(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _read_env_file(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    pairs = (line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs if not name.startswith("#")}


def _key(name: str, text: str, problems: list[str]) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        problems.append(f"{name}: {SETTING_NAMES[name]}")
    return key


def _data_keys(text: str, problems: list[str]) -> tuple[tuple[str, bytes], ...]:
    keys: list[tuple[str, bytes]] = []
    found: list[str] = []
    for part in text.split(","):
        key_id, _, encoded = part.partition(":")
        key = _key("LUNAS_DATA_KEYS", encoded, found)
        if not key_id.isalnum() or len(key_id) > 16:
            found.append("LUNAS_DATA_KEYS: " + SETTING_NAMES["LUNAS_DATA_KEYS"])
        keys.append((key_id, key))
    problems.extend(found[:1])
    return tuple(keys)
