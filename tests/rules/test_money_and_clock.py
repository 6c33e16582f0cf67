"""Amounts are whole numbers, one module reads the clock, one module commits.

For: floats and true division where amounts are, every other way to the present moment (in Python and in SQL), and
`.commit(`.
Not for: durations; `time.monotonic` and `time.perf_counter` measure, they do not tell the time.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.rules.source import BUSINESS, Found, Source, our_code, snippet, sources, told

_COMMITS = "foundation/db.py"
_CLOCK = "foundation/clock.py"
_TELL_THE_TIME = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("time", "ctime"),
    ("func", "now"), ("func", "current_timestamp"), ("func", "current_date"), ("func", "localtimestamp"),
}  # fmt: skip
# No moment is final ahead of the database's own clock: a ceiling over ours, never the time of anything.
_CEILING = ("migrations/region/versions/0010_ledger_known.py", "clock_timestamp()")
_SQL_TIME = re.compile(
    r"\b(CURRENT_TIMESTAMP|CURRENT_DATE|CURRENT_TIME|LOCALTIMESTAMP|LOCALTIME)\b"
    r"|\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\(\)|'(now|today)'"
)


def where_amounts_are() -> tuple[Source, ...]:
    """The packages and files whose numbers are amounts."""
    money = [source for source in sources("foundation") if source.path == "foundation/money.py"]
    return (*sources(*BUSINESS, "bank_adapters"), *money)


def floats(given: Iterable[Source]) -> Iterator[Found]:
    """Float literals, float(…), annotations with float, and division that gives a float.

    A path is joined with `joinpath` there, or with a text on one side of the slash.
    """
    for source in given:
        for node in ast.walk(source.tree):
            line = getattr(node, "lineno", 1)
            if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
                yield Found(source.path, line, f"the float {node.value}")
            elif isinstance(node, ast.Name) and node.id == "float":
                yield Found(source.path, line, "float")
            elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
                yield Found(source.path, line, "true division")
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                texts = (ast.JoinedStr, ast.Constant)
                joins = any(
                    isinstance(side, texts) and isinstance(getattr(side, "value", ""), str)
                    for side in (node.left, node.right)
                )
                if not joins:
                    yield Found(source.path, line, "true division")


def other_clocks(given: Iterable[Source]) -> Iterator[Found]:
    """Everything but foundation/clock.py that asks what time it is."""
    for source in given:
        if source.path == _CLOCK:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute):
                of = getattr(node.value, "id", getattr(node.value, "attr", ""))
                if (of, node.attr) in _TELL_THE_TIME:
                    yield Found(source.path, node.lineno, f"{of}.{node.attr}: only foundation.clock reads the clock")
            elif isinstance(node, ast.ImportFrom) and node.module == "time":
                for alias in node.names:
                    if ("time", alias.name) in _TELL_THE_TIME:
                        yield Found(source.path, node.lineno, f"from time import {alias.name}")
        for line, text in source.strings():
            for found in _SQL_TIME.finditer(text):
                if (source.path, found[0]) != _CEILING:
                    yield Found(source.path, line, f"{found[0]} in SQL: the moment is an argument")


def commits(given: Iterable[Source]) -> Iterator[Found]:
    """Every `.commit(`, `commit()` in SQL included, outside foundation/db.py."""
    for source in given:
        if source.path == _COMMITS:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr == "commit":
                yield Found(source.path, node.lineno, "only foundation/db.py commits")
        for line, text in source.strings():
            if re.search(r"(^|;)\s*COMMIT\b", text):
                yield Found(source.path, line, "COMMIT in SQL: only foundation/db.py commits")


def test_amounts_are_never_floats() -> None:
    assert not told(floats(where_amounts_are()))


def test_only_the_clock_reads_the_clock() -> None:
    assert not told(other_clocks(our_code()))


def test_only_the_unit_of_work_commits() -> None:
    assert not told(commits(our_code()))


@pytest.mark.parametrize(
    "text",
    ["RATE = 0.5", "x = float(y)", "def f(rate: float) -> None: ...", "half = amount / 2", "amount /= parts"],
)
def test_a_float_is_seen(text: str) -> None:
    assert told(floats(snippet("billing/x.py", text)))


def test_whole_division_and_a_path_are_no_floats() -> None:
    assert not told(floats(snippet("billing/x.py", 'half = amount // 2\nfile = home / "inbox"')))


@pytest.mark.parametrize(
    "text",
    [
        "at = datetime.now(UTC)",
        "at = datetime.datetime.utcnow()",
        "on = date.today()",
        "at = time.time()",
        "from time import time",
        "field(default_factory=datetime.now)",
        "mapped_column(server_default=func.now())",
        'Q = "INSERT INTO t (at) VALUES (now())"',
        'Q = f"UPDATE t SET at = CURRENT_TIMESTAMP WHERE id = {number}"',
    ],
)
def test_another_clock_is_seen(text: str) -> None:
    assert told(other_clocks(snippet("payments/x.py", text)))


def test_a_measured_duration_is_no_clock() -> None:
    assert not told(other_clocks(snippet("payments/x.py", "began = time.monotonic()\nat = clock.now()")))


@pytest.mark.parametrize("text", ["session.commit()", 'session.execute(text("COMMIT"))', "act = connection.commit"])
def test_a_commit_is_seen(text: str) -> None:
    assert told(commits(snippet("payments/x.py", text)))
