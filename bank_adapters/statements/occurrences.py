"""Tell equal lines of one file apart: the first, the second …

For: two honest equal payments of one day, which must stay two wherever lines are compared by what they say.
Not for: telling a file delivered twice (reconciliation does, by account and statement or by batch).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, replace
from operator import attrgetter
from typing import TypeVar

from bank_adapters.contract import SettlementLine, StatementLine

__all__ = ["number_occurrences"]

_Line = TypeVar("_Line", StatementLine, SettlementLine)
_NOT_COMPARED = {"line_no", "occurrence"}
_FACTS = {
    kind: attrgetter(*(field.name for field in fields(kind) if field.name not in _NOT_COMPARED))
    for kind in (StatementLine, SettlementLine)
}


def number_occurrences(lines: Iterable[_Line]) -> tuple[_Line, ...]:
    """The same lines in the same order; a line equal to earlier ones but for its place gets `occurrence` 2, 3, …"""
    seen: Counter[object] = Counter()
    numbered: list[_Line] = []
    for line in lines:
        said = _FACTS[type(line)](line)
        seen[said] += 1
        numbered.append(line if seen[said] == 1 else replace(line, occurrence=seen[said]))
    return tuple(numbered)
