"""What a running sandbox bank holds: its settings, its database, and one line to Lunas per client.

For: `RunningBank`, made once at the start; `the_bank()` finds it from within a request.
Not for: anything that outlasts the process; that lies in the database.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta

from flask import current_app

from app.sandbox_bank.database import SandboxDatabase
from app.sandbox_bank.errors import ClientUnknown
from app.sandbox_bank.models import Client
from app.sandbox_bank.settings import SandboxSettings, read_sandbox_settings
from bank_adapters.snap import CallerIdentity, SnapBankCaller, SnapCaller, SnapProfile, load_private_key
from foundation import clock

__all__ = ["EXTENSION", "RunningBank", "open_bank", "the_bank"]

EXTENSION = "sandbox_bank"
_CHANNEL = "95221"


class RunningBank:
    """The sandbox bank in this process."""

    def __init__(self, settings: SandboxSettings, database: SandboxDatabase) -> None:
        """Keep what was opened; nothing is called yet."""
        self.settings = settings
        self.database = database
        self._lines: dict[tuple[str, ...], SnapBankCaller] = {}
        self._lock = threading.Lock()

    def line_to_lunas(self, client: Client) -> SnapBankCaller:
        """The caller for a client, with its token kept between calls; a new connection file makes a new one.

        Raises ClientUnknown while Lunas's reply has not been stored.
        """
        base_url, client_id, secret = client.lunas_base_url, client.lunas_client_id, client.lunas_client_secret
        if not base_url or not client_id or not secret:
            raise ClientUnknown(region=client.region)
        key = (client.region, base_url, client_id, secret, client.notify_signature)
        with self._lock:
            if key not in self._lines:
                identity = CallerIdentity(
                    client_id=client_id,
                    partner_id=client_id,
                    channel_id=_CHANNEL,
                    client_secret=secret,
                    private_key=load_private_key(client.private_key_pem),
                )
                caller = SnapCaller(
                    base_url=base_url,
                    identity=identity,
                    profile=SnapProfile(),
                    now=clock.now,
                    timeout=timedelta(seconds=5),
                )
                self._lines[key] = SnapBankCaller(caller, notify_signature=client.notify_signature)
            return self._lines[key]

    def close(self) -> None:
        """Close the database."""
        self.database.dispose()

    def __enter__(self) -> RunningBank:
        """Use the bank for the length of a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it, whatever happened."""
        self.close()


def open_bank(environ: Mapping[str, str] | None = None) -> RunningBank:
    """Open the sandbox bank of an environment, its database prepared. Raises SettingsIncomplete or SandboxLooksReal."""
    settings = read_sandbox_settings(environ)
    database = SandboxDatabase(settings.database_url)
    try:
        database.prepare(at=clock.now())
    except BaseException:
        database.dispose()
        raise
    return RunningBank(settings, database)


def the_bank() -> RunningBank:
    """The bank that this request belongs to."""
    bank = current_app.extensions[EXTENSION]
    if not isinstance(bank, RunningBank):
        raise TypeError("the application was not made by create_app")
    return bank
