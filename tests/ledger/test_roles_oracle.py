"""Balances and movements of roles against plain look-throughs of what was posted, on ledgers made up at random."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from foundation.db import unit_of_work
from foundation.money import Money
from ledger import RoleMovement, RoleNotMapped, check_rollup, resolve_account, role_balance, role_movements
from tests.ledger.oracle_scene import (
    ASKED_DAYS,
    MADE_CHARTS,
    MADE_ENTRIES,
    MOMENTS,
    ORACLE,
    REGION,
    Line,
    Scene,
    build,
)

ROLES = (
    *(("clearing", ""), ("clearing", "BPD"), ("clearing", "BANK2"), ("clearing", "TIDAK-ADA")),
    *(("receivable", "PBB-P2"), ("receivable", "RETRIBUSI-PASAR"), ("receivable", ""), ("receivable", "LAIN")),
    *(("rkud", ""), ("suspense", ""), ("rk_ppkd", ""), ("rk_skpd", ""), ("sal_change", "")),
    *(("revenue_lra", "PBB-P2"), ("allowance", "PBB-P2")),
)
PARTNERS = st.sampled_from((None, None, "BPD", "BANK2", "TIDAK-ADA"))
ENTITIES = st.sampled_from((None, None, "BAPENDA", "PPKD", "TIDAK-ADA"))
QUERIES = st.lists(st.tuples(ASKED_DAYS, ASKED_DAYS, MOMENTS, PARTNERS, ENTITIES), min_size=3, max_size=4)


def accounts_of(scene: Scene, role: str, qualifier: str, on: date) -> set[str]:
    """Every account that the role has had on any day until then: asked on each day on which a row of it begins."""
    days = {since for r, q, since, _ in scene.roles if r == role and q in (qualifier, "") and since <= on}
    return {code for day in days if (code := scene.code_on(role, qualifier, day)) is not None}


def lines_of(scene: Scene, role: str, qualifier: str, on: date, partner: str | None) -> list[Line]:
    """The postings until then on those accounts; of the qualifier's partner where partners qualify the role."""
    wanted = partner or (qualifier if role == "clearing" else "")
    codes = accounts_of(scene, role, qualifier, on)
    return [line for line in scene.lines if line.account in codes and line.on <= on and wanted in ("", line.partner)]


def naive_balance(
    scene: Scene,
    role: str,
    qualifier: str,
    on: date,
    known_at: datetime | None,
    partner: str | None,
    entity: str | None,
) -> Money:
    found = 0
    for line in lines_of(scene, role, qualifier, on, partner):
        if (known_at is None or line.known_from <= known_at) and entity in (None, line.entity):
            found += line.signed if scene.sides[line.account] == "debit" else -line.signed
    return Money(found)


def naive_movements(
    scene: Scene, role: str, qualifier: str, since: date, on: date, partner: str | None
) -> list[RoleMovement]:
    sums: defaultdict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for line in lines_of(scene, role, qualifier, on, partner):
        if line.on >= since:
            sums[line.on, line.partner or ""][line.side == "credit"] += line.sen
    return [
        RoleMovement(day, named or None, Money(debit), Money(credit))
        for (day, named), (debit, credit) in sorted(sums.items())
    ]


def test_every_filter_of_the_balances_and_movements_of_roles(restore_regions: Callable[[], None]) -> None:
    @ORACLE
    @given(chart=MADE_CHARTS, entries=MADE_ENTRIES, queries=QUERIES)
    def check(chart: dict[str, Any], entries: list[dict[str, Any]], queries: list[Any]) -> None:
        scene = build(restore_regions, chart, entries)
        with unit_of_work(REGION) as session:
            assert check_rollup(session) == 0
            for (role, qualifier), (since, on, known_at, partner, entity) in product(ROLES, queries):
                hold_to_account(session, scene, role, qualifier, on)
                if not accounts_of(scene, role, qualifier, on):
                    with pytest.raises(RoleNotMapped):
                        role_balance(session, role, qualifier, on=on, known_at=known_at)
                    with pytest.raises(RoleNotMapped):
                        role_movements(session, role, qualifier, accounted_from=since, accounted_to=on)
                    continue
                asked = (role, qualifier, on, known_at, partner, entity)
                balance = role_balance(
                    session, role, qualifier, on=on, known_at=known_at, partner=partner, entity=entity
                )
                assert balance == naive_balance(scene, *asked), asked
                span = (role, qualifier, since, on, partner)
                moved = role_movements(session, role, qualifier, accounted_from=since, accounted_to=on, partner=partner)
                assert moved == naive_movements(scene, *span), span

    check()


def hold_to_account(session: Session, scene: Scene, role: str, qualifier: str, on: date) -> None:
    """`resolve_account` names the role's account of that day, as it is called on it."""
    code = scene.code_on(role, qualifier, on)
    if code is None:
        with pytest.raises(RoleNotMapped):
            resolve_account(session, role, qualifier, on)
    else:
        found = resolve_account(session, role, qualifier, on)
        assert (found.code, found.name) == (code, scene.name_on(code, on)), (role, qualifier, on)
