"""Small functions, small files, and words that say what is meant.

For: length of functions and files, docstrings, names that say nothing, words of unfinished work, and waivers without
their reason.
Not for: style that ruff holds (setup in ruff.toml).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.rules.source import ROOT, Found, Source, our_code, snippet, sources, told, tracked_files

_LONGEST_FUNCTION = 70
_LONGEST_FILE = 500
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_WHAT_FOR = re.compile(r"\bfor\b", re.IGNORECASE)
_NOT_FOR = re.compile(r"\bNot for\b")
_EMPTY_NAME = re.compile(r"^_*(process|handle)_|(^|_)(utils?|helpers?|manager)(_|$)|(Manager|Helper|Utils?)$")
_PAYMENT_NAME = re.compile(r"transaction", re.IGNORECASE)
# Names that a library gives; ours would not be found under another.
_NAMES_OF_LIBRARIES = {
    "process_bind_param": "SQLAlchemy's TypeDecorator calls it",
    "process_result_value": "SQLAlchemy's TypeDecorator calls it",
}
_UNFINISHED = re.compile(
    r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b"
    r"|\b(for now|in a real system|in a real implementation|placeholder|simplified|stubbed|dummy)\b",
)
_TEXTS = (".py", ".md", ".html", ".cfg", ".toml", ".txt", ".mako", "Makefile", ".ci/run")
# Texts of others: the vendored files, and the lock made by uv.
_OF_OTHERS = re.compile(r"/vendor/|^requirements\.lock$|^LICENSE$")
# A waiver names what it waives, and why, on its line.
_WAIVER = re.compile(r"#\s*(noqa|type:\s*ignore|nosec|pragma:\s*no\s*cover|fmt:\s*off|mypy:)", re.IGNORECASE)
_REASONED = re.compile(r"#\s*(noqa: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)* - \S.{4,}|type: ignore\[[a-z, -]+\]\s+# \S.{4,})")


def long_functions(given: Iterable[Source]) -> Iterator[Found]:
    """Functions of more than 70 lines, from the def to the last statement."""
    for source in given:
        for node in ast.walk(source.tree):
            if isinstance(node, _FUNCTIONS):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > _LONGEST_FUNCTION:
                    yield Found(source.path, node.lineno, f"{node.name} has {lines} lines, at most {_LONGEST_FUNCTION}")


def long_files(given: Iterable[Source]) -> Iterator[Found]:
    """Files of more than 500 lines."""
    for source in given:
        if len(source.lines) > _LONGEST_FILE:
            yield Found(source.path, len(source.lines), f"{len(source.lines)} lines, at most {_LONGEST_FILE}")


def modules_that_do_not_say(given: Iterable[Source]) -> Iterator[Found]:
    """Modules whose docstring does not say what they are for and what not.

    A numbered migration is history: one sentence of what it makes is enough.
    """
    for source in given:
        doc = ast.get_docstring(source.tree) or ""
        if not doc:
            yield Found(source.path, 1, "the module has no docstring")
        elif "/versions/" not in source.path:
            if not _WHAT_FOR.search(_NOT_FOR.sub("", doc)) and not source.path.endswith("/__init__.py"):
                yield Found(source.path, 1, "the docstring does not say what the module is for")
            if not _NOT_FOR.search(doc):
                yield Found(source.path, 1, "the docstring does not say what the module is not for: “Not for: …”")


def public_without_docstring(given: Iterable[Source]) -> Iterator[Found]:
    """Public functions, classes and methods without a docstring; those inside a function are not public."""
    for source in given:
        for node in _public(source.tree):
            if not ast.get_docstring(node):
                yield Found(source.path, node.lineno, f"{node.name} has no docstring")


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            if any("overload" in ast.unparse(each) for each in node.decorator_list):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def empty_names(given: Iterable[Source]) -> Iterator[Found]:
    """Modules, functions, classes and variables whose name says nothing, or calls a payment a transaction."""
    for source in given:
        names = [(1, source.module.rpartition(".")[2]), *_defined(source.tree)]
        for line, name in names:
            if name in _NAMES_OF_LIBRARIES:
                continue
            if _EMPTY_NAME.search(name):
                yield Found(source.path, line, f"{name} does not say what is done: name the office's verb")
            if _PAYMENT_NAME.search(name):
                yield Found(source.path, line, f"{name}: payment, entry, posting, statement line or unit of work?")


def _defined(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname


def unfinished_words(path: str, text: str) -> Iterator[Found]:
    """Words of work that was left for later; HTML may have its attribute of that name."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _UNFINISHED.finditer(line):
            if not (path.endswith(".html") and f"{found[0]}=" in line):
                yield Found(path, number, f"“{found[0]}”: finish it, or leave it out")


