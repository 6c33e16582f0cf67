"""Partners, messages, payments and QRIS requests."""

revision = "region_0005"
down_revision = "region_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and functions of payments."""
