"""Reading a file of opening balances, and checking it against the chart.

For: turning bytes into checked lines, every fault named by line and column.
Not for: what the region's books already hold (ledger.opening.taking_over).

UTF-8, comma or semicolon; the first line names the columns rekening,entitas,buku,sisi,jumlah,lawan,mitra: an account
code of the deepest level, an entity, book F or A, side debit or kredit, an amount like 150000.00, the counterpart of
an RK, and the partner whose account it is, if one is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.errors import LunasError
from foundation.money import Money
from ledger.chart_files import DEEPEST_LEVEL
from ledger.csv_files import SIDES, Problems, Row, read_rows
from ledger.drafts import DEBIT, HIGHEST_SEN, MOST_POSTINGS, PostingDraft
from ledger.roles import BUDGET, FINANCIAL

__all__ = ["COLUMNS", "BalanceLine", "check_lines", "read_balances"]

COLUMNS = ("rekening", "entitas", "buku", "sisi", "jumlah", "lawan", "mitra")
_BOOKS = {FINANCIAL: FINANCIAL, BUDGET: BUDGET}
_MOST_LINES = MOST_POSTINGS * len(_BOOKS)

_ACCOUNTS = text(
    "SELECT DISTINCT ON (a.code) a.code, a.level, a.book, a.requires_counterpart,"
    " coalesce(a.valid_to < :on_date, false) AS ended"
    " FROM account a WHERE a.code = ANY(:codes) AND a.valid_from <= :on_date ORDER BY a.code, a.valid_from DESC"
)
_ENTITIES = text("SELECT n.code FROM entity n")


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One line of the file, and the posting it asks for."""

    line: int
    posting: PostingDraft


def read_balances(data: bytes, problems: Problems) -> list[BalanceLine]:
    """The sound lines of a file; the others are noted."""
    found: list[BalanceLine | None] = []
    for row in read_rows(data, COLUMNS, problems):
        if len(found) == _MOST_LINES:
            # More than both books can hold: what the rest says does not matter any more.
            problems.add(row.line, "berkas", f"paling banyak {_MOST_LINES} baris", f"at most {_MOST_LINES} lines")
            break
        found.append(_balance_line(row))
    lines = [line for line in found if line is not None]
    if not found and not problems.found:
        problems.add(1, "berkas", "tidak ada baris saldo", "there are no balances")
    return lines


def _balance_line(row: Row) -> BalanceLine | None:
    account, entity = row.text("rekening", 20), row.text("entitas", 40)
    book, side = row.choice("buku", _BOOKS), row.choice("sisi", SIDES)
    counterpart = row.text("lawan", 40, may_be_empty=True)
    partner = row.text("mitra", 40, may_be_empty=True)
    amount = _amount(row)
    if not row.sound or book is None or side is None or amount is None:
        return None
    posting = PostingDraft(
        book, entity, "", side, amount, counterpart=counterpart or None, partner=partner or None, account=account
    )
    return BalanceLine(row.line, posting)


def _amount(row: Row) -> Money | None:
    try:
        amount = Money.parse(row.cells["jumlah"], field="jumlah")
    except LunasError as error:
        row.fault("jumlah", error.message_id, error.message_en)
        return None
    if amount.sen <= 0:
        row.fault("jumlah", "harus lebih dari nol", "must be above zero")
    elif amount.sen > HIGHEST_SEN:
        highest = Money(HIGHEST_SEN).plain()
        row.fault("jumlah", f"paling banyak {highest}", f"must be at most {highest}")
    return amount


def check_lines(session: Session, lines: list[BalanceLine], problems: Problems, *, on: date) -> None:
    """Note what the chart does not know or does not allow, doubled lines, and what does not foot."""
    codes = sorted({str(line.posting.account) for line in lines})
    accounts = {row.code: row for row in session.execute(_ACCOUNTS, {"codes": codes, "on_date": on})}
    entities = set(session.scalars(_ENTITIES))
    seen: set[tuple[object, ...]] = set()
    for line in lines:
        posting = line.posting
        account = accounts.get(posting.account)
        if account is None or account.level != DEEPEST_LEVEL or account.ended:
            problems.add(
                line.line, "rekening",
                f"{posting.account} bukan rekening tingkat {DEEPEST_LEVEL} yang berlaku pada {on}",
                f"{posting.account} is no account of level {DEEPEST_LEVEL} valid on {on}",
            )  # fmt: skip
        elif account.book != posting.book:
            problems.add(line.line, "buku", f"rekening buku {account.book}", f"the account is of book {account.book}")
        elif account.requires_counterpart != (posting.counterpart is not None):
            problems.add(
                line.line, "lawan", "hanya rekening RK, dan setiap RK, menyebut lawan",
                "an RK names its counterpart, and only an RK",
            )  # fmt: skip
        _check_names(line, entities, problems)
        key = (posting.account, posting.entity, posting.counterpart, posting.partner)
        if key in seen:
            problems.add(line.line, "rekening", "saldo yang sama disebut dua kali", "the same balance is stated twice")
        seen.add(key)
    if not problems.found:
        # While a line is missing or misread, what does not foot would only be its echo.
        _check_sums(lines, problems)


def _check_names(line: BalanceLine, entities: set[str], problems: Problems) -> None:
    posting = line.posting
    for field, code in (("entitas", posting.entity), ("lawan", posting.counterpart)):
        if code is not None and code not in entities:
            problems.add(line.line, field, f"{code} belum terdaftar", f"{code} is not registered")
    if posting.counterpart == posting.entity:
        problems.add(line.line, "lawan", "harus entitas lain", "must be another entity")


def _check_sums(lines: list[BalanceLine], problems: Problems) -> None:
    """Each book of each entity foots, and each pair of entities eliminates; a fault names the last line it is about."""
    sums: defaultdict[str, int] = defaultdict(int)
    last: dict[str, int] = {}
    counts: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        posting = line.posting
        places = [f"{posting.book} {posting.entity}"]
        if posting.counterpart is not None:
            places.append("RK " + "/".join(sorted((posting.entity, posting.counterpart))))
        for place in places:
            sums[place] += posting.amount.sen if posting.side == DEBIT else -posting.amount.sen
            last[place] = line.line
        counts[posting.book] += 1
        if counts[posting.book] == MOST_POSTINGS + 1:
            told = (f"paling banyak {MOST_POSTINGS} baris per buku", f"at most {MOST_POSTINGS} lines per book")
            problems.add(line.line, "berkas", *told)
    for place, difference in sums.items():
        if difference:
            plain = Money(difference).plain()
            told = (f"{place} tidak seimbang, selisih {plain}", f"{place} does not balance, difference {plain}")
            problems.add(last[place], "jumlah", *told)
