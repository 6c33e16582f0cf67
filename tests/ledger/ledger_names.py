"""Accounts that are named anew, and exports of a moment before, which keep the names of then.

For: tests/ledger/test_state_machine.py.
Not for: what else is done to the ledger (ledger_acts.py) or asked of it (ledger_questions.py).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy.orm import Session

from foundation.db import unit_of_work
from ledger import ChartRefused, load_chart, open_export
from tests.ledger.entries import credited, draft, issued, paid
from tests.ledger.ledger_acts import BY, DAYS, HOURS, REGION, T0, WHICH, LedgerActs

NAMED = ("1.1.01.01.01.0001", "1.1.01.90.01.0001", "1.1.03.15.01.0001", "7.1.01.15.01.0001")
FROM = (*DAYS[-3:], *(date(2026, 6, day) for day in (1, 2, 15, 30)), date(2026, 7, 1), date(2026, 9, 1))


def _exported(session: Session, snapshot: str) -> dict[str, bytes]:
    """Every listing as it was at a moment."""
    dates: dict[str, Any] = {"accounted_from": DAYS[1], "accounted_to": DAYS[-1]}
    return {
        what: b"".join(open_export(session, what, "jsonl", region=REGION, written_at=T0, snapshot=snapshot, **wanted))
        for what, wanted in (("entries", {}), ("account-ledger", dates), ("balances", {}), ("trial-balance", dates))
    }


class LedgerNames(LedgerActs):
    """Names of accounts, of the real ledger and the paper one."""

    def __init__(self) -> None:
        super().__init__()
        self.exports: list[tuple[str, dict[str, bytes]]] = []

    @precondition(lambda self: self.held is None)
    @rule(code=st.sampled_from(NAMED), since=st.sampled_from(FROM))
    def name_an_account_anew(self, code: str, since: date) -> None:
        name, sides = f"Nama sejak {since}", {"debit": "debit", "credit": "kredit"}
        row = f"{code},{name},{sides[self.paper.sides[code]]},tidak,ya,{since},\n"
        header = "kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai\n"

        def act(session: Session) -> object:
            return load_chart(session, accounts=(header + row).encode(), actor=BY, at=T0)

        if not self.paper.may_name(code, since):
            self.require_refused(ChartRefused, None, act)
            return
        with unit_of_work(REGION) as session:
            act(session)
        self.paper.names[code][since] = name

    def post_on_named(self, on: date, hour: int) -> None:
        """One entry on every account of `NAMED`."""
        postings = issued(3) + paid(2) + credited(1)
        new = draft(self.new_key(), postings, kind="correction", accounted_on=on, may_be_late=True)
        self.post_draft(new, self.at(hour))

    @rule()
    def export(self) -> None:
        with unit_of_work(REGION) as session:
            snapshot = open_export(session, "balances", "jsonl", region=REGION, written_at=T0).snapshot
            self.exports.append((snapshot, _exported(session, snapshot)))

    @precondition(lambda self: self.exports)
    @rule(which=WHICH)
    def export_again(self, which: int) -> None:
        """Whatever came since: entries, names of accounts, months closed."""
        snapshot, first = self.exports[which % len(self.exports)]
        with unit_of_work(REGION) as session:
            assert _exported(session, snapshot) == first

    @precondition(lambda self: self.held is None)
    @rule(code=st.sampled_from(NAMED), since=st.sampled_from(FROM), hour=HOURS)
    def export_before_a_new_name(self, code: str, since: date, hour: int) -> None:
        self.export()
        self.name_an_account_anew(code, since)
        self.post_on_named(since, hour)
        self.export_again(len(self.exports) - 1)
