"""What was known when; and reading sums of postings as of an accounting date and as known at a moment."""

from alembic import op

from migrations.schema_tools import create_function, grant, grant_calls

revision = "region_0010"
down_revision = "region_0009"
branch_labels = None
depends_on = None

# A moment is final when each transaction that began before it was settled has ended: see ledger/balances/__init__.py.
# late_entry has the few entries that were written behind a moment which was final already.
_TABLES = """
CREATE TABLE known_position (
    id smallint CONSTRAINT pk_known_position PRIMARY KEY CONSTRAINT ck_known_position_only CHECK (id = 1),
    known_until timestamptz,
    known_xact xid8 NOT NULL,
    known_id bigint NOT NULL,
    noted_at timestamptz,
    noted_xact xid8,
    CONSTRAINT ck_known_position_noted CHECK ((noted_at IS NULL) = (noted_xact IS NULL))
);
INSERT INTO known_position (id, known_xact, known_id) VALUES (1, '0', 0);

CREATE TABLE late_entry (
    entry_id bigint CONSTRAINT pk_late_entry PRIMARY KEY,
    known_from timestamptz NOT NULL,
    recorded_xact xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX ix_late_entry_recorded_xact ON late_entry (recorded_xact);
"""

# Two steps: a moment is noted together with the newest transaction number given out by then, which is our own (a
# snapshot's xmax is only past the newest that ended); once all transactions below it have ended, the moment is final.
# What is of a later transaction and yet says that it was recorded by then is late: it counts as known from just after
# the moment on. No moment ahead of the database's clock is noted: one wrong clock would make all that follows late. One
# that is final already is passed over.
_NOTE = """
DECLARE
    horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
    wanted timestamptz := least(in_at, clock_timestamp());
    place record;
BEGIN
    IF (in_every > interval '0' AND wanted >= '1000-01-01 00:00:00+00') IS NOT TRUE THEN
        RAISE EXCEPTION 'no moment % is noted every %', in_at, in_every
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_known_asked';
    END IF;
    PERFORM 1 FROM known_position k
    WHERE k.noted_xact <= horizon OR k.noted_at IS NULL
        AND (k.known_until IS NULL OR k.known_until < wanted AND k.known_until + in_every <= wanted);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT k.known_until, k.known_xact, k.noted_at, k.noted_xact, b.after_id INTO place
    FROM known_position k, balance_position b, pg_control_system() c
    WHERE b.cluster = c.system_identifier FOR UPDATE OF k SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF place.noted_xact <= horizon THEN
        INSERT INTO late_entry (entry_id, known_from)
        SELECT j.id, place.known_until + interval '1 microsecond' FROM journal_entry j
        WHERE j.recorded_xact >= place.known_xact AND j.recorded_xact < place.noted_xact AND j.id + 0 > place.after_id
            AND j.recorded_at <= place.known_until;
        UPDATE known_position SET known_until = place.noted_at, known_xact = place.noted_xact, noted_at = NULL,
            noted_xact = NULL, known_id = coalesce((SELECT max(j.id) FROM journal_entry j), 0);
        place.known_until := place.noted_at;
        place.noted_at := NULL;
    END IF;
    IF place.noted_at IS NULL
        AND (place.known_until IS NULL OR place.known_until < wanted AND place.known_until + in_every <= wanted) THEN
        UPDATE known_position SET noted_at = wanted, noted_xact = pg_current_xact_id();
    END IF;
END
"""

# The same for the entries that came from another server: those that were not yet settled there are settled now.
_MOVE = """
BEGIN
    INSERT INTO late_entry (entry_id, known_from)
    SELECT j.id, k.known_until + interval '1 microsecond' FROM known_position k, journal_entry j
    WHERE j.id > in_after_id AND j.id <= in_upto_id AND (j.recorded_xact >= k.known_xact OR j.id > k.known_id)
        AND j.recorded_at <= k.known_until
    ON CONFLICT DO NOTHING;
    UPDATE known_position SET known_xact = in_upto, known_id = in_upto_id, noted_at = NULL, noted_xact = NULL;
END
"""

# What is final stays final, whoever writes. Transactions alone may be counted from a lower number, on another server.
_RISES = """
BEGIN
    IF OLD.known_until IS NOT NULL AND (NEW.known_until >= OLD.known_until) IS NOT TRUE
        OR NEW.noted_at <= NEW.known_until OR NEW.known_id < OLD.known_id
        OR NEW.known_xact < OLD.known_xact AND EXISTS (
            SELECT 1 FROM balance_position b, pg_control_system() c WHERE b.cluster = c.system_identifier) THEN
        RAISE EXCEPTION 'what is known finally until % stays so', OLD.known_until
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_known_rises';
    END IF;
    RETURN NEW;
END
"""

