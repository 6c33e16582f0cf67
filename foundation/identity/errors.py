"""Refusals of identity.

For: what can go wrong when users, assignments and tokens are made, and when somebody signs in.
Not for: a missing permission on a route (app.errors).
"""

from __future__ import annotations

from foundation.errors import Conflict, Invalid, LunasError, NotFound

__all__ = [
    "AssignmentInvalid",
    "AssignmentOverlaps",
    "PasswordTooWeak",
    "PermissionUnknown",
    "RoleUnknown",
    "SecondFactorRefused",
    "SignInRefused",
    "TokenInvalid",
    "TokenNameTaken",
    "TokenUnknown",
    "UserUnknown",
    "UsernameInvalid",
    "UsernameTaken",
]


class SignInRefused(LunasError):
    """Unknown user, wrong password or blocked user: one sentence for all, so that names cannot be found out."""

    code = "sign_in_refused"
    http_status = 401
    text_id = "Nama pengguna atau kata sandi salah."
    text_en = "The user name or the password is wrong."


class SecondFactorRefused(LunasError):
    """The code is wrong, too old, or was used before."""

    code = "second_factor_refused"
    http_status = 401
    text_id = "Kode tidak berlaku. Tunggu kode berikutnya di aplikasi autentikator Anda."
    text_en = "The code is not valid. Wait for the next one in your authenticator app."


class UsernameInvalid(Invalid):
    """A user name is 3 to 40 of a-z, 0-9, full stop and hyphen, and begins with a letter."""

    code = "username_invalid"
    text_id = "Nama pengguna {username!r} tidak sah: 3-40 huruf kecil, angka, titik atau tanda hubung."
    text_en = "The user name {username!r} is not valid: 3-40 lower-case letters, digits, full stops or hyphens."


class UsernameTaken(Conflict):
    """Somebody in this region has the name."""

    code = "username_taken"
    text_id = "Nama pengguna {username} sudah dipakai."
    text_en = "The user name {username} is taken."


class UserUnknown(NotFound):
    """No user of this region has the name."""

    code = "user_unknown"
    text_id = "Pengguna {username} tidak ditemukan."
    text_en = "There is no user {username}."


class PasswordTooWeak(Invalid):
    """A password has 12 to 128 characters and does not contain the user name."""

    code = "password_too_weak"
    text_id = "Kata sandi harus 12-128 karakter dan tidak memuat nama pengguna."
    text_en = "A password has 12-128 characters and does not contain the user name."


class RoleUnknown(Invalid):
    """No such role."""

    code = "role_unknown"
    text_id = "Peran {role} tidak dikenal. Pilihan: {known}."
    text_en = "The role {role} is not known. Choices: {known}."


class AssignmentInvalid(Invalid):
    """The decree is missing or the dates are the wrong way round."""

    code = "assignment_invalid"
    text_id = "Isian {field} untuk penugasan tidak sah."
    text_en = "The assignment's {field} is not valid."


class AssignmentOverlaps(Conflict):
    """The user already holds this role for this entity in that time."""

    code = "assignment_overlaps"
    text_id = "{username} sudah memegang peran {role} pada masa itu."
    text_en = "{username} already holds the role {role} in that time."


class PermissionUnknown(Invalid):
    """No such permission."""

    code = "permission_unknown"
    text_id = "Izin {permission} tidak dikenal. Pilihan: {known}."
    text_en = "The permission {permission} is not known. Choices: {known}."


class TokenInvalid(Invalid):
    """A token needs a name of 3 to 60 characters, at least one permission, and 1 to 1,100 days."""

    code = "token_invalid"
    text_id = "Isian {field} untuk token tidak sah."
    text_en = "The token's {field} is not valid."


class TokenNameTaken(Conflict):
    """A token of this region has the name."""

    code = "token_name_taken"
    text_id = "Nama token {name} sudah dipakai."
    text_en = "The token name {name} is taken."


class TokenUnknown(NotFound):
    """No token of this region has the name."""

    code = "token_unknown"
    text_id = "Token {name} tidak ditemukan."
    text_en = "There is no token {name}."
