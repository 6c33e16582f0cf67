"""Rows that money depends on stay: not even the owner of the tables deletes or truncates them.

For: one list of tables, with what the database says. Not for: postings and entries (tests/ledger/test_database_guards).
"""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors, sql

from foundation.regions import Region
from tests.database import TestDatabase

NEVER_DELETED = (
    "bill",
    "bill_batch",
    "partner",
    "payment",
    "qris_request",
    "bank_file",
    "bank_statement",
    "statement_line",
    "settlement_batch",
    "settlement_line",
)
NEVER_CHANGED = {
    "state_change": "why",
    "audit_event": "actor",
    "partner_message": "partner_id",
    "batch_credit": "amount_sen",
    "reconciliation_run": "result",
    "reconciliation_difference": "reference",
}


@pytest.mark.parametrize("table", (*NEVER_DELETED, *NEVER_CHANGED))
@pytest.mark.parametrize("act", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_owner_can_make_no_row_vanish(region: Region, database: TestDatabase, table: str, act: str) -> None:
    with psycopg.connect(database.owner_url) as owner, pytest.raises(errors.InsufficientPrivilege) as refused:
        owner.execute(sql.SQL(act).format(sql.Identifier("r3316", table)))
    assert refused.value.diag.message_primary is not None
    assert refused.value.diag.message_primary.endswith("is refused: it is append-only")
    if act.startswith("DELETE"):
        assert f"DELETE on r3316.{table} " in refused.value.diag.message_primary


@pytest.mark.parametrize(("table", "column"), NEVER_CHANGED.items())
def test_the_owner_can_change_no_row_of_a_log(region: Region, database: TestDatabase, table: str, column: str) -> None:
    change = sql.SQL("UPDATE {} SET {column} = {column}").format(
        sql.Identifier("r3316", table), column=sql.Identifier(column)
    )
    with psycopg.connect(database.owner_url) as owner, pytest.raises(errors.InsufficientPrivilege):
        owner.execute(change)
