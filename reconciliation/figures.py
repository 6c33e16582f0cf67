"""The figures that a run rests on, as they are kept with it and shown.

For: typed figures and their JSON form (amounts as whole sen, dates as ISO text).
Not for: computing them (partner_check, rkud_check, holding_check).
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from types import UnionType
from typing import Any, TypeVar

from foundation.money import Money

__all__ = ["AccountFigures", "DayFigures", "PartnerFigures", "RunFigures", "figures_from_json", "figures_to_json"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One bank business date of a partner. `clearing` = paid - credited; `due_on`: the sweep must stand on RKUD."""

    business_on: date
    paid: Money
    paid_count: int
    settled: Money
    fee: Money
    credited: Money
    clearing: Money
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """A statement beside our books: closing = books + listed + unexplained, and for RKUD the same at its opening.

    `listed` holds the start-up balance, missing statements and everything that is not booked.
    """

    account_no: str
    role: str
    statement_no: str
    opening_on: date
    closing_on: date
    opening: Money
    books_at_opening: Money | None
    listed_at_opening: Money | None
    closing: Money
    books: Money
    startup: Money
    listed: Money
    unexplained: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFigures:
    """A partner as of the run's date: clearing = paid - credited = in transit + what the differences name.

    `days`: the business dates that are still open, and those of the last week. `ledger`: the balance of its clearing
    account; `ledger_expected`: the same from payments and credits by the date they were accounted on.
    """

    partner: str
    name: str
    paid: Money
    credited: Money
    clearing: Money
    in_transit: Money
    ledger: Money
    ledger_expected: Money
    differences: int
    days: tuple[DayFigures, ...]
    holding: AccountFigures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """All figures of a run. `rkud` is None before its first statement."""

    partners: tuple[PartnerFigures, ...]
    rkud: AccountFigures | None


def figures_to_json(figures: RunFigures) -> dict[str, Any]:
    """JSON-ready data."""
    told: dict[str, Any] = _encode(figures)
    return told


def figures_from_json(told: dict[str, Any]) -> RunFigures:
    """The figures as they were."""
    return _decode(RunFigures, told)


def _encode(value: Any) -> Any:
    if isinstance(value, Money):
        return value.sen
    if is_dataclass(value):
        return {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    return [_encode(each) for each in value] if isinstance(value, tuple) else value


def _decode(kind: type[T], told: dict[str, Any]) -> T:
    hints = typing.get_type_hints(kind)
    return kind(**{name: _decode_value(hints[name], value) for name, value in told.items()})


def _decode_value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(hint, UnionType):
        hint = next(each for each in typing.get_args(hint) if each is not type(None))
    if hint is Money:
        return Money(value)
    if hint is date:
        return date.fromisoformat(value)
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        return tuple(_decode_value(inner, each) for each in value)
    return _decode(hint, value) if isinstance(hint, type) and is_dataclass(hint) else value
