"""Accounting periods, and reversals."""

from alembic import op

from migrations.schema_tools import create_function, grant, grant_calls

revision = "region_0007"
down_revision = "region_0006"
branch_labels = None
depends_on = None

# A month without a row is open: a row made by the first entry of a month would make all others wait for its commit.
_PERIODS = """
CREATE TABLE accounting_period (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_accounting_period PRIMARY KEY,
    month date NOT NULL CONSTRAINT uq_accounting_period_month UNIQUE
        CONSTRAINT ck_accounting_period_month CHECK (
            month BETWEEN '1000-01-01' AND '9999-12-01' AND extract(day FROM month) = 1
        ),
    state varchar(16) NOT NULL CONSTRAINT ck_accounting_period_state CHECK (state IN ('OPEN', 'ADJUSTING', 'CLOSED')),
    reopenings integer NOT NULL,
    entry_count bigint,
    posting_count bigint,
    sha256 bytea,
    moved_xact xid8,
    moved_times integer NOT NULL,
    CONSTRAINT ck_accounting_period_closed CHECK (
        (state = 'CLOSED') = (entry_count IS NOT NULL)
        AND (state = 'CLOSED') = (posting_count IS NOT NULL)
        AND (state = 'CLOSED') = (sha256 IS NOT NULL)
    )
);

CREATE TABLE adjusting_kind (
    kind varchar(40) CONSTRAINT pk_adjusting_kind PRIMARY KEY,
    nature varchar(16) NOT NULL CONSTRAINT ck_adjusting_kind_nature CHECK (nature IN ('adjusting', 'closing'))
);
INSERT INTO adjusting_kind (kind, nature) VALUES
    ('reversal', 'adjusting'), ('payment_reversed', 'adjusting'), ('correction', 'adjusting'),
    ('advance_earned', 'adjusting'), ('allowance_changed', 'adjusting'), ('assessment_reduced', 'adjusting'),
    ('budget_recognised_old_year', 'adjusting'), ('overpayment_set_off', 'adjusting'), ('revenue_moved', 'adjusting'),
    ('revenue_reclassified', 'adjusting'), ('treasurer_shortage', 'adjusting'), ('written_off', 'adjusting'),
    ('blud_authorised', 'adjusting'), ('overpayment_assessed', 'adjusting'), ('year_end_accrued', 'adjusting'),
    ('closing', 'closing'), ('carry_forward', 'closing');

CREATE TABLE entry_reversal (
    entry_id bigint CONSTRAINT pk_entry_reversal PRIMARY KEY,
    reversal_id bigint NOT NULL CONSTRAINT uq_entry_reversal_reversal_id UNIQUE,
    replacement_id bigint CONSTRAINT uq_entry_reversal_replacement_id UNIQUE,
    reason varchar(300) NOT NULL CONSTRAINT ck_entry_reversal_reason CHECK (reason ~ '\\S'),
    -- What undoes an entry is written after it: two entries never undo each other.
    CONSTRAINT ck_entry_reversal_order CHECK (reversal_id > entry_id AND replacement_id > reversal_id)
);
"""

