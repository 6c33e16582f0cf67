"""Collects, receives and (later) refunds, disburses and deposits: every payment that a partner tells us of.

What it is for: partners (banks and acquirers) with their keys, the archive of their messages, external ids, receiving
payments and reports of payments, and asking an acquirer for a dynamic QRIS.
Not for: who owes what (billing), how it is booked (ledger), comparing with bank files (reconciliation), or the shape
of a bank's message (bank_adapters and app/bank_doors).

Invariants
- A payment's bank reference is unique per partner (the database says so); the same report twice is one payment.
- Money that has moved is never lost: a report of a fact becomes a payment, APPLIED to a bill or UNAPPLIED in suspense
  with a reason that a person is shown. Only a partner that asks first can be refused, by code.
- A payment, the bill's settlement, its journal entry and the outbox row are one database transaction.
- A payment is accounted on the day on which the payer paid, in the region's zone: what a partner took before midnight
  is on its way on that day, whenever we are told. Where that month is no longer open, on the day of the report.
- A bill has at most one APPLIED payment (a partial unique index).
- A refused message leaves nothing but the message log, and does not use up its external id.
- Virtual account numbers are derived (the partner's prefix and the payment code), never stored.

States of a payment: RECORDED → APPLIED or UNAPPLIED, in the transaction that records it. States of a QRIS request:
REQUESTED → OFFERED or FAILED; that an offer ran out follows from `valid_until`.

SQL function of the hot path: `payments_record(...)`, called by `payments.recording` only.
Views for others: `payment_v` (one row per payment, for reconciliation: ids, partner code, channel, bank reference,
amount_sen, state, entity, revenue kind, whether its entry has the budget side, and its dates).
"""

from payments.errors import (
    AmountMismatch,
    BillExpired,
    BillNotFound,
    BillPaid,
    ExternalIdReused,
    PartnerExists,
    PartnerInvalid,
    PartnerUnknown,
    QrisNotOffered,
    ReportContradicts,
)
from payments.forgetting import forget_expired
from payments.listing import ChannelSum, PaymentShown, count_unapplied, list_payments, list_unapplied, sum_by_channel
from payments.messages import Contradiction, MessageLogged, list_contradictions, log_message
from payments.models import Partner, Payment, QrisAsked
from payments.notices import ExternalId, PaymentNotice
from payments.partners import (
    NewPartner,
    PartnerKeys,
    PartnerTerms,
    add_partner,
    find_partner_by_client_id,
    find_partner_by_token,
    get_partner,
    issue_access_token,
    list_partners,
    partner_keys,
    terms_of,
    virtual_account_number,
)
from payments.qris_asking import (
    ask_for_qris,
    find_live_qris,
    find_qris_by_reference,
    list_qris_of_bill,
    qris_limit,
    record_qris_failure,
    record_qris_offer,
)
from payments.receipts import Receipt, find_payment_by_ntpd, find_receipt, ntpd_of
from payments.receiving import (
    Received,
    bank_business_date,
    find_payment_by_reference,
    has_payment,
    receive_payment,
    require_payable,
    use_external_id,
)
from payments.settling import mark_credited, mark_settled

__all__ = [
    "AmountMismatch",
    "BillExpired",
    "BillNotFound",
    "BillPaid",
    "ChannelSum",
    "Contradiction",
    "ExternalId",
    "ExternalIdReused",
    "MessageLogged",
    "NewPartner",
    "Partner",
    "PartnerExists",
    "PartnerInvalid",
    "PartnerKeys",
    "PartnerTerms",
    "PartnerUnknown",
    "Payment",
    "PaymentNotice",
    "PaymentShown",
    "QrisAsked",
    "QrisNotOffered",
    "Receipt",
    "Received",
    "ReportContradicts",
    "add_partner",
    "ask_for_qris",
    "bank_business_date",
    "count_unapplied",
    "find_live_qris",
    "find_partner_by_client_id",
    "find_partner_by_token",
    "find_payment_by_ntpd",
    "find_payment_by_reference",
    "find_qris_by_reference",
    "find_receipt",
    "forget_expired",
    "get_partner",
    "has_payment",
    "issue_access_token",
    "list_contradictions",
    "list_partners",
    "list_payments",
    "list_qris_of_bill",
    "list_unapplied",
    "log_message",
    "mark_credited",
    "mark_settled",
    "ntpd_of",
    "partner_keys",
    "qris_limit",
    "receive_payment",
    "record_qris_failure",
    "record_qris_offer",
    "require_payable",
    "sum_by_channel",
    "terms_of",
    "use_external_id",
    "virtual_account_number",
]