def waivers_without_reason(given: Iterable[Source]) -> Iterator[Found]:
    """`noqa`, `type: ignore` and the like that do not say on their line what they waive and why."""
    for source in given:
        for number, line in enumerate(source.lines, 1):
            if _WAIVER.search(line) and not _REASONED.search(line):
                yield Found(source.path, number, "a waiver names its rule and its reason on its line")


def _written_by_us() -> Iterator[tuple[str, str]]:
    for name in tracked_files():
        if name.endswith(_TEXTS) and not _OF_OTHERS.search(name) and not name.startswith("tests/rules/"):
            yield name, (ROOT / name).read_text(encoding="utf-8", errors="replace")


def _ours_and_tests() -> tuple[Source, ...]:
    return (*our_code(), *sources("tests", "benchmarks"))


def test_functions_are_short() -> None:
    assert not told(long_functions(_ours_and_tests()))


def test_files_are_short() -> None:
    assert not told(long_files(our_code()))


def test_modules_say_what_they_are_for_and_what_not() -> None:
    assert not told(modules_that_do_not_say(our_code()))


def test_tests_say_what_they_test() -> None:
    silent = [source.path for source in sources("tests", "benchmarks") if not ast.get_docstring(source.tree)]
    assert not silent


def test_public_things_have_docstrings() -> None:
    assert not told(public_without_docstring(our_code()))


def test_names_say_what_is_done() -> None:
    assert not told(empty_names(our_code()))


def test_nothing_is_left_for_later() -> None:
    assert not told(found for name, text in _written_by_us() for found in unfinished_words(name, text))


def test_waivers_have_reasons() -> None:
    given = [source for source in _ours_and_tests() if source.package != "tests" or "/rules/" not in source.path]
    assert not told(waivers_without_reason(given))


def test_length_and_silence_are_seen() -> None:
    long = "def f() -> None:\n" + "    x = 1\n" * 70
    assert told(long_functions(snippet("billing/x.py", long)))
    assert not told(long_functions(snippet("billing/x.py", long.removesuffix("    x = 1\n"))))
    assert told(long_files(snippet("billing/x.py", "x = 1\n" * 501)))
    for text in ("x = 1", '"""Bills."""', '"""Bills, for all."""', '"""Not for: banks."""'):
        assert told(modules_that_do_not_say(snippet("billing/x.py", text))), text
    assert not told(modules_that_do_not_say(snippet("billing/x.py", '"""Bills.\n\nFor: x.\nNot for: banks.\n"""')))
    assert not told(modules_that_do_not_say(snippet("migrations/region/versions/0007_x.py", '"""Bills."""')))
    for text in ("def f(): ...", "class A:\n    def b(self): ...", "class A: ..."):
        assert told(public_without_docstring(snippet("billing/x.py", text))), text
    assert not told(public_without_docstring(snippet("billing/x.py", "def _f(): ...")))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("billing/x.py", "def process_bill(): ..."),
        ("billing/x.py", "def _handle_file(): ..."),
        ("billing/x.py", "class BillManager: ..."),
        ("billing/x.py", "string_utils = 1"),
        ("billing/helpers.py", ""),
        ("payments/x.py", "def record(transaction_id): ..."),
        ("payments/x.py", "from x import y as payment_transaction"),
    ],
)
def test_an_empty_name_is_seen(path: str, text: str) -> None:
    assert told(empty_names(snippet(path, text)))


@pytest.mark.parametrize(
    "text",
    ["# TODO: later", "raise NotImplementedError", "this is simplified for now", "a dummy bank", "FIXME"],
)
def test_unfinished_work_is_seen(text: str) -> None:
    assert told(unfinished_words("billing/x.py", text))


@pytest.mark.parametrize(
    "text",
    [
        "import x  # noqa",
        "import x  # noqa: F401",
        "y = x  # type: ignore",
        "y = x  # type: ignore[arg-type]",
        "y = x  # type: ignore  # because the library has no types",
    ],
)
def test_a_waiver_without_reason_is_seen(text: str) -> None:
    assert told(waivers_without_reason(snippet("billing/x.py", text)))


@pytest.mark.parametrize(
    "text",
    ["import x  # noqa: F401 - the front exports it", "y = x  # type: ignore[arg-type]  # the library has no types"],
)
def test_a_waiver_with_its_reason_is_allowed(text: str) -> None:
    assert not told(waivers_without_reason(snippet("billing/x.py", text)))
