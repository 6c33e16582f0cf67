"""Facts of a sentence, written as its language writes them: amounts and dates.

For: the sentences of refusals and of problem lists, whose facts are the things themselves (Money, date).
Not for: the sentences' words (each package's errors.py), or pages (app/languages.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

from foundation.clock import on_screen_date

__all__ = ["in_words"]


@runtime_checkable
class _Amount(Protocol):
    # Money, which itself refuses by name and so cannot be imported here.
    def on_screen(self, language: str) -> str: ...


def in_words(facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The facts with amounts ("Rp7.628.062,45", in English "Rp7,628,062.45") and dates ("3 Februari 2025") as text."""
    return {name: _written(value, language) for name, value in facts.items()}


def _written(value: Any, language: str) -> Any:
    if isinstance(value, str | int):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return on_screen_date(value, language)
    return value.on_screen(language) if isinstance(value, _Amount) else value
