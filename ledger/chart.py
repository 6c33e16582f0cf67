"""The chart: loading a region's entities, accounts and role map from its files.

For: `load_chart`, which checks the files whole against each other and what is loaded, and then adds only what is new.
Not for: what a single cell may hold (ledger.chart_files), or changing a loaded row: a change is a further dated row,
from after the last posting on its code or on its role's former account (ledger.chart_standing), so that no figure of
before becomes another.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.db import raw_connection
from ledger.chart_dates import AccountFacts, Chart, check_parents, ending_of, in_force
from ledger.chart_files import (
    DEEPEST_LEVEL,
    AccountLine,
    EntityLine,
    RoleLine,
    read_accounts,
    read_entities,
    read_roles,
)
from ledger.chart_standing import check_accounts, check_begin, check_roles, hold_writers
from ledger.csv_files import Problems
from ledger.errors import ChartRefused, FileProblem
from ledger.models import Account, AccountRole, Entity
from ledger.roles import CREDIT, DEBIT, ROLES

__all__ = ["ChartLoaded", "load_chart"]

_ACCOUNT_COLUMNS = (
    "code", "name", "level", "parent_code", "book", "normal_side", "requires_counterpart", "is_sample", "valid_from",
    "valid_to",
)  # fmt: skip
_EMPTIED = "estimated_revenue"


@dataclass(frozen=True, slots=True)
class ChartLoaded:
    """How many rows were new; all zero when everything had been loaded before."""

    entities: int
    accounts: int
    roles: int


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
    the same key and date, names an account that is not there, begins before its parent or outlives it, changes the
    normal side or the RK mark of its code, gives a role an account of another place, book or side than it has, would
    begin before what is posted on the account that it follows, or, while opening balances stand, before the first month
    of the books; ChartBusy while entries are being written. Then nothing is loaded. A row that is loaded already and
    now has an end is ended there by a further row (ledger.chart_dates).
    """
    # Two loads at once would each see only half of the chart they check against.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('ledger.chart'), hashtext(current_schema()))"))
    found: list[FileProblem] = []
    new_entities = _new_entities(session, entities, Problems("entities", found))
    chart = _loaded_accounts(session)
    new_accounts = _new_accounts(chart, accounts, Problems("accounts", found))
    new_roles = _new_roles(session, chart, roles, Problems("roles", found))
    check_begin(session, new_accounts, Problems("accounts", found))
    if new_accounts or new_roles:
        hold_writers(session)
        check_accounts(session, new_accounts, Problems("accounts", found))
        check_roles(session, new_roles, Problems("roles", found))
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


def _loaded_accounts(session: Session) -> Chart:
    chart: Chart = {}
    rows = session.execute(
        select(
            Account.code, Account.valid_from, Account.name, Account.normal_side, Account.requires_counterpart,
            Account.is_sample, Account.valid_to, Account.level, Account.book,
        )
    )  # fmt: skip
    for a in rows:
        chart.setdefault(a.code, {})[a.valid_from] = AccountFacts(
            a.name, a.normal_side, a.requires_counterpart, a.is_sample, a.valid_to, a.level, a.book
        )
    return chart


def _new_accounts(chart: Chart, data: bytes | None, problems: Problems) -> list[AccountLine]:
    """The rows of accounts that are not loaded yet; `chart` grows by them."""
    new: list[AccountLine] = []
    fresh: set[tuple[str, date]] = set()
    for row in read_accounts(data, problems) if data is not None else []:
        facts = AccountFacts(
            row.name, row.normal_side, row.requires_counterpart, row.is_sample, row.valid_to, row.level, row.book
        )
        dated = chart.setdefault(row.code, {})
        _check_kept(row, [other for day, other in dated.items() if day != row.valid_from], problems)
        added: AccountLine | None = row
        if row.valid_from in dated and dated[row.valid_from] != facts:
            added = None if (row.code, row.valid_from) in fresh else ending_of(row, facts, dated)
        if added is None:
            problems.add(
                row.line,
                "kode",
                f"{row.code} sudah dimuat berbeda untuk tanggal yang sama",
                f"{row.code} is loaded otherwise for the same date",
            )
        elif added.valid_from not in dated:
            dated[added.valid_from] = facts
            fresh.add((added.code, added.valid_from))
            new.append(added)
    check_parents(new, chart, problems)
    return new


