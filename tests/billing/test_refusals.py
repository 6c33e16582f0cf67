"""Files that are refused: every wrong place is told and nothing changes (`refuse` counts all rows before and after)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from billing.errors import PROBLEMS
from foundation.regions import Region
from tests.billing.bill_files import (
    GOOD,
    HEADER,
    MARKET,
    PBB,
    SAMPLES,
    a_file,
    ask,
    import_file,
    places,
    read_mapping,
    refuse,
    row,
    with_form,
)


@pytest.mark.parametrize(
    ("nop", "code"),
    [
        ("", "value_missing"),
        ('"5,20301E+17"', "number_scientific"),
        ("5.20301E+17", "number_scientific"),
        ("5E17", "number_scientific"),
        ("331699900100100017.0", "number_with_tail"),
        ("331699900100100017.", "number_with_tail"),
        ('"331699900100100017,00"', "number_with_tail"),
        ("'331699900100100017", "text_mark"),
        ('="331699900100100017"', "text_mark"),
        ("=A1", "text_mark"),
        ("#REF!", "spreadsheet_error"),
        ("##########", "spreadsheet_error"),
        ("31699900100100017", "nop_length"),
        ("3316999001001000171", "nop_length"),
        ("33.16.999.001.001-0001", "nop_length"),
        ("33.16.999.001.0010-001.7", "object_number_invalid"),
        ("33169990010010001X", "nop_length"),
        ("-331699900100100017", "object_number_invalid"),
    ],
)
def test_an_nop_that_is_not_18_digits_is_refused(blora: Region, nop: str, code: str) -> None:
    assert places(refuse(blora, a_file(row(1), row(2).replace("331699900100100027", nop)))) == [
        (3, "object_number", code)
    ]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", "value_missing"),
        ("0", "amount_not_positive"),
        ("0.00", "amount_not_positive"),
        ("-5000", "amount_not_positive"),
        ("150000.50", "amount_odd_sen"),
        ("1.5E+05", "number_scientific"),
        ('"1,5E+05"', "number_scientific"),
        ("150.000", "amount_unreadable"),
        ('"150.000,00"', "amount_unreadable"),
        ('"150,000"', "amount_unreadable"),
        ("150000.0", "amount_unreadable"),
        ("150 000", "amount_unreadable"),
        ("Rp150000", "amount_unreadable"),
        ("+150000", "amount_unreadable"),
        ("１５００００", "amount_unreadable"),
        ("1234567890123456", "amount_unreadable"),
        ("NULL", "amount_unreadable"),
        ("#VALUE!", "spreadsheet_error"),
    ],
)
def test_an_amount_that_is_not_whole_rupiah_as_stated_is_refused(blora: Region, amount: str, code: str) -> None:
    assert places(refuse(blora, a_file(row(1, amount=amount)))) == [(2, "amount", code)]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("75000.00", "amount_unreadable"),
        ("7.50.00", "amount_unreadable"),
        ("75,000", "amount_unreadable"),
        ("75.000,5", "amount_unreadable"),
        ("75.000,50", "amount_odd_sen"),
        ("0,00", "amount_not_positive"),
        ("-75.000,00", "amount_not_positive"),
    ],
)
def test_an_indonesian_amount_is_read_as_strictly(blora: Region, amount: str, code: str) -> None:
    header = "No Kios;Masa;Nama Pedagang;Pasar;Ketetapan;Jatuh Tempo"
    data = a_file(f"000001;01/2026;Pedagang Contoh;Pasar Contoh;{amount};31/12/2026", header=header)
    assert places(refuse(blora, data, MARKET)) == [(2, "amount", code)]


@pytest.mark.parametrize(
    ("cell", "value", "field", "code"),
    [
        ("year", "26", "period", "period_invalid"),
        ("year", "1989", "period", "period_invalid"),
        ("year", "2026-01", "period", "period_invalid"),
        ("year", "2026.0", "period", "number_with_tail"),
        ("year", "2.026E3", "period", "number_scientific"),
        ("year", "", "period", "value_missing"),
        ("name", "", "payer_name", "value_missing"),
        ("name", "   ", "payer_name", "value_missing"),
        ("name", "12345", "payer_name", "name_without_letters"),
        ("name", "-", "payer_name", "name_without_letters"),
        ("name", "W" * 101, "payer_name", "text_too_long"),
        ("name", "=CONTOH", "payer_name", "text_mark"),
        ("name", "#N/A", "payer_name", "spreadsheet_error"),
        ("address", "J" * 201, "object_address", "text_too_long"),
        ("name", "Warga\x00Contoh", "payer_name", "control_character"),
        ("name", "Warga\tContoh", "payer_name", "control_character"),
        ("name", "Warga\u202eContoh", "payer_name", "control_character"),
        ("name", "Warga\x85Contoh", "payer_name", "control_character"),
        ("name", "Warga \ufffdontoh", "payer_name", "text_unreadable"),
        ("due", "", "due_on", "value_missing"),
        ("due", "2026-02-30", "due_on", "date_unreadable"),
        ("due", "30/09/2026", "due_on", "date_unreadable"),
        ("due", "2026-9-30", "due_on", "date_unreadable"),
        ("due", "46295", "due_on", "date_unreadable"),
        ("due", "2026-01-04", "due_on", "due_in_the_past"),
        ("due", "2206-09-30", "due_on", "due_too_far"),
    ],
)
def test_every_other_field_is_checked_too(blora: Region, cell: str, value: str, field: str, code: str) -> None:
    assert places(refuse(blora, a_file(row(1), row(2, **{cell: value})))) == [(3, field, code)]


def test_the_due_date_may_be_today_in_the_regions_zone(blora: Region) -> None:
    evening = datetime(2026, 9, 30, 16, 59, tzinfo=UTC)
    assert import_file(blora, a_file(row(1)), at=evening).issued == 1
    assert places(refuse(blora, a_file(row(2)), at=datetime(2026, 9, 30, 17, 0, tzinfo=UTC))) == [
        (2, "due_on", "due_in_the_past")
    ]


def test_all_problems_of_all_rows_are_told_in_order(blora: Region) -> None:
    data = a_file(
        row(1, nop="5.20301E+17", amount="0", due="x"),
        GOOD,
        row(2, name=""),
        "too,few",
        GOOD,
        "",
        row(3, amount="abc"),
    )
    assert places(refuse(blora, data)) == [
        (2, "object_number", "number_scientific"),
        (2, "amount", "amount_not_positive"),
        (2, "due_on", "date_unreadable"),
        (4, "payer_name", "value_missing"),
        (5, None, "column_count"),
        (6, "object_number", "key_doubled"),
        (8, "amount", "amount_unreadable"),
    ]


def test_a_problem_speaks_indonesian_and_english_and_shows_what_stood_there(blora: Region) -> None:
    (problem,) = refuse(blora, a_file(row(1, nop="5.20301E+17")))
    assert problem.message_id == (
        "'5.20301E+17' adalah notasi ilmiah; angka aslinya sudah hilang. Ekspor ulang kolom ini sebagai teks."
    )
    assert problem.message_en == (
        "'5.20301E+17' is scientific notation; the original digits are lost. Export the column again as text."
    )
    assert problem.as_dict() == {
        "code": "number_scientific",
        "message": {"id": problem.message_id, "en": problem.message_en},
        "line": 2,
        "field": "object_number",
    }


@pytest.mark.parametrize(
    ("nop", "message"),
    [
        ("\u0663\u0663\u0661\u0666" + "99900100100017", "berisi 14 angka."),
        ("33169990010010001", "berisi 17 angka."),
    ],
)
def test_only_plain_digits_count_as_those_of_an_nop(blora: Region, nop: str, message: str) -> None:
    (problem,) = refuse(blora, a_file(row(1, nop=nop)))
    assert problem.code == "nop_length"
    assert problem.message_id == f"NOP harus 18 angka; {nop!r} {message}"


def test_a_number_with_18_digits_and_more_is_not_said_to_lack_digits(blora: Region) -> None:
    (problem,) = refuse(blora, a_file(row(1, nop="331699900100100017X")))
    assert problem.message_id == "Nomor objek '331699900100100017X' tidak sah."


def test_each_language_writes_dates_and_amounts_its_own_way(blora: Region) -> None:
    import_file(blora, a_file(row(1)))
    late, other = refuse(blora, a_file(row(2, due="2025-02-03"), row(1, amount="7628062")))
    assert late.message_id == (
        "Jatuh tempo 3 Februari 2025 sudah lewat (hari ini 5 Januari 2026); tagihan tidak akan bisa dibayar."
    )
    assert late.message_en == (
        "The due date 3 February 2025 has passed (today is 5 January 2026); the bill could not be paid."
    )
    assert other.message_id.endswith("sudah ditetapkan Rp150.000, pada berkas Rp7.628.062.")
    assert other.message_en.endswith("already issued with Rp150,000; the file says Rp7,628,062.")


def test_a_doubled_key_names_both_lines_however_it_is_written(blora: Region) -> None:
    found = refuse(blora, a_file(row(1), row(2), row(1, nop="33.16.999.001.001-0001.7"), row(1, amount="99")))
    assert places(found) == [(4, "object_number", "key_doubled"), (5, "object_number", "key_doubled")]
    assert [problem.message_en for problem in found] == [
        "33.16.999.001.001-0001.7 for 2026 also stands on line 2.",
        "33.16.999.001.001-0001.7 for 2026 also stands on line 2.",
    ]


def test_an_issued_key_with_another_amount_names_both_amounts(blora: Region) -> None:
    import_file(blora, a_file(row(1), row(2)))
    (problem,) = refuse(blora, a_file(row(3), row(2, amount="175000"), row(1)))
    assert (problem.line, problem.field, problem.code) == (3, "amount", "issued_with_other_amount")
    assert problem.message_id == (
        "33.16.999.001.001-0002.7 masa 2026 sudah ditetapkan Rp150.000, pada berkas Rp175.000."
    )
    assert ask(blora, "SELECT amount_sen FROM bill WHERE object_number = '331699900100100027'") == [(15_000_000,)]


def test_nops_that_excel_rounded_are_seen_by_their_common_zeros(blora: Region) -> None:
    rounded = [row(0, nop=f"3316999001{number:05d}000") for number in range(1, 8)]
    assert places(refuse(blora, a_file(*rounded))) == [(None, "object_number", "nop_rounded")]
    assert import_file(blora, a_file(*rounded, row(1))).issued == 8


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [(None, None, "file_empty")]),
        (b"\r\n\r\n", [(None, None, "file_empty")]),
        (b"\xef\xbb\xbf", [(None, None, "file_empty")]),
        (HEADER.encode(), [(None, None, "file_without_rows")]),
        (f"{HEADER}\n\n".encode(), [(None, None, "file_without_rows")]),
        (b"PK\x03\x04 whatever", [(None, None, "file_is_workbook")]),
        (b"\xd0\xcf\x11\xe0 whatever", [(None, None, "file_is_workbook")]),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), [(1, None, "encoding_differs")]),
        (f"{HEADER}\n{'x' * 20_001}\n".encode(), [(2, None, "line_too_long")]),
        (f'{HEADER}\n"{GOOD}\n{GOOD}\n'.encode(), [(2, None, "quote_wrong")]),
        (f'{HEADER}\n"33"16,2026,a,b,1,2026-09-30\n'.encode(), [(2, None, "quote_wrong")]),
        (f"{HEADER}\n{GOOD},\n".encode(), [(2, None, "column_count")]),
        (f"{HEADER}\n,,,,,\n".encode(), [(2, field, "value_missing") for field in PBB.columns if "addr" not in field]),
        (b"NOP;TAHUN\n1;2\n", [(1, field, "column_missing") for field in PBB.columns]),
        (f"{HEADER},nop\n{GOOD},1\n".encode(), [(1, "object_number", "column_doubled")]),
        (f"{HEADER.replace('TAHUN', 'THN')}\n{GOOD}\n".encode(), [(1, "period", "column_missing")]),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_whole(
    blora: Region, data: bytes, expected: list[tuple[int | None, str | None, str]]
) -> None:
    assert places(refuse(blora, data)) == expected


def test_bytes_that_do_not_decode_are_told_by_line_and_field(blora: Region) -> None:
    data = a_file(row(1), row(2, name="Andr@ Contoh"), row(3), row(4, address="Jl. @")).replace(b"@", b"\xe9")
    found = refuse(blora, data)
    assert places(found) == [(3, "payer_name", "text_unreadable"), (5, "object_address", "text_unreadable")]
    assert found[0].message_en == "There are characters that cannot be read as utf-8."
    assert import_file(blora, data, with_form(PBB, encoding="windows-1252")).issued == 4
    assert ask(blora, "SELECT payer_name FROM bill ORDER BY id LIMIT 1 OFFSET 1") == [("André Contoh",)]


def test_a_byte_that_windows_1252_does_not_have_is_refused(blora: Region) -> None:
    data = a_file(row(1, name="Warga @")).replace(b"@", b"\x81")
    assert places(refuse(blora, data, with_form(PBB, encoding="windows-1252"))) == [
        (2, "payer_name", "text_unreadable")
    ]


def test_a_mark_of_another_encoding_is_refused(blora: Region) -> None:
    marked = b"\xef\xbb\xbf" + a_file(GOOD)
    assert places(refuse(blora, marked, with_form(PBB, encoding="windows-1252"))) == [(1, None, "encoding_differs")]
    assert places(refuse(blora, a_file(GOOD), with_form(PBB, encoding="utf-16"))) == [
        (1, None, "encoding_mark_missing")
    ]
    assert import_file(blora, marked).issued == 1


def test_a_torn_utf_16_file_is_refused(blora: Region) -> None:
    data = f"{HEADER}\n{GOOD}\n".encode("utf-16")[:-3]
    found = places(refuse(blora, data, with_form(PBB, encoding="utf-16")))
    assert found == [(2, "due_on", "text_unreadable")]


def test_a_sign_in_a_column_that_we_do_not_read_is_refused_too(blora: Region) -> None:
    data = a_file(f"{GOOD},catatan\x07", header=f"{HEADER},CATATAN")
    (problem,) = refuse(blora, data)
    assert (problem.line, problem.field, problem.code) == (2, None, "control_character")
    assert problem.message_en == "There is a control character U+0007."


def test_titles_above_the_header_are_skipped_and_a_file_of_titles_refused(blora: Region) -> None:
    titled = with_form(PBB, header_line=3)
    assert places(refuse(blora, b"Daftar\nTahun 2026\n", titled)) == [(None, None, "header_missing")]
    assert import_file(blora, b"Daftar,\n\n" + a_file(GOOD), titled).issued == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(blora: Region, end: str) -> None:
    data = end.join([HEADER, row(1), row(2, name="")]).encode()
    assert places(refuse(blora, data)) == [(3, "payer_name", "value_missing")]
    assert import_file(blora, end.join([HEADER, row(1), row(2)]).encode()).issued == 2


def test_a_wrong_nik_or_phone_is_refused_without_being_repeated(blora: Region) -> None:
    mapping = replace(PBB, columns=dict(PBB.columns) | {"nik": "NIK", "phone": "HP"})
    header = f"{HEADER},NIK,HP"
    data = a_file(
        f"{row(1)},3.31699E+15,0812",
        f"{row(2)},331699000000000,+1 202 555 0100",
        f"{row(3)},,",
        header=header,
    )
    found = refuse(blora, data, mapping)
    assert places(found) == [
        (2, "nik", "nik_invalid"),
        (2, "phone", "phone_invalid"),
        (3, "nik", "nik_invalid"),
        (3, "phone", "phone_invalid"),
    ]
    assert not any(digits in str(problem.as_dict()) for problem in found for digits in ("3316990", "0812", "0100"))


def test_a_stall_number_that_lost_its_zeros_is_refused(blora: Region) -> None:
    header = "No Kios;Masa;Nama Pedagang;Pasar;Ketetapan;Jatuh Tempo"
    rest = "01/2026;Pedagang Contoh;Pasar Contoh;75.000,00;31/12/2026"
    assert places(refuse(blora, a_file(f"1;{rest}", f"1E3;{rest}", header=header), MARKET)) == [
        (2, "object_number", "object_number_invalid"),
        (3, "object_number", "number_scientific"),
    ]


def test_free_numbers_do_not_pass_scientific_notation(blora: Region) -> None:
    mapping = read_mapping((SAMPLES / "kebersihan-3316.toml").read_bytes())
    mapping = with_form(
        replace(mapping, columns={k: v for k, v in mapping.columns.items() if k != "nik"}), encoding="utf-8"
    )
    header = "NPWRD\tMASA\tNAMA\tALAMAT\tTARIF"
    data = a_file(
        "3.3E+12\t2026-01\tWarga Contoh\tJl. Contoh\t20000",
        "330012.0\t2026-01\tWarga Contoh\tJl. Contoh\t20000",
        "R 1\t2026-13\tWarga Contoh\tJl. Contoh\t20000",
        header=header,
    )
    assert places(refuse(blora, data, mapping)) == [
        (2, "object_number", "number_scientific"),
        (3, "object_number", "number_with_tail"),
        (4, "object_number", "object_number_invalid"),
        (4, "period", "period_invalid"),
    ]


def test_bills_that_add_up_to_more_than_can_be_booked_are_refused(blora: Region) -> None:
    data = a_file(*[row(number, amount="999999999999999") for number in range(1, 101)])
    assert places(refuse(blora, data)) == [(None, "amount", "total_too_large")]


def test_every_problem_has_both_sentences_and_they_name_the_same_facts() -> None:
    for code, (text_id, text_en) in PROBLEMS.items():
        named = [{part.split("}")[0].split("!")[0] for part in text.split("{")[1:]} for text in (text_id, text_en)]
        assert named[0] == named[1], code
