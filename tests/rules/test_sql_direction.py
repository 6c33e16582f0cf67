"""SQL obeys the direction too: a package writes and reads its own tables, and others' views and functions.

For: the SQL in text literals of the packages and in the migrations, and ORM statements over another package's models.
Not for: the sandbox bank, whose database is its own and holds none of these tables.

Which table is whose follows from the models' modules; a view is its migration's package's, and the front that owns it
names it in its docstring.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping

from foundation.tables import RegionBase, SharedBase
from tests.rules.source import BUSINESS, PACKAGES, ROOT, Found, Source, our_code, snippet, sources, told

_VERB = re.compile(r"\b(select|insert\s+into|update|delete\s+from|truncate|copy|lock\s+table|with)\b", re.IGNORECASE)
_TABLE = re.compile(
    r"\b(?P<word>from|join|into|update|truncate(?:\s+table)?|copy|lock\s+table|using|references)\s+(?:only\s+)?"
    r"(?:(?:r\d{2,4}|lunas|\{\})\.)?(?P<name>[a-z_][a-z0-9_]*)(?![a-z0-9_.])",
    re.IGNORECASE,
)
_VIEW = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\s+([a-z0-9_]+)", re.IGNORECASE)
_FUNCTION = re.compile(r"\b(foundation|ledger|billing|payments|reconciliation)_[a-z0-9_]+\s*\(")
_STATEMENTS = {"select", "insert", "update", "delete", "get"}
_OWNERS = ("foundation", *BUSINESS)


def owners_of_tables() -> dict[str, str]:
    """Table name to package, from the models of every package."""
    for source in sources(*PACKAGES):
        if not source.path.startswith(("app/", "bank_adapters/")):
            importlib.import_module(source.module)
    owners = {
        str(mapper.local_table.name): mapper.class_.__module__.partition(".")[0]
        for base in (RegionBase, SharedBase)
        for mapper in base.registry.mappers
    }
    return {**owners, "state_change": "foundation"}


def owner_of_code(source: Source) -> str:
    """The package of a source; a migration's name begins with its package, or with a room or module of it."""
    named = re.fullmatch(r"migrations/\w+/versions/\d{4}_([a-z]+)\w*\.py", source.path)
    if named is None:
        return source.package
    rooms = (owner for owner in _OWNERS for end in ("", ".py") if (ROOT / owner / f"{named[1]}{end}").exists())
    return named[1] if named[1] in _OWNERS else next(rooms, named[1])


def tables_of_others(given: Iterable[Source], owners: Mapping[str, str]) -> Iterator[Found]:
    """SQL text that names a table of another package after FROM, JOIN, INTO, UPDATE and the like."""
    for source in given:
        if source.path.startswith("app/sandbox_bank/"):
            continue
        for line, text in source.strings():
            sql = bool(_VERB.search(text))
            for found in _TABLE.finditer(text):
                owner = owners.get(found["name"])
                spoken = sql or found["word"].isupper()
                if owner is not None and owner != owner_of_code(source) and spoken:
                    why = f"{found['word'].upper()} {found['name']}: that table is {owner}'s; use its front or a view"
                    yield Found(source.path, line, why)


def functions_of_higher_packages(given: Iterable[Source]) -> Iterator[Found]:
    """SQL that calls a function of a package above; those below may be called."""
    order = _OWNERS
    for source in given:
        owner = owner_of_code(source)
        if owner not in order:
            continue
        for line, text in source.strings():
            for found in _FUNCTION.finditer(text):
                if order.index(found[1]) > order.index(owner):
                    yield Found(source.path, line, f"{found[0].rstrip('( ')} belongs to {found[1]}, above {owner}")


def statements_over_models_of_others(given: Iterable[Source], owners: Mapping[str, str]) -> Iterator[Found]:
    """select(Bill) and the like where Bill is a model that came from another package."""
    models = {
        (mapper.class_.__module__.partition(".")[0], mapper.class_.__name__)
        for base in (RegionBase, SharedBase)
        for mapper in base.registry.mappers
    }
    for source in given:
        foreign = {
            alias.asname or alias.name: node.module.partition(".")[0]
            for node in ast.walk(source.tree)
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
            for alias in node.names
            if (node.module.partition(".")[0], alias.name) in models and node.module.partition(".")[0] != source.package
        }
        for node in ast.walk(source.tree) if foreign else ():
            called = getattr(getattr(node, "func", None), "id", getattr(getattr(node, "func", None), "attr", ""))
            if isinstance(node, ast.Call) and called in _STATEMENTS and node.args:
                names = {name.id for arg in node.args for name in ast.walk(arg) if isinstance(name, ast.Name)}
                for name in sorted(names & foreign.keys()):
                    yield Found(source.path, node.lineno, f"{called}({name}): that model is {foreign[name]}'s")


