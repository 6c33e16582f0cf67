"""Guards and lists that reports rest on, forged by a superuser: each is named, and nothing else.

For: triggers, functions, constraints, columns, rights and kinds that verifying holds to those of this version.
Not for: whether guards.tsv is what the migrations make (tests/rules/test_guards.py), or sealed rows.
"""

from __future__ import annotations

import pytest

from tests.database import TestDatabase
from tests.ledger.entries import draft, post
from tests.ledger.seals import found_after, seal, superuser, verify

NO_OP = "RETURNS trigger LANGUAGE plpgsql SET search_path = r3316, pg_temp SET enable_seqscan = off"
REPLACED = "CREATE OR REPLACE TRIGGER posting_append_only BEFORE"
CHECKS = "FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()"
# What a superuser does: (statement, finding, its place, what it tells).
FORGERIES = {
    "a kind that closes": (
        "INSERT INTO adjusting_kind (kind, nature) VALUES ('paid_at_partner', 'closing')",
        ("kind_differs", "adjusting_kind paid_at_partner", "closing, should be none"),
    ),
    "a kind of another nature": (
        "UPDATE adjusting_kind SET nature = 'adjusting' WHERE kind = 'closing'",
        ("kind_differs", "adjusting_kind closing", "adjusting, should be closing"),
    ),
    "a kind removed": (
        "DELETE FROM adjusting_kind WHERE kind = 'reversal'",
        ("kind_differs", "adjusting_kind reversal", "none, should be adjusting"),
    ),
    "a trigger dropped": (
        "DROP TRIGGER posting_append_only ON posting",
        ("guard_missing", "trigger posting_append_only on posting", ""),
    ),
    "a trigger disabled": (
        "ALTER TABLE posting DISABLE TRIGGER posting_append_only",
        ("guard_changed", "trigger posting_append_only on posting", "enabled"),
    ),
    "a trigger for replicas alone": (
        "ALTER TABLE journal_entry ENABLE REPLICA TRIGGER journal_entry_is_whole",
        ("guard_changed", "trigger journal_entry_is_whole on journal_entry", "enabled"),
    ),
    "a trigger that never fires": (
        f"{REPLACED} UPDATE OR DELETE OR TRUNCATE ON posting"
        " FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION foundation_refuse_change()",
        ("guard_changed", "trigger posting_append_only on posting", "definition"),
    ),
    "a trigger that lets deletes pass": (
        f"{REPLACED} UPDATE OR TRUNCATE ON posting {CHECKS}",
        ("guard_changed", "trigger posting_append_only on posting", "definition"),
    ),
    "a trigger of nobody's": (
        f"CREATE TRIGGER a_first BEFORE INSERT ON late_entry {CHECKS}",
        ("guard_unknown", "trigger a_first on late_entry", ""),
    ),
    "a check that checks nothing": (
        f"CREATE OR REPLACE FUNCTION ledger_check_entry() {NO_OP} AS 'BEGIN RETURN NULL; END'",
        ("guard_changed", "function ledger_check_entry()", "body"),
    ),
    "a function with its caller's rights": (
        "ALTER FUNCTION ledger_roll(bigint, bigint, bigint) SECURITY INVOKER",
        ("guard_changed", "function ledger_roll(bigint, bigint, bigint)", "rights"),
    ),
    "a function with another search path": (
        "ALTER FUNCTION ledger_check_entry() SET search_path = pg_temp, r3316",
        ("guard_changed", "function ledger_check_entry()", "settings"),
    ),
    "a constraint dropped": (
        "ALTER TABLE journal_entry DROP CONSTRAINT uq_journal_entry_key",
        ("guard_missing", "constraint uq_journal_entry_key on journal_entry", ""),
    ),
    "a constraint that lets more pass": (
        "ALTER DOMAIN posting_amount DROP CONSTRAINT ck_posting_amount;"
        " ALTER DOMAIN posting_amount ADD CONSTRAINT ck_posting_amount CHECK (VALUE > -1)",
        ("guard_changed", "constraint ck_posting_amount on posting_amount", "definition"),
    ),
    "a constraint that old rows need not meet": (
        "ALTER TABLE posting DROP CONSTRAINT ck_posting_counterpart; ALTER TABLE posting ADD CONSTRAINT"
        " ck_posting_counterpart CHECK (counterpart_entity_id <> entity_id) NOT VALID",
        ("guard_changed", "constraint ck_posting_counterpart on posting", "definition"),
    ),
    "a column that leaves its domain": (
        "ALTER TABLE journal_entry ALTER COLUMN content_hash TYPE bytea",
        ("guard_changed", "column content_hash on journal_entry", "definition"),
    ),
    "a column that may be empty": (
        "ALTER TABLE journal_entry ALTER COLUMN actor DROP NOT NULL",
        ("guard_changed", "column actor on journal_entry", "definition"),
    ),
    "a column that says who wrote, by default": (
        "ALTER TABLE journal_entry ALTER COLUMN actor SET DEFAULT 'user:a'",
        ("guard_changed", "column actor on journal_entry", "definition"),
    ),
    "a column of nobody's": (
        "ALTER TABLE posting ADD COLUMN note text",
        ("guard_unknown", "column note on posting", ""),
    ),
    "a second PPKD": (
        "DROP INDEX uq_entity_one_ppkd",
        ("guard_missing", "constraint uq_entity_one_ppkd on entity", ""),
    ),
    "a right to insert postings": (
        "GRANT INSERT ON posting TO lunas_app",
        ("guard_unknown", "right posting", ""),
    ),
    "a right to change one column": (
        "GRANT UPDATE (description) ON journal_entry TO lunas_app",
        ("guard_unknown", "right journal_entry", ""),
    ),
    "a right that is gone": (
        "REVOKE INSERT ON account FROM lunas_app",
        ("guard_missing", "right account", ""),
    ),
    "a function for everybody": (
        "GRANT EXECUTE ON FUNCTION ledger_post TO PUBLIC",
        ("guard_changed", "right ledger_post(uuid, jsonb, bytea, text, timestamp with time zone)", "held"),
    ),
    "a table that everybody reads": (
        "GRANT SELECT ON posting TO PUBLIC",
        ("guard_unknown", "right posting", ""),
    ),
    "a function of nobody's": (
        f"CREATE FUNCTION ledger_check_nothing() {NO_OP} AS 'BEGIN RETURN NULL; END'",
        ("guard_unknown", "function ledger_check_nothing()", ""),
        ("guard_unknown", "right ledger_check_nothing()", ""),  # a new function is everybody's
    ),
    "a function that takes the place of another": (
        "ALTER FUNCTION ledger_ppkd() RENAME TO ledger_ppkd_of_before",
        ("guard_missing", "function ledger_ppkd()", ""),
        ("guard_unknown", "function ledger_ppkd_of_before()", ""),
        ("guard_missing", "right ledger_ppkd()", ""),
        ("guard_unknown", "right ledger_ppkd_of_before()", ""),
    ),
}


@pytest.fixture(scope="module")
def sealed(kept_books: str) -> str:
    """An entry, and all is sealed."""
    post(kept_books, draft("payment:1"))
    seal(kept_books)
    assert verify(kept_books).findings == []
    return kept_books


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_guard_or_list_is_named(sealed: str, database: TestDatabase, forgery: str) -> None:
    statement, *wanted = FORGERIES[forgery]
    with superuser(database) as session:
        assert found_after(session, statement) == wanted
    assert verify(sealed).sound


def test_a_function_replaced_by_one_of_another_schema_is_named(sealed: str, database: TestDatabase) -> None:
    with superuser(database) as session:
        statement = (
            f"CREATE FUNCTION public.foundation_refuse_change() {NO_OP} AS 'BEGIN RETURN NULL; END';"
            f"{REPLACED} UPDATE OR DELETE OR TRUNCATE ON posting"
            " FOR EACH STATEMENT EXECUTE FUNCTION public.foundation_refuse_change()"
        )
        wanted = [("guard_changed", "trigger posting_append_only on posting", "definition")]
        assert found_after(session, statement) == wanted
