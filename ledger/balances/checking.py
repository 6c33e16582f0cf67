"""Proving the kept sums: every one against a plain sum of the postings that it stands for.

For: `list_wrong_sums`, for whoever must know which sum is wrong, and `check_rollup`, for whoever asks if any is.
Not for: repairing: sums are made by the database alone, and a wrong one is a finding.

One statement per kind: the sums of all that is rolled up, those of the first level of history, those of the levels
above (against the level below), and the pieces themselves (that none is missing, and since when they are known).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

__all__ = ["WrongSum", "check_rollup", "list_wrong_sums"]


@dataclass(frozen=True, slots=True)
class WrongSum:
    """A sum that is not what its postings come to; amounts in sen, None where there should be or is no sum.

    `piece` is "0" for what is rolled up, "level/number" for history; `span` is "day", "part", "month", or "piece" where
    the piece itself is wrong (then the rest is empty).
    """

    piece: str
    span: str
    starts_on: date | None
    account: str | None
    entity: str | None
    counterpart: str | None
    partner: str | None
    kept_debit: int | None
    kept_credit: int | None
    found_debit: int | None
    found_credit: int | None


_KEY = "account_id, entity_id, counterpart_entity_id, partner, closing"
_START = """CASE v.span WHEN 'day' THEN d.accounted_on
        WHEN 'part' THEN d.accounted_on - (extract(day FROM d.accounted_on)::int - 1
            - 5 * least((extract(day FROM d.accounted_on)::int - 1) / 5, 5))
        ELSE date_trunc('month', d.accounted_on::timestamp)::date END"""
_SPANS = "(VALUES ('day'), ('part'), ('month')) v (span)"
_CLOSING = "EXISTS (SELECT 1 FROM adjusting_kind k WHERE k.kind = e.kind AND k.nature = 'closing')"


def _found(entries: str, piece: str) -> str:
    """The sums that there should be: `entries` is FROM and WHERE over journal_entry e, `piece` their piece."""
    return f"""
    SELECT d.piece_id, v.span, {_START} AS starts_on, {_KEY}, sum(d.debit_sen) AS debit_sen,
        sum(d.credit_sen) AS credit_sen
    FROM (
        SELECT {piece} AS piece_id, e.accounted_on, p.account_id, p.entity_id,
            coalesce(p.counterpart_entity_id, 0) AS counterpart_entity_id, coalesce(p.partner, '') AS partner,
            {_CLOSING} AS closing,
            coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'debit'), 0) AS debit_sen,
            coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'credit'), 0) AS credit_sen
        {entries}
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    ) d CROSS JOIN {_SPANS}
    GROUP BY d.piece_id, v.span, 3, {_KEY}"""  # noqa: S608 - fixed texts


def _compared(kept: str, found: str) -> str:
    """The sums in which two selections differ, in the columns of WrongSum, those of the oldest dates first."""
    return f"""
SELECT CASE q.id WHEN 0 THEN '0' ELSE coalesce((
        SELECT p.level || '/' || p.number FROM balance_piece p WHERE p.id = q.id), 'id ' || q.id) END AS piece,
    q.span, q.starts_on, coalesce((SELECT a.code FROM account a WHERE a.id = q.account_id), 'id ' || q.account_id),
    coalesce((SELECT n.code FROM entity n WHERE n.id = q.entity_id), 'id ' || q.entity_id),
    (SELECT n.code FROM entity n WHERE n.id = q.counterpart_entity_id), nullif(q.partner, ''),
    q.kept_debit, q.kept_credit, q.found_debit::bigint, q.found_credit::bigint
