"""What stands in the books while a chart is loaded, and which of its rows would change that.

For: `hold_writers`, and the checks of further rows against what is posted and what was taken over.
Not for: whether rows fit each other (ledger.chart). The triggers on account and account_role refuse the same of every
other writer (migrations/region/versions/0003_ledger.py); here each fault gets its line.

What is posted is asked for behind `hold_writers`: what was being posted is committed by then, and what is posted
afterwards finds the new rows. What was taken over is asked for before it, since taking over waits for those who post.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.chart_files import AccountLine, RoleLine
from ledger.csv_files import Problems
from ledger.errors import ChartBusy
from ledger.periods import first_month, list_openings, lock_openings
from ledger.waiting import wait_for

__all__ = ["check_accounts", "check_begin", "check_roles", "hold_writers"]

_HOLD = text("SELECT ledger_hold_writers()")

_LAST_POSTED = text(
    "SELECT a.code, max((SELECT max(p.accounted_on) FROM posting p WHERE p.account_id = a.id)) AS last_on"
    " FROM account a WHERE a.code = ANY(:codes) GROUP BY a.code"
)
# For each new row: the account that its role has had on that day so far, and the last posting on it until the role's
# next row. Whether a posting came by this role is not stored, so every posting on that account counts.
_LAST_POSTED_BEFORE = text("""
SELECT n.place, b.account_code, max(p.accounted_on) AS last_on
FROM unnest(CAST(:roles AS text[]), CAST(:qualifiers AS text[]), CAST(:days AS date[]), CAST(:codes AS text[]))
    WITH ORDINALITY AS n (role, qualifier, valid_from, account_code, place)
CROSS JOIN LATERAL (
    SELECT r.account_code FROM account_role r
    WHERE r.role = n.role AND r.qualifier IN (n.qualifier, '') AND r.valid_from <= n.valid_from
    ORDER BY r.qualifier DESC, r.valid_from DESC LIMIT 1
) b
JOIN account a ON a.code = b.account_code
CROSS JOIN LATERAL (
    SELECT max(x.accounted_on) AS accounted_on FROM posting x
    WHERE x.account_id = a.id AND x.accounted_on >= n.valid_from AND x.accounted_on < coalesce((
        SELECT min(r.valid_from) FROM account_role r
        WHERE r.role = n.role AND r.qualifier = n.qualifier AND r.valid_from > n.valid_from), 'infinity')
) p
WHERE b.account_code <> n.account_code
GROUP BY n.place, b.account_code
HAVING max(p.accounted_on) IS NOT NULL
ORDER BY n.place
""")


def hold_writers(session: Session) -> None:
    """Wait until nothing is being posted, and let nothing be posted until the unit of work ends.

    Raises ChartBusy after five seconds: whoever wants to post waits behind the one who waits here.
    """
    wait_for(session, _HOLD, {}, refusal=ChartBusy())


def check_begin(session: Session, new: list[AccountLine], problems: Problems) -> None:
    """While opening balances stand, no row begins months before those that were closed with them (ledger.opening)."""
    first = first_month(session)
    early = [row for row in new if first is not None and row.valid_from < first]
    if not early:
        return
    lock_openings(session)
    if any(each.stands for each in list_openings(session)):
        for row in early:
            problems.add(
                row.line,
                "berlaku_dari",
                f"harus sejak {first} atau sesudahnya, selama saldo awal dibukukan",
                f"must be {first} or later, while opening balances stand",
            )


def check_accounts(session: Session, new: list[AccountLine], problems: Problems) -> None:
    """A further row of a code begins after its last posting: the names and marks of before stay what they were.

    One that only ends its code (ledger.chart_dates) is told by that end.
    """
    codes = sorted({row.code for row in new})
    last = {found.code: found.last_on for found in session.execute(_LAST_POSTED, {"codes": codes})}
    for row in new:
        last_on = last.get(row.code)
        if last_on is None or row.valid_from > last_on:
            continue
        if row.valid_to is not None and row.valid_to < row.valid_from:
            problems.add(
                row.line,
                "berlaku_sampai",
                f"tidak boleh sebelum {last_on}, tanggal jurnal terakhir pada {row.code}",
                f"must not be before {last_on}, the date of the last posting on {row.code}",
            )
        else:
            problems.add(
                row.line,
                "berlaku_dari",
                f"harus sesudah {last_on}, tanggal jurnal terakhir pada {row.code}",
                f"must be after {last_on}, the date of the last posting on {row.code}",
            )


def check_roles(session: Session, new: list[RoleLine], problems: Problems) -> None:
    """A role has another account only from after the last posting on its former one."""
    values = {
        "roles": [row.role for row in new],
        "qualifiers": [row.qualifier for row in new],
        "days": [row.valid_from for row in new],
        "codes": [row.account_code for row in new],
    }
    for found in session.execute(_LAST_POSTED_BEFORE, values):
        row = new[found.place - 1]
        problems.add(
            row.line,
            "berlaku_dari",
            f"harus sesudah {found.last_on}, tanggal jurnal terakhir pada {found.account_code},"
            f" rekening {row.role}[{row.qualifier}] sampai saat itu",
            f"must be after {found.last_on}, the date of the last posting on {found.account_code},"
            f" the account of {row.role}[{row.qualifier}] until then",
        )
