"""Ledgers made up at random for the oracles, each with a plain list of what was posted into it.

For: tests/ledger/test_*_oracle.py: charts whose accounts are renamed and whose roles move, entries on the edges of
months and years, in both books, between several entities and partners, some of them in kept sums and some not.
Not for: answering; each oracle looks through `Scene.lines` in its own plain way. Months that move, batches and
repetitions are the state machine's (ledger_acts.py).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import (
    PostingDraft,
    budget_recognised,
    load_chart,
    post_entry,
    roll_balances,
    suspense_returned,
    unidentified_at_partner,
)
from ledger.drafts import mirrored
from tests.ledger.entries import credited, draft, issued, money, paid, wait_until_settled
from tests.ledger.two_times import T0, make_final
from tests.sample_chart import SAMPLES, load_sample_chart

REGION = "3316"
ONE = timedelta(days=1)
# First and last days of a year, of months and of the five-day parts that sums are kept by, and the last day there is.
EDGES = tuple(
    date.fromisoformat(day)
    for day in (
        *("2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01", "2026-03-05"),
        *("2026-03-06", "2026-03-25", "2026-03-26", "2026-03-31", "2026-04-01", "2026-12-31", "2027-01-01"),
    )
)
CHART_BEGINS = date(2024, 1, 1)
LAST_DAY = date(9999, 12, 31)
ASKED_DAYS = st.sampled_from(
    sorted({day + n * ONE for day in (CHART_BEGINS, *EDGES) for n in (-1, 0, 1)} | {date.min, LAST_DAY})
)
ENTITIES = ("BAPENDA", "LH", "PPKD")
PARTNERS = ("BPD", "BANK2")
REVENUES = ("PBB-P2", "RETRIBUSI-PASAR")

_MORE_ACCOUNTS = (
    "1.1.13.01.01.0002,CONTOH – RK-SKPD baru,debit,ya,ya,2024-01-01,",
    "3.1.03.01.01.0002,CONTOH – RK-PPKD baru,kredit,ya,ya,2024-01-01,",
)
_RENAMED = ("1.1.01.01.01.0001", "1.1.01.90.01.0001", "1.1.03.15.01.0001", "1.1.13.01.01.0001", "4.1.01.15.01.0001")
_MOVED = (
    ("clearing", "", "1.1.01.90.01.0002"),
    ("clearing", "", "1.1.01.90.01.0001"),
    ("clearing", "BPD", "1.1.01.90.01.0002"),
    ("clearing", "BPD", "1.1.01.90.01.0001"),
    ("clearing", "BANK2", "1.1.01.90.01.0002"),
    ("receivable", "", "1.1.03.20.01.0001"),
    ("receivable", "", "1.1.03.21.01.0001"),
    ("receivable", "LAIN", "1.1.03.15.01.0001"),
    ("receivable", "LAIN", "1.1.03.21.01.0001"),
    ("receivable", "PBB-P2", "1.1.03.21.01.0001"),
    ("suspense", "", "2.1.06.91.01.0001"),
    ("rk_ppkd", "", "3.1.03.01.01.0002"),
    ("rk_skpd", "", "1.1.13.01.01.0002"),
    ("revenue_lra", "PBB-P2", "4.1.01.20.01.0001"),
)
_SINCE = st.sampled_from((CHART_BEGINS, *(d for d in EDGES if d > date(2025, 12, 31))))

MADE_CHARTS = st.fixed_dictionaries(
    {
        "renamed": st.lists(st.tuples(st.sampled_from(_RENAMED), _SINCE), min_size=2, max_size=6, unique=True),
        "moved": st.lists(st.tuples(st.sampled_from(_MOVED), _SINCE), min_size=3, max_size=12, unique=True),
    }
)
MADE_ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "what": st.sampled_from(
                ("issued", "paid", "paid", "credited", "budget", "stray", "returned", "between", "between", "other")
            ),
            "entity": st.sampled_from(ENTITIES),
            "partner": st.sampled_from(PARTNERS),
            "revenue": st.sampled_from(REVENUES),
            "rupiah": st.integers(1, 3),
            "mirror": st.booleans(),
            "on": st.sampled_from((*EDGES, LAST_DAY)),
            "kind": st.sampled_from(("paid_at_partner", "paid_at_partner", "closing")),
            "hour": st.integers(0, 9),
            "then": st.sampled_from(("", "", "", "roll", "cut", "final")),
        }
    ),
    min_size=8,
    max_size=24,
)
MOMENTS = st.none() | st.builds(
    lambda hour, microsecond: T0 + timedelta(hours=hour, microseconds=microsecond),
    st.integers(-1, 9),
    st.sampled_from((0, 0, -1, 1)),
)
# Not made shorter: what a failure asked is told, and making twenty entries fewer takes minutes.
ORACLE = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Line:
    """One posting as it was accepted, with all that a filter may look at; `known_from` is since when it is known."""

    key: str
    kind: str
    on: date
    known_from: datetime
    book: str
    entity: str
    account: str
    side: str
    sen: int
    counterpart: str | None
    partner: str | None

    @property
    def signed(self) -> int:
        """Debit less credit, in sen."""
        return self.sen if self.side == "debit" else -self.sen


@dataclass
class Scene:
    """What stands in a region's ledger, in plain lists."""

    lines: list[Line] = field(default_factory=list)
    roles: list[tuple[str, str, date, str]] = field(default_factory=list)
    names: list[tuple[str, date, str]] = field(default_factory=list)
    sides: dict[str, str] = field(default_factory=dict)
    rk: set[str] = field(default_factory=set)
    final: datetime = T0 - ONE

    def code_on(self, role: str, qualifier: str, day: date) -> str | None:
        """The account of a role on a day: of the qualifier's newest row, else of the fallback's; None without one."""
        for wanted in (qualifier, ""):
            begun = [(since, code) for r, q, since, code in self.roles if (r, q) == (role, wanted) and since <= day]
            if begun:
                return max(begun)[1]
        return None

    def name_on(self, code: str, day: date) -> str:
        """What an account is called on a day."""
        return max((since, name) for each, since, name in self.names if each == code and since <= day)[1]


