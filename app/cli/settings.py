"""`lunas settings`: write the keys of a new installation, and check what is set.

For: the first minutes of an installation.
Not for: showing keys; nothing here prints one.
"""

from __future__ import annotations

import click

from app.cli.groups import OfficeGroup

__all__ = ["settings"]


@click.group(cls=OfficeGroup)
def settings() -> None:
    """Pengaturan / Settings of the installation."""


@settings.command("init")
def init() -> None:
    """Tulis settings.env dengan kunci baru / write settings.env with fresh keys.

    Into the home directory; an existing file is left alone.
    """
    from foundation.config import write_new_keys
    from foundation.embedded import default_home

    home = default_home()
    existed = (home / "settings.env").exists()
    file = write_new_keys(home)
    click.echo(f"{'Sudah ada, tidak diubah / left as it is' if existed else 'Ditulis / written'}: {file}")


@settings.command("check")
def check() -> None:
    """Periksa pengaturan / check the settings.

    Fails with the full list of what is missing or unreadable.
    """
    from foundation.config import settings as read

    known = read()
    click.echo("Pengaturan lengkap / The settings are complete.")
    click.echo(f"home: {known.home}")
    click.echo(f"inbox: {known.inbox}")
    click.echo(f"base address: {known.base_url}")
    click.echo(f"database: {'DATABASE_URL' if known.database_url else 'embedded'}")
