"""What every region stands on: state history, audit, outbox, jobs, policies, holidays, counters, limits."""

from alembic import op

from migrations.schema_tools import create_function, grant, grant_calls

revision = "region_0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE state_change (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_state_change PRIMARY KEY,
    thing varchar(40) NOT NULL,
    thing_id bigint NOT NULL,
    from_state varchar(16) NOT NULL,
    to_state varchar(16) NOT NULL,
    event varchar(40) NOT NULL,
    moved_by varchar(120) NOT NULL,
    why varchar(300) NOT NULL,
    moved_at timestamptz NOT NULL,
    recorded_xact xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX ix_state_change_thing_thing_id ON state_change (thing, thing_id);
CREATE INDEX ix_state_change_recorded_xact_id ON state_change (recorded_xact, id);

CREATE TABLE audit_event (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_audit_event PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_audit_event_uid UNIQUE,
    at timestamptz NOT NULL,
    actor varchar(120) NOT NULL,
    action varchar(80) NOT NULL,
    thing varchar(80) NOT NULL,
    thing_uid varchar(80),
    details jsonb NOT NULL,
    recorded_xact xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX ix_audit_event_recorded_xact_id ON audit_event (recorded_xact, id);

CREATE TABLE outbox_message (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox_message PRIMARY KEY,
    topic varchar(80) NOT NULL,
    key varchar(160) NOT NULL CONSTRAINT uq_outbox_message_key UNIQUE,
    payload jsonb NOT NULL,
    state varchar(16) NOT NULL,
    created_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    sent_at timestamptz,
    last_error varchar
);
CREATE INDEX ix_outbox_message_due ON outbox_message (next_attempt_at) WHERE state = 'QUEUED';

CREATE TABLE job (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_job PRIMARY KEY,
    kind varchar(60) NOT NULL,
    key varchar(200) NOT NULL CONSTRAINT uq_job_key UNIQUE,
    payload jsonb NOT NULL,
    state varchar(16) NOT NULL,
    run_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    leased_until timestamptz,
    worker varchar(80),
    last_error varchar,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX ix_job_due ON job (run_at) WHERE state IN ('QUEUED', 'RUNNING');

CREATE TABLE policy (
    name varchar(80) NOT NULL,
    valid_from date NOT NULL,
    value varchar(500) NOT NULL,
    legal_basis varchar(300) NOT NULL,
    set_by varchar(120) NOT NULL,
    set_at timestamptz NOT NULL,
    CONSTRAINT pk_policy PRIMARY KEY (name, valid_from)
);

CREATE TABLE holiday (
    on_date date CONSTRAINT pk_holiday PRIMARY KEY,
    name varchar(120) NOT NULL,
    legal_basis varchar(300) NOT NULL
);

CREATE TABLE document_counter (
    series varchar(40) NOT NULL,
    year integer NOT NULL,
    unit varchar(40) NOT NULL,
    last_number integer NOT NULL,
    CONSTRAINT pk_document_counter PRIMARY KEY (series, year, unit)
);

CREATE TABLE limit_counter (
    bucket varchar(160) NOT NULL,
    window_start bigint NOT NULL,
    attempts integer NOT NULL,
    CONSTRAINT pk_limit_counter PRIMARY KEY (bucket, window_start)
);
"""

_VIEWS = (
    "CREATE VIEW recorded_acts AS SELECT a.id, a.recorded_xact, a.uid, a.at, a.actor, a.action, a.thing, a.thing_uid,"
    " a.details FROM audit_event a",
    "CREATE VIEW recorded_moves AS SELECT c.id, c.recorded_xact, c.thing, c.thing_id, c.from_state, c.to_state,"
    " c.event, c.moved_by, c.why, c.moved_at FROM state_change c WHERE c.thing <> 'job'",
)


def upgrade() -> None:
    """Create the tables, the append-only guard, and the functions that hot paths call."""
    for statements in (_TABLES, *_VIEWS):
        op.execute(statements)
    create_function(
        "foundation_refuse_change() RETURNS trigger",
        "BEGIN RAISE EXCEPTION '% on %.% is refused: it is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME"
        " USING ERRCODE = 'insufficient_privilege'; END",
    )
    for table in ("state_change", "audit_event"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
        )
    create_function(
        "foundation_record_move(thing text, thing_id bigint, from_state text, to_state text, event text,"
        " moved_by text, why text, moved_at timestamptz) RETURNS void",
        "INSERT INTO state_change (thing, thing_id, from_state, to_state, event, moved_by, why, moved_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        language="sql",
    )
    create_function(
        "foundation_enqueue(topic text, key text, payload jsonb, created_at timestamptz) RETURNS void",
        "INSERT INTO outbox_message (topic, key, payload, state, created_at, attempts, next_attempt_at)"
        " VALUES ($1, $2, $3, 'QUEUED', $4, 0, $4) ON CONFLICT (key) DO NOTHING",
        language="sql",
    )
    create_function(
        "foundation_policy(name text, on_date date) RETURNS text STABLE",
        "BEGIN RETURN (SELECT p.value FROM policy AS p WHERE p.name = $1 AND p.valid_from <= $2"
        " ORDER BY p.valid_from DESC LIMIT 1); END",
    )
    grant("SELECT, INSERT", "policy")
    grant("SELECT", "state_change", "audit_event", "recorded_acts", "recorded_moves")
    # Not id and recorded_xact: where a row stands among the others is the database's to say.
    grant("INSERT (thing, thing_id, from_state, to_state, event, moved_by, why, moved_at)", "state_change")
    grant("INSERT (uid, at, actor, action, thing, thing_uid, details)", "audit_event")
    grant("SELECT, INSERT, UPDATE, DELETE", "outbox_message", "job", "holiday", "document_counter", "limit_counter")
    grant_calls("foundation_record_move", "foundation_enqueue", "foundation_policy")
