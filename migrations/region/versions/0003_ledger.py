"""Entities, accounts, roles, journal entries and postings."""

from alembic import op

from migrations.schema_tools import create_function, grant, grant_calls

revision = "region_0003"
down_revision = "region_0002"
branch_labels = None
depends_on = None

_CHART = r"""
CREATE TABLE entity (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_entity PRIMARY KEY,
    code varchar(40) NOT NULL CONSTRAINT uq_entity_code UNIQUE,
    name varchar(200) NOT NULL,
    kind varchar(4) NOT NULL CONSTRAINT ck_entity_kind CHECK (kind IN ('PD', 'PPKD'))
);
CREATE UNIQUE INDEX uq_entity_one_ppkd ON entity (kind) WHERE kind = 'PPKD';

CREATE TABLE account (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_account PRIMARY KEY,
    code varchar(20) NOT NULL
        CONSTRAINT ck_account_code CHECK (code ~ '^[1-8](\.\d(\.\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?)?)?$'),
    name varchar(300) NOT NULL,
    level smallint NOT NULL CONSTRAINT ck_account_level CHECK (level = cardinality(string_to_array(code, '.'))),
    parent_code varchar(20)
        CONSTRAINT ck_account_parent CHECK (coalesce(parent_code, '') = regexp_replace(code, '\.?\d+$', '')),
    book varchar(1) NOT NULL CONSTRAINT ck_account_book CHECK (
        book = CASE WHEN left(code, 1) IN ('4', '5', '6') OR left(code, 6) = '3.1.02' THEN 'A' ELSE 'F' END
    ),
    normal_side varchar(6) NOT NULL CONSTRAINT ck_account_side CHECK (normal_side IN ('debit', 'credit')),
    requires_counterpart boolean NOT NULL,
    is_sample boolean NOT NULL,
    valid_from date NOT NULL CONSTRAINT ck_account_valid_from CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    -- A row that ends on the day before it begins holds on no day: it ends its code after that day.
    valid_to date CONSTRAINT ck_account_validity
        CHECK (valid_to >= '0001-01-01' AND valid_to >= valid_from - 1 AND valid_to <= '9999-12-31'),
    CONSTRAINT uq_account_code_valid_from UNIQUE (code, valid_from)
);

CREATE TABLE account_role (
    role varchar(40) NOT NULL,
    qualifier varchar(40) NOT NULL,
    valid_from date NOT NULL
        CONSTRAINT ck_account_role_valid_from CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    account_code varchar(20) NOT NULL,
    CONSTRAINT pk_account_role PRIMARY KEY (role, qualifier, valid_from)
);
"""

