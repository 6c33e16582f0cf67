"""One call of a standard journal, and the lines it must give.

For: tests/ledger/journal_cases.py, which has every row of the table.
Not for: the rows themselves.

A line is written "book entity role[qualifier] side sen" and, where there is one, " > counterpart" or " @partner".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from foundation.money import Money
from ledger import PostingDraft, journals
from ledger.journals import Postings

PD = {"entity": "BAPENDA"}
THROUGH_RK = {"entity": "BAPENDA", "ppkd": "PPKD"}
OWN = {"entity": "PPKD", "ppkd": "PPKD"}
PBB = {"kind": "PBB-P2"}
BANK = {"partner": "BPD"}
TEN = {"amount": Money(1_000)}
BOTH = {"principal": Money(900), "sanction": Money(100)}
SANCTION_ALONE = {"principal": Money(0), "sanction": Money(1_000)}
PRINCIPAL_ALONE = {"principal": Money(1_000), "sanction": Money(0)}
STPD = {"assessed": True}
NO_STPD = {"assessed": False}
OF_SANCTION = {"sanction": True}


@dataclass(frozen=True)
class Case:
    """One call and the lines it must give."""

    row: str
    name: str
    lines: str
    named: dict[str, Any]
    title: str = ""

    def __str__(self) -> str:
        return f"{self.row}-{self.name}{'-' if self.title else ''}{self.title}"

    @property
    def postings(self) -> Postings:
        postings: Postings = getattr(journals, self.name)(**self.named)
        return postings


def written(posting: PostingDraft) -> str:
    """A posting as the cases write it."""
    role = posting.role + (f"[{posting.qualifier}]" if posting.qualifier else "")
    ends = f" > {posting.counterpart}" if posting.counterpart else ""
    ends += f" @{posting.partner}" if posting.partner else ""
    return f"{posting.book} {posting.entity} {role} {posting.side} {posting.amount.sen}{ends}"


def case(row: str, name: str, lines: str, *groups: dict[str, Any], title: str = "", **named: Any) -> Case:
    for group in groups:
        named = group | named
    return Case(row, name, lines, named, title)
