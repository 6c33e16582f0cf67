"""What may be done to a ledger, as rules that do it to the real one and to a paper one.

For: tests/ledger/test_state_machine.py; the questions are in ledger_questions.py.
Not for: knowing what is right; paper_ledger.py does.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)
from sqlalchemy.orm import Session

from foundation.db import unit_of_work
from foundation.errors import LunasError
from foundation.money import Money
from foundation.states import MoveRefused
from ledger import (
    ADJUSTING_KINDS,
    ChartRefused,
    ClosingEntryStands,
    EntityUnknown,
    EntryAlreadyReversed,
    EntryDraft,
    EntryKeyReused,
    EntryUnbalanced,
    PeriodNotOver,
    PostedEntry,
    PostingDraft,
    ReversalTooEarly,
    RoleNotMapped,
    accounting_date,
    adjust_period,
    budget_recognised,
    check_proof,
    close_period,
    correct_entry,
    load_chart,
    post_entries,
    post_entry,
    prove_entry,
    reopen_period,
    reverse_entry,
    roll_balances,
    seal_next,
)
from tests.ledger.entries import credited, draft, issued, money, paid
from tests.ledger.paper_ledger import PaperEntry, PaperLedger, PaperLink
from tests.ledger.seals import head, seal, signer, verify
from tests.sample_chart import load_sample_chart

REGION = "3316"
BY = "user:akuntansi"
T0 = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 6, 2)
MONTHS = (date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1))
DAYS = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 15), date(2026, 5, 31))
ALWAYS_OPEN = date(2026, 8, 17)
MAPPINGS = (("7.1.01.14.37.0001", date(2026, 3, 15)), ("7.1.01.15.01.0001", date(2026, 4, 1)))

KINDS = (
    "assessment_issued",
    "paid_at_partner",
    "credited_to_rkud",
    "correction",
    "closing",
    "budget_recognised",
)

HOURS = st.integers(0, 20)
FACTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "rupiah": st.integers(1, 9),
        "entity": st.sampled_from(("BAPENDA", "LH", "PPKD")),
        "partner": st.sampled_from(("BPD", "BANK2")),
        "revenue": st.sampled_from(("PBB-P2", "RETRIBUSI-PASAR")),
        "on": st.sampled_from(DAYS),
        "late": st.booleans(),
        "source": st.integers(0, 3),
    }
)
WHICH = st.integers(0, 1000)


def _draft(key: str, facts: dict[str, Any]) -> EntryDraft:
    kind, rupiah, entity, revenue = facts["kind"], facts["rupiah"], facts["entity"], facts["revenue"]
    postings: tuple[PostingDraft, ...]
    if kind == "paid_at_partner":
        postings = paid(rupiah, entity=entity, kind=revenue, partner=facts["partner"])
    elif kind == "credited_to_rkud":
        postings = credited(rupiah, partner=facts["partner"])
    elif kind == "budget_recognised":
        postings = budget_recognised(entity=entity, kind=revenue, amount=money(rupiah))
        postings += paid(rupiah, entity=entity, kind=revenue, partner=facts["partner"])
    else:
        postings = issued(rupiah, entity=entity, kind=revenue)
    source = UUID(int=facts["source"]) if facts["source"] else None
    return draft(
        key, postings, kind=kind, accounted_on=facts["on"], may_be_late=facts["late"], source_uid=source,
        description=f"Uji é {key}",
    )  # fmt: skip


def _changed(old: EntryDraft, what: str) -> tuple[EntryDraft, str]:
    """Another content under the same key, and the field that differs."""
    first, *rest = old.postings
    if what == "partner":
        number = next((n for n, each in enumerate(old.postings) if each.partner), None)
        if number is None:
            what = "description"
        else:
            other = replace(old.postings[number], partner="BANK3")
            return (
                replace(old, postings=(*old.postings[:number], other, *old.postings[number + 1 :])),
                f"postings[{number + 1}].partner",
            )
    if what == "amount":
        doubled = tuple(replace(each, amount=each.amount + each.amount) for each in old.postings)
        return replace(old, postings=doubled), "postings[1].amount"
    if what == "order":
        field = "postings[1].book" if first.book != rest[-1].book else None
        swapped = replace(old, postings=tuple(reversed(old.postings)))
        return swapped, field or ("postings[1].entity" if first.entity != rest[-1].entity else "postings[1].side")
    values: dict[str, Any] = {
        "kind": "correction" if old.kind != "correction" else "closing",
        "occurred_at": old.occurred_at + timedelta(microseconds=1),
        "accounted_on": old.accounted_on - timedelta(days=1),
        "description": old.description + "!",
        "source_kind": "lain",
        "source_uid": UUID(int=99),
        "may_be_late": not old.may_be_late,
    }
    return replace(old, **{what: values[what]}), what


_CHANGES = (
    "kind", "occurred_at", "accounted_on", "description", "source_kind", "source_uid", "may_be_late", "amount",
    "partner", "order",
)  # fmt: skip


class LedgerActs(RuleBasedStateMachine):
    """The real ledger with a paper one beside it, and all that is done to both."""

    restore: Callable[[], None]

    def __init__(self) -> None:
        super().__init__()
        self.paper = PaperLedger()
        self.keys = 0
        self.sealed = 0
        self.heads: list[dict[str, Any]] = []
        self.pins: list[tuple[str, int]] = []
        self.pulled: list[str] = []
        self.position: str | None = None
        self.held: tuple[AbstractContextManager[Session], int, PaperEntry] | None = None
        self.mapped_anew = False

    @initialize(facts=st.lists(FACTS, min_size=2, max_size=4))
    def begin(self, facts: list[dict[str, Any]]) -> None:
        """A new region with a few entries, so that the first questions have answers."""
        type(self).restore()
        load_sample_chart(REGION)
        self.post_batch(facts, [], False, None, 0)

    def teardown(self) -> None:
        if self.held is not None:
            self.commit_late()

    # writing

    def new_key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def at(self, hour: int) -> datetime:
        return T0 + timedelta(hours=hour)

    def chosen(self, which: int) -> PaperEntry:
        return self.paper.entries[which % len(self.paper.entries)]

    def require_refused(self, expected: type[LunasError], field: str | None, act: Callable[[Session], object]) -> None:
        with pytest.raises(expected) as refused, unit_of_work(REGION) as session:
            act(session)
        assert field is None or refused.value.field == field

    @rule(facts=FACTS, hour=HOURS)
    def post(self, facts: dict[str, Any], hour: int) -> None:
        self.post_draft(_draft(self.new_key(), facts), self.at(hour))

    def post_draft(self, new: EntryDraft, at: datetime) -> None:
        expected = None if new.may_be_late else self.paper.refusal(new.kind, new.accounted_on)
        if expected is not None:
            self.require_refused(
                expected, "accounted_on", lambda session: post_entry(session, new, actor=BY, recorded_at=at)
            )
            return
        with unit_of_work(REGION) as session:
            assert accounting_date(session, new.accounted_on, kind=new.kind) == self.paper.date_for(
                replace(new, may_be_late=True)
            )
            posted = post_entry(session, new, actor=BY, recorded_at=at)
        assert posted.first_time
        self.paper.entries.append(self.paper.entry_of(new, posted, at))

    @precondition(lambda self: self.paper.entries)
    @rule(which=WHICH)
    def post_again(self, which: int) -> None:
        old = self.chosen(which)
        with unit_of_work(REGION) as session:
            again = post_entry(session, old.draft, actor="job:other", recorded_at=T0)
        assert again == replace(old.posted, first_time=False)

    @precondition(lambda self: self.paper.entries)
    @rule(which=WHICH, what=st.sampled_from(_CHANGES), many=st.booleans())
    def post_other_content(self, which: int, what: str, many: bool) -> None:
        other, field = _changed(self.chosen(which).draft, what)
        # What a late entry first asked for is not stored; with roles mapped anew, these seem to differ instead.
        unclear = what == "accounted_on" and other.may_be_late and self.mapped_anew

        def act(session: Session) -> None:
            if many:
                post_entries(session, [other], actor=BY, recorded_at=T0)
            else:
                post_entry(session, other, actor=BY, recorded_at=T0)

        named = f"entries[1].{field}" if many else field
        self.require_refused(EntryKeyReused, None if unclear else named, act)

    @rule(
        news=st.lists(FACTS, max_size=4),
        olds=st.lists(WHICH, max_size=2),
        twice=st.booleans(),
        spoilt=st.sampled_from((None, None, None, "other content", "unbalanced")),
        hour=HOURS,
    )
    def post_batch(
        self, news: list[dict[str, Any]], olds: list[int], twice: bool, spoilt: str | None, hour: int
    ) -> None:
        at = self.at(hour)
        drafts = [_draft(self.new_key(), facts) for facts in news]
        refusals = {self.paper.refusal(each.kind, each.accounted_on) for each in drafts if not each.may_be_late}
        expected = {each for each in refusals if each is not None}
        repeated = [self.chosen(which).draft for which in olds if self.paper.entries]
        batch = repeated[:1] + drafts + repeated[1:] + (drafts[:1] if twice else [])
        if spoilt == "unbalanced":
            batch.append(draft("odd", issued(5)[:1] + issued(6)[1:]))
            expected = {EntryUnbalanced}
        elif spoilt == "other content" and batch:
            batch.append(_changed(batch[0], "occurred_at")[0])
            expected.add(EntryKeyReused)
        if expected:
            with pytest.raises(tuple(expected)), unit_of_work(REGION) as session:
                post_entries(session, batch, actor=BY, recorded_at=at)
            return
        with unit_of_work(REGION) as session:
            posted = post_entries(session, batch, actor=BY, recorded_at=at)
        for each, result in zip(batch, posted, strict=True):
            known = self.paper.find(each.key)
            assert result.first_time == (known is None)
            if known is None:
                self.paper.entries.append(self.paper.entry_of(each, result, at))
            else:
                assert result == replace(known.posted, first_time=False)

    @rule(what=st.sampled_from(("unbalanced", "role", "entity")))
    def post_what_cannot_be(self, what: str) -> None:
        good = draft(self.new_key(), accounted_on=ALWAYS_OPEN)
        bad, expected = {
            "unbalanced": (replace(good, postings=good.postings[:-1]), EntryUnbalanced),
            "role": (replace(good, postings=issued(5, kind="PAJAK-BARU")), RoleNotMapped),
            "entity": (replace(good, postings=issued(5, entity="TIDAK-ADA")), EntityUnknown),
        }[what]
        self.require_refused(expected, "postings", lambda session: post_entry(session, bad, actor=BY, recorded_at=T0))

    @precondition(lambda self: self.paper.entries)
    @rule(which=WHICH, reason=st.sampled_from(("Salah", "Ganda")), on=st.sampled_from(DAYS), hour=HOURS)
    def reverse(self, which: int, reason: str, on: date, hour: int) -> None:
        old, at = self.chosen(which), self.at(hour)
        asked = (reason, on, at, None)

        def act(session: Session) -> PostedEntry:
            return reverse_entry(session, old.posted.uid, reason=reason, accounted_on=on, actor=BY, at=at)

        if ADJUSTING_KINDS.get(old.draft.kind) == "closing":
            self.require_refused(ClosingEntryStands, "uid", act)
            return
        if on < old.on:
            self.require_refused(ReversalTooEarly, "accounted_on", act)
            return
        known = next((link for link in self.paper.links if link.entry == old.posted.uid), None)
        if known is not None and known.asked != asked:
            self.require_refused(EntryAlreadyReversed, "uid", act)
            return
        with unit_of_work(REGION) as session:
            posted = act(session)
        if known is not None:
            assert posted == replace(known.reversal, first_time=False)
            return
        assert posted.first_time
        self._reversed(old, reason, on, at, posted)
        self.paper.links.append(PaperLink(asked, old.posted.uid, posted, None))

    def _reversed(self, old: PaperEntry, reason: str, on: date, at: datetime, posted: PostedEntry) -> None:
        """Note the mirror that a reversal has to be."""
        mirror = EntryDraft(
            kind="reversal",
            key=f"reversal:{old.posted.uid}",
            occurred_at=at,
            accounted_on=on,
            description=f"Pembalikan: {reason}",
            postings=tuple(
                PostingDraft(
                    line.book, line.entity, "", "debit" if line.side == "credit" else "credit",
                    Money(line.sen), counterpart=line.counterpart, partner=line.partner, account=line.account,
                )
                for line in old.lines
            ),
            source_kind="journal_entry",
            source_uid=old.posted.uid,
            may_be_late=True,
        )  # fmt: skip
        amounts = [
            replace(each, amount=type(each.amount)(line.sen))
            for each, line in zip(mirror.postings, old.lines, strict=True)
        ]
        self.paper.entries.append(self.paper.entry_of(replace(mirror, postings=tuple(amounts)), posted, at))

    @precondition(lambda self: self.paper.entries)
    @rule(which=WHICH, facts=FACTS, on=st.sampled_from(DAYS), hour=HOURS, again=st.booleans())
    def correct(self, which: int, facts: dict[str, Any], on: date, hour: int, again: bool) -> None:
        old, at = self.chosen(which), self.at(hour)
        instead = _draft(self.new_key(), facts)
        undone = any(link.entry == old.posted.uid for link in self.paper.links)
        expected = None if instead.may_be_late else self.paper.refusal(instead.kind, instead.accounted_on)
        if undone:
            expected = EntryAlreadyReversed
        if on < old.on:
            expected = ReversalTooEarly
        if ADJUSTING_KINDS.get(old.draft.kind) == "closing":
            expected = ClosingEntryStands

        def act(session: Session) -> tuple[PostedEntry, PostedEntry]:
            done = correct_entry(
                session, old.posted.uid, instead, reason="Salah akun", accounted_on=on, actor=BY, at=at
            )
            return done.reversal, done.replacement

        if expected is not None:
            self.require_refused(expected, None, act)
            return
        with unit_of_work(REGION) as session:
            reversal, replacement = act(session)
        self._reversed(old, "Salah akun", on, at, reversal)
        self.paper.entries.append(self.paper.entry_of(instead, replacement, at))
        self.paper.links.append(PaperLink(("Salah akun", on, at, instead.key), old.posted.uid, reversal, replacement))
        if again:
            with unit_of_work(REGION) as session:
                assert act(session) == (
                    replace(reversal, first_time=False),
                    replace(replacement, first_time=False),
                )

    # While somebody writes, a chart waits and is refused as busy: test_chart_standing.py.
    @precondition(lambda self: self.held is None)
    @rule(mapping=st.sampled_from(MAPPINGS), other=st.booleans())
    def map_a_role_anew(self, mapping: tuple[str, date], other: bool) -> None:
        code, since = mapping[0] if not other else "7.1.01.20.01.0001", mapping[1]
        dated = self.paper.roles["revenue_lo", "PBB-P2"]
        row = f"peran,kualifikasi,rekening,berlaku_dari\nrevenue_lo,PBB-P2,{code},{since}\n".encode()
        if not self.paper.may_map("revenue_lo", "PBB-P2", since, code):
            self.require_refused(ChartRefused, None, lambda session: load_chart(session, roles=row, actor=BY, at=T0))
            return
        with unit_of_work(REGION) as session:
            load_chart(session, roles=row, actor=BY, at=T0)
        dated[since] = code
        self.mapped_anew = True

    # a writer that commits after others

    @precondition(lambda self: self.held is None)
    @rule(hour=HOURS)
    def write_and_wait(self, hour: int) -> None:
        new, at = draft(self.new_key(), accounted_on=ALWAYS_OPEN), self.at(hour)
        unit = unit_of_work(REGION)
        posted = post_entry(unit.__enter__(), new, actor="job:slow", recorded_at=at)
        self.held = unit, len(self.paper.entries), self.paper.entry_of(new, posted, at)

    @precondition(lambda self: self.held is not None)
    @rule()
    def commit_late(self) -> None:
        assert self.held is not None
        unit, place, entry = self.held
        self.held = None
        unit.__exit__(None, None, None)
        self.paper.entries.insert(place, entry)

    # months

    @rule(month=st.sampled_from(MONTHS), act=st.sampled_from(("adjust", "close", "reopen")))
    def move_month(self, month: date, act: str) -> None:
        state = self.paper.state_of(month)
        target = {
            ("OPEN", "adjust"): "ADJUSTING",
            ("ADJUSTING", "close"): "CLOSED",
            ("CLOSED", "reopen"): "ADJUSTING",
            ("ADJUSTING", "reopen"): "OPEN",
        }.get((state, act))

        def move(session: Session) -> object:
            if act == "adjust":
                return adjust_period(session, month, today=TODAY, by=BY, at=T0)
            if act == "close":
                return close_period(session, month, by=BY, at=T0)
            return reopen_period(session, month, reason="Koreksi", by=BY, at=T0)

        if target is None:
            self.require_refused(MoveRefused, None, move)
            return
        with unit_of_work(REGION) as session:
            move(session)
        self.paper.move(month, target)

    @rule()
    def adjust_the_month_that_runs(self) -> None:
        self.require_refused(
            PeriodNotOver, "month", lambda session: adjust_period(session, TODAY, today=TODAY, by=BY, at=T0)
        )

    # behind the writers

    @rule(piece=st.integers(1, 4))
    def roll(self, piece: int) -> None:
        while True:
            with unit_of_work(REGION) as session:
                if not roll_balances(session, least=1, most=3, piece=piece):
                    return

    @rule(most=st.integers(1, 5))
    def seal_a_little(self, most: int) -> None:
        with unit_of_work(REGION) as session:
            seal_next(session, signer(), at=T0, by="cli:test", most=most)

    @precondition(lambda self: self.held is None)
    @rule()
    def seal_and_verify(self) -> None:
        seal(REGION)
        found = verify(REGION, heads=self.heads)
        assert (found.findings, set(found.unsealed.values())) == ([], {0}), found
        assert found.sealed.get("entry", 0) == len(self.paper.entries)
        assert found.sealed.get("entry_reversal", 0) == len(self.paper.links)
        self.sealed = len(self.paper.entries)
        self.heads.append(head(REGION))

    @precondition(lambda self: self.heads)
    @rule()
    def verify_with_all_heads(self) -> None:
        found = verify(REGION, heads=self.heads)
        assert found.findings == []
        assert found.sealed.get("entry", 0) + found.unsealed["entry"] == len(self.paper.entries)

    @precondition(lambda self: self.sealed)
    @rule(which=WHICH)
    def prove(self, which: int) -> None:
        entry = self.paper.entries[which % self.sealed]
        with unit_of_work(REGION) as session:
            proof = prove_entry(session, entry.posted.uid)
        check_proof(proof, trusted=[signer().public])
        assert (proof["entry"]["key"], len(proof["postings"])) == (entry.draft.key, len(entry.lines))
