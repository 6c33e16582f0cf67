"""What every bank looks like from inside: typed messages, ports and the refusals they raise.

For: `payments`, `reconciliation` and the concrete adapters, which meet here and nowhere else. Pure: no database,
no clock, no settings. The QRIS codec is a room with a front of its own: `bank_adapters.contract.qris`.
Not for: anything that only one bank or one format does.

Invariants
- A message holds what the bank said, typed; nothing is guessed, and an unreadable amount is an error, never zero.
- Amounts are `Money`; moments are aware.
"""

from bank_adapters.contract.errors import (
    AcquirerRefused,
    AcquirerUnreachable,
    BankFileRefused,
    FileProblem,
    QrisInvalid,
    QrisOverLimit,
    Reason,
    SettlementUnreadable,
    StatementUnreadable,
)
from bank_adapters.contract.messages import (
    QRIS_SUCCESS,
    Direction,
    QrisNotification,
    QrisOffer,
    QrisRequest,
    SettlementFile,
    SettlementLine,
    StatementFile,
    StatementLine,
    VaInquiry,
    VaInquiryAnswer,
    VaPayment,
)
from bank_adapters.contract.ports import QrisAcquirer, SettlementReader, StatementReader

__all__ = [
    "VaInquiry",
    "VaInquiryAnswer",
    "VaPayment",
    "QrisNotification",
    "QRIS_SUCCESS",
    "QrisRequest",
    "QrisOffer",
    "StatementFile",
    "StatementLine",
    "Direction",
    "SettlementFile",
    "SettlementLine",
    "QrisAcquirer",
    "StatementReader",
    "SettlementReader",
    "AcquirerRefused",
    "AcquirerUnreachable",
    "BankFileRefused",
    "FileProblem",
    "QrisInvalid",
    "QrisOverLimit",
    "Reason",
    "SettlementUnreadable",
    "StatementUnreadable",
]
