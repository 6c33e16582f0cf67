"""The rules of QRIS over a code that is already cut into objects.

For: presence, lengths, forms and the rules between fields; every breach is an error or a warning with its tag.
Not for: the container and its CRC (container.py), or whether we want such a code (decoding.py).

Source: interfaces.md 1.3 to 1.9 and 1.12.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bank_adapters.contract.errors import QrisInvalid, Reason
from bank_adapters.contract.qris.container import QrisObject, join_path
from bank_adapters.contract.qris.mpan import has_wrong_check_digit
from bank_adapters.contract.qris.table import (
    ACCOUNT_TAGS,
    TRANSFER_TAG,
    defined_rule,
    expected_tags,
    is_template,
    mandatory_tags,
)
from foundation.money import Money

__all__ = ["QrisWarning", "check_code", "read_amount"]

# "1000", "1000." and "1000.00" are amounts; "1000,00", "1.000" and "1 000" are not (interfaces.md 1.7).
_AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]{0,2}))?")
_NMID = re.compile(r"ID[12]0[0-9]{11}")
_MISSING = Reason("tidak ada", "it is missing")


@dataclass(frozen=True, slots=True)
class QrisWarning:
    """Something that breaks a rule which real codes break too, and which every reader can live with."""

    tag: str
    reason: Reason


def read_amount(text: str, *, tag: str) -> Money:
    """The amount in tag 54 or 56: at most 13 characters, above zero, at most two decimals after a full stop.

    Raises QrisInvalid naming the tag.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None or len(text) > 13:
        raise QrisInvalid(
            tag,
            Reason(
                'harus angka, desimal hanya dengan "." dan paling banyak dua',
                'it must be digits, with "." before at most two decimals',
            ),
        )
    amount = Money(int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")))
    if not amount:
        raise QrisInvalid(tag, Reason("tidak boleh nol", "it must not be zero"))
    return amount


def check_code(objects: Sequence[QrisObject]) -> tuple[QrisWarning, ...]:
    """Check every rule; return the warnings in the order of the tables, or raise QrisInvalid at the first error."""
    warnings = _check_template(objects, "")
    by_tag = {found.tag: found for found in objects}
    _check_amounts(by_tag)
    accounts = [found for found in objects if found.tag in ACCOUNT_TAGS]
    if not accounts:
        raise QrisInvalid(
            "26", Reason("tidak ada akun merchant (tag 02-45)", "there is no merchant account (tags 02-45)")
        )
    for account in accounts:
        warnings += _check_pan(account)
    warnings += _check_repository(by_tag, only_transfer=all(found.tag == TRANSFER_TAG for found in accounts))
    return tuple(warnings)


def _check_template(objects: Sequence[QrisObject], parent: str) -> list[QrisWarning]:
    warnings: list[QrisWarning] = []
    present = {found.tag for found in objects}
    for tag in mandatory_tags(parent):
        if tag not in present:
            raise QrisInvalid(join_path(parent, tag), _MISSING)
    for tag in expected_tags(parent):
        if tag not in present:
            warnings.append(QrisWarning(join_path(parent, tag), _MISSING))
    for found in objects:
        path = join_path(parent, found.tag)
        warnings += _check_value(found.value, path)
        if is_template(path):
            warnings += _check_template(found.children, path)
    return warnings


def _check_value(value: str, path: str) -> list[QrisWarning]:
    """Length and form of one value, by its row in the tables."""
    row = defined_rule(path)
    if row is None:
        return [
            QrisWarning(path, Reason("tag ini belum dipakai oleh QRIS", "this tag is reserved and has no use in QRIS"))
        ]
    warnings: list[QrisWarning] = []
    if len(value) > row.longest:
        reason = Reason(
            f"panjangnya {len(value)}, paling banyak {row.longest}",
            f"it has {len(value)} characters, at most {row.longest} are allowed",
        )
        if not row.overlong_passes:
            raise QrisInvalid(path, reason)
        warnings.append(QrisWarning(path, reason))
    if row.form is not None and not row.form.fullmatch(value):
        raise QrisInvalid(path, row.form_reason)
    return warnings


def _check_amounts(by_tag: dict[str, QrisObject]) -> None:
    """Amount and tip (interfaces.md 1.3, 1.7): the fixed or percentage tip stands exactly where tag 55 says so."""
    for tag in ("54", "56"):
        if tag in by_tag:
            read_amount(by_tag[tag].value, tag=tag)
    asked = by_tag["55"].value if "55" in by_tag else None
    for tag, indicator in (("56", "02"), ("57", "03")):
        if asked == indicator and tag not in by_tag:
            raise QrisInvalid(tag, _MISSING)
        if asked != indicator and tag in by_tag:
            raise QrisInvalid(
                tag,
                Reason(
                    f'hanya boleh ada bila tag 55 = "{indicator}"', f'it may stand only when tag 55 = "{indicator}"'
                ),
            )


def _check_pan(account: QrisObject) -> list[QrisWarning]:
    """The MPAN (or CPAN) of a domestic template: Luhn for 19 digits only (interfaces.md 1.6)."""
    pan = next((child.value for child in account.children if child.tag == "01"), None)
    if pan is None:
        return []
    path = join_path(account.tag, "01")
    if has_wrong_check_digit(pan):
        raise QrisInvalid(path, Reason("digit pemeriksa (Luhn) salah", "the check digit (Luhn) is wrong"))
    if account.tag != TRANSFER_TAG and len(pan) < 18:
        return [QrisWarning(path, Reason("kurang dari 18 angka", "it has fewer than 18 digits"))]
    return []


def _check_repository(by_tag: dict[str, QrisObject], *, only_transfer: bool) -> list[QrisWarning]:
    """Tag 51 and its NMID. Mandatory by the book, missing from real codes: a warning (interfaces.md 1.3)."""
    repository = by_tag.get("51")
    if repository is None:
        return [] if only_transfer else [QrisWarning("51", _MISSING)]
    nmid = next(child.value for child in repository.children if child.tag == "02")
    if not _NMID.fullmatch(nmid):
        return [
            QrisWarning(
                "51.02",
                Reason('tidak berbentuk "ID10" atau "ID20" dan 11 angka', 'it is not "ID10" or "ID20" and 11 digits'),
            )
        ]
    return []
