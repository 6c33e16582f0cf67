"""What may be asked of a ledger, and what holds after every step, held to a paper ledger.

For: tests/ledger/test_state_machine.py.
Not for: what is done to the ledger (ledger_acts.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
)
from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.db import unit_of_work
from ledger import (
    LedgerRow,
    account_balances,
    check_periods,
    check_rollup,
    find_reversal,
    list_account_ledger,
    list_entries,
    list_periods,
    stream_entries,
    trial_balance,
)
from tests.ledger.entries import wait_until_settled
from tests.ledger.ledger_acts import DAYS, HOURS, REGION, T0, WHICH
from tests.ledger.ledger_names import LedgerNames
from tests.ledger.slips import slip_in

ACCOUNTS = (
    *(None, None, None, "1", "1.1.03", "1.1.13", "1.1.01.90.01.0001", "3.1.03.01.01.0001", "4", "7"),
    *("9", "1.1.0", "%"),  # not in the chart
)

MAYBE_DAY = st.none() | st.sampled_from(DAYS)
NARROWING = st.fixed_dictionaries(
    {
        "account": st.sampled_from(ACCOUNTS),
        "entity": st.sampled_from((None, None, "BAPENDA", "PPKD", "TIDAK-ADA")),
        "book": st.sampled_from((None, None, "F", "A")),
        "known_at": st.none() | st.none() | HOURS.map(lambda hour: T0 + timedelta(hours=hour)),
    }
)
PARTNER = st.sampled_from((None, None, "BPD", "BANK2", "TIDAK-ADA"))


class Ledger(LedgerNames):
    """All that is asked of the real ledger and the paper one."""

    @rule(narrowing=NARROWING, since=MAYBE_DAY, on=MAYBE_DAY)
    def ask_balances(self, narrowing: dict[str, Any], since: date | None, on: date | None) -> None:
        wanted = narrowing | {"since": since, "on": on}
        if slip := slip_in(wanted, "since", "on"):
            self.require_refused(slip, None, lambda session: account_balances(session, **wanted))
            return
        with unit_of_work(REGION) as session:
            found = account_balances(session, **wanted)
        assert {(each.book, each.entity, each.account): (each.debit.sen, each.credit.sen) for each in found} == {
            place: sums[2:] for place, sums in self.paper.sums(wanted).items() if any(sums[2:])
        }
        names = self.paper.named(wanted)
        assert all(each.account_name == names[each.book, each.entity, each.account] for each in found)
        for each in found:
            debit_side = self.paper.sides[each.account] == "debit"
            assert each.balance == (each.debit - each.credit if debit_side else each.credit - each.debit)

    @rule(narrowing=NARROWING, days=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)), before=st.booleans())
    def ask_trial_balance(self, narrowing: dict[str, Any], days: tuple[date, date], before: bool) -> None:
        wanted = narrowing | {"since": min(days), "on": max(days), "before_closing": before}
        if slip := slip_in(wanted):
            self.require_refused(slip, "account", lambda session: trial_balance(session, **wanted))
            return
        with unit_of_work(REGION) as session:
            found = trial_balance(session, **wanted)
        expected = []
        for (book, entity, account), (was_debit, was_credit, debit, credit) in self.paper.sums(wanted).items():
            sign = 1 if self.paper.sides[account] == "debit" else -1
            net = was_debit + debit - was_credit - credit
            opening, closing = sign * (was_debit - was_credit), sign * net
            expected.append((book, entity, account, opening, debit, credit, closing, max(net, 0), max(-net, 0)))
        assert [
            (
                each.book, each.entity, each.account, each.opening.sen, each.debit.sen, each.credit.sen,
                each.closing.sen, each.closing_debit.sen, each.closing_credit.sen,
            )
            for each in found.lines
        ] == expected  # fmt: skip
        assert [each.account_name for each in found.lines] == list(self.paper.named(wanted).values())

    def _pin(self, session: Session) -> tuple[str, int]:
        """What is settled now, by the snapshot that names it and the number of entries it holds."""
        snapshot = list_account_ledger(session, limit=1).snapshot
        return snapshot, len(list_entries(session, limit=1000, snapshot=snapshot).entries)

    def _settled(self) -> int:
        """At least so many entries must be seen by readers of settled ones, now that it was waited for."""
        if self.held is not None:
            return 0
        wait_until_settled(REGION)
        return len(self.paper.entries)

    @rule(
        narrowing=NARROWING,
        partner=PARTNER,
        days=st.tuples(MAYBE_DAY, MAYBE_DAY),
        kind=st.sampled_from((None, None, "reversal", "paid_at_partner")),
        source=st.sampled_from((None, None, UUID(int=1))),
        limit=st.integers(1, 9),
    )
    def ask_entries(
        self,
        narrowing: dict[str, Any],
        partner: str | None,
        days: tuple[date | None, date | None],
        kind: str | None,
        source: UUID | None,
        limit: int,
    ) -> None:
        wanted = narrowing | {"partner": partner, "kind": kind, "source_uid": source}
        wanted |= {"accounted_from": days[0], "accounted_to": days[1]}
        if slip := slip_in(wanted):
            self.require_refused(slip, None, lambda session: list_entries(session, **wanted))
            return
        least = self._settled()
        with unit_of_work(REGION) as session:
            snapshot, count = self._pin(session)
        assert least <= count <= (len(self.paper.entries) if self.held is None else self.held[1])
        expected = [entry.draft.key for entry in self.paper.pulled(wanted, first=count)]
        found: list[str] = []
        cursor = None
        while True:
            with unit_of_work(REGION) as session:
                page = list_entries(session, cursor=cursor, limit=limit, snapshot=snapshot, **wanted)
            found += [entry.key for entry in page.entries]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == expected
        self.pins.append((snapshot, count))

    @rule(
        narrowing=NARROWING,
        partner=PARTNER,
        days=st.tuples(MAYBE_DAY, MAYBE_DAY),
        limit=st.integers(1, 9),
        back=st.none() | WHICH,
    )
    def ask_account_ledger(
        self,
        narrowing: dict[str, Any],
        partner: str | None,
        days: tuple[date | None, date | None],
        limit: int,
        back: int | None,
    ) -> None:
        """Of now, or of a moment that an earlier question pinned."""
        wanted = narrowing | {"partner": partner, "accounted_from": days[0], "accounted_to": days[1]}
        if slip := slip_in(wanted):
            self.require_refused(slip, None, lambda session: list_account_ledger(session, **wanted))
            return
        self._settled()
        with unit_of_work(REGION) as session:
            snapshot, count = self._pin(session)
        if back is not None and self.pins:
            snapshot, count = self.pins[back % len(self.pins)]
        found = []
        cursor = None
        while True:
            with unit_of_work(REGION) as session:
                page = list_account_ledger(session, cursor=cursor, limit=limit, snapshot=snapshot, **wanted)
            found += [self.told(row) for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == self.paper.account_ledger(wanted, first=count)

    def told(self, row: LedgerRow) -> tuple[Any, ...]:
        """A row of the account ledger as the paper ledger has it: what it moves is on the account's normal side."""
        place = (row.book, row.entity, row.account)
        if row.key is None:
            assert (row.debit, row.credit, row.line_no) == (None, None, None)
            return (place, None, None, 0, row.balance.sen)
        assert [row.debit, row.credit].count(None) == 1
        amount = row.debit or row.credit
        assert amount is not None
        normal = (row.debit is not None) == (self.paper.sides[row.account] == "debit")
        return (place, row.key, row.line_no, amount.sen if normal else -amount.sen, row.balance.sen)

    @precondition(lambda self: self.pins)
    @rule(which=WHICH)
    def come_back_to_a_snapshot(self, which: int) -> None:
        snapshot, count = self.pins[which % len(self.pins)]
        with unit_of_work(REGION) as session:
            found = list_entries(session, limit=1000, snapshot=snapshot).entries
        assert [entry.key for entry in found] == [entry.draft.key for entry in self.paper.entries[:count]]

    @rule(limit=st.integers(1, 4))
    def pull_on(self, limit: int) -> None:
        """One who comes back for what is new sees everything once, in order, whoever committed late."""
        with unit_of_work(REGION) as session:
            page = list_entries(session, cursor=self.position, limit=limit)
        self.position = page.position
        self.pulled += [entry.key for entry in page.entries]
        assert self.pulled == [entry.draft.key for entry in self.paper.entries[: len(self.pulled)]]

    @precondition(lambda self: self.paper.entries)
    @rule(which=WHICH)
    def ask_for_a_reversal(self, which: int) -> None:
        uid = self.chosen(which).posted.uid
        with unit_of_work(REGION) as session:
            found = find_reversal(session, uid)
        link = self.paper.link_of(uid)
        if link is None:
            assert found is None
            return
        assert found is not None
        replacement = None if link.replacement is None else link.replacement.uid
        assert (found.entry_uid, found.reversal_uid, found.replacement_uid) == (
            link.entry, link.reversal.uid, replacement,
        )  # fmt: skip
        assert found.reason == link.asked[0]

    # after every step

    @invariant()
    def holds_what_was_accepted(self) -> None:
        with unit_of_work(REGION) as session:
            rows = session.execute(
                text(
                    "SELECT e.uid, v.kind, v.key, v.occurred_at, v.accounted_on, v.recorded_at, v.source_kind,"
                    " v.source_uid, e.description, v.line_no, v.book, v.entity, v.account_code, v.side, v.amount_sen,"
                    " v.counterpart, v.partner FROM ledger_postings v JOIN journal_entry e ON e.id = v.entry_id"
                    " ORDER BY v.entry_id, v.line_no"
                )
            ).all()
        assert [tuple(row) for row in rows] == [
            (
                entry.posted.uid, entry.draft.kind, entry.draft.key, entry.draft.occurred_at, entry.on,
                entry.recorded_at, entry.draft.source_kind, entry.draft.source_uid, entry.draft.description, number,
                line.book, line.entity, line.account, line.side, line.sen, line.counterpart, line.partner,
            )
            for entry in sorted(self.paper.entries, key=lambda entry: entry.posted.id)
            for number, line in enumerate(entry.lines, start=1)
        ]  # fmt: skip

    @invariant()
    def balances_are_plain_sums(self) -> None:
        with unit_of_work(REGION) as session:
            found = account_balances(session)
            assert check_rollup(session) == 0
        assert [((each.book, each.entity, each.account), each.debit.sen, each.credit.sen) for each in found] == [
            (place, debit, credit) for place, (_, _, debit, credit) in self.paper.sums({}).items()
        ]

    @invariant()
    def months_stand_where_they_were_moved(self) -> None:
        with unit_of_work(REGION) as session:
            found = list_periods(session)
            checked = check_periods(session)
        moved = self.paper.periods
        named = {entry.on.replace(day=1) for entry in self.paper.entries} | set(moved)
        assert [each.month for each in found] == sorted(named)
        for each in found:
            period = moved.get(each.month)
            expected = ("OPEN", 0, None) if period is None else (period.state, period.reopenings, period.held)
            held = None if each.entry_count is None else (each.entry_count, each.posting_count)
            assert (each.state, each.reopenings, held) == expected
        assert [each.month for each in checked] == sorted(m for m, each in moved.items() if each.state == "CLOSED")
        assert all(each.is_intact for each in checked)

    @precondition(lambda self: self.held is None)
    @rule()
    def stream_everything(self) -> None:
        self._settled()
        with unit_of_work(REGION) as session:
            keys = [entry.key for entry in stream_entries(session)]
        assert keys == [entry.draft.key for entry in self.paper.entries]