# postings name accounts, entities and entries without foreign keys: their check would lock the account's row for each
# posting, and a hot account would queue. The trigger on posting checks the same, and none of the three can be deleted.
# Dates and moments are such as readers can tell in every zone: years of four digits, and no infinity.
# What a value must be is said by domains: PostgreSQL reads and plans a table's own CHECKs anew for every statement, and
# keeps those of a domain (decision 0008).
_JOURNAL = """
CREATE DOMAIN journal_entry_occurred_at AS timestamptz CONSTRAINT ck_journal_entry_occurred_at
    CHECK (VALUE >= '1000-01-01 00:00:00+00' AND VALUE < '9999-12-31 00:00:00+00');
CREATE DOMAIN journal_entry_recorded_at AS timestamptz CONSTRAINT ck_journal_entry_recorded_at
    CHECK (VALUE >= '1000-01-01 00:00:00+00' AND VALUE < '9999-12-31 00:00:00+00');
CREATE DOMAIN journal_entry_accounted_on AS date CONSTRAINT ck_journal_entry_accounted_on
    CHECK (VALUE BETWEEN '1000-01-01' AND '9999-12-31');
CREATE DOMAIN journal_entry_posting_count AS smallint CONSTRAINT ck_journal_entry_posting_count CHECK (VALUE >= 2);
CREATE DOMAIN journal_entry_kind AS varchar(40) CONSTRAINT ck_journal_entry_kind CHECK (VALUE <> '');
CREATE DOMAIN journal_entry_key AS varchar(200) CONSTRAINT ck_journal_entry_key CHECK (VALUE <> '');
CREATE DOMAIN journal_entry_content_hash AS bytea CONSTRAINT ck_journal_entry_content_hash
    CHECK (octet_length(VALUE) = 32);
CREATE DOMAIN journal_entry_actor AS varchar(120) CONSTRAINT ck_journal_entry_actor CHECK (VALUE <> '');

CREATE TABLE journal_entry (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_journal_entry PRIMARY KEY,
    recorded_xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    occurred_at journal_entry_occurred_at NOT NULL,
    recorded_at journal_entry_recorded_at NOT NULL,
    accounted_on journal_entry_accounted_on NOT NULL,
    posting_count journal_entry_posting_count NOT NULL,
    uid uuid NOT NULL CONSTRAINT uq_journal_entry_uid UNIQUE,
    source_uid uuid,
    source_kind varchar(40) NOT NULL,
    kind journal_entry_kind NOT NULL,
    key journal_entry_key NOT NULL CONSTRAINT uq_journal_entry_key UNIQUE,
    content_hash journal_entry_content_hash NOT NULL,
    description varchar(300) NOT NULL,
    actor journal_entry_actor NOT NULL
);
CREATE INDEX ix_journal_entry_recorded_xact_id ON journal_entry (recorded_xact, id);
CREATE INDEX ix_journal_entry_accounted_on ON journal_entry (accounted_on);
CREATE INDEX ix_journal_entry_source_uid ON journal_entry (source_uid) WHERE source_uid IS NOT NULL;

-- At most a quadrillion rupiah, and no entry has more than that on one side (ledger_check_entry): sums are bigint.
CREATE DOMAIN posting_amount AS bigint CONSTRAINT ck_posting_amount
    CHECK (VALUE > 0 AND VALUE <= 100000000000000000);
CREATE DOMAIN posting_line_no AS smallint CONSTRAINT ck_posting_line_no CHECK (VALUE >= 1);
CREATE DOMAIN posting_book AS varchar(1) CONSTRAINT ck_posting_book CHECK (VALUE IN ('F', 'A'));
CREATE DOMAIN posting_side AS varchar(6) CONSTRAINT ck_posting_side CHECK (VALUE IN ('debit', 'credit'));
CREATE DOMAIN posting_partner AS varchar(40) CONSTRAINT ck_posting_partner CHECK (VALUE <> '');

CREATE TABLE posting (
    entry_id bigint NOT NULL,
    account_id bigint NOT NULL,
    entity_id bigint NOT NULL,
    counterpart_entity_id bigint CONSTRAINT ck_posting_counterpart CHECK (counterpart_entity_id <> entity_id),
    amount_sen posting_amount NOT NULL,
    accounted_on date NOT NULL,
    line_no posting_line_no NOT NULL,
    book posting_book NOT NULL,
    side posting_side NOT NULL,
    partner posting_partner,
    CONSTRAINT pk_posting PRIMARY KEY (entry_id, line_no)
);
CREATE INDEX ix_posting_account_id_accounted_on ON posting (account_id, accounted_on);
"""

_POSTINGS_VIEW = """
CREATE VIEW ledger_postings AS
SELECT e.id AS entry_id, e.uid AS entry_uid, e.kind, e.key, e.occurred_at, e.accounted_on, e.recorded_at,
    e.source_kind, e.source_uid, p.line_no, p.book, n.code AS entity, a.code AS account_code, p.side, p.amount_sen,
    c.code AS counterpart, p.partner
FROM posting p
JOIN journal_entry e ON e.id = p.entry_id
JOIN account a ON a.id = p.account_id
JOIN entity n ON n.id = p.entity_id
LEFT JOIN entity c ON c.id = p.counterpart_entity_id
"""

# A chart row that would change what was posted is refused, also when that is posted while the chart is being loaded:
# whoever writes entries shares journal_entry until its commit, so behind this lock everything is committed or waits.
_HOLD_WRITERS = """
BEGIN
    LOCK TABLE journal_entry IN SHARE MODE;
END
"""

