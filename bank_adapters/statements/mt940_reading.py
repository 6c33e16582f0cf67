"""Read an MT940 file: every line counted, every statement proved to the sen, or the whole file refused.

For: joining pages into statements and proving them: tags present, opening + lines = closing, pages and statements that
follow each other, nothing lost.
Not for: finding a statement missing between two files (reconciliation), or the shape of fields (`mt940_fields`).
"""

from __future__ import annotations

from dataclasses import dataclass

from bank_adapters.contract import StatementFile, StatementLine, StatementUnreadable
from bank_adapters.statements.decoding import text_lines
from bank_adapters.statements.mt940_fields import (
    Balance,
    read_account,
    read_balance,
    read_line,
    read_number,
    read_text,
)
from bank_adapters.statements.mt940_pages import Field, Page, count_line_tags, cut_pages
from bank_adapters.statements.occurrences import number_occurrences
from bank_adapters.statements.problems import ProblemList
from foundation.money import Money

__all__ = ["Mt940Reader"]


@dataclass(frozen=True, slots=True)
class Mt940Reader:
    """A `StatementReader` for MT940. `encoding` is for banks known to write another one than UTF-8 or cp1252."""

    encoding: str | None = None

    def read(
        self,
        data: bytes,
        *,
        filename: str,  # noqa: ARG002 - every reader is given the name; an MT940 says all within
    ) -> tuple[StatementFile, ...]:
        """All statements of the file in its order; several accounts may stand in one file, each statement has one.

        Raises StatementUnreadable with every problem (`.problems`: line, field, code, sentence). `filename` takes no
        part in reading.
        """
        problems = ProblemList()
        lines = text_lines(data, problems, encoding=self.encoding)
        problems.refuse_if_any(StatementUnreadable)
        pages = cut_pages(lines, problems)
        if not pages:
            problems.add("no_statement", line=1)
        read = [_read_page(page, problems) for page in pages]
        # A page that cannot be read breaks the chain of pages, and what follows would only be noise.
        problems.refuse_if_any(StatementUnreadable)
        statements = _join_pages([page for page in read if page is not None], problems)
        _check_nothing_lost(lines, statements, problems)
        problems.refuse_if_any(StatementUnreadable)
        return tuple(statements)


@dataclass(frozen=True, slots=True)
class _ReadPage:
    reference: str
    account: str
    number: str
    page: int
    opening: Balance
    closing: Balance
    lines: tuple[StatementLine, ...]


def _read_page(page: Page, problems: ProblemList) -> _ReadPage | None:
    by_tag: dict[str, Field] = {}
    for field in page.fields:
        by_tag.setdefault(field.tag[:2], field)
    for tag, place in (("25", ":25:"), ("28", ":28C:"), ("60", ":60F:"), ("62", ":62F:")):
        if tag not in by_tag:
            problems.add("tag_missing", line=page.line, field=place, text=place)
    account = read_account(by_tag["25"], problems) if "25" in by_tag else None
    number = read_number(by_tag["28"], problems) if "28" in by_tag else None
    opening = read_balance(by_tag["60"], problems) if "60" in by_tag else None
    closing = read_balance(by_tag["62"], problems) if "62" in by_tag else None
    lines = _read_lines(page, problems)
    if account is None or number is None or opening is None or closing is None or lines is None:
        return None
    reference = by_tag["20"].rows[0].strip()
    _check_page(opening, closing, lines, problems)
    return _ReadPage(reference, account, number[0], number[1], opening, closing, tuple(lines))


def _read_lines(page: Page, problems: ProblemList) -> list[StatementLine] | None:
    """The lines of a page, or None when one cannot be read. An `:86:` belongs to the `:61:` right before it."""
    remarks: list[tuple[Field, list[Field]]] = []
    attached = False
    for field in page.fields:
        if field.tag == "61":
            remarks.append((field, []))
            attached = True
        elif field.tag == "86" and attached:
            remarks[-1][1].append(field)
        elif field.tag != "NS":
            attached = False
    lines = [read_line(field, read_text(remark), problems) for field, remark in remarks]
    found = [line for line in lines if line is not None]
    return found if len(found) == len(lines) else None


