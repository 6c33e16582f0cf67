"""What other packages and pages may ask about bills.

For: finding a bill to be paid, finding bills as the public may see them, and what is outstanding.
Not for: changing anything (billing.issuing, billing.settling).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from billing.errors import BillUnknown
from billing.masking import mask_name
from billing.models import Bill, RevenueKind
from billing.numbering import format_object_number, format_payment_code, is_payment_code, search_forms
from billing.states import BILL_STATES, ISSUED
from foundation.db import fetch_row
from foundation.money import Money

__all__ = [
    "Kind",
    "OutstandingBills",
    "PayableBill",
    "PublicBill",
    "expired",
    "find_bills_for_public",
    "find_payable",
    "get_bill_by_uid",
    "list_kinds",
    "list_outstanding",
]

# An object owes a bill a year; the page shows this many of the newest.
_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PayableBill:
    """A bill as those who collect see it: the payer's name in full."""

    id: int
    uid: UUID
    payment_code: str
    kind: str
    kind_name: str
    kind_name_en: str
    entity: str
    object_number: str
    period: str
    payer_name: str
    amount: Money
    issued_on: date
    due_on: date
    state: str
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicBill:
    """A bill as anyone who knows its number may see it: the name masked, no address, NIK or phone."""

    uid: UUID
    payment_code: str
    kind: str
    kind_name_id: str
    kind_name_en: str
    object_label: str
    object_number: str
    object_number_shown: str
    period: str
    payer_name_masked: str
    amount: Money
    issued_on: date
    due_on: date
    state: str
    paid_at: datetime | None

    @property
    def payment_code_shown(self) -> str:
        """The payment code in groups of four."""
        return format_payment_code(self.payment_code)

    @property
    def paid(self) -> bool:
        """True once a payment settled it."""
        return self.state != ISSUED

    def state_word(self, language: str = "id") -> str:
        """The public word of its state: "BELUM LUNAS" / "LUNAS", or in English."""
        state = BILL_STATES.states[self.state]
        return state.word_en if language == "en" else state.word_id


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of revenue that this region bills for."""

    code: str
    digits: str
    name_id: str
    name_en: str
    family: str
    object_label: str
    object_rule: str


@dataclass(frozen=True, slots=True)
class OutstandingBills:
    """Unpaid bills of one kind and entity; their sum is the balance of the kind's receivable."""

    kind: str
    entity: str
    bills: int
    amount: Money


_PAYABLE_FIELDS = tuple(field.name for field in fields(PayableBill))
# In the order of PayableBill's fields.
_PAYABLE = (
    "SELECT b.id, b.uid, b.payment_code, b.kind, k.name_id, k.name_en, b.entity, b.object_number, b.period,"
    " b.payer_name, b.amount_sen, b.issued_on, b.due_on, b.state, b.paid_at"
    " FROM bill AS b JOIN revenue_kind AS k ON k.code = b.kind WHERE b.payment_code = %s"
)
# Weaker than FOR UPDATE, and enough: it waits for every other settlement of the bill, not for readers of its key.
_LOCK_PAYABLE = _PAYABLE + " FOR NO KEY UPDATE OF b"


def find_payable(session: Session, payment_code: str, *, lock: bool = False) -> PayableBill | None:
    """The bill with this payment code (18 digits, nothing else), in any state; None when there is none.

    With `lock` its row stays locked until the unit of work ends, so that two payments of one bill come one by one.
    A wrong check digit is not looked up at all.
    """
    if not is_payment_code(payment_code):
        return None
    row = fetch_row(session, _LOCK_PAYABLE if lock else _PAYABLE, (payment_code,))
    if row is None:
        return None
    values: dict[str, Any] = dict(zip(_PAYABLE_FIELDS, row, strict=True))
    values["amount"] = Money(values["amount"])
    return PayableBill(**values)


def expired(bill: PayableBill | PublicBill, today: date) -> bool:
    """True for an unpaid bill whose due date has ended; `today` is the date in the region's zone (design.md §8)."""
    return bill.state == ISSUED and today > bill.due_on


def find_bills_for_public(session: Session, query: str) -> list[PublicBill]:
    """Bills whose object number or payment code was typed, with or without dots, dashes and blanks; newest first.

    18 digits may be an NOP or a payment code: both are looked for. At most 50 bills; an empty list when none fits.
    """
    forms = search_forms(query)
    if not forms:
        return []
    # The kinds are named so that the unique key (kind, object_number, period) serves the search.
    kinds = session.scalars(select(RevenueKind.code)).all()
    found = or_(Bill.payment_code.in_(forms), (Bill.kind.in_(kinds)) & (Bill.object_number.in_(forms)))
    statement = _public().where(found).order_by(Bill.period.desc(), Bill.id.desc()).limit(_MOST_SHOWN)
    return [_public_bill(row) for row in session.execute(statement)]


def get_bill_by_uid(session: Session, uid: UUID) -> PublicBill:
    """The bill with this uid, as the public may see it. Raises BillUnknown."""
    row = session.execute(_public().where(Bill.uid == uid)).one_or_none()
    if row is None:
        raise BillUnknown(field="uid", number=str(uid))
    return _public_bill(row)


def list_kinds(session: Session) -> list[Kind]:
    """The kinds of revenue that this region has declared, by their digits."""
    rows = session.scalars(select(RevenueKind).order_by(RevenueKind.digits)).all()
    return [Kind(k.code, k.digits, k.name_id, k.name_en, k.family, k.object_label, k.object_rule) for k in rows]


def list_outstanding(session: Session) -> list[OutstandingBills]:
    """What is billed and not yet paid, per kind and entity: the detail of the receivable's balance."""
    statement = (
        select(Bill.kind, Bill.entity, func.count(), func.sum(Bill.amount_sen))
        .where(Bill.state == ISSUED)
        .group_by(Bill.kind, Bill.entity)
        .order_by(Bill.kind, Bill.entity)
    )
    rows = session.execute(statement)
    return [OutstandingBills(kind, entity, bills, Money(int(sen))) for kind, entity, bills, sen in rows]


def _public() -> Any:
    return select(
        Bill.uid,
        Bill.payment_code,
        Bill.kind,
        RevenueKind.name_id,
        RevenueKind.name_en,
        RevenueKind.object_label,
        RevenueKind.object_rule,
        Bill.object_number,
        Bill.period,
        Bill.payer_name,
        Bill.amount_sen,
        Bill.issued_on,
        Bill.due_on,
        Bill.state,
        Bill.paid_at,
    ).join(RevenueKind, RevenueKind.code == Bill.kind)


def _public_bill(row: Row[Any]) -> PublicBill:
    return PublicBill(
        uid=row.uid,
        payment_code=row.payment_code,
        kind=row.kind,
        kind_name_id=row.name_id,
        kind_name_en=row.name_en,
        object_label=row.object_label,
        object_number=row.object_number,
        object_number_shown=format_object_number(row.object_number, row.object_rule),
        period=row.period,
        payer_name_masked=mask_name(row.payer_name),
        amount=Money(row.amount_sen),
        issued_on=row.issued_on,
        due_on=row.due_on,
        state=row.state,
        paid_at=row.paid_at,
    )
