"""The ledger's refusals as an officer reads them: each sentence whole, in both languages.

For: the exact words, where a wording once misled.
Not for: when each is raised (the tests of what raises it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from foundation.db import unit_of_work
from foundation.errors import LunasError
from foundation.money import Money
from ledger import assessment_issued, carry_to_codes, open_export, post_entry, trial_balance
from ledger.errors import (
    AccountTakesNoPostings,
    ChartBusy,
    CodesRefused,
    DatesReversed,
    EntryInvalid,
    ExportImpossible,
    MomentAhead,
    PeriodAdjusting,
    PeriodBusy,
    PeriodTooEarly,
    RoleNotMapped,
    SnapshotUnknown,
)
from tests.ledger.entries import draft

AT = datetime(2026, 3, 9, 4, 5, 6, tzinfo=UTC)
LAST, FIRST = date(2026, 12, 31), date(2026, 1, 1)


def said(error: LunasError) -> tuple[str, str]:
    """Both sentences."""
    return error.message_id, error.message_en


def refused_with(region: str, act: Callable[[Session], object], kind: type[LunasError]) -> LunasError:
    """The refusal of an act in a unit of work of its own."""
    with pytest.raises(kind) as refused, unit_of_work(region) as session:
        act(session)
    return refused.value


def export(what: str, form: str = "csv", **wanted: Any) -> Callable[[Session], object]:
    """An export to be opened."""
    return lambda session: open_export(session, what, form, region="3316", written_at=AT, **wanted)


REVERSED = (
    "Tanggal akhir 1 Januari 2026 mendahului tanggal awal 31 Desember 2026.",
    "The last date 1 January 2026 is before the first, 31 December 2026.",
)


def test_dates_in_the_wrong_order_are_told_with_both_dates(books: str) -> None:
    refused = refused_with(books, lambda session: trial_balance(session, since=LAST, on=FIRST), DatesReversed)
    assert (refused.code, refused.field, said(refused)) == ("dates_reversed", "on", REVERSED)
    for what in ("trial-balance", "balances", "account-ledger", "entries"):
        refused = refused_with(books, export(what, accounted_from=LAST, accounted_to=FIRST), DatesReversed)
        assert (refused.field, said(refused)) == ("accounted_to", REVERSED)


NEEDS_DATES = (
    "Neraca saldo memerlukan tanggal awal dan tanggal akhir (--from, --to).",
    "A trial balance needs a first and a last date (--from, --to).",
)


@pytest.mark.parametrize(
    "act, code, sentences",
    [
        (export("trial-balance"), "export_dates_missing", NEEDS_DATES),
        (export("trial-balance", accounted_from=FIRST), "export_dates_missing", NEEDS_DATES),
        (export("trial-balance", accounted_to=FIRST), "export_dates_missing", NEEDS_DATES),
        (
            export("balances", kind="paid_at_partner"),
            "export_impossible",
            ("Saringan kind tidak berlaku untuk balances.", "balances has no filter kind."),
        ),
        (
            export("balances", "hledger"),
            "export_form_unknown",
            (
                "Bentuk hledger tidak tersedia untuk balances; pilih: csv, jsonl, xlsx.",
                "balances is not given as hledger; choose: csv, jsonl, xlsx.",
            ),
        ),
    ],
)
def test_an_export_that_cannot_be_says_why_in_a_whole_sentence(
    books: str, act: Callable[[Session], object], code: str, sentences: tuple[str, str]
) -> None:
    refused = refused_with(books, act, ExportImpossible)
    assert (refused.code, said(refused)) == (code, sentences)


def test_a_file_of_codes_is_not_called_a_file_of_balances(books: str) -> None:
    data = b"rekening_lama,rekening_baru\r\n"
    refused = refused_with(
        books, lambda session: carry_to_codes(session, 2026, data, actor="cli:test", at=AT), CodesRefused
    )
    assert refused.code == "codes_refused"
    assert said(refused) == (
        "Berkas pemetaan kode ditolak, 1 masalah:\n- baris 1, berkas: tidak ada baris kode",
        "The file of codes is refused, 1 problem(s):\n- line 1, berkas: there are no codes",
    )


def posted(**changed: Any) -> Callable[[Session], object]:
    """An entry of one assessment, its draft's or (with `line_`) its first posting's values changed."""
    lines = {name.removeprefix("line_"): value for name, value in changed.items() if name.startswith("line_")}
    first, *rest = assessment_issued(entity="BAPENDA", kind="PBB-P2", amount=Money(100))
    own = {name: value for name, value in changed.items() if not name.startswith("line_")}
    made = draft("x", (replace(first, **lines), *rest), **({} if lines else own))
    return lambda session: post_entry(session, made, actor="cli:test", recorded_at=AT)


@pytest.mark.parametrize(
    "act, field, reason_id, reason_en",
    [
        (posted(kind=""), "kind", "harus 1 sampai 40 karakter", "it must have 1 to 40 characters"),
        (
            posted(line_side="left"),
            "postings[1].side",
            "harus debit (debit) atau kredit (credit)",
            "it must be debit or credit",
        ),
        (posted(line_amount=Money(0)), "postings[1].amount", "harus lebih dari nol", "it must be above zero"),
        (
            posted(line_role="revenue_lra"),
            "postings[1].role",
            "revenue_lra bukan peran pada buku F",
            "revenue_lra is no role of book F",
        ),
        (
            posted(line_counterpart="PPKD"),
            "postings[1].counterpart",
            "RK menyebut entitas lain sebagai lawan, peran lain tidak menyebut lawan",
            "an RK names another entity, other roles name none",
        ),
        (
            posted(occurred_at=datetime(2026, 3, 9, 4, 5, 6)),  # noqa: DTZ001 - a moment without its zone is the fault
            "occurred_at",
            "waktu harus disertai zonanya",
            "a moment needs its zone",
        ),
    ],
)
def test_what_an_entry_must_be_is_told_in_each_language(
    books: str, act: Callable[[Session], object], field: str, reason_id: str, reason_en: str
) -> None:
    refused = refused_with(books, act, EntryInvalid)
    assert refused.field == field
    assert refused.message_id == f"Isian {field} pada jurnal tidak sah: {reason_id}."
    assert refused.message_en == f"The entry's {field} is not valid: {reason_en}."


@pytest.mark.parametrize(
    "refused, sentences",
    [
        (
            RoleNotMapped(role="receivable", qualifier="PAJAK-BARU"),
            (
                "Peran receivable[PAJAK-BARU] belum dipetakan ke kode rekening.",
                "The account role receivable[PAJAK-BARU] is not mapped to an account.",
            ),
        ),
        (
            AccountTakesNoPostings(account="4.1.01"),
            (
                "Rekening 4.1.01 tidak dapat menerima jurnal pada tanggal tersebut.",
                "Account 4.1.01 takes no postings on that date.",
            ),
        ),
        (
            PeriodAdjusting(month="2026-03", kind="paid_at_partner"),
            (
                "Periode 2026-03 dalam tahap penyesuaian dan hanya menerima jurnal penyesuaian dan penutup,"
                " bukan paid_at_partner.",
                "Period 2026-03 is being adjusted and takes adjusting and closing entries only, not paid_at_partner.",
            ),
        ),
        (
            PeriodTooEarly(month="2023-12", first="2024-01"),
            (
                "Periode 2023-12 mendahului awal pembukuan (2024-01).",
                "Period 2023-12 is before these books begin (2024-01).",
            ),
        ),
        (
            PeriodBusy(month="2026-03"),
            (
                "Masih ada jurnal yang sedang dicatat ke periode 2026-03. Coba lagi.",
                "Entries are still being written into period 2026-03. Try again.",
            ),
        ),
        (
            ChartBusy(),
            (
                "Masih ada jurnal yang sedang dicatat; bagan akun belum dimuat. Coba lagi.",
                "Entries are still being written, the chart is not loaded. Try again.",
            ),
        ),
        (
            MomentAhead(moment="2027-01-01T00:00:00+00:00"),
            (
                "Waktu 2027-01-01T00:00:00+00:00 belum tiba; data menurut waktu itu belum ada.",
                "The moment 2027-01-01T00:00:00+00:00 has not come yet; what will be known then cannot be asked.",
            ),
        ),
        (
            SnapshotUnknown(snapshot="3-5"),
            (
                "Potret data (snapshot) 3-5 tidak dikenal di server ini.",
                "The snapshot 3-5 is not known on this server.",
            ),
        ),
    ],
)
def test_refusals_use_the_words_of_the_field(refused: LunasError, sentences: tuple[str, str]) -> None:
    assert said(refused) == sentences
