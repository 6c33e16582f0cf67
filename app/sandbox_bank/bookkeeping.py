"""The sandbox bank's books: transfers between two accounts, and looking accounts up.

For: every movement of invented money; a balance changes nowhere else.
Not for: the ledger of Lunas, or how a statement is laid out (closing).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sandbox_bank.errors import BalanceTooLow, ClientUnknown, PayerUnknown
from app.sandbox_bank.models import Account, Client, Transfer
from foundation.money import Money

__all__ = ["find_payer", "get_client", "get_own_account", "get_payer", "list_clients", "list_payers", "move_money"]


def move_money(
    session: Session,
    *,
    source: Account,
    target: Account,
    amount: Money,
    remark: str,
    booked_on: date,
    at: datetime,
    payment_id: int | None = None,
    batch_id: int | None = None,
) -> Transfer:
    """Move an amount above zero from one account to another.

    Both rows are locked in the order of their ids, so that two movements never wait for each other in a circle; and
    with key_share, because whatever refers to an account has locked its key already.
    Raises BalanceTooLow when a payer's account would go below zero.
    """
    ids = sorted((source.id, target.id))
    session.execute(
        select(Account).where(Account.id.in_(ids)).order_by(Account.id).with_for_update(key_share=True),
        execution_options={"populate_existing": True},
    ).all()
    if source.kind == "PAYER" and source.balance_sen < amount.sen:
        raise BalanceTooLow(balance=Money(source.balance_sen).on_screen())
    source.balance_sen -= amount.sen
    target.balance_sen += amount.sen
    transfer = Transfer(
        from_account_id=source.id,
        to_account_id=target.id,
        amount_sen=amount.sen,
        booked_on=booked_on,
        moved_at=at,
        remark=remark,
        payment_id=payment_id,
        batch_id=batch_id,
    )
    session.add(transfer)
    session.flush()
    return transfer


def get_own_account(session: Session, kind: str) -> Account:
    """The bank's own account: TRANSIT, FEES or WORLD."""
    return session.scalars(select(Account).where(Account.kind == kind)).one()


def list_payers(session: Session) -> list[Account]:
    """The invented customers; a handful, in the order of their numbers."""
    return list(session.scalars(select(Account).where(Account.kind == "PAYER").order_by(Account.number)))


def find_payer(session: Session, uid: str | None) -> Account | None:
    """The customer with this uid, or None; whatever text is given."""
    try:
        wanted = UUID(uid or "")
    except ValueError:
        return None
    return session.scalar(select(Account).where(Account.uid == wanted, Account.kind == "PAYER"))


def get_payer(session: Session, number: str | None) -> Account:
    """The customer with this account number; without a number the one with the fullest account.

    Raises PayerUnknown.
    """
    query = select(Account).where(Account.kind == "PAYER")
    if number is None:
        query = query.order_by(Account.balance_sen.desc(), Account.number).limit(1)
    else:
        query = query.where(Account.number == number)
    payer = session.scalar(query)
    if payer is None:
        raise PayerUnknown(field="payer")
    return payer


def list_clients(session: Session) -> list[Client]:
    """Every region that is a client, by its code."""
    return list(session.scalars(select(Client).order_by(Client.region)))


def get_client(session: Session, region: str, *, lock: bool = False) -> Client:
    """The client of a region code; `lock` keeps its day from being closed twice at once. Raises ClientUnknown."""
    query = select(Client).where(Client.region == region)
    client = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if client is None:
        raise ClientUnknown(region=region)
    return client
