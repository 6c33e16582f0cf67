"""The account ledger as CSV and JSON Lines, written by PostgreSQL itself; the running balance is a window's sum.

For: large exports; the rows are those of `stream_account_ledger`.
Not for: pages and workbooks (ledger.pulling.account_ledger).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from foundation.money import Money
from ledger.balances import AccountSums, on_side
from ledger.moments import Moment
from ledger.pulling.account_ledger import LEDGER_COLUMNS, posting_condition
from ledger.pulling.copying import Passed, copy_csv, copy_texts
from ledger.pulling.spelling import amount, free_text, json_members, json_plain, json_plain_or_null, json_text

__all__ = ["account_ledger_totals", "copy_account_ledger"]

# Sections come with the sums that they open with; an account's rows of several years are one section.
_QUERY = """
WITH section AS MATERIALIZED (
    SELECT s.place, s.entity, s.account, s.normal_side, s.opening_sen, {section}
    FROM unnest(CAST(:books AS text[]), CAST(:entities AS text[]), CAST(:accounts AS text[]), CAST(:names AS text[]),
        CAST(:sides AS text[]), CAST(:openings AS bigint[])) WITH ORDINALITY
        AS s (book, entity, account, account_name, normal_side, opening_sen, place)
), placed AS MATERIALIZED (
    SELECT s.place, s.normal_side, a.id AS account_id, n.id AS entity_id
    FROM section s JOIN account a ON a.code = s.account JOIN entity n ON n.code = s.entity
), moved AS (
    SELECT place, NULL AS accounted_on, NULL AS entry_id, NULL AS entry_uid, NULL AS line_no, NULL AS kind,
        NULL AS key, NULL AS description, NULL AS counterpart, NULL AS partner, NULL AS side, NULL AS amount_sen,
        opening_sen AS moved_sen
    FROM section
    UNION ALL
    SELECT d.place, p.accounted_on, e.id, e.uid, p.line_no, e.kind, e.key, e.description, c.code, p.partner, p.side,
        p.amount_sen, CASE p.side WHEN d.normal_side THEN p.amount_sen ELSE -p.amount_sen END
    FROM posting p
    JOIN journal_entry e ON e.id = p.entry_id
    JOIN placed d ON d.account_id = p.account_id AND d.entity_id = p.entity_id
    LEFT JOIN entity c ON c.id = p.counterpart_entity_id
    WHERE {condition}
), running AS (
    SELECT m.place, m.accounted_on, m.entry_id, m.entry_uid, m.line_no, m.kind, m.key, m.description, m.counterpart,
        m.partner, m.side, m.amount_sen, CAST(sum(m.moved_sen) OVER (
            PARTITION BY m.place ORDER BY m.accounted_on NULLS FIRST, m.entry_id, m.line_no ROWS UNBOUNDED PRECEDING
        ) AS bigint) AS balance_sen
    FROM moved m
)
SELECT {written} FROM running r JOIN section s ON s.place = r.place
ORDER BY r.place, r.accounted_on NULLS FIRST, r.entry_id, r.line_no
"""


def copy_account_ledger(
    session: Session, form: str, at: Moment, wanted: Mapping[str, Any], sections: Sequence[AccountSums], passed: Passed
) -> Generator[bytes, None, None]:
    """The rows of these sections as "csv" (with a header line) or "jsonl"; `passed` counts rows, opening ones too."""
    condition, values = posting_condition(at, wanted)
    values |= {
        "books": [each.book for each in sections],
        "entities": [each.entity for each in sections],
        "accounts": [each.account for each in sections],
        "names": [each.account_name for each in sections],
        "sides": [each.normal_side for each in sections],
        "openings": [on_side(each.normal_side, each.opening_debit, each.opening_credit).sen for each in sections],
    }
    if form == "csv":
        yield ",".join(LEDGER_COLUMNS).encode() + b"\r\n"
        query = _QUERY.format(section=_SECTION_CELLS, written=_CELLS, condition=condition)
        yield from copy_csv(session, query, values, passed)
    else:
        query = _QUERY.format(section=_SECTION_MEMBERS, written=_JSON, condition=condition)
        yield from copy_texts(session, query, values, passed)


def account_ledger_totals(sections: Sequence[AccountSums]) -> dict[str, dict[str, Money]]:
    """What moved per book, as the kept sums have it: {"F": {"debit": …, "credit": …}, …}."""
    found: dict[str, dict[str, Money]] = {}
    for each in sections:
        sums = found.setdefault(each.book, {"debit": Money(0), "credit": Money(0)})
        sums["debit"] += Money(each.debit)
        sums["credit"] += Money(each.credit)
    return found


_DEBIT = f"CASE r.side WHEN 'debit' THEN {amount('r.amount_sen')} END"
_CREDIT = f"CASE r.side WHEN 'credit' THEN {amount('r.amount_sen')} END"
_BALANCE = f"concat(CASE WHEN r.balance_sen < 0 THEN '-' END, {amount('abs(r.balance_sen)')})"
_SECTION_CELLS = f"s.book, {free_text('s.entity')} AS told_entity, {free_text('s.account_name')} AS told_name"
_CELLS = ", ".join(
    (
        *("s.book", "s.told_entity", "s.account", "s.told_name"),
        *("r.accounted_on", "r.entry_id", "r.entry_uid", "r.line_no"),
        *(free_text(f"r.{name}") for name in ("kind", "key", "description", "counterpart", "partner")),
        *(_DEBIT, _CREDIT, _BALANCE),
    )
)
_SECTION_OBJECT = {
    "book": json_plain("s.book"),
    "entity": json_text("s.entity"),
    "account": json_plain("s.account"),
    "account_name": json_text("s.account_name"),
}
_SECTION_MEMBERS = f"concat({json_members(_SECTION_OBJECT)}) AS told"
_MEMBERS = json_members(
    {
        "accounted_on": json_plain_or_null("r.accounted_on"),
        "entry_id": "coalesce(CAST(r.entry_id AS text), 'null')",
        "entry_uid": json_plain_or_null("r.entry_uid"),
        "line_no": "coalesce(CAST(r.line_no AS text), 'null')",
        "kind": json_text("r.kind"),
        "key": json_text("r.key"),
        "description": json_text("r.description"),
        "counterpart": json_text("r.counterpart"),
        "partner": json_text("r.partner"),
        "debit": json_plain_or_null(_DEBIT),
        "credit": json_plain_or_null(_CREDIT),
        "balance": json_plain(_BALANCE),
    }
)
_JSON = f"concat('{{', s.told, ',', {_MEMBERS}, E'}}\\n')"
