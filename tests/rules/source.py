"""Reading our own sources, for the tests of this folder.

For: the files of the house, parsed once; and `Found`, a fault with its file and line.
Not for: the rules themselves; each is a function in a test module here, which is also given a bad snippet to prove
that it can fail.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BUSINESS = ("ledger", "billing", "payments", "reconciliation")
PACKAGES = ("foundation", *BUSINESS, "bank_adapters", "app")
_NEVER = {".git", ".venv", ".lunas", "build", "dist", "node_modules"}


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root with slashes, and its text."""

    path: str
    text: str

    @property
    def package(self) -> str:
        """The folder at the top: "ledger" of "ledger/posting.py"."""
        return self.path.partition("/")[0]

    @property
    def module(self) -> str:
        """The dotted name: "ledger.posting"; a package is named without "__init__"."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.path)

    @cached_property
    def docstrings(self) -> frozenset[int]:
        """The identities of the nodes that are docstrings."""
        owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        return frozenset(
            id(node.body[0].value)
            for node in ast.walk(self.tree)
            if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
        )

    def strings(self) -> Iterator[tuple[int, str]]:
        """Every text that the code uses, with its line: literals, joined where the source joins them; no docstrings.

        What an f-string puts in reads as "{}".
        """
        inside: set[int] = set()
        for node in ast.walk(self.tree):
            if id(node) in inside or id(node) in self.docstrings:
                continue
            text = _text_of(node)
            if text is not None:
                inside.update(id(child) for child in ast.walk(node))
                yield node.lineno, text  # type: ignore[attr-defined]  # a node with a text is an expression


@dataclass(frozen=True, order=True)
class Found:
    """A fault: where, and what is wrong there."""

    path: str
    line: int
    why: str

    def __repr__(self) -> str:
        return f"{self.path}:{self.line}: {self.why}"


def told(found: Iterable[Found]) -> str:
    """The faults as lines, empty when there are none: `assert not told(…)` shows them all."""
    return "\n".join(map(repr, sorted(set(found))))


@lru_cache(maxsize=1)
def tracked_files() -> tuple[str, ...]:
    """The files of the repository; where there is no git, all files but those of tools."""
    asked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if asked.returncode == 0:
        names = asked.stdout.splitlines()
    else:
        names = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()]
    kept = (name for name in names if not _NEVER & set(name.split("/")) and "__pycache__" not in name)
    return tuple(sorted(name for name in kept if (ROOT / name).is_file()))


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files of these folders, e.g. sources("ledger", "app")."""
    return tuple(
        Source(name, (ROOT / name).read_text(encoding="utf-8"))
        for name in tracked_files()
        if name.endswith(".py") and name.partition("/")[0] in folders
    )


def our_code() -> tuple[Source, ...]:
    """The packages and the migrations."""
    return sources(*PACKAGES, "migrations")


def snippet(path: str, text: str) -> tuple[Source, ...]:
    """A bad source for proving that a rule sees it."""
    return (Source(path, text),)


def _text_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text_of(node.left), _text_of(node.right)
        if left is not None or right is not None:
            return (left if left is not None else "{}") + (right if right is not None else "{}")
    return None
