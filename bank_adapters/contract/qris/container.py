"""The container of a QRIS code: objects of tag, length and value, and the CRC that closes them.

For: cutting a text into objects and putting objects together, with the container's own rules.
Not for: what a tag means or how its value is written (table.py, rules.py).

Container rules (interfaces.md 1.1): at most 512 characters; an object is a two-digit tag, a two-digit length from 01
to 99 that counts characters, and the value; no tag twice at one level; "00" first, "63" last; the CRC covers all
before its own four characters.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bank_adapters.contract.errors import QrisInvalid, Reason
from bank_adapters.contract.qris.table import is_template

__all__ = ["LONGEST_CODE", "QrisObject", "crc_of", "join_path", "read_code", "write_code", "write_object"]

LONGEST_CODE = 512

# Only these digits: str.isdigit() is true for digits of other scripts as well.
_TWO_DIGITS = re.compile(r"[0-9]{2}")
_CRC = re.compile(r"[0-9A-F]{4}")
# Tag 64 alone may carry text beyond printable ASCII: names in another script.
_ASCII_TEXT = re.compile(r"[ -~]*")
_LANGUAGE_TAG = "64"


@dataclass(frozen=True, slots=True)
class QrisObject:
    """One object: `value` is the text as it stands; a template's `children` are the objects inside it."""

    tag: str
    value: str
    children: tuple[QrisObject, ...] = ()


def join_path(parent: str, tag: str) -> str:
    """ "26" and "01" to "26.01"; the root is ""."""
    return f"{parent}.{tag}" if parent else tag


def crc_of(text: str) -> str:
    """CRC-16/CCITT-FALSE (polynomial 1021, start FFFF) of the text in UTF-8, as four upper-case hexadecimal digits."""
    # surrogatepass: a text that cannot be sent is refused by its characters, with their tag, not by the encoder.
    return f"{binascii.crc_hqx(text.encode('utf-8', 'surrogatepass'), 0xFFFF):04X}"


def read_code(text: str) -> tuple[QrisObject, ...]:
    """Cut a whole code into objects, templates included, after checking the container and its CRC.

    Raises QrisInvalid with the tag at fault, or None when the fault belongs to no tag.
    """
    if not text:
        raise QrisInvalid(None, Reason("kosong", "it is empty"))
    if len(text) > LONGEST_CODE:
        raise QrisInvalid(
            None,
            Reason(f"lebih dari {LONGEST_CODE} karakter", f"it is longer than {LONGEST_CODE} characters"),
        )
    flat = _cut(text, "")
    for found in flat:
        _check_characters(found)
    _check_ends(text, flat)
    return tuple(_open_templates(found, "") for found in flat)


def write_object(tag: str, value: str, *, path: str) -> str:
    """One object as text. Raises QrisInvalid naming `path` on a tag or a length that cannot be written."""
    if not _TWO_DIGITS.fullmatch(tag):
        raise QrisInvalid(path, Reason("tag harus dua angka", "a tag must be two digits"))
    if not 1 <= len(value) <= 99:
        raise QrisInvalid(
            path,
            Reason(
                f"panjang {len(value)} tidak dapat ditulis (1 sampai 99)",
                f"a length of {len(value)} cannot be written (1 to 99)",
            ),
        )
    return f"{tag}{len(value):02d}{value}"


def write_code(objects: Iterable[tuple[str, str]]) -> str:
    """A whole code from (tag, value) pairs without "00" and "63", in the order given, closed by its CRC."""
    body = "".join(write_object(tag, value, path=tag) for tag, value in (("00", "01"), *objects)) + "6304"
    return body + crc_of(body)


def _cut(text: str, parent: str) -> list[QrisObject]:
    found: list[QrisObject] = []
    seen: set[str] = set()
    at = 0
    while at < len(text):
        tag = text[at : at + 2]
        if not _TWO_DIGITS.fullmatch(tag):
            raise _tag_unreadable(parent, found, at)
        path = join_path(parent, tag)
        if tag in seen:
            raise QrisInvalid(path, Reason("tag ini muncul dua kali", "this tag stands twice"))
        seen.add(tag)
        value = _read_value(text, at + 2, path)
        found.append(QrisObject(tag, value))
        at += 4 + len(value)
    return found


def _read_value(text: str, at: int, path: str) -> str:
    """The value whose two-digit length stands at `at`."""
    length_text = text[at : at + 2]
    if not _TWO_DIGITS.fullmatch(length_text):
        raise QrisInvalid(path, Reason("panjangnya bukan dua angka", "its length is not two digits"))
    length = int(length_text)
    if length == 0:
        raise QrisInvalid(path, Reason("panjangnya 00", "its length is 00"))
    left = len(text) - at - 2
    if length > left:
        raise QrisInvalid(
            path,
            Reason(
                f"panjangnya {length}, tetapi hanya {left} karakter tersisa",
                f"its length is {length}, but only {left} characters are left",
            ),
        )
    return text[at + 2 : at + 2 + length]


def _tag_unreadable(parent: str, found: list[QrisObject], at: int) -> QrisInvalid:
    """The fault of a place where a tag should stand and none does; it belongs to the template around it, if any."""
    if not parent and found and found[-1].tag == "63":
        return QrisInvalid("63", Reason("ada teks setelah CRC", "there is text after the CRC"))
    return QrisInvalid(
        parent or None,
        Reason(f"tidak ada tag dua angka pada posisi {at}", f"there is no two-digit tag at position {at}"),
    )


def _check_characters(found: QrisObject) -> None:
    if found.tag == _LANGUAGE_TAG:
        # isprintable() is false for controls, direction marks and lone surrogates, none of which a name needs.
        sound = found.value.isprintable()
    else:
        sound = _ASCII_TEXT.fullmatch(found.value) is not None
    if not sound:
        raise QrisInvalid(
            found.tag, Reason("berisi karakter yang tidak diizinkan", "it holds characters that are not allowed")
        )


def _check_ends(text: str, flat: list[QrisObject]) -> None:
    if flat[0].tag != "00":
        raise QrisInvalid("00", Reason("harus berada paling depan", "it must stand first"))
    tags = [found.tag for found in flat]
    if "63" not in tags:
        raise QrisInvalid("63", Reason("tidak ada", "it is missing"))
    written = flat[-1]
    if written.tag != "63":
        raise QrisInvalid("63", Reason("harus berada paling belakang", "it must stand last"))
    if not _CRC.fullmatch(written.value):
        raise QrisInvalid(
            "63",
            Reason(
                "harus empat angka heksadesimal dengan huruf besar", "it must be four upper-case hexadecimal digits"
            ),
        )
    computed = crc_of(text[: -len(written.value)])
    if written.value != computed:
        raise QrisInvalid(
            "63",
            Reason(
                f"CRC tidak cocok: tertulis {written.value}, terhitung {computed}",
                f"the CRC does not match: written {written.value}, computed {computed}",
            ),
        )


def _open_templates(found: QrisObject, parent: str) -> QrisObject:
    path = join_path(parent, found.tag)
    if not is_template(path):
        return found
    children = tuple(_open_templates(child, path) for child in _cut(found.value, path))
    return QrisObject(found.tag, found.value, children)
