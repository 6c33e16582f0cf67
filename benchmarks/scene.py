"""A region at work, made through the product's own fronts: chart loaded, one bank registered, bills issued.

For: `make_scene`, and the bills in it as the load generator wants them.
Not for: figures; only `issue` is measured, by benchmarks.issuing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import text

from billing import ImportResult, import_bills, read_mapping
from foundation import clock
from foundation.db import unit_of_work
from foundation.regions import Region, create_region
from ledger import load_chart
from payments import add_partner
from samples.generate_bills import write_pbb

__all__ = ["ENTITY", "KIND", "PREFIX", "Bank", "issue", "make_region", "make_scene", "register_bank", "write_bill_list"]

ENTITY = "BAPENDA"
KIND = "PBB-P2"
PREFIX = "88899"
_ACTOR = "cli:benchmark"
_SAMPLES = Path(__file__).parent.parent / "samples"
# Requests are signed before the clock of a run starts, so that the generator spends its time on sending.
_PROFILE = {"timestamp_tolerance_seconds": 3600, "token_lifetime_seconds": 7200}


@dataclass(frozen=True)
class Bank:
    """What the bank of a scene signs with."""

    client_id: str
    client_secret: str
    private_key_pem: str


def make_scene(code: str, name: str, *, bills: int, folder: Path) -> tuple[Region, Bank]:
    """A new region with the sample chart, a bank and `bills` PBB bills."""
    region = make_region(code, name)
    bank = register_bank(region)
    file = folder / f"bills-{code}.csv"
    write_bill_file(file, bills)
    issue(region, file.read_bytes())
    return region, bank


def make_region(code: str, name: str) -> Region:
    """A new region with the sample chart."""
    region = create_region(code, name, timezone="Asia/Jakarta")
    chart = _SAMPLES / "chart"
    with unit_of_work(region.code) as session:
        load_chart(
            session,
            accounts=(chart / "accounts.csv").read_bytes(),
            roles=(chart / "roles-3316.csv").read_bytes(),
            entities=(chart / "entities-3316.csv").read_bytes(),
            actor=_ACTOR,
            at=clock.now(),
        )
    return region


def register_bank(region: Region) -> Bank:
    """Register the bank "BANKUJI" with keys of its own."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with unit_of_work(region.code) as session:
        new = add_partner(
            session,
            code="BANKUJI",
            name="Bank Uji Contoh",
            va_prefix=PREFIX,
            public_key_pem=key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            profile=dict(_PROFILE),
            terms={"holding_account_no": "1234567890"},
            actor=_ACTOR,
            at=clock.now(),
        )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Bank(new.client_id, new.client_secret, private)


def write_bill_file(file: Path, count: int) -> None:
    """A PBB file of `count` invented bills, due in a year."""
    write_pbb(file, count, seed=1, due_on=clock.today("Asia/Jakarta") + timedelta(days=365))


def issue(region: Region, data: bytes) -> ImportResult:
    """Issue the bills of a PBB file as `lunas bill import` does, committed when this returns."""
    mapping = read_mapping((_SAMPLES / "bills" / "pbb-3316-2026.toml").read_bytes())
    with unit_of_work(region.code) as session:
        return import_bills(
            session,
            region=region,
            data=data,
            filename="pbb.csv",
            mapping=mapping,
            actor=_ACTOR,
            at=clock.now(),
        )


def write_bill_list(region: Region, file: Path) -> int:
    """Write "payment code, amount in sen" of every unpaid bill, one per line, in random order; returns how many."""
    with unit_of_work(region.code) as session:
        rows = session.execute(
            text("SELECT payment_code, amount_sen FROM bill WHERE state = 'ISSUED' ORDER BY md5(payment_code)")
        ).all()
    file.write_text("".join(f"{code} {sen}\n" for code, sen in rows), encoding="ascii")
    return len(rows)
