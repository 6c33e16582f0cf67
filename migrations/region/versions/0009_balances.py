"""Sums of postings, rolled up behind the writers; and posting many entries at once."""

from alembic import op

from migrations.schema_tools import create_function, grant, grant_calls

revision = "region_0009"
down_revision = "region_0008"
branch_labels = None
depends_on = None

# balance_day, balance_part and balance_month hold all that is rolled up, and are added to; balance_past holds pieces of
# history, which stay as they are. They are tables of their own so that rows that are read together lie together.
# A counterpart of 0 and a partner of '' stand for none, so that the key has no nulls. A part is five days of
# a month from its first on; the last takes the rest.
_TABLES = """
CREATE TABLE balance_position (
    id smallint CONSTRAINT pk_balance_position PRIMARY KEY CONSTRAINT ck_balance_position_only CHECK (id = 1),
    cluster bigint NOT NULL,
    after_id bigint NOT NULL,
    upto_xact xid8 NOT NULL,
    cut_xact xid8 NOT NULL,
    moved_to bigint,
    moved_id bigint,
    moved_xact xid8
);
INSERT INTO balance_position (id, cluster, after_id, upto_xact, cut_xact)
SELECT 1, c.system_identifier, 0, '0', '0' FROM pg_control_system() c;

CREATE TABLE balance_piece (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_balance_piece PRIMARY KEY,
    level smallint NOT NULL CONSTRAINT ck_balance_piece_level CHECK (level >= 0),
    number bigint NOT NULL CONSTRAINT ck_balance_piece_number CHECK (number >= 1),
    after_id bigint,
    upto_id bigint,
    from_xact xid8,
    upto_xact xid8,
    known_from timestamptz NOT NULL,
    known_to timestamptz NOT NULL,
    CONSTRAINT uq_balance_piece_level_number UNIQUE (level, number)
);
"""

_SUMS = {
    "day": "CREATE TABLE balance_day",
    "part": "CREATE TABLE balance_part",
    "month": "CREATE TABLE balance_month",
}
_SUM = """
(
    account_id bigint NOT NULL,
    entity_id bigint NOT NULL,
    counterpart_entity_id bigint NOT NULL,
    debit_sen bigint NOT NULL,
    credit_sen bigint NOT NULL,
    starts_on date NOT NULL,
    closing boolean NOT NULL,
    partner varchar(40) NOT NULL,
    CONSTRAINT pk_balance_{span}
        PRIMARY KEY (account_id, starts_on, entity_id, counterpart_entity_id, partner, closing)
) WITH (fillfactor = 70);
CREATE INDEX ix_balance_{span}_starts_on_account_id ON balance_{span} (starts_on, account_id);
"""

_PAST = """
CREATE TABLE balance_past (
    piece_id bigint NOT NULL,
    account_id bigint NOT NULL,
    entity_id bigint NOT NULL,
    counterpart_entity_id bigint NOT NULL,
    debit_sen bigint NOT NULL,
    credit_sen bigint NOT NULL,
    starts_on date NOT NULL,
    closing boolean NOT NULL,
    span varchar(5) NOT NULL CONSTRAINT ck_balance_past_span CHECK (span IN ('day', 'part', 'month')),
    partner varchar(40) NOT NULL,
    CONSTRAINT pk_balance_past
        PRIMARY KEY (piece_id, span, account_id, starts_on, entity_id, counterpart_entity_id, partner, closing)
);
"""

# Entries are taken by transaction (from in_from, before in_upto), or where in_from is null by id. "id + 0" keeps the
# planner from reading the primary key where the range of transactions is the narrow one.
_IN_RANGE = """(in_from IS NULL AND j.id > in_after_id AND j.id <= in_upto_id
                OR in_from IS NOT NULL AND j.recorded_xact >= in_from AND j.recorded_xact < in_upto
                    AND j.id + 0 > in_after_id)"""