# Every writer shares the month's lock until it commits, and whoever moves the period has it alone: an entry that began
# before the close is either committed by then and in the hash, or it finds the period closed. Other months are other
# locks. The lock is an advisory one because a share of the row's own lock would be a write to the row.
# In other isolations the state would be read as of the transaction's beginning: there the row is locked as well, and
# the database refuses (40001) when it was changed since.
_CHECK = """
DECLARE
    first_day date;
    last_day date;
    locked text;
    found_state text;
    refused text;
BEGIN
    SELECT date_trunc('month', min(n.accounted_on)::timestamp), max(n.accounted_on) INTO first_day, last_day
    FROM added n;
    WHILE first_day <= last_day LOOP
        -- An assignment costs half of a PERFORM.
        locked := pg_advisory_xact_lock_shared('accounting_period'::regclass::oid::int, first_day - date '2000-01-01');
        IF current_setting('transaction_isolation') = 'read committed' THEN
            SELECT p.state INTO found_state FROM accounting_period p WHERE p.month = first_day;
        ELSE
            INSERT INTO accounting_period (month, state) VALUES (first_day, 'OPEN') ON CONFLICT DO NOTHING;
            SELECT p.state INTO found_state FROM accounting_period p WHERE p.month = first_day FOR SHARE;
        END IF;
        IF found_state <> 'OPEN' THEN
            SELECT n.kind INTO refused FROM added n
            WHERE n.accounted_on >= first_day AND n.accounted_on < first_day + interval '1 month'
                AND (found_state = 'CLOSED' OR NOT EXISTS (SELECT 1 FROM adjusting_kind k WHERE k.kind = n.kind))
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'period % is %: it takes no entry of kind %', first_day, found_state, refused
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_period_' || lower(found_state),
                    DETAIL = json_build_object('month', to_char(first_day, 'YYYY-MM'), 'kind', refused)::text;
            END IF;
        END IF;
        -- Who waited here for a carry-forward has a lower number than the carry, which did not take it along. (Seen in
        -- read committed only, which is what the application uses.) A carry asks that no month of its year be open.
        IF found_state <> 'OPEN' OR first_day < date_trunc('year', current_date) THEN
            PERFORM 1 FROM (
                SELECT e.id, e.kind, e.accounted_on FROM journal_entry e
                WHERE e.id > (SELECT min(n.id) FROM added n) OFFSET 0  -- few are newer; those of a year may be many
            ) e
            WHERE e.kind = 'carry_forward' AND e.accounted_on >= first_day
                AND NOT EXISTS (SELECT 1 FROM added n WHERE n.id = e.id);
            IF FOUND THEN
                RAISE EXCEPTION 'balances of % were carried meanwhile: once more', first_day
                    USING ERRCODE = 'serialization_failure';
            END IF;
        END IF;
        first_day := first_day + interval '1 month';
    END LOOP;
    RETURN NULL;
END
"""

# The answer stays true until the caller's transaction ends: it holds the month's lock like a writer.
_OPEN_DATE = """
DECLARE
    first_day date := date_trunc('month', wanted::timestamp);
    found_state text;
BEGIN
    LOOP
        PERFORM pg_advisory_xact_lock_shared('accounting_period'::regclass::oid::int, first_day - date '2000-01-01');
        SELECT p.state INTO found_state FROM accounting_period p WHERE p.month = first_day;
        IF found_state IS NULL OR found_state = 'OPEN' OR found_state = 'ADJUSTING'
            AND EXISTS (SELECT 1 FROM adjusting_kind k WHERE k.kind = in_kind) THEN
            RETURN greatest(wanted, first_day);
        END IF;
        first_day := first_day + interval '1 month';
    END LOOP;
END
"""

_LOCK = """
BEGIN
    PERFORM pg_advisory_xact_lock('accounting_period'::regclass::oid::int, in_month - date '2000-01-01');
END
"""

# The format is documented in ledger/periods/__init__.py; whoever has the entries can compute it without us.
_DIGEST = """
BEGIN
    SELECT coalesce(sum(d.entries), 0), coalesce(sum(d.postings), 0),
        sha256(coalesce(string_agg(d.digest, ''::bytea ORDER BY d.accounted_on), ''::bytea))
    INTO entry_count, posting_count, digest
    FROM (
        SELECT e.accounted_on, count(*) AS entries, sum(l.postings) AS postings,
            sha256(string_agg(sha256(convert_to(json_build_array(
                e.uid, e.kind, e.key, to_char(e.occurred_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.accounted_on,
                to_char(e.recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.description, e.source_kind, e.source_uid,
                e.actor, e.posting_count, encode(e.content_hash, 'hex')
            )::text || coalesce(l.lines, ''), 'UTF8')), ''::bytea ORDER BY e.uid)) AS digest
        FROM journal_entry e
        CROSS JOIN LATERAL (
            SELECT count(*) AS postings, string_agg(E'\\n' || json_build_array(
                p.line_no, p.book, n.code, a.code, p.side, p.amount_sen, c.code, p.partner, p.accounted_on
            )::text, '' ORDER BY p.line_no) AS lines
            FROM posting p
            LEFT JOIN account a ON a.id = p.account_id
            LEFT JOIN entity n ON n.id = p.entity_id
            LEFT JOIN entity c ON c.id = p.counterpart_entity_id
            WHERE p.entry_id = e.id
        ) l
        WHERE e.accounted_on >= in_month AND e.accounted_on < in_month + interval '1 month'
        GROUP BY e.accounted_on
    ) d;
END
"""

