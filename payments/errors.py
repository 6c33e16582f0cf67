"""Refusals of payments: what a partner that asks first can be told, and what contradicts an earlier report.

For: the named reasons; the bank doors turn them into response codes.
Not for: malformed messages (bank_adapters) or wrong signatures (app/bank_doors).
"""

from foundation.errors import Conflict, Invalid, NotFound

__all__ = [
    "AmountMismatch",
    "BillExpired",
    "BillNotFound",
    "BillPaid",
    "ExternalIdReused",
    "PartnerExists",
    "PartnerInvalid",
    "PartnerUnknown",
    "QrisNotOffered",
    "ReportContradicts",
]


class PartnerUnknown(NotFound):
    """No partner of this region has that code, client id or token."""

    code = "partner_unknown"
    text_id = "Mitra {partner} belum terdaftar."
    text_en = "Partner {partner} is not registered."


class PartnerExists(Conflict):
    """The code, or the virtual account prefix, is taken."""

    code = "partner_exists"
    text_id = "Mitra dengan {field} {value} sudah terdaftar."
    text_en = "A partner with {field} {value} is already registered."


class PartnerInvalid(Invalid):
    """A partner cannot be registered with this value."""

    code = "partner_invalid"
    text_id = "Isian {field} mitra tidak sah: {value!r}."
    text_en = "The partner's {field} is not valid: {value!r}."


class BillNotFound(NotFound):
    """No bill carries this payment code."""

    code = "bill_not_found"
    text_id = "Tagihan dengan kode bayar {payment_code} tidak ditemukan."
    text_en = "There is no bill with payment code {payment_code}."


class BillPaid(Conflict):
    """The bill is settled."""

    code = "bill_paid"
    text_id = "Tagihan {payment_code} sudah lunas."
    text_en = "Bill {payment_code} is already paid."


class BillExpired(Conflict):
    """The bill's due date has ended; its code is not payable any more."""

    code = "bill_expired"
    text_id = "Kode bayar {payment_code} sudah lewat jatuh tempo."
    text_en = "Payment code {payment_code} is past its due date."


class AmountMismatch(Conflict):
    """What is paid is not what is owed."""

    code = "amount_mismatch"
    text_id = "Nilai {paid} tidak sama dengan tagihan {owed}."
    text_en = "The amount {paid} is not what is owed, {owed}."


class ExternalIdReused(Conflict):
    """The partner used this X-EXTERNAL-ID today for another message."""

    code = "external_id_reused"
    text_id = "X-EXTERNAL-ID {external_id} sudah dipakai hari ini."
    text_en = "X-EXTERNAL-ID {external_id} was already used today."


class ReportContradicts(Conflict):
    """The bank's reference was reported before with other facts; a person must look at it."""

    code = "report_contradicts"
    text_id = "Rujukan bank {bank_reference} sudah dilaporkan dengan isi berbeda."
    text_en = "Bank reference {bank_reference} was reported before with other facts."


class QrisNotOffered(Conflict):
    """A QRIS cannot be asked for, or what the acquirer offered does not fit the bill."""

    code = "qris_not_offered"
    text_id = "QRIS tidak dapat ditampilkan: {reason_id}."
    text_en = "The QRIS cannot be shown: {reason_en}."
