"""Footing: does each entry, sealed or not, keep the rules that the ledger takes entries by?

For: `check_entries`, a part of verifying. A seal proves only that nothing changed since it was made; an entry that a
superuser put in before, past the triggers, is found by its own figures.
Not for: refusing anything; that is for the triggers on journal_entry and posting (migrations/region/versions/0003),
whose rules these are, asked of many entries at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.sealing.findings import Finding

__all__ = ["check_entries"]

_AT_ONCE = 20_000
_RANGE = "p.entry_id > :after AND p.entry_id <= :upto"
_SIGNED = "sum(CASE p.side WHEN 'debit' THEN p.amount_sen ELSE -p.amount_sen END)"
_UPTO = text("SELECT max(w.id) FROM (SELECT e.id FROM journal_entry e WHERE e.id > :after ORDER BY e.id LIMIT :most) w")
# Each is gathered whole before it is cut: where the planner knows of LIMIT, it walks the chart anew for each posting.
_FIRST_OF = "WITH broken AS MATERIALIZED ({found}) SELECT {columns} FROM broken w ORDER BY {columns} LIMIT :most"
# Line numbers are unique and begin at 1, so as many as there should be and none beyond that are 1, 2, 3 …
_INCOMPLETE = text(
    _FIRST_OF.format(
        columns="w.id, w.lines, w.expected",
        found=f"""
    SELECT e.id, coalesce(g.lines, 0) AS lines, e.posting_count AS expected
    FROM journal_entry e LEFT JOIN (
        SELECT p.entry_id, count(*) AS lines, max(p.line_no) AS last_line FROM posting p WHERE {_RANGE}
        GROUP BY p.entry_id
    ) g ON g.entry_id = e.id
    WHERE e.id > :after AND e.id <= :upto
        AND (g.lines IS DISTINCT FROM e.posting_count OR g.last_line <> e.posting_count)
""",  # noqa: S608 - constants of ours
    )
)
_UNBALANCED = text(
    _FIRST_OF.format(
        columns="w.entry_id",
        found=f"""
    SELECT DISTINCT g.entry_id FROM (
        SELECT p.entry_id FROM posting p WHERE {_RANGE} GROUP BY p.entry_id, p.book, p.entity_id HAVING {_SIGNED} <> 0
    ) g
""",  # noqa: S608 - constants of ours
    )
)
_UNPAIRED = text(
    _FIRST_OF.format(
        columns="w.entry_id",
        found=f"""
    SELECT DISTINCT g.entry_id FROM (
        SELECT p.entry_id FROM posting p WHERE {_RANGE} AND p.counterpart_entity_id IS NOT NULL
        GROUP BY p.entry_id, least(p.entity_id, p.counterpart_entity_id),
            greatest(p.entity_id, p.counterpart_entity_id)
        HAVING {_SIGNED} <> 0
    ) g
""",  # noqa: S608 - constants of ours
    )
)
_MISPLACED = text(
    _FIRST_OF.format(
        columns="w.entry_id, w.line_no",
        found=f"""
    SELECT p.entry_id, p.line_no FROM posting p
    JOIN journal_entry e ON e.id = p.entry_id
    LEFT JOIN (
        SELECT x.id, x.level, x.book, x.requires_counterpart, x.valid_from, x.valid_to,
            lead(x.valid_from) OVER (PARTITION BY x.code ORDER BY x.valid_from) AS next_from
        FROM account x
    ) a ON a.id = p.account_id
    LEFT JOIN entity n ON n.id = p.entity_id
    LEFT JOIN entity c ON c.id = p.counterpart_entity_id
    WHERE {_RANGE} AND (
        a.id IS NULL OR a.level <> 6 OR a.book <> p.book OR p.accounted_on <> e.accounted_on
        OR p.accounted_on < a.valid_from OR p.accounted_on > a.valid_to OR p.accounted_on >= a.next_from
        OR a.requires_counterpart <> (p.counterpart_entity_id IS NOT NULL)
        OR n.id IS NULL OR p.counterpart_entity_id IS NOT NULL AND c.id IS NULL
        OR p.amount_sen <= 0 OR p.amount_sen > 100000000000000000 OR p.side NOT IN ('debit', 'credit')
    )
""",  # noqa: S608 - constants of ours
    )
)


def check_entries(session: Session, *, most: int) -> Iterator[Finding]:
    """Every entry that breaks a rule, some thousand entries at a time, at most `most` per rule and time."""
    after = -(2**63)
    while (upto := session.scalar(_UPTO, {"after": after, "most": _AT_ONCE})) is not None:
        bounds = {"after": after, "upto": upto, "most": most}
        for row in session.execute(_INCOMPLETE, bounds):
            told = (f"{row.lines}, seharusnya {row.expected}", f"{row.lines}, should be {row.expected}")
            if row.lines == row.expected:
                told = ("nomornya tidak berurutan dari 1", "their numbers do not go on from 1")
            yield Finding("entry_incomplete", "entry", row.id, told_id=told[0], told_en=told[1])
        for row in session.execute(_UNBALANCED, bounds):
            yield Finding("entry_unbalanced", "entry", row.entry_id)
        for row in session.execute(_UNPAIRED, bounds):
            yield Finding("entry_unpaired", "entry", row.entry_id)
        for row in session.execute(_MISPLACED, bounds):
            told = (f"baris {row.line_no}", f"posting {row.line_no}")
            yield Finding("posting_misplaced", "entry", row.entry_id, told_id=told[0], told_en=told[1])
        after = upto
