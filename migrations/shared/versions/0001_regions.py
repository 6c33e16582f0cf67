"""The registry of regions."""

import sqlalchemy as sa
from alembic import op

from migrations.schema_tools import grant

revision = "shared_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the registry; the application may read it, only the owner registers regions."""
    op.create_table(
        "region",
        sa.Column("code", sa.String(4), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("timezone", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_region"),
        schema="lunas",
    )
    grant("SELECT", "region")
