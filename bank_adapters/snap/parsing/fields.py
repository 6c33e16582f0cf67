"""Reading the fields of a SNAP message: right type, right length, right form, or a refusal that names the field.

For: the parsers of each message; every refusal carries the JSON path ("billDetails[0].billAmount.value").
Not for: which fields a message has. `get_` refuses an absent field with 400xx02, `find_` gives None for it; a field
that is there but wrong is 400xx01 either way. Absent means: not there, null, or an empty string (banks send all three).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bank_adapters.snap.codes import Case, Service
from bank_adapters.snap.errors import SnapRefusal, TimestampUnreadable
from bank_adapters.snap.timestamps import parse_moment
from foundation.errors import AmountUnreadable
from foundation.money import Money

__all__ = ["ANY_TEXT", "ASCII", "DIGITS", "Fields"]

ANY_TEXT = re.compile("[^\x00-\x1f\x7f]*")
ASCII = re.compile("[ -~]*[!-~][ -~]*")
DIGITS = re.compile("[0-9]+")


class Fields:
    """One JSON object of a message, and where in the message it stands."""

    __slots__ = ("_path", "_service", "values")

    def __init__(self, service: Service, values: Mapping[str, Any], path: str = "") -> None:
        self._service = service
        self._path = path
        self.values = values

    def refusal(self, key: str) -> SnapRefusal:
        """400xx01 naming this field."""
        return SnapRefusal(self._service, Case.INVALID_FIELD, field=self._path + key)

    def absence(self, key: str) -> SnapRefusal:
        """400xx02 naming this field."""
        return SnapRefusal(self._service, Case.MISSING_FIELD, field=self._path + key)

    def find_text(self, key: str, longest: int, form: re.Pattern[str] = ASCII) -> str | None:
        """Text of at most `longest` characters in the given form."""
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if type(value) is not str or len(value) > longest or form.fullmatch(value) is None:
            raise self.refusal(key)
        return value

    def get_text(self, key: str, longest: int, form: re.Pattern[str] = ASCII) -> str:
        """As `find_text`; an absent field is refused."""
        value = self.find_text(key, longest, form)
        if value is None:
            raise self.absence(key)
        return value

    def find_number_or_text(self, key: str, longest: int, form: re.Pattern[str] = DIGITS) -> str | None:
        """A field that banks send either as a bare number or as text (`channelCode`, `paymentType`), as text."""
        value = self.values.get(key)
        if type(value) is int:
            text = str(value)
            if len(text) > longest or form.fullmatch(text) is None:
                raise self.refusal(key)
            return text
        return self.find_text(key, longest, form)

    def find_choice(self, key: str, choices: tuple[str, ...]) -> str | None:
        """One of the given words."""
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if type(value) is not str or value not in choices:
            raise self.refusal(key)
        return value

    def find_moment(self, key: str) -> datetime | None:
        """A date with its zone, ISO 8601 or compact, as an aware moment in UTC."""
        text = self.find_text(key, 35)
        if text is None:
            return None
        try:
            return parse_moment(text, field=self._path + key)
        except TimestampUnreadable as fault:
            raise self.refusal(key) from fault

    def find_object(self, key: str) -> Fields | None:
        """A JSON object, as fields of its own."""
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, dict):
            raise self.refusal(key)
        return Fields(self._service, value, f"{self._path}{key}.")

    def list_objects(self, key: str, most: int) -> list[Fields]:
        """A JSON list of at most `most` objects; absent is empty."""
        value = self.values.get(key)
        if value is None or value == "":
            return []
        if not isinstance(value, list) or len(value) > most:
            raise self.refusal(key)
        for place, item in enumerate(value):
            if not isinstance(item, dict):
                raise self.refusal(f"{key}[{place}]")
        return [Fields(self._service, item, f"{self._path}{key}[{place}].") for place, item in enumerate(value)]

    def find_amount(self, key: str, digits: int) -> Money | None:
        """An amount object {"value": "12345678.00", "currency": "IDR"}; both parts empty is absent, as one bank sends.

        `digits` bounds what stands before the decimal point.
        """
        parts = self.find_object(key)
        if parts is None or all(parts.values.get(part) in (None, "") for part in ("value", "currency")):
            return None
        text = parts.get_text("value", digits + 3)
        if parts.get_text("currency", 3) != "IDR":
            raise parts.refusal("currency")
        try:
            amount = Money.parse(text)
        except AmountUnreadable as fault:
            raise parts.refusal("value") from fault
        if len(text.partition(".")[0]) > digits:
            raise parts.refusal("value")
        return amount

    def get_amount(self, key: str, digits: int) -> Money:
        """As `find_amount`; an absent field is refused, and so is an amount of zero."""
        amount = self.find_amount(key, digits)
        if amount is None:
            raise self.absence(key)
        if not amount:
            raise self.refusal(f"{key}.value")
        return amount