_DAYS = f"""
    WITH days AS MATERIALIZED (
        SELECT p.account_id, p.entity_id, coalesce(p.counterpart_entity_id, 0) AS counterpart_entity_id,
            coalesce(p.partner, '') AS partner, e.accounted_on, e.closing,
            coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'debit'), 0) AS debit_sen,
            coalesce(sum(p.amount_sen) FILTER (WHERE p.side = 'credit'), 0) AS credit_sen
        FROM (
            SELECT j.id, j.accounted_on, EXISTS (
                SELECT 1 FROM adjusting_kind k WHERE k.kind = j.kind AND k.nature = 'closing') AS closing
            FROM journal_entry j
            WHERE {_IN_RANGE}
        ) e
        JOIN posting p ON p.entry_id = e.id
        GROUP BY 1, 2, 3, 4, 5, 6
    )"""  # noqa: S608 - fixed texts
_KEY = "account_id, entity_id, counterpart_entity_id, partner, closing"
_SPANS = {
    "day": "d.accounted_on",
    "part": "(d.accounted_on - (extract(day FROM d.accounted_on)::int - 1"
    " - 5 * least((extract(day FROM d.accounted_on)::int - 1) / 5, 5)))",
    "month": "date_trunc('month', d.accounted_on::timestamp)::date",
}


def _add_to(span: str) -> str:
    return f"""
    INSERT INTO balance_{span} ({_KEY}, starts_on, debit_sen, credit_sen)
    SELECT {_KEY}, {_SPANS[span]}, sum(d.debit_sen), sum(d.credit_sen) FROM days d GROUP BY {_KEY}, {_SPANS[span]}
    ON CONFLICT (account_id, starts_on, entity_id, counterpart_entity_id, partner, closing)
    DO UPDATE SET debit_sen = balance_{span}.debit_sen + excluded.debit_sen,
        credit_sen = balance_{span}.credit_sen + excluded.credit_sen"""  # noqa: S608 - fixed texts


_ADD = f"BEGIN{_DAYS}, parts AS ({_add_to('part')}), months AS ({_add_to('month')}){_add_to('day')};\nEND"

_KEEP_SPANS = " UNION ALL".join(
    f"""
    SELECT in_piece, '{span}', {_KEY}, {start}, sum(d.debit_sen), sum(d.credit_sen)
    FROM days d GROUP BY {_KEY}, {start}"""  # noqa: S608 - fixed texts
    for span, start in _SPANS.items()
)
_KEEP = f"""
BEGIN{_DAYS}
    INSERT INTO balance_past (piece_id, span, {_KEY}, starts_on, debit_sen, credit_sen){_KEEP_SPANS};
END
"""

# A piece of level 0 holds some thousands of entries; four of one level make one of the next, and stay beside it.
_CUT = f"""
DECLARE
    piece bigint;
    piece_number bigint;
    piece_level smallint := 0;
    earliest timestamptz;
    latest timestamptz;
BEGIN
    SELECT min(w.known_from), max(w.known_from) INTO earliest, latest
    FROM (
        SELECT greatest(j.recorded_at, l.known_from) AS known_from
        FROM journal_entry j LEFT JOIN late_entry l ON l.entry_id = j.id
        WHERE {_IN_RANGE}
    ) w;
    SELECT coalesce(max(p.number), 0) + 1 INTO piece_number FROM balance_piece p WHERE p.level = 0;
    INSERT INTO balance_piece (level, number, after_id, upto_id, from_xact, upto_xact, known_from, known_to)
    VALUES (0, piece_number, in_after_id, in_upto_id, in_from, in_upto, earliest, latest)
    RETURNING balance_piece.id INTO piece;
    PERFORM ledger_keep_piece(piece, in_after_id, in_upto_id, in_from, in_upto);
    WHILE piece_number % 4 = 0 LOOP
        INSERT INTO balance_piece (level, number, known_from, known_to)
        SELECT piece_level + 1, piece_number / 4, min(p.known_from), max(p.known_to)
        FROM balance_piece p
        WHERE p.level = piece_level AND p.number BETWEEN piece_number - 3 AND piece_number
        RETURNING balance_piece.id INTO piece;
        INSERT INTO balance_past (piece_id, span, starts_on, {_KEY}, debit_sen, credit_sen)
        SELECT piece, s.span, s.starts_on, {_KEY}, sum(s.debit_sen), sum(s.credit_sen)
        FROM balance_piece p JOIN balance_past s ON s.piece_id = p.id
        WHERE p.level = piece_level AND p.number BETWEEN piece_number - 3 AND piece_number
        GROUP BY s.span, s.starts_on, {_KEY};
        piece_level := piece_level + 1;
        piece_number := piece_number / 4;
    END LOOP;
END
"""  # noqa: S608 - fixed texts

