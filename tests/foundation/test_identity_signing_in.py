"""Signing in with two factors, and the session that follows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent
from foundation.db import unit_of_work
from foundation.identity import (
    NewCredentials,
    StaffIdentity,
    assign_role,
    count_second_factor,
    count_sign_in,
    create_user,
    find_session,
    passwords,
    renew_credentials,
    revoke_sessions,
    set_active,
    sign_out,
    try_password,
    try_second_factor,
)
from foundation.identity.models import StaffSession
from foundation.limits import TooManyAttempts
from foundation.regions import Region

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BY = "cli:test"
PASSWORD = "a password for tests alone"


@pytest.fixture
def ani(region: Region) -> NewCredentials:
    with unit_of_work(region.code) as session:
        made = create_user(session, "ani.contoh", name="Ani Contoh", issuer="Lunas", by=BY, at=AT, password=PASSWORD)
        assign_role(session, "ani.contoh", "bpkad", decree_number="1", valid_from=TODAY, by=BY, at=AT)
    return made


def _password(region: Region, username: str = "ani.contoh", password: str = PASSWORD, at: datetime = AT) -> str | None:
    with unit_of_work(region.code) as session:
        return try_password(session, username, password, at=at)


def _code(ani: NewCredentials, at: datetime = AT) -> str:
    return pyotp.TOTP(ani.totp_secret).at(at)


def _second(region: Region, secret: str | None, code: str, at: datetime = AT) -> str | None:
    assert secret is not None
    with unit_of_work(region.code) as session:
        return try_second_factor(session, secret, code, at=at)


def _who(region: Region, secret: str | None, at: datetime = AT, on: date = TODAY) -> StaffIdentity | None:
    assert secret is not None
    with unit_of_work(region.code) as session:
        return find_session(session, secret, at=at, on=on)


def _full(region: Region, ani: NewCredentials, at: datetime = AT) -> str:
    secret = _second(region, _password(region, at=at), _code(ani, at), at)
    assert secret is not None
    return secret


def _last_action(region: Region) -> str:
    with unit_of_work(region.code) as session:
        return session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc()).limit(1)).one()


def test_both_factors_open_a_session_with_todays_permissions(region: Region, ani: NewCredentials) -> None:
    who = _who(region, _full(region, ani))
    assert who is not None
    assert (who.username, who.name, who.actor) == ("ani.contoh", "Ani Contoh", "user:ani.contoh")
    assert (who.second_factor, who.roles) == (True, ("bpkad",))
    assert who.permissions == {"ledger.read", "treasury.view"}
    assert _last_action(region) == "signed_in"


def test_permissions_are_those_of_the_day(region: Region, ani: NewCredentials) -> None:
    secret = _full(region, ani)
    before = _who(region, secret, on=TODAY - timedelta(days=1))
    assert before is not None
    assert before.permissions == frozenset()


def test_a_password_alone_opens_nothing(region: Region, ani: NewCredentials) -> None:
    secret = _password(region)
    who = _who(region, secret)
    assert who is not None
    assert (who.second_factor, who.permissions) == (False, frozenset())
    assert _who(region, secret, AT + timedelta(minutes=10)) is None


def test_the_second_factor_gives_the_session_a_new_secret(region: Region, ani: NewCredentials) -> None:
    first = _password(region)
    full = _second(region, first, _code(ani))
    assert full != first
    assert _who(region, first) is None
    assert _second(region, first, _code(ani, AT + timedelta(seconds=30)), AT + timedelta(seconds=30)) is None


@pytest.mark.parametrize("username, password", [("ani.contoh", PASSWORD + "x"), ("budi", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_opens_no_session(
    region: Region, ani: NewCredentials, username: str, password: str
) -> None:
    assert _password(region, username, password) is None
    with unit_of_work(region.code) as session:
        assert session.scalars(select(StaffSession)).all() == []
    assert _last_action(region) == "sign_in.refused"


def test_an_unknown_user_costs_the_same_work(
    region: Region, ani: NewCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str | None] = []
    real = passwords.password_fits
    monkeypatch.setattr(
        "foundation.identity.signing_in.password_fits",
        lambda password, kept: compared.append(kept) or real(password, kept),
    )
    _password(region, "budi")
    _password(region, "ani.contoh", "wrong password")
    assert compared[0] is None
    assert str(compared[1]).startswith("$argon2id$")
    # With nothing to compare, a hash with the very same parameters is worked through.
    assert passwords._hash_of_nobody().rsplit("$", 2)[0] == str(compared[1]).rsplit("$", 2)[0]


def test_the_name_may_be_typed_with_capitals_and_blanks(region: Region, ani: NewCredentials) -> None:
    assert _password(region, " Ani.Contoh ") is not None


def test_a_blocked_user_neither_signs_in_nor_stays(region: Region, ani: NewCredentials) -> None:
    secret = _full(region, ani)
    with unit_of_work(region.code) as session:
        set_active(session, "ani.contoh", active=False, by=BY, at=AT)
    assert _who(region, secret) is None
    assert _password(region) is None
    with unit_of_work(region.code) as session:
        set_active(session, "ani.contoh", active=True, by=BY, at=AT)
    assert _password(region) is not None


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "١٢٣٤٥٦", "abcdef"])
def test_a_wrong_code_opens_nothing(region: Region, ani: NewCredentials, code: str) -> None:
    secret = _password(region)
    assert _second(region, secret, code) is None
    assert _last_action(region) == "second_factor.refused"
    who = _who(region, secret)
    assert who is not None
    assert who.second_factor is False


def test_a_code_is_taken_once_even_by_another_session(region: Region, ani: NewCredentials) -> None:
    assert _second(region, _password(region), _code(ani)) is not None
    assert _second(region, _password(region), _code(ani)) is None
    earlier = _code(ani, AT - timedelta(seconds=30))
    assert _second(region, _password(region), earlier) is None
    later = AT + timedelta(seconds=30)
    assert _second(region, _password(region, at=later), _code(ani, later), later) is not None


def test_a_phone_may_be_half_a_minute_off_and_a_code_typed_in_two_groups(region: Region, ani: NewCredentials) -> None:
    code = _code(ani, AT - timedelta(seconds=30))
    assert _second(region, _password(region), f"{code[:3]} {code[3:]}") is not None
    too_old = _code(ani, AT + timedelta(minutes=5))
    assert _second(region, _password(region), too_old) is None


def test_a_session_ends_when_idle_when_old_and_when_signed_out(region: Region, ani: NewCredentials) -> None:
    secret = _full(region, ani)
    assert _who(region, secret, AT + timedelta(minutes=29)) is not None
    assert _who(region, secret, AT + timedelta(minutes=58)) is not None
    assert _who(region, secret, AT + timedelta(minutes=88)) is None
    at = AT + timedelta(hours=2)
    busy = _full(region, ani, at)
    for minutes in range(0, 600, 25):
        assert _who(region, busy, at + timedelta(minutes=minutes)) is not None
    assert _who(region, busy, at + timedelta(hours=10)) is None
    at += timedelta(hours=11)
    left = _full(region, ani, at)
    with unit_of_work(region.code) as session:
        sign_out(session, left, at=at)
        sign_out(session, left, at=at)
    assert _who(region, left, at) is None
    assert _last_action(region) == "signed_out"


def test_all_sessions_of_a_user_can_be_ended(region: Region, ani: NewCredentials) -> None:
    first = _full(region, ani)
    later = AT + timedelta(minutes=1)
    second = _full(region, ani, later)
    with unit_of_work(region.code) as session:
        assert revoke_sessions(session, "ani.contoh", by=BY, at=later) == 2
    assert [_who(region, first, later), _who(region, second, later)] == [None, None]


def test_new_credentials_replace_both_factors(region: Region, ani: NewCredentials) -> None:
    with unit_of_work(region.code) as session:
        fresh = renew_credentials(session, "ani.contoh", issuer="Lunas", by=BY, at=AT)
    assert _password(region) is None
    secret = _password(region, password=fresh.password)
    assert _second(region, secret, _code(ani)) is None
    assert _second(region, secret, _code(fresh)) is not None


def test_a_session_of_one_region_is_nothing_in_another(
    region: Region, other_region: Region, ani: NewCredentials
) -> None:
    secret = _full(region, ani)
    assert _who(other_region, secret) is None
    assert _password(other_region) is None


def test_guessing_is_stopped_per_user_and_per_address(region: Region, ani: NewCredentials) -> None:
    for _ in range(10):
        with unit_of_work(region.code) as session:
            count_sign_in(session, "Ani.Contoh", address="203.0.113.7", at=AT)
    with pytest.raises(TooManyAttempts), unit_of_work(region.code) as session:
        count_sign_in(session, "ani.contoh", address="203.0.113.8", at=AT)
    for number in range(50):
        with unit_of_work(region.code) as session:
            count_sign_in(session, f"user{number}", address="203.0.113.7", at=AT)
    with pytest.raises(TooManyAttempts), unit_of_work(region.code) as session:
        count_sign_in(session, "budi", address="203.0.113.7", at=AT)
    with unit_of_work(region.code) as session:
        count_sign_in(session, "ani.contoh", address="203.0.113.7", at=AT + timedelta(minutes=15))


def test_guessing_codes_is_stopped_over_all_sessions_of_a_user(region: Region, ani: NewCredentials) -> None:
    for _ in range(6):
        secret = _password(region)
        assert secret is not None
        with unit_of_work(region.code) as session:
            count_second_factor(session, secret, at=AT)
    with pytest.raises(TooManyAttempts), unit_of_work(region.code) as session:
        count_second_factor(session, secret, at=AT)
