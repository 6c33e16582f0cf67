"""Refusals of the sandbox bank.

For: what a payer, the bank's back office or whoever starts it can be told.
Not for: SNAP codes towards Lunas (acquirer_door), or what Lunas answers (wording).
"""

from __future__ import annotations

from foundation.errors import Conflict, Forbidden, Invalid, LunasError, NotFound, Unavailable

__all__ = [
    "BalanceTooLow",
    "BooksDiffer",
    "ClientExists",
    "ClientUnknown",
    "InquiryUsed",
    "LunasRefused",
    "LunasSilent",
    "PayerUnknown",
    "PaymentUnknown",
    "QrImageUnreadable",
    "QrReaderMissing",
    "QrisAlreadyPaid",
    "QrisChanged",
    "QrisExpired",
    "QrisForeign",
    "SandboxFormInvalid",
    "SandboxInputInvalid",
    "SandboxLocalOnly",
    "SandboxLooksReal",
    "SandboxPageMissing",
    "SandboxRequestFailed",
    "VirtualAccountUnknown",
]


class SandboxLooksReal(Forbidden):
    """The sandbox bank would run where it could be taken for a real bank. Facts: `reason_id`, `reason_en`."""

    code = "sandbox_looks_real"
    text_id = "Bank sandbox tidak dijalankan: {reason_id}."
    text_en = "The sandbox bank does not start: {reason_en}."


class SandboxPageMissing(NotFound):
    """No page has this address."""

    code = "sandbox_page_missing"
    text_id = "Halaman tidak ditemukan. Periksa kembali alamatnya."
    text_en = "There is no such page. Check the address."


class SandboxRequestFailed(LunasError):
    """The request is not what HTTP says it should be, or the program failed. Fact: `status`."""

    code = "sandbox_request_failed"
    text_id = "Permintaan tidak dapat dilayani (HTTP {status})."
    text_en = "The request cannot be served (HTTP {status})."


class SandboxLocalOnly(Forbidden):
    """The JSON for demo and tests answers this machine only."""

    code = "sandbox_local_only"
    text_id = "Alamat ini hanya untuk uji coba dari mesin ini sendiri."
    text_en = "This address is for tests from this machine only."


class ClientUnknown(NotFound):
    """No region of this code is a client of the sandbox bank, or it has not been connected yet."""

    code = "sandbox_client_unknown"
    text_id = "Wilayah {region} belum terhubung dengan bank sandbox."
    text_en = "Region {region} is not connected to the sandbox bank yet."


class ClientExists(Conflict):
    """A prefix or account number belongs to another region already."""

    code = "sandbox_client_exists"
    text_id = "{field} {value} sudah dipakai wilayah lain di bank sandbox."
    text_en = "{field} {value} already belongs to another region at the sandbox bank."


class SandboxInputInvalid(Invalid):
    """A value given to the sandbox bank that it cannot use. Facts: `field`, `value`."""

    code = "sandbox_input_invalid"
    text_id = "Isian {field} tidak dapat dipakai: {value!r}."
    text_en = "The value of {field} cannot be used: {value!r}."


class SandboxFormInvalid(Invalid):
    """The form's token is missing, old, or of another browser."""

    code = "sandbox_form_invalid"
    http_status = 400
    text_id = "Formulir sudah kedaluwarsa. Muat ulang halaman lalu kirim kembali."
    text_en = "The form has expired. Reload the page and send it again."


class PayerUnknown(NotFound):
    """There is no such invented payer."""

    code = "sandbox_payer_unknown"
    text_id = "Nasabah contoh ini tidak ada. Pilih salah satu dari daftar."
    text_en = "There is no such invented customer. Choose one from the list."


class PaymentUnknown(NotFound):
    """No payment or inquiry has this reference."""

    code = "sandbox_payment_unknown"
    text_id = "Pembayaran tidak ditemukan."
    text_en = "There is no such payment."


