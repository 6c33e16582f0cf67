"""Posting in batches, and into one account that everybody posts into.

For: entries per second through `post_entries`, and one hot account beside random ones.
Not for: posting one by one beside bare psycopg (benchmarks.posting), or large ledgers (benchmarks.ledger_growth).

Hot and random take turns within one run, so that both meet the same machine.
"""

from __future__ import annotations

from benchmarks.figures import Figure, Options, say
from benchmarks.ground import Ground
from benchmarks.ledger_filling import Posted, accounts_to_post_on, entry_between, post_together
from benchmarks.scene import make_region
from foundation import clock
from foundation.db import unit_of_work
from ledger import post_entries, post_entry

__all__ = ["measure_batches"]

_REGION = "3316"
_ACTOR = "cli:benchmark"
_BATCH = 1000
_ROUNDS = 4


def measure_batches(ground: Ground, options: Options) -> list[Figure]:
    """Post batches of 1000 from two processes, then one by one from eight: one account, random accounts, in turns."""
    make_region(_REGION, "Kabupaten Blora")
    accounts = accounts_to_post_on(_REGION)
    say(f"batches of {_BATCH}, 2 connections, {options.seconds} s …")
    ground.settle_down()
    batches = post_together(ground, 2, options.seconds, lambda number, turn: _post_batch(accounts, number, turn))
    hot: list[Posted] = []
    scattered: list[Posted] = []
    for turn in range(_ROUNDS):
        for name, found, chosen in (("hot", hot, accounts[:2]), ("random", scattered, accounts)):
            say(f"one by one, 8 connections, {name} …")
            ground.settle_down()
            found.append(_one_by_one(ground, options.seconds / _ROUNDS, f"{name}:{turn}", chosen))
    return [
        Figure("entries in batches of 1000", batches.rate, "/s", 15_000),
        Figure("processor time per entry in a batch", 1e6 * batches.cpu / batches.entries, "µs"),
        Figure("entries one by one, two hot accounts", _rate(hot), "/s"),
        Figure("entries one by one, random accounts", _rate(scattered), "/s"),
        Figure("processor time per entry one by one", 1e6 * _cpu(scattered), "µs"),
        Figure("hot beside random", _rate(hot) / _rate(scattered), "", 0.9),
    ]


def _post_batch(accounts: list[str], number: int, turn: int) -> int:
    drafts = [entry_between(f"batch:{number}:{turn}:{place}", accounts, 100 + place) for place in range(_BATCH)]
    with unit_of_work(_REGION) as session:
        return len(post_entries(session, drafts, actor=_ACTOR, recorded_at=clock.now()))


def _one_by_one(ground: Ground, seconds: float, name: str, accounts: list[str]) -> Posted:
    def act(number: int, turn: int) -> int:
        draft = entry_between(f"{name}:{number}:{turn}", accounts, 100 + turn)
        with unit_of_work(_REGION) as session:
            post_entry(session, draft, actor=_ACTOR, recorded_at=clock.now())
        return 1

    return post_together(ground, 8, seconds, act)


def _rate(rounds: list[Posted]) -> float:
    return sum(each.entries for each in rounds) / sum(each.seconds for each in rounds)


def _cpu(rounds: list[Posted]) -> float:
    return sum(each.cpu for each in rounds) / sum(each.entries for each in rounds)
