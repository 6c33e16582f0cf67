"""Does the RKUD statement equal the books plus the listed differences, to the sen?

For: check (c) of a run:
    closing = books + start-up balance + missing statements + lines not booked or booked later
              - lines of later statements + unexplained
where books is the ledger's RKUD balance accounted until the closing date. The same holds at the opening.
Not for: booking lines (crediting), or partners (partner_check).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.holidays import working_days_between
from foundation.money import Money
from foundation.policies import get_policy
from ledger import resolve_account, role_balance
from reconciliation.chain import Chain, find_chain
from reconciliation.differences import Difference
from reconciliation.figures import AccountFigures

__all__ = ["check_rkud"]

# What stood in the books before Lunas read its first statement, e.g. an opening entry.
_BOOKED_BEFORE = text(
    "SELECT coalesce(sum(CASE v.side WHEN 'debit' THEN v.amount_sen ELSE -v.amount_sen END), 0) FROM ledger_postings v"
    " WHERE v.account_code = :account AND v.accounted_on <= :opening_on AND v.source_kind <> 'statement_line'"
)
_LINES = text(
    "SELECT l.uid, l.state, l.direction, l.reversal, l.amount_sen, l.booked_sen, l.suspense_sen, l.accounted_on,"
    " l.entry_on, l.bank_reference, l.text, s.id AS statement_id, s.statement_no, s.closing_on"
    " FROM statement_line l JOIN bank_statement s ON s.id = l.statement_id"
    " WHERE s.account_no = :account_no AND ("
    " s.closing_on <= :on_date AND l.state IN ('WAITING', 'LISTED', 'SUSPENSE')"
    " OR (s.closing_on > :on_date) <> (l.accounted_on > :on_date) AND l.booked_sen + l.suspense_sen > 0"
    ") ORDER BY s.closing_on, l.id"
)
_BOOKED_BY_LAST = text(
    "SELECT coalesce(sum(l.booked_sen + l.suspense_sen), 0) FROM statement_line l"
    " WHERE l.statement_id = :statement_id AND l.accounted_on <= :on_date"
)


def check_rkud(session: Session, *, on: date) -> tuple[AccountFigures | None, list[Difference]]:
    """The figures of the latest RKUD statement as of a date (None before the first) and what is listed beside them."""
    account_no = get_policy(session, "treasury.rkud_account_no", on=on)
    chain = find_chain(session, account_no, on=on) if account_no else None
    if chain is None:
        return None, []
    closing_on = chain.last.closing_on
    found = [*_startup(session, chain), *chain.gaps]
    startup = Money(sum(each.amount.sen for each in found if each.code == "STARTUP_OPENING"))
    listed = startup + chain.missing
    listed_of_last = Money(0)
    suspense: list[Difference] = []
    for line in session.execute(_LINES, {"account_no": account_no, "on_date": closing_on}):
        for difference in _judge(session, line, account_no, closing_on, on):
            if difference.code == "IN_SUSPENSE":  # in the books and at the bank; a person must still say whose it is
                suspense.append(difference)
                continue
            found.append(difference)
            listed += difference.amount
            if line.statement_id == chain.last.id:
                listed_of_last += difference.amount
    books = role_balance(session, "rkud", on=closing_on)
    unexplained = Money(chain.last.closing_sen) - books - listed
    if unexplained:
        reference = f"RKUD {account_no}"
        found.append(Difference(code="UNEXPLAINED", amount=unexplained, reference=reference, account_no=account_no))
    booked = Money(
        int(session.execute(_BOOKED_BY_LAST, {"statement_id": chain.last.id, "on_date": closing_on}).scalar_one())
    )
    figures = AccountFigures(
        account_no=account_no, role="rkud", statement_no=chain.last.statement_no, opening_on=chain.last.opening_on,
        closing_on=closing_on, opening=Money(chain.last.opening_sen), books_at_opening=books - booked,
        listed_at_opening=listed - listed_of_last, closing=Money(chain.last.closing_sen), books=books, startup=startup,
        listed=listed, unexplained=unexplained,
    )  # fmt: skip
    return figures, found + suspense


def _startup(session: Session, chain: Chain) -> list[Difference]:
    first = chain.first
    account = resolve_account(session, "rkud", "", first.closing_on).code
    named = {"account": account, "opening_on": first.opening_on}
    booked = int(session.execute(_BOOKED_BEFORE, named).scalar_one())
    amount = Money(first.opening_sen - booked)
    if not amount:
        return []
    return [
        Difference(
            code="STARTUP_OPENING", amount=amount, reference=f"RKUD {first.account_no}", account_no=first.account_no,
            on=first.opening_on, link_kind="statement", link_uid=first.uid,
        )
    ]  # fmt: skip


def _judge(session: Session, line: Any, account_no: str, closing_on: date, on: date) -> list[Difference]:
    """What an open line is: its kinds, and what each adds to the bank's side beyond our books."""
    signed = line.amount_sen if line.direction == "credit" else -line.amount_sen
    booked = line.booked_sen + line.suspense_sen
    told: list[tuple[str, int, dict[str, Any]]] = []
    if line.closing_on > closing_on:
        told.append(("BOOKED_ON_LATER_STATEMENT", -booked, {}))
    elif booked and line.accounted_on > closing_on:
        told.append(("ACCOUNTED_LATER", booked, {"accounted_on": line.accounted_on}))
    if line.closing_on <= closing_on:
        if line.state == "SUSPENSE":
            days = working_days_between(session, line.entry_on, on)
            told.append(("IN_SUSPENSE", line.suspense_sen, {"days": days}))
        elif line.state == "WAITING":
            told.append(("UNIDENTIFIED_CREDIT", signed, {}))
        elif line.state == "LISTED":
            told.append(("REVERSAL_LINE" if line.reversal else "UNBOOKED_DEBIT", signed, {}))
    reference = " ".join(f"{line.bank_reference or ''} {line.text}".split())[:200] or f"{line.statement_no}"
    return [
        Difference(
            code=code, amount=Money(sen), reference=reference, account_no=account_no, on=line.entry_on,
            link_kind="statement_line", link_uid=line.uid, facts=facts,
        )
        for code, sen, facts in told
    ]  # fmt: skip
