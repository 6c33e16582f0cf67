"""What banks ask, tell and hand over, as typed messages that look alike whichever bank sent them.

For: the words between the concrete adapters (SNAP, statement and settlement formats) and the business packages.
Not for: wire names, signatures or file layouts (the concrete adapter knows those), nor for what a payment means.

Amounts are `Money` (sen). Moments end in `_at` and are aware datetimes; dates end in `_on` and are the bank's own
business dates. `raw` is the message as parsed, kept so that no fact of the bank is lost; it takes no part in
comparison and is left out of `repr`, since it may hold personal data. Lengths named below are those of interfaces.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from foundation.money import Money

__all__ = [
    "VaInquiry",
    "VaInquiryAnswer",
    "VaPayment",
    "QrisNotification",
    "QrisRequest",
    "QrisOffer",
    "StatementFile",
    "StatementLine",
    "SettlementFile",
    "SettlementLine",
    "Direction",
    "QRIS_SUCCESS",
]

Direction = Literal["credit", "debit"]

# latestTransactionStatus of SNAP (interfaces.md 2.6): the only one that says that money has moved to us.
QRIS_SUCCESS = "00"


@dataclass(frozen=True, slots=True, kw_only=True)
class VaInquiry:
    """A bank asks what is owed on a virtual account (SNAP service 24). It can be answered no.

    `partner_service_id` is the bank's prefix without its padding blanks, `virtual_account_no` likewise; the padded
    forms stand in `raw` and are what the answer echoes.
    """

    partner_service_id: str
    customer_no: str
    virtual_account_no: str
    inquiry_request_id: str
    amount: Money | None = None
    channel_code: str | None = None
    source_bank_code: str | None = None
    asked_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VaInquiryAnswer:
    """The facts of the bill that the answer to an inquiry or a payment shows (SNAP services 24 and 25).

    `name` is the payer's name as the bank may show it; `total` is what must be paid, exactly. The adapter cuts texts
    to the lengths of its format: bill_no 18, bill_name 20, bill_short_name 10, descriptions 18 each.
    """

    name: str
    total: Money
    bill_no: str
    bill_name: str
    bill_short_name: str
    description_id: str
    description_en: str
    bill_code: str = "01"
    free_text_id: str | None = None
    free_text_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaPayment:
    """A bank pays a virtual account (SNAP service 25).

    `payment_request_id` is the bank's reference of the payment. `flag_advise` is True when the bank repeats a payment
    that it has already debited.
    """

    partner_service_id: str
    customer_no: str
    virtual_account_no: str
    payment_request_id: str
    paid_amount: Money
    total_amount: Money | None = None
    trx_at: datetime | None = None
    reference_no: str | None = None
    channel_code: str | None = None
    source_bank_code: str | None = None
    flag_advise: bool = False
    trx_id: str | None = None
    virtual_account_name: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QrisNotification:
    """An acquirer reports what became of a QRIS payment (SNAP service 52). A fact: it is recorded whatever it says.

    `latest_status` is the two digits of SNAP; only `QRIS_SUCCESS` books money. `mpan` may have 18 or 19 digits:
    compare by `bank_adapters.contract.qris.mpan_key`.
    """

    original_reference_no: str
    latest_status: str
    original_partner_reference_no: str | None = None
    amount: Money | None = None
    rrn: str | None = None
    mpan: str | None = None
    issuer: str | None = None
    paid_at: datetime | None = None
    external_store_id: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QrisRequest:
    """We ask the acquirer for a dynamic QRIS (SNAP service 47). The amount is whole rupiah, above zero."""

    partner_reference_no: str
    amount: Money
    validity_until: datetime
    merchant_id: str | None = None
    store_id: str | None = None
    terminal_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QrisOffer:
    """The acquirer's answer: the QR to show, and until when it may be shown.

    `valid_until` is the moment the acquirer named, else the one that was asked for; `reference_no` is the acquirer's
    own reference and comes back as `original_reference_no` when it is paid.
    """

    partner_reference_no: str
    reference_no: str | None
    qr_content: str
    valid_until: datetime
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One line of an account statement. `amount` is above zero; `direction` is as the account's owner sees it.

    `line_no` is the line of the file (from 1) where it stands. `reversal` marks a line that takes back an earlier one;
    `direction` already says which way the money went. `occurrence` counts lines of one statement that are equal in
    every other fact but `line_no` (1, 2, …), so that two honest equal payments of one day stay two.
    """

    line_no: int
    value_on: date
    entry_on: date
    amount: Money
    direction: Direction
    bank_reference: str | None = None
    owner_reference: str | None = None
    text: str = ""
    reversal: bool = False
    occurrence: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    """One statement of one account: opening balance, every line, closing balance. Balances are signed.

    `statement_no` is the bank's running number as written, and `reference` the bank's name for the message; together
    with the balances they show whether a day is missing between two statements.
    """

    account_no: str
    statement_no: str
    opening_on: date
    opening: Money
    closing_on: date
    closing: Money
    lines: tuple[StatementLine, ...]
    reference: str = ""

    @property
    def footing_difference(self) -> Money:
        """Closing balance less what opening balance and lines come to: zero when the statement foots."""
        moved = sum(line.amount.sen if line.direction == "credit" else -line.amount.sen for line in self.lines)
        return self.closing - self.opening - Money(moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """One payment that the partner says it settles: `net` = `amount` - `fee`.

    `bank_reference` is the reference under which the partner reported the payment; `partner_reference` is ours, where
    we gave one (QRIS), and `rrn` the switch's. `occurrence` counts equal lines of one file as in `StatementLine`.
    """

    line_no: int
    bank_reference: str
    amount: Money
    fee: Money
    net: Money
    payment_code: str | None = None
    paid_at: datetime | None = None
    channel: str | None = None
    partner_reference: str | None = None
    rrn: str | None = None
    occurrence: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFile:
    """A partner's settlement of one business date; the sums are those of the lines.

    `batch_reference` is what the credit on the bank statement will carry. `partner_ref` is how the file names the
    partner or merchant.
    """

    partner_ref: str
    business_on: date
    batch_reference: str
    lines: tuple[SettlementLine, ...]
    gross: Money
    fee: Money
    net: Money
