"""Imports point down the house, and a package is used through its front.

For: what import-linter's contracts (setup.cfg) cannot say, and the proof that those contracts can break.
Not for: SQL, which obeys the same direction (test_sql_direction.py).
"""

from __future__ import annotations

import ast
import configparser
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.rules.source import BUSINESS, PACKAGES, ROOT, Found, Source, our_code, snippet, sources, told

# Who may import what, package by package; a package may import any package below it.
MAY_IMPORT = {
    "foundation": set(),
    "ledger": {"foundation"},
    "billing": {"foundation", "ledger"},
    "payments": {"foundation", "ledger", "billing", "bank_adapters.contract"},
    "reconciliation": {"foundation", "ledger", "billing", "payments", "bank_adapters.contract"},
    "bank_adapters": {"foundation"},
    "app": {"foundation", *BUSINESS, "bank_adapters", "migrations"},
    "migrations": set(),
}
# Who may know a concrete adapter, besides the adapters themselves.
ADAPTERS_SEEN_BY = ("app.wiring", "app.bank_doors", "app.sandbox_bank", "bank_adapters")
SANDBOX_SEES = ("foundation", "bank_adapters", "app.sandbox_bank")
# The rooms of a package that have a front of their own.
FRONTS = {
    *BUSINESS,
    "ledger.balances",
    "ledger.journals",
    "ledger.opening",
    "ledger.periods",
    "ledger.pulling",
    "ledger.sealing",
    "ledger.year_end",
    "bank_adapters.contract",
    "bank_adapters.contract.qris",
    "bank_adapters.snap",
    "bank_adapters.statements",
}
# The sandbox bank is a program of its own: its pages are Flask too. Everything else of Flask lives in app as well.
FLASK = ("flask", "flask_babel", "flask_smorest", "flask_wtf", "werkzeug", "jinja2")


