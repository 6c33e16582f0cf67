"""Fields of API schemas that speak both languages, and amounts.

For: schemas in `app/api`. Every refusal is {"id": …, "en": …}; app.refusals puts the field's name to it.
Not for: forms of pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from foundation.errors import AmountUnreadable
from foundation.money import Money

__all__ = [
    "AnswerSchema",
    "CodeField",
    "DateField",
    "FlagField",
    "MomentField",
    "MoneyField",
    "NumberField",
    "QuerySchema",
    "WordField",
    "both",
]


def both(text_id: str, text_en: str) -> dict[str, str]:
    """One sentence in both languages, in the shape that app.refusals knows."""
    return {"id": text_id, "en": text_en}


class MoneyField(fields.Field[Money]):
    """An amount as a string with exactly two decimals: "150000.00"; "-0.50" only where it is `signed`."""

    def __init__(self, *, signed: bool = False, **kwargs: Any) -> None:
        self.signed = signed
        pattern = r"^-?[0-9]{1,15}\.[0-9]{2}$" if signed else r"^[0-9]{1,15}\.[0-9]{2}$"
        super().__init__(metadata={"pattern": pattern, "example": "150000.00"} | kwargs.pop("metadata", {}), **kwargs)

    def _serialize(self, value: Money | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 - marshmallow's signature
        return None if value is None else value.plain()

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Money:  # noqa: ARG002 - as above
        if not isinstance(value, str):
            raise ma.ValidationError(both('Tulis nilai seperti "150000.00".', 'Write the amount like "150000.00".'))
        negative = self.signed and value.startswith("-")
        try:
            amount = Money.parse(value.removeprefix("-") if negative else value, field=attr or "amount")
        except AmountUnreadable as error:
            raise ma.ValidationError(both(error.message_id, error.message_en)) from error
        return -amount if negative else amount


class DateField(fields.Date):
    """A date like 2026-11-21."""

    def __init__(self, **kwargs: Any) -> None:
        told = both("Tulis tanggal seperti 2026-11-21.", "Write the date like 2026-11-21.")
        super().__init__(format="iso", error_messages={"invalid": told}, **kwargs)


class MomentField(fields.AwareDateTime):
    """A moment with its zone like 2026-11-21T17:00:00+07:00, of the years 2000 to 2199."""

    def __init__(self, **kwargs: Any) -> None:
        told = both("Tulis saat seperti 2026-11-21T17:00:00+07:00.", "Write the moment like 2026-11-21T17:00:00+07:00.")
        described = {"example": "2026-11-21T17:00:00+07:00"} | kwargs.pop("metadata", {})
        super().__init__(
            format="iso", error_messages={"invalid": told, "invalid_awareness": told}, metadata=described, **kwargs
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        if not 2000 <= moment.year < 2200:
            raise self.make_error("invalid")
        return moment


class FlagField(fields.Boolean):
    """Yes or no, as true or false."""

    def __init__(self, **kwargs: Any) -> None:
        told = both("Tulis true atau false.", "Write true or false.")
        super().__init__(truthy={"true"}, falsy={"false"}, error_messages={"invalid": told}, **kwargs)


class NumberField(fields.Integer):
    """A whole number within limits, both included."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        told = both(f"Tulis bilangan bulat {least} sampai {most}.", f"Write a whole number from {least} to {most}.")
        super().__init__(
            validate=_Range(least, most, told),
            error_messages={"invalid": told, "too_large": told},
            **kwargs,
        )

    def _validated(self, value: Any) -> int:
        """Digits only: Python's own reading would also take blanks, underscores and other scripts' digits."""
        if not (isinstance(value, str) and value.isascii() and value.isdigit()):
            raise self.make_error("invalid")
        return super()._validated(value)


class WordField(fields.String):
    """One of a few words."""

    def __init__(self, *words: str, **kwargs: Any) -> None:
        listed = ", ".join(words)
        told = both(f"Pilih salah satu: {listed}.", f"Choose one of: {listed}.")
        super().__init__(validate=_OneOf(words, told), error_messages={"invalid": told}, **kwargs)


class CodeField(fields.String):
    """A code that has a pattern; `like` is an example of one."""

    def __init__(self, pattern: str, *, like: str, **kwargs: Any) -> None:
        told = both(f"Tulis kode seperti {like}.", f"Write a code like {like}.")
        described = {"example": like} | kwargs.pop("metadata", {})
        super().__init__(
            validate=_Regexp(pattern, told),
            error_messages={"invalid": told, "invalid_utf8": told},
            metadata=described,
            **kwargs,
        )


class QuerySchema(ma.Schema):
    """Parameters in the address; one that is not known is refused."""

    error_messages = {  # noqa: RUF012 - marshmallow reads it from the class
        "unknown": both("Parameter ini tidak dikenal.", "This parameter is not known."),  # type: ignore[dict-item]  # marshmallow takes any JSON here
    }


class AnswerSchema(ma.Schema):
    """What is answered. Readers must expect further members later, so the document does not close the shape."""

    class Meta:
        """marshmallow's options."""

        unknown = ma.EXCLUDE


class _Range(validate.Range):
    def __init__(self, least: int, most: int, told: dict[str, str]) -> None:
        super().__init__(min=least, max=most)
        self.told = told

    def _format_error(self, value: Any, message: str) -> Any:  # noqa: ARG002 - marshmallow's signature
        return self.told


class _OneOf(validate.OneOf):
    def __init__(self, words: tuple[str, ...], told: dict[str, str]) -> None:
        super().__init__(words)
        self.told = told

    def _format_error(self, value: Any) -> Any:  # noqa: ARG002 - marshmallow's signature
        return self.told


class _Regexp(validate.Regexp):
    def __init__(self, pattern: str, told: dict[str, str]) -> None:
        super().__init__(pattern)
        self.told = told

    def _format_error(self, value: Any) -> Any:  # noqa: ARG002 - marshmallow's signature
        return self.told
