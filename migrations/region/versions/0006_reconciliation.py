"""Files, statements, settlements, runs and differences."""

revision = "region_0006"
down_revision = "region_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and functions of reconciliation."""