def views() -> dict[str, str]:
    """View name to the package that owns it, from the migrations."""
    return {
        name: owner_of_code(source)
        for source in sources("migrations")
        for _line, text in source.strings()
        for name in _VIEW.findall(text)
    }


def views_not_named(found: Mapping[str, str], docstrings: Mapping[str, str]) -> Iterator[Found]:
    """Views that their owner's docstring does not name."""
    for view, owner in found.items():
        if not re.search(rf"\b{view}\b", docstrings.get(owner, "")):
            yield Found(f"{owner}/__init__.py", 1, f"the docstring does not name the view {view}")


def views_named_in_vain(found: Mapping[str, str], given: Iterable[Source]) -> Iterator[Found]:
    """Reads of something that looks like a view (…_v) but is none."""
    for source in given:
        for line, text in source.strings():
            for name in re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+_v)\b", text):
                if name not in found:
                    yield Found(source.path, line, f"there is no view {name}")


def _docstrings() -> dict[str, str]:
    return {
        source.package: ast.get_docstring(source.tree) or ""
        for source in our_code()
        if source.path.count("/") == 1 and source.path.endswith("/__init__.py")
    }


def test_sql_touches_the_tables_of_its_own_package() -> None:
    assert not told(tables_of_others(our_code(), owners_of_tables()))


def test_sql_calls_no_function_of_a_package_above() -> None:
    assert not told(functions_of_higher_packages(our_code()))


def test_statements_are_made_over_own_models() -> None:
    assert not told(statements_over_models_of_others(our_code(), owners_of_tables()))


def test_views_are_named_by_their_owner() -> None:
    assert not told(views_not_named(views(), _docstrings()))
    assert not told(views_named_in_vain(views(), our_code()))


def test_every_table_of_the_migrations_has_a_model() -> None:
    created = {
        name
        for source in sources("migrations")
        for _line, text in source.strings()
        for name in re.findall(r"CREATE TABLE (?:\{\}\.)?([a-z0-9_]+)", text)
    }
    created |= {
        node.args[0].value
        for source in sources("migrations")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "create_table"
        if isinstance(node.args[0], ast.Constant)
    }
    assert created == set(owners_of_tables())
    assert all((ROOT / owner).is_dir() for owner in owners_of_tables().values())


def test_sql_over_others_is_seen() -> None:
    owners = {"posting": "ledger", "bill": "billing", "payment": "payments", "region": "foundation"}
    for path, text in [
        ("billing/x.py", 'Q = text("SELECT amount_sen FROM posting")'),
        ("billing/x.py", 'Q = "select 1 from " "posting p"'),
        ("payments/x.py", 'Q = f"UPDATE bill SET state = {new}"'),
        ("payments/x.py", 'Q = f"SELECT 1 FROM {schema}.bill"'),
        ("reconciliation/x.py", 'Q = "INSERT INTO payment (id) VALUES (1)"'),
        ("reconciliation/x.py", 'Q = "SELECT 1 FROM line l LEFT JOIN payment p ON true"'),
        ("app/web/x.py", 'Q = "SELECT count(*) FROM region"'),
        ("payments/x.py", 'Q = "COPY bill (id) FROM STDIN"'),
        ("migrations/region/versions/0007_payments_refunds.py", 'Q = "DELETE FROM bill"'),
    ]:
        assert told(tables_of_others(snippet(path, text), owners)), text
    for path, text in [
        ("payments/x.py", 'Q = "SELECT 1 FROM payment_v"'),
        ("payments/x.py", 'Q = "SELECT billing_settle(1) FROM payment"'),
        ("billing/x.py", 'Q = "SELECT uid FROM ledger_post(1)"'),
        ("billing/x.py", '"""Select what comes from posting."""'),
        ("migrations/region/versions/0007_payments_refunds.py", 'Q = "DELETE FROM payment"'),
    ]:
        assert not told(tables_of_others(snippet(path, text), owners)), text


def test_a_function_of_above_a_foreign_model_and_an_unnamed_view_are_seen() -> None:
    assert told(functions_of_higher_packages(snippet("ledger/x.py", 'Q = "SELECT billing_settle(1)"')))
    assert not told(functions_of_higher_packages(snippet("payments/x.py", 'Q = "SELECT billing_settle(1)"')))
    bad = snippet("app/web/x.py", "from payments import Payment\nq = select(Payment.id)")
    owners = owners_of_tables()
    assert told(statements_over_models_of_others(bad, owners))
    assert told(views_not_named({"bill_v": "billing"}, {"billing": "Views for others: none."}))
    assert told(views_named_in_vain({}, snippet("payments/x.py", 'Q = "SELECT 1 FROM bill_v"')))
