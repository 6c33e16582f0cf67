"""Kinds of revenue, batches of issue and bills; the function that settles a bill."""

from alembic import op

from migrations.schema_tools import create_function, grant, grant_calls

revision = "region_0004"
down_revision = "region_0003"
branch_labels = None
depends_on = None

# A bill is updated once, when it is paid; the room left on each page keeps that update off the indexes.
_TABLES = """
CREATE TABLE revenue_kind (
    code varchar(24) CONSTRAINT pk_revenue_kind PRIMARY KEY,
    digits varchar(2) NOT NULL CONSTRAINT uq_revenue_kind_digits UNIQUE
        CONSTRAINT ck_revenue_kind_digits CHECK (digits ~ '^[0-9]{2}$'),
    name_id varchar(100) NOT NULL,
    name_en varchar(100) NOT NULL,
    family varchar(10) NOT NULL CONSTRAINT ck_revenue_kind_family CHECK (family IN ('pajak', 'retribusi')),
    object_label varchar(20) NOT NULL,
    object_rule varchar(16) NOT NULL,
    declared_by varchar(120) NOT NULL,
    declared_at timestamptz NOT NULL
);

CREATE TABLE bill_batch (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_bill_batch PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_bill_batch_uid UNIQUE,
    kind varchar(24) NOT NULL CONSTRAINT fk_bill_batch_kind REFERENCES revenue_kind (code),
    entity varchar(40) NOT NULL,
    account varchar(40) NOT NULL,
    filename varchar(200) NOT NULL,
    sha256 varchar(64) NOT NULL,
    bill_count integer NOT NULL CONSTRAINT ck_bill_batch_bill_count CHECK (bill_count > 0),
    already_issued integer NOT NULL,
    total_sen bigint NOT NULL CONSTRAINT ck_bill_batch_total_sen CHECK (total_sen > 0),
    issued_on date NOT NULL,
    imported_by varchar(120) NOT NULL,
    imported_at timestamptz NOT NULL,
    CONSTRAINT uq_bill_batch_id_kind_entity UNIQUE (id, kind, entity)
);

CREATE TABLE bill (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_bill PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_bill_uid UNIQUE,
    batch_id bigint NOT NULL,
    kind varchar(24) NOT NULL,
    entity varchar(40) NOT NULL,
    object_number varchar(40) NOT NULL,
    period varchar(7) NOT NULL,
    payer_name varchar(100) NOT NULL,
    object_address varchar(200) NOT NULL,
    amount_sen bigint NOT NULL CONSTRAINT ck_bill_amount_sen CHECK (amount_sen > 0 AND amount_sen % 100 = 0),
    issued_on date NOT NULL,
    due_on date NOT NULL,
    payment_code varchar(18) NOT NULL CONSTRAINT uq_bill_payment_code UNIQUE
        CONSTRAINT ck_bill_payment_code CHECK (payment_code ~ '^[0-9]{18}$'),
    state varchar(16) NOT NULL,
    paid_at timestamptz,
    payment_uid uuid,
    nik_sealed bytea,
    nik_index bytea,
    phone_sealed bytea,
    CONSTRAINT uq_bill_kind_object_number_period UNIQUE (kind, object_number, period),
    CONSTRAINT fk_bill_batch_id_kind_entity
        FOREIGN KEY (batch_id, kind, entity) REFERENCES bill_batch (id, kind, entity),
    CONSTRAINT ck_bill_state CHECK (
        (state = 'ISSUED' AND paid_at IS NULL AND payment_uid IS NULL)
        OR (state = 'PAID' AND paid_at IS NOT NULL AND payment_uid IS NOT NULL)
    )
) WITH (fillfactor = 85);
CREATE INDEX ix_bill_nik_index ON bill (nik_index) WHERE nik_index IS NOT NULL;
"""

_SETTLE = """
BEGIN
    UPDATE bill AS b SET state = 'PAID', paid_at = $3, payment_uid = $2 WHERE b.id = $1 AND b.state = 'ISSUED';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM foundation_record_move('bill', $1, 'ISSUED', 'PAID', 'settled', $4, 'payment ' || $2, $5);
    RETURN true;
END
"""


def upgrade() -> None:
    """Create the tables and functions of billing. The application may move a bill's state, never its amount;
    nobody may make a bill vanish."""
    op.execute(_TABLES)
    for table in ("bill_batch", "bill"):
        op.execute(
            f"CREATE TRIGGER {table}_never_deleted BEFORE DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
        )
    create_function(
        "billing_settle(bill_id bigint, payment_uid uuid, paid_at timestamptz, settled_by text, settled_at timestamptz)"
        " RETURNS boolean",
        _SETTLE,
    )
    grant("SELECT, INSERT", "revenue_kind", "bill_batch", "bill")
    grant("UPDATE (state, paid_at, payment_uid)", "bill")
    grant_calls("billing_settle")
