"""Alembic's entry: runs one tree on the connection it is given, inside the caller's transaction.

For: `foundation.migrating`, which opens the transaction, sets the search path and names the schema.
Not for: running alembic by hand; `lunas db upgrade` does it for every schema.
"""

from alembic import context

config = context.config


def run() -> None:
    """Run the pending migrations of the chosen tree."""
    context.configure(
        connection=config.attributes["connection"],
        target_metadata=config.attributes.get("metadata"),
        version_table_schema=config.attributes["schema"],
        transactional_ddl=True,
        compare_type=True,
    )
    context.run_migrations()


run()
