"""Loading a chart: whole or not at all, every fault named, and only further rows the second time."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import (
    AccountTakesNoPostings,
    ChartLoaded,
    ChartRefused,
    PpkdMissing,
    find_account,
    get_ppkd,
    list_accounts,
    load_chart,
)
from ledger.roles import ROLES as ROLE_TABLE
from tests.ledger.entries import AT, DAY, credited, draft, everything, post
from tests.sample_chart import load_sample_chart

ACCOUNTS = b"""kode,nama,saldo_normal,rk,contoh,berlaku_dari,berlaku_sampai
1,ASET,debit,tidak,tidak,2024-01-01,
1.1,ASET LANCAR,debit,tidak,tidak,2024-01-01,
1.1.01,Kas,debit,tidak,tidak,2024-01-01,
1.1.01.01,Kas di Kas Daerah,debit,tidak,tidak,2024-01-01,
1.1.01.01.01,Kas di Kas Daerah,debit,tidak,tidak,2024-01-01,
1.1.01.01.01.0001,Kas di Kas Daerah,debit,tidak,tidak,2024-01-01,
"""
ENTITIES = b"kode,nama,jenis\nPPKD,Bendahara Umum Daerah,PPKD\n"
ROLES = b"peran,kualifikasi,rekening,berlaku_dari\nrkud,,1.1.01.01.01.0001,2024-01-01\n"


def load(region: str, **files: bytes) -> ChartLoaded:
    with unit_of_work(region) as session:
        return load_chart(session, **files, actor="cli:test", at=AT)


def load_all(region: str) -> ChartLoaded:
    return load(region, accounts=ACCOUNTS, roles=ROLES, entities=ENTITIES)


def test_the_sample_chart_loads_once(region: Region) -> None:
    first = load_sample_chart(region.code)
    assert (first.entities, first.roles) == (4, 64)
    assert first.accounts == 292
    before = everything(region.code)
    assert load_sample_chart(region.code) == ChartLoaded(0, 0, 0)
    assert everything(region.code) == before
    with unit_of_work(region.code) as session:
        acts = session.scalars(text("SELECT details FROM audit_event WHERE action = 'chart.loaded'")).all()
    assert acts == [{"entities": 4, "accounts": 292, "roles": 64}]


def test_only_unverified_accounts_are_labelled_as_samples(region: Region) -> None:
    load_sample_chart(region.code)
    with unit_of_work(region.code) as session:
        accounts = list_accounts(session, on=date(2026, 1, 1), limit=500)
        sal = find_account(session, "3.1.02.05.01.0001", on=date(2026, 1, 1))
    assert all(a.is_sample == a.name.startswith("CONTOH – ") for a in accounts)
    assert {a.code[0] for a in accounts if a.is_sample and a.level == 6} == set("1234578")
    assert {a.code for a in accounts if not a.is_sample and a.level == 6 and a.code[0] not in "4"} == {
        "1.1.01.01.01.0001",
        "1.1.01.02.01.0001",
        "3.1.02.05.01.0001",
    }
    assert sal is not None
    assert (sal.book, sal.is_sample) == ("A", False)


def test_semicolons_byte_order_mark_and_crlf_are_read_too(region: Region) -> None:
    spreadsheet = b"\xef\xbb\xbf" + ACCOUNTS.replace(b",", b";").replace(b"\n", b"\r\n")
    assert load(region.code, accounts=spreadsheet, entities=ENTITIES) == ChartLoaded(1, 6, 0)


def test_a_further_dated_row_is_added_and_ends_the_last(region: Region) -> None:
    load_all(region.code)
    renamed = ACCOUNTS + b"1.1.01.01.01.0001,Kas Daerah,debit,tidak,tidak,2027-01-01,\n"
    assert load(region.code, accounts=renamed) == ChartLoaded(0, 1, 0)
    with unit_of_work(region.code) as session:
        names = [
            getattr(find_account(session, "1.1.01.01.01.0001", on=day), "name", None)
            for day in (date(2023, 12, 31), date(2024, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
        ]
    assert names == [None, "Kas di Kas Daerah", "Kas di Kas Daerah", "Kas Daerah"]


def problems(region: str, **files: bytes) -> list[tuple[str, int, str]]:
    before = everything(region)
    with pytest.raises(ChartRefused) as refused:
        load(region, **files)
    assert everything(region) == before
    return [(p.file, p.line, p.field) for p in refused.value.problems]


@pytest.mark.parametrize(
    "line, field",
    [
        (b"1.1.1,Kas,debit,tidak,tidak,2024-01-01,", "kode"),
        (b"9,Lain,debit,tidak,tidak,2024-01-01,", "kode"),
        (b"1.1.01.01.01.1,Kas,debit,tidak,tidak,2024-01-01,", "kode"),
        (b"1.1.02.01,Tanpa induk,debit,tidak,tidak,2024-01-01,", "kode"),
        (b"1.1.02,Sebelum induk,debit,tidak,tidak,2023-12-31,", "berlaku_dari"),
        (b"1.1.01.01.01.0001,Kas,debit,ya,tidak,2027-01-01,", "rk"),
        (b"1.1,ASET LAIN,debit,tidak,tidak,2024-01-01,", "kode"),
        (b"1.2,,debit,tidak,tidak,2024-01-01,", "nama"),
        (b"1.2,Aset,D,tidak,tidak,2024-01-01,", "saldo_normal"),
        (b"1.2,Aset,debit,,tidak,2024-01-01,", "rk"),
        (b"1.2,Aset,debit,tidak,x,2024-01-01,", "contoh"),
        (b"1.2,Aset,debit,tidak,tidak,01/01/2024,", "berlaku_dari"),
        (b"1.2,Aset,debit,tidak,tidak,2024-02-30,", "berlaku_dari"),
        (b"1.2,Aset,debit,tidak,tidak,2024-01-01,2023-12-31", "berlaku_sampai"),
        (b"1.2,Aset,debit,tidak,tidak,2024-01-01", "berkas"),
    ],
)
def test_one_wrong_account_refuses_the_whole_load(region: Region, line: bytes, field: str) -> None:
    files = {"accounts": ACCOUNTS + line + b"\n", "entities": ENTITIES, "roles": ROLES}
    assert problems(region.code, **files) == [("accounts", 8, field)]


@pytest.mark.parametrize("sign", ["\x00", "\t", "\n", "\r", "\x1b", "\x1f", "\x7f", "\x85", "\u2028", "\u2029"])
def test_no_code_or_name_holds_a_sign_that_could_forge_a_printed_row(region: Region, sign: str) -> None:
    last = 3 if sign in "\r\n" else 2  # A quoted cell may go over two lines; it is told by its last.
    name = f'1.2,"Kas{sign}F\tPPKD\t9.9.99",debit,tidak,tidak,2024-01-01,\n'.encode()
    assert problems(region.code, accounts=ACCOUNTS + name, entities=ENTITIES) == [("accounts", last + 6, "nama")]
    entity = f'"L{sign}H",Dinas,PD\nLH,"Dinas{sign}Lain",PD\n'.encode()
    found = [("entities", last + 1, "kode"), ("entities", 2 * last, "nama")]
    assert problems(region.code, entities=ENTITIES + entity) == found
    role = f'peran,kualifikasi,rekening,berlaku_dari\nreceivable,"A{sign}B",{RKUD},2024-01-01\n'.encode()
    told = problems(region.code, accounts=ACCOUNTS, entities=ENTITIES, roles=role)
    assert told == [("roles", last, "kualifikasi")]


def test_the_control_character_is_named(region: Region) -> None:
    with pytest.raises(ChartRefused) as refused:
        load(region.code, entities=ENTITIES + b"LH,Dinas\x1b[2J,PD\n")
    (problem,) = refused.value.problems
    assert problem.message_id == "ada karakter kendali U+001B"
    assert problem.message_en == "there is a control character U+001B"


@pytest.mark.parametrize(
    "accounts, line",
    [
        (b"", 1),
        (b"\n", 1),
        (ACCOUNTS.decode().encode("utf-16"), 1),
        (ACCOUNTS.replace(b"Kas di Kas Daerah", b"Kas di Kas D\xe4erah"), 5),
        (ACCOUNTS.replace(b"Kas,", b'"Kas,', 1) + b"x" * 131_073, 8),
        (ACCOUNTS.replace(b"kode,nama", b"nama,nama", 1), 1),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_by_its_line(region: Region, accounts: bytes, line: int) -> None:
    assert problems(region.code, accounts=accounts, entities=ENTITIES) == [("accounts", line, "berkas")]


def test_lines_may_end_as_on_old_machines_stand_in_any_order_and_be_repeated(region: Region) -> None:
    head, *lines = ACCOUNTS.splitlines()
    upside_down = b"\r".join((head, *reversed(lines), lines[0], b"", lines[5]))
    assert load(region.code, accounts=upside_down, entities=ENTITIES) == ChartLoaded(1, 6, 0)
    before = everything(region.code)
    assert load_all(region.code) == ChartLoaded(0, 0, 1)
    assert everything(region.code)["account"] == before["account"]


def test_a_gap_in_validity_takes_no_postings(books: str) -> None:
    row = "1.1.01.01.01.0001,Kas Daerah,debit,tidak,tidak,{},{}\n"
    since = [row.format("2025-01-01", "2025-12-31"), row.format("2026-07-01", "")]
    load(books, accounts=ACCOUNTS.splitlines(keepends=True)[0] + "".join(since).encode())
    before = everything(books)
    with pytest.raises(AccountTakesNoPostings) as refused:
        post(books, draft("a", credited(5)))
    assert refused.value.facts == {"account": "1.1.01.01.01.0001"}
    assert everything(books) == before
    post(books, draft("b", credited(5), accounted_on=date(2025, 12, 31)))
    post(books, draft("c", credited(5), accounted_on=date(2026, 7, 1)))


RKUD = "1.1.01.01.01.0001"


def dated(since: str, *, side: str = "debit", until: str = "") -> bytes:
    """An accounts file with one further row of the cash account."""
    return ACCOUNTS.splitlines(keepends=True)[0] + f"{RKUD},Kas Daerah,{side},tidak,tidak,{since},{until}\n".encode()


@pytest.mark.parametrize("since", ["2024-01-02", "2026-03-08", "2026-03-09"])
def test_a_row_that_begins_before_a_posting_on_its_code_is_refused(books: str, since: str) -> None:
    post(books, draft("a", credited(5)))
    assert date(2026, 3, 9) == DAY
    assert problems(books, accounts=dated(since)) == [("accounts", 2, "berlaku_dari")]
    assert problems(books, accounts=dated(since, until=since)) == [("accounts", 2, "berlaku_dari")]
    assert load(books, accounts=dated("2026-03-10")) == ChartLoaded(0, 1, 0)


def test_postings_on_the_earlier_rows_of_a_code_count_too(books: str) -> None:
    post(books, draft("a", credited(5)))
    load(books, accounts=dated("2027-01-01"))
    assert problems(books, accounts=dated("2026-03-09")) == [("accounts", 2, "berlaku_dari")]
    assert load(books, accounts=dated("2026-12-31")) == ChartLoaded(0, 1, 0)


def test_an_account_keeps_its_normal_side(region: Region) -> None:
    load_all(region.code)
    assert problems(region.code, accounts=dated("2027-01-01", side="kredit")) == [("accounts", 2, "saldo_normal")]
    both = dated("2027-01-01") + dated("2028-01-01", side="kredit").splitlines(keepends=True)[1]
    assert problems(region.code, accounts=both) == [("accounts", 3, "saldo_normal")]


@pytest.mark.parametrize(
    "line, field",
    [
        (b"kas,,1.1.01.01.01.0001,2024-01-01", "peran"),
        (b"suspense,BPD,1.1.01.01.01.0001,2024-01-01", "kualifikasi"),
        (b"rkud,,1.1.01.01.01.0001,2024", "berlaku_dari"),
        (b"suspense,,1.1.01.01.01.0009,2024-01-01", "rekening"),
        (b"suspense,,1.1.01.01.01,2024-01-01", "rekening"),
        # Before the account is valid, of the other book, an RK role on an account that is none.
        (b"suspense,,1.1.01.01.01.0001,2023-12-31", "rekening"),
        (b"sal_change,,1.1.01.01.01.0001,2024-01-01", "rekening"),
        (b"rk_ppkd,,1.1.01.01.01.0001,2024-01-01", "rekening"),
    ],
)
def test_one_wrong_role_refuses_the_whole_load(region: Region, line: bytes, field: str) -> None:
    files = {"accounts": ACCOUNTS, "entities": ENTITIES, "roles": ROLES + line + b"\n"}
    assert problems(region.code, **files) == [("roles", 3, field)]


def test_a_role_is_not_mapped_twice_from_one_date(region: Region) -> None:
    load_all(region.code)
    other = b"1.1.01.01.01.0002,Kas lain,debit,tidak,tidak,2024-01-01,\n"
    roles = ROLES.replace(b"0001,2024", b"0002,2024")
    assert problems(region.code, accounts=ACCOUNTS + other, roles=roles) == [("roles", 2, "rekening")]


@pytest.mark.parametrize(
    "entities, found",
    [
        (b"kode,nama,jenis\nLH,Dinas,PD\n", [("entities", 1, "jenis")]),
        (ENTITIES + b"PPKD2,Lagi,PPKD\n", [("entities", 3, "jenis")]),
        (ENTITIES + b"LH,Dinas,OPD\n", [("entities", 3, "jenis")]),
        (ENTITIES + b"PPKD,Nama lain,PPKD\n", [("entities", 3, "kode")]),
        (ENTITIES + b",Dinas,PD\n", [("entities", 3, "kode")]),
        (b"code,name,kind\nPPKD,x,PPKD\n", [("entities", 1, "berkas"), ("entities", 1, "jenis")]),
        (b"kode,nama,jenis\nPPKD,\xff,PPKD\n", [("entities", 2, "berkas"), ("entities", 1, "jenis")]),
    ],
)
def test_entities_are_checked_and_need_one_ppkd(
    region: Region, entities: bytes, found: list[tuple[str, int, str]]
) -> None:
    assert problems(region.code, entities=entities) == found


def test_every_fault_of_all_files_is_listed_at_once_in_both_languages(region: Region) -> None:
    with unit_of_work(region.code) as session, pytest.raises(ChartRefused) as refused:
        load_chart(
            session,
            accounts=ACCOUNTS.replace(b"debit", b"debet", 2),
            roles=ROLES.replace(b"rkud", b"kas"),
            entities=ENTITIES,
            actor="cli:test",
            at=AT,
        )
    assert refused.value.message_id == (
        "Bagan akun ditolak, 4 masalah:\n"
        "- accounts, baris 2, saldo_normal: harus salah satu dari: debit, kredit\n"
        "- accounts, baris 3, saldo_normal: harus salah satu dari: debit, kredit\n"
        "- accounts, baris 4, kode: rekening induk 1.1 tidak ada\n"
        "- roles, baris 2, peran: harus salah satu dari: " + ", ".join(ROLE_TABLE)
    )
    assert "line 2, saldo_normal: must be one of: debit, kredit" in refused.value.message_en
    assert everything(region.code)["account"] == []


def test_of_very_many_faults_the_message_lists_a_thousand(region: Region) -> None:
    wrong = b"".join(b"9.%04d,Lain,debit,tidak,tidak,2024-01-01,\n" % number for number in range(1002))
    with pytest.raises(ChartRefused) as refused:
        load(region.code, accounts=ACCOUNTS + wrong, entities=ENTITIES)
    assert (len(refused.value.problems), refused.value.facts["count"]) == (1002, 1002)
    listed = refused.value.message_en.splitlines()
    assert (len(listed), listed[0], listed[-1]) == (1002, "The chart is refused, 1002 problem(s):", "- 2 more")
    assert refused.value.message_id.endswith("\n- 2 lainnya")


def test_before_a_chart_is_loaded_there_is_no_ppkd(region: Region) -> None:
    with unit_of_work(region.code) as session, pytest.raises(PpkdMissing):
        get_ppkd(session)
