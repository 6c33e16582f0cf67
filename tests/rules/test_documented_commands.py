"""Each `lunas` command that the documents show can be typed: it exists, and what it needs is given.

For: commands in backticks and code blocks of docs/, held to click's own parameters. A mention without options and
arguments ("`lunas ledger reverse` undoes it") needs only to exist, and so does a group.
Not for: what commands do, or the README (test_readme_commands does it as written).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

import click
import pytest

from app.cli import main
from tests.rules.source import ROOT, Found, told

# In backticks, or on a line of a code block.
_SHOWN = re.compile(r"`(lunas [^`]+)`|^(?: {4})+(lunas .+)$", re.MULTILINE)


def shown_commands(name: str, text: str) -> Iterator[tuple[int, str]]:
    """Every shown command with its line."""
    if name == "commands.md":
        text = text.partition("<!-- table commands -->")[0]
    for found in _SHOWN.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found[1] or found[2]


def fault_of(shown: str) -> str | None:
    """What click itself says against the command; None when it could be run."""
    command: click.Command = main
    context = click.Context(main, info_name="lunas")
    words = shlex.split(shown)[1:]
    while isinstance(command, click.Group) and words:
        inner = command.get_command(context, words[0])
        if inner is None:
            break
        command, context = inner, click.Context(inner, info_name=words.pop(0), parent=context)
    if isinstance(command, click.Group) and words:
        return f"{shown}: no such command"
    given, left, _order = command.make_parser(context).parse_args(list(words))
    if left:
        return f"{shown}: takes no {' '.join(left)}"
    missing = [
        param.opts[0]
        for param in command.params
        if param.required and not isinstance(given.get(str(param.name)), str | list | tuple)
    ]
    return f"{shown}: needs {', '.join(missing)}" if words and missing else None


def untypable(name: str, text: str) -> Iterator[Found]:
    """Commands of a document that cannot be run as they stand there."""
    for line, shown in shown_commands(name, text):
        try:
            why = fault_of(shown)
        except click.UsageError as error:
            why = f"{shown}: {error.format_message()}"
        if why is not None:
            yield Found(f"docs/{name}", line, why)


def documents() -> Iterable[tuple[str, str]]:
    for file in sorted((ROOT / "docs").rglob("*.md")):
        yield file.relative_to(ROOT / "docs").as_posix(), file.read_text(encoding="utf-8")


def test_every_shown_command_can_be_typed() -> None:
    assert sum(len(list(shown_commands(*each))) for each in documents()) > 60
    assert not told(found for each in documents() for found in untypable(*each))


@pytest.mark.parametrize(
    "shown, why",
    [
        ("`lunas worker webhook-key`", "takes no webhook-key"),
        ("`lunas ledger undo`", "no such command"),
        ("`lunas ledger period adjust --month 2026-12`", "needs --region"),
        ("    lunas ledger reverse --region 3316 --reason x", "needs uid"),
        ("`lunas ledger head --regoin 3316`", "--regoin"),
    ],
)
def test_a_command_that_cannot_be_typed_is_seen(shown: str, why: str) -> None:
    assert why in told(untypable("x.md", shown))


def test_what_can_be_typed_is_left_alone() -> None:
    text = (
        "`lunas chart`, `lunas worker`, `lunas ledger\nreverse`\n"
        "    lunas ledger reverse UID --region 3316 --reason x\n`lunas db upgrade`"
    )
    assert len(list(shown_commands("x.md", text))) == 5
    assert not told(untypable("x.md", text))
