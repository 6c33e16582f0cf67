"""Reading a QR from an uploaded picture, as a mobile bank's camera does.

For: the payer's scan page; zxing-cpp and pillow are needed and come with the extra `sandbox`.
Not for: what the text means (issuing), or drawing QR codes.
"""

from __future__ import annotations

import io
import warnings

from app.sandbox_bank.errors import QrImageUnreadable, QrReaderMissing

__all__ = ["MOST_IMAGE_BYTES", "can_read_images", "read_qr_image"]

MOST_IMAGE_BYTES = 8 * 1024 * 1024
_MOST_PIXELS = 40_000_000


def can_read_images() -> bool:
    """True when the libraries are there."""
    try:
        import PIL.Image
        import zxingcpp
    except ImportError:
        return False
    return bool(PIL.Image and zxingcpp)


def read_qr_image(data: bytes) -> str:
    """The text of the one QR in a PNG, JPEG or WebP picture.

    Raises QrReaderMissing, or QrImageUnreadable for anything that is no picture, shows no QR, or shows several.
    """
    if not can_read_images():
        raise QrReaderMissing()
    import zxingcpp
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
            if picture.width * picture.height > _MOST_PIXELS:
                raise QrImageUnreadable(field="image")
            grey = picture.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning, Image.DecompressionBombError) as fault:
        raise QrImageUnreadable(field="image") from fault
    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    found = {code.text for code in zxingcpp.read_barcodes(grey, formats=wanted) if code.valid}
    if len(found) != 1:
        raise QrImageUnreadable(field="image")
    return str(found.pop())