def imports_of(source: Source) -> Iterator[tuple[int, str]]:
    """Every import with its line: `from a.b import c` is "a.b:c", `import a.b` is "a.b"; no relative ones are left."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = source.module.split(".")
                up = node.level - source.path.endswith("/__init__.py")
                base = ".".join([*parent[: len(parent) - up], *([base] if base else [])])
            for name in node.names:
                yield node.lineno, f"{base}:{name.name}"


def _within(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def wrong_directions(given: Iterable[Source]) -> Iterator[Found]:
    """Imports of a package that the importing package may not know."""
    for source in given:
        allowed = MAY_IMPORT[source.package] | {source.package}
        for line, name in imports_of(source):
            target, _, item = name.partition(":")
            top = target.partition(".")[0]
            if top not in MAY_IMPORT and top not in ("tests", "benchmarks"):
                continue
            if not _within(target, allowed) and not _within(f"{target}.{item}", allowed):
                yield Found(source.path, line, f"{source.package} may not import {name.replace(':', '.')}")


def side_doors(given: Iterable[Source], modules: set[str]) -> Iterator[Found]:
    """Imports past the front of a package: `from ledger.posting import …` outside ledger."""
    for source in given:
        for line, name in imports_of(source):
            target, _, item = name.partition(":")
            full = f"{target}.{item}" if item and f"{target}.{item}" in modules else target
            for front in FRONTS:
                behind = full.startswith(front + ".") and not _within(full, FRONTS - {front} - _outer(front))
                if behind and not _within(source.module, (front,)) and full not in FRONTS:
                    yield Found(source.path, line, f"use the front: from {front} import …, not {full}")


def circles(given: Iterable[Source]) -> Iterator[Found]:
    """Modules that import each other, also where a function or a check of types imports; one circle at a time."""
    by_module = {source.module: source for source in given}
    imported: dict[str, dict[str, int]] = {}
    for source in by_module.values():
        for line, name in imports_of(source):
            target, _, item = name.partition(":")
            full = f"{target}.{item}" if f"{target}.{item}" in by_module else target
            if full in by_module and full != source.module:
                imported.setdefault(source.module, {})[full] = line
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1][::-1]
        line = imported[circle[0]][circle[1]]
        yield Found(by_module[circle[0]].path, line, f"a circle of imports: {' > '.join(circle)}")


def _outer(front: str) -> set[str]:
    return {other for other in FRONTS if front.startswith(other + ".")}


def adapters_known_elsewhere(given: Iterable[Source]) -> Iterator[Found]:
    """Concrete adapters outside the wiring, the bank doors and the sandbox bank."""
    for source in given:
        for line, name in imports_of(source):
            target, _, item = name.partition(":")
            full = f"{target}.{item}" if target == "bank_adapters" else target
            concrete = _within(full, ("bank_adapters",)) and not _within(full, ("bank_adapters.contract",))
            if concrete and full != "bank_adapters" and not _within(source.module, ADAPTERS_SEEN_BY):
                yield Found(source.path, line, f"{full} is reached through app/wiring.py only")


def sandbox_knows_lunas(given: Iterable[Source]) -> Iterator[Found]:
    """The sandbox bank speaks to Lunas over HTTP and files only, so it imports nothing of it."""
    for source in given:
        if _within(source.module, ("app.sandbox_bank",)):
            for line, name in imports_of(source):
                target, _, item = name.partition(":")
                full = f"{target}.{item}" if target == "app" else target
                if full.partition(".")[0] in MAY_IMPORT and not _within(full, SANDBOX_SEES):
                    yield Found(source.path, line, f"the sandbox bank may not import {full}")
        elif source.package == "app" and not _within(source.module, ("app.cli",)):
            for line, name in imports_of(source):
                if _within(name.replace(":", "."), ("app.sandbox_bank",)):
                    yield Found(source.path, line, "the sandbox bank is a program of its own")


def migrations_know_us(given: Iterable[Source]) -> Iterator[Found]:
    """Migrations are history: they import schema_tools."""
    for source in given:
        for line, name in imports_of(source):
            target = name.partition(":")[0]
            if target.partition(".")[0] in MAY_IMPORT and target != "migrations.schema_tools":
                yield Found(source.path, line, f"a migration may not import {target}")


def flask_below_app(given: Iterable[Source]) -> Iterator[Found]:
    """Flask and its kin are imported in app only."""
    for source in given:
        for line, name in imports_of(source):
            if source.package != "app" and name.partition(":")[0].partition(".")[0] in FLASK:
                yield Found(source.path, line, "Flask is imported in app only")


def fronts_that_promise_too_much(given: Iterable[Source]) -> Iterator[Found]:
    """A front exports only what it imports or defines, and says so in __all__."""
    for source in given:
        if source.module not in FRONTS:
            continue
        names = {
            alias.asname or alias.name
            for node in source.tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        exported = [
            (element.lineno, element.value)
            for node in source.tree.body
            if isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["__all__"]
            for element in getattr(node.value, "elts", [])
        ]
        if not exported:
            yield Found(source.path, 1, "a front needs __all__")
        for line, name in exported:
            if name not in names:
                yield Found(source.path, line, f"__all__ names {name}, which the front does not import")


def _modules() -> set[str]:
    return {source.module for source in our_code()}


def test_imports_point_down() -> None:
    assert not told(wrong_directions(our_code()))


def test_packages_are_used_through_their_fronts() -> None:
    assert not told(side_doors(our_code(), _modules()))


def test_no_modules_import_each_other() -> None:
    assert not told(circles(our_code()))


def test_concrete_adapters_are_reached_through_wiring() -> None:
    assert not told(adapters_known_elsewhere(our_code()))


def test_the_sandbox_bank_knows_nothing_of_lunas() -> None:
    assert not told(sandbox_knows_lunas(our_code()))


def test_migrations_import_nothing_of_ours() -> None:
    assert not told(migrations_know_us(sources("migrations")))


def test_flask_is_imported_in_app_only() -> None:
    assert not told(flask_below_app(our_code()))


def test_fronts_say_what_they_export() -> None:
    assert not told(fronts_that_promise_too_much(our_code()))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ledger/posting.py", "from billing import find_payable"),
        ("foundation/db.py", "import ledger"),
        ("payments/receiving.py", "from bank_adapters.snap import SnapCaller"),
        ("payments/receiving.py", "from bank_adapters import snap"),
        ("billing/issuing.py", "from bank_adapters.contract import QrisRequest"),
        ("reconciliation/matching.py", "def f():\n    import app.wiring"),
        ("bank_adapters/snap/codes.py", "from payments import Partner"),
        ("ledger/posting.py", "from ..app import wiring"),
        ("billing/issuing.py", "from tests import scene"),
    ],
)
def test_a_wrong_direction_is_seen(path: str, text: str) -> None:
    assert told(wrong_directions(snippet(path, text)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("billing/issuing.py", "from ledger.posting import post_entry"),
        ("app/web/bills.py", "import billing.queries"),
        ("app/web/bills.py", "from ledger import posting"),
        ("payments/receiving.py", "from bank_adapters.contract.messages import VaPayment"),
        ("payments/receiving.py", "from bank_adapters.contract.qris.decoding import decode"),
        ("app/bank_doors/snap.py", "from bank_adapters.snap.codes import Case"),
    ],
)
def test_a_side_door_is_seen(path: str, text: str) -> None:
    assert told(side_doors(snippet(path, text), _modules()))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ledger/pulling/entries.py", "from ledger.models import Account"),
        ("payments/qris_asking.py", "from bank_adapters.contract.qris import decode"),
        ("app/web/bills.py", "from billing import mask_name"),
        ("bank_adapters/contract/qris/encoding.py", "from bank_adapters.contract.qris.table import TAGS"),
    ],
)
def test_a_front_is_no_side_door(path: str, text: str) -> None:
    assert not told(side_doors(snippet(path, text), _modules()))


@pytest.mark.parametrize(
    "back",
    ["from ledger.posting import post_entry", "def f():\n    import ledger.posting", "from ledger import posting"],
)
def test_a_circle_is_seen(back: str) -> None:
    posting = snippet("ledger/posting.py", "from ledger.differing import find_difference")
    drafts = snippet("ledger/drafts.py", "import ledger")
    differing = "from ledger.drafts import EntryDraft"
    assert not told(circles((*posting, *drafts, *snippet("ledger/differing.py", differing))))
    found = told(circles((*posting, *drafts, *snippet("ledger/differing.py", f"{differing}\n{back}"))))
    assert "ledger.differing > ledger.posting" in found
    assert "ledger.posting > ledger.differing" in found


def test_a_known_adapter_a_knowing_sandbox_and_flask_are_seen() -> None:
    assert told(adapters_known_elsewhere(snippet("app/web/bills.py", "from bank_adapters.snap import SnapCaller")))
    assert told(adapters_known_elsewhere(snippet("app/worker/jobs.py", "from bank_adapters import statements")))
    assert told(sandbox_knows_lunas(snippet("app/sandbox_bank/paying.py", "from payments import Payment")))
    assert told(sandbox_knows_lunas(snippet("app/sandbox_bank/paying.py", "from app import wiring")))
    assert told(sandbox_knows_lunas(snippet("app/web/bills.py", "from app.sandbox_bank.paying import pay")))
    assert told(migrations_know_us(snippet("migrations/region/versions/0009_x.py", "from billing import BILL_STATES")))
    assert told(flask_below_app(snippet("payments/receiving.py", "from flask import g")))
    assert told(fronts_that_promise_too_much(snippet("ledger/__init__.py", '__all__ = ["post_entry"]')))
    assert told(fronts_that_promise_too_much(snippet("ledger/__init__.py", "")))


def test_import_linter_knows_every_package() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    assert set(config["importlinter"]["root_packages"].split()) == {*PACKAGES, "migrations"}


_LINT = (
    "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports;"
    " sys.exit(lint_imports(no_cache=True))"
)
BREAKS = {
    "layers": ("ledger/bad.py", "import billing"),
    "contract": ("bank_adapters/contract/bad.py", "from bank_adapters import snap"),
    "adapters": ("bank_adapters/statements/bad.py", "import payments"),
    "bank-contract": ("billing/bad.py", "import bank_adapters.contract"),
    "concrete": ("app/web/bad.py", "import bank_adapters.snap"),
    "sandbox": ("app/sandbox_bank/bad.py", "import app.wiring"),
    "connections": ("billing/bad3.py", "import foundation.connections"),
    "migrations": ("migrations/bad.py", "import foundation.money"),
    "front-ledger": ("billing/bad2.py", "import ledger.posting"),
    "front-billing": ("app/web/bad2.py", "import billing.queries"),
    "front-payments": ("reconciliation/bad.py", "import payments.receiving"),
    "front-reconciliation": ("app/web/bad3.py", "import reconciliation.models"),
}


def test_every_contract_of_import_linter_can_break(tmp_path: Path) -> None:
    for package in (*PACKAGES, "migrations"):
        ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    (tmp_path / "reconciliation" / "models.py").touch()
    for path, text in BREAKS.values():
        (tmp_path / path).write_text(text + "\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", _LINT], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240
    )
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    contracts = {
        name.rpartition(":")[2]: section["name"]
        for name, section in config.items()
        if name.startswith("importlinter:contract:")
    }
    assert set(contracts) == set(BREAKS)
    kept = [key for key, title in contracts.items() if f"{title} BROKEN" not in " ".join(run.stdout.split())]
    assert not kept, run.stdout + run.stderr
