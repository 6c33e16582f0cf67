"""Partners: registering a bank with its own keys and profile, its terms, and its bearer tokens.

For: `lunas partner add`, and finding a partner by client id, by token or by code.
Not for: checking a signature (bank_adapters.snap, called by the doors) or sending anything.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import asdict, dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.crypto import decrypt_personal, encrypt_personal
from foundation.ids import new_uid
from payments.errors import PartnerExists, PartnerInvalid, PartnerUnknown
from payments.models import Partner, PartnerAccessToken, PartnerKey

__all__ = [
    "NewPartner",
    "PartnerKeys",
    "PartnerTerms",
    "add_partner",
    "find_partner_by_client_id",
    "find_partner_by_token",
    "get_partner",
    "issue_access_token",
    "list_partners",
    "partner_keys",
    "terms_of",
    "virtual_account_number",
]

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,19}")
_PREFIX = re.compile(r"[0-9]{1,8}")
_SECRET = "partner.secret"  # noqa: S105 - the name of an encryption context, not a secret


@dataclass(frozen=True, slots=True)
class PartnerTerms:
    """What was agreed with a partner (PKS).

    holding_account_no: where its collections lie until swept; sweep_term_days: working days until the sweep must stand
    on RKUD; business_day_ends: local "HH:MM" after which a payment counts for the partner's next business date
    ("24:00": the calendar day); settlement_format: name of the file format that it delivers.
    """

    holding_account_no: str = ""
    sweep_term_days: int = 1
    business_day_ends: str = "24:00"
    settlement_format: str = "lunas"

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PartnerTerms:
        """Read and check terms. Raises PartnerInvalid naming the wrong or unknown term."""
        known = {field.name: field.type for field in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise PartnerInvalid(field=f"terms.{name}", value=value)
            wanted = int if known[name] == "int" else str
            if type(value) is not wanted:
                raise PartnerInvalid(field=f"terms.{name}", value=value)
        terms = cls(**values)
        if terms.holding_account_no and not re.fullmatch(r"[0-9]{5,34}", terms.holding_account_no):
            raise PartnerInvalid(field="terms.holding_account_no", value=terms.holding_account_no)
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", terms.business_day_ends):
            raise PartnerInvalid(field="terms.business_day_ends", value=terms.business_day_ends)
        if not 0 <= terms.sweep_term_days <= 30:
            raise PartnerInvalid(field="terms.sweep_term_days", value=terms.sweep_term_days)
        return terms

    @property
    def day_ends_at(self) -> time | None:
        """The cut-off as a time, or None when the business date is the calendar date."""
        if self.business_day_ends == "24:00":
            return None
        return time.fromisoformat(self.business_day_ends)


@dataclass(frozen=True, slots=True)
class PartnerKeys:
    """The keys in force. `verify_pems` may hold two while a partner changes keys, `secrets_in` likewise."""

    verify_pems: tuple[bytes, ...]
    secrets_in: tuple[str, ...]
    sign_pem: bytes | None
    secret_out: str | None


@dataclass(frozen=True, slots=True)
class NewPartner:
    """What must be handed to the partner, shown once: its client id and the secret it signs with."""

    partner: Partner
    client_id: str
    client_secret: str


def add_partner(
    session: Session,
    *,
    code: str,
    name: str,
    va_prefix: str,
    public_key_pem: bytes,
    profile: dict[str, Any],
    terms: dict[str, Any],
    actor: str,
    at: datetime,
    acquirer: dict[str, Any] | None = None,
    sign_pem: bytes | None = None,
    secret_out: str | None = None,
) -> NewPartner:
    """Register a bank or acquirer with keys of its own.

    `profile` and the PEM have been checked by the adapter that reads them. `acquirer` holds base_url, client_id and
    merchant_id when we ask this partner for QRIS; then `sign_pem` (our RSA key towards it) and `secret_out` are needed.
    Raises PartnerInvalid or PartnerExists.
    """
    if not _CODE.fullmatch(code):
        raise PartnerInvalid(field="code", value=code)
    if not _PREFIX.fullmatch(va_prefix):
        raise PartnerInvalid(field="va_prefix", value=va_prefix)
    if acquirer is not None and (sign_pem is None or not secret_out or set(acquirer) != _ACQUIRER_FIELDS):
        raise PartnerInvalid(field="acquirer", value=sorted(acquirer))
    checked_terms = PartnerTerms.from_dict(terms)
    for column, value in (("code", code), ("va_prefix", va_prefix)):
        if session.scalar(select(Partner.id).where(getattr(Partner, column) == value)) is not None:
            raise PartnerExists(field=column, value=value)
    client_secret = secrets.token_urlsafe(32)
    partner = Partner(
        uid=new_uid(), code=code, name=name, client_id=secrets.token_hex(16), va_prefix=va_prefix, profile=profile,
        terms=asdict(checked_terms), acquirer=acquirer, active=True, added_at=at, added_by=actor,
    )  # fmt: skip
    session.add(partner)
    session.flush()
    _add_key(session, partner, "verify", public_key_pem, at)
    _add_key(session, partner, "secret_in", encrypt_personal(client_secret, context=_SECRET), at)
    if sign_pem is not None and secret_out:
        _add_key(session, partner, "sign", encrypt_personal(sign_pem.decode(), context=_SECRET), at)
        _add_key(session, partner, "secret_out", encrypt_personal(secret_out, context=_SECRET), at)
    details = {"code": code, "va_prefix": va_prefix, "profile": profile, "terms": asdict(checked_terms)}
    record_act(
        session, actor=actor, action="partner.add", thing="partner", thing_uid=partner.uid, details=details, at=at
    )
    return NewPartner(partner, partner.client_id, client_secret)


_ACQUIRER_FIELDS = {"base_url", "client_id", "merchant_id"}


def _add_key(session: Session, partner: Partner, purpose: str, material: bytes, at: datetime) -> None:
    session.execute(insert(PartnerKey).values(partner_id=partner.id, purpose=purpose, material=material, valid_from=at))


def get_partner(session: Session, code: str) -> Partner:
    """The partner with this code. Raises PartnerUnknown."""
    partner = session.scalar(select(Partner).where(Partner.code == code))
    if partner is None:
        raise PartnerUnknown(partner=code)
    return partner


def list_partners(session: Session) -> list[Partner]:
    """All active partners by code; a region has a handful."""
    return list(session.scalars(select(Partner).where(Partner.active).order_by(Partner.code)))


def find_partner_by_client_id(session: Session, client_id: str) -> Partner | None:
    """The active partner with this X-CLIENT-KEY, or None."""
    return session.scalar(select(Partner).where(Partner.client_id == client_id, Partner.active))


def find_partner_by_token(session: Session, token: str, *, at: datetime) -> Partner | None:
    """The active partner that holds this bearer token at this moment, or None."""
    return session.scalar(
        select(Partner)
        .join(PartnerAccessToken, PartnerAccessToken.partner_id == Partner.id)
        .where(
            PartnerAccessToken.token_sha256 == hashlib.sha256(token.encode()).digest(),
            PartnerAccessToken.expires_at > at,
            Partner.active,
        )
    )


def issue_access_token(session: Session, partner: Partner, *, lifetime_seconds: int, at: datetime) -> str:
    """A new bearer token for a partner, e.g. 900 seconds long; the partner's expired ones are forgotten."""
    session.execute(
        delete(PartnerAccessToken).where(
            PartnerAccessToken.partner_id == partner.id, PartnerAccessToken.expires_at <= at
        )
    )
    token = secrets.token_urlsafe(48)
    session.execute(
        insert(PartnerAccessToken).values(
            token_sha256=hashlib.sha256(token.encode()).digest(),
            partner_id=partner.id,
            issued_at=at,
            expires_at=at + timedelta(seconds=lifetime_seconds),
        )
    )
    return token


