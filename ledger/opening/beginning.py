"""Seeing to it that nothing can be accounted before the date on which books begin.

For: `close_months_before`: every month before a cut-over date is closed, so what was taken over stays what it was.
Not for: opening balances themselves (ledger.opening.taking_over), or months that hold entries: the office closes them,
and the years that they are in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from ledger.errors import CutOverRefused
from ledger.periods import Period, adjust_period, close_period, first_month, first_of, list_periods, name_of
from ledger.year_end import is_year_closed

__all__ = ["MOST_MONTHS", "close_months_before"]

# Ten years: each month is held alone until all are closed, and has its two moves and two audit acts. A chart that
# begins earlier is mostly a slip in its dates; where it is none, the office closes what is older first.
MOST_MONTHS = 120


def close_months_before(session: Session, on: date, *, today: date, by: str, at: datetime) -> list[Period]:
    """Close each month before a cut-over date that nobody moved and that holds no entry; what was closed.

    `today` is the business date in the region's zone. Raises CutOverRefused when the date is not the first of a month
    (its month would still take entries before it), a month before it has not ended, or one holds entries or was moved,
    and is not closed; or when `close_year` still has something to close in the years before (months are the whole
    region's: no December before an opening is reopened to close another entity's year); or when more than MOST_MONTHS
    would have to be closed.
    """
    if on.day != 1:
        raise _refused(
            on, "harus tanggal 1; saldo per 31 Desember dibukukan per 1 Januari",
            "it must be the first of a month; balances of 31 December are those of 1 January",
        )  # fmt: skip
    if on > first_of(today):
        raise _refused(on, "bulan sebelumnya belum berakhir", "the month before is not over")
    states = {period.month: period.state for period in list_periods(session) if period.month < on}
    _require_closed(on, [month for month, state in states.items() if state != "CLOSED"])
    _require_year_closed(session, on)
    closed = []
    for month in _list_untouched(session, on, states):
        adjust_period(session, month, today=today, by=by, at=at)
        closed.append(close_period(session, month, by=by, at=at))
    # Whoever was writing into one of them has committed by now.
    _require_closed(on, [period.month for period in closed if period.entry_count])
    return closed


def _list_untouched(session: Session, on: date, states: Mapping[date, str]) -> list[date]:
    """The months since the chart begins that nobody moved; no more than can be closed at once."""
    first = month = first_month(session) or on
    found = []
    while month < on:
        if month not in states:
            found.append(month)
        month = first_of(month + timedelta(days=31))
    if len(found) > MOST_MONTHS:
        count, begins = len(found), name_of(first)
        raise _refused(
            on,
            f"bagan akun berlaku sejak {begins}, dan {count} bulan belum ditutup; paling banyak {MOST_MONTHS} ditutup"
            " sekaligus. Tutup dahulu yang terdahulu: lunas ledger period adjust, lalu close",
            f"the chart is valid from {begins}, and {count} months are not closed; at most {MOST_MONTHS} are closed at"
            " once. First close the earliest: lunas ledger period adjust, then close",
        )
    return found


def _require_closed(on: date, months: list[date]) -> None:
    if months:
        named = ", ".join(name_of(month) for month in months)
        raise _refused(
            on, f"masih menerima jurnal: {named}. Tutup dahulu: lunas ledger period adjust, lalu close",
            f"these months still take entries: {named}. First close them: lunas ledger period adjust, then close",
        )  # fmt: skip


def _require_year_closed(session: Session, on: date) -> None:
    year = on.year - 1
    if not is_year_closed(session, year):
        raise _refused(
            on,
            f"tahun {year} belum ditutup, dan bulannya tidak dapat dibuka kembali selama saldo awal berdiri."
            " Tutup dahulu tahunnya: lunas ledger close-year",
            f"the year {year} is not closed, and its months are not reopened while opening balances stand."
            " First close the year: lunas ledger close-year",
        )


def _refused(on: date, reason_id: str, reason_en: str) -> CutOverRefused:
    return CutOverRefused(field="on", on=on, reason_id=reason_id, reason_en=reason_en)