class BalanceTooLow(Conflict):
    """The payer's account does not hold enough. Fact: `balance`."""

    code = "sandbox_balance_too_low"
    text_id = "Saldo rekening tidak cukup. Saldo {balance}."
    text_en = "The account does not hold enough. Balance {balance}."


class InquiryUsed(Conflict):
    """The inquiry was answered no, or has been paid already."""

    code = "sandbox_inquiry_used"
    text_id = "Tagihan ini tidak menunggu pembayaran. Masukkan kembali nomor virtual account."
    text_en = "This bill is not waiting for a payment. Enter the virtual account number again."


class VirtualAccountUnknown(NotFound):
    """The number does not begin with the prefix of any client."""

    code = "sandbox_virtual_account_unknown"
    text_id = "Nomor virtual account {number} bukan milik bank sandbox. Periksa kembali nomornya."
    text_en = "Virtual account {number} is not one of the sandbox bank's. Check the number."


class LunasSilent(Unavailable):
    """Lunas gave no usable answer to a question that a payer waits for. Fact: `detail`."""

    code = "sandbox_lunas_silent"
    text_id = "Lunas belum menjawab ({detail}). Uang belum didebet; silakan coba lagi."
    text_en = "Lunas did not answer ({detail}). No money was taken; please try again."


class LunasRefused(Conflict):
    """Lunas answered no to an inquiry. Facts: `response_code`, `reason_id`, `reason_en`."""

    code = "sandbox_lunas_refused"
    text_id = "{reason_id} ({response_code})"
    text_en = "{reason_en} ({response_code})"


class QrisForeign(NotFound):
    """A valid QRIS, but not one that the sandbox bank issued."""

    code = "sandbox_qris_foreign"
    text_id = "QRIS ini tidak diterbitkan oleh bank sandbox, jadi tidak dapat dibayar di sini."
    text_en = "The sandbox bank did not issue this QRIS, so it cannot be paid here."


class QrisChanged(Conflict):
    """The QRIS is not exactly as it was issued: someone changed the amount or another field."""

    code = "sandbox_qris_changed"
    text_id = "QRIS ini telah diubah setelah diterbitkan. Pembayaran ditolak."
    text_en = "This QRIS was changed after it was issued. The payment is refused."


class QrisExpired(Conflict):
    """The QRIS is past its validity. Fact: `valid_until` as shown on screens."""

    code = "sandbox_qris_expired"
    text_id = "QRIS sudah kedaluwarsa pada {valid_until}. Minta QRIS baru di halaman tagihan."
    text_en = "The QRIS expired at {valid_until}. Ask for a new one on the bill's page."


class QrisAlreadyPaid(Conflict):
    """A dynamic QRIS is paid once."""

    code = "sandbox_qris_already_paid"
    text_id = "QRIS ini sudah dibayar. Tidak ada uang yang didebet lagi."
    text_en = "This QRIS has been paid. No money was taken again."


class QrReaderMissing(Unavailable):
    """The library that reads QR images is not installed."""

    code = "sandbox_qr_reader_missing"
    text_id = "Pembaca gambar QR tidak terpasang (zxing-cpp dan pillow). Tempel teks QRIS sebagai gantinya."
    text_en = "The reader of QR images is not installed (zxing-cpp and pillow). Paste the QRIS text instead."


class QrImageUnreadable(Invalid):
    """The uploaded file is no image, or there is no QR in it."""

    code = "sandbox_qr_image_unreadable"
    text_id = "QR pada gambar tidak terbaca. Unggah gambar PNG atau JPEG yang memuat satu QRIS dengan jelas."
    text_en = "No QR can be read from the image. Upload a PNG or JPEG that shows one QRIS clearly."


class BooksDiffer(LunasError):
    """An account's balance is not what its transfers come to; the sandbox bank's own books are wrong."""

    code = "sandbox_books_differ"
    text_id = "Pembukuan bank sandbox tidak cocok pada rekening {account}."
    text_en = "The sandbox bank's books do not agree at account {account}."
