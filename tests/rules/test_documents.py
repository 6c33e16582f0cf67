"""What the documents say of states, settings, refusals and commands is what the code does.

For: the tables in docs/ (tests/rules/house_tables.py writes them), unique codes and sentences of refusals, and the
settings that code reads without saying so.
Not for: the prose of the documents.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import click
import pytest

from app.cli import main
from foundation.config import SETTING_NAMES
from foundation.errors import LunasError
from foundation.states import StateTable, all_state_tables
from tests.rules.house_tables import TABLES, import_everything, refusals, shown_in
from tests.rules.source import ROOT, Found, Source, our_code, snippet, told

_SETTING = re.compile(r"\b(LUNAS_[A-Z][A-Z_]*[A-Z]|DATABASE_(?:OWNER_)?URL)\b")


@pytest.mark.parametrize("name", TABLES)
def test_the_document_shows_the_table_of_the_code(name: str) -> None:
    path, render = TABLES[name]
    shown = shown_in((ROOT / path).read_text(encoding="utf-8"), name)
    assert shown == render(), f"{path} is behind: make docs"


def test_a_missing_table_is_seen() -> None:
    assert shown_in("a <!-- table x -->\n\n| b |\n\n<!-- end of table x --> c", "x") == "| b |"
    with pytest.raises(LookupError):
        shown_in("nothing here", "states")


# Facts that are words of ours: given once, they would be English inside the Indonesian sentence. What another program
# says in its own words is `quoted`.
_UNTRANSLATED = {"reason", "told", "message", "place", "listing", "problem", "why"}


def unclear_refusals(given: Iterable[type[LunasError]]) -> Iterator[str]:
    """Codes used twice or badly formed, and sentences that are missing, equal to the parent's, or not sentences."""
    kinds = list(given)
    twice = {code for code, uses in Counter(kind.code for kind in kinds).items() if uses > 1}
    for kind in kinds:
        name = f"{kind.__module__}.{kind.__name__}"
        if kind.code in twice:
            yield f"{name}: the code {kind.code} is used twice"
        if not re.fullmatch(r"[a-z][a-z0-9_]{2,59}", kind.code):
            yield f"{name}: the code {kind.code} is not snake_case"
        for field in ("text_id", "text_en"):
            if field not in vars(kind):
                yield f"{name}: no {field} of its own"
            elif not re.match(r"[A-Z{“]", getattr(kind, field)):
                yield f"{name}: {field} does not begin as a sentence"
        if kind.text_id == kind.text_en:
            yield f"{name}: the two sentences are the same"
        if _facts(kind.text_id) != _facts(kind.text_en):
            yield f"{name}: the two sentences tell different facts"
        for fact in sorted(_UNTRANSLATED & set(re.findall(r"\{(\w+)", kind.text_id + kind.text_en))):
            yield f"{name}: {fact} is words, so {fact}_id and {fact}_en"
        if not 400 <= kind.http_status <= 599:
            yield f"{name}: HTTP {kind.http_status}"


def _facts(template: str) -> set[str]:
    return {name.removesuffix("_id").removesuffix("_en") for name in re.findall(r"\{(\w+)", template)}


def test_refusals_have_codes_and_sentences_of_their_own() -> None:
    import_everything()
    ours = [kind for kind in refusals() if not kind.__module__.startswith("tests.")]
    assert not list(unclear_refusals(ours))