_SUMS_SIGNATURE = """{name}(in_since date, in_on date, in_known_at timestamptz, in_accounts bigint[],
    in_entity bigint)
    RETURNS TABLE (account_id bigint, entity_id bigint, counterpart_entity_id bigint, partner varchar, closing boolean,
    opening_debit bigint, opening_credit bigint, debit bigint, credit bigint) STABLE"""


def _part_of(day: str) -> str:
    return f"({day} - (extract(day FROM {day})::int - 1 - 5 * least((extract(day FROM {day})::int - 1) / 5, 5)))"


# Which sums of each span an answer takes.
_TAKEN = {
    "month": """s.starts_on <= until_date
            AND NOT (since_split AND s.starts_on = since_month) AND NOT (until_split AND s.starts_on = until_month)""",
    "part": """s.starts_on <= until_date
            AND (since_split AND s.starts_on >= since_month AND s.starts_on < since_month + interval '1 month'
                OR until_split AND s.starts_on >= until_month)
            AND NOT (since_part_split AND s.starts_on = since_part)
            AND NOT (until_part_split AND s.starts_on = until_part)""",
    "day": """s.starts_on <= until_date
            AND (since_part_split AND s.starts_on >= since_part AND s.starts_on < since_part_end
                OR until_part_split AND s.starts_on >= until_part)""",
}
_COLUMNS = """s.account_id, s.entity_id, s.counterpart_entity_id, s.partner, s.closing, s.starts_on,
            s.debit_sen, s.credit_sen"""
_WANTED = "(in_accounts IS NULL OR s.account_id = ANY (in_accounts))"
_KEPT = "\n        UNION ALL\n        ".join(
    f"""SELECT {_COLUMNS}
        FROM balance_{span} s
        WHERE in_known_at IS NULL AND {taken} AND {_WANTED}
        UNION ALL
        SELECT {_COLUMNS}
        FROM balance_past s
        WHERE in_known_at IS NOT NULL AND s.piece_id = ANY (pieces) AND s.span = '{span}'
            AND {taken} AND {_WANTED}"""  # noqa: S608 - fixed texts
    for span, taken in _TAKEN.items()
)

# What stays true of known entries: recorded by then, and not written behind the moment when it was final already.
_KNOWN = """{e}.recorded_at <= in_known_at AND {e}.id <> ALL (late) AND (NOT final
            OR {e}.id <= place.known_id AND ({e}.id <= place.after_id OR {e}.recorded_xact < place.known_xact))"""
_PLACE = """
    SELECT b.cluster = c.system_identifier AS here, b.after_id, b.upto_xact, b.cut_xact, k.known_until, k.known_xact,
        k.known_id
    INTO place
    FROM balance_position b, known_position k, pg_control_system() c;
    IF in_known_at IS NOT NULL THEN
        final := coalesce(in_known_at <= place.known_until, false);
        late := ARRAY(SELECT l.entry_id FROM late_entry l WHERE l.known_from > in_known_at);
    END IF;"""

