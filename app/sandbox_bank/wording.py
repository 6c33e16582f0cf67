"""What the payer reads for what Lunas answered.

For: one friendly sentence per answer, in Indonesian and English, told by HTTP status and case.
Not for: the answers themselves; the code is always shown beside the sentence.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Told", "tell_answer"]


class Told(NamedTuple):
    """A sentence in both languages."""

    text_id: str
    text_en: str


_BY_CASE = {
    "20000": Told("Lunas sudah mencatat pembayaran.", "Lunas has recorded the payment."),
    "40412": Told(
        "Tagihan tidak ditemukan. Periksa kembali nomor virtual account Anda.",
        "There is no such bill. Check your virtual account number.",
    ),
    "40413": Told(
        "Nilai pembayaran tidak sama dengan tagihan.",
        "The amount is not what is owed.",
    ),
    "40414": Told(
        "Tagihan ini sudah lunas, tidak perlu dibayar lagi.",
        "This bill is already paid; nothing more is due.",
    ),
    "40418": Told(
        "Pembayaran ini sudah pernah diterima Lunas.",
        "Lunas had received this payment before.",
    ),
    "40419": Told(
        "Tagihan sudah lewat jatuh tempo dan tidak dapat dibayar dengan kode ini.",
        "The bill is past its due date and cannot be paid with this code.",
    ),
    "40900": Told(
        "Nomor referensi ini sudah dipakai untuk pembayaran lain.",
        "This reference was used for another payment.",
    ),
}
_BY_STATUS = {
    "400": Told("Lunas tidak dapat membaca pesan bank.", "Lunas could not read the bank's message."),
    "401": Told("Lunas tidak mengenali bank ini.", "Lunas does not recognise this bank."),
    "429": Told("Terlalu banyak permintaan. Coba lagi sebentar.", "Too many requests. Try again shortly."),
    "5": Told("Lunas sedang terganggu. Bank akan mencoba lagi.", "Lunas has trouble. The bank will try again."),
}
_OTHERWISE = Told("Lunas menolak permintaan ini.", "Lunas refused this request.")


def tell_answer(response_code: str) -> Told:
    """The sentence for a seven-digit response code of any service."""
    case = response_code[:3] + response_code[5:]
    return (
        _BY_CASE.get(case)
        or _BY_STATUS.get(response_code[:3])
        or (_BY_STATUS["5"] if response_code.startswith("5") else _OTHERWISE)
    )