# Only transactions older than every one that still runs are rolled up: what is there of them is all there will be.
# in_most is exceeded where one transaction alone holds more. Pieces are cut only of entries of which it is settled
# since when they are known (ledger_note_known).
_ROLL = """
DECLARE
    horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
    here bigint := (SELECT c.system_identifier FROM pg_control_system() c);
    place record;
    rolled bigint;
    last_xact xid8;
BEGIN
    SELECT b.cluster, b.after_id, b.upto_xact, b.cut_xact INTO place
    FROM balance_position b FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    IF place.cluster <> here THEN
        RETURN ledger_roll_moved(here, in_piece);
    END IF;
    SELECT count(*), (array_agg(w.recorded_xact ORDER BY w.recorded_xact DESC))[1] INTO rolled, last_xact
    FROM (
        SELECT j.recorded_xact FROM journal_entry j
        WHERE j.recorded_xact >= place.upto_xact AND j.recorded_xact < horizon AND j.id + 0 > place.after_id
        ORDER BY j.recorded_xact LIMIT in_most
    ) w;
    IF rolled < greatest(in_least, 1) THEN
        RETURN 0;
    END IF;
    last_xact := (last_xact::text::bigint + 1)::text::xid8;
    PERFORM ledger_add_sums(place.after_id, NULL, place.upto_xact, last_xact);
    UPDATE balance_position SET upto_xact = last_xact;
    place.upto_xact := least(last_xact, (SELECT k.known_xact FROM known_position k));
    LOOP
        SELECT j.recorded_xact INTO last_xact FROM journal_entry j
        WHERE j.recorded_xact >= place.cut_xact AND j.recorded_xact < place.upto_xact AND j.id + 0 > place.after_id
        ORDER BY j.recorded_xact OFFSET in_piece - 1 LIMIT 1;
        EXIT WHEN NOT FOUND;
        last_xact := (last_xact::text::bigint + 1)::text::xid8;
        PERFORM ledger_cut_piece(place.after_id, NULL, place.cut_xact, last_xact);
        UPDATE balance_position SET cut_xact = last_xact;
        place.cut_xact := last_xact;
    END LOOP;
    RETURN rolled;
END
"""

# A dump that was restored on another server keeps the transaction numbers of the old one, which mean nothing there.
# The first call notes, while no writer is at work, up to which id entries came along; the second sums those by id.
# Later entries are told by their transactions again: those that were running at the time are at or past moved_xact.
# Until then readers sum postings themselves.
_ROLL_MOVED = """
DECLARE
    noted record;
    from_id bigint := 0;
    last_id bigint;
BEGIN
    SELECT b.after_id, b.moved_to, b.moved_id, b.moved_xact INTO noted FROM balance_position b;
    IF noted.moved_to IS DISTINCT FROM in_here THEN
        LOCK TABLE journal_entry IN SHARE MODE;
        UPDATE balance_position SET moved_to = in_here, moved_xact = pg_snapshot_xmin(pg_current_snapshot()),
            moved_id = coalesce((SELECT max(j.id) FROM journal_entry j), 0);
        RETURN 1;
    END IF;
    PERFORM ledger_move_known(noted.after_id, noted.moved_id, noted.moved_xact);
    DELETE FROM balance_day;
    DELETE FROM balance_part;
    DELETE FROM balance_month;
    DELETE FROM balance_past;
    DELETE FROM balance_piece;
    PERFORM ledger_add_sums(0, noted.moved_id, NULL, NULL);
    WHILE from_id < noted.moved_id LOOP
        SELECT coalesce(max(w.id), noted.moved_id) INTO last_id FROM (
            SELECT j.id FROM journal_entry j WHERE j.id > from_id AND j.id <= noted.moved_id ORDER BY j.id
            LIMIT in_piece
        ) w;
        PERFORM ledger_cut_piece(from_id, last_id, NULL, NULL);
        from_id := last_id;
    END LOOP;
    UPDATE balance_position SET cluster = in_here, after_id = noted.moved_id, upto_xact = noted.moved_xact,
        cut_xact = noted.moved_xact, moved_to = NULL, moved_id = NULL, moved_xact = NULL;
    RETURN greatest(noted.moved_id, 1);
END
"""

