"""A file of opening balances and taking over with it, for the tests of beginnings.

For: one region's balances of 1 January 2026 in both books.
Not for: what a faulty file is told (test_opening.py).
"""

from __future__ import annotations

from datetime import date

from foundation.db import unit_of_work
from ledger.opening import BooksOpened, open_balances
from tests.ledger.entries import AT

ON = date(2026, 1, 1)
HEAD = "rekening,entitas,buku,sisi,jumlah,lawan,mitra\n"
BALANCES = (
    HEAD
    + """1.1.03.15.01.0001,BAPENDA,F,debit,900000.00,,
3.1.03.01.01.0001,BAPENDA,F,kredit,100000,PPKD,
3.1.01.01.01.0001,BAPENDA,F,kredit,800000.00,,
1.1.13.01.01.0001,PPKD,F,debit,100000.00,BAPENDA,
1.1.01.90.01.0001,PPKD,F,debit,250000.50,,BPD
3.1.01.01.01.0001,PPKD,F,kredit,350000.50,,
3.1.02.05.01.0001,BAPENDA,A,debit,70000.00,,
3.1.02.90.01.0001,BAPENDA,A,kredit,70000.00,,
"""
)


def take_over(region: str, content: str = BALANCES, on: date = ON) -> BooksOpened:
    with unit_of_work(region) as session:
        return open_balances(
            session, content.encode(), on=on, zone="Asia/Jakarta", filename="saldo.csv", actor="cli:test", at=AT
        )