# Months that lie wholly on one side of both dates are read as months, the others by their parts, and parts that a date
# splits day by day; to that come the postings of entries that no sum holds yet. STABLE: all of it is read as of the
# caller's one snapshot.
_SUMS = f"""
DECLARE
    far constant date := '9999-12-31';
    until_date constant date := coalesce(in_on, far);
    since_date constant date := coalesce(in_since, '0001-01-01');
    since_month constant date := date_trunc('month', since_date::timestamp);
    until_month constant date := date_trunc('month', until_date::timestamp);
    since_split constant boolean := since_date > since_month;
    until_split constant boolean := until_date < far AND until_date + 1 < until_month + interval '1 month';
    since_part constant date := {_part_of("since_date")};
    until_part constant date := {_part_of("until_date")};
    since_part_end constant date := CASE WHEN since_part < since_month + 25 THEN since_part + 5
        ELSE since_month + interval '1 month' END;
    since_part_split constant boolean := since_date > since_part;
    until_part_split constant boolean := until_split AND until_part = {_part_of("(until_date + 1)")};
    place record;
    final boolean := false;
    late bigint[] := '{{}}';
    pieces bigint[] := '{{}}';
    halfway bigint[] := '{{}}';
    newest_from xid8;
    newest_upto xid8 := '18446744073709551615';
BEGIN
    {_PLACE}
    IF NOT coalesce(place.here, false) THEN
        RETURN QUERY SELECT s.account_id, s.entity_id, s.counterpart_entity_id, s.partner, s.closing, s.opening_debit,
            s.opening_credit, s.debit, s.credit
        FROM ledger_sums_of_postings(in_since, in_on, in_known_at, in_accounts, in_entity) s;
        RETURN;
    END IF;
    newest_from := place.upto_xact;
    IF in_known_at IS NOT NULL THEN
        pieces := ARRAY(
            SELECT p.id FROM balance_piece p
            WHERE p.known_to <= in_known_at AND NOT EXISTS (
                SELECT 1 FROM balance_piece q
                WHERE q.level = p.level + 1 AND q.number = (p.number + 3) / 4 AND q.known_to <= in_known_at));
        halfway := ARRAY(
            SELECT p.id FROM balance_piece p
            WHERE p.level = 0 AND p.known_from <= in_known_at AND p.known_to > in_known_at);
        newest_from := place.cut_xact;
        newest_upto := CASE WHEN final THEN place.known_xact ELSE newest_upto END;
    END IF;
    RETURN QUERY
    WITH ranges AS (
        SELECT p.after_id, p.upto_id, p.from_xact, p.upto_xact FROM balance_piece p WHERE p.id = ANY (halfway)
        UNION ALL
        SELECT place.after_id, NULL, newest_from, newest_upto
    ), loose AS MATERIALIZED (
        SELECT j.id, j.accounted_on, EXISTS (
            SELECT 1 FROM adjusting_kind k WHERE k.kind = j.kind AND k.nature = 'closing') AS closing
        FROM ranges r
        CROSS JOIN LATERAL (
            SELECT e.id, e.accounted_on, e.kind, e.recorded_at, e.recorded_xact FROM journal_entry e
            WHERE e.recorded_xact >= r.from_xact AND e.recorded_xact < r.upto_xact AND e.id + 0 > r.after_id
            UNION ALL
            SELECT e.id, e.accounted_on, e.kind, e.recorded_at, e.recorded_xact FROM journal_entry e
            WHERE r.from_xact IS NULL AND e.id > r.after_id AND e.id <= r.upto_id
        ) j
        WHERE j.accounted_on <= until_date AND (in_known_at IS NULL OR {_KNOWN.format(e="j")})
    ), parts AS (
        {_KEPT}
        UNION ALL
        SELECT p.account_id, p.entity_id, coalesce(p.counterpart_entity_id, 0), coalesce(p.partner, ''),
            l.closing, l.accounted_on,
            CASE p.side WHEN 'debit' THEN p.amount_sen ELSE 0 END,
            CASE p.side WHEN 'credit' THEN p.amount_sen ELSE 0 END
        FROM loose l JOIN posting p ON p.entry_id = l.id
        WHERE in_accounts IS NULL OR p.account_id = ANY (in_accounts)
    )
    SELECT s.account_id, s.entity_id, nullif(s.counterpart_entity_id, 0), nullif(s.partner, '')::varchar, s.closing,
        coalesce(sum(s.debit_sen) FILTER (WHERE s.starts_on < since_date), 0)::bigint,
        coalesce(sum(s.credit_sen) FILTER (WHERE s.starts_on < since_date), 0)::bigint,
        coalesce(sum(s.debit_sen) FILTER (WHERE s.starts_on >= since_date), 0)::bigint,
        coalesce(sum(s.credit_sen) FILTER (WHERE s.starts_on >= since_date), 0)::bigint
    FROM parts s
    WHERE in_entity IS NULL OR s.entity_id = in_entity
    GROUP BY s.account_id, s.entity_id, s.counterpart_entity_id, s.partner, s.closing;
END
"""  # noqa: S608 - fixed texts

# The same without any sum kept: what ledger_sums is checked against, and what answers while the sums are of no use.
_SUMS_OF_POSTINGS = f"""
DECLARE
    place record;
    final boolean := false;
    late bigint[] := '{{}}';
BEGIN
    {_PLACE}
    RETURN QUERY
    SELECT p.account_id, p.entity_id, p.counterpart_entity_id, p.partner::varchar, k.kind IS NOT NULL,
        coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'debit' AND p.accounted_on < in_since), 0)::bigint,
        coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'credit' AND p.accounted_on < in_since), 0)::bigint,
        coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'debit'
            AND (in_since IS NULL OR p.accounted_on >= in_since)), 0)::bigint,
        coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'credit'
            AND (in_since IS NULL OR p.accounted_on >= in_since)), 0)::bigint
    FROM posting p
    JOIN journal_entry e ON e.id = p.entry_id
    LEFT JOIN adjusting_kind k ON k.kind = e.kind AND k.nature = 'closing'
    WHERE (in_on IS NULL OR p.accounted_on <= in_on) AND (in_known_at IS NULL OR {_KNOWN.format(e="e")})
        AND (in_accounts IS NULL OR p.account_id = ANY (in_accounts))
        AND (in_entity IS NULL OR p.entity_id = in_entity)
    GROUP BY 1, 2, 3, 4, 5;
END
"""  # noqa: S608 - fixed texts

