"""Carrying what stands on a year's codes to those of a new year's chart.

For: `carry_to_codes`, from a file of old and new codes that is checked whole.
Not for: accounts that keep their code; they carry by nature.

What is undone later goes to the new code if the carry took it along (`ledger_carried_code`). So the carry waits for
whoever still writes into the months until then, and is refused while a month of the year takes ordinary ones.

The file's columns are rekening_lama,rekening_baru. Both codes take postings on 31 December, so the new ones are loaded
valid from that date; the role map may name them from 1 January.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.audit import record_act
from foundation.money import Money
from ledger.chart_files import DEEPEST_LEVEL
from ledger.csv_files import Problems, Row, read_rows
from ledger.drafts import EntryDraft
from ledger.errors import CodesRefused, FileProblem, PeriodBusy
from ledger.journals import Standing, balance_carried
from ledger.models import Account
from ledger.posting import PostedEntry, post_entry
from ledger.queries import find_account
from ledger.standing import NOMINAL, standing_on_codes
from ledger.waiting import wait_for
from ledger.year_end.closing_year import check_months, lock_year, next_round

__all__ = ["CodesCarried", "carry_to_codes"]

KIND = "carry_forward"
# Every month that can hold what is carried, oldest first: who writes into several meets us in that order.
_LOCK_MONTHS = text(
    "SELECT ledger_lock_period(m::date) FROM (SELECT generate_series("
    " (SELECT date_trunc('month', min(a.valid_from)::timestamp) FROM account a), :last_day, interval '1 month') AS m"
    " ORDER BY 1) months"
)


@dataclass(frozen=True, slots=True)
class CodesCarried:
    """One entry per old code that held something, and the sum of all balances moved, whatever their side."""

    entries: tuple[PostedEntry, ...]
    moved: Money


def carry_to_codes(session: Session, year: int, data: bytes, *, actor: str, at: datetime) -> CodesCarried:
    """Move what stands on old codes at the end of a year to new ones, accounted on 31 December. Again: nothing is left.

    Raises CodesRefused with every fault of the file, YearNotReady while a month of the year is open, PeriodBusy while
    somebody goes on writing into a month until then, or what `post_entry` raises; nothing is posted then.
    """
    lock_year(session)
    last_day = date(year, 12, 31)
    found: list[FileProblem] = []
    codes = _read_codes(session, data, Problems("codes", found), last_day)
    if found:
        raise CodesRefused(found)
    wait_for(session, _LOCK_MONTHS, {"last_day": last_day}, refusal=PeriodBusy(field="year", month=f"{year}-12"))
    standings: defaultdict[str, list[Standing]] = defaultdict(list)
    for each in standing_on_codes(session, list(codes), on=last_day):
        standings[each.account].append(each)
    if standings:
        check_months(session, year)
    number = next_round(session, KIND, f"carry-forward:{year}:", last_day)
    posted = []
    for code, held in sorted(standings.items()):
        draft = EntryDraft(
            kind=KIND,
            key=f"carry-forward:{year}:{number}:{code}",
            occurred_at=at,
            accounted_on=last_day,
            description=f"Pemindahan saldo {code} ke {codes[code]}",
            postings=tuple(line for each in held for line in balance_carried(each, codes[code])),
            source_kind="year",
        )
        posted.append(post_entry(session, draft, actor=actor, recorded_at=at))
    if posted:
        details = {"year": year, "entries": [str(entry.uid) for entry in posted]}
        record_act(
            session, actor=actor, action="ledger.carry", thing="year", thing_uid=str(year), details=details, at=at
        )
    return CodesCarried(tuple(posted), Money(sum(abs(each.net_sen) for held in standings.values() for each in held)))


def _read_codes(session: Session, data: bytes, problems: Problems, on: date) -> dict[str, str]:
    """Old code → new code."""
    codes: dict[str, str] = {}
    lines: dict[str, int] = {}
    for row in read_rows(data, ("rekening_lama", "rekening_baru"), problems):
        old, new = _account(session, row, "rekening_lama", on), _account(session, row, "rekening_baru", on)
        if old is None or new is None:
            continue
        if old.code in codes:
            row.fault("rekening_lama", f"{old.code} disebut dua kali", f"{old.code} is stated twice")
        if new.code == old.code or (old.book, old.requires_counterpart) != (new.book, new.requires_counterpart):
            row.fault(
                "rekening_baru", f"{new.code} tidak dapat menggantikan {old.code}",
                f"{new.code} cannot stand in for {old.code}",
            )  # fmt: skip
        codes[old.code], lines[old.code] = new.code, row.line
    for old_code, code in codes.items():
        if code in codes:
            told = (f"{code} juga rekening lama", f"{code} is an old code as well")
            problems.add(lines[old_code], "rekening_baru", *told)
    if not codes and not problems.found:
        problems.add(1, "berkas", "tidak ada baris kode", "there are no codes")
    return codes


def _account(session: Session, row: Row, field: str, on: date) -> Account | None:
    code = row.text(field, 20)
    account = find_account(session, code, on=on)
    if account is None or account.level != DEEPEST_LEVEL or code[0] in NOMINAL:
        row.fault(
            field, f"{code} bukan rekening neraca tingkat {DEEPEST_LEVEL} yang berlaku pada {on}",
            f"{code} is no balance sheet account of level {DEEPEST_LEVEL} valid on {on}",
        )  # fmt: skip
        return None
    return account