# Of a code the newest row that has begun holds, until its own end. Whether a code holds only while the one above it
# does is asked where that can begin to be otherwise: on the day a row of it begins, and after each end of that above.
_CHECK_ACCOUNTS = """
DECLARE
    broken text;
BEGIN
    SELECT n.code INTO broken FROM added n
    WHERE n.parent_code IS NOT NULL AND NOT EXISTS (SELECT 1 FROM account p WHERE p.code = n.parent_code) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % has no parent', broken
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_account_has_parent';
    END IF;
    PERFORM ledger_hold_writers();
    SELECT n.code INTO broken FROM added n
    JOIN account a ON a.code = n.code AND a.id <> n.id
    WHERE a.normal_side <> n.normal_side OR a.requires_counterpart <> n.requires_counterpart
        OR a.valid_from < n.valid_from
        AND EXISTS (SELECT 1 FROM posting p WHERE p.account_id = a.id AND p.accounted_on >= n.valid_from)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a further row of account % would change what is posted on it', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_account_keeps_postings';
    END IF;
    SELECT c.code INTO broken
    FROM (SELECT n.code FROM added n UNION SELECT b.code FROM account b JOIN added n ON n.code = b.parent_code) changed
    JOIN account c ON c.code = changed.code AND c.parent_code IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT c.valid_from AS day
        UNION ALL
        SELECT p.valid_to + 1 FROM account p WHERE p.code = c.parent_code AND p.valid_to < '9999-12-31'
    ) d
    WHERE (
        SELECT coalesce(x.valid_to >= d.day, true) FROM account x
        WHERE x.code = c.code AND x.valid_from <= d.day ORDER BY x.valid_from DESC LIMIT 1
    ) AND NOT coalesce((
        SELECT coalesce(x.valid_to >= d.day, true) FROM account x
        WHERE x.code = c.parent_code AND x.valid_from <= d.day ORDER BY x.valid_from DESC LIMIT 1
    ), false)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % would hold on a day on which the one above it does not', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_account_within_parent';
    END IF;
    RETURN NULL;
END
"""

# A role that is given another account must not have posted on or after that day: what it posted would no longer be
# found under it. Whether a posting came by this role is not stored, so every posting on its former account counts.
_CHECK_ROLES = """
DECLARE
    broken text;
BEGIN
    SELECT n.account_code INTO broken FROM added n
    WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.code = n.account_code AND a.level = 6) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a role cannot name account %: no such account of the deepest level', broken
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_role_names_account';
    END IF;
    PERFORM ledger_hold_writers();
    SELECT n.role INTO broken
    FROM added n
    CROSS JOIN LATERAL (
        SELECT r.account_code FROM account_role r
        WHERE r.role = n.role AND r.qualifier IN (n.qualifier, '') AND r.valid_from <= n.valid_from
            AND NOT EXISTS (SELECT 1 FROM added x
                WHERE (x.role, x.qualifier, x.valid_from) = (r.role, r.qualifier, r.valid_from))
        ORDER BY r.qualifier DESC, r.valid_from DESC LIMIT 1
    ) b
    JOIN account a ON a.code = b.account_code
    WHERE b.account_code <> n.account_code AND EXISTS (
        SELECT 1 FROM posting p
        WHERE p.account_id = a.id AND p.accounted_on >= n.valid_from AND p.accounted_on < coalesce((
            SELECT min(r.valid_from) FROM account_role r
            WHERE r.role = n.role AND r.qualifier = n.qualifier AND r.valid_from > n.valid_from), 'infinity'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'role % cannot have another account from a day on which its former one has postings', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_role_keeps_postings';
    END IF;
    RETURN NULL;
END
"""

