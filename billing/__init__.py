"""Who owes what, and why: kinds of revenue, batches of issue, bills.

For: issuing bills from a region's own files, finding them by NOP or payment code, settling them.
Not for: receiving money (payments), booking (ledger; billing only asks it to post row 1 of domain.md §3.1), virtual
account numbers and QRIS (payments derives them from the payment code and the partner).

Invariants
- One bill per (kind, object number, period); whole rupiah above zero; after issue its amount never changes (the
  application's role may update only `state`, `paid_at` and `payment_uid`).
- A payment code has 18 digits with a Luhn check digit and is never given twice; serials are gapless per kind and month.
- A batch is issued whole or not at all, with one journal entry per batch, account and entity; the bills are the
  detail of the receivable, so the unpaid bills of a kind sum to its balance.
- NIK and phone are stored encrypted only; the public sees masked names.

States of a bill (billing.states): ISSUED "BELUM LUNAS" → PAID "LUNAS" by `settled`. Past its due date a bill is still
ISSUED; whether it may be paid is `expired(bill, today)`.

SQL for hot paths: `billing_settle(bill_id bigint, payment_uid uuid, paid_at timestamptz, settled_by text,
settled_at timestamptz) RETURNS boolean` moves a bill to PAID and records it; false when it was not ISSUED.
Views for other packages: none.
"""

from billing.errors import BillAlreadyPaid, BillFileRefused, BillUnknown, LineProblem
from billing.issuing import ImportResult, import_bills
from billing.mapping import BillMapping, read_mapping
from billing.masking import mask_name
from billing.numbering import format_object_number, format_payment_code, is_payment_code
from billing.queries import (
    Kind,
    OutstandingBills,
    PayableBill,
    PublicBill,
    expired,
    find_bills_for_public,
    find_payable,
    get_bill_by_uid,
    list_kinds,
    list_outstanding,
)
from billing.settling import settle_bill
from billing.states import BILL_STATES

__all__ = [
    "BILL_STATES",
    "BillAlreadyPaid",
    "BillFileRefused",
    "BillMapping",
    "BillUnknown",
    "ImportResult",
    "Kind",
    "LineProblem",
    "OutstandingBills",
    "PayableBill",
    "PublicBill",
    "expired",
    "find_bills_for_public",
    "find_payable",
    "format_object_number",
    "format_payment_code",
    "get_bill_by_uid",
    "import_bills",
    "is_payment_code",
    "list_kinds",
    "list_outstanding",
    "mask_name",
    "read_mapping",
    "settle_bill",
]
