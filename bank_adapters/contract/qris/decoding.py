"""Reading a QRIS code: a text in, a checked code with its warnings out.

For: whoever is handed a QR (payments after asking the acquirer, the sandbox bank, `lunas qris decode`).
Not for: reading the image (a scanner does) or consumer-presented codes.
"""

from __future__ import annotations

from dataclasses import dataclass

from bank_adapters.contract.errors import QrisInvalid, Reason
from bank_adapters.contract.qris.container import QrisObject, read_code
from bank_adapters.contract.qris.rules import QrisWarning, check_code, read_amount
from bank_adapters.contract.qris.table import ACCOUNT_TAGS, TRANSFER_TAG
from foundation.money import Money

__all__ = ["DecodedQris", "decode", "require_merchant_code"]


@dataclass(frozen=True, slots=True)
class DecodedQris:
    """A code that keeps the rules: its `text`, its `objects` in the order of the text, and its `warnings`."""

    text: str
    objects: tuple[QrisObject, ...]
    warnings: tuple[QrisWarning, ...]

    def find_value(self, path: str) -> str | None:
        """The value at a path ("54", "62.01"), or None when the code does not have it."""
        objects, value = self.objects, None
        for tag in path.split("."):
            found = next((each for each in objects if each.tag == tag), None)
            if found is None:
                return None
            objects, value = found.children, found.value
        return value

    @property
    def is_dynamic(self) -> bool:
        """True when tag 01 says "12": made for one payment."""
        return self.find_value("01") == "12"

    @property
    def amount(self) -> Money | None:
        """Tag 54, or None when the payer types the amount."""
        text = self.find_value("54")
        return None if text is None else read_amount(text, tag="54")

    @property
    def merchant_name(self) -> str:
        """Tag 59."""
        return self.find_value("59") or ""

    @property
    def bill_number(self) -> str | None:
        """Tag 62.01."""
        return self.find_value("62.01")

    @property
    def nmid(self) -> str | None:
        """Tag 51.02, the national merchant id."""
        return self.find_value("51.02")

    @property
    def mpans(self) -> tuple[str, ...]:
        """Tag 01 of each merchant template (26-45 without the transfer tag), in the order of the text."""
        accounts = (each for each in self.objects if each.tag in ACCOUNT_TAGS and each.tag != TRANSFER_TAG)
        return tuple(child.value for each in accounts for child in each.children if child.tag == "01")

    @property
    def is_transfer_only(self) -> bool:
        """True when the only account is tag 40: the code moves money to a person's account (interfaces.md 1.9)."""
        accounts = [each.tag for each in self.objects if each.tag in ACCOUNT_TAGS]
        return accounts == [TRANSFER_TAG]


def decode(text: str) -> DecodedQris:
    """Read a code exactly as given; blanks and line ends around it are not forgiven.

    An over-long merchant name, a missing tag 51 and reserved tags are warnings. Anything else against the rules
    raises QrisInvalid with the tag (dotted when nested) and the reason; no other error leaves this function.
    """
    objects = read_code(text)
    return DecodedQris(text=text, objects=objects, warnings=check_code(objects))


def require_merchant_code(code: DecodedQris) -> None:
    """Refuse a code that cannot pay a bill: QRIS transfer and cash-out codes name a person, not a merchant.

    Raises QrisInvalid("40").
    """
    if code.is_transfer_only:
        raise QrisInvalid(
            TRANSFER_TAG,
            Reason(
                "kode QRIS transfer atau tarik tunai tidak dapat dipakai untuk membayar tagihan",
                "a QRIS transfer or cash-out code cannot be used to pay a bill",
            ),
        )