# A late posting needs a line number that is either taken (primary key) or beyond posting_count (refused here): what
# is complete stays as it is, without asking who wrote it or when.
_CHECK_POSTINGS = """
DECLARE
    broken text;
    line smallint;
    code text;
BEGIN
    SELECT f.rule, f.line_no, f.code INTO broken, line, code
    FROM (
        SELECT n.line_no, a.code, CASE
            WHEN e.id IS NULL OR n.accounted_on <> e.accounted_on THEN 'ledger_posting_of_entry'
            WHEN n.line_no > e.posting_count THEN 'ledger_entry_complete'
            WHEN NOT EXISTS (SELECT 1 FROM entity x WHERE x.id = n.entity_id)
                OR n.counterpart_entity_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM entity x WHERE x.id = n.counterpart_entity_id)
                THEN 'ledger_posting_entity'
            WHEN a.id IS NULL OR a.level <> 6 OR a.book <> n.book
                OR n.accounted_on < a.valid_from OR n.accounted_on > a.valid_to
                OR EXISTS (SELECT 1 FROM account l WHERE l.code = a.code
                    AND l.valid_from > a.valid_from AND l.valid_from <= n.accounted_on)
                THEN 'ledger_account_takes_postings'
            WHEN a.requires_counterpart <> (n.counterpart_entity_id IS NOT NULL) THEN 'ledger_posting_counterpart'
            END AS rule
        FROM added n
        LEFT JOIN LATERAL (
            SELECT j.id, j.accounted_on, j.posting_count FROM journal_entry j WHERE j.id = n.entry_id LIMIT 1
        ) e ON true
        LEFT JOIN LATERAL (
            SELECT x.id, x.code, x.level, x.book, x.valid_from, x.valid_to, x.requires_counterpart
            FROM account x WHERE x.id = n.account_id LIMIT 1
        ) a ON true
    ) f
    WHERE f.rule IS NOT NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'posting % is refused by rule %', line, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken,
            DETAIL = json_build_object('line', line, 'account', code)::text;
    END IF;
    RETURN NULL;
END
"""

# Runs once per entry when its transaction commits. RK elimination is zero for each pair of entities, so each entry
# that moves an RK holds both of its sides. Most entries are of one book and entity: one plain sum tells. Both sides
# together have two quadrillion rupiah at most, else a few hundred lines would be past what every sum is kept in.
_CHECK_ENTRY = """
DECLARE
    written bigint;
    difference numeric;
    moved numeric;
    several boolean;
    across boolean;
    skewed boolean;
    unpaired boolean;
BEGIN
    SELECT count(*), sum(CASE p.side WHEN 'debit' THEN p.amount_sen ELSE -p.amount_sen END),
        sum(p.amount_sen),
        min(p.book) <> max(p.book) OR min(p.entity_id) <> max(p.entity_id), count(p.counterpart_entity_id) > 0
    INTO written, difference, moved, several, across
    FROM posting p WHERE p.entry_id = NEW.id;
    IF written <> NEW.posting_count THEN
        RAISE EXCEPTION 'entry % has % of its % postings', NEW.key, written, NEW.posting_count
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_complete';
    END IF;
    IF moved > 200000000000000000 THEN
        RAISE EXCEPTION 'entry % adds up to more than a quadrillion rupiah on one side', NEW.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_bounded',
            DETAIL = json_build_object('key', NEW.key)::text;
    END IF;
    skewed := difference <> 0;
    IF several THEN
        SELECT bool_or(g.difference <> 0) INTO skewed
        FROM (
            SELECT sum(CASE p.side WHEN 'debit' THEN p.amount_sen ELSE -p.amount_sen END) AS difference
            FROM posting p WHERE p.entry_id = NEW.id GROUP BY p.book, p.entity_id
        ) g;
    END IF;
    IF skewed THEN
        RAISE EXCEPTION 'entry % does not balance in each book of each entity', NEW.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
    END IF;
    IF across THEN
        SELECT bool_or(g.difference <> 0) INTO unpaired
        FROM (
            SELECT sum(CASE p.side WHEN 'debit' THEN p.amount_sen ELSE -p.amount_sen END) AS difference
            FROM posting p WHERE p.entry_id = NEW.id AND p.counterpart_entity_id IS NOT NULL
            GROUP BY least(p.entity_id, p.counterpart_entity_id), greatest(p.entity_id, p.counterpart_entity_id)
        ) g;
        IF unpaired THEN
            RAISE EXCEPTION 'entry % moves an RK on one side only', NEW.key
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_eliminates';
        END IF;
    END IF;
    RETURN NULL;
END
"""

