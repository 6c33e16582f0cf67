"""Cut the lines of an MT940 file into pages and fields, each with its line number.

For: SWIFT envelopes, trailers, tags and their continuation lines; nothing that starts like a tag is passed over.
Not for: reading a field (`mt940_fields`) or joining and proving statements (`mt940_reading`).

A page is one MT940 message, from `:20:` to `-` or `-}`; a long statement takes several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bank_adapters.statements.problems import ProblemList

__all__ = ["Field", "Page", "count_line_tags", "cut_pages"]

_TAG = re.compile(r":(\d{2}[A-Z]?|NS):(.*)", re.ASCII)
_DISPLACED = re.compile(r"\s+:(?:\d{2}[A-Z]?|NS):", re.ASCII)
_BLOCK = r"\{[1-3]:(?:[^{}]|\{[^{}]*\})*\}"
_ENVELOPE = re.compile(rf"(?:{_BLOCK})*(?P<opens>\{{4:)?")
# "-" alone or "-}" closes a page; the blocks of the next message may follow on the same line.
_TRAILER = re.compile(rf"-(?:\}}(?:\{{5:(?:[^{{}}]|\{{[^{{}}]*\}})*\}})?(?:{_BLOCK})*(?P<opens>\{{4:)?)?")

# The order SWIFT gives the fields of an MT940; the tags beside them are those of MT942 that some banks mix in.
_RANK = {
    "20": 0,
    "21": 1,
    "25": 2,
    "25P": 2,
    "28": 3,
    "28C": 3,
    "13": 3,
    "13D": 3,
    "34F": 3,
    "60F": 4,
    "60M": 4,
    "61": 5,
    "86": 5,
    "NS": 5,
    "90C": 5,
    "90D": 5,
    "62F": 6,
    "62M": 6,
    "64": 7,
    "65": 8,
}
_ANYWHERE = {"86", "NS", "90C", "90D"}
_ONCE = {"20", "21", "25", "28", "60", "62", "64"}


@dataclass(slots=True)
class Field:
    """A tag ("61"), the line of the file where it stands (from 1), and its rows as written."""

    tag: str
    line: int
    rows: list[str]


@dataclass(slots=True)
class Page:
    """One MT940 message: its fields in order. `enveloped` when it was opened by a SWIFT block {4:."""

    line: int
    fields: list[Field]
    enveloped: bool = False
    closed: bool = False


def count_line_tags(lines: list[str]) -> int:
    """How many lines start with `:61:`, blanks before it or not: what the reader must account for, to the last one."""
    return sum(1 for line in lines if line.lstrip().startswith(":61:"))


def cut_pages(lines: list[str], problems: ProblemList) -> list[Page]:
    """All pages of the file. Notes every line that belongs to no field and every tag out of order or unknown."""
    cutter = _Cutter(problems)
    for number, line in enumerate(lines, start=1):
        cutter.take(number, line.rstrip())
    cutter.finish_file(len(lines))
    for page in cutter.pages:
        _check_order(page, problems)
    return cutter.pages


class _Cutter:
    """Reads line by line; knows the page and the field it is in."""

    def __init__(self, problems: ProblemList) -> None:
        self.pages: list[Page] = []
        self._problems = problems
        self._page: Page | None = None
        self._enveloped = False

    def take(self, number: int, line: str) -> None:
        """Put one line where it belongs, or note that it belongs nowhere."""
        if not line.strip():
            return
        if line.startswith("-") and (trailer := _TRAILER.fullmatch(line)):
            self._close_page(number, line, opens=trailer["opens"] is not None)
        elif line.startswith("{") and (envelope := _ENVELOPE.fullmatch(line)):
            self.finish_page()
            self._enveloped = envelope["opens"] is not None
        elif tag := _TAG.fullmatch(line):
            self._take_tag(number, tag[1], tag[2])
        elif _DISPLACED.match(line) or line.startswith(":"):
            self._problems.add("tag_displaced", line=number, text=line.strip())
        elif self._page is not None and self._page.fields:
            self._page.fields[-1].rows.append(line)
        else:
            self._problems.add("text_outside", line=number, text=line)

    def _take_tag(self, number: int, tag: str, value: str) -> None:
        if tag == "20":
            self.finish_page()
            self._page = Page(number, [], enveloped=self._enveloped)
            self._enveloped = False
        if self._page is None:
            self._problems.add("text_outside", line=number, field=f":{tag}:", text=f":{tag}:{value}")
            return
        if tag not in _RANK:
            self._problems.add("tag_unknown", line=number, field=f":{tag}:", text=f":{tag}:")
        self._page.fields.append(Field(tag, number, [value]))

    def _close_page(self, number: int, line: str, *, opens: bool) -> None:
        if self._page is None:
            self._problems.add("text_outside", line=number, text=line)
        else:
            self._page.closed = True
            self.finish_page()
        self._enveloped = opens

    def finish_file(self, last_line: int) -> None:
        """End the last page; a SWIFT block that was opened must hold one."""
        self.finish_page()
        if self._enveloped:
            self._problems.add("trailer_missing", line=last_line, field="-}")

    def finish_page(self) -> None:
        """End the page that is open, if any; one that a SWIFT block opened must have been closed by its trailer."""
        if self._page is None:
            return
        if self._page.enveloped and not self._page.closed:
            self._problems.add("trailer_missing", line=self._page.fields[-1].line, field="-}")
        self.pages.append(self._page)
        self._page = None


def _check_order(page: Page, problems: ProblemList) -> None:
    reached = 0
    for field, repeated in _with_repeats(page.fields):
        rank = _RANK.get(field.tag, reached)
        place = f":{field.tag}:"
        if repeated:
            problems.add("tag_repeated", line=field.line, field=place, text=place)
        elif rank < reached and field.tag not in _ANYWHERE:
            problems.add("tag_out_of_order", line=field.line, field=place, text=place)
        elif field.tag not in _ANYWHERE:
            reached = rank


def _with_repeats(fields: list[Field]) -> Iterator[tuple[Field, bool]]:
    seen: set[str] = set()
    for field in fields:
        base = field.tag[:2]
        yield field, base in _ONCE and base in seen
        seen.add(base)
