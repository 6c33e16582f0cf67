"""What every test stands on: settings of its own, no network beyond this machine, and the database fixtures.

For: pytest. The fixtures that others use are in tests/database.py and named in its docstring. Long runs, marked `soak`,
are left out unless asked for: `pytest -m soak`.
Not for: fixtures of one package; those belong in that package's folder.
"""

from __future__ import annotations

import base64
import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

pytest_plugins = ("tests.database", "tests.browser_required")

TEST_KEYS = {
    "LUNAS_SECRET_KEY": "a key for tests alone, longer than 32 bytes",
    "LUNAS_DATA_KEYS": "t1:" + base64.b64encode(b"data key for tests alone, 32 b..").decode(),
    "LUNAS_INDEX_KEY": base64.b64encode(b"index key for tests alone, 32 b.").decode(),
    "LUNAS_BASE_URL": "http://127.0.0.1:8080",
    "LUNAS_INSECURE_COOKIES": "1",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long runs out, unless the choice of markers names them."""
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


class NetworkRefused(AssertionError):
    """A test tried to reach another machine."""


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings of the tests alone: nothing of the developer's home, database or keys is seen."""
    from foundation.config import SETTING_NAMES, reload_settings, write_seal_key

    with pytest.MonkeyPatch.context() as patch:
        for name in SETTING_NAMES:
            patch.delenv(name, raising=False)
        for name, value in TEST_KEYS.items():
            patch.setenv(name, value)
        home = tmp_path_factory.mktemp("home")
        patch.setenv("LUNAS_HOME", str(home))
        write_seal_key(home / "seal-key.pem")
        reload_settings()
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection and every look-up of a name that would leave this machine."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_outside(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_outside(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *others: Any, **named: Any) -> Any:
        if host is not None and not _is_here(host):
            raise NetworkRefused(f"a test looks up {host!r}")
        return getaddrinfo(host, *others, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


def _refuse_outside(family: int, address: Any) -> None:
    if family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
        raise NetworkRefused(f"a test connects to {address!r}")


def _is_here(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in ("", "localhost", "0.0.0.0", "::"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