# A ledger that came from another server has everything to do, even before it has a new entry.
_WAITING = """
BEGIN
    IF EXISTS (SELECT 1 FROM balance_position b, pg_control_system() c WHERE b.cluster <> c.system_identifier) THEN
        RETURN in_most;
    END IF;
    RETURN (
        SELECT count(*) FROM (
            SELECT 1 FROM balance_position b, journal_entry j
            WHERE j.recorded_xact >= b.upto_xact AND j.recorded_xact < pg_snapshot_xmin(pg_current_snapshot())
                AND j.id + 0 > b.after_id
            LIMIT in_most
        ) w
    );
END
"""


_POST_MANY_SIGNATURE = """ledger_post_many(in_entries jsonb, in_uids bytea, in_hashes bytea, in_actor text,
    in_recorded_at timestamptz, OUT new_ids bigint[], OUT repeated jsonb)"""

# in_entries is an array of what ledger_post takes; uids (16 bytes each) and content hashes (32 each) stand in the same
# order. new_ids too, with null where the key had its entry; repeated then tells [place, id, uid, hash in hex] of those.
_POST_MANY = """
DECLARE
    found_by text := set_config('lunas.found_by', 'ledger_post', true);
BEGIN
    WITH given AS MATERIALIZED (
        SELECT x.n, encode(substring(in_uids FROM (16 * x.n - 15)::int FOR 16), 'hex')::uuid AS uid,
            substring(in_hashes FROM (32 * x.n - 31)::int FOR 32) AS hash,
            CASE WHEN x.e->'may_be_late' = 'true' THEN ledger_open_date(x.accounted_on, x.e->>'kind')
                ELSE x.accounted_on END AS accounted_on,
            x.e
        FROM (
            SELECT j.e, j.n, CASE WHEN j.e->>'accounted_on' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
                THEN (j.e->>'accounted_on')::date ELSE ledger_refuse_date(j.e->>'accounted_on') END AS accounted_on
            FROM jsonb_array_elements(in_entries) WITH ORDINALITY j (e, n)
        ) x
    ), added AS (
        INSERT INTO journal_entry (uid, kind, key, content_hash, occurred_at, accounted_on, recorded_at, description,
            source_kind, source_uid, actor, posting_count)
        SELECT g.uid, g.e->>'kind', g.e->>'key', g.hash, (g.e->>'occurred_at')::timestamptz, g.accounted_on,
            in_recorded_at, g.e->>'description', g.e->>'source_kind', (g.e->>'source_uid')::uuid, in_actor,
            jsonb_array_length(g.e->'lines')
        FROM given g ORDER BY g.n
        ON CONFLICT (key) DO NOTHING
        RETURNING journal_entry.id, journal_entry.uid
    ), lines AS MATERIALIZED (
        SELECT a.id AS entry_id, g.accounted_on, l.line_no, l.book, l.entity, l.role, l.qualifier, l.side, l.sen,
            l.counterpart, l.partner, l.account
        FROM added a JOIN given g ON g.uid = a.uid
        CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(g.e->'lines') AS (book text, entity text, role text,
            qualifier text, side text, sen bigint, counterpart text, partner text, account text))
            WITH ORDINALITY AS l (book, entity, role, qualifier, side, sen, counterpart, partner, account, line_no)
    ), accounts AS MATERIALIZED (
        SELECT d.role, d.qualifier, d.accounted_on, coalesce(d.account, '') AS account, d.book, d.across, coalesce((
            SELECT CASE WHEN a.valid_to < d.accounted_on OR a.level <> 6 OR a.book <> d.book
                OR a.requires_counterpart <> d.across THEN NULL ELSE a.id END
            FROM account a
            WHERE a.valid_from <= d.accounted_on AND a.code = coalesce(d.account, (
                SELECT r.account_code FROM account_role r
                WHERE r.role = d.role AND r.qualifier IN (d.qualifier, '') AND r.valid_from <= d.accounted_on
                ORDER BY r.qualifier DESC, r.valid_from DESC LIMIT 1))
            ORDER BY a.valid_from DESC LIMIT 1
        ), ledger_refuse_role(d.role, d.qualifier, d.accounted_on, d.account, d.book, d.across)) AS id
        FROM (
            SELECT DISTINCT l.role, l.qualifier, l.accounted_on, l.account, l.book, l.counterpart IS NOT NULL AS across
            FROM lines l
        ) d
    ), entities AS MATERIALIZED (
        SELECT d.code, coalesce((SELECT n.id FROM entity n WHERE n.code = d.code), ledger_refuse_entity(d.code)) AS id
        FROM (
            SELECT l.entity AS code FROM lines l UNION SELECT l.counterpart FROM lines l WHERE l.counterpart IS NOT NULL
        ) d
    ), posted AS (
        INSERT INTO posting (entry_id, line_no, accounted_on, book, entity_id, account_id, side, amount_sen,
            counterpart_entity_id, partner)
        SELECT l.entry_id, l.line_no, l.accounted_on, l.book, n.id, a.id, l.side, l.sen, c.id, l.partner
        FROM lines l
        JOIN accounts a ON a.role = l.role AND a.qualifier = l.qualifier AND a.accounted_on = l.accounted_on
            AND a.account = coalesce(l.account, '') AND a.book = l.book AND a.across = (l.counterpart IS NOT NULL)
        JOIN entities n ON n.code = l.entity
        LEFT JOIN entities c ON c.code = l.counterpart
        ORDER BY l.entry_id, l.line_no
    )
    SELECT array_agg(a.id ORDER BY g.n) INTO new_ids FROM given g LEFT JOIN added a ON a.uid = g.uid;
    found_by := set_config('lunas.found_by', '', true);
    IF array_position(new_ids, NULL) IS NOT NULL THEN
        SELECT jsonb_agg(jsonb_build_array(x.n, j.id, j.uid, encode(j.content_hash, 'hex')) ORDER BY x.n) INTO repeated
        FROM jsonb_array_elements(in_entries) WITH ORDINALITY x (e, n)
        JOIN journal_entry j ON j.key = x.e->>'key'
        WHERE new_ids[x.n] IS NULL;
    END IF;
END
"""

