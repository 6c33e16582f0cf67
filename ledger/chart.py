"""The chart: loading a region's entities, accounts and role map from its files.

For: `load_chart`, which checks the files whole against each other and what is loaded, and then adds only what is new.
Not for: what a single cell may hold (ledger.chart_files), or changing a loaded row: a change is a further dated row,
from after the last posting on its code, so that no figure of before becomes another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from foundation.audit import record_act
from ledger.chart_files import (
    DEEPEST_LEVEL,
    AccountLine,
    EntityLine,
    Problems,
    RoleLine,
    read_accounts,
    read_entities,
    read_roles,
)
from ledger.errors import ChartProblem, ChartRefused
from ledger.models import Account, AccountRole, Entity
from ledger.roles import ROLES

__all__ = ["ChartLoaded", "load_chart"]

_LAST_POSTED = text(
    "SELECT a.code, max((SELECT max(p.accounted_on) FROM posting p WHERE p.account_id = a.id)) AS last_on"
    " FROM account a WHERE a.code = ANY(:codes) GROUP BY a.code"
)


@dataclass(frozen=True, slots=True)
class ChartLoaded:
    """How many rows were new; all zero when everything had been loaded before."""

    entities: int
    accounts: int
    roles: int


@dataclass(frozen=True, slots=True)
class _AccountFacts:
    """What is compared when a loaded account is met again, and what roles need to know."""

    name: str
    normal_side: str
    requires_counterpart: bool
    is_sample: bool
    valid_to: date | None
    level: int
    book: str


def load_chart(
    session: Session,
    *,
    accounts: bytes | None = None,
    roles: bytes | None = None,
    entities: bytes | None = None,
    actor: str,
    at: datetime,
) -> ChartLoaded:
    """Add the rows of the given CSV files (columns: ledger.chart_files) that are not loaded yet.

    Raises ChartRefused with every problem by file, line and field when a row is faulty, contradicts a loaded row of
    the same key and date, names an account that is not there, changes the normal side of its code, or would begin
    before a posting that stands on it; then nothing is loaded.
    """
    # Two loads at once would each see only half of the chart they check against.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('ledger.chart'), hashtext(current_schema()))"))
    found: list[ChartProblem] = []
    new_entities = _new_entities(session, entities, Problems("entities", found))
    chart = _loaded_accounts(session)
    new_accounts = _new_accounts(chart, accounts, Problems("accounts", found))
    _check_against_postings(session, new_accounts, Problems("accounts", found))
    new_roles = _new_roles(session, chart, roles, Problems("roles", found))
    if found:
        raise ChartRefused(found)
    _insert(session, new_entities, new_accounts, new_roles)
    loaded = ChartLoaded(len(new_entities), len(new_accounts), len(new_roles))
    if loaded != ChartLoaded(0, 0, 0):
        details = {"entities": loaded.entities, "accounts": loaded.accounts, "roles": loaded.roles}
        record_act(session, actor=actor, action="chart.loaded", thing="chart", thing_uid=None, details=details, at=at)
    return loaded


def _new_entities(session: Session, data: bytes | None, problems: Problems) -> list[EntityLine]:
    known = {e.code: (e.name, e.kind) for e in session.scalars(select(Entity))}
    new = []
    for row in read_entities(data, problems) if data is not None else []:
        before = known.get(row.code)
        if before is None:
            new.append(row)
            if row.kind == "PPKD" and any(kind == "PPKD" for _, kind in known.values()):
                problems.add(row.line, "jenis", "PPKD hanya boleh satu", "there can be only one PPKD")
            known[row.code] = (row.name, row.kind)
        elif before != (row.name, row.kind):
            problems.add(row.line, "kode", f"{row.code} sudah terdaftar berbeda", f"{row.code} is known otherwise")
    if not any(kind == "PPKD" for _, kind in known.values()):
        problems.add(1, "jenis", "harus ada satu PPKD", "there must be one PPKD")
    return new


def _loaded_accounts(session: Session) -> dict[str, dict[date, _AccountFacts]]:
    chart: dict[str, dict[date, _AccountFacts]] = {}
    for a in session.scalars(select(Account)):
        chart.setdefault(a.code, {})[a.valid_from] = _AccountFacts(
            a.name, a.normal_side, a.requires_counterpart, a.is_sample, a.valid_to, a.level, a.book
        )
    return chart


def _new_accounts(
    chart: dict[str, dict[date, _AccountFacts]], data: bytes | None, problems: Problems
) -> list[AccountLine]:
    """The accounts that are not loaded yet; `chart` grows by them."""
    new = []
    for row in read_accounts(data, problems) if data is not None else []:
        facts = _AccountFacts(
            row.name, row.normal_side, row.requires_counterpart, row.is_sample, row.valid_to, row.level, row.book
        )
        dated = chart.setdefault(row.code, {})
        if any(other.normal_side != row.normal_side for day, other in dated.items() if day != row.valid_from):
            problems.add(
                row.line,
                "saldo_normal",
                f"saldo normal {row.code} tidak dapat berubah; pakai kode lain",
                f"the normal side of {row.code} cannot change; take another code",
            )
        if row.valid_from not in dated:
            dated[row.valid_from] = facts
            new.append(row)
        elif dated[row.valid_from] != facts:
            problems.add(
                row.line,
                "kode",
                f"{row.code} sudah dimuat berbeda untuk tanggal yang sama",
                f"{row.code} is loaded otherwise for the same date",
            )
    for row in new:
        if row.parent_code is not None and row.parent_code not in chart:
            parent = row.parent_code
            problems.add(row.line, "kode", f"rekening induk {parent} tidak ada", f"there is no parent account {parent}")
    return new


def _check_against_postings(session: Session, new: list[AccountLine], problems: Problems) -> None:
    """A further row of a code begins after its last posting: the names and marks of before stay what they were."""
    codes = sorted({row.code for row in new})
    last = {found.code: found.last_on for found in session.execute(_LAST_POSTED, {"codes": codes})}
    for row in new:
        last_on = last.get(row.code)
        if last_on is not None and row.valid_from <= last_on:
            problems.add(
                row.line,
                "berlaku_dari",
                f"harus sesudah {last_on}, tanggal jurnal terakhir pada {row.code}",
                f"must be after {last_on}, the date of the last posting on {row.code}",
            )


def _new_roles(
    session: Session, chart: dict[str, dict[date, _AccountFacts]], data: bytes | None, problems: Problems
) -> list[RoleLine]:
    known = {(r.role, r.qualifier, r.valid_from): r.account_code for r in session.scalars(select(AccountRole))}
    new = []
    for row in read_roles(data, problems) if data is not None else []:
        key = (row.role, row.qualifier, row.valid_from)
        if key not in known:
            known[key] = row.account_code
            new.append(row)
            _check_role(row, chart, problems)
        elif known[key] != row.account_code:
            problems.add(
                row.line,
                "rekening",
                f"{row.role}[{row.qualifier}] sudah dipetakan ke {known[key]} sejak {row.valid_from}",
                f"{row.role}[{row.qualifier}] is mapped to {known[key]} from {row.valid_from}",
            )
    return new


def _check_role(row: RoleLine, chart: dict[str, dict[date, _AccountFacts]], problems: Problems) -> None:
    dates = [day for day in chart.get(row.account_code, {}) if day <= row.valid_from]
    facts = chart[row.account_code][max(dates)] if dates else None
    ended = facts is not None and facts.valid_to is not None and facts.valid_to < row.valid_from
    if facts is None or facts.level != DEEPEST_LEVEL or ended:
        problems.add(
            row.line,
            "rekening",
            f"{row.account_code} bukan rekening tingkat {DEEPEST_LEVEL} yang berlaku sejak {row.valid_from}",
            f"{row.account_code} is no account of level {DEEPEST_LEVEL} valid from {row.valid_from}",
        )
        return
    role = ROLES[row.role]
    if (facts.book, facts.requires_counterpart) != (role.book, role.is_rk):
        rk_id, rk_en = ("bertanda rk", "marked rk") if role.is_rk else ("tanpa tanda rk", "not marked rk")
        problems.add(
            row.line,
            "rekening",
            f"peran {row.role} membutuhkan rekening buku {role.book} {rk_id}",
            f"role {row.role} needs an account of book {role.book} {rk_en}",
        )


def _insert(session: Session, entities: list[EntityLine], accounts: list[AccountLine], roles: list[RoleLine]) -> None:
    if entities:
        session.execute(insert(Entity), [{"code": e.code, "name": e.name, "kind": e.kind} for e in entities])
    if accounts:
        # Parents first: the database checks each statement's rows against what is there at its end.
        ordered = sorted(accounts, key=lambda account: account.level)
        session.execute(insert(Account), [_account_row(account) for account in ordered])
    if roles:
        rows = [
            {
                "role": r.role,
                "qualifier": r.qualifier,
                "account_code": r.account_code,
                "valid_from": r.valid_from,
            }
            for r in roles
        ]
        session.execute(insert(AccountRole), rows)


def _account_row(account: AccountLine) -> dict[str, object]:
    return {
        "code": account.code,
        "name": account.name,
        "level": account.level,
        "parent_code": account.parent_code,
        "book": account.book,
        "normal_side": account.normal_side,
        "requires_counterpart": account.requires_counterpart,
        "is_sample": account.is_sample,
        "valid_from": account.valid_from,
        "valid_to": account.valid_to,
    }
