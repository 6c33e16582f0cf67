"""Objects, batches and bills."""

revision = "region_0004"
down_revision = "region_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and functions of billing."""
