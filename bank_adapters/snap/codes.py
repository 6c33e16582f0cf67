"""SNAP's numbers: services, response codes with their wordings, and the states a payment may be reported in.

For: composing "4042412" from a service and a case, and the two-language reason that goes with it.
Not for: deciding which case applies (the doors and the parsers do), or the error tree (`errors.py`).
Source: interfaces.md §2.6 and §2.7 (ASPI technical standard; wordings also as banks test for them).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "Case",
    "LatestStatus",
    "QRIS_NOTIFY",
    "QR_GENERATE",
    "QR_QUERY",
    "SERVICES",
    "Service",
    "TOKEN",
    "VA_INQUIRY",
    "VA_PAYMENT",
    "VA_STATUS",
    "compose_code",
    "compose_message",
    "http_status_of",
]


@dataclass(frozen=True, slots=True)
class Service:
    """One SNAP service: its two-digit number, its path below the prefix (`…/v1.0`), and its HTTP method."""

    number: str
    path: str
    method: str = "POST"


TOKEN = Service("73", "/access-token/b2b")
VA_INQUIRY = Service("24", "/transfer-va/inquiry")
VA_PAYMENT = Service("25", "/transfer-va/payment")
VA_STATUS = Service("26", "/transfer-va/status")
QR_GENERATE = Service("47", "/qr/qr-mpm-generate")
QR_QUERY = Service("51", "/qr/qr-mpm-query")
QRIS_NOTIFY = Service("52", "/qr/qr-mpm-notify")

SERVICES: tuple[Service, ...] = (TOKEN, VA_INQUIRY, VA_PAYMENT, VA_STATUS, QR_GENERATE, QR_QUERY, QRIS_NOTIFY)


class Case(Enum):
    """What an answer says: HTTP status, case number, wording (`{detail}` is the field or the reason), two reasons.

    The reasons go into `inquiryReason` and `paymentFlagReason` and fit the narrower of the two (64 characters).
    """

    SUCCESSFUL = ("200", "00", "Successful", "Success", "Sukses")
    IN_PROGRESS = ("202", "00", "Request In Progress", "Request in progress", "Permintaan sedang diproses")
    BAD_REQUEST = ("400", "00", "Bad Request", "The message cannot be read", "Pesan tidak dapat dibaca")
    INVALID_FIELD = (
        "400",
        "01",
        "Invalid Field Format {{{detail}}}",
        "A field has a wrong format",
        "Format isian tidak sesuai",
    )
    MISSING_FIELD = (
        "400",
        "02",
        "Invalid Mandatory Field {{{detail}}}",
        "A mandatory field is missing",
        "Isian wajib belum diisi",
    )
    UNAUTHORIZED = ("401", "00", "Unauthorized. [{detail}]", "Unauthorized", "Tidak berwenang")
    INVALID_TOKEN = ("401", "01", "Invalid Token (B2B)", "Invalid token", "Token tidak sah")
    TOKEN_NOT_FOUND = ("401", "03", "Token Not Found (B2B)", "Token not found", "Token tidak ditemukan")
    FEATURE_NOT_ALLOWED = ("403", "01", "Feature Not Allowed", "Feature not allowed", "Fitur tidak diizinkan")
    EXCEEDS_LIMIT = (
        "403",
        "02",
        "Exceeds Transaction Amount Limit",
        "The amount is above the limit",
        "Nilai melebihi batas",
    )
    INVALID_STATUS = ("404", "00", "Invalid Transaction Status", "Invalid status", "Status tidak sah")
    NOT_FOUND = ("404", "01", "Transaction Not Found", "Not found", "Tidak ditemukan")
    INVALID_MERCHANT = ("404", "08", "Invalid Merchant", "Merchant unknown", "Merchant tidak dikenal")
    BILL_NOT_FOUND = (
        "404",
        "12",
        "Invalid Bill/Virtual Account [Not Found]",
        "Bill not found",
        "Tagihan tidak ditemukan",
    )
    INVALID_AMOUNT = (
        "404",
        "13",
        "Invalid Amount",
        "The amount differs from the bill",
        "Nilai tidak sama dengan tagihan",
    )
    PAID_BILL = ("404", "14", "Paid Bill", "The bill has been paid", "Tagihan sudah dibayar")
    INCONSISTENT_REQUEST = (
        "404",
        "18",
        "Inconsistent Request",
        "This request was received before",
        "Permintaan ini sudah pernah diterima",
    )
    BILL_EXPIRED = (
        "404",
        "19",
        "Invalid Bill/Virtual Account",
        "The bill has expired",
        "Tagihan sudah lewat jatuh tempo",
    )
    FUNCTION_NOT_SUPPORTED = (
        "405",
        "00",
        "Requested Function Is Not Supported",
        "Function not supported",
        "Fungsi tidak didukung",
    )
    CONFLICT = ("409", "00", "Conflict", "The reference was used before", "Nomor referensi sudah pernah dipakai")
    DUPLICATE_REFERENCE = (
        "409",
        "01",
        "Duplicate partnerReferenceNo",
        "The reference was used before",
        "Nomor referensi sudah pernah dipakai",
    )
    TOO_MANY_REQUESTS = ("429", "00", "Too Many Requests", "Too many requests", "Permintaan terlalu banyak")
    GENERAL_ERROR = ("500", "00", "General Error", "General error", "Terjadi kesalahan")
    INTERNAL_ERROR = ("500", "01", "Internal Server Error", "Internal error", "Terjadi kesalahan di server")
    TIMEOUT = ("504", "00", "Timeout", "No answer in time", "Tidak ada jawaban pada waktunya")

    def __init__(self, http: str, number: str, wording: str, english: str, indonesia: str) -> None:
        self.http = http
        self.number = number
        self.wording = wording
        self.english = english
        self.indonesia = indonesia


class LatestStatus(Enum):
    """`latestTransactionStatus`: how a QRIS payment stands at the acquirer (interfaces.md §2.6)."""

    SUCCESS = ("00", "Success", "Berhasil")
    INITIATED = ("01", "Initiated", "Dimulai")
    PAYING = ("02", "Paying", "Sedang dibayar")
    PENDING = ("03", "Pending", "Tertunda")
    REFUNDED = ("04", "Refunded", "Dikembalikan")
    CANCELED = ("05", "Canceled", "Dibatalkan")
    FAILED = ("06", "Failed", "Gagal")
    NOT_FOUND = ("07", "Not found", "Tidak ditemukan")

    def __init__(self, code: str, english: str, indonesia: str) -> None:
        self.code = code
        self.english = english
        self.indonesia = indonesia

    @classmethod
    def find(cls, code: str) -> LatestStatus | None:
        """The status with this two-digit code, or None."""
        return _STATUS_BY_CODE.get(code)


_STATUS_BY_CODE = {status.code: status for status in LatestStatus}


def compose_code(service: Service, case: Case) -> str:
    """`responseCode`: HTTP status, service number and case number, seven digits: "4042412"."""
    return case.http + service.number + case.number


def compose_message(case: Case, detail: str = "") -> str:
    """`responseMessage`, at most 150 characters; `detail` is the field or the reason where the wording has a place.

    An UNAUTHORIZED without a reason is the bare word.
    """
    if case is Case.UNAUTHORIZED and not detail:
        return "Unauthorized"
    return case.wording.format(detail=detail)[:150]


def http_status_of(response_code: str) -> int:
    """The HTTP status that a seven-digit response code carries. Raises ValueError where it is no such code."""
    if len(response_code) != 7 or not (response_code.isascii() and response_code.isdigit()):
        raise ValueError("a response code has seven digits")
    return int(response_code[:3])
