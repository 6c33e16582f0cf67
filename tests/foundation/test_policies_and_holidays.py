"""Dated decisions of a region, and its working days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent
from foundation.db import unit_of_work
from foundation.holidays import Holiday, next_working_day, working_days_between
from foundation.policies import (
    POLICIES,
    PolicyDateTaken,
    PolicyInvalid,
    PolicyRow,
    get_policy,
    get_policy_number,
    set_policy,
)
from foundation.regions import Region

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
NAME = "ledger.budget_recognised_at"


def _set(region: Region, value: str, valid_from: date, name: str = NAME) -> None:
    with unit_of_work(region.code) as session:
        set_policy(session, name, value, valid_from=valid_from, legal_basis="Perbup 1/2026", by="cli:test", at=AT)


def test_a_policy_holds_from_its_date_until_the_next(region: Region, other_region: Region) -> None:
    _set(region, "4a", date(2026, 3, 1))
    _set(region, "4b", date(2026, 6, 1))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1)]
    with unit_of_work(region.code) as session:
        assert [get_policy(session, NAME, on=day) for day in days] == ["4b", "4a", "4a", "4b"]
        assert session.scalars(select(AuditEvent.action)).all() == ["policy.set", "policy.set"]
    with unit_of_work(other_region.code) as session:
        assert get_policy(session, NAME, on=date(2026, 4, 1)) == "4b"


def test_every_default_is_empty_or_a_value_its_policy_takes() -> None:
    defaults = {name: policy for name, policy in POLICIES.items() if policy.default}
    assert [name for name, policy in defaults.items() if not policy.accepts(policy.default)] == []


@pytest.mark.parametrize("name, value", [(NAME, "4c"), ("no.such", "1"), ("payments.qris_limit_rupiah", "1e6")])
def test_a_value_it_does_not_take_is_refused(region: Region, name: str, value: str) -> None:
    with pytest.raises(PolicyInvalid):
        _set(region, value, date(2026, 1, 1), name)
    assert _rows(region) == 0


def test_a_date_is_decided_once(region: Region) -> None:
    _set(region, "4a", date(2026, 3, 1))
    with pytest.raises(PolicyDateTaken):
        _set(region, "4b", date(2026, 3, 1))
    with unit_of_work(region.code) as session:
        assert get_policy(session, NAME, on=date(2026, 3, 1)) == "4a"


def test_numbers_are_read_as_numbers(region: Region) -> None:
    with unit_of_work(region.code) as session:
        assert get_policy_number(session, "payments.qris_limit_rupiah", on=date(2026, 1, 1)) == 10_000_000


def test_working_days_leave_out_weekends_and_holidays(region: Region) -> None:
    with unit_of_work(region.code) as session:
        session.add(Holiday(on_date=date(2026, 8, 17), name="Hari Kemerdekaan", legal_basis="SKB"))
    with unit_of_work(region.code) as session:
        friday = date(2026, 8, 14)
        assert next_working_day(session, friday) == date(2026, 8, 18)
        assert next_working_day(session, friday, days=3) == date(2026, 8, 20)
        assert working_days_between(session, friday, date(2026, 8, 20)) == 3
        assert working_days_between(session, friday, friday) == 0


def _rows(region: Region) -> int:
    with unit_of_work(region.code) as session:
        return len(session.scalars(select(PolicyRow)).all())
