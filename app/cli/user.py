"""`lunas user`: make staff, give them roles by decree, block them, and end their sessions.

For: the keeper of users. A password and a second-factor secret are shown once, here, and never again.
Not for: signing in (app/web/staff.py).
"""

from __future__ import annotations

from datetime import datetime

import click

from app.cli import cli_actor
from app.cli.groups import OfficeGroup

__all__ = ["user"]

_region = click.option("--region", required=True, help="Kode wilayah / region code.")
_day = click.DateTime(["%Y-%m-%d"])


@click.group(cls=OfficeGroup)
def user() -> None:
    """Pegawai dan penugasan / Staff and their assignments."""


@user.command("create")
@_region
@click.option("--name", required=True, help="Nama lengkap / full name.")
@click.option("--role", help="Peran / role: bendahara, bpkad, auditor, admin.")
@click.option("--entity", default="", help="Kode entitas / entity code; empty: the whole region.")
@click.option("--decree", help="Nomor SK, wajib dengan --role / number of the decree, required with --role.")
@click.option("--ask-password", is_flag=True, help="Tanya kata sandi / ask for the password instead of making one.")
@click.option("--qr/--no-qr", default=False, help="Gambar kode QR / draw the QR code for the authenticator app.")
@click.argument("username")
def create(
    region: str,
    username: str,
    name: str,
    role: str | None,
    entity: str,
    decree: str | None,
    ask_password: bool,
    qr: bool,
) -> None:
    """Buat pengguna / make a user.

    With a role from today if one is given; prints password and second factor once.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.identity import assign_role, create_user
    from foundation.regions import get_region

    if role is not None and not (decree or "").strip():
        raise click.UsageError("--role: sebutkan nomor SK dengan --decree / name its decree with --decree.")
    home = get_region(region)
    password = _ask_password() if ask_password else None
    at = clock.now()
    with unit_of_work(home.code) as session:
        made = create_user(
            session, username, name=name, issuer=f"Lunas {home.name}", by=cli_actor(), at=at, password=password
        )
        if role is not None and decree is not None:
            assign_role(
                session,
                username,
                role,
                entity=entity,
                decree_number=decree,
                valid_from=clock.business_date(at, home.timezone),
                by=cli_actor(),
                at=at,
            )
    _show(made.username, None if ask_password else made.password, made.totp_secret, made.totp_uri, qr=qr)


@user.command("renew")
@_region
@click.option("--ask-password", is_flag=True, help="Tanya kata sandi / ask for the password instead of making one.")
@click.option("--qr/--no-qr", default=False, help="Gambar kode QR / draw the QR code for the authenticator app.")
@click.argument("username")
def renew(region: str, username: str, ask_password: bool, qr: bool) -> None:
    """Sandi dan faktor kedua baru / a new password and second factor.

    Ends all sessions of USERNAME.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.identity import renew_credentials, revoke_sessions
    from foundation.regions import get_region

    home = get_region(region)
    password = _ask_password() if ask_password else None
    at = clock.now()
    with unit_of_work(home.code) as session:
        made = renew_credentials(
            session, username, issuer=f"Lunas {home.name}", by=cli_actor(), at=at, password=password
        )
        revoke_sessions(session, username, by=cli_actor(), at=at)
    _show(made.username, None if ask_password else made.password, made.totp_secret, made.totp_uri, qr=qr)


