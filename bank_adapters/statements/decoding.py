"""From the bytes of a bank's file to its lines, refusing what is no text.

For: byte order marks, the encoding, line ends, and limits on size, before any format is looked at.
Not for: the meaning of a line.
"""

from __future__ import annotations

import codecs
import re

from bank_adapters.statements.problems import ProblemList

__all__ = ["LONGEST_LINE", "MOST_BYTES", "text_lines"]

# A statement or settlement of a million lines is about 150 MB; more is no day of one region.
MOST_BYTES = 300_000_000
# SWIFT lines have 65 characters and settlement rows a few hundred.
LONGEST_LINE = 4000

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def text_lines(data: bytes, problems: ProblemList, *, encoding: str | None = None) -> list[str]:
    """The lines of a file without their ends (CRLF, LF or CR); an empty list, and a problem noted, if it is no text.

    A byte order mark decides the encoding; otherwise `encoding` does; where neither is given, UTF-8, and cp1252 for
    what is not UTF-8 (only the remarks of payers can hold such letters; amounts and references are checked as ASCII).
    """
    if len(data) > MOST_BYTES:
        problems.add("file_too_large", limit=MOST_BYTES)
        return []
    text = _decode(data, problems, encoding)
    if text is None:
        return []
    # Ctrl-Z ends text files written by old bank systems.
    text = text.removesuffix("\x1a")
    if _CONTROLS.search(text):
        problems.add("not_text")
        return []
    if not text.strip():
        problems.add("file_empty")
        return []
    lines = _LINE_ENDS.split(text)
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            problems.add("line_too_long", line=number, limit=LONGEST_LINE)
    return lines


def _decode(data: bytes, problems: ProblemList, encoding: str | None) -> str | None:
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _try(data.removeprefix(mark), (marked,), problems)
    return _try(data, (encoding,) if encoding else ("utf-8", "cp1252"), problems)


def _try(data: bytes, encodings: tuple[str, ...], problems: ProblemList) -> str | None:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    problems.add("encoding_wrong", encoding=" / ".join(encodings))
    return None
