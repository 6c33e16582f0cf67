"""The sandbox bank's own database: its engine, its unit of work, and making the tables at the first start.

For: `SandboxDatabase`, which whoever starts the program opens once and hands on.
Not for: the database of Lunas, which is refused here by what lies in it (foundation.db opens that one).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from app.sandbox_bank.bookkeeping import move_money
from app.sandbox_bank.errors import SandboxLooksReal
from app.sandbox_bank.models import Account, BankSecret, SandboxBase
from foundation.clock import business_date
from foundation.ids import new_uid
from foundation.money import Money

__all__ = ["SandboxDatabase"]

# Anything that is the same for two starters at once; no other program uses this database.
_PREPARING = 7_316_001
_ZONE = "Asia/Jakarta"
_OWN_ACCOUNTS = (
    ("9000000001", "Titipan pembayaran Bank Sandbox", "TRANSIT"),
    ("9000000002", "Pendapatan biaya Bank Sandbox", "FEES"),
    ("9000000003", "Dunia luar Bank Sandbox", "WORLD"),
)
_PAYERS = (
    ("1000000001", "Warga Contoh 0001", 50_000_000),
    ("1000000002", "Warga Contoh 0002", 25_000_000),
    ("1000000003", "Warga Contoh 0003", 100_000),
    ("1000000004", "CV Contoh Makmur", 2_000_000_000),
    ("1000000005", "PT Contoh Sejahtera", 50_000_000_000),
)


class SandboxDatabase:
    """One open database. Safe to share between threads; `dispose` closes it."""

    def __init__(self, url: str) -> None:
        """`url` is a libpq address, postgresql://…; nothing is opened yet."""
        address = "postgresql+psycopg://" + url.split("://", 1)[-1]
        self._engine = create_engine(address, pool_size=10, pool_pre_ping=True)

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """One act: what it changed is kept at its end, and nothing of it after an error."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    def prepare(self, *, at: datetime) -> None:
        """Make the tables, the bank's own accounts and its invented customers, as far as they are missing.

        Raises SandboxLooksReal when the database is one of Lunas: play money must never stand beside real money.
        """
        with self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PREPARING})
            if connection.scalar(text("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'lunas')")):
                raise SandboxLooksReal(
                    reason_id="SANDBOX_DATABASE_URL menunjuk basis data Lunas",
                    reason_en="SANDBOX_DATABASE_URL names a database of Lunas",
                )
            SandboxBase.metadata.create_all(connection)
            with Session(connection) as session:
                _open_accounts(session, at)
                session.flush()

    def get_secret(self, name: str) -> str:
        """A secret of this program by name, made when it is first asked for."""
        with self.unit_of_work() as session:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PREPARING})
            kept = session.get(BankSecret, name)
            if kept is None:
                kept = BankSecret(name=name, value=secrets.token_urlsafe(48))
                session.add(kept)
            return kept.value

    def dispose(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _open_accounts(session: Session, at: datetime) -> None:
    if session.scalar(select(Account.id).limit(1)) is not None:
        return
    own = [Account(uid=new_uid(), number=number, owner=owner, kind=kind) for number, owner, kind in _OWN_ACCOUNTS]
    payers = [Account(uid=new_uid(), number=number, owner=owner, kind="PAYER") for number, owner, _ in _PAYERS]
    session.add_all([*own, *payers])
    session.flush()
    for account, (_, _, rupiah) in zip(payers, _PAYERS, strict=True):
        move_money(
            session,
            source=own[2],
            target=account,
            amount=Money.from_rupiah(rupiah),
            remark="SALDO AWAL",
            booked_on=business_date(at, _ZONE),
            at=at,
        )
