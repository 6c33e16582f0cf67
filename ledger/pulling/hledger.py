"""Entries as an hledger journal, a plain text that auditors can check and query without Lunas: how it is written.

For: `hledger check --strict` and every hledger report. Its transactions are written in ledger.pulling.entry_files.
Not for: reading journals; nothing comes back in.

One transaction per entry, dated by its accounting date. Accounts are BOOK:ENTITY:CODE, e.g.
F:PPKD:1.1.01.01.01.0001; a character of an entity's code that hledger could misread stands as %XX of its UTF-8 bytes.
Descriptions and keys stand on one line: a run of control characters, `;`, `|` and foreign blanks becomes one blank, and
". " comes before a leading `*`, `!`, `(` or `=`; the entry's uid leads to the exact text.
Debits are positive, credits negative, in IDR. A last transaction asserts the balance that the database worked out for
each account, so that `hledger check` fails on any difference.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from foundation.money import Money
from ledger.pulling.totals import EntryTotals

__all__ = ["hledger_account", "write_assertions", "write_heading"]

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\xa0;|\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def hledger_account(book: str, entity: str, account: str) -> str:
    """The account's name in the journal; no two of ours share one."""
    return f"{book}:{quote(entity, safe='')}:{account}"


def write_heading(title: str, totals: EntryTotals) -> str:
    """Title, commodity and the accounts that occur."""
    lines = [f"; {_clean(title)}", "commodity 1000.00 IDR", ""]
    for each in totals.accounts:
        lines.append(f"account {hledger_account(each.book, each.entity, each.account)}  ; {_clean(each.account_name)}")
    return "\n".join(lines) + "\n\n"


def write_assertions(totals: EntryTotals) -> str:
    """The last transaction, on the last accounting date; nothing where there are no entries."""
    if totals.last_day is None:
        return ""
    lines = [f"{totals.last_day.isoformat()} Saldo menurut basis data / balances by the database"]
    for each in totals.accounts:
        balance = Money(each.debit.sen - each.credit.sen).plain()
        lines.append(f"    {hledger_account(each.book, each.entity, each.account)}  0.00 IDR = {balance} IDR")
    return "\n".join(lines) + "\n"


def _clean(words: str) -> str:
    return _UNREADABLE.sub(" ", words).strip()
