"""What the database refuses by itself, whoever writes: plain SQL as the application's role and as the owner.

The application's role may not insert entries or postings at all but by `ledger_post`; the owner may, as far as the
rules go.

Each test sees with its own eyes that nothing changed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.database import TestDatabase
from tests.ledger.entries import draft, everything, post

ENTRY = (
    "INSERT INTO journal_entry (uid, kind, key, content_hash, occurred_at, accounted_on, recorded_at, description,"
    " source_kind, actor, posting_count) VALUES (gen_random_uuid(), 'k', %s, sha256('x'), now(), '2026-03-09', now(),"
    " 'd', '', 'a', %s) RETURNING id"
)
LINE = (
    "INSERT INTO posting (entry_id, line_no, accounted_on, book, entity_id, account_id, side, amount_sen,"
    " counterpart_entity_id) SELECT %(entry_id)s, %(line)s, %(on)s::date, %(book)s,"
    " (SELECT id FROM entity WHERE code = %(entity)s), (SELECT id FROM account WHERE code = %(account)s),"
    " %(side)s, %(sen)s,"
    " (SELECT id FROM entity WHERE code = %(counterpart)s)"
)
RKUD, SUSPENSE = "1.1.01.01.01.0001", "2.1.06.90.01.0001"
RECEIVABLE, SAL, REVENUE = "1.1.03.15.01.0001", "3.1.02.05.01.0001", "4.1.01.15.01.0001"
RK_PPKD, RK_SKPD = "3.1.03.01.01.0001", "1.1.13.01.01.0001"

Line = dict[str, Any]
Act = Callable[[psycopg.Connection], object]


def debit(account: str = RKUD, sen: int = 500, **changed: Any) -> Line:
    fields: Line = {"book": "F", "entity": "PPKD", "counterpart": None, "on": "2026-03-09"}
    return fields | {"account": account, "sen": sen, "side": "debit"} | changed


def credit(account: str = SUSPENSE, sen: int = 500, **changed: Any) -> Line:
    return debit(account, sen, side="credit", **changed)


def refused(region: str, url: str, act: Act, *, path: str = "r3316, pg_temp") -> str | None:
    """The rule by which the act is refused, by then or at its commit; nothing has changed afterwards."""
    before = everything(region)
    with pytest.raises((errors.IntegrityError, errors.InsufficientPrivilege)) as error:
        commit(url, act, path)
    assert everything(region) == before
    return error.value.diag.constraint_name


def commit(url: str, act: Act, path: str = "r3316, pg_temp") -> None:
    with closing(psycopg.connect(url)) as connection:  # closed also where the commit is what fails
        connection.execute(f"SET search_path = {path}")
        act(connection)
        connection.commit()


def write(connection: psycopg.Connection, lines: list[Line], *, announced: int | None = None, key: str = "raw") -> int:
    found = connection.execute(ENTRY, [key, len(lines) if announced is None else announced]).fetchone()
    assert found is not None
    for number, line in enumerate(lines, start=1):
        connection.execute(LINE, {"entry_id": found[0], "line": number} | line)
    return int(found[0])


def test_a_balanced_entry_by_plain_sql_is_accepted(books: str, database: TestDatabase) -> None:
    commit(database.owner_url, lambda c: write(c, [debit(), credit()]))
    assert len(everything(books)["posting"]) == 2


@pytest.mark.parametrize(
    "rule, lines, announced",
    [
        ("ledger_entry_balances", [debit(sen=501), credit()], None),
        # Balanced in sum, but each office's own books are not.
        ("ledger_entry_balances", [debit(entity="LH"), credit()], None),
        # Balanced in sum, but neither the financial nor the budget book is.
        ("ledger_entry_balances", [debit(SAL, book="A"), credit()], None),
        ("ledger_entry_complete", [], 2),
        ("ledger_entry_complete", [debit(), credit()], 3),
        ("ck_journal_entry_posting_count", [], 1),
        (
            "ledger_entry_eliminates",
            [debit(RK_PPKD, entity="LH", counterpart="PPKD"), credit(RECEIVABLE, entity="LH")],
            None,
        ),
    ],
)
def test_an_entry_that_is_not_whole_cannot_be_committed(
    books: str, database: TestDatabase, rule: str, lines: list[Line], announced: int | None
) -> None:
    assert refused(books, database.owner_url, lambda c: write(c, lines, announced=announced)) == rule


@pytest.mark.parametrize(
    "rule, wrong",
    [
        ("ck_posting_amount", debit(sen=0)),
        ("ck_posting_amount", debit(sen=-500)),
        ("ck_posting_amount", debit(sen=10**17 + 1)),
        ("ck_posting_amount", debit(sen=9 * 10**18)),
        ("ck_posting_side", debit(side="D")),
        ("ck_posting_counterpart", debit(RK_SKPD, counterpart="PPKD")),
        # Level 5, and a code that is there but of the other book.
        ("ledger_account_takes_postings", debit("1.1.01.01.01")),
        ("ledger_account_takes_postings", debit(REVENUE)),
        ("ledger_account_takes_postings", debit(book="A")),
        ("ledger_posting_counterpart", debit(RK_SKPD)),
        ("ledger_posting_counterpart", debit(RKUD, counterpart="LH")),
        ("ledger_posting_of_entry", debit(on="2026-03-10")),
    ],
)
def test_a_posting_that_its_account_does_not_take_is_refused(
    books: str, database: TestDatabase, rule: str, wrong: Line
) -> None:
    assert refused(books, database.owner_url, lambda c: write(c, [wrong, credit()])) == rule


@pytest.mark.parametrize(
    "rule, column, value",
    [
        ("ledger_posting_of_entry", "entry_id", 999_999_999),
        ("ledger_posting_entity", "entity_id", 999_999_999),
        ("ledger_posting_entity", "counterpart_entity_id", 999_999_999),
        ("ledger_account_takes_postings", "account_id", 999_999_999),
    ],
)
def test_a_posting_that_names_what_is_not_there_is_refused(
    books: str, database: TestDatabase, rule: str, column: str, value: int
) -> None:
    columns = ["entry_id", "line_no", "accounted_on", "book", "entity_id", "account_id", "side", "amount_sen"]
    columns.append("counterpart_entity_id")
    replaced = {"line_no": "2", column: str(value)}
    asked = ", ".join(replaced.get(name, name) for name in columns)

    def act(connection: psycopg.Connection) -> None:
        entry_id = write(connection, [debit(RK_SKPD, counterpart="LH")], announced=3)
        connection.execute(
            f"INSERT INTO posting ({', '.join(columns)}) SELECT {asked} FROM posting WHERE entry_id = {entry_id}"
        )

    assert refused(books, database.owner_url, act) == rule


@pytest.mark.parametrize("line_no, told", [(5, "ledger_entry_complete"), (4, "pk_posting"), (0, "ck_posting_line_no")])
def test_nothing_is_added_to_an_entry_that_stands(books: str, database: TestDatabase, line_no: int, told: str) -> None:
    entry = post(books, draft())

    def act(connection: psycopg.Connection) -> None:
        for line in (debit(), credit()):
            connection.execute(LINE, {"entry_id": entry.id, "line": line_no} | line)

    assert refused(books, database.owner_url, act) == told


def test_nothing_is_added_by_copy_either(books: str, database: TestDatabase) -> None:
    entry = post(books, draft())
    columns = "entry_id, account_id, entity_id, amount_sen, accounted_on, line_no, book, side"

    def act(connection: psycopg.Connection) -> None:
        ids = connection.execute("SELECT account_id, entity_id FROM posting WHERE line_no = 3").fetchone()
        assert ids is not None
        with connection.cursor().copy(f"COPY posting ({columns}) FROM STDIN") as copy:
            copy.write_row((entry.id, *ids, 1, "2026-03-09", 5, "F", "debit"))
            copy.write_row((entry.id, *ids, 1, "2026-03-09", 6, "F", "credit"))

    assert refused(books, database.owner_url, act) == "ledger_entry_complete"


def test_one_key_has_one_entry(books: str, database: TestDatabase) -> None:
    post(books, draft("payment:1"))
    told = refused(books, database.owner_url, lambda c: write(c, [debit(), credit()], key="payment:1"))
    assert told == "uq_journal_entry_key"


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize("act", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}", "TRUNCATE {0} CASCADE"])
@pytest.mark.parametrize(
    "table, column",
    [
        ("entity", "name"),
        ("account", "name"),
        ("account_role", "account_code"),
        ("journal_entry", "accounted_on"),
        ("posting", "amount_sen"),
    ],
)
def test_nothing_is_changed_or_removed(
    books: str, database: TestDatabase, role: str, act: str, table: str, column: str
) -> None:
    post(books, draft())
    url = database.url if role == "app" else database.owner_url
    assert refused(books, url, lambda c: c.execute(act.format(table, column))) is None


@pytest.mark.parametrize(
    "act",
    [
        "ALTER TABLE posting DISABLE TRIGGER ALL",
        "DROP TRIGGER posting_is_sound ON posting",
        "ALTER TABLE journal_entry ALTER recorded_xact DROP NOT NULL",
        "SET session_replication_role = replica",
        "CREATE FUNCTION r3316.ledger_check_entry() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "DROP TABLE posting",
    ],
)
def test_the_application_s_role_cannot_switch_the_guards_off(books: str, database: TestDatabase, act: str) -> None:
    post(books, draft())
    assert refused(books, database.url, lambda c: c.execute(act)) is None


@pytest.mark.parametrize("found_by", ["", "ledger_post"])
def test_the_application_writes_entries_by_no_other_way_than_posting(
    books: str, database: TestDatabase, found_by: str
) -> None:
    entry = post(books, draft())

    def write_entry(connection: psycopg.Connection) -> None:
        connection.execute("SELECT set_config('lunas.found_by', %s, false)", [found_by])
        write(connection, [debit(), credit()])

    def write_line(connection: psycopg.Connection) -> None:
        connection.execute("SELECT set_config('lunas.found_by', %s, false)", [found_by])
        connection.execute(LINE, {"entry_id": entry.id, "line": 5} | debit())

    for act in (write_entry, write_line):
        assert refused(books, database.url, act) is None


def test_posting_leaves_the_checks_of_other_writers_on(books: str, database: TestDatabase) -> None:
    """In one transaction behind a posting, and behind one that was undone."""
    post(books, draft("a:1"))
    content = "(SELECT jsonb_build_object('kind', 'k', 'key', %s::text, 'occurred_at', now(), 'accounted_on',"
    content += (
        " '2026-03-09', 'description', 'd', 'source_kind', '', 'lines', jsonb_agg(jsonb_build_object('book', 'F',"
    )
    content += " 'entity', 'PPKD', 'account', c.code, 'side', c.side, 'sen', 500)))"
    content += f" FROM (VALUES ('{RKUD}', 'debit'), (%s, 'credit')) c (code, side))"
    call = f"SELECT entry_id FROM ledger_post(gen_random_uuid(), {content}, sha256('x'), 'a', now())"

    def act(connection: psycopg.Connection) -> None:
        assert connection.execute(call, ["raw:1", SUSPENSE]).fetchone()
        with pytest.raises(errors.CheckViolation, match="takes no such posting"), connection.transaction():
            connection.execute(call, ["raw:2", RECEIVABLE[:-5]])
        write(connection, [debit("1.1.01.01.01"), credit()], key="raw:3")

    assert refused(books, database.owner_url, act) == "ledger_account_takes_postings"


@pytest.mark.parametrize("column", ["id", "recorded_xact"])
def test_the_order_of_entries_is_not_the_writer_s_to_give(books: str, database: TestDatabase, column: str) -> None:
    forged = ENTRY.replace("(uid,", f"({column}, uid,").replace("VALUES (", "OVERRIDING SYSTEM VALUE VALUES ('1', ")
    assert refused(books, database.url, lambda c: c.execute(forged, ["raw", 2])) is None


@pytest.mark.parametrize("path", ["r3316, pg_temp", "pg_temp, r3316", "pg_temp"])
def test_a_temporary_table_named_posting_fools_no_check(books: str, database: TestDatabase, path: str) -> None:
    ids = "(SELECT id FROM r3316.account WHERE code = %s), (SELECT id FROM r3316.entity WHERE code = 'PPKD')"
    columns = "(entry_id, account_id, entity_id, amount_sen, accounted_on, line_no, book, side)"

    def act(connection: psycopg.Connection) -> None:
        connection.execute("CREATE TEMPORARY TABLE posting (LIKE r3316.posting)")
        found = connection.execute(ENTRY.replace("journal_entry", "r3316.journal_entry"), ["raw", 2]).fetchone()
        assert found is not None
        # A balanced pair where a checker that trusts the path would look, an unbalanced one where the books are.
        for table, line, sen, side, account in (
            ("pg_temp.posting", 1, 500, "debit", RKUD),
            ("pg_temp.posting", 2, 500, "credit", SUSPENSE),
            ("r3316.posting", 1, 900, "debit", RKUD),
            ("r3316.posting", 2, 500, "credit", SUSPENSE),
        ):
            connection.execute(
                f"INSERT INTO {table} {columns} VALUES (%s, {ids}, %s, '2026-03-09', %s, 'F', %s)",
                [found[0], account, sen, line, side],
            )

    assert refused(books, database.owner_url, act, path=path) == "ledger_entry_balances"


def test_a_moved_search_path_leads_the_checks_nowhere_else(
    books: str, other_region: object, database: TestDatabase
) -> None:
    def act(connection: psycopg.Connection) -> None:
        write(connection, [debit(sen=900), credit()])
        connection.execute("SET search_path = r6471")

    assert refused(books, database.owner_url, act) == "ledger_entry_balances"


@pytest.mark.parametrize(
    "rule, statement",
    [
        ("uq_entity_one_ppkd", "INSERT INTO entity (code, name, kind) VALUES ('PPKD2', 'x', 'PPKD')"),
        ("ck_entity_kind", "INSERT INTO entity (code, name, kind) VALUES ('X', 'x', 'OPD')"),
        ("ledger_role_names_account", "INSERT INTO account_role VALUES ('rkud', '', '2026-01-01', '1.1.01')"),
        ("ledger_role_names_account", "INSERT INTO account_role VALUES ('rkud', '', '2026-01-01', '1.1.01.01.01.9')"),
    ],
)
def test_the_chart_itself_is_guarded(books: str, database: TestDatabase, rule: str, statement: str) -> None:
    assert refused(books, database.url, lambda c: c.execute(statement)) == rule


@pytest.mark.parametrize(
    "rule, code, level, parent, book",
    [
        ("ck_account_code", "1.1.1", 3, "1.1", "F"),
        ("ck_account_code", "9", 1, None, "F"),
        ("ck_account_level", "1.1.01.09", 5, "1.1.01", "F"),
        ("ck_account_parent", "1.1.01.09", 4, "1.1", "F"),
        ("ck_account_book", "1.1.01.09", 4, "1.1.01", "A"),
        ("ck_account_book", "4.1.01.22", 4, "4.1.01", "F"),
        ("ck_account_book", "3.1.02.05.01.0002", 6, "3.1.02.05.01", "F"),
        ("ledger_account_has_parent", "1.1.01.09.01", 5, "1.1.01.09", "F"),
        ("uq_account_code_valid_from", "1.1", 2, "1", "F"),
    ],
)
def test_an_account_s_level_parent_and_book_follow_its_code(
    books: str, database: TestDatabase, rule: str, code: str, level: int, parent: str | None, book: str
) -> None:
    statement = (
        "INSERT INTO account (code, name, level, parent_code, book, normal_side, requires_counterpart, is_sample,"
        " valid_from) VALUES (%s, 'x', %s, %s, %s, 'debit', false, true, '2024-01-01')"
    )
    assert refused(books, database.url, lambda c: c.execute(statement, [code, level, parent, book])) == rule
