"""One figure of a benchmark, and the table that all of them end in.

For: what is printed. A figure beside a goal says whether it reaches it; none stops the run.
Not for: measuring.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Figure", "Options", "describe_machine", "print_table", "say"]


@dataclass(frozen=True)
class Options:
    """What the command line asks for; `short` is a smoke run whose figures mean nothing."""

    short: bool
    seconds: int
    connections: int
    rate: int
    scale: int
    bills: int
    entries: int = 10_000_000


@dataclass(frozen=True)
class Figure:
    """A named figure, e.g. ("signed VA payments, closed loop", 812.4, "/s"). `goal` with `at_most` is a ceiling."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    at_most: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.at_most else self.value >= self.goal


def say(text: str) -> None:
    """A line of progress."""
    print(text, flush=True)


def print_table(figures: Iterable[Figure]) -> None:
    """The figures, one per line, with goal and verdict."""
    rows = [(f.name, _number(f.value), f.unit, _goal(f)) for f in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for name, value, unit, goal in rows:
        say(f"  {name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {goal}".rstrip())


def describe_machine() -> str:
    """Processor, cores, load and versions, for whoever reads the figures later."""
    cores = os.cpu_count()
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{platform.machine()}, {cores} cores, load {load}, Python {platform.python_version()}, {_processor()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "processor unknown"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.1f}" if value >= 10 else f"{value:.3f}"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    word = "reached" if figure.reached else "not reached"
    return f"goal {'at most' if figure.at_most else 'at least'} {_number(figure.goal)}: {word}"
