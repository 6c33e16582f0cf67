"""Closing a year's accounts.

For: `close_year`: when it may be done, and the closing entries of each entity.
Not for: the journals themselves (ledger.journals.closing).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.money import Money
from foundation.policies import get_policy
from ledger.drafts import EntryDraft
from ledger.errors import YearNotReady
from ledger.journals import (
    Postings,
    Standing,
    accrual_closed,
    budget_closed,
    estimate_reversed,
    rk_closed,
)
from ledger.periods import list_periods
from ledger.posting import PostedEntry, post_entry
from ledger.roles import BUDGET, FINANCIAL
from ledger.standing import NOMINAL, standing_below, standing_on_rk, standing_on_role
from ledger.year_end.ending import list_ending

__all__ = ["KIND", "YearClosed", "check_months", "close_year", "is_year_closed", "lock_year", "next_round"]

KIND = "closing"
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('ledger.year_end'), hashtext(current_schema()))")
# Before that no month can hold an entry.
_CHART_BEGINS = text("SELECT min(a.valid_from) FROM account a")
_ROUND = text(
    "SELECT coalesce(max(split_part(e.key, ':', 3)::int), 0) + 1 FROM journal_entry e"
    " WHERE e.accounted_on = :on_date AND e.kind = :kind AND starts_with(e.key, :prefix)"
)


@dataclass(frozen=True, slots=True)
class YearClosed:
    """What closing did: its entries (none: nothing was left to close), and the surplus (negative: deficit) per entity.

    `cash_on_its_way` and `treasurer_cash` are what partners and treasurers still held on 31 December, `not_identified`
    what was owed for money that nobody had identified: they stand on the balance sheet and are identified, swept or
    returned in the next year. `ending` are codes with a balance that take no postings in the next year, or that no role
    has any more (what stood there was not carried, or something came back): `carry_to_codes` moves both.
    """

    year: int
    entries: tuple[PostedEntry, ...]
    surplus_lo: dict[str, Money]
    surplus_lra: dict[str, Money]
    cash_on_its_way: Money
    treasurer_cash: Money
    not_identified: Money
    ending: tuple[str, ...]


def close_year(session: Session, year: int, *, actor: str, at: datetime) -> YearClosed:
    """Post the closing entries of a year, accounted on 31 December, for whatever stands on its accounts.

    Raises YearNotReady while a month of it is open (also an empty one: it would still take ordinary entries), December
    is not being adjusted, an earlier year is not closed, or a treasurer holds cash where policy refuses that.
    """
    lock_year(session)
    last_day = date(year, 12, 31)
    nominal = _nominal(session, last_day)
    treasurer_cash = standing_on_role(session, "treasurer_cash", on=last_day)
    planned = list(_planned(session, nominal, last_day))
    posted: tuple[PostedEntry, ...] = ()
    if planned:
        _check_ready(session, year, treasurer_cash)
        posted = tuple(_post(session, year, planned, actor, at))
        details = {"year": year, "entries": [str(entry.uid) for entry in posted]}
        record_act(
            session, actor=actor, action="ledger.close_year", thing="year", thing_uid=str(year), details=details, at=at
        )
    return YearClosed(
        year=year,
        entries=posted,
        surplus_lo=_surplus(nominal, FINANCIAL),
        surplus_lra=_surplus(nominal, BUDGET),
        cash_on_its_way=_sum(standing_on_role(session, "clearing", on=last_day)),
        treasurer_cash=_sum(treasurer_cash),
        not_identified=-_sum(standing_on_role(session, "suspense", on=last_day)),
        ending=list_ending(session, last_day),
    )


def is_year_closed(session: Session, year: int) -> bool:
    """Whether nothing stands on the year's accounts that `close_year` would still close."""
    last_day = date(year, 12, 31)
    return next(_planned(session, _nominal(session, last_day), last_day), None) is None


def lock_year(session: Session) -> None:
    """One act of a year's end at a time: two would each close what stands."""
    session.execute(_LOCK)


def next_round(session: Session, kind: str, prefix: str, on: date) -> int:
    """The number of the next round of entries whose keys begin so, of that kind and date."""
    return int(session.execute(_ROUND, {"on_date": on, "kind": kind, "prefix": prefix}).scalar_one())


def _nominal(session: Session, on: date) -> list[Standing]:
    return [each for code in NOMINAL for each in standing_below(session, code, on=on)]