def _check_page(opening: Balance, closing: Balance, lines: list[StatementLine], problems: ProblemList) -> None:
    moved = Money(sum(line.amount.sen if line.direction == "credit" else -line.amount.sen for line in lines))
    difference = closing.amount - opening.amount - moved
    if difference:
        problems.add(
            "does_not_foot",
            line=closing.line,
            field=":62M:" if closing.paged else ":62F:",
            opening=opening.amount,
            moved=moved,
            closing=closing.amount,
            difference=difference,
        )
    if closing.on < opening.on:
        problems.add("dates_reversed", line=closing.line, field=":62M:" if closing.paged else ":62F:")


def _join_pages(pages: list[_ReadPage], problems: ProblemList) -> list[StatementFile]:
    """Statements of one or more pages, in the order of their first pages; notes every break in the chains."""
    whole: list[list[_ReadPage]] = []
    open_by_account: dict[str, list[_ReadPage]] = {}
    last_by_account: dict[str, _ReadPage] = {}
    for page in pages:
        before = last_by_account.get(page.account)
        if before is not None and before.closing.amount != page.opening.amount:
            problems.add(
                "not_continuous",
                line=page.opening.line,
                field=":60M:" if page.opening.paged else ":60F:",
                opening=page.opening.amount,
                closing=before.closing.amount,
            )
        last_by_account[page.account] = page
        chain = open_by_account.pop(page.account, None)
        if page.opening.paged and _follows(chain, page):
            assert chain is not None
            chain.append(page)
        else:
            if page.opening.paged:
                problems.add("page_without_start", line=page.opening.line, field=":60M:")
            _check_finished(chain, problems)
            chain = [page]
            whole.append(chain)
        if page.closing.paged:
            open_by_account[page.account] = chain
    for chain in open_by_account.values():
        _check_finished(chain, problems)
    _check_not_repeated(whole, problems)
    return [_statement(chain) for chain in whole]


def _follows(chain: list[_ReadPage] | None, page: _ReadPage) -> bool:
    return chain is not None and chain[-1].number == page.number and chain[-1].page + 1 == page.page


def _check_finished(chain: list[_ReadPage] | None, problems: ProblemList) -> None:
    if chain is not None:
        problems.add("page_without_end", line=chain[-1].closing.line, field=":62M:", number=chain[-1].number)


def _check_not_repeated(whole: list[list[_ReadPage]], problems: ProblemList) -> None:
    """Two statements of one account, number and opening date are one statement delivered twice in one file."""
    seen: set[tuple[str, int, object, object]] = set()
    for chain in whole:
        first = chain[0]
        key = (first.account, int(first.number), first.page, first.opening.on)
        if key in seen:
            problems.add(
                "statement_repeated",
                line=first.opening.line,
                field=":28C:",
                number=first.number,
                account=first.account,
            )
        seen.add(key)


def _statement(chain: list[_ReadPage]) -> StatementFile:
    first, last = chain[0], chain[-1]
    return StatementFile(
        account_no=first.account,
        # A page that is a statement of its own (60F and 62F on each) keeps its page, or two would share a number.
        statement_no=first.number if first.page == 1 else f"{first.number}/{first.page}",
        opening_on=first.opening.on,
        opening=first.opening.amount,
        closing_on=last.closing.on,
        closing=last.closing.amount,
        lines=number_occurrences(line for page in chain for line in page.lines),
        reference=first.reference,
    )


def _check_nothing_lost(lines: list[str], statements: list[StatementFile], problems: ProblemList) -> None:
    counted = count_line_tags(lines)
    read = sum(len(statement.lines) for statement in statements)
    if counted != read:
        problems.add("lines_lost", field=":61:", counted=counted, read=read)
