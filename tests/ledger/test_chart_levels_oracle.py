"""No account holds on a day on which the one above it does not: load and database against a look at each day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from foundation.db import constraint_of
from foundation.regions import Region
from ledger.chart_dates import AccountFacts, Chart, check_parents, in_force
from ledger.chart_files import AccountLine
from ledger.csv_files import Problems
from ledger.errors import FileProblem
from tests.ledger.oracle_scene import ORACLE, undone

Row = tuple[str, int, int | None]
FIRST = date(2026, 1, 1)
LENGTH = 9
CODES = ("1", "1.2", "1.2.01", "1.2.02", "1.3")
_INSERT = text(
    "INSERT INTO account (code, name, level, parent_code, book, normal_side, requires_counterpart, is_sample,"
    " valid_from, valid_to) SELECT code, 'x', cardinality(string_to_array(code, '.')),"
    r" nullif(regexp_replace(code, '\.?\d+$', ''), ''), 'F', 'debit', false, false, since, until"
    " FROM unnest(CAST(:codes AS text[]), CAST(:since AS date[]), CAST(:until AS date[])) AS g (code, since, until)"
)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def rows(codes: tuple[str, ...], most: int) -> st.SearchStrategy[list[Row]]:
    """Rows that begin on one of a few days and end on a later one, on the day before, or never."""
    made = st.builds(
        lambda code, since, lasts: (code, since, None if lasts is None else since + lasts),
        st.sampled_from(codes),
        st.integers(1, LENGTH - 1),
        st.sampled_from((None, None, None, -1, 0, 1, 3)),
    )
    return st.lists(made, max_size=most, unique_by=lambda row: row[:2])


def holds(known: Iterable[Row], code: str, number: int) -> bool:
    newest = max((row for row in known if row[0] == code and row[1] <= number), default=None, key=lambda row: row[1])
    return newest is not None and (newest[2] is None or number <= newest[2])


def outlives(known: list[Row]) -> bool:
    """Whether any account holds on any day on which the one above it does not."""
    return any(
        holds(known, code, number) and not holds(known, code.rpartition(".")[0], number)
        for code in CODES[1:]
        for number in range(LENGTH + 5)
    )


def orphans(known: list[Row]) -> bool:
    """Whether a code has none above it at all, which another rule refuses."""
    codes = {code for code, _, _ in known}
    return any("." in code and code.rpartition(".")[0] not in codes for code in codes)


def refused_by_load(known: list[Row], new: list[Row]) -> bool:
    found: list[FileProblem] = []
    chart: Chart = {}
    for code, since, until in known + new:
        facts = AccountFacts(
            "x", "debit", False, False, None if until is None else day(until), code.count(".") + 1, "F"
        )
        chart.setdefault(code, {})[day(since)] = facts
    lines = [
        AccountLine(number, code, "x", "debit", False, False, day(since), None if until is None else day(until))
        for number, (code, since, until) in enumerate(new, 2)
    ]
    assert [in_force(dated, day(5)) is not None for dated in chart.values()] == [
        holds(known + new, code, 5) for code in chart
    ]
    check_parents(lines, chart, Problems("accounts", found))
    assert {problem.line for problem in found} <= {line.line for line in lines}
    return bool(found)


def refused_by_database(region: Region, known: list[Row], new: list[Row]) -> bool:
    with undone(region) as session:
        for part in (known, new):
            values = {
                "codes": [code for code, _, _ in part],
                "since": [day(since) for _, since, _ in part],
                "until": [None if until is None else day(until) for _, _, until in part],
            }
            try:
                session.execute(_INSERT, values)
            except IntegrityError as error:
                return (part is new, constraint_of(error)) == (True, "ledger_account_within_parent")
    return False


def test_the_load_and_the_database_refuse_exactly_what_would_outlive_the_one_above(region: Region) -> None:
    seen: Counter[tuple[bool, bool]] = Counter()

    @settings(ORACLE, max_examples=300)
    @given(known=rows(CODES, 6), new=rows(CODES, 5))
    def check(known: list[Row], new: list[Row]) -> None:
        loaded = [("1", 1, None), *(row for row in known if row[:2] != ("1", 1))]
        if outlives(loaded) or orphans(loaded):
            loaded = [("1", 1, None)]
        taken = {row[:2] for row in loaded}
        added = [row for row in new if row[:2] not in taken]
        if orphans(loaded + added):
            return
        expected = outlives(loaded + added)
        assert refused_by_load(loaded, added) == expected
        assert refused_by_database(region, loaded, added) == expected
        seen[expected, len(loaded) > 1] += 1

    check()
    assert len(seen) == 4, "refused or not, over what is loaded already or not"
    assert min(seen.values()) >= 10
