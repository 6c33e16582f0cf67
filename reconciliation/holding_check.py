"""Does a partner's holding account hold what our books say it does? Checked, never posted.

For: finding the payment behind each credit of a holding statement, and check (d) of a run:
    closing = (payments - credited to RKUD) + start-up balance + missing statements + listed lines + unexplained
Not for: RKUD (rkud_check), or what clearing should be (partner_check).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.money import Money
from payments import Partner, terms_of
from reconciliation.chain import Chain, find_chain
from reconciliation.crediting import carries
from reconciliation.differences import Difference
from reconciliation.figures import AccountFigures

__all__ = ["check_holding", "match_holding_lines"]

# A reference stands as the bank's or owner's reference of the line or as a word of its remark. Only the bank's own
# reference is unique; by ours or the switch's the amount must agree too.
_MATCH = {
    column: text(
        "UPDATE statement_line SET payment_id = m.payment_id FROM ("  # noqa: S608 - the column is one of three names here
        "SELECT t.line_id, p.id AS payment_id, row_number() OVER (PARTITION BY p.id ORDER BY t.line_id) AS nth_line,"
        " row_number() OVER (PARTITION BY t.line_id ORDER BY p.id) AS nth_payment FROM ("
        " SELECT l.id AS line_id, s.partner, l.amount_sen, w.word FROM statement_line l"
        " JOIN bank_statement s ON s.id = l.statement_id, LATERAL ("
        " SELECT l.bank_reference AS word UNION SELECT l.owner_reference"
        r" UNION SELECT regexp_split_to_table(l.text, '[\s,;/]+')) w"
        " WHERE s.account_role = 'holding' AND l.direction = 'credit' AND NOT l.reversal AND l.payment_id IS NULL"
        f" ) t JOIN payment_v p ON p.partner = t.partner AND p.{column} = t.word{condition}"
        " WHERE NOT EXISTS (SELECT 1 FROM statement_line x WHERE x.payment_id = p.id)"
        ") m WHERE statement_line.id = m.line_id AND m.nth_line = 1 AND m.nth_payment = 1"
    )
    for column, condition in (
        ("bank_reference", ""),
        ("partner_reference", " AND p.amount_sen = t.amount_sen"),
        ("rrn", " AND p.amount_sen = t.amount_sen"),
    )
}
_CREDITS = text(
    "SELECT l.uid, l.amount_sen, l.entry_on, l.bank_reference, l.text, p.amount_sen AS paid_sen, p.bank_business_date,"
    " p.bank_reference AS payment_reference, p.uid AS payment_uid"
    " FROM statement_line l JOIN bank_statement s ON s.id = l.statement_id LEFT JOIN payment_v p ON p.id = l.payment_id"
    " WHERE s.account_no = :account_no AND s.closing_on <= :closing_on AND l.direction = 'credit'"
    " AND (p.id IS NULL OR p.amount_sen <> l.amount_sen OR p.bank_business_date > :closing_on) ORDER BY l.id"
)
_DEBITS = text(
    "SELECT l.uid, l.amount_sen, l.entry_on, l.bank_reference, l.owner_reference, l.text"
    " FROM statement_line l JOIN bank_statement s ON s.id = l.statement_id"
    " WHERE s.account_no = :account_no AND s.closing_on <= :closing_on AND l.direction = 'debit' ORDER BY l.id"
)
_ON_STATEMENT = (
    "EXISTS (SELECT 1 FROM statement_line l JOIN bank_statement s ON s.id = l.statement_id"
    " WHERE l.payment_id = p.id AND s.closing_on <= :closing_on)"
)
# Payments that the statement could know of: told to us before it arrived, after the chain began; or standing on it.
_PAYMENTS = text(
    f"SELECT p.uid, p.bank_reference, p.amount_sen, p.bank_business_date, {_ON_STATEMENT} AS shown"  # noqa: S608 - fixed
    " FROM payment_v p WHERE p.partner = :partner AND p.bank_business_date <= :closing_on"
    f" AND (p.bank_business_date > :begins_after AND p.received_at <= :stated_at OR {_ON_STATEMENT}) ORDER BY p.id"
)
_PAID_BEFORE = text(
    "SELECT coalesce(sum(p.amount_sen), 0) FROM payment_v p WHERE p.partner = :partner"  # noqa: S608 - fixed text
    f" AND p.bank_business_date <= :begins_after AND NOT {_ON_STATEMENT}"
)
_SWEPT = text(
    "SELECT b.uid, b.batch_reference, b.business_on,"
    " coalesce(sum(c.amount_sen) FILTER (WHERE l.entry_on <= :begins_after), 0)::bigint AS credited_before,"
    " coalesce(sum(c.amount_sen) FILTER (WHERE l.entry_on > :begins_after AND l.entry_on <= :closing_on), 0)"
    "::bigint AS credited FROM settlement_batch b LEFT JOIN batch_credit c ON c.batch_id = b.id"
    " LEFT JOIN statement_line l ON l.id = c.line_id WHERE b.partner = :partner"
    " GROUP BY b.id ORDER BY b.business_on, b.id"
)


def match_holding_lines(session: Session) -> None:
    """Find the payments behind credits of holding statements that have none yet; one line, one payment."""
    for statement in _MATCH.values():
        session.execute(statement)


def check_holding(session: Session, partner: Partner, *, on: date) -> tuple[AccountFigures | None, list[Difference]]:
    """The figures of the latest holding statement as of a date (None without any), and what is listed beside them."""
    account_no = terms_of(partner).holding_account_no
    chain = find_chain(session, account_no, on=on) if account_no else None
    if chain is None:
        return None, []
    named = {
        "partner": partner.code,
        "account_no": account_no,
        "closing_on": chain.last.closing_on,
        "begins_after": chain.begins_after,
        "stated_at": chain.last.received_at,
    }
    payments = session.execute(_PAYMENTS, named).all()
    batches = session.execute(_SWEPT, named).all()
    books_before = int(session.execute(_PAID_BEFORE, named).scalar_one()) - sum(
        each.credited_before for each in batches
    )
    startup = Money(chain.first.opening_sen - books_before)
    found = [*chain.gaps, *_judge_credits(session, named), *_judge_debits(session, named, batches)]
    found += [
        Difference(
            code="PAYMENT_NOT_ON_HOLDING", amount=Money(-each.amount_sen), reference=each.bank_reference,
            on=each.bank_business_date, link_kind="payment", link_uid=each.uid,
        )
        for each in payments
        if not each.shown
    ]  # fmt: skip
    if startup:
        found.insert(0, Difference(code="STARTUP_OPENING", amount=startup, reference=account_no))
    listed = Money(sum(each.amount.sen for each in found))
    books = Money(books_before + sum(each.amount_sen for each in payments) - sum(each.credited for each in batches))
    unexplained = Money(chain.last.closing_sen) - books - listed
    if unexplained:
        found.append(Difference(code="UNEXPLAINED", amount=unexplained, reference=account_no))
    return _figures(chain, books, startup, listed, unexplained), [_placed(each, partner, account_no) for each in found]


def _figures(chain: Chain, books: Money, startup: Money, listed: Money, unexplained: Money) -> AccountFigures:
    last = chain.last
    return AccountFigures(
        account_no=last.account_no, role="holding", statement_no=last.statement_no, opening_on=last.opening_on,
        closing_on=last.closing_on, opening=Money(last.opening_sen), books_at_opening=None,
        listed_at_opening=None, closing=Money(last.closing_sen), books=books, startup=startup, listed=listed,
        unexplained=unexplained,
    )  # fmt: skip


def _judge_credits(session: Session, named: dict[str, Any]) -> list[Difference]:
    found: list[Difference] = []
    facts: dict[str, Any]
    for line in session.execute(_CREDITS, named):
        if line.payment_uid is None:
            reference = " ".join(f"{line.bank_reference or ''} {line.text}".split())[:200]
            link, on, amount = ("statement_line", line.uid), line.entry_on, line.amount_sen
            code, facts = "HOLDING_CREDIT_UNKNOWN", {}
        elif line.bank_business_date > named["closing_on"]:
            reference, link, on = line.payment_reference, ("payment", line.payment_uid), line.bank_business_date
            code, amount, facts = "HOLDING_CREDIT_EARLY", line.amount_sen, {}
        else:
            reference, link, on = line.payment_reference, ("payment", line.payment_uid), line.entry_on
            code, amount = "HOLDING_AMOUNT_DIFFERS", line.amount_sen - line.paid_sen
            facts = {"told": Money(line.amount_sen), "known": Money(line.paid_sen)}
        found.append(
            Difference(
                code=code, amount=Money(amount), reference=reference, on=on, link_kind=link[0], link_uid=link[1],
                facts=facts,
            )
        )  # fmt: skip
    return found


def _judge_debits(session: Session, named: dict[str, Any], batches: Any) -> list[Difference]:
    """Sweeps by their batch: what left the holding account beside what reached RKUD; other debits one by one."""
    found: list[Difference] = []
    left: defaultdict[str, int] = defaultdict(int)
    for line in session.execute(_DEBITS, named):
        batch = next((each for each in batches if carries(line, each.batch_reference)), None)
        if batch is not None:
            left[batch.batch_reference] += line.amount_sen
            continue
        reference = " ".join(f"{line.bank_reference or ''} {line.text}".split())[:200]
        found.append(
            Difference(
                code="HOLDING_DEBIT_UNKNOWN", amount=Money(-line.amount_sen), reference=reference, on=line.entry_on,
                link_kind="statement_line", link_uid=line.uid,
            )
        )  # fmt: skip
    for batch in batches:
        debited = left[batch.batch_reference]
        if debited != batch.credited:
            facts = {"told": Money(debited), "known": Money(batch.credited)}
            found.append(
                Difference(
                    code="SWEEP_DIFFERS", amount=Money(batch.credited - debited), reference=batch.batch_reference,
                    on=batch.business_on, link_kind="batch", link_uid=batch.uid, facts=facts,
                )
            )  # fmt: skip
    return found


def _placed(difference: Difference, partner: Partner, account_no: str) -> Difference:
    return replace(difference, partner=partner.code, account_no=account_no)
