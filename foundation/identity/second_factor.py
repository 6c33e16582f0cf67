"""The second factor: time-based codes of an authenticator app (RFC 6238, 6 digits, 30 seconds, SHA-1).

For: making a secret, its address for the app, and finding which step a code belongs to.
Not for: remembering which step was used; foundation.identity.signing_in keeps that under the user's row lock.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

import pyotp

from foundation.crypto import decrypt_personal, encrypt_personal

__all__ = ["enrolment_address", "find_step", "new_secret", "open_secret", "seal_secret"]

_STEP_SECONDS = 30


def new_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32(32)


def seal_secret(secret: str, user_uid: UUID) -> bytes:
    """The secret encrypted and bound to its user, so that it is of no use in another row."""
    return encrypt_personal(secret, context=f"staff_user.totp:{user_uid}")


def open_secret(sealed: bytes, user_uid: UUID) -> str:
    """The secret again. Raises CiphertextUnreadable."""
    return decrypt_personal(sealed, context=f"staff_user.totp:{user_uid}")


def enrolment_address(secret: str, *, username: str, issuer: str) -> str:
    """The otpauth:// address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def find_step(secret: str, code: str, *, at: datetime, after: int | None) -> int | None:
    """The 30-second step whose code this is: this one, the one before or the one to come; None if none fits.

    Steps up to `after` were used and do not count. All three are compared, whichever fits.
    """
    digits = code.replace(" ", "")
    current = int(at.timestamp()) // _STEP_SECONDS
    generator = pyotp.TOTP(secret)
    found = None
    for step in (current - 1, current, current + 1):
        fits = hmac.compare_digest(generator.generate_otp(step).encode(), digits.encode())
        if fits and (after is None or step > after):
            found = step
    return found
