"""Users, sessions, tokens and dated assignments."""

from alembic import op

from migrations.schema_tools import grant

revision = "region_0002"
down_revision = "region_0001"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE staff_user (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_staff_user PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_staff_user_uid UNIQUE,
    username varchar(40) NOT NULL CONSTRAINT uq_staff_user_username UNIQUE,
    name varchar(100) NOT NULL,
    password_hash varchar(200) NOT NULL,
    totp_secret bytea NOT NULL,
    totp_last_step bigint,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE staff_assignment (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_staff_assignment PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_staff_assignment_uid UNIQUE,
    staff_user_id bigint NOT NULL CONSTRAINT fk_staff_assignment_staff_user_id REFERENCES staff_user,
    role varchar(40) NOT NULL,
    entity varchar(60) NOT NULL,
    decree_number varchar(100) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    created_by varchar(120) NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT uq_staff_assignment_staff_user_id_role_entity_valid_from
        UNIQUE (staff_user_id, role, entity, valid_from),
    CONSTRAINT ck_staff_assignment_dates CHECK (valid_to IS NULL OR valid_to >= valid_from)
);

CREATE TABLE staff_session (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_staff_session PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_staff_session_uid UNIQUE,
    staff_user_id bigint NOT NULL CONSTRAINT fk_staff_session_staff_user_id REFERENCES staff_user,
    token_hash bytea NOT NULL CONSTRAINT uq_staff_session_token_hash UNIQUE,
    signed_in_at timestamptz NOT NULL,
    second_factor_at timestamptz,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX ix_staff_session_staff_user_id ON staff_session (staff_user_id);

CREATE TABLE api_token (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_api_token PRIMARY KEY,
    uid uuid NOT NULL CONSTRAINT uq_api_token_uid UNIQUE,
    public_id varchar(16) NOT NULL CONSTRAINT uq_api_token_public_id UNIQUE,
    name varchar(60) NOT NULL CONSTRAINT uq_api_token_name UNIQUE,
    secret_hash bytea NOT NULL,
    permissions text[] NOT NULL,
    created_by varchar(120) NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
"""


def upgrade() -> None:
    """Create the tables; nothing here is ever deleted, so that an audit row always finds its user."""
    op.execute(_TABLES)
    grant("SELECT, INSERT, UPDATE", "staff_user", "staff_assignment", "staff_session", "api_token")