# Whoever moves a period, by whatever statement, moves it as allowed and alone; what it holds is counted and hashed
# here, and steps back are counted. An entry that is not whole yet can only be of the transaction that closes: its
# further postings would come behind the hash.
_GUARD = """
DECLARE
    promised bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a period is moved in read committed only: its hash covers all that is committed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_period_isolation';
    END IF;
    PERFORM ledger_lock_period(NEW.month);
    IF NEW.id <> OLD.id OR NEW.month <> OLD.month OR (OLD.state, NEW.state) NOT IN
        (('OPEN', 'ADJUSTING'), ('ADJUSTING', 'CLOSED'), ('CLOSED', 'ADJUSTING'), ('ADJUSTING', 'OPEN')) THEN
        RAISE EXCEPTION 'period % does not move from % to %', OLD.month, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_period_move';
    END IF;
    NEW.moved_times := CASE WHEN OLD.moved_xact = pg_current_xact_id() THEN OLD.moved_times + 1 ELSE 1 END;
    NEW.moved_xact := pg_current_xact_id();
    IF NEW.state = 'CLOSED' THEN
        SELECT d.entry_count, d.posting_count, d.digest INTO NEW.entry_count, NEW.posting_count, NEW.sha256
        FROM ledger_period_digest(NEW.month) d;
        SELECT coalesce(sum(e.posting_count), 0) INTO promised FROM journal_entry e
        WHERE e.accounted_on >= NEW.month AND e.accounted_on < NEW.month + interval '1 month';
        IF promised <> NEW.posting_count THEN
            RAISE EXCEPTION 'period % holds % of % postings', NEW.month, NEW.posting_count, promised
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_period_whole';
        END IF;
        RETURN NEW;
    END IF;
    NEW.entry_count := NULL;
    NEW.posting_count := NULL;
    NEW.sha256 := NULL;
    NEW.reopenings := OLD.reopenings + (OLD.state = 'CLOSED' OR NEW.state = 'OPEN')::int;
    RETURN NEW;
END
"""

_BEGIN = """
BEGIN
    NEW.state := 'OPEN';
    NEW.reopenings := 0;
    NEW.moved_xact := NULL;
    NEW.moved_times := 0;
    RETURN NEW;
END
"""

# Runs once per move when its transaction commits. The n-th move of a month in a transaction has the n-th row of state
# history and the n-th audit row that this transaction wrote about the month, and both say what was done.
_RECORDED = """
DECLARE
    moved_event text;
    mover text;
    reason text;
    told jsonb := jsonb_build_object('from', OLD.state, 'to', NEW.state, 'reopenings', NEW.reopenings);
BEGIN
    SELECT m.event, m.moved_by, m.why INTO moved_event, mover, reason
    FROM (
        SELECT c.event, c.moved_by, c.why, c.from_state, c.to_state FROM recorded_moves c
        WHERE c.recorded_xact = pg_current_xact_id() AND c.thing = 'accounting_period' AND c.thing_id = NEW.id
        ORDER BY c.id OFFSET NEW.moved_times - 1 LIMIT 1
    ) m
    WHERE m.from_state = OLD.state AND m.to_state = NEW.state AND m.why ~ '\\S'
        AND m.event = CASE WHEN NEW.reopenings > OLD.reopenings THEN 'reopened'
            WHEN NEW.state = 'CLOSED' THEN 'closed' ELSE 'adjusting_began' END;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'period % moved from % to % without its reason in state_change', OLD.month, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_period_recorded';
    END IF;
    IF moved_event = 'reopened' THEN
        told := told || jsonb_build_object('reason', reason);
    END IF;
    IF 'CLOSED' IN (OLD.state, NEW.state) THEN
        told := told || jsonb_build_object('entries', coalesce(NEW.entry_count, OLD.entry_count),
            'postings', coalesce(NEW.posting_count, OLD.posting_count),
            'sha256', encode(coalesce(NEW.sha256, OLD.sha256), 'hex'));
    END IF;
    PERFORM 1
    FROM (
        SELECT a.action, a.actor, a.details FROM recorded_acts a
        WHERE a.recorded_xact = pg_current_xact_id() AND a.thing = 'accounting_period'
            AND a.thing_uid = to_char(NEW.month, 'YYYY-MM')
        ORDER BY a.id OFFSET NEW.moved_times - 1 LIMIT 1
    ) n
    WHERE n.action = 'period.' || moved_event AND n.actor = mover AND n.details @> told;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'period % moved from % to % without its audit row', OLD.month, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_period_recorded';
    END IF;
    RETURN NULL;
END
"""

