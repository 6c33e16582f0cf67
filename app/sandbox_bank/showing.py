"""What the sandbox bank's pages show: amounts, moments and states as words, ready for the templates.

For: pages and office_pages; a template prints these and decides nothing.
Not for: JSON (api).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.sandbox_bank.models import Account, Client, Inquiry, Message, Payment, Qris
from app.sandbox_bank.wording import Told, tell_answer
from foundation.clock import on_screen_moment
from foundation.money import Money

__all__ = [
    "ClientShown",
    "PayerShown",
    "PaymentShown",
    "ToConfirm",
    "confirm_inquiry",
    "confirm_qris",
    "group_digits",
    "show_client",
    "show_payer",
    "show_payment",
]

_STATES = {
    "DEBITED": Told("Menunggu jawaban Lunas", "Waiting for Lunas's answer"),
    "DONE": Told("Berhasil", "Paid"),
    "RETURNED": Told("Ditolak, uang sudah dikembalikan", "Refused, the money is back"),
}
_UNANSWERED = Told(
    "Lunas belum menjawab. Bank mengirim ulang sampai dijawab.",
    "Lunas has not answered yet. The bank repeats the message until it does.",
)
_UNTOLD = Told("Lunas sengaja tidak diberi tahu.", "Lunas was left untold on purpose.")


@dataclass(frozen=True, slots=True)
class PayerShown:
    """An invented customer: `uid` for forms, name, account number and balance ("Rp1.250.000")."""

    uid: str
    name: str
    number: str
    balance: str


@dataclass(frozen=True, slots=True)
class ClientShown:
    """A region: `connected` once Lunas's reply has been stored; its holding account and RKUD with their balances."""

    region: str
    name: str
    connected: bool
    va_prefix: str
    merchant: str
    holding: PayerShown
    rkud: PayerShown


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """What the payer is asked to confirm, as (label, label in English, value), and where the button leads."""

    title: Told
    amount: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class PaymentShown:
    """A payment: `tone` is good, waiting or bad; `answers` are Lunas's answers as (sentence, code), newest last."""

    uid: str
    reference: str
    tone: str
    state: Told
    amount: str
    payee: str
    channel: str
    paid_at: str
    rows: tuple[tuple[str, str, str], ...]
    answers: tuple[tuple[Told, str], ...]


def show_payer(account: Account) -> PayerShown:
    """A customer's account."""
    return PayerShown(str(account.uid), account.owner, account.number, Money(account.balance_sen).on_screen())


def confirm_inquiry(inquiry: Inquiry) -> ToConfirm:
    """What Lunas answered about a virtual account."""
    number = inquiry.client.va_prefix + inquiry.customer_no
    return ToConfirm(
        title=Told("Bayar virtual account", "Pay a virtual account"),
        amount=Money(inquiry.total_sen or 0).on_screen(),
        rows=(
            ("Nama", "Name", inquiry.name or "-"),
            ("Virtual account", "Virtual account", group_digits(number)),
            ("Penerima", "Payee", inquiry.client.region_name),
            ("Nomor permintaan", "Request number", inquiry.inquiry_request_id),
        ),
    )


def confirm_qris(qris: Qris) -> ToConfirm:
    """What a scanned QRIS says; the amount cannot be changed."""
    return ToConfirm(
        title=Told("Bayar QRIS", "Pay by QRIS"),
        amount=Money(qris.amount_sen).on_screen(),
        rows=(
            ("Merchant", "Merchant", qris.client.merchant_name),
            ("Kota", "City", qris.client.merchant_city),
            ("Berlaku sampai", "Valid until", on_screen_moment(qris.valid_until, qris.client.timezone)),
            ("Referensi", "Reference", qris.reference_no),
        ),
    )


def show_payment(payment: Payment) -> PaymentShown:
    """A payment with what Lunas answered."""
    rows = [
        ("Penerima", "Payee", payment.payee_name),
        ("Referensi bank", "Bank reference", payment.bank_reference),
        ("Waktu", "Time", on_screen_moment(payment.paid_at, payment.client.timezone)),
    ]
    if payment.payment_code:
        number = payment.client.va_prefix + payment.payment_code
        rows.insert(1, ("Virtual account", "Virtual account", group_digits(number)))
    if payment.rrn:
        rows.append(("RRN", "RRN", payment.rrn))
    rows.append(("Dari rekening", "From account", f"{payment.payer.number} {payment.payer.owner}"))
    return PaymentShown(
        uid=str(payment.uid),
        reference=payment.bank_reference,
        tone=_tone(payment),
        state=_STATES[payment.state],
        amount=Money(payment.amount_sen).on_screen(),
        payee=payment.payee_name,
        channel="Virtual account" if payment.channel == "VA" else "QRIS",
        paid_at=on_screen_moment(payment.paid_at, payment.client.timezone),
        rows=tuple(rows),
        answers=tuple(_answer(message) for message in payment.messages) or ((_UNTOLD, ""),),
    )


def group_digits(digits: str) -> str:
    """Digits in fours, as people read them: "8331 6331 6012 …"."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def show_client(client: Client) -> ClientShown:
    """A client with what lies on its two accounts."""
    return ClientShown(
        region=client.region,
        name=client.region_name,
        connected=client.lunas_base_url is not None,
        va_prefix=client.va_prefix,
        merchant=client.merchant_name,
        holding=show_payer(client.holding),
        rkud=show_payer(client.rkud),
    )


def _tone(payment: Payment) -> str:
    if payment.state == "RETURNED":
        return "bad"
    waiting = payment.state == "DEBITED" or any(message.state == "WAITING" for message in payment.messages)
    return "waiting" if waiting else "good"


def _answer(message: Message) -> tuple[Told, str]:
    if message.state == "WAITING":
        return _UNANSWERED, message.last_fault or ""
    code = message.response_code or ""
    return tell_answer(code), code
