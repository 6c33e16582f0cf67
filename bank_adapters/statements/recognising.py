"""Tell what kind of bank file lies in the inbox, by what is in it.

For: choosing the reader before anything is read.
Not for: which account, partner or acquirer a file belongs to (the reader's result and the partner's profile say).
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath
from typing import Literal

from bank_adapters.contract import BankFileRefused
from bank_adapters.statements.decoding import text_lines
from bank_adapters.statements.problems import ProblemList

__all__ = ["FileKind", "recognise"]

FileKind = Literal["mt940", "settlement-csv"]

# Enough for the envelope of an MT940 or the preamble of a CSV.
_LOOKED_AT = 16_384
_MT940 = re.compile(r":20:|\{1:|\{4:")
_DELIMITERS = ",;|\t"
_CSV_NAMES = {".csv", ".txt", ".dat", ""}


def recognise(filename: str, data: bytes) -> FileKind:
    """ "mt940" or "settlement-csv". What is in the file decides; the name only says that a table may be a CSV.

    Raises BankFileRefused (codes file_empty, not_text, kind_unknown) for anything else.
    """
    problems = ProblemList()
    lines = [line for line in text_lines(_head(data), problems) if line.strip()]
    problems.refuse_if_any(BankFileRefused)
    if any(_MT940.match(line) for line in lines[:10]):
        return "mt940"
    if PurePath(filename).suffix.lower() in _CSV_NAMES and _is_table(lines):
        return "settlement-csv"
    problems.add("kind_unknown", field="filename")
    problems.refuse_if_any(BankFileRefused)
    raise AssertionError("a problem was just added")


def _head(data: bytes) -> bytes:
    head = data[:_LOOKED_AT]
    if len(data) <= _LOOKED_AT or head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or b"\n" not in head:
        return head
    # Cut at a line end, so that a letter of several bytes is not cut in two.
    return head.rpartition(b"\n")[0]


def _is_table(lines: list[str]) -> bool:
    """True when some line has three cells or more and does not look like a document or a page."""
    if lines[0].lstrip()[:1] in "<{[%":
        return False
    return any(line.count(delimiter) >= 2 for line in lines[:50] for delimiter in _DELIMITERS)