# On which code by now stands what an entry put on another: a carry-forward empties its old code, which its key names,
# for one other. Those count that came after the entry and are accounted from its date until before the date asked for,
# on the last days of years. Within a year nothing is read.
_CARRIED_CODE = """
DECLARE
    found text := in_code;
    old_code text;
    new_code text;
BEGIN
    FOR carried_year IN extract(year FROM in_from)::int .. extract(year FROM in_on)::int - 1 LOOP
        FOR old_code, new_code IN
            SELECT split_part(e.key, ':', 4), (
                SELECT a.code FROM posting p JOIN account a ON a.id = p.account_id
                WHERE p.entry_id = e.id AND a.code <> split_part(e.key, ':', 4) LIMIT 1)
            FROM journal_entry e
            WHERE e.accounted_on = make_date(carried_year, 12, 31) AND e.kind = 'carry_forward'
                AND e.key LIKE 'carry-forward:%:%:%' AND e.id > in_entry_id
            ORDER BY e.id
        LOOP
            IF old_code = found THEN
                found := new_code;
            END IF;
        END LOOP;
    END LOOP;
    RETURN found;
END
"""

# A reversal is the mirror of its entry: the same lines with the sides changed. Accounts are compared by code, since a
# later row of the same code may be in force by now; what was carried to another code since is undone there. It also
# says itself what it reverses, as reverse_entry writes it:
# two ordinary payments that happen to mirror each other are no reversal. It is accounted on its entry's date or later.
# That the three entries are there is checked here too: with foreign keys a TRUNCATE of entries would be refused for
# another reason than that entries stay.
_MIRROR = """
DECLARE
    broken bigint;
BEGIN
    SELECT x.entry_id INTO broken FROM added x
    WHERE (SELECT count(*) FROM journal_entry e WHERE e.id IN (x.entry_id, x.reversal_id, x.replacement_id))
            <> num_nonnulls(x.entry_id, x.reversal_id, x.replacement_id)
        OR EXISTS (
            SELECT 1
            FROM (
                SELECT p.line_no, p.book, p.entity_id, p.side, p.amount_sen, p.counterpart_entity_id, p.partner,
                    ledger_carried_code(a.code, p.entry_id, p.accounted_on,
                        (SELECT r.accounted_on FROM journal_entry r WHERE r.id = x.reversal_id)) AS code
                FROM posting p JOIN account a ON a.id = p.account_id WHERE p.entry_id = x.entry_id
            ) was
            FULL JOIN (
                SELECT p.line_no, p.book, p.entity_id, a.code, p.side, p.amount_sen, p.counterpart_entity_id, p.partner
                FROM posting p JOIN account a ON a.id = p.account_id WHERE p.entry_id = x.reversal_id
            ) now ON now.line_no = was.line_no
            WHERE (was.book, was.entity_id, was.code, was.amount_sen, was.counterpart_entity_id, was.partner)
                IS DISTINCT FROM
                    (now.book, now.entity_id, now.code, now.amount_sen, now.counterpart_entity_id, now.partner)
                OR was.side = now.side
        )
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the reversal of entry % is not its mirror', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversal_mirrors';
    END IF;
    SELECT x.entry_id INTO broken
    FROM added x JOIN journal_entry e ON e.id = x.entry_id JOIN journal_entry r ON r.id = x.reversal_id
    WHERE r.kind NOT IN ('reversal', 'payment_reversed') OR r.key <> 'reversal:' || e.uid
        OR r.source_kind <> 'journal_entry' OR r.source_uid IS DISTINCT FROM e.uid
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the reversal of entry % does not say that it is', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversal_names';
    END IF;
    SELECT x.entry_id INTO broken
    FROM added x JOIN journal_entry e ON e.id = x.entry_id JOIN journal_entry r ON r.id = x.reversal_id
    WHERE r.accounted_on < e.accounted_on
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the reversal of entry % is accounted before it', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversal_dates';
    END IF;
    RETURN NULL;
END
"""

