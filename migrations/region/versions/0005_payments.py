"""Partners, their messages and keys, payments and QRIS requests."""

from alembic import op

from migrations.schema_tools import create_function, grant, grant_calls

revision = "region_0005"
down_revision = "region_0004"
branch_labels = None
depends_on = None

# payment and partner_external_id name their partner without a foreign key: its check would lock the partner's one row
# for each of its payments at once. payments_record looks that the partner is there, and a partner is never deleted.
_TABLES = """
CREATE TABLE partner (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_partner PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_partner_uid UNIQUE,
    code varchar(20) NOT NULL CONSTRAINT uq_partner_code UNIQUE,
    name varchar(100) NOT NULL,
    client_id varchar(36) NOT NULL CONSTRAINT uq_partner_client_id UNIQUE,
    va_prefix varchar(8) NOT NULL CONSTRAINT uq_partner_va_prefix UNIQUE,
    profile jsonb NOT NULL,
    terms jsonb NOT NULL,
    acquirer jsonb,
    active boolean NOT NULL,
    added_at timestamptz NOT NULL,
    added_by varchar(120) NOT NULL
);
CREATE TRIGGER partner_never_deleted BEFORE DELETE OR TRUNCATE ON partner
    FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change();

CREATE TABLE partner_key (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_partner_key PRIMARY KEY,
    partner_id bigint NOT NULL CONSTRAINT fk_partner_key_partner_id REFERENCES partner (id),
    purpose varchar(20) NOT NULL,
    material bytea NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz
);
CREATE INDEX ix_partner_key_partner_id ON partner_key (partner_id);

CREATE TABLE partner_access_token (
    token_sha256 bytea CONSTRAINT pk_partner_access_token PRIMARY KEY,
    partner_id bigint NOT NULL CONSTRAINT fk_partner_access_token_partner_id REFERENCES partner (id),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE partner_external_id (
    partner_id bigint NOT NULL,
    used_on date NOT NULL,
    external_id varchar(36) NOT NULL,
    CONSTRAINT pk_partner_external_id PRIMARY KEY (partner_id, used_on, external_id)
);

CREATE TABLE partner_message (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_partner_message PRIMARY KEY,
    uid uuid NOT NULL,
    partner_id bigint,
    direction varchar(3) NOT NULL CONSTRAINT ck_partner_message_direction CHECK (direction IN ('in', 'out')),
    service varchar(20) NOT NULL,
    path varchar(300) NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    reference varchar(128),
    response_status integer NOT NULL,
    response_code varchar(20) NOT NULL,
    response_body bytea NOT NULL,
    outcome varchar(40) NOT NULL,
    received_at timestamptz NOT NULL,
    answered_at timestamptz NOT NULL
);
CREATE INDEX ix_partner_message_received_at ON partner_message (received_at);
CREATE INDEX ix_partner_message_contradiction ON partner_message (received_at)
    WHERE outcome IN ('contradiction', 'untaken');
CREATE TRIGGER partner_message_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON partner_message
    FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change();

CREATE TABLE payment (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_payment PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_payment_uid UNIQUE,
    partner_id bigint NOT NULL,
    channel varchar(16) NOT NULL,
    bank_reference varchar(128) NOT NULL,
    source varchar(12) NOT NULL CONSTRAINT ck_payment_source CHECK (source IN ('message', 'settlement')),
    facts_sha256 bytea NOT NULL,
    amount_sen bigint NOT NULL CONSTRAINT ck_payment_amount CHECK (amount_sen > 0),
    payment_code varchar(40),
    bill_id bigint,
    bill_uid uuid,
    entity varchar(40),
    revenue_kind varchar(40),
    state varchar(16) NOT NULL,
    unapplied_reason varchar(40),
    budget_recognised boolean NOT NULL,
    partner_reference varchar(64),
    rrn varchar(40),
    paid_at timestamptz NOT NULL,
    bank_business_date date NOT NULL,
    received_at timestamptz NOT NULL,
    accounted_on date NOT NULL,
    settled_on date,
    rkud_credited_on date,
    CONSTRAINT uq_payment_partner_id_bank_reference UNIQUE (partner_id, bank_reference),
    CONSTRAINT ck_payment_applied CHECK (
        (state = 'APPLIED' AND bill_id IS NOT NULL AND entity IS NOT NULL AND revenue_kind IS NOT NULL
            AND unapplied_reason IS NULL)
        OR (state = 'UNAPPLIED' AND unapplied_reason IS NOT NULL AND NOT budget_recognised)
    )
);
CREATE UNIQUE INDEX uq_payment_applied_bill ON payment (bill_id) WHERE state = 'APPLIED';
CREATE INDEX ix_payment_partner_id_bank_business_date ON payment (partner_id, bank_business_date);
CREATE INDEX ix_payment_received_at ON payment (received_at);
CREATE INDEX ix_payment_bill_uid ON payment (bill_uid);
CREATE INDEX ix_payment_unapplied ON payment (received_at) WHERE state = 'UNAPPLIED';

CREATE TABLE qris_request (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_qris_request PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_qris_request_uid UNIQUE,
    partner_id bigint NOT NULL CONSTRAINT fk_qris_request_partner_id REFERENCES partner (id),
    bill_id bigint NOT NULL,
    bill_uid uuid NOT NULL,
    payment_code varchar(40) NOT NULL,
    amount_sen bigint NOT NULL CONSTRAINT ck_qris_request_amount CHECK (amount_sen > 0),
    partner_reference_no varchar(64) NOT NULL CONSTRAINT uq_qris_request_partner_reference_no UNIQUE,
    reference_no varchar(64),
    state varchar(16) NOT NULL,
    qr_content varchar(512),
    requested_at timestamptz NOT NULL,
    answered_at timestamptz,
    valid_until timestamptz NOT NULL,
    failure varchar(300)
);
CREATE INDEX ix_qris_request_bill_id ON qris_request (bill_id);
CREATE INDEX ix_qris_request_reference_no ON qris_request (reference_no);

CREATE TRIGGER payment_never_deleted BEFORE DELETE OR TRUNCATE ON payment
    FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change();
CREATE TRIGGER qris_request_never_deleted BEFORE DELETE OR TRUNCATE ON qris_request
    FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change();

CREATE VIEW payment_v AS
    SELECT p.id, p.uid, p.partner_id, b.code AS partner, p.channel, p.source, p.bank_reference, p.partner_reference,
        p.rrn, p.amount_sen, p.payment_code, p.bill_uid, p.entity, p.revenue_kind, p.state,
        p.budget_recognised, p.paid_at, p.bank_business_date, p.received_at, p.accounted_on, p.settled_on,
        p.rkud_credited_on
    FROM payment p JOIN partner b ON b.id = p.partner_id;
"""