def _planned(session: Session, nominal: list[Standing], last_day: date) -> Iterator[tuple[str, str, Postings]]:
    """Each closing entry to post: the tail of its key, its description, its postings."""
    against_sal = get_policy(session, "ledger.surplus_lra_at_closing", on=last_day) == "against_sal_change"
    for entity, standings in _by_entity(each for each in nominal if each.book == FINANCIAL):
        postings = accrual_closed(entity=entity, standings=standings)
        yield f"F:{entity}", f"Penutupan LO {entity}", postings
    for entity, standings in _by_entity(each for each in nominal if each.book == BUDGET):
        postings = budget_closed(entity=entity, standings=standings, against_sal_change=against_sal)
        yield f"A:{entity}", f"Penutupan LRA {entity}", postings
    emptied = {each.account for each in nominal}
    estimated = standing_on_role(session, "estimated_revenue", on=last_day)
    for entity, standings in _by_entity(each for each in estimated if each.account not in emptied):
        yield (
            f"DPA:{entity}",
            f"Pembalikan DPA {entity}",
            estimate_reversed(entity=entity, standings=standings),
        )
    if get_policy(session, "ledger.rk_at_closing", on=last_day) == "closed":
        pairs: defaultdict[str, list[Standing]] = defaultdict(list)
        for each in standing_on_rk(session, on=last_day):
            pairs["/".join(sorted((each.entity, str(each.counterpart))))].append(each)
        for pair, standings in sorted(pairs.items()):
            yield f"RK:{pair}", f"Penutupan RK {pair}", rk_closed(standings)


def _by_entity(standings: Iterable[Standing]) -> list[tuple[str, list[Standing]]]:
    found: defaultdict[str, list[Standing]] = defaultdict(list)
    for each in standings:
        found[each.entity].append(each)
    return sorted(found.items())


def _post(
    session: Session, year: int, planned: list[tuple[str, str, Postings]], actor: str, at: datetime
) -> Iterator[PostedEntry]:
    last_day = date(year, 12, 31)
    number = next_round(session, KIND, f"closing:{year}:", last_day)
    for tail, description, postings in planned:
        draft = EntryDraft(
            kind=KIND,
            key=f"closing:{year}:{number}:{tail}",
            occurred_at=at,
            accounted_on=last_day,
            description=f"{description} tahun {year}",
            postings=postings,
            source_kind="year",
        )
        yield post_entry(session, draft, actor=actor, recorded_at=at)


def _check_ready(session: Session, year: int, treasurer_cash: list[Standing]) -> None:
    states = check_months(session, year)
    if states[date(year, 12, 1)] == "CLOSED":
        raise YearNotReady(
            field="year", year=year,
            reason_id=f"{year}-12 sudah ditutup; buka kembali ke penyesuaian: lunas ledger period reopen",
            reason_en=f"{year}-12 is closed; reopen it to being adjusted: lunas ledger period reopen",
        )  # fmt: skip
    before = date(year - 1, 12, 31)
    if _nominal(session, before):
        raise YearNotReady(
            field="year", year=year, reason_id=f"tahun {year - 1} belum ditutup",
            reason_en=f"the year {year - 1} is not closed",
        )  # fmt: skip
    refused = get_policy(session, "ledger.treasurer_cash_at_year_end", on=date(year, 12, 31)) == "refused"
    if refused and treasurer_cash:
        held = ", ".join(f"{each.entity} {Money(each.net_sen).plain()}" for each in treasurer_cash)
        raise YearNotReady(
            field="year", year=year, reason_id=f"masih ada kas di bendahara: {held}",
            reason_en=f"treasurers still hold cash: {held}",
        )  # fmt: skip


def check_months(session: Session, year: int) -> dict[date, str]:
    """The states of all months, by first day. Raises YearNotReady while one of the year takes ordinary entries."""
    states = {period.month: period.state for period in list_periods(session)}
    open_months = _open_months(session, year, states)
    if open_months:
        months = ", ".join(open_months)
        raise YearNotReady(
            field="year", year=year, reason_id=f"belum dalam penyesuaian atau ditutup: {months}",
            reason_en=f"not being adjusted or closed: {months}",
        )  # fmt: skip
    return states


def _open_months(session: Session, year: int, states: dict[date, str]) -> list[str]:
    """The months since the chart begins that still take ordinary entries, and December whatever begins then."""
    begin: date = session.execute(_CHART_BEGINS).scalar_one().replace(day=1)
    months = [month for number in range(1, 13) if (month := date(year, number, 1)) >= begin or number == 12]
    return [f"{month:%Y-%m}" for month in months if states.get(month, "OPEN") == "OPEN"]


def _surplus(nominal: list[Standing], book: str) -> dict[str, Money]:
    found: defaultdict[str, int] = defaultdict(int)
    for each in nominal:
        if each.book == book:
            found[each.entity] -= each.net_sen
    return {entity: Money(sen) for entity, sen in sorted(found.items())}


def _sum(standings: list[Standing]) -> Money:
    return Money(sum(each.net_sen for each in standings))
