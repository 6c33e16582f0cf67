"""What migrations of a region's schema share: grants to the application's role and functions with a pinned path.

For: saying in each migration who may do what with its tables and who may call its functions, and making functions that
cannot be fooled by a moved search path or a temporary table.
Not for: anything at run time.
"""

from __future__ import annotations

from alembic import context, op

__all__ = ["create_function", "grant", "grant_calls", "schema"]


def schema() -> str:
    """The schema being migrated, e.g. "r3316"."""
    return str(context.config.attributes["schema"])


def grant(privileges: str, *tables: str) -> None:
    """Give the application's role exactly these privileges on tables of this schema."""
    role = context.config.attributes["app_role"]
    for table in tables:
        op.execute(f"GRANT {privileges} ON {schema()}.{table} TO {role}")


def create_function(signature_and_returns: str, body: str, *, language: str = "plpgsql") -> None:
    """CREATE OR REPLACE FUNCTION with the search path pinned to this schema (pg_temp last), for its owner alone.

    PostgreSQL lets everybody call a new function, and one with its owner's rights would be a door for every role that
    may read. A trigger needs nobody's right to call its function.
    """
    op.execute(
        f"CREATE OR REPLACE FUNCTION {schema()}.{signature_and_returns} LANGUAGE {language}\n"
        f"SET search_path = {schema()}, pg_temp AS $body$\n{body}\n$body$"
    )
    name = signature_and_returns.partition("(")[0]
    op.execute(f"REVOKE EXECUTE ON FUNCTION {schema()}.{name} FROM PUBLIC")


def grant_calls(*functions: str) -> None:
    """Let the application's role call these functions.

    They are what it calls itself, and what those functions and triggers call with the caller's own rights.
    """
    role = context.config.attributes["app_role"]
    for function in functions:
        op.execute(f"GRANT EXECUTE ON FUNCTION {schema()}.{function} TO {role}")