# What ledger_post says when a name leads nowhere, or to an account that does not take the posting; it is called in
# place of the missing id, so the whole act fails.
_REFUSE_ROLE = """
DECLARE
    found_code text := coalesce(in_account, (
        SELECT r.account_code FROM account_role r
        WHERE r.role = in_role AND r.qualifier IN (in_qualifier, '') AND r.valid_from <= in_on
        ORDER BY r.qualifier DESC, r.valid_from DESC LIMIT 1));
    broken text := 'ledger_account_takes_postings';
BEGIN
    IF found_code IS NULL THEN
        RAISE EXCEPTION 'role %[%] names no account on %', in_role, in_qualifier, in_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_role_mapped',
            DETAIL = json_build_object('role', in_role, 'qualifier', in_qualifier)::text;
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT a.level, a.book, a.valid_to, a.requires_counterpart FROM account a
            WHERE a.code = found_code AND a.valid_from <= in_on ORDER BY a.valid_from DESC LIMIT 1
        ) x
        WHERE x.level = 6 AND x.book = in_book AND coalesce(in_on <= x.valid_to, true)
            AND x.requires_counterpart <> in_across
    ) THEN
        broken := 'ledger_posting_counterpart';
    END IF;
    RAISE EXCEPTION 'account % takes no such posting on %', found_code, in_on
        USING ERRCODE = 'check_violation', CONSTRAINT = broken,
        DETAIL = json_build_object('account', found_code)::text;
END
"""

_REFUSE_ENTITY = """
BEGIN
    RAISE EXCEPTION 'there is no entity %', in_code
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entity_known',
        DETAIL = json_build_object('entity', in_code)::text;
END
"""

# Only a date as it is written counts as one: PostgreSQL would read "today" and "infinity" too.
_REFUSE_DATE = """
BEGIN
    RAISE EXCEPTION '% is no date to account an entry on', coalesce(in_text, 'null')
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entry_accounted_on';
END
"""

_POST_SIGNATURE = """ledger_post(in_uid uuid, in_content jsonb, in_content_hash bytea, in_actor text,
    in_recorded_at timestamptz,
    OUT entry_id bigint, OUT entry_uid uuid, OUT first_time boolean, OUT stored_hash bytea)"""

# in_content: {"kind", "key", "occurred_at", "accounted_on", "description", "source_kind", "source_uid" or null,
# "lines": [{"book", "entity", "role", "qualifier", "side", "sen", "counterpart" or null, "partner" or null}, …]}; where
# "may_be_late" is true, accounted_on is moved to the next open period (ledger_open_date, 0007), and a line that names
# an "account" has no role.
# It and ledger_post_many (0009) are the application's only way to write entries. They take nothing but accounts and
# entities that they have found under the rules of ledger_check_postings themselves, so they tell that trigger, while
# they insert, not to look all of it up again: it is what remains for everyone else who may insert.
_POST = """
DECLARE
    accounted date := CASE WHEN in_content->>'accounted_on' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
        THEN in_content->>'accounted_on' ELSE ledger_refuse_date(in_content->>'accounted_on')::text END;
    found_by text;
BEGIN
    IF in_content->'may_be_late' = 'true' THEN
        accounted := ledger_open_date(accounted, in_content->>'kind');
    END IF;
    INSERT INTO journal_entry (uid, kind, key, content_hash, occurred_at, accounted_on, recorded_at, description,
        source_kind, source_uid, actor, posting_count)
    VALUES (in_uid, in_content->>'kind', in_content->>'key', in_content_hash,
        (in_content->>'occurred_at')::timestamptz, accounted, in_recorded_at, in_content->>'description',
        in_content->>'source_kind', (in_content->>'source_uid')::uuid, in_actor,
        jsonb_array_length(in_content->'lines'))
    ON CONFLICT (key) DO NOTHING
    RETURNING journal_entry.id INTO entry_id;
    first_time := entry_id IS NOT NULL;
    IF NOT first_time THEN
        SELECT e.id, e.uid, e.content_hash INTO entry_id, entry_uid, stored_hash
        FROM journal_entry e WHERE e.key = in_content->>'key';
        RETURN;
    END IF;
    entry_uid := in_uid;
    stored_hash := in_content_hash;
    found_by := set_config('lunas.found_by', 'ledger_post', true);
    INSERT INTO posting (entry_id, line_no, accounted_on, book, entity_id, account_id, side, amount_sen,
        counterpart_entity_id, partner)
    SELECT ledger_post.entry_id, l.line_no, accounted, l.book,
        coalesce((SELECT n.id FROM entity n WHERE n.code = l.entity), ledger_refuse_entity(l.entity)),
        coalesce((
            SELECT CASE WHEN a.valid_to < accounted OR a.level <> 6 OR a.book <> l.book
                OR a.requires_counterpart <> (l.counterpart IS NOT NULL) THEN NULL ELSE a.id END
            FROM account a
            WHERE a.valid_from <= accounted AND a.code = coalesce(l.account, (
                SELECT r.account_code FROM account_role r
                WHERE r.role = l.role AND r.qualifier IN (l.qualifier, '') AND r.valid_from <= accounted
                ORDER BY r.qualifier DESC, r.valid_from DESC LIMIT 1))
            ORDER BY a.valid_from DESC LIMIT 1
        ), ledger_refuse_role(l.role, l.qualifier, accounted, l.account, l.book, l.counterpart IS NOT NULL)),
        l.side, l.sen,
        CASE WHEN l.counterpart IS NOT NULL THEN
            coalesce((SELECT n.id FROM entity n WHERE n.code = l.counterpart), ledger_refuse_entity(l.counterpart))
        END,
        l.partner
    FROM ROWS FROM (jsonb_to_recordset(in_content->'lines') AS (book text, entity text, role text, qualifier text,
        side text, sen bigint, counterpart text, partner text, account text))
        WITH ORDINALITY AS l (book, entity, role, qualifier, side, sen, counterpart, partner, account, line_no);
    found_by := set_config('lunas.found_by', '', true);
END
"""


