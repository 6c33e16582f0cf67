"""Dated settings of a region: what the law or the region decided, since when, and on what basis.

For: choices that differ between regions or change with time (when the budget book recognises, the QRIS limit).
Not for: installation settings (foundation.config) or what a bank agreed to (partner profile).

A policy without a row has the default named here; a row holds from `valid_from` until the next row begins. SQL
functions of other packages ask `foundation_policy(name, on_date)`, which gives null where the default holds.
Where facts were made under a policy, their owner's trigger refuses a row that would begin before them (0007 for the
ledger): with the constraint `policy_decided` and the detail {"last": the last date of such facts}.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import String, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.audit import record_act
from foundation.db import constraint_of
from foundation.errors import Conflict, Invalid
from foundation.tables import RegionBase

__all__ = ["POLICIES", "Policy", "PolicyDecided", "PolicyInvalid", "get_policy", "get_policy_number", "set_policy"]


@dataclass(frozen=True, slots=True)
class Policy:
    """A known policy: its default, what it means, and a check of its value."""

    default: str
    meaning: str
    accepts: Callable[[str], bool]


def _one_of(*values: str) -> Callable[[str], bool]:
    return lambda value: value in values


def _whole_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 12


def _account_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and 5 <= len(value) <= 34


# A row of the standard journals that is there to be posted, by an act that Lunas does not have.
_FOR_THE_CALLER = "no act of Lunas posts that row, so nothing asks this policy"

POLICIES: dict[str, Policy] = {
    "ledger.budget_recognised_at": Policy(
        "4b",
        "the budget book recognises when money reaches RKUD (4b) or when a partner took it (4a)",
        _one_of("4a", "4b"),
    ),
    "ledger.revenue_owned_by": Policy(
        "PD",
        "whose revenue is assessed: PD (the assessing office), PPKD (all), or PPKD:<kind>,<kind> (those kinds)",
        lambda value: re.fullmatch(r"PD|PPKD(:[A-Z0-9-]{1,40}(,[A-Z0-9-]{1,40})*)?", value) is not None,
    ),
    "ledger.prior_year_refund": Policy(
        "equity",
        f"a refund of a prior year is charged to equity, or to expense (btt): row 10; {_FOR_THE_CALLER}",
        _one_of("equity", "btt"),
    ),
    "ledger.write_off_rest": Policy(
        "expense",
        f"what a write-off has no allowance for goes to expense or to equity: row 16; {_FOR_THE_CALLER}",
        _one_of("expense", "equity"),
    ),
    "ledger.year_end_accrual": Policy(
        "no",
        f"whether SPTPD unpaid and opsen not yet passed on are accrued at year end: row 26; {_FOR_THE_CALLER}",
        _one_of("no", "yes"),
    ),
    "ledger.cash_on_its_way_at_year_end": Policy(
        "new_year",
        "budget side of what a partner took until 31 December and RKUD receives in January: new_year or old_year",
        _one_of("new_year", "old_year"),
    ),
    "ledger.treasurer_cash_at_year_end": Policy(
        "stands",
        "cash with a treasurer on 31 December stands on the balance sheet, or a year is not closed over it (refused)",
        _one_of("stands", "refused"),
    ),
    "ledger.rk_at_closing": Policy(
        "carried", "at year end RK are carried forward, or closed into the equity of both", _one_of("carried", "closed")
    ),
    "ledger.surplus_lra_at_closing": Policy(
        "kept",
        "at year end Surplus-LRA is kept, or ends against Estimasi Perubahan SAL (against_sal_change)",
        _one_of("kept", "against_sal_change"),
    ),
    "ledger.seal_every_minutes": Policy(
        "1",
        "minutes between two seals of the ledger, 1 to 1440",
        lambda value: _whole_number(value) and 1 <= int(value) <= 1440,
    ),
    "payments.qris_limit_rupiah": Policy(
        "10000000", "largest QRIS payment in rupiah (PADG 24/1/PADG/2022: Rp10,000,000)", _whole_number
    ),
    "payments.qris_validity_minutes": Policy("30", "how long a dynamic QRIS is asked to be valid", _whole_number),
    "treasury.rkud_account_no": Policy("", "account number of the RKUD, as on its statement", _account_number),
    "payments.unapplied_clock_days": Policy(
        "3", "working days within which unapplied money must be looked at", _whole_number
    ),
    "reconciliation.wait_working_days": Policy(
        "1",
        "working days that a credit on RKUD waits for its settlement file before it is put in suspense",
        lambda value: _whole_number(value) and int(value) <= 30,
    ),
    "public.lookups_per_address_per_hour": Policy("120", "public bill look-ups per address and hour", _whole_number),
    "public.lookups_per_object_per_hour": Policy("60", "public bill look-ups per object and hour", _whole_number),
    "outside.webhook_url": Policy(
        "",
        "where payment.recorded messages are sent; empty: nowhere",
        lambda value: value == "" or _is_web_address(value),
    ),
}


def _is_web_address(value: str) -> bool:
    return value.startswith(("https://", "http://127.0.0.1")) and len(value) <= 500 and value.isascii()


class PolicyRow(RegionBase):
    """One dated value of one policy."""

    __tablename__ = "policy"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(String(500))
    legal_basis: Mapped[str] = mapped_column(String(300))
    set_by: Mapped[str] = mapped_column(String(120))
    set_at: Mapped[datetime]


class PolicyInvalid(Invalid):
    """Unknown policy, or a value it does not take."""

    code = "policy_invalid"
    text_id = "Kebijakan {name} tidak menerima nilai {value!r}."
    text_en = "Policy {name} does not take the value {value!r}."


class PolicyDateTaken(Conflict):
    """The policy already has a row from that date."""

    code = "policy_date_taken"
    text_id = "Kebijakan {name} sudah memiliki nilai sejak {valid_from}."
    text_en = "Policy {name} already has a value from {valid_from}."


class PolicyDecided(Conflict):
    """Facts were made under the policy on that date or later; a new value can only begin after them."""

    code = "policy_decided"
    text_id = "Kebijakan {name} sudah diterapkan pada jurnal hingga {last}; nilai baru hanya dapat berlaku sesudahnya."
    text_en = "Policy {name} has already decided entries until {last}; a new value can only begin after that date."


def get_policy(session: Session, name: str, *, on: date) -> str:
    """The value in force on a date. Raises PolicyInvalid for a name that is not known."""
    if name not in POLICIES:
        raise PolicyInvalid(field="name", name=name, value="")
    row = session.scalar(
        select(PolicyRow.value)
        .where(PolicyRow.name == name, PolicyRow.valid_from <= on)
        .order_by(PolicyRow.valid_from.desc())
        .limit(1)
    )
    return POLICIES[name].default if row is None else row


def get_policy_number(session: Session, name: str, *, on: date) -> int:
    """The value of a whole-number policy in force on a date."""
    return int(get_policy(session, name, on=on))


def set_policy(
    session: Session, name: str, value: str, *, valid_from: date, legal_basis: str, by: str, at: datetime
) -> None:
    """Add a dated value; earlier rows are never changed.

    Raises PolicyInvalid, PolicyDateTaken, or PolicyDecided; then the unit of work is to be undone.
    """
    policy = POLICIES.get(name)
    if policy is None or not policy.accepts(value):
        raise PolicyInvalid(field=name, name=name, value=value)
    if session.get(PolicyRow, (name, valid_from)) is not None:
        raise PolicyDateTaken(field="valid_from", name=name, valid_from=valid_from)
    row = {"name": name, "valid_from": valid_from, "value": value, "legal_basis": legal_basis}
    try:
        session.execute(insert(PolicyRow).values(row | {"set_by": by, "set_at": at}))
    except DBAPIError as error:
        if constraint_of(error) == "policy_decided":
            told = orjson.loads(getattr(getattr(error.orig, "diag", None), "message_detail", None) or "{}")
            last = date.fromisoformat(told["last"])
            raise PolicyDecided(field="valid_from", name=name, last=last) from error
        raise
    details = {"name": name, "value": value, "valid_from": valid_from.isoformat(), "legal_basis": legal_basis}
    record_act(session, actor=by, action="policy.set", thing="policy", thing_uid=name, details=details, at=at)