FROM (
    SELECT piece_id AS id, span, starts_on, {_KEY}, w.debit_sen AS kept_debit, w.credit_sen AS kept_credit,
        f.debit_sen AS found_debit, f.credit_sen AS found_credit
    FROM ({kept}) w FULL JOIN ({found}) f USING (piece_id, span, starts_on, {_KEY})
    WHERE (w.debit_sen, w.credit_sen) IS DISTINCT FROM (f.debit_sen, f.credit_sen)
) q
ORDER BY q.id, q.starts_on, q.span, 4, 5, q.counterpart_entity_id, q.partner, q.closing"""  # noqa: S608 - fixed texts


_HERE = "FROM balance_position b, pg_control_system() c WHERE b.cluster = c.system_identifier"
_ALL = " UNION ALL ".join(
    f"SELECT 0::bigint AS piece_id, '{span}' AS span, starts_on, {_KEY}, debit_sen, credit_sen FROM balance_{span}"  # noqa: S608 - fixed texts
    for span in ("day", "part", "month")
)
_PAST = f"SELECT piece_id, span, starts_on, {_KEY}, debit_sen, credit_sen FROM balance_past"  # noqa: S608 - fixed texts

_ROLLED_UP = _compared(
    _ALL,
    _found(
        "FROM balance_position b, journal_entry e JOIN posting p ON p.entry_id = e.id"
        " WHERE e.id <= b.after_id OR e.recorded_xact < b.upto_xact",
        "0::bigint",
    ),
)
_FIRST_LEVEL = _compared(
    f"{_PAST} WHERE piece_id NOT IN (SELECT x.id FROM balance_piece x WHERE x.level > 0)",  # noqa: S608 - fixed texts
    _found(
        """FROM balance_piece x CROSS JOIN LATERAL (
            SELECT j.id, j.accounted_on, j.kind FROM journal_entry j
            WHERE j.recorded_xact >= x.from_xact AND j.recorded_xact < x.upto_xact AND j.id + 0 > x.after_id
            UNION ALL
            SELECT j.id, j.accounted_on, j.kind FROM journal_entry j
            WHERE x.from_xact IS NULL AND j.id > x.after_id AND j.id <= x.upto_id
        ) e JOIN posting p ON p.entry_id = e.id WHERE x.level = 0""",
        "x.id",
    ),
)
_HIGHER_LEVELS = _compared(
    f"{_PAST} WHERE piece_id IN (SELECT x.id FROM balance_piece x WHERE x.level > 0)",  # noqa: S608 - fixed texts
    f"""SELECT x.id AS piece_id, s.span, s.starts_on, {_KEY}, sum(s.debit_sen) AS debit_sen,
        sum(s.credit_sen) AS credit_sen
    FROM balance_piece x
    JOIN balance_piece y ON y.level = x.level - 1 AND y.number BETWEEN 4 * x.number - 3 AND 4 * x.number
    JOIN balance_past s ON s.piece_id = y.id
    WHERE x.level > 0 GROUP BY x.id, s.span, s.starts_on, {_KEY}""",  # noqa: S608 - fixed texts
)
# Stretches join on to each other, by ids where entries came with a dump and by transactions after, until the last
# cut. Each level has a piece for every four of the level below. A piece is known since its entries are.
_PIECES = """
SELECT q.level || '/' || q.number, 'piece', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM (
    SELECT x.level, x.number, x.number <> row_number() OVER (PARTITION BY x.level ORDER BY x.number)
        OR CASE WHEN x.level > 0 THEN x.known_from IS DISTINCT FROM below.known_from
                OR x.known_to IS DISTINCT FROM below.known_to OR below.pieces <> 4
            WHEN x.from_xact IS NULL THEN x.after_id <> coalesce(lag(x.upto_id) OVER w, 0)
                OR lag(x.from_xact) OVER w IS NOT NULL OR x.upto_id > b.after_id
            ELSE x.after_id <> b.after_id OR lag(x.upto_xact) OVER w <> x.from_xact END
        OR x.level = 0 AND (x.known_from, x.known_to) IS DISTINCT FROM (known.known_from, known.known_to) AS wrong
    FROM balance_position b CROSS JOIN balance_piece x
    LEFT JOIN LATERAL (
        SELECT min(y.known_from) AS known_from, max(y.known_to) AS known_to, count(*) AS pieces FROM balance_piece y
        WHERE y.level = x.level - 1 AND y.number BETWEEN 4 * x.number - 3 AND 4 * x.number
    ) below ON x.level > 0
    LEFT JOIN LATERAL (
        SELECT min(greatest(j.recorded_at, l.known_from)) AS known_from,
            max(greatest(j.recorded_at, l.known_from)) AS known_to
        FROM (
            SELECT e.id, e.recorded_at FROM journal_entry e
            WHERE e.recorded_xact >= x.from_xact AND e.recorded_xact < x.upto_xact AND e.id + 0 > x.after_id
            UNION ALL
            SELECT e.id, e.recorded_at FROM journal_entry e
            WHERE x.from_xact IS NULL AND e.id > x.after_id AND e.id <= x.upto_id
        ) j LEFT JOIN late_entry l ON l.entry_id = j.id
    ) known ON x.level = 0
    WINDOW w AS (PARTITION BY x.level ORDER BY x.number)
) q
WHERE q.wrong
UNION ALL
SELECT q.level + 1 || '/' || q.number / 4, 'piece', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM balance_piece q
WHERE q.number % 4 = 0 AND NOT EXISTS (
    SELECT 1 FROM balance_piece x WHERE x.level = q.level + 1 AND x.number = q.number / 4)
UNION ALL
SELECT '0/' || last.number + 1, 'piece', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM balance_position b
CROSS JOIN (
    SELECT coalesce(max(x.number), 0) AS number, coalesce(max(x.upto_id), 0) AS upto_id, coalesce((
        SELECT y.upto_xact FROM balance_piece y WHERE y.level = 0 AND y.from_xact IS NOT NULL
        ORDER BY y.number DESC LIMIT 1), '0') AS upto_xact
    FROM balance_piece x WHERE x.level = 0
) last
WHERE EXISTS (
    SELECT 1 FROM journal_entry e WHERE e.id <= b.after_id AND e.id > last.upto_id
    UNION ALL
    SELECT 1 FROM journal_entry e
    WHERE e.id > b.after_id AND e.recorded_xact < b.cut_xact AND e.recorded_xact >= last.upto_xact)"""
_KINDS = (_ROLLED_UP, _FIRST_LEVEL, _HIGHER_LEVELS, _PIECES)


def list_wrong_sums(session: Session, *, limit: int = 200) -> list[WrongSum]:
    """The first wrong sums of each kind, at most `limit` of a kind; empty is right. Reads every posting.

    A ledger that came from another server has no sums in use, so none that could be wrong, until it is rolled up.
    """
    if not session.scalar(text(f"SELECT EXISTS (SELECT 1 {_HERE})")):
        return []
    return [
        WrongSum(*row) for kind in _KINDS for row in session.execute(text(f"{kind} LIMIT :limit"), {"limit": limit})
    ]


def check_rollup(session: Session) -> int:
    """How many sums differ from what their postings come to; 0 is right. Reads every posting."""
    if not session.scalar(text(f"SELECT EXISTS (SELECT 1 {_HERE})")):
        return 0
    return sum(int(session.scalar(text(f"SELECT count(*) FROM ({kind}) d")) or 0) for kind in _KINDS)  # noqa: S608 - fixed texts
