"""Ten thousand entries beside ten million: what a balance, a trial balance and a posting cost in either ledger.

For: the ratios that say whether growth costs anything (goal: at most 1.2), with a trial balance under 200 ms.
Not for: how fast posting is (benchmarks.posting, benchmarks.ledger_batches).

What is compared: 10,000 entries of one year beside `--entries` (10,000,000 by default) of the same year, on the same
400 combinations of account, entity and partner, so that both ledgers have the same sums per month to read. What else
is read differs with size as it would in an office: the small one lacks some combinations on a day or in five days.
Both ledgers are regions of one server and are asked in turns within one run. In both the same number of newest entries
is not yet rolled up, as it is between two ticks of the worker, and 17 August is final (ledger.balances).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from benchmarks.figures import Figure, Options, say
from benchmarks.ground import CannotMeasure, Ground
from benchmarks.ledger_filling import (
    YEAR,
    Posted,
    accounts_to_post_on,
    entry_between,
    fill_ledger,
    post_together,
    roll_up,
)
from benchmarks.scene import make_region
from foundation import clock
from foundation.db import unit_of_work
from ledger import account_balances, post_entries, post_entry, role_balance, trial_balance

__all__ = ["measure_growth"]

_SMALL, _LARGE = "3316", "6471"
_SMALL_COUNT = 10_000
_TAIL = 500
_FIRST, _LAST, _MIDDLE = date(YEAR, 1, 1), date(YEAR, 12, 31), date(YEAR, 8, 17)
_THEN = datetime(YEAR, 8, 17, 5, tzinfo=UTC)
_ACTOR = "cli:benchmark"
_ROUNDS = 3

_Question = Callable[[Session], object]


def measure_growth(ground: Ground, options: Options) -> list[Figure]:
    """Fill both ledgers, ask both the same questions in turns, post into both in turns."""
    for region, name, count in (
        (_SMALL, "Kabupaten Blora", _SMALL_COUNT),
        (_LARGE, "Kota Balikpapan", options.entries),
    ):
        make_region(region, name)
        fill_ledger(ground, region, count)
        _post_tail(region)
    account = accounts_to_post_on(_SMALL)[0]
    questions: dict[str, _Question] = {
        "trial balance of the year": lambda session: trial_balance(session, since=_FIRST, on=_LAST),
        "trial balance until 17 August": lambda session: trial_balance(session, since=_FIRST, on=_MIDDLE),
        "trial balance as known on 17 August": lambda session: trial_balance(
            session, since=_FIRST, on=_LAST, known_at=_THEN
        ),
        "balance of an account": lambda session: account_balances(session, account=account, on=_MIDDLE),
        "balance of a role": lambda session: role_balance(session, "suspense", on=_MIDDLE),
    }
    figures: list[Figure] = []
    turns = 5 if options.short else 60
    for name, question in questions.items():
        small, large = _ask_in_turns(question, turns)
        say(f"{name}: {small:.2f} ms, {large:.2f} ms")
        ceiling = 200 if name.startswith("trial") else None
        figures.append(Figure(f"{name}, {options.entries:,} entries", large, "ms", ceiling, at_most=True))
        figures.append(Figure(f"{name}, beside {_SMALL_COUNT:,}", large / small, "", 1.2, at_most=True))
    return [*figures, *_posting(ground, options)]


def _post_tail(region: str) -> None:
    accounts = accounts_to_post_on(region)
    drafts = [
        entry_between(f"tail:{each}", accounts, 100 + each, on=_MIDDLE - timedelta(days=each % 200))
        for each in range(_TAIL)
    ]
    with unit_of_work(region) as session:
        post_entries(session, drafts, actor=_ACTOR, recorded_at=clock.now())


def _ask_in_turns(question: _Question, turns: int) -> tuple[float, float]:
    """The median milliseconds of a question in the small and in the large ledger."""
    found: dict[str, list[float]] = {_SMALL: [], _LARGE: []}
    for _ in range(turns + 3):
        for region, times in found.items():
            with unit_of_work(region) as session:
                session.connection()
                began = time.perf_counter()
                question(session)
                times.append(1000 * (time.perf_counter() - began))
    return statistics.median(found[_SMALL][3:]), statistics.median(found[_LARGE][3:])


def _posting(ground: Ground, options: Options) -> list[Figure]:
    """Post one by one from eight processes into either ledger in turns; the worker's rolling up is in the time."""
    posted: dict[str, list[Posted]] = {_SMALL: [], _LARGE: []}
    for turn in range(_ROUNDS):
        for region, found in posted.items():
            say(f"posting into {region} …")
            ground.settle_down()
            found.append(_post_into(ground, region, options.seconds / _ROUNDS, turn))
    for region, found in posted.items():
        if roll_up(region, least=1) < sum(each.entries for each in found):
            raise CannotMeasure(f"not all that was posted into {region} was rolled up")
    rates = {
        region: sum(each.entries for each in found) / sum(each.seconds for each in found)
        for region, found in posted.items()
    }
    costs = {
        region: sum(each.cpu for each in found) / sum(each.entries for each in found)
        for region, found in posted.items()
    }
    return [
        Figure(f"entries one by one, {options.entries:,} entries", rates[_LARGE], "/s"),
        Figure(f"time of an entry, beside {_SMALL_COUNT:,}", rates[_SMALL] / rates[_LARGE], "", 1.2, at_most=True),
        Figure("processor time of an entry, beside the same", costs[_LARGE] / costs[_SMALL], "", 1.2, at_most=True),
    ]


def _post_into(ground: Ground, region: str, seconds: float, round_no: int) -> Posted:
    accounts = accounts_to_post_on(region)

    def act(number: int, turn: int) -> int:
        draft = entry_between(f"growth:{round_no}:{number}:{turn}", accounts, 100 + turn)
        with unit_of_work(region) as session:
            post_entry(session, draft, actor=_ACTOR, recorded_at=clock.now())
        return 1

    return post_together(ground, 8, seconds, act)
