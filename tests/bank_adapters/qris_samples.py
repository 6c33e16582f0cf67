"""QRIS texts of invented merchants, put together without the codec, with a CRC computed bit by bit.

For: the tests of the QRIS codec.
Not for: anything that must agree with the codec by construction; nothing here imports it.
"""

from __future__ import annotations

__all__ = ["ACCOUNT", "REPOSITORY", "TRANSFER", "close", "crc_bit_by_bit", "dynamic", "static", "tlv"]


def crc_bit_by_bit(text: str) -> str:
    """CRC-16/CCITT-FALSE from its definition: polynomial 1021, start FFFF, nothing reflected, nothing xored."""
    register = 0xFFFF
    for byte in text.encode("utf-8"):
        for bit in range(7, -1, -1):
            feed = ((register >> 15) & 1) ^ ((byte >> bit) & 1)
            register = (register << 1) & 0xFFFF
            if feed:
                register ^= 0x1021
    return f"{register:04X}"


def tlv(tag: str, value: str) -> str:
    """One object."""
    return f"{tag}{len(value):02d}{value}"


def close(body: str) -> str:
    """The body with its CRC."""
    return body + "6304" + crc_bit_by_bit(body + "6304")


ACCOUNT = (
    tlv("00", "ID.CO.BANKCONTOH.WWW")
    + tlv("01", "936001100000000001")
    + tlv("02", "000000000000001")
    + tlv("03", "URE")
)
REPOSITORY = tlv("00", "ID.CO.QRIS.WWW") + tlv("02", "ID1020000000001") + tlv("03", "URE")
TRANSFER = tlv("00", "ID.CO.BANKCONTOH.WWW") + tlv("01", "9360082230002001355") + tlv("02", "0123456789")

_TAIL = {
    "52": "9311",
    "53": "360",
    "58": "ID",
    "59": "CV CONTOH MAKMUR",
    "60": "KAB CONTOH",
    "61": "58219",
}


def _body(fields: dict[str, str | None]) -> str:
    return "".join(tlv(tag, value) for tag, value in sorted(fields.items()) if value is not None)


def static(**changes: str | None) -> str:
    """A sound static code; `t59="…"` sets a tag, `t51=None` leaves one out."""
    fields: dict[str, str | None] = {"00": "01", "01": "11", "26": ACCOUNT, "51": REPOSITORY, **_TAIL}
    fields.update({name[1:]: value for name, value in changes.items()})
    return close(_body(fields))


def dynamic(**changes: str | None) -> str:
    """A sound dynamic code over Rp150.000 with a bill number; changes as in `static`."""
    additional = tlv("01", "QRIS2026112114050000001") + tlv("07", "C02")
    return static(**{"t01": "12", "t54": "150000", "t62": additional, **changes})
