"""What was known when: can the final moment, and the entries that came late behind one, be as they say?

For: `check_knowing`, a part of verifying. Answers "as known at" rest on table known_position and on the rows of
late_entry (the definition is in ledger.balances). Both follow from the order of transactions, so much of what a
superuser puts there contradicts what else is there.
Not for: proving them whole: the moments noted before are not kept. A place that is possible is believed.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation import clock
from ledger.sealing.findings import Finding

__all__ = ["check_knowing"]

# A moment that is noted has passed, and its number was given. It is final only when every older transaction has ended,
# and then the newest entry is named, so none of an older transaction has a higher id. History is cut only of what is
# final. Numbers of another server tell nothing here.
_POSITION = text("""
    SELECT k.known_until > CAST(:now AS timestamptz) AS known_until,
        k.known_id > coalesce((SELECT max(e.id) FROM journal_entry e), 0)
            OR p.here AND EXISTS (SELECT 1 FROM journal_entry e
                WHERE e.id > greatest(k.known_id, p.after_id) AND e.recorded_xact < k.known_xact) AS known_id,
        k.known_xact < p.cut_xact OR p.here AND k.known_xact > pg_snapshot_xmin(pg_current_snapshot()) AS known_xact,
        k.noted_at > CAST(:now AS timestamptz) OR k.noted_at <= k.known_until AS noted_at,
        k.noted_xact < k.known_xact OR p.here AND k.noted_xact >= pg_snapshot_xmax(pg_current_snapshot())
            AND k.noted_xact IS DISTINCT FROM pg_current_xact_id_if_assigned() AS noted_xact
    FROM known_position k LEFT JOIN LATERAL (
        SELECT b.after_id, b.cut_xact, b.cluster = c.system_identifier AS here
        FROM balance_position b, pg_control_system() c
    ) p ON true
""")
# Late is what was recorded by a moment that was final, and it is known from just after that moment on. So of all that
# was written after it, in the order of transactions, nothing is known before it is.
# LIMIT tells the planner that there is one place, whatever it believes of a table that was never analysed.
_LATE = text("""
    WITH place AS MATERIALIZED (
        SELECT k.known_until, k.known_xact, k.known_id, b.after_id, b.cluster = c.system_identifier AS here
        FROM known_position k LEFT JOIN balance_position b ON true CROSS JOIN pg_control_system() c LIMIT 1
    ), late AS MATERIALIZED (
        SELECT l.entry_id, l.known_from, e.id, e.recorded_at, e.recorded_xact
        FROM late_entry l LEFT JOIN journal_entry e ON e.id = l.entry_id
    ), beyond AS MATERIALIZED (
        SELECT j.id, l.known_from,
            min(greatest(j.recorded_at, l.known_from)) OVER (ORDER BY j.recorded_xact DESC) AS others_from
        FROM place p
        JOIN journal_entry j ON p.here AND j.id > p.after_id AND j.recorded_xact < p.known_xact AND j.recorded_xact >= (
            SELECT n.recorded_xact FROM late n WHERE n.id > p.after_id ORDER BY n.recorded_xact LIMIT 1)
        LEFT JOIN late l ON l.id = j.id
    )
    SELECT w.entry_id, w.kind FROM (
        SELECT l.entry_id, CASE
            WHEN l.id IS NULL THEN 'late_without_entry'
            WHEN l.known_from <= l.recorded_at THEN 'late_too_early'
            WHEN p.known_until IS NULL OR l.known_from > p.known_until + interval '1 microsecond'
                OR l.recorded_xact >= p.known_xact AND l.id > p.known_id THEN 'late_too_soon'
            WHEN y.known_from > y.others_from THEN 'late_alone'
            END AS kind
        FROM late l CROSS JOIN place p LEFT JOIN beyond y ON y.id = l.id
    ) w
    WHERE w.kind IS NOT NULL ORDER BY w.entry_id LIMIT :most
""")


def check_knowing(session: Session, *, most: int) -> Iterator[Finding]:
    """The final moment where it cannot be as it is, and every late entry that cannot be late so, at most `most`."""
    position = session.execute(_POSITION, {"now": clock.now()}).mappings().one_or_none()
    if position is None:
        yield Finding("position_missing", "known_position")
        return
    if wrong := tuple(column for column, broken in position.items() if broken):
        yield Finding("position_wrong", "known_position", columns=wrong)
    for row in session.execute(_LATE, {"most": most}):
        yield Finding(row.kind, "late_entry", row.entry_id)
