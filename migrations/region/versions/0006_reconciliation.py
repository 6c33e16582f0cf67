"""Files, statements, settlements, runs and differences."""

from alembic import op

from migrations.schema_tools import grant

revision = "region_0006"
down_revision = "region_0005"
branch_labels = None
depends_on = None

_FILES = """
CREATE TABLE bank_file (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_bank_file PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_bank_file_uid UNIQUE,
    filename varchar(255) NOT NULL,
    sha256 bytea NOT NULL CONSTRAINT uq_bank_file_sha256 UNIQUE,
    kind varchar(20) NOT NULL
        CONSTRAINT ck_bank_file_kind CHECK (kind IN ('mt940', 'settlement-csv', 'unknown')),
    data bytea NOT NULL,
    state varchar(16) NOT NULL,
    problems jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    received_by varchar(120) NOT NULL
);
CREATE INDEX ix_bank_file_received_at ON bank_file (received_at);
"""

# What a bank said is never changed: only the columns that say what became of a line may be (grants below).
_SETTLEMENTS = """
CREATE TABLE settlement_batch (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_settlement_batch PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_settlement_batch_uid UNIQUE,
    file_id bigint NOT NULL CONSTRAINT fk_settlement_batch_file_id REFERENCES bank_file (id),
    partner varchar(20) NOT NULL,
    batch_reference varchar(200) NOT NULL,
    business_on date NOT NULL,
    gross_sen bigint NOT NULL CONSTRAINT ck_settlement_batch_gross CHECK (gross_sen >= 0),
    fee_sen bigint NOT NULL CONSTRAINT ck_settlement_batch_fee CHECK (fee_sen >= 0),
    net_sen bigint NOT NULL CONSTRAINT ck_settlement_batch_net CHECK (net_sen = gross_sen - fee_sen),
    line_count integer NOT NULL,
    content_sha256 bytea NOT NULL,
    state varchar(16) NOT NULL,
    credited_sen bigint NOT NULL
        CONSTRAINT ck_settlement_batch_credited CHECK (credited_sen BETWEEN 0 AND gross_sen),
    credited_on date,
    received_at timestamptz NOT NULL,
    CONSTRAINT uq_settlement_batch_partner_batch_reference UNIQUE (partner, batch_reference)
);
CREATE INDEX ix_settlement_batch_partner_business_on ON settlement_batch (partner, business_on);

CREATE TABLE settlement_line (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_settlement_line PRIMARY KEY,
    batch_id bigint NOT NULL CONSTRAINT fk_settlement_line_batch_id REFERENCES settlement_batch (id),
    line_no integer NOT NULL,
    bank_reference varchar(200) NOT NULL,
    partner_reference varchar(200),
    rrn varchar(200),
    payment_code varchar(200),
    channel varchar(200),
    paid_at timestamptz,
    amount_sen bigint NOT NULL CONSTRAINT ck_settlement_line_amount CHECK (amount_sen > 0),
    fee_sen bigint NOT NULL,
    net_sen bigint NOT NULL,
    until_sen bigint NOT NULL,
    outcome varchar(20) NOT NULL CONSTRAINT ck_settlement_line_outcome CHECK (
        outcome IN ('MATCHED', 'AMOUNT_DIFFERS', 'SETTLED_BEFORE', 'REPORTED_HERE')
    ),
    payment_id bigint NOT NULL,
    CONSTRAINT uq_settlement_line_batch_id_line_no UNIQUE (batch_id, line_no)
);
CREATE UNIQUE INDEX uq_settlement_line_payment ON settlement_line (payment_id) WHERE outcome <> 'SETTLED_BEFORE';
CREATE INDEX ix_settlement_line_outcome ON settlement_line (batch_id) WHERE outcome <> 'MATCHED';
"""