# in_payment has the columns of payment by name, and "event" of its first move, "external_id" and "used_on" of the
# message (or null), "policy_default", and "told", what the outbox carries. payment_id is null when the
# partner's reference was recorded before; then nothing has changed. An external id that was used before violates its
# primary key. budget_recognised says whether the caller posts row 4A with 4a; it is kept, so that 4b need not ask what
# the policy was.
_RECORD = """
DECLARE
    uid uuid := in_payment->>'uid';
    bill_id bigint := in_payment->>'bill_id';
    paid_at timestamptz := in_payment->>'paid_at';
    received_at timestamptz := in_payment->>'received_at';
BEGIN
    budget_recognised := bill_id IS NOT NULL AND coalesce(
        foundation_policy('ledger.budget_recognised_at', (in_payment->>'accounted_on')::date),
        in_payment->>'policy_default') = '4a';
    IF NOT EXISTS (SELECT FROM partner AS b WHERE b.id = (in_payment->>'partner_id')::bigint) THEN
        RAISE EXCEPTION 'there is no partner %', in_payment->>'partner_id' USING ERRCODE = 'foreign_key_violation';
    END IF;
    INSERT INTO payment AS p (uid, partner_id, channel, bank_reference, source, facts_sha256, amount_sen, payment_code,
        bill_id, bill_uid, entity, revenue_kind, state, unapplied_reason, budget_recognised,
        partner_reference, rrn, paid_at, bank_business_date, received_at, accounted_on)
    VALUES (uid, (in_payment->>'partner_id')::bigint, in_payment->>'channel', in_payment->>'bank_reference',
        in_payment->>'source', decode(in_payment->>'facts_sha256', 'hex'), (in_payment->>'amount_sen')::bigint,
        in_payment->>'payment_code', bill_id, (in_payment->>'bill_uid')::uuid, in_payment->>'entity',
        in_payment->>'revenue_kind', in_payment->>'state', in_payment->>'unapplied_reason',
        budget_recognised, in_payment->>'partner_reference', in_payment->>'rrn', paid_at,
        (in_payment->>'bank_business_date')::date, received_at,
        (in_payment->>'accounted_on')::date)
    ON CONFLICT ON CONSTRAINT uq_payment_partner_id_bank_reference DO NOTHING
    RETURNING p.id INTO payment_id;
    IF payment_id IS NULL THEN
        RETURN;
    END IF;
    IF in_payment->>'external_id' IS NOT NULL THEN
        INSERT INTO partner_external_id (partner_id, used_on, external_id)
        VALUES ((in_payment->>'partner_id')::bigint, (in_payment->>'used_on')::date, in_payment->>'external_id');
    END IF;
    PERFORM foundation_record_move('payment', payment_id, 'RECORDED', in_payment->>'state', in_payment->>'event',
        in_by, coalesce(in_payment->>'unapplied_reason', ''), received_at);
    IF bill_id IS NOT NULL AND NOT billing_settle(bill_id, uid, paid_at, in_by, received_at) THEN
        RAISE EXCEPTION 'bill % is not open any more', bill_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_bill_open';
    END IF;
    PERFORM foundation_enqueue('payment.recorded', 'payment.recorded:' || uid, in_payment->'told', received_at);
    ppkd := ledger_ppkd();
END
"""


def upgrade() -> None:
    """Create the tables and the function of the hot path; the message log is append-only, a payment never deleted."""
    op.execute(_TABLES)
    create_function(
        "payments_record(in_payment jsonb, in_by text,"
        " OUT payment_id bigint, OUT ppkd text, OUT budget_recognised boolean)",
        _RECORD,
    )
    grant("SELECT, INSERT, UPDATE", "partner", "partner_key")
    # What a payment is never changes; only what the bank's files tell of it later is noted.
    grant("SELECT, INSERT, UPDATE (settled_on, rkud_credited_on)", "payment")
    grant("SELECT, INSERT, UPDATE (reference_no, state, qr_content, answered_at, valid_until, failure)", "qris_request")
    grant("SELECT, INSERT, DELETE", "partner_access_token", "partner_external_id")
    grant("SELECT, INSERT", "partner_message")
    grant("SELECT", "payment_v")
    grant_calls("payments_record")