def upgrade() -> None:
    """Create the tables, the checks that no writer can avoid, and the function of the hot path."""
    for statements in (_CHART, _JOURNAL, _POSTINGS_VIEW):
        op.execute(statements)
    create_function("ledger_hold_writers() RETURNS void SECURITY DEFINER", _HOLD_WRITERS)
    create_function("ledger_check_accounts() RETURNS trigger", _CHECK_ACCOUNTS)
    create_function("ledger_check_roles() RETURNS trigger", _CHECK_ROLES)
    create_function("ledger_check_postings() RETURNS trigger", _CHECK_POSTINGS)
    create_function("ledger_check_entry() RETURNS trigger", _CHECK_ENTRY)
    create_function(
        "ledger_ppkd() RETURNS text STABLE", "BEGIN RETURN (SELECT n.code FROM entity n WHERE n.kind = 'PPKD'); END"
    )
    create_function(
        "ledger_refuse_role(in_role text, in_qualifier text, in_on date, in_account text, in_book text,"
        " in_across boolean) RETURNS bigint",
        _REFUSE_ROLE,
    )
    create_function("ledger_refuse_entity(in_code text) RETURNS bigint", _REFUSE_ENTITY)
    create_function("ledger_refuse_date(in_text text) RETURNS date", _REFUSE_DATE)
    create_function(f"{_POST_SIGNATURE} SECURITY DEFINER", _POST)
    # A plan made while a table was new and small would read it whole, and be kept while the table grows.
    for checked in ("accounts", "roles", "postings", "entry"):
        op.execute(f"ALTER FUNCTION ledger_check_{checked} SET enable_seqscan = off")
    op.execute("ALTER FUNCTION ledger_post SET enable_seqscan = off")
    # While a chart waits for those who post, all who post wait behind it: not for long.
    op.execute("ALTER FUNCTION ledger_hold_writers SET lock_timeout = '5s'")
    not_found_so = " WHEN (current_setting('lunas.found_by', true) IS DISTINCT FROM 'ledger_post')"
    for table, checker, when in (
        ("account", "accounts", ""),
        ("account_role", "roles", ""),
        ("posting", "postings", not_found_so),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_is_sound AFTER INSERT ON {table} REFERENCING NEW TABLE AS added"
            f" FOR EACH STATEMENT{when} EXECUTE FUNCTION ledger_check_{checker}()"
        )
    op.execute(
        "CREATE CONSTRAINT TRIGGER journal_entry_is_whole AFTER INSERT ON journal_entry DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION ledger_check_entry()"
    )
    for table in ("entity", "account", "account_role", "journal_entry", "posting"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
        )
    grant("SELECT, INSERT", "entity", "account", "account_role")
    grant("SELECT", "journal_entry", "posting", "ledger_postings")
    grant_calls("ledger_post", "ledger_hold_writers", "ledger_ppkd")
