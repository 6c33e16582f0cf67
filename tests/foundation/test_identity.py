"""Staff, their dated roles, and API tokens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from foundation.audit import AuditEvent
from foundation.db import unit_of_work
from foundation.identity import (
    PERMISSIONS,
    ROLES,
    AssignmentInvalid,
    AssignmentOverlaps,
    PasswordTooWeak,
    PermissionUnknown,
    RoleUnknown,
    TokenInvalid,
    TokenNameTaken,
    TokenUnknown,
    UsernameInvalid,
    UsernameTaken,
    UserUnknown,
    assign_role,
    authenticate_token,
    create_token,
    create_user,
    end_assignment,
    list_assignments,
    list_tokens,
    list_users,
    revoke_token,
)
from foundation.identity.models import ApiToken, StaffUser
from foundation.regions import Region

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BY = "cli:test"


def make_user(region: Region, username: str = "ani.contoh", password: str | None = None) -> str:
    with unit_of_work(region.code) as session:
        made = create_user(session, username, name="Ani Contoh", issuer="Lunas", by=BY, at=AT, password=password)
    return made.password


def assign(region: Region, role: str, first: date, last: date | None = None, entity: str = "") -> None:
    with unit_of_work(region.code) as session:
        assign_role(
            session,
            "ani.contoh",
            role,
            decree_number="900/1/2026",
            valid_from=first,
            valid_to=last,
            entity=entity,
            by=BY,
            at=AT,
        )


def make_token(region: Region, name: str = "bpkad", *permissions: str, days: int = 30) -> str:
    with unit_of_work(region.code) as session:
        return create_token(
            session, name, region=region.code, permissions=permissions or ("ledger.read",), days=days, by=BY, at=AT
        )


def actions(region: Region) -> list[str]:
    with unit_of_work(region.code) as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_a_user_gets_a_password_and_a_second_factor_that_are_not_kept_readable(region: Region) -> None:
    with unit_of_work(region.code) as session:
        made = create_user(session, "ani.contoh", name=" Ani Contoh ", issuer="Lunas Kabupaten Blora", by=BY, at=AT)
    assert len(made.password) == 29
    assert made.totp_uri == (
        "otpauth://totp/Lunas%20Kabupaten%20Blora:ani.contoh"
        f"?secret={made.totp_secret}&issuer=Lunas%20Kabupaten%20Blora"
    )
    assert made.password not in repr(made)
    with unit_of_work(region.code) as session:
        user = session.scalars(select(StaffUser)).one()
        assert (user.username, user.name, user.active) == ("ani.contoh", "Ani Contoh", True)
        assert user.password_hash.startswith("$argon2id$")
        assert made.totp_secret.encode() not in user.totp_secret
        row = session.execute(text("SELECT CAST(u AS text) FROM staff_user u")).scalar_one()
    assert made.password not in row
    assert actions(region) == ["user.created"]


@pytest.mark.parametrize("username", ["", "an", "Ani", "9ani", "ani contoh", "ani@contoh", "a" * 41])
def test_a_name_that_cannot_be_a_user_is_refused(region: Region, username: str) -> None:
    with pytest.raises(UsernameInvalid):
        make_user(region, username)
    assert actions(region) == []


def test_a_name_is_taken_once_per_region(region: Region, other_region: Region) -> None:
    make_user(region)
    with pytest.raises(UsernameTaken):
        make_user(region)
    make_user(other_region)
    with unit_of_work(region.code) as session:
        assert [user.username for user in list_users(session)] == ["ani.contoh"]


@pytest.mark.parametrize("password", ["short", "eleven char", "x" * 129, "my-ani.contoh-password", "ANI.CONTOH-2026"])
def test_a_weak_password_is_refused(region: Region, password: str) -> None:
    with pytest.raises(PasswordTooWeak):
        make_user(region, password=password)
    with unit_of_work(region.code) as session:
        assert list_users(session) == []


def test_a_role_is_held_once_at_a_time(region: Region) -> None:
    make_user(region)
    assign(region, "bpkad", date(2026, 1, 1), date(2026, 6, 30))
    assign(region, "bpkad", date(2026, 7, 1))
    assign(region, "bpkad", date(2026, 3, 1), entity="1.02")
    for first, last in [(date(2026, 6, 30), date(2026, 6, 30)), (date(2027, 1, 1), None), (date(2025, 1, 1), None)]:
        with pytest.raises(AssignmentOverlaps):
            assign(region, "bpkad", first, last)
    with unit_of_work(region.code) as session:
        held = list_assignments(session, "ani.contoh")
        assert [(row.valid_from, row.valid_to, row.entity) for row in held] == [
            (date(2026, 1, 1), date(2026, 6, 30), ""),
            (date(2026, 3, 1), None, "1.02"),
            (date(2026, 7, 1), None, ""),
        ]


def test_an_assignment_needs_a_known_role_a_decree_and_dates_in_order(region: Region) -> None:
    make_user(region)
    with pytest.raises(RoleUnknown):
        assign(region, "wali", date(2026, 1, 1))
    with pytest.raises(AssignmentInvalid) as refused:
        assign(region, "bpkad", date(2026, 1, 2), date(2026, 1, 1))
    assert refused.value.field == "valid_to"
    with pytest.raises(AssignmentInvalid), unit_of_work(region.code) as session:
        assign_role(session, "ani.contoh", "bpkad", decree_number=" ", valid_from=date(2026, 1, 1), by=BY, at=AT)
    with pytest.raises(UserUnknown), unit_of_work(region.code) as session:
        assign_role(session, "budi", "bpkad", decree_number="1", valid_from=date(2026, 1, 1), by=BY, at=AT)
    assert actions(region) == ["user.created"]


def test_a_role_ends_on_its_last_day(region: Region) -> None:
    make_user(region)
    assign(region, "bpkad", date(2026, 1, 1))
    with unit_of_work(region.code) as session:
        assert end_assignment(session, "ani.contoh", "bpkad", last_day=date(2026, 3, 31), by=BY, at=AT) == 1
    with unit_of_work(region.code) as session:
        assert [row.valid_to for row in list_assignments(session, "ani.contoh")] == [date(2026, 3, 31)]
    with pytest.raises(AssignmentInvalid), unit_of_work(region.code) as session:
        end_assignment(session, "ani.contoh", "bpkad", last_day=date(2025, 12, 31), by=BY, at=AT)
    assert actions(region) == ["user.created", "role.assigned", "role.ended"]


def test_roles_carry_only_permissions_that_exist_and_admin_sees_no_money() -> None:
    assert {permission for carried in ROLES.values() for permission in carried} <= set(PERMISSIONS)
    assert ROLES["admin"] == {"user.manage"}
    assert "user.manage" not in ROLES["auditor"]


def test_a_token_opens_what_it_was_given(region: Region) -> None:
    secret = make_token(region, "bpkad", "ledger.read", "treasury.view")
    assert secret.startswith("lunas_3316_")
    with unit_of_work(region.code) as session:
        token = authenticate_token(session, secret, region="3316", at=AT)
        assert token is not None
        assert (token.name, token.actor) == ("bpkad", "token:bpkad")
        assert token.permissions == {"ledger.read", "treasury.view"}
        row = session.execute(text("SELECT CAST(t AS text) FROM api_token t")).scalar_one()
    assert secret.split("_", 3)[3] not in row
    assert actions(region) == ["token.created"]


def test_a_token_of_one_region_is_nothing_in_another(region: Region, other_region: Region) -> None:
    secret = make_token(region)
    renamed = secret.replace("lunas_3316_", "lunas_6471_")
    with unit_of_work(other_region.code) as session:
        assert authenticate_token(session, secret, region="6471", at=AT) is None
        assert authenticate_token(session, renamed, region="6471", at=AT) is None
        assert list_tokens(session) == []
    with unit_of_work(region.code) as session:
        assert authenticate_token(session, renamed, region="3316", at=AT) is None


def test_a_token_that_is_changed_over_or_revoked_is_refused(region: Region) -> None:
    secret = make_token(region)
    last = "A" if secret[-1] != "A" else "B"
    with unit_of_work(region.code) as session:
        for text_ in ("", "lunas", secret[:-1], secret[:-1] + last, secret + "x", secret.upper()):
            assert authenticate_token(session, text_, region="3316", at=AT) is None
        assert authenticate_token(session, secret, region="3316", at=AT + timedelta(days=29)) is not None
        assert authenticate_token(session, secret, region="3316", at=AT + timedelta(days=30)) is None
        revoke_token(session, "bpkad", by=BY, at=AT)
        revoke_token(session, "bpkad", by=BY, at=AT + timedelta(days=1))
        assert authenticate_token(session, secret, region="3316", at=AT) is None
    assert actions(region) == ["token.created", "token.revoked"]


def test_a_token_needs_a_name_of_its_own_known_permissions_and_an_end(region: Region) -> None:
    make_token(region)
    with pytest.raises(TokenNameTaken):
        make_token(region)
    with pytest.raises(PermissionUnknown):
        make_token(region, "other", "ledger.write")
    for days in (0, 1101):
        with pytest.raises(TokenInvalid):
            make_token(region, "other", days=days)
    with pytest.raises(TokenInvalid):
        make_token(region, "x")
    with pytest.raises(TokenUnknown), unit_of_work(region.code) as session:
        revoke_token(session, "other", by=BY, at=AT)
    with unit_of_work(region.code) as session:
        assert session.scalars(select(ApiToken.name)).all() == ["bpkad"]


def test_the_document_shows_every_role_and_permission() -> None:
    document = (Path(__file__).parents[2] / "docs" / "roles.md").read_text(encoding="utf-8")
    rows = {tuple(cell.strip() for cell in line.strip("|").split("|")) for line in document.splitlines()}
    shown = {row[0].strip("`"): set(row[2].replace("`", "").split(", ")) for row in rows if len(row) == 3}
    assert {role: shown[role] for role in ROLES} == {role: set(carried) for role, carried in ROLES.items()}
    assert {row for row in rows if len(row) == 2} >= {(f"`{name}`", text_) for name, text_ in PERMISSIONS.items()}