_STATEMENTS = """
CREATE TABLE bank_statement (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_bank_statement PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_bank_statement_uid UNIQUE,
    file_id bigint NOT NULL CONSTRAINT fk_bank_statement_file_id REFERENCES bank_file (id),
    account_no varchar(35) NOT NULL,
    account_role varchar(8) NOT NULL,
    partner varchar(20),
    statement_no varchar(20) NOT NULL,
    reference varchar(40) NOT NULL,
    opening_on date NOT NULL,
    opening_sen bigint NOT NULL,
    closing_on date NOT NULL,
    closing_sen bigint NOT NULL,
    content_sha256 bytea NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT ck_bank_statement_role CHECK (
        (account_role = 'rkud' AND partner IS NULL) OR (account_role = 'holding' AND partner IS NOT NULL)
    ),
    CONSTRAINT uq_bank_statement_account_no_statement_no_closing_on UNIQUE (account_no, statement_no, closing_on)
);

CREATE TABLE statement_line (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_statement_line PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_statement_line_uid UNIQUE,
    statement_id bigint NOT NULL CONSTRAINT fk_statement_line_statement_id REFERENCES bank_statement (id),
    line_no integer NOT NULL,
    occurrence integer NOT NULL,
    value_on date NOT NULL,
    entry_on date NOT NULL,
    accounted_on date NOT NULL,
    amount_sen bigint NOT NULL CONSTRAINT ck_statement_line_amount CHECK (amount_sen > 0),
    direction varchar(6) NOT NULL CONSTRAINT ck_statement_line_direction CHECK (direction IN ('credit', 'debit')),
    reversal boolean NOT NULL,
    bank_reference varchar(40),
    owner_reference varchar(40),
    text varchar NOT NULL,
    state varchar(16) NOT NULL,
    booked_sen bigint NOT NULL,
    suspense_sen bigint NOT NULL,
    payment_id bigint,
    CONSTRAINT uq_statement_line_statement_id_line_no UNIQUE (statement_id, line_no),
    CONSTRAINT ck_statement_line_booked CHECK (
        booked_sen >= 0 AND suspense_sen >= 0 AND booked_sen + suspense_sen <= amount_sen
    )
);
CREATE INDEX ix_statement_line_open ON statement_line (id) WHERE state IN ('WAITING', 'SUSPENSE');
CREATE UNIQUE INDEX uq_statement_line_payment ON statement_line (payment_id) WHERE payment_id IS NOT NULL;

CREATE TABLE batch_credit (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_batch_credit PRIMARY KEY,
    line_id bigint NOT NULL CONSTRAINT fk_batch_credit_line_id REFERENCES statement_line (id),
    batch_id bigint NOT NULL CONSTRAINT fk_batch_credit_batch_id REFERENCES settlement_batch (id),
    amount_sen bigint NOT NULL CONSTRAINT ck_batch_credit_amount CHECK (amount_sen > 0),
    from_suspense boolean NOT NULL,
    accounted_on date NOT NULL,
    entry_uid uuid NOT NULL,
    CONSTRAINT uq_batch_credit_line_id_batch_id UNIQUE (line_id, batch_id)
);
CREATE INDEX ix_batch_credit_batch_id ON batch_credit (batch_id);
"""

_RUNS = """
CREATE TABLE reconciliation_run (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_reconciliation_run PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_reconciliation_run_uid UNIQUE,
    run_at timestamptz NOT NULL,
    run_by varchar(120) NOT NULL,
    on_date date NOT NULL,
    result varchar(10) NOT NULL CONSTRAINT ck_reconciliation_run_result CHECK (result IN ('BALANCED', 'DIFFERENT')),
    difference_count integer NOT NULL,
    figures jsonb NOT NULL
);

CREATE TABLE reconciliation_difference (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_reconciliation_difference PRIMARY KEY,
    run_id bigint NOT NULL CONSTRAINT fk_reconciliation_difference_run_id REFERENCES reconciliation_run (id),
    code varchar(40) NOT NULL,
    side varchar(5) NOT NULL CONSTRAINT ck_reconciliation_difference_side CHECK (side IN ('bank', 'books')),
    partner varchar(20),
    account_no varchar(35),
    on_date date,
    amount_sen bigint NOT NULL,
    reference varchar(200) NOT NULL,
    text_id varchar(400) NOT NULL,
    text_en varchar(400) NOT NULL,
    link_kind varchar(20) NOT NULL,
    link_uid uuid,
    explained boolean NOT NULL
);
CREATE INDEX ix_reconciliation_difference_run_id ON reconciliation_difference (run_id, id);
"""


def upgrade() -> None:
    """Create the tables. What a bank delivered and what a run found is never deleted; runs are never changed."""
    for statements in (_FILES, _SETTLEMENTS, _STATEMENTS, _RUNS):
        op.execute(statements)
    for table in ("reconciliation_run", "reconciliation_difference", "batch_credit"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
        )
    for table in ("bank_file", "settlement_batch", "settlement_line", "bank_statement", "statement_line"):
        op.execute(
            f"CREATE TRIGGER {table}_never_deleted BEFORE DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
        )
    grant(
        "SELECT, INSERT",
        "bank_file",
        "settlement_batch",
        "settlement_line",
        "bank_statement",
        "statement_line",
        "batch_credit",
        "reconciliation_run",
        "reconciliation_difference",
    )
    grant("UPDATE (filename, kind, data, state, problems, received_at, received_by)", "bank_file")
    grant("UPDATE (state, credited_sen, credited_on)", "settlement_batch")
    grant("UPDATE (state, booked_sen, suspense_sen, accounted_on, payment_id)", "statement_line")