_RANGE = "in_after_id bigint, in_upto_id bigint, in_from xid8, in_upto xid8"
# Each call is planned for its own dates and ranges. A table that has grown since it was last analysed would be read
# whole, joined whole or compiled for.
_PLANNING = ("plan_cache_mode = force_custom_plan", "enable_seqscan = off", "jit = off")
_NARROW = (*_PLANNING, "enable_hashjoin = off", "enable_mergejoin = off")


def upgrade() -> None:
    """Create the sums and what rolls them up. The application reads them; only ledger_roll writes."""
    op.execute(_TABLES)
    for span, create in _SUMS.items():
        op.execute(create + _SUM.format(span=span))
    op.execute(_PAST)
    create_function(f"ledger_add_sums({_RANGE}) RETURNS void", _ADD)
    create_function(f"ledger_keep_piece(in_piece bigint, {_RANGE}) RETURNS void", _KEEP)
    create_function(f"ledger_cut_piece({_RANGE}) RETURNS void", _CUT)
    create_function("ledger_roll_moved(in_here bigint, in_piece bigint) RETURNS bigint", _ROLL_MOVED)
    create_function(
        "ledger_roll(in_least bigint, in_most bigint, in_piece bigint) RETURNS bigint SECURITY DEFINER", _ROLL
    )
    create_function("ledger_roll_waiting(in_most bigint) RETURNS bigint STABLE", _WAITING)
    create_function(f"{_POST_MANY_SIGNATURE} SECURITY DEFINER", _POST_MANY)
    for function in ("ledger_add_sums", "ledger_keep_piece", "ledger_cut_piece"):
        for setting in _NARROW:
            op.execute(f"ALTER FUNCTION {function} SET {setting}")
    for function in ("ledger_roll", "ledger_roll_moved", "ledger_roll_waiting"):
        for setting in _PLANNING:
            op.execute(f"ALTER FUNCTION {function} SET {setting}")
    # Whoever waits for the table makes all who post wait behind it.
    op.execute("ALTER FUNCTION ledger_roll_moved SET lock_timeout = '5s'")
    grant("SELECT", "balance_position", "balance_piece", *(f"balance_{span}" for span in _SUMS), "balance_past")
    grant_calls("ledger_post_many", "ledger_roll", "ledger_roll_waiting")