# Which side of a payment the budget book takes (4a or 4b) is decided once: on a date from which money was booked the
# other way, a new value would not say what was done. So the kinds are named that have row 4A by this policy: what our
# own acts post for a payment that settles a bill and for its sweep, and the standard journals of rows 4a, 4b and 4A.
# Nothing else is decided by it: no assessment, budget (DPA), receipt of a treasurer, unidentified money or reversal.
_DECIDED = """
DECLARE
    last_day date;
BEGIN
    SELECT max(e.accounted_on) INTO last_day FROM journal_entry e
    WHERE e.accounted_on >= NEW.valid_from AND e.kind IN (
        'payment_applied', 'sweep_credited', 'sweep_identified', 'budget_recognised_old_year',
        'paid_at_partner', 'self_assessed_at_partner', 'paid_with_sanction_at_partner', 'opsen_received',
        'received_in_advance', 'suspense_identified', 'suspense_identified_self_assessed',
        'suspense_identified_with_sanction', 'credited_to_rkud', 'fee_made_good', 'budget_recognised',
        'sanction_budget_recognised');
    IF last_day IS NOT NULL THEN
        RAISE EXCEPTION 'policy % decided entries until %', NEW.name, last_day
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_decided',
            DETAIL = json_build_object('last', last_day)::text;
    END IF;
    RETURN NEW;
END
"""


def upgrade() -> None:
    """Create periods and reversals, and the checks that no writer can avoid."""
    op.execute(_PERIODS)
    create_function("ledger_check_period() RETURNS trigger", _CHECK)
    create_function("ledger_open_date(wanted date, in_kind text) RETURNS date", _OPEN_DATE)
    create_function("ledger_lock_period(in_month date) RETURNS void", _LOCK)
    create_function(
        "ledger_period_digest(in_month date, OUT entry_count bigint, OUT posting_count bigint, OUT digest bytea)"
        " STABLE",
        _DIGEST,
    )
    create_function("ledger_guard_period() RETURNS trigger", _GUARD)
    create_function("ledger_begin_period() RETURNS trigger", _BEGIN)
    create_function("ledger_check_move() RETURNS trigger", _RECORDED)
    create_function(
        "ledger_carried_code(in_code text, in_entry_id bigint, in_from date, in_on date) RETURNS text STABLE",
        _CARRIED_CODE,
    )
    create_function("ledger_check_reversal() RETURNS trigger", _MIRROR)
    create_function("ledger_check_policy() RETURNS trigger", _DECIDED)
    op.execute("ALTER FUNCTION ledger_period_digest SET timezone = 'UTC'")
    # While one waits for the month alone, further writers of that month wait behind it: not for long.
    op.execute("ALTER FUNCTION ledger_lock_period SET lock_timeout = '3s'")
    for function in ("ledger_check_move", "ledger_check_reversal"):
        op.execute(f"ALTER FUNCTION {function} SET enable_seqscan = off")
    op.execute(
        "CREATE TRIGGER journal_entry_in_period AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_period()"
    )
    op.execute(
        "CREATE TRIGGER accounting_period_begins BEFORE INSERT ON accounting_period"
        " FOR EACH ROW EXECUTE FUNCTION ledger_begin_period()"
    )
    op.execute(
        "CREATE TRIGGER accounting_period_moves BEFORE UPDATE ON accounting_period"
        " FOR EACH ROW EXECUTE FUNCTION ledger_guard_period()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER accounting_period_is_recorded AFTER UPDATE ON accounting_period"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_move()"
    )
    op.execute(
        "CREATE TRIGGER entry_reversal_mirrors AFTER INSERT ON entry_reversal REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_reversal()"
    )
    op.execute(
        "CREATE TRIGGER policy_not_before_entries BEFORE INSERT ON policy FOR EACH ROW"
        " WHEN (NEW.name = 'ledger.budget_recognised_at') EXECUTE FUNCTION ledger_check_policy()"
    )
    for table, refused in (
        ("accounting_period", "DELETE OR TRUNCATE"),
        ("adjusting_kind", "UPDATE OR DELETE OR TRUNCATE"),
        ("entry_reversal", "UPDATE OR DELETE OR TRUNCATE"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {refused} ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
        )
    grant("SELECT, INSERT (month, state), UPDATE (state)", "accounting_period")
    grant("SELECT", "adjusting_kind")
    grant("SELECT, INSERT (entry_id, reversal_id, replacement_id, reason)", "entry_reversal")
    grant_calls("ledger_open_date", "ledger_lock_period", "ledger_period_digest", "ledger_carried_code")
