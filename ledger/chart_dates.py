"""From when until when the rows of a chart's codes hold, and that none outlives the code above it.

For: `in_force`, the end that a file gives to a row which is loaded already, and the check of parents on all days.
Not for: what is posted (ledger.chart_standing), or what a file may hold (ledger.chart_files).

Of a code the newest row that has begun holds, until its own end. Nothing loaded is ever changed: a row that was loaded
without an end, or with a later one, is ended after a day D by a further row that begins on the day after D and ends on
D. It holds on no day, and so does the code from then on, until a further row begins.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ledger.chart_files import AccountLine
from ledger.csv_files import Problems

__all__ = ["AccountFacts", "Chart", "check_parents", "ending_of", "in_force"]

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What is compared when a loaded account is met again, and what roles need to know."""

    name: str
    normal_side: str
    requires_counterpart: bool
    is_sample: bool
    valid_to: date | None
    level: int
    book: str


# The rows of each code by the day on which they begin.
Chart = dict[str, dict[date, AccountFacts]]


def in_force(dated: dict[date, AccountFacts], day: date) -> AccountFacts | None:
    """The row of a code that holds on a day, or None."""
    begun = [since for since in dated if since <= day]
    facts = dated[max(begun)] if begun else None
    return None if facts is None or (facts.valid_to is not None and facts.valid_to < day) else facts


def ending_of(row: AccountLine, facts: AccountFacts, dated: dict[date, AccountFacts]) -> AccountLine | None:
    """The further row by which a loaded row ends as a line of the same code and first day says.

    None where the line says anything else, or an end that is later than the row's own or than the next row's begin.
    """
    known, until = dated[row.valid_from], row.valid_to
    if until is None or until == date.max or replace(facts, valid_to=known.valid_to) != known:
        return None
    if known.valid_to is not None and known.valid_to < until:
        return None
    if any(row.valid_from < since <= until for since in dated):
        return None
    return replace(row, valid_from=until + _ONE_DAY)


def check_parents(new: list[AccountLine], chart: Chart, problems: Problems) -> None:
    """Whenever an account holds, the one above it does: on the day it begins, and on each on which that one may end."""
    below: defaultdict[str, list[str]] = defaultdict(list)
    for code in chart:
        below[code.rpartition(".")[0]].append(code)
    for row in new:
        if row.parent_code is not None:
            _check_above(row, chart[row.code], chart.get(row.parent_code), problems)
    added = {(row.code, row.valid_from) for row in new}
    for row in new:
        if row.valid_to is not None and row.valid_to < date.max:
            _check_below(row, row.valid_to + _ONE_DAY, below[row.code], chart, added, problems)


def _check_above(
    row: AccountLine, dated: dict[date, AccountFacts], above: dict[date, AccountFacts] | None, problems: Problems
) -> None:
    parent = row.parent_code
    if above is None:
        problems.add(row.line, "kode", f"rekening induk {parent} tidak ada", f"there is no parent account {parent}")
        return
    following = min((since for since in dated if since > row.valid_from), default=None)
    lapses = {facts.valid_to + _ONE_DAY for facts in above.values() if facts.valid_to not in (None, date.max)}
    for day in sorted({row.valid_from, *lapses}):
        if day < row.valid_from or (following is not None and day >= following):
            continue
        if in_force(dated, day) is None or in_force(above, day) is not None:
            continue
        if day == row.valid_from:
            problems.add(
                row.line,
                "berlaku_dari",
                f"rekening induk {parent} tidak berlaku pada {day}",
                f"the parent account {parent} is not valid on {day}",
            )
        else:
            last = day - _ONE_DAY
            problems.add(
                row.line,
                "berlaku_sampai",
                f"rekening induk {parent} hanya berlaku sampai {last}",
                f"the parent account {parent} is valid only until {last}",
            )
        return


def _check_below(
    row: AccountLine, ended_on: date, codes: list[str], chart: Chart, added: set[tuple[str, date]], problems: Problems
) -> None:
    """Loaded rows below a code that ends: they have ended too. Lines of the same file are told by `_check_above`."""
    last = ended_on - _ONE_DAY
    for code in codes:
        begun = max((since for since in chart[code] if since <= ended_on), default=None)
        later = {since for since in chart[code] if since > ended_on}
        days = {since: since for since in later} | ({begun: ended_on} if begun is not None else {})
        for since, day in sorted(days.items()):
            if (code, since) in added or in_force(chart[code], day) is None or in_force(chart[row.code], day):
                continue
            problems.add(
                row.line,
                "berlaku_sampai",
                f"{code} di bawahnya masih berlaku sesudah {last}",
                f"{code} below it is still valid after {last}",
            )
            return
