"""Seals: a signed chain of blocks over everything that is never changed."""

from alembic import context, op

from migrations.schema_tools import create_function, grant, schema

revision = "region_0008"
down_revision = "region_0007"
branch_labels = None
depends_on = None

# What the chart and reversals say is sealed like entries, so they too tell which database transaction wrote them.
_SEALED_TOO = {
    "entity": "code, name, kind",
    "account": "code, name, level, parent_code, book, normal_side, requires_counterpart, is_sample, valid_from,"
    " valid_to",
    "account_role": "role, qualifier, valid_from, account_code",
    "entry_reversal": "entry_id, reversal_id, replacement_id, reason",
}

_TABLES = """
CREATE TABLE seal_key (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_seal_key PRIMARY KEY,
    key_id varchar(16) NOT NULL CONSTRAINT uq_seal_key_key_id UNIQUE,
    public_key bytea NOT NULL CONSTRAINT ck_seal_key_public_key CHECK (octet_length(public_key) = 32),
    introduced_at timestamptz NOT NULL CONSTRAINT ck_seal_key_introduced_at
        CHECK (introduced_at >= '1000-01-01 00:00:00+00' AND introduced_at < '9999-12-31 00:00:00+00'),
    introduced_by varchar(120) NOT NULL,
    why varchar(300) NOT NULL,
    recorded_xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT ck_seal_key_key_id CHECK (key_id = left(encode(sha256(public_key), 'hex'), 16))
);

CREATE TABLE seal_block (
    number bigint CONSTRAINT pk_seal_block PRIMARY KEY,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    cluster bigint NOT NULL,
    next_xact xid8,
    next_id bigint NOT NULL,
    sealed_at timestamptz NOT NULL CONSTRAINT ck_seal_block_sealed_at
        CHECK (sealed_at >= '1000-01-01 00:00:00+00' AND sealed_at < '9999-12-31 00:00:00+00'),
    item_count integer NOT NULL CONSTRAINT ck_seal_block_item_count CHECK (item_count >= 1),
    stream varchar(40) NOT NULL CONSTRAINT ck_seal_block_stream CHECK (stream <> ''),
    key_id varchar(16) NOT NULL,
    merkle_root bytea NOT NULL CONSTRAINT ck_seal_block_merkle_root CHECK (octet_length(merkle_root) = 32),
    previous_hash bytea NOT NULL CONSTRAINT ck_seal_block_previous_hash CHECK (octet_length(previous_hash) = 32),
    block_hash bytea NOT NULL CONSTRAINT ck_seal_block_block_hash CHECK (octet_length(block_hash) = 32),
    signature bytea NOT NULL CONSTRAINT ck_seal_block_signature CHECK (octet_length(signature) = 64),
    item_ids bigint[] NOT NULL,
    leaf_hashes bytea NOT NULL,
    marks bytea NOT NULL,
    CONSTRAINT ck_seal_block_items CHECK (
        cardinality(item_ids) = item_count AND octet_length(leaf_hashes) = 32 * item_count
    )
);
CREATE INDEX ix_seal_block_stream_number ON seal_block (stream, number);
CREATE INDEX ix_seal_block_stream_last_id ON seal_block (stream, last_id);
ALTER TABLE seal_block ALTER COLUMN leaf_hashes SET STORAGE EXTERNAL, ALTER COLUMN marks SET STORAGE EXTERNAL;
"""

# Gapless and one after another, by the key that seals, made on this server, and of what it says itself, whoever writes.
# Whether it is signed the database cannot tell: docs/decisions/0006-seals-as-signed-blocks.md says what follows.
_FOLLOWS = """
DECLARE
    newest bigint;
    before bytea;
    sound boolean;
BEGIN
    SELECT b.number, b.block_hash INTO newest, before FROM seal_block b ORDER BY b.number DESC LIMIT 1;
    IF NEW.number <> coalesce(newest, 0) + 1
        OR NEW.previous_hash <> coalesce(before, decode(repeat('00', 32), 'hex')) THEN
        RAISE EXCEPTION 'block % does not follow the block before it', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_seal_follows';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM seal_key k
        WHERE k.key_id = NEW.key_id AND (NEW.stream = 'key' OR k.id = (SELECT max(n.id) FROM seal_key n))) THEN
        RAISE EXCEPTION 'block % is not of the key that seals', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_seal_key';
    END IF;
    SELECT NEW.first_id = min(i.id) AND NEW.last_id = max(i.id) AND count(DISTINCT i.id) = NEW.item_count
        AND octet_length(NEW.marks) >= 2 * NEW.item_count AND NEW.next_id >= 0
        AND NEW.cluster = (SELECT c.system_identifier FROM pg_control_system() c)
        AND coalesce(NEW.next_xact <= pg_snapshot_xmin(pg_current_snapshot()), true)
    INTO sound FROM unnest(NEW.item_ids) i (id);
    IF sound IS NOT TRUE THEN
        RAISE EXCEPTION 'block % is not of the rows and the place that it says', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_seal_sound';
    END IF;
    RETURN NEW;
END
"""


def upgrade() -> None:
    """Create blocks and keys, and say of every sealed table which database transaction wrote a row."""
    role = context.config.attributes["app_role"]
    op.execute("ALTER TABLE account_role ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY")
    op.execute("ALTER TABLE account_role ADD CONSTRAINT uq_account_role_id UNIQUE (id)")
    for table, columns in _SEALED_TOO.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN recorded_xact xid8 NOT NULL DEFAULT pg_current_xact_id()")
        op.execute(f"CREATE INDEX ix_{table}_recorded_xact ON {table} (recorded_xact)")
        op.execute(f"REVOKE INSERT ON {schema()}.{table} FROM {role}")
        grant(f"INSERT ({columns})", table)
    op.execute(_TABLES)
    create_function("ledger_check_block() RETURNS trigger", _FOLLOWS)
    op.execute(
        "CREATE TRIGGER seal_block_follows BEFORE INSERT ON seal_block"
        " FOR EACH ROW EXECUTE FUNCTION ledger_check_block()"
    )
    for table in ("seal_key", "seal_block"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
        )
    grant("SELECT, INSERT", "seal_block")
    grant("SELECT, INSERT (key_id, public_key, introduced_at, introduced_by, why)", "seal_key")
