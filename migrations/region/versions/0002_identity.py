"""Users, sessions, tokens and dated assignments."""

revision = "region_0002"
down_revision = "region_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and functions of identity."""