@user.command("assign")
@_region
@click.option("--role", required=True, help="Peran / role: bendahara, bpkad, auditor, admin.")
@click.option("--decree", required=True, help="Nomor SK / number of the decree.")
@click.option("--entity", default="", help="Kode entitas / entity code; empty: the whole region.")
@click.option("--from", "valid_from", type=_day, help="Berlaku sejak / first day; default today.")
@click.option("--to", "valid_to", type=_day, help="Hari terakhir / last day; default open.")
@click.argument("username")
def assign(
    region: str,
    username: str,
    role: str,
    decree: str,
    entity: str,
    valid_from: datetime | None,
    valid_to: datetime | None,
) -> None:
    """Tugaskan peran / assign a role.

    USERNAME holds it from a date, by a decree.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.identity import assign_role
    from foundation.regions import get_region

    home = get_region(region)
    at = clock.now()
    first = valid_from.date() if valid_from else clock.business_date(at, home.timezone)
    with unit_of_work(home.code) as session:
        assign_role(
            session,
            username,
            role,
            entity=entity,
            decree_number=decree,
            valid_from=first,
            valid_to=valid_to.date() if valid_to else None,
            by=cli_actor(),
            at=at,
        )
    click.echo(f"{username}: {role} sejak / from {first.isoformat()}")


@user.command("end")
@_region
@click.option("--role", required=True, help="Peran / role.")
@click.option("--on", "last_day", type=_day, required=True, help="Hari terakhir / last day.")
@click.argument("username")
def end(region: str, username: str, role: str, last_day: datetime) -> None:
    """Akhiri peran / end a role.

    USERNAME holds it until that day.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.identity import end_assignment
    from foundation.regions import get_region

    with unit_of_work(get_region(region).code) as session:
        ended = end_assignment(session, username, role, last_day=last_day.date(), by=cli_actor(), at=clock.now())
    click.echo(f"{ended} penugasan diakhiri / assignments ended")


@user.command("block")
@_region
@click.option("--undo", is_flag=True, help="Buka blokir / let in again.")
@click.argument("username")
def block(region: str, username: str, undo: bool) -> None:
    """Blokir pengguna / block a user.

    At once, ending all sessions; or let the user in again.
    """
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.identity import revoke_sessions, set_active
    from foundation.regions import get_region

    at = clock.now()
    with unit_of_work(get_region(region).code) as session:
        set_active(session, username, active=undo, by=cli_actor(), at=at)
        if not undo:
            revoke_sessions(session, username, by=cli_actor(), at=at)
    click.echo(f"{username}: {'aktif / active' if undo else 'diblokir / blocked'}")


@user.command("sign-out")
@_region
@click.argument("username")
def sign_out_everywhere(region: str, username: str) -> None:
    """Akhiri semua sesi pengguna / end all sessions of a user."""
    from foundation import clock
    from foundation.db import unit_of_work
    from foundation.identity import revoke_sessions
    from foundation.regions import get_region

    with unit_of_work(get_region(region).code) as session:
        ended = revoke_sessions(session, username, by=cli_actor(), at=clock.now())
    click.echo(f"{ended} sesi diakhiri / sessions ended")


@user.command("list")
@_region
def list_all(region: str) -> None:
    """Daftar pengguna dan peran / list users and their roles.

    Tab separated: user, name, state, role and its days.
    """
    from foundation.db import unit_of_work
    from foundation.identity import list_assignments, list_users
    from foundation.regions import get_region

    with unit_of_work(get_region(region).code) as session:
        after = ""
        while users := list_users(session, after=after):
            for found in users:
                roles = [
                    f"{held.role} {held.valid_from}..{held.valid_to or ''}"
                    for held in list_assignments(session, found.username)
                ]
                state = "aktif" if found.active else "diblokir"
                click.echo(f"{found.username}\t{found.name}\t{state}\t{', '.join(roles) or '-'}")
            after = users[-1].username


def _ask_password() -> str:
    answer: str = click.prompt("Kata sandi / password", hide_input=True, confirmation_prompt=True)
    return answer


def _show(username: str, password: str | None, secret: str, address: str, *, qr: bool) -> None:
    click.echo(f"Pengguna / user: {username}")
    if password is not None:
        click.echo(f"Kata sandi / password: {password}")
    click.echo(f"Kode rahasia autentikator / authenticator secret: {secret}")
    click.echo(f"Alamat autentikator / authenticator address: {address}")
    if qr:
        import qrcode

        code = qrcode.QRCode(border=2)
        code.add_data(address)
        code.print_ascii(invert=True)
    click.echo("Simpan sekarang; tidak dapat ditampilkan lagi. / Keep it now; it cannot be shown again.")