def build(restore: Callable[[], None], chart: dict[str, Any], entries: list[dict[str, Any]]) -> Scene:
    """A new region with this chart and these entries, one unit of work each."""
    restore()
    load_sample_chart(REGION)
    scene = Scene()
    _load(scene, chart)
    post_more(scene, entries)
    return scene


def post_more(scene: Scene, entries: list[dict[str, Any]]) -> None:
    """Post entries into a scene, each in a unit of work, and do after each what it says."""
    final = scene.final
    for number, facts in enumerate(entries, start=len(scene.lines)):
        at = T0 + timedelta(hours=facts["hour"])
        known_from = at if at > final else final + timedelta(microseconds=1)
        _post(scene, f"e{number}", facts, at, known_from)
        if facts["then"] == "final":
            final = max(final, at - timedelta(minutes=30))
            make_final(REGION, final)
        elif facts["then"]:
            wait_until_settled(REGION)
            with unit_of_work(REGION) as session:
                roll_balances(session, least=1, piece=1 if facts["then"] == "cut" else 3)
    scene.final = final


def rename(region: str, code: str, name: str, *, since: str) -> None:
    """Give a debit account that is no RK another name from a day on."""
    header = "kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai"
    with unit_of_work(region) as session:
        rows = f"{header}\n{code},{name},debit,tidak,tidak,{since},"
        load_chart(session, accounts=rows.encode(), actor="cli:test", at=T0)


class Undone(Exception):
    """Takes back what a question was asked about."""


@contextmanager
def undone(region: Region) -> Iterator[Session]:
    """A unit of work of which nothing is kept."""
    with suppress(Undone), unit_of_work(region.code) as session:
        yield session
        raise Undone


