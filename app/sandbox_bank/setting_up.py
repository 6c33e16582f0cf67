"""Making a region a client of the sandbox bank, and exchanging connection files with Lunas.

For: `lunas sandbox setup` (our file for `lunas partner add`) and `lunas sandbox connect` (its reply).
Not for: what Lunas keeps of us; only these two documents pass between the two.

Our document:  {"code", "name", "va_prefix", "public_key_pem", "profile": {…}, "terms": {"holding_account_no", …},
                "acquirer": {"base_url", "client_id", "client_secret", "merchant_id"}}
Its reply:     {"client_id", "client_secret", "public_key_pem", "base_url"}
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sandbox_bank.bookkeeping import get_client, get_own_account, move_money
from app.sandbox_bank.errors import ClientExists, SandboxInputInvalid, SandboxLooksReal
from app.sandbox_bank.models import Account, Client, Statement
from app.sandbox_bank.settings import is_loopback
from bank_adapters.snap import load_private_key, load_public_key
from bank_adapters.statements import SANDBOX_SETTLEMENT
from foundation.clock import business_date
from foundation.ids import new_uid
from foundation.money import Money

__all__ = ["NewClient", "add_client", "connection_document", "store_reply"]

PARTNER_CODE = "SANDBOX"
BANK_NAME = "Bank Sandbox (bukan bank sungguhan)"
# An institution number that no bank of interfaces.md 1.6 has.
_NNS = "93600999"
_NOTHING = Money(0)
_REPLY_FIELDS = ("client_id", "client_secret", "public_key_pem", "base_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """What is told of a region; the rest is invented from its code.

    va_prefix: at most 8 digits, this region's alone; empty: "8" and the code padded to five digits.
    rkud_opening: what lies on the region's RKUD before the first statement; Lunas's books must know of it.
    """

    region: str
    region_name: str
    timezone: str = "Asia/Jakarta"
    va_prefix: str = ""
    holding_account_no: str = ""
    rkud_account_no: str = ""
    rkud_opening: Money = _NOTHING
    asymmetric_notifications: bool = False


def add_client(session: Session, wanted: NewClient, *, at: datetime) -> Client:
    """The region as a client: keys and accounts made; one that exists already is returned as it is.

    Raises SandboxInputInvalid naming the field, or ClientExists when a number belongs to another region.
    """
    known = session.scalar(select(Client).where(Client.region == wanted.region))
    if known is not None:
        return known
    _check(wanted)
    code = wanted.region
    padded = code.ljust(4, "0")
    prefix = wanted.va_prefix or f"8{code:0>4}"
    if session.scalar(select(Client.id).where(Client.va_prefix == prefix)) is not None:
        raise ClientExists(field="va_prefix", value=prefix)
    holding = _open_account(session, wanted.holding_account_no or f"2{padded}00001", "HOLDING", wanted)
    rkud = _open_account(session, wanted.rkud_account_no or f"3{padded}00001", "RKUD", wanted)
    client = Client(
        region=code,
        region_name=wanted.region_name,
        timezone=wanted.timezone,
        partner_code=PARTNER_CODE,
        bank_name=BANK_NAME,
        va_prefix=prefix,
        private_key_pem=_new_key(),
        acquirer_client_id=secrets.token_hex(16),
        acquirer_client_secret=secrets.token_urlsafe(32),
        merchant_id=f"SANDBOX{code}",
        merchant_name=f"SANDBOX {_short_name(wanted.region_name)}"[:25].strip(),
        merchant_city=_short_name(wanted.region_name)[:15].strip(),
        merchant_postal="00000",
        nmid=f"ID1026{padded}00001",
        mpan=f"{_NNS}1{padded}00001",
        notify_signature="asymmetric" if wanted.asymmetric_notifications else "symmetric",
        holding=holding,
        rkud=rkud,
    )
    session.add(client)
    session.flush()
    if wanted.rkud_opening:
        world = get_own_account(session, "WORLD")
        opened_on = business_date(at, wanted.timezone)
        opening = move_money(
            session, source=world, target=rkud, amount=wanted.rkud_opening, remark="SALDO AWAL",
            booked_on=opened_on, at=at,
        )  # fmt: skip
        # The first statement opens with this money; it is no line of it.
        opening.to_statement_id = _opening_statement(session, rkud, opened_on)
    return client


def connection_document(client: Client, *, url: str) -> dict[str, Any]:
    """Our connection file for `lunas partner add`. It holds the secret that Lunas signs with when it asks us."""
    public = load_private_key(client.private_key_pem).public_key()
    profile: dict[str, Any] = {"name": "snap"}
    if client.notify_signature != "symmetric":
        profile["qris_notify_signature"] = client.notify_signature
    return {
        "code": client.partner_code,
        "name": client.bank_name,
        "va_prefix": client.va_prefix,
        "public_key_pem": public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode("ascii"),
        "profile": profile,
        "terms": {
            "holding_account_no": client.holding.number,
            "settlement_format": SANDBOX_SETTLEMENT.name,
        },
        "acquirer": {
            "base_url": f"{url}/{client.region}",
            "client_id": client.acquirer_client_id,
            "client_secret": client.acquirer_client_secret,
            "merchant_id": client.merchant_id,
        },
    }


def store_reply(session: Session, region: str, reply: Mapping[str, Any], *, allow_outside: bool) -> Client:
    """Keep what Lunas answered; from then on we can call it. Storing it again replaces the earlier one.

    Raises SandboxInputInvalid naming a missing field, KeyRefused for its key, and SandboxLooksReal when its address
    is another machine's.
    """
    client = get_client(session, region, lock=True)
    for name in _REPLY_FIELDS:
        if not isinstance(reply.get(name), str) or not reply[name]:
            raise SandboxInputInvalid(field=name, value=reply.get(name))
    base_url = str(reply["base_url"]).rstrip("/")
    if not re.fullmatch(r"https?://[^/?#@\s]+(/[^?#@\s]*)?", base_url):
        raise SandboxInputInvalid(field="base_url", value=base_url)
    if not allow_outside and not is_loopback(base_url):
        raise SandboxLooksReal(
            reason_id=f"alamat Lunas {base_url} bukan mesin ini (SANDBOX_ALLOW_OUTSIDE)",
            reason_en=f"the address of Lunas {base_url} is not this machine (SANDBOX_ALLOW_OUTSIDE)",
        )
    load_public_key(str(reply["public_key_pem"]))
    client.lunas_base_url = base_url
    client.lunas_client_id = str(reply["client_id"])
    client.lunas_client_secret = str(reply["client_secret"])
    client.lunas_public_key_pem = str(reply["public_key_pem"])
    return client


def _check(wanted: NewClient) -> None:
    for name, shape in (
        ("region", r"\d{2}(\d{2})?"),
        ("region_name", r"[ -~]{1,120}"),
        ("va_prefix", r"(\d{1,8})?"),
        ("holding_account_no", r"(\d{5,34})?"),
        ("rkud_account_no", r"(\d{5,34})?"),
    ):
        value = getattr(wanted, name)
        if not re.fullmatch(shape, value, re.ASCII):
            raise SandboxInputInvalid(field=name, value=value)
    try:
        ZoneInfo(wanted.timezone)
    except (KeyError, ValueError) as fault:
        raise SandboxInputInvalid(field="timezone", value=wanted.timezone) from fault


def _open_account(session: Session, number: str, kind: str, wanted: NewClient) -> Account:
    if session.scalar(select(Account.id).where(Account.number == number)) is not None:
        raise ClientExists(field="rekening/account", value=number)
    account = Account(uid=new_uid(), number=number, owner=f"{kind} {wanted.region_name}"[:80], kind=kind)
    session.add(account)
    session.flush()
    return account


def _opening_statement(session: Session, account: Account, opened_on: date) -> int:
    """Statement number 0: issued to nobody, so that the first real one opens with what lies on the account."""
    statement = Statement(
        account_id=account.id, number=0, statement_on=opened_on, opening_sen=0, closing_sen=account.balance_sen
    )
    session.add(statement)
    session.flush()
    return statement.id


def _short_name(region_name: str) -> str:
    short = region_name.upper()
    for long, cut in (("KABUPATEN ", "KAB "), ("PROVINSI ", "PROV ")):
        short = short.replace(long, cut)
    return re.sub(r"[^A-Z0-9 ]", " ", short).strip()


def _new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