def _check_kept(row: AccountLine, others: list[AccountFacts], problems: Problems) -> None:
    """What decides on which side a balance stands, and what elimination leaves out, is the same on all dates."""
    if any(other.normal_side != row.normal_side for other in others):
        problems.add(
            row.line,
            "saldo_normal",
            f"saldo normal {row.code} tidak dapat berubah; pakai kode lain",
            f"the normal side of {row.code} cannot change; take another code",
        )
    if any(other.requires_counterpart != row.requires_counterpart for other in others):
        problems.add(
            row.line,
            "rk",
            f"tanda rk {row.code} tidak dapat berubah; pakai kode lain",
            f"whether {row.code} is an RK cannot change; take another code",
        )


def _new_roles(session: Session, chart: Chart, data: bytes | None, problems: Problems) -> list[RoleLine]:
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
    _check_emptied(new, known, problems)
    return new


def _check_emptied(new: list[RoleLine], known: dict[tuple[str, str, date], str], problems: Problems) -> None:
    """The year's end empties every account of Estimasi Pendapatan: what else stood there would go with it."""
    roles: defaultdict[str, set[str]] = defaultdict(set)
    for (role, _, _), code in known.items():
        roles[code].add(role)
    for row in new:
        held = roles[row.account_code]
        if _EMPTIED in held and len(held) > 1:
            told = ", ".join(sorted(held - {_EMPTIED}))
            problems.add(
                row.line,
                "rekening",
                f"{row.account_code} dikosongkan pada akhir tahun ({_EMPTIED}); tidak dapat juga untuk peran {told}",
                f"{row.account_code} is emptied at the end of a year ({_EMPTIED}); it cannot have role {told} too",
            )


def _check_role(row: RoleLine, chart: Chart, problems: Problems) -> None:
    """A role's place, book, RK mark and normal side, on which its balance is told."""
    facts = in_force(chart.get(row.account_code, {}), row.valid_from)
    if facts is None or facts.level != DEEPEST_LEVEL:
        problems.add(
            row.line,
            "rekening",
            f"{row.account_code} bukan rekening tingkat {DEEPEST_LEVEL} yang berlaku sejak {row.valid_from}",
            f"{row.account_code} is no account of level {DEEPEST_LEVEL} valid from {row.valid_from}",
        )
        return
    role = ROLES[row.role]
    if not role.takes(row.account_code):
        problems.add(
            row.line,
            "rekening",
            f"peran {row.role} membutuhkan rekening di bawah {role.below}",
            f"role {row.role} needs an account below {role.below}",
        )
    elif (facts.book, facts.requires_counterpart) != (role.book, role.is_rk):
        rk_id, rk_en = ("bertanda rk", "marked rk") if role.is_rk else ("tanpa tanda rk", "not marked rk")
        problems.add(
            row.line,
            "rekening",
            f"peran {row.role} membutuhkan rekening buku {role.book} {rk_id}",
            f"role {row.role} needs an account of book {role.book} {rk_en}",
        )
    elif facts.normal_side != role.normal_side:
        word_id = {DEBIT: "debit", CREDIT: "kredit"}[role.normal_side]
        problems.add(
            row.line,
            "rekening",
            f"peran {row.role} membutuhkan rekening bersaldo normal {word_id}",
            f"role {row.role} needs an account of normal side {role.normal_side}",
        )


def _insert(session: Session, entities: list[EntityLine], accounts: list[AccountLine], roles: list[RoleLine]) -> None:
    if entities:
        session.execute(insert(Entity), [{"code": e.code, "name": e.name, "kind": e.kind} for e in entities])
    cursor = raw_connection(session).cursor()
    # One statement each: the database checks the rows of a statement together, against what is there at its end.
    if accounts:
        with cursor.copy(f"COPY account ({', '.join(_ACCOUNT_COLUMNS)}) FROM STDIN") as copy:
            for a in accounts:
                copy.write_row(
                    (
                        a.code, a.name, a.level, a.parent_code, a.book, a.normal_side, a.requires_counterpart,
                        a.is_sample, a.valid_from, a.valid_to,
                    )
                )  # fmt: skip
    if roles:
        with cursor.copy("COPY account_role (role, qualifier, account_code, valid_from) FROM STDIN") as copy:
            for r in roles:
                copy.write_row((r.role, r.qualifier, r.account_code, r.valid_from))
