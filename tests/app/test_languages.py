"""Every text of the pages has its English, and the compiled catalog is the written one.

For: `app/web/translations`. Not for: refusals, which carry both languages themselves.
"""

from __future__ import annotations

import gettext
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import app.web

ROOT = Path(app.web.__file__).parent
CATALOG = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]


def texts() -> set[str]:
    """What the views and templates say; of a plural, the singular."""
    found = set()
    for _file, _line, message, _comments, _context in extract_from_dir(ROOT, METHODS):
        found.add(message if isinstance(message, str) else message[0])
    return found


def written() -> dict[str, str | tuple[str, ...]]:
    """The catalog as it is written."""
    with CATALOG.open(encoding="utf-8") as file:
        catalog = read_po(file, locale="en")
    assert not catalog.fuzzy
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message.string
        for message in catalog
        if message.id
    }


def test_every_text_has_its_english_and_nothing_else_is_kept() -> None:
    catalog = written()
    assert texts() == set(catalog)
    assert [
        text for text, english in catalog.items() if not all((english,) if isinstance(english, str) else english)
    ] == []


def test_the_compiled_catalog_is_the_written_one() -> None:
    with CATALOG.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, english in written().items():
        if isinstance(english, str):
            assert compiled.gettext(text) == english
        else:
            assert [compiled.ngettext(text, text, count) for count in (1, 2)] == list(english)
