"""Look-ups in the chart against plain look-throughs of its rows, on charts made up at random."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from foundation.policies import set_policy
from foundation.regions import Region
from ledger import (
    AccountTakesNoPostings,
    Entity,
    EntityUnknown,
    PpkdMissing,
    RoleNotMapped,
    find_account,
    get_entity,
    get_ppkd,
    list_accounts,
    load_chart,
    resolve_account,
    revenue_owner,
)
from tests.ledger.oracle_scene import ORACLE, undone

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
BY_CODE = select(Entity).order_by(Entity.code)
ONE = timedelta(days=1)
BEGINS = date(2024, 1, 1)
EDGES = (BEGINS, date(2024, 12, 31), date(2025, 1, 1), date(2025, 2, 28), date(2025, 3, 1), date(9999, 12, 31))
DAYS = sorted({edge + n * ONE for edge in EDGES[:-1] for n in (-1, 0, 1)} | {date.min, EDGES[-1]})
STEMS = ("1", "1.1", "1.1.03", "1.1.03.15", "1.1.03.15.01", "1.1.13", "1.1.13.01", "1.1.13.01.01")
LEAVES = (*(f"1.1.03.15.01.000{n}" for n in range(1, 6)), "1.1.03.14", "1.2", "7", "4")
PREFIXES = ("", "1", "1.", "1.1.0", "1.1.03.15.01.0003", "9", "%", "_", "\\")
AFTER = ("", "0", "1", "1.1.03.15.01.0002", "1.1.03.15.01.00025", "4", "7", "~")
NARROWED = st.lists(st.tuples(st.sampled_from(PREFIXES), st.sampled_from(AFTER)), min_size=6, max_size=9, unique=True)
QUALIFIERS = ("", "PBB-P2", "LAIN")


@dataclass(frozen=True)
class Row:
    """One dated row of an account."""

    code: str
    since: date
    until: date | None

    @property
    def name(self) -> str:
        return f"{self.code} sejak {self.since}"


def last_of(since: date, days: int) -> date:
    """The last day of a row that lasts so many days after its first."""
    return EDGES[-1] if since == EDGES[-1] else since + days * ONE


ASKED = st.lists(st.sampled_from(DAYS), min_size=3, max_size=4, unique=True)
MADE_LEAVES = st.lists(
    st.builds(
        lambda code, since, lasts: Row(code, since, lasts if lasts is None else last_of(since, lasts)),
        st.sampled_from(LEAVES),
        st.sampled_from(EDGES),
        st.sampled_from((None, None, None, 0, 1, 58, 366)),
    ),
    min_size=6,
    max_size=24,
    unique_by=lambda row: (row.code, row.since),
)
MADE_ROLES = st.lists(
    st.tuples(st.sampled_from(QUALIFIERS), st.sampled_from(EDGES), st.sampled_from(LEAVES[:5])),
    max_size=8,
    unique_by=lambda row: row[:2],
)
CODES = st.sampled_from(("A", "a", "Z", "LH-1", "LH.1", "LH 1", "_", "É", "Dinas \u202e", "0", "00"))


def accounts_csv(rows: list[Row]) -> bytes:
    lines = [f"{row.code},{row.name},debit,tidak,tidak,{row.since},{row.until or ''}" for row in rows]
    return "\n".join(["kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai", *lines]).encode()


def in_force(rows: list[Row], code: str, day: date) -> Row | None:
    """The newest row of a code that has begun by a day, if it has not ended before it."""
    begun = [row for row in rows if row.code == code and row.since <= day]
    newest = max(begun, key=lambda row: row.since) if begun else None
    return None if newest is None or (newest.until is not None and newest.until < day) else newest


def told(found: Any) -> tuple[Any, ...] | None:
    return None if found is None else (found.code, found.name, found.valid_from, found.valid_to)


def expected(row: Row | None) -> tuple[Any, ...] | None:
    return None if row is None else (row.code, row.name, row.since, row.until)


def test_every_filter_of_the_accounts_and_their_paging(region: Region) -> None:
    @ORACLE
    @given(leaves=MADE_LEAVES, days=ASKED, pairs=NARROWED, limit=st.integers(1, 5))
    def check(leaves: list[Row], days: list[date], pairs: list[tuple[str, str]], limit: int) -> None:
        rows = [Row(code, BEGINS, None) for code in STEMS] + leaves
        with undone(region) as session:
            load_chart(session, accounts=accounts_csv(rows), entities=b"kode,nama,jenis\nX,X,PPKD", actor="t", at=AT)
            for day in days:
                here = [row for code in sorted({r.code for r in rows}) if (row := in_force(rows, code, day))]
                for code in (*LEAVES, "1.1.03.15.01", "9", ""):
                    assert told(find_account(session, code, on=day)) == expected(in_force(rows, code, day)), (code, day)
                for prefix, after in pairs:
                    fitting = [row for row in here if row.code.startswith(prefix) and row.code > after]
                    whole = list_accounts(session, on=day, prefix=prefix, after=after)
                    assert [told(each) for each in whole] == [expected(row) for row in fitting], (day, prefix, after)
                    first = list_accounts(session, on=day, prefix=prefix, after=after, limit=limit)
                    assert first == whole[:limit], (day, prefix, after)
                paged, last = [], ""
                while page := list_accounts(session, on=day, after=last, limit=limit):
                    assert page[0].code > last, day
                    paged += page
                    last = page[-1].code
                assert [told(each) for each in paged] == [expected(row) for row in here], day

    check()


def test_a_role_names_the_account_in_force_on_every_day(region: Region) -> None:
    @ORACLE
    @given(leaves=MADE_LEAVES, roles=MADE_ROLES)
    def check(leaves: list[Row], roles: list[tuple[str, date, str]]) -> None:
        rows = [Row(code, BEGINS, None) for code in STEMS] + leaves
        mapped = [role for role in roles if in_force(rows, role[2], role[1])]
        written = "\n".join(f"receivable,{q},{code},{since}" for q, since, code in mapped)
        with undone(region) as session:
            load_chart(
                session,
                accounts=accounts_csv(rows),
                roles=f"peran,kualifikasi,rekening,berlaku_dari\n{written}".encode(),
                entities=b"kode,nama,jenis\nX,X,PPKD",
                actor="t",
                at=AT,
            )
            for day in DAYS:
                for wanted in (*QUALIFIERS, "TIDAK-ADA"):
                    own = [(since, code) for q, since, code in mapped if q == wanted and since <= day]
                    fallback = [(since, code) for q, since, code in mapped if q == "" and since <= day]
                    code = max(own or fallback)[1] if own or fallback else None
                    if code is None:
                        with pytest.raises(RoleNotMapped):
                            resolve_account(session, "receivable", wanted, day)
                    elif in_force(rows, code, day) is None:
                        with pytest.raises(AccountTakesNoPostings):
                            resolve_account(session, "receivable", wanted, day)
                    else:
                        found = resolve_account(session, "receivable", wanted, day)
                        assert told(found) == expected(in_force(rows, code, day)), (wanted, day)

    check()


def test_every_entity_is_found_by_its_code_and_no_other(region: Region) -> None:
    @ORACLE
    @given(codes=st.lists(CODES, min_size=1, unique=True))
    def check(codes: list[str]) -> None:
        kinds = {code: "PD" if place else "PPKD" for place, code in enumerate(codes)}
        written = "\n".join(f"{code},Nama {code},{kind}" for code, kind in kinds.items())
        with undone(region) as session:
            assert session.scalars(select(Entity)).all() == []
            with pytest.raises(PpkdMissing):
                get_ppkd(session)
            load_chart(session, entities=f"kode,nama,jenis\n{written}".encode(), actor="t", at=AT)
            assert [(each.code, each.name, each.kind) for each in session.scalars(BY_CODE)] == [
                (code, f"Nama {code}", kinds[code]) for code in sorted(kinds)
            ]
            assert get_ppkd(session).code == codes[0]
            for code in (*codes, "", "%", "B", "lh-1", "A "):
                if code in kinds:
                    assert get_entity(session, code).code == code
                else:
                    with pytest.raises(EntityUnknown):
                        get_entity(session, code)

    check()


def test_revenue_is_whose_the_policy_of_the_day_says(books: str, region: Region) -> None:
    values = st.sampled_from(("PD", "PPKD", "PPKD:PBB-P2", "PPKD:MBLB,PBB-P2"))
    rows = st.dictionaries(st.sampled_from(EDGES), values, max_size=4)

    @ORACLE
    @given(policies=rows, days=ASKED)
    def check(policies: dict[date, str], days: list[date]) -> None:
        with undone(region) as session:
            for since, value in policies.items():
                set_policy(
                    session, "ledger.revenue_owned_by", value, valid_from=since, legal_basis="Uji", by="test", at=AT
                )
            for day in days:
                begun = [since for since in policies if since <= day]
                value = policies[max(begun)] if begun else "PD"
                for kind in ("PBB-P2", "MBLB", "PBB", "LAIN"):
                    kinds = value.removeprefix("PPKD").lstrip(":").split(",")
                    theirs = value == "PPKD" or (value != "PD" and kind in kinds)
                    owner = "PPKD" if theirs else "LH"
                    assert revenue_owner(session, entity="LH", kind=kind, on=day) == owner, (kind, day)
                with pytest.raises(EntityUnknown):
                    revenue_owner(session, entity="TIDAK-ADA", kind="PBB-P2", on=day)

    check()