_DAYS_SIGNATURE = """ledger_daily_sums(in_since date, in_on date, in_accounts bigint[])
    RETURNS TABLE (accounted_on date, entity_id bigint, partner varchar, debit bigint, credit bigint) STABLE"""

_DAYS = """
DECLARE
    place record;
BEGIN
    SELECT b.cluster = c.system_identifier AS here, b.after_id, b.upto_xact INTO place
    FROM balance_position b, pg_control_system() c;
    RETURN QUERY
    SELECT d.accounted_on, d.entity_id, nullif(d.partner, '')::varchar, sum(d.debit_sen)::bigint,
        sum(d.credit_sen)::bigint
    FROM (
        SELECT s.starts_on AS accounted_on, s.entity_id, s.partner, s.debit_sen, s.credit_sen
        FROM balance_day s
        WHERE place.here AND s.account_id = ANY (in_accounts) AND s.starts_on BETWEEN in_since AND in_on
        UNION ALL
        SELECT p.accounted_on, p.entity_id, coalesce(p.partner, ''),
            CASE p.side WHEN 'debit' THEN p.amount_sen ELSE 0 END,
            CASE p.side WHEN 'credit' THEN p.amount_sen ELSE 0 END
        FROM journal_entry e JOIN posting p ON p.entry_id = e.id
        WHERE place.here AND e.recorded_xact >= place.upto_xact AND e.id + 0 > place.after_id
            AND e.accounted_on BETWEEN in_since AND in_on AND p.account_id = ANY (in_accounts)
        UNION ALL
        SELECT p.accounted_on, p.entity_id, coalesce(p.partner, ''),
            CASE p.side WHEN 'debit' THEN p.amount_sen ELSE 0 END,
            CASE p.side WHEN 'credit' THEN p.amount_sen ELSE 0 END
        FROM posting p
        WHERE NOT coalesce(place.here, false) AND p.account_id = ANY (in_accounts)
            AND p.accounted_on BETWEEN in_since AND in_on
    ) d
    GROUP BY d.accounted_on, d.entity_id, d.partner;
END
"""

# Each call is planned for its own dates and ranges. A table that has grown since it was last analysed would be read
# whole, joined whole or compiled for.
_PLANNING = ("plan_cache_mode = force_custom_plan", "enable_seqscan = off", "jit = off")
_NARROW = (*_PLANNING, "enable_hashjoin = off", "enable_mergejoin = off")


def upgrade() -> None:
    """Create what settles known moments, and what reads sums. The application reads and settles."""
    op.execute(_TABLES)
    create_function("ledger_note_known(in_at timestamptz, in_every interval) RETURNS void SECURITY DEFINER", _NOTE)
    create_function("ledger_move_known(in_after_id bigint, in_upto_id bigint, in_upto xid8) RETURNS void", _MOVE)
    create_function(_SUMS_SIGNATURE.format(name="ledger_sums_of_postings"), _SUMS_OF_POSTINGS)
    create_function(_SUMS_SIGNATURE.format(name="ledger_sums"), _SUMS)
    create_function(_DAYS_SIGNATURE, _DAYS)
    for setting in _NARROW:
        op.execute(f"ALTER FUNCTION ledger_sums SET {setting}")
        op.execute(f"ALTER FUNCTION ledger_daily_sums SET {setting}")
    for setting in _PLANNING:
        op.execute(f"ALTER FUNCTION ledger_note_known SET {setting}")
    op.execute(
        "CREATE TRIGGER late_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON late_entry"
        " FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
    )
    create_function("ledger_check_known() RETURNS trigger", _RISES)
    op.execute(
        "CREATE TRIGGER known_position_rises BEFORE UPDATE ON known_position"
        " FOR EACH ROW EXECUTE FUNCTION ledger_check_known()"
    )
    op.execute(
        "CREATE TRIGGER known_position_never_deleted BEFORE DELETE OR TRUNCATE ON known_position"
        " FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
    )
    grant("SELECT", "known_position", "late_entry")
    grant_calls("ledger_note_known", "ledger_sums", "ledger_sums_of_postings", "ledger_daily_sums")
