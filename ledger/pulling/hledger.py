"""Entries as an hledger journal, a plain text that auditors can check and query without Lunas.

For: `hledger check --strict` and every hledger report.
Not for: reading journals; nothing comes back in.

One transaction per entry, dated by its accounting date. Accounts are BOOK:ENTITY:CODE, e.g.
F:PPKD:1.1.01.01.01.0001; a character of an entity's code that hledger could misread stands as %XX of its UTF-8 bytes.
Debits are positive, credits negative, in IDR. A last transaction asserts the balance that the database worked out for
each account, so that `hledger check` fails on any difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import quote

from foundation.money import Money
from ledger.pulling.entries import LedgerEntry
from ledger.pulling.rows import plain_cell
from ledger.pulling.totals import AccountTotal

__all__ = ["hledger_account", "hledger_pieces"]

_ENTRIES_PER_PIECE = 500
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f;|\u0085\u2028\u2029]+")
_EARLIEST = date(1, 1, 1)


def hledger_account(book: str, entity: str, account: str) -> str:
    """The account's name in the journal; no two of ours share one."""
    return f"{book}:{_code(entity)}:{account}"


def hledger_pieces(title: str, entries: Iterable[LedgerEntry], totals: list[AccountTotal]) -> Iterator[str]:
    """The journal in pieces; `totals` are what the same entries come to per account."""
    yield _heading(title, totals)
    piece: list[str] = []
    last_day = _EARLIEST
    for number, entry in enumerate(entries, start=1):
        last_day = max(last_day, entry.accounted_on)
        piece.append(_written(entry))
        if number % _ENTRIES_PER_PIECE == 0:
            yield "".join(piece)
            piece.clear()
    yield "".join(piece)
    if totals:
        yield _assertions(last_day, totals)


def _heading(title: str, totals: list[AccountTotal]) -> str:
    lines = [f"; {_clean(title)}", "commodity 1000.00 IDR", ""]
    lines += [f"account {hledger_account(t.book, t.entity, t.account)}  ; {_clean(t.account_name)}" for t in totals]
    return "\n".join(lines) + "\n\n"


def _written(entry: LedgerEntry) -> str:
    lines = [
        f"{entry.accounted_on.isoformat()} {_clean(entry.description)}".rstrip(),
        f"    ; uid: {entry.uid}",
        f"    ; kind: {_clean(entry.kind)}",
        f"    ; key: {_clean(entry.key)}",
        f"    ; occurred_at: {plain_cell(entry.occurred_at)}",
    ]
    for line in entry.lines:
        amount = line.amount if line.side == "debit" else -line.amount
        told = [f"partner: {_code(line.partner)}"] if line.partner else []
        told += [f"counterpart: {_code(line.counterpart)}"] if line.counterpart else []
        comment = f"  ; {', '.join(told)}" if told else ""
        lines.append(f"    {hledger_account(line.book, line.entity, line.account)}  {amount.plain()} IDR{comment}")
    return "\n".join(lines) + "\n\n"


def _assertions(day: date, totals: list[AccountTotal]) -> str:
    lines = [f"{day.isoformat()} Saldo menurut basis data / balances by the database"]
    for each in totals:
        balance = Money(each.debit.sen - each.credit.sen).plain()
        lines.append(f"    {hledger_account(each.book, each.entity, each.account)}  0.00 IDR = {balance} IDR")
    return "\n".join(lines) + "\n"


def _clean(words: str) -> str:
    """One line without what begins a comment or parts payee and note; a leading mark would be read as a status."""
    cleaned = _UNREADABLE.sub(" ", words).strip()
    return f". {cleaned}" if cleaned.startswith(("*", "!", "(", "=")) else cleaned


def _code(code: str) -> str:
    """A code in which hledger finds neither a comment nor a date nor an account's end."""
    return quote(code, safe="")
