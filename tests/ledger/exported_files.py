"""Exports as tests read them: the whole file with its manifest, and a workbook's sheets as cells.

For: test_exports.py and test_workbook_words.py.
Not for: what each filter chooses (test_exports_oracle.py).
"""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.etree import ElementTree

from foundation.db import unit_of_work
from ledger import open_export
from tests.ledger.entries import AT


def exported(region: str, what: str, form: str, **asked: Any) -> tuple[bytes, dict[str, Any]]:
    with unit_of_work(region) as session:
        opened = open_export(session, what, form, region=region, written_at=AT, **asked)
        content = b"".join(opened)
    return content, opened.manifest()


def sheets_of(content: bytes) -> dict[str, list[list[str]]]:
    """Name of each sheet and its cells as they are stored; dates are day numbers."""
    spread = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = [
            s.get("name") or "" for s in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{spread}sheet")
        ]
        found = {}
        for number, name in enumerate(names, start=1):
            sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(sheet.iter(f"{spread}f")), "no cell is a formula"
            found[name] = [["".join(c.itertext()) for c in row] for row in sheet.iter(f"{spread}row")]
    return found
