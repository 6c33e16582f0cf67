"""Payments about midnight and at the year's end: on which day they are accounted, and in which year recognised.

For: the day of a payment whose report came on a later one.
Not for: what the rows post (test_swept.py, tests/payments).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import tests.scene
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import adjust_period, close_period, load_chart
from reconciliation import reconcile
from tests.reconciliation.scene import BANK, Counter, rupiah
from tests.sample_chart import SAMPLES

NEW_YEAR_EVE, NEW_YEAR = date(2026, 12, 31), date(2027, 1, 1)
# 31 December 23.59.50 and 1 January 00.00.20 WIB.
PAID_AT = datetime(2026, 12, 31, 16, 59, 50, tzinfo=UTC)
TOLD_AT = datetime(2026, 12, 31, 17, 0, 20, tzinfo=UTC)
SWEPT_ON = date(2027, 1, 4)
SWEPT_AT = datetime(2027, 1, 4, 5, 0, tzinfo=UTC)
EP_DEBIT = ("A", "BAPENDA", "3.1.02.05.01.0001", "debit")
LRA_CREDIT = ("A", "BAPENDA", "4.1.01.15.01.0001", "credit")


def accounted(counter: Counter) -> list[tuple[date, date]]:
    """(the entry's day, the payment's) of the payment."""
    joined = "payment p JOIN journal_entry e ON e.source_uid = p.uid"
    return [(row[0], row[1]) for row in counter.rows(f"SELECT e.accounted_on, p.accounted_on FROM {joined}")]


def sweep(counter: Counter) -> None:
    """The bank settles the first bill, and RKUD is credited on 4 January."""
    counter.deliver(counter.settlement(counter.line(0, paid_at=PAID_AT), on=SWEPT_ON), at=SWEPT_AT)
    counter.deliver(counter.statement((150_000, "STL261123A"), on=SWEPT_ON), at=SWEPT_AT)


def to_december(counter: Counter, *, close: bool) -> None:
    with unit_of_work(counter.region.code) as session:
        adjust_period(session, date(2026, 12, 1), today=NEW_YEAR, by="cli:test", at=TOLD_AT)
        if close:
            close_period(session, date(2026, 12, 1), by="cli:test", at=TOLD_AT)


@pytest.mark.parametrize("code", ["", None])
def test_what_was_paid_before_midnight_is_on_its_way_on_that_day(region: Region, code: str | None) -> None:
    counter = Counter(region)
    counter.pay(0, at=TOLD_AT, paid_at=PAID_AT, code=code)
    assert accounted(counter) == [(NEW_YEAR_EVE, NEW_YEAR_EVE)]
    assert counter.balance("clearing", BANK, on=date(2026, 12, 30)) == rupiah(0)
    assert counter.balance("clearing", BANK, on=NEW_YEAR_EVE) == rupiah(150_000)
    with unit_of_work(region.code) as session:
        for day in (NEW_YEAR_EVE, NEW_YEAR):
            figures = reconcile(session, region=region, at=TOLD_AT, on=day, by="cli:test").figures.partners[0]
            assert (figures.ledger, figures.ledger_expected) == (rupiah(150_000), rupiah(150_000))


@pytest.mark.parametrize("close", [False, True])
def test_a_month_that_is_not_open_leaves_it_to_the_day_of_the_report(region: Region, close: bool) -> None:
    counter = Counter(region)
    to_december(counter, close=close)
    counter.pay(0, at=SWEPT_AT, paid_at=PAID_AT)
    assert accounted(counter) == [(SWEPT_ON, SWEPT_ON)]
    assert counter.balance("clearing", BANK, on=date(2027, 1, 3)) == rupiah(0)
    assert counter.balance("clearing", BANK, on=SWEPT_ON) == rupiah(150_000)


def test_a_bank_whose_clock_is_ahead_pays_on_no_later_day_than_it_tells(region: Region) -> None:
    counter = Counter(region)
    counter.pay(0, at=PAID_AT, paid_at=TOLD_AT)
    assert accounted(counter) == [(NEW_YEAR_EVE, NEW_YEAR_EVE)]


@pytest.mark.parametrize("code", ["", None])
@pytest.mark.parametrize("begun", ["accounts", "roles"])
def test_where_no_account_stood_on_the_day_of_the_payment_it_is_that_of_the_report(
    region: Region, monkeypatch: pytest.MonkeyPatch, begun: str, code: str | None
) -> None:
    def load(region_code: str) -> None:
        read = {name: (SAMPLES / f"{name}.csv").read_text("utf-8") for name in ("accounts", "roles-3316")}
        late = {"accounts": ("accounts", "roles-3316"), "roles": ("roles-3316",)}[begun]
        for name in late:
            read[name] = read[name].replace("2024-01-01", NEW_YEAR.isoformat())
        with unit_of_work(region_code) as session:
            load_chart(
                session,
                accounts=read["accounts"].encode(),
                roles=read["roles-3316"].encode(),
                entities=(SAMPLES / "entities-3316.csv").read_bytes(),
                actor="cli:test",
                at=TOLD_AT,
            )

    monkeypatch.setattr(tests.scene, "load_sample_chart", load)
    monkeypatch.setattr("foundation.clock.now", lambda: TOLD_AT)
    counter = Counter(region)
    counter.pay(0, at=TOLD_AT, paid_at=PAID_AT, code=code)
    assert accounted(counter) == [(NEW_YEAR, NEW_YEAR)]


def test_the_policy_of_the_day_on_which_it_is_accounted_holds(region: Region) -> None:
    counter = Counter(region)
    counter.set_policy("ledger.budget_recognised_at", "4a", NEW_YEAR)
    counter.pay(0, at=TOLD_AT, paid_at=PAID_AT)
    counter.pay(1, at=TOLD_AT)
    assert counter.rows("SELECT accounted_on, budget_recognised FROM payment ORDER BY id") == [
        (NEW_YEAR_EVE, False), (NEW_YEAR, True),
    ]  # fmt: skip
    assert counter.balance("revenue_lra", "PBB-P2") == rupiah(75_500)


def test_by_policy_what_was_paid_before_midnight_is_revenue_of_the_old_year(region: Region) -> None:
    counter = Counter(region)
    counter.set_policy("ledger.cash_on_its_way_at_year_end", "old_year")
    counter.pay(0, at=TOLD_AT, paid_at=PAID_AT)
    to_december(counter, close=False)
    sweep(counter)
    assert counter.postings("budget_recognised_old_year") == [(*EP_DEBIT, "150000.00"), (*LRA_CREDIT, "150000.00")]
    assert counter.balance("revenue_lra", "PBB-P2", on=NEW_YEAR_EVE) == rupiah(150_000)
    assert counter.balance("clearing", BANK, on=NEW_YEAR_EVE) == rupiah(150_000)
    assert counter.balance("clearing", BANK, on=SWEPT_ON) == rupiah(0)
