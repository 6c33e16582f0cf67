"""The tables of docs/ that come from the code: states, settings, policies, refusals, database tables, journals,
roles and commands.

For: rendering each table, finding it in its document between its two marks, and writing it there anew:
`make docs` runs it as `python -m tests.rules.house_tables`.
Not for: the prose around the tables; people write that.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator

import click

from app.cli import main
from app.sandbox_bank.settings import SANDBOX_SETTING_NAMES
from foundation.config import SETTING_NAMES
from foundation.errors import LunasError
from foundation.policies import POLICIES
from foundation.states import StateTable, all_state_tables
from foundation.tables import RegionBase, SharedBase
from ledger import STANDARD_JOURNALS
from ledger.roles import ROLES
from tests.rules.source import PACKAGES, ROOT, sources

__all__ = ["TABLES", "import_everything", "refusals", "shown_in", "write_all"]


def import_everything() -> None:
    """Import every module of ours, so that every state table and every refusal is known."""
    for source in sources(*PACKAGES):
        if not source.path.endswith("__main__.py"):
            importlib.import_module(source.module)


def refusals(base: type[LunasError] = LunasError) -> Iterator[type[LunasError]]:
    """Every refusal class, the base first, each once."""
    seen: set[type[LunasError]] = set()
    waiting = [base]
    while waiting:
        each = waiting.pop(0)
        if each not in seen:
            seen.add(each)
            yield each
            waiting.extend(sorted(each.__subclasses__(), key=lambda kind: (kind.__module__, kind.__name__)))


def states() -> str:
    """One table per thing: its states with their public words, and its moves."""
    import_everything()
    return "\n\n".join(_state_table(table) for _thing, table in sorted(all_state_tables().items()))


def _state_table(table: StateTable) -> str:
    rows = [
        (f"`{name}`", state.word_id, state.word_en, "yes" if state.finished else "", _moves_from(table, name))
        for name, state in table.states.items()
    ]
    head = ("State", "Kata", "Word", "Finished", "Moves")
    return f"## `{table.thing}`\n\nBegins as `{table.initial}`.\n\n{_table(head, rows)}"


def _moves_from(table: StateTable, state: str) -> str:
    return ", ".join(
        f"`{event}` → `{target}`" for (source, event), target in sorted(table.moves.items()) if source == state
    )


def settings() -> str:
    """Every setting of an installation."""
    return _table(("Setting", "Meaning"), [(f"`{name}`", meaning) for name, meaning in SETTING_NAMES.items()])


def sandbox_settings() -> str:
    """Every setting of the sandbox bank."""
    return _table(("Setting", "Meaning"), [(f"`{name}`", meaning) for name, meaning in SANDBOX_SETTING_NAMES.items()])


def policies() -> str:
    """Every dated policy of a region."""
    rows = [
        (f"`{name}`", f"`{policy.default}`" if policy.default else "(empty)", policy.meaning)
        for name, policy in sorted(POLICIES.items())
    ]
    return _table(("Policy", "Default", "Meaning"), rows)


def errors() -> str:
    """Every refusal, by package and code."""
    import_everything()
    by_place: dict[str, list[type[LunasError]]] = {}
    for kind in refusals():
        by_place.setdefault(_place(kind), []).append(kind)
    parts = []
    for place, kinds in sorted(by_place.items()):
        rows = [
            (f"`{kind.code}`", str(kind.http_status), _plain(kind.text_id), _plain(kind.text_en), _first_sentence(kind))
            for kind in sorted(kinds, key=lambda kind: kind.code)
        ]
        parts.append(f"## {place}\n\n{_table(('Code', 'HTTP', 'Indonesia', 'English', 'When'), rows)}")
    return "\n\n".join(parts)


def _place(kind: type[LunasError]) -> str:
    parts = kind.__module__.split(".")
    return parts[0] if parts[0] not in ("app", "bank_adapters") else ".".join(parts[:2])


def _first_sentence(kind: type[object]) -> str:
    text = " ".join((kind.__doc__ or "").split())
    return re.split(r"(?<=\.)\s", text)[0]


def tables() -> str:
    """Every table of the shared schema and of a region, with its package and the first sentence of its model."""
    import_everything()
    rows = sorted(
        (mapper.class_.__module__.partition(".")[0], base, str(mapper.local_table.name), _first_sentence(mapper.class_))
        for base, registry in (("shared", SharedBase.registry), ("region", RegionBase.registry))
        for mapper in registry.mappers
    )
    order = ("foundation", "ledger", "billing", "payments", "reconciliation")
    rows.sort(key=lambda row: (order.index(row[0]), row[1] != "shared"))
    shown = [(package, schema, f"`{name}`", what) for package, schema, name, what in rows]
    return _table(("Package", "Schema", "Table", "A row is"), shown)


def journals() -> str:
    """Every standard journal, with what its function says of itself."""
    rows = [
        (each.row, each.event_id, each.event_en, each.side, each.books, f"`{each.name}`",
         " ".join((each.journal.__doc__ or "").split()), each.variants_id, each.variants_en,
         f"`{each.policy}`" if each.policy else "")
        for each in STANDARD_JOURNALS
    ]  # fmt: skip
    head = ("Row", "Peristiwa", "Event", "In the books of", "Books", "Function", "What it posts", "Varian", "Variants")
    return _table((*head, "Policy"), rows)


def roles() -> str:
    """Every role that standard journals name."""
    rows = [
        (f"`{name}`", role.book, role.qualified_by, role.below, role.normal_side, role.meaning_id, role.meaning_en)
        for name, role in ROLES.items()
    ]
    return _table(("Role", "Book", "Qualified by", "Accounts below", "Normal side", "Indonesia", "English"), rows)


def commands() -> str:
    """Every command with its arguments, options and what it says of itself."""
    return "\n\n".join(_command(main, "lunas", click.Context(main, info_name="lunas")))


def _command(command: click.Command, name: str, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if found is not None and not found.hidden:
                inner = click.Context(found, info_name=each, parent=context)
                yield from _command(found, f"{name} {each}", inner)
        if not command.invoke_without_command:
            return
    shown = [param for param in command.params if not getattr(param, "hidden", False) and param.name != "help"]
    arguments = " ".join(param.make_metavar(context) for param in shown if isinstance(param, click.Argument))
    rows = [
        (f"`{', '.join(param.opts)}`", "yes" if param.required else "", " ".join((param.help or "").split()))
        for param in shown
        if isinstance(param, click.Option)
    ]
    paragraphs = inspect.cleandoc(command.help or "").split("\f")[0].split("\n\n")
    text = "\n\n".join(" ".join(each.split()) for each in paragraphs)
    parts = [f"### `{f'{name} {arguments}'.strip()}`", text]
    if rows:
        parts.append(_table(("Option", "Required", "Meaning"), rows))
    yield "\n\n".join(parts)


def _plain(text: str) -> str:
    return text.replace("\n", " ")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# Each table: the document it stands in, and what renders it.
TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "states": ("docs/states.md", states),
    "settings": ("docs/settings.md", settings),
    "sandbox_settings": ("docs/settings.md", sandbox_settings),
    "policies": ("docs/settings.md", policies),
    "tables": ("docs/database.md", tables),
    "errors": ("docs/errors.md", errors),
    "commands": ("docs/commands.md", commands),
    "journals": ("docs/journals.md", journals),
    "roles": ("docs/journals.md", roles),
}


def shown_in(document: str, name: str) -> str:
    """The table of this name as a document shows it. Raises LookupError when its marks are missing."""
    found = _between(name).search(document)
    if found is None:
        raise LookupError(f"the marks of the table {name} are missing")
    return found["table"].strip()


def write_all() -> None:
    """Write every table into its document."""
    for name, (path, render) in TABLES.items():
        file = ROOT / path
        text = file.read_text(encoding="utf-8")
        shown_in(text, name)
        fresh = f"<!-- table {name} -->\n\n{render()}\n\n<!-- end of table {name} -->"
        file.write_text(_between(name).sub(lambda _found: fresh, text), encoding="utf-8")  # noqa: B023 - called at once


def _between(name: str) -> re.Pattern[str]:
    return re.compile(rf"<!-- table {name} -->(?P<table>.*?)<!-- end of table {name} -->", re.DOTALL)


if __name__ == "__main__":
    write_all()