def test_an_unclear_refusal_is_seen() -> None:
    def refusal(**attributes: object) -> type[LunasError]:
        """A class that looks like a refusal without being one of ours."""
        said = {"code": "bill_lost", "http_status": 404, "text_id": "Hilang: {bill}.", "text_en": "Lost: {bill}."}
        return type("Lost", (), {**said, **attributes, "__module__": "x"})

    assert not list(unclear_refusals([refusal()]))
    assert not list(unclear_refusals([refusal(text_id="Hilang: {reason_id}.", text_en="Lost: {reason_en}.")]))
    for bad in (
        [refusal(), refusal()],
        [refusal(code="Bill-Lost")],
        [refusal(text_en="Hilang: {bill}.")],
        [refusal(text_en="Lost.")],
        [refusal(text_id="hilang: {bill}.")],
        [refusal(http_status=200)],
        [refusal(text_id="Hilang: {reason}.", text_en="Lost: {reason}.")],
        [refusal(text_id="Hilang: {reason_id}.", text_en="Lost: {told}.")],
    ):
        assert list(unclear_refusals(bad))


def undocumented_settings(given: Iterable[Source], document: str) -> Iterator[Found]:
    """Names of settings in the code that docs/settings.md does not have."""
    for source in given:
        for line, text in source.strings():
            for name in _SETTING.findall(text):
                if f"`{name}`" not in document:
                    yield Found(source.path, line, f"docs/settings.md does not name {name}")


def test_every_setting_is_documented() -> None:
    document = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert not told(undocumented_settings(our_code(), document))
    assert all(f"`{name}`" in document for name in SETTING_NAMES)


def test_an_undocumented_setting_is_seen() -> None:
    assert told(undocumented_settings(snippet("app/x.py", 'os.environ["LUNAS_NEW_THING"]'), "`LUNAS_HOME`"))


def unexplained_options(command: click.Command, name: str) -> Iterator[str]:
    """Commands without a sentence in both languages and options without help."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if found is not None and not found.hidden:
                yield from unexplained_options(found, f"{name} {each}")
    if not command.help:
        yield f"{name}: no sentence"
    elif " / " not in command.get_short_help_str(limit=1000):
        yield f"{name}: its first sentence is not in both languages"
    for param in command.params:
        if isinstance(param, click.Option) and not param.hidden and not param.help:
            yield f"{name} {param.opts[0]}: no help"


def test_every_command_and_option_explains_itself() -> None:
    assert not list(unexplained_options(main, "lunas"))


def test_a_silent_option_is_seen() -> None:
    silent = click.Command("x", params=[click.Option(["--y"])], help="Lakukan x / do x.")
    assert list(unexplained_options(silent, "x")) == ["x --y: no help"]
    english = click.Command("x", help="Do x. Lakukan / do more.")
    assert list(unexplained_options(english, "x")) == ["x: its first sentence is not in both languages"]
    assert list(unexplained_options(click.Command("x"), "x")) == ["x: no sentence"]


def unfinished_states(given: Mapping[str, StateTable]) -> Iterator[str]:
    """States without both words, things without a finished state, and states from which nothing follows unfinished."""
    for thing, table in given.items():
        for name, state in table.states.items():
            if not state.word_id or not state.word_en:
                yield f"{thing}.{name}: a state has a public word in both languages"
            follows = any(source == name for source, _event in table.moves)
            if follows == state.finished:
                yield f"{thing}.{name}: finished is {state.finished}, but {'a' if follows else 'no'} move leaves it"


def test_states_are_complete() -> None:
    import_everything()
    assert all_state_tables()
    assert not list(unfinished_states(all_state_tables()))


def test_an_unfinished_state_is_seen() -> None:
    from foundation.states import Move, State

    class Loose(StateTable):
        """A table that is checked but not registered."""

        def __init__(self, states: dict[str, State], moves: tuple[Move, ...]) -> None:
            self.thing, self.states = "x", states
            self.moves = {(m.source, m.event): m.target for m in moves}

    done = State("Selesai", "Done", finished=True)
    move = (Move("end", "A", "B"),)
    assert not list(unfinished_states({"x": Loose({"A": State("Baru", "New"), "B": done}, move)}))
    assert list(unfinished_states({"x": Loose({"A": State("Baru", "New"), "B": State("Selesai", "Done")}, move)}))
    assert list(unfinished_states({"x": Loose({"A": State("Baru", ""), "B": done}, move)}))
