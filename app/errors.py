"""Refusals of the edge itself: who may ask, and requests that are wrong before any office has seen them.

For: signing in, permissions, forms and addresses.
Not for: refusals of the business packages; those come up as they are.
"""

from __future__ import annotations

from foundation.errors import Forbidden, Invalid, LunasError, NotFound, Unavailable

__all__ = [
    "BodyTooLarge",
    "CharacterRefused",
    "DatabaseBusy",
    "FormExpired",
    "MethodNotAllowed",
    "PageNotFound",
    "PermissionMissing",
    "RequestInvalid",
    "RequestUnreadable",
    "SignInNeeded",
    "TokenNeeded",
]


class SignInNeeded(LunasError):
    """The page is for staff who have signed in with a second factor."""

    code = "sign_in_needed"
    http_status = 401
    text_id = "Silakan masuk terlebih dahulu."
    text_en = "Please sign in first."


class TokenNeeded(LunasError):
    """The API wants "Authorization: Bearer <token>" with a token of this region that is in force."""

    code = "token_needed"
    http_status = 401
    text_id = "Token API wilayah ini diperlukan, atau token tidak berlaku."
    text_en = "An API token of this region is needed, or the token is not in force."


class PermissionMissing(Forbidden):
    """Known, but not allowed."""

    code = "permission_missing"
    text_id = "Anda tidak memiliki izin {permission}."
    text_en = "You do not have the permission {permission}."


class FormExpired(Invalid):
    """The form's token is missing or not of this browser's session."""

    code = "form_expired"
    http_status = 400
    text_id = "Formulir sudah kedaluwarsa. Muat ulang halaman lalu kirim kembali."
    text_en = "The form has expired. Reload the page and send it again."


class PageNotFound(NotFound):
    """No page has this address."""

    code = "page_not_found"
    text_id = "Halaman tidak ditemukan. Periksa kembali alamatnya."
    text_en = "There is no such page. Check the address."


class MethodNotAllowed(LunasError):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    http_status = 405
    text_id = "Metode ini tidak dilayani pada alamat tersebut."
    text_en = "This method is not served at that address."


class BodyTooLarge(LunasError):
    """The request's body is larger than any we take."""

    code = "body_too_large"
    http_status = 413
    text_id = "Permintaan terlalu besar."
    text_en = "The request is too large."


class RequestUnreadable(LunasError):
    """The request is not what HTTP or JSON say it should be."""

    code = "request_unreadable"
    http_status = 400
    text_id = "Permintaan tidak terbaca."
    text_en = "The request cannot be read."


class CharacterRefused(Invalid):
    """A query, form or path holds a sign that no text can keep; `field` names where. Facts: `sign`, like "U+0000"."""

    code = "character_refused"
    http_status = 400
    text_id = "Isian {field} memuat karakter {sign} yang tidak dapat diterima."
    text_en = "The value of {field} holds the character {sign}, which cannot be accepted."


class RequestInvalid(Invalid):
    """One or more parameters of an API request are wrong; each is named."""

    code = "request_invalid"
    text_id = "Parameter tidak sah: {names}."
    text_en = "Parameters not valid: {names}."


class DatabaseBusy(Unavailable):
    """The database did not answer."""

    code = "database_busy"
    text_id = "Basis data sedang tidak dapat dijangkau. Silakan coba lagi."
    text_en = "The database cannot be reached right now. Please try again."