def partner_keys(session: Session, partner: Partner, *, at: datetime) -> PartnerKeys:
    """The partner's keys in force at a moment, newest first, secrets in clear: keep them out of logs."""
    rows = session.scalars(
        select(PartnerKey)
        .where(
            PartnerKey.partner_id == partner.id,
            PartnerKey.valid_from <= at,
            (PartnerKey.valid_to.is_(None)) | (PartnerKey.valid_to > at),
        )
        .order_by(PartnerKey.id.desc())
    ).all()
    clear = {
        purpose: [decrypt_personal(row.material, context=_SECRET) for row in rows if row.purpose == purpose]
        for purpose in ("secret_in", "sign", "secret_out")
    }
    return PartnerKeys(
        verify_pems=tuple(row.material for row in rows if row.purpose == "verify"),
        secrets_in=tuple(clear["secret_in"]),
        sign_pem=clear["sign"][0].encode() if clear["sign"] else None,
        secret_out=clear["secret_out"][0] if clear["secret_out"] else None,
    )


def terms_of(partner: Partner) -> PartnerTerms:
    """The partner's terms, typed."""
    return PartnerTerms.from_dict(partner.terms)


def virtual_account_number(partner: Partner, payment_code: str) -> str:
    """The virtual account of a bill at a partner: its prefix and our payment code."""
    return f"{partner.va_prefix}{payment_code}"
