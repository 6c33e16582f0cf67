"""Entities, accounts, roles, journal entries and postings."""

revision = "region_0003"
down_revision = "region_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and functions of ledger."""
