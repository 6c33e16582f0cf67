"""A slip in a question is told, whichever reader is asked: an empty answer is one of the books.

For: the last date before the first, and an account that the chart never had.
Not for: other filters (test_filters.py, test_balances_oracle.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from app.cli import main
from foundation.db import unit_of_work
from ledger import (
    AccountUnknown,
    DatesReversed,
    account_balances,
    consolidated_balances,
    list_account_ledger,
    list_entries,
    load_chart,
    open_export,
    stream_entries,
    trial_balance,
)
from ledger.pulling.account_ledger import stream_account_ledger
from tests.ledger.entries import AT, draft, post, wait_until_settled

FIRST, LAST = date(2026, 4, 1), date(2026, 3, 1)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
REVERSED = {
    "id": "Tanggal akhir 1 Maret 2026 mendahului tanggal awal 1 April 2026.",
    "en": "The last date 1 March 2026 is before the first, 1 April 2026.",
}
Reader = Callable[..., object]


def exported(what: str, form: str = "csv") -> Reader:
    return lambda session, **wanted: open_export(session, what, form, region="3316", written_at=AT, **wanted)


OF_ACCOUNTED: dict[str, Reader] = {
    "entries": list_entries,
    "entries streamed": lambda session, **wanted: list(stream_entries(session, **wanted)),
    "account ledger": list_account_ledger,
    "account ledger streamed": lambda session, **wanted: list(stream_account_ledger(session, **wanted)),
    **{
        f"{what} as {form}": exported(what, form)
        for what in ("entries", "account-ledger", "balances", "trial-balance")
        for form in ("csv", "xlsx")
    },
}
OF_SUMS: dict[str, Reader] = {"balances": account_balances, "trial balance": trial_balance}


def refused(region: str, act: Callable[[Session], object], kind: type[DatesReversed | AccountUnknown]) -> Any:
    with pytest.raises(kind) as error, unit_of_work(region) as session:
        act(session)
    return error.value.as_dict()


@pytest.mark.parametrize("reader", OF_ACCOUNTED.values(), ids=OF_ACCOUNTED)
def test_reversed_dates_are_refused(books: str, reader: Reader) -> None:
    told = refused(books, lambda session: reader(session, accounted_from=FIRST, accounted_to=LAST), DatesReversed)
    assert told == {"code": "dates_reversed", "message": REVERSED, "field": "accounted_to"}


@pytest.mark.parametrize("reader", [*OF_SUMS.values(), consolidated_balances])
def test_reversed_dates_of_sums_are_refused(books: str, reader: Reader) -> None:
    told = refused(books, lambda session: reader(session, since=FIRST, on=LAST), DatesReversed)
    assert told == {"code": "dates_reversed", "message": REVERSED, "field": "on"}


@pytest.mark.parametrize("code", ["xyz", "9", "1.1.0", "1.1.", "%", "1.1.01.01.01.0002", ""])
@pytest.mark.parametrize("reader", [*OF_ACCOUNTED.values(), *OF_SUMS.values()], ids=[*OF_ACCOUNTED, *OF_SUMS])
def test_an_account_that_the_chart_never_had_is_refused_by_name(books: str, reader: Reader, code: str) -> None:
    sums = reader in OF_SUMS.values()
    dates = dict(zip(("since", "on") if sums else ("accounted_from", "accounted_to"), YEAR, strict=True))
    told = refused(books, lambda session: reader(session, account=code, **dates), AccountUnknown)
    assert told == {
        "code": "account_unknown",
        "message": {
            "id": f"Kode rekening {code} tidak ada dalam bagan akun.",
            "en": f"The chart has no account {code}.",
        },
        "field": "account",
    }


def test_an_account_of_any_level_and_time_may_be_asked_for_though_nothing_is_on_it(books: str) -> None:
    header = "kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai"
    rows = f"{header}\n4.1.01.15.01.0009,Hanya Mei,kredit,tidak,ya,2026-05-01,2026-05-31".encode()
    with unit_of_work(books) as session:
        load_chart(session, accounts=rows, actor="cli:test", at=AT)
    with unit_of_work(books) as session:
        for code in ("4", "4.1.01", "4.1.01.15.01.0009"):
            one_day: dict[str, Any] = {"account": code, "accounted_from": YEAR[0], "accounted_to": YEAR[0]}
            assert list_entries(session, **one_day).entries == ()
            assert list_account_ledger(session, **one_day).rows == ()
            assert account_balances(session, account=code, since=YEAR[0], on=YEAR[0]) == []


@pytest.mark.parametrize(
    "words",
    [
        ("entries", "--from", "2026-04-01", "--to", "2026-03-01"),
        ("account", "--from", "2026-04-01", "--to", "2026-03-01"),
        ("balances", "--since", "2026-04-01", "--on", "2026-03-01"),
        ("trial-balance", "--from", "2026-04-01", "--to", "2026-03-01"),
        ("export", "--from", "2026-04-01", "--to", "2026-03-01"),
        ("export", "--what", "account-ledger", "--from", "2026-04-01", "--to", "2026-03-01"),
        ("consolidate", "--since", "2026-04-01", "--on", "2026-03-01"),
    ],
)
def test_the_command_line_tells_reversed_dates(books: str, words: tuple[str, ...]) -> None:
    post(books, draft("one"))
    wait_until_settled(books)
    told = CliRunner().invoke(main, ["ledger", words[0], "--region", "3316", *words[1:]])
    assert (told.exit_code, told.stdout) == (1, "")
    assert REVERSED["id"] in told.stderr
    assert REVERSED["en"] in told.stderr


@pytest.mark.parametrize("command", ["entries", "account", "balances", "export"])
def test_the_command_line_tells_an_account_that_never_was(books: str, command: str) -> None:
    post(books, draft("one"))
    wait_until_settled(books)
    told = CliRunner().invoke(main, ["ledger", command, "--region", "3316", "--account", "xyz"])
    assert (told.exit_code, told.stdout) == (1, "")
    assert "Kode rekening xyz tidak ada dalam bagan akun." in told.stderr
    assert "The chart has no account xyz." in told.stderr