def _load(scene: Scene, chart: dict[str, Any]) -> None:
    """Load the further rows of the chart, and note every row of it."""
    samples = [_rows((SAMPLES / name).read_text("utf-8")) for name in ("accounts.csv", f"roles-{REGION}.csv")]
    known = {row["kode"]: row for row in samples[0]}
    taken = {(row["peran"], row["kualifikasi"], row["berlaku_dari"]) for row in samples[1]}
    accounts, roles = [",".join(samples[0][0]), *_MORE_ACCOUNTS], [",".join(samples[1][0])]
    for code, since in chart["renamed"]:
        if since > CHART_BEGINS:
            row = known[code] | {"nama": f"{code} sejak {since}", "berlaku_dari": since.isoformat()}
            accounts.append(",".join(row.values()))
    for (role, qualifier, code), since in chart["moved"]:
        if (role, qualifier, since.isoformat()) not in taken:
            taken.add((role, qualifier, since.isoformat()))
            roles.append(f"{role},{qualifier},{code},{since}")
    written = ["\n".join(accounts), "\n".join(roles)]
    with unit_of_work(REGION) as session:
        load_chart(session, accounts=written[0].encode(), roles=written[1].encode(), actor="cli:test", at=T0)
    for row in samples[0] + _rows(written[0]):
        scene.names.append((row["kode"], date.fromisoformat(row["berlaku_dari"]), row["nama"]))
        scene.sides[row["kode"]] = {"debit": "debit", "kredit": "credit"}[row["saldo_normal"]]
        scene.rk |= {row["kode"]} if row["rk"] == "ya" else set()
    for row in samples[1] + _rows(written[1]):
        since = date.fromisoformat(row["berlaku_dari"])
        scene.roles.append((row["peran"], row["kualifikasi"], since, row["rekening"]))


def _rows(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(content.splitlines()))


def _post(scene: Scene, key: str, facts: dict[str, Any], at: datetime, known_from: datetime) -> None:
    postings = _postings(facts)
    if any(scene.code_on(each.role, each.qualifier, facts["on"]) is None for each in postings):
        return  # a revenue kind that has no account yet
    postings = mirrored(postings) if facts["mirror"] else postings
    entry = draft(key, postings, kind=facts["kind"], accounted_on=facts["on"])
    with unit_of_work(REGION) as session:
        post_entry(session, entry, actor="test", recorded_at=at)
    for each in entry.postings:
        code = scene.code_on(each.role, each.qualifier, entry.accounted_on)
        assert code is not None
        scene.lines.append(
            Line(
                key, entry.kind, entry.accounted_on, known_from, each.book, each.entity, code, each.side,
                each.amount.sen, each.counterpart, each.partner,
            )
        )  # fmt: skip


def _postings(facts: dict[str, Any]) -> tuple[PostingDraft, ...]:
    rupiah, entity, partner, revenue = (facts[name] for name in ("rupiah", "entity", "partner", "revenue"))
    made: dict[str, Callable[[], tuple[PostingDraft, ...]]] = {
        "issued": lambda: issued(rupiah, entity=entity, kind=revenue),
        "paid": lambda: paid(rupiah, entity=entity, kind=revenue, partner=partner),
        "credited": lambda: credited(rupiah, partner=partner),
        "budget": lambda: budget_recognised(entity=entity, kind=revenue, amount=money(rupiah)),
        "stray": lambda: unidentified_at_partner(ppkd="PPKD", amount=money(rupiah), partner=partner),
        "returned": lambda: suspense_returned(ppkd="PPKD", amount=money(rupiah)),
        "between": lambda: _between(facts),
        "other": lambda: (
            PostingDraft("F", entity, "receivable", "debit", money(rupiah), qualifier="LAIN"),
            PostingDraft("F", entity, "suspense", "credit", money(rupiah), partner=partner),
        ),
    }
    return made[facts["what"]]()


def _between(facts: dict[str, Any]) -> tuple[PostingDraft, ...]:
    """A claim between any two entities, its RK naming a partner too; the budget book in the same entry."""
    amount, here, partner = money(facts["rupiah"]), facts["entity"], facts["partner"]
    there = ENTITIES[(ENTITIES.index(here) + 1) % 3]
    return (
        PostingDraft("F", here, "rk_ppkd", "debit", amount, counterpart=there, partner=partner),
        PostingDraft("F", here, "receivable", "credit", amount, qualifier=facts["revenue"]),
        PostingDraft("F", there, "clearing", "debit", amount, qualifier=partner, partner=partner),
        PostingDraft("F", there, "rk_skpd", "credit", amount, counterpart=here),
        *budget_recognised(entity=here, kind=facts["revenue"], amount=amount),
    )
