"""The one place where ports meet their concrete adapters.

For: choosing, per partner and per file format, which module of `bank_adapters` does the talking, and handing it to the
use case as a keyword argument.
Not for: decisions of any office; nothing here looks at an amount.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy.orm import Session

from bank_adapters.contract import QrisAcquirer, SettlementFile, SettlementUnreadable
from bank_adapters.snap import (
    CallerIdentity,
    SnapCaller,
    SnapProfile,
    SnapQrisAcquirer,
    load_private_key,
    load_public_key,
)
from bank_adapters.statements import (
    SANDBOX_SETTLEMENT,
    Mt940Reader,
    SettlementCsvReader,
    SettlementFormat,
    format_in_force,
    recognise,
)
from foundation import clock
from foundation.config import settings
from foundation.regions import Region
from payments import Partner, PartnerInvalid, list_partners, partner_keys, terms_of
from reconciliation import FileReaders

__all__ = ["check_partner_adapter", "file_readers", "new_key_pair", "qris_acquirer"]

# Our channel towards acquirers: a web page. SNAP leaves the numbering to the two parties.
_CHANNEL_ID = "95221"
_acquirers: dict[bytes, QrisAcquirer] = {}
_lock = threading.Lock()


def qris_acquirer(session: Session, partner: Partner) -> QrisAcquirer:
    """The acquirer behind a partner, ready to be asked; one per process and set of keys, since it keeps a token.

    Raises PartnerInvalid when the partner is not registered as an acquirer.
    """
    keys = partner_keys(session, partner, at=clock.now())
    if partner.acquirer is None or keys.sign_pem is None or keys.secret_out is None:
        raise PartnerInvalid(field="acquirer", value=partner.code)
    parts = (str(partner.uid), partner.acquirer["base_url"], keys.secret_out, repr(sorted(partner.profile.items())))
    name = hashlib.sha256("\x1f".join(parts).encode() + keys.sign_pem).digest()
    with _lock:
        if name not in _acquirers:
            _acquirers[name] = _new_acquirer(partner.acquirer, partner.profile, keys.sign_pem, keys.secret_out)
        return _acquirers[name]


def check_partner_adapter(profile: dict[str, Any], public_key_pem: bytes) -> None:
    """Refuse a profile or key that the SNAP adapter could not work with. Raises ProfileInvalid or KeyRefused."""
    SnapProfile.from_dict(profile)
    load_public_key(public_key_pem)


def new_key_pair() -> tuple[bytes, bytes]:
    """A new RSA key of ours towards one acquirer: private PEM (PKCS 8) and public PEM. SNAP asks for 2048 bits."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private, public


def file_readers(session: Session, region: Region) -> FileReaders:
    """The readers of a region's bank files: MT940, and the settlement formats of its partners' terms in force today.

    A format is the sandbox layout ("lunas", "lunas-sandbox") or one of that name in `<home>/settlement-formats/*.toml`.
    Raises PartnerInvalid when a partner's terms name a format that is not there, and SettlementFormatInvalid.
    """
    today = clock.today(region.timezone)
    names = dict.fromkeys(terms_of(partner).settlement_format for partner in list_partners(session))
    formats = [_settlement_format(name, today) for name in names]
    return FileReaders(recognise, Mt940Reader(), _SettlementReader(formats))


@dataclass(frozen=True, slots=True)
class _SettlementReader:
    """Reads a settlement by the first of the region's formats that it is written in."""

    formats: list[SettlementFormat]

    def read(self, data: bytes, *, filename: str) -> SettlementFile:
        """The settlement. Raises the refusal of the format that came nearest: whose headings the file has."""
        refusals: list[SettlementUnreadable] = []
        for stated in self.formats or [SANDBOX_SETTLEMENT]:
            try:
                return SettlementCsvReader(stated).read(data, filename=filename)
            except SettlementUnreadable as refusal:
                refusals.append(refusal)
        raise min(refusals, key=lambda refusal: any(each.code in _OTHER_FORMAT for each in refusal.problems))


_OTHER_FORMAT = {"header_missing", "column_missing"}


def _settlement_format(name: str, on: date) -> SettlementFormat:
    if name in ("lunas", SANDBOX_SETTLEMENT.name):
        return SANDBOX_SETTLEMENT
    folder = settings().home / "settlement-formats"
    stated = [SettlementFormat.from_toml(file.read_bytes()) for file in sorted(folder.glob("*.toml"))]
    found = format_in_force([each for each in stated if each.name == name], on)
    if found is None:
        raise PartnerInvalid(field="terms.settlement_format", value=name)
    return found


def _new_acquirer(acquirer: dict[str, Any], profile: dict[str, Any], sign_pem: bytes, secret_out: str) -> QrisAcquirer:
    identity = CallerIdentity(
        client_id=acquirer["client_id"],
        partner_id=acquirer["client_id"],
        channel_id=_CHANNEL_ID,
        client_secret=secret_out,
        private_key=load_private_key(sign_pem),
    )
    caller = SnapCaller(
        base_url=acquirer["base_url"], identity=identity, profile=SnapProfile.from_dict(profile), now=clock.now
    )
    return SnapQrisAcquirer(caller)
