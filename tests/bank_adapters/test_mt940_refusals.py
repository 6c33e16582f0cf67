"""An MT940 file that is not whole is refused whole, with every fault named by line and field.

For: hostile, truncated and wrong files; nothing is ever left out or taken as zero.
Not for: files that are accepted (test_mt940_reading).
"""

from __future__ import annotations

import pytest

from bank_adapters.contract import BankFileRefused, StatementUnreadable
from bank_adapters.statements import Mt940Reader

HEAD = ":20:CONTOH01\n:25:1400099990002\n:28C:00325\n:60F:C261120IDR1000000,00\n"
LINE = ":61:2611211121C150000,00NTRFNONREF//FT1\n:86:PEMBAYARAN\n"
TAIL = ":62F:C261121IDR1150000,00\n"


def faults(data: str | bytes) -> list[tuple[int | None, str | None, str]]:
    given = data if isinstance(data, bytes) else data.encode()
    with pytest.raises(StatementUnreadable) as refused:
        Mt940Reader().read(given, filename="contoh.sta")
    return [(problem.line, problem.field, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b" \r\n\r\n", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"%PDF-1.7\x00\x01\x02", "not_text"),
        (bytes(range(256)), "encoding_wrong"),
        (HEAD.encode("utf-16-le"), "not_text"),
        (b"\xff\xfe:20", "encoding_wrong"),
    ],
    ids=["nothing", "blanks", "only a mark", "PDF", "bytes", "UTF-16 unmarked", "cut UTF-16"],
)
def test_what_is_no_text_is_refused(data: bytes, code: str) -> None:
    assert faults(data) == [(None, None, code)]


def test_a_huge_line_is_refused_by_its_number() -> None:
    assert faults(HEAD + ":86:" + "X" * 5_000_000 + "\n" + TAIL) == [(5, None, "line_too_long")]


def test_text_without_a_statement_is_refused() -> None:
    assert faults("Tanggal,Keterangan,Jumlah\n1,2,3\n") == [
        (1, None, "text_outside"),
        (1, None, "no_statement"),
        (2, None, "text_outside"),
    ]


@pytest.mark.parametrize(
    "amount",
    [
        "12.345,00",
        "12,345.00",
        "12345.00",
        "12345",
        "1234567890123456,00",
        "-500,00",
        "5OO,00",
        "500,001",
        ",50",
        "1,5E3",
        "٥٠٠,00",
        "",
        "500,00 ",
    ],
)
def test_an_amount_that_is_not_written_as_swift_says_is_refused_never_guessed(amount: str) -> None:
    # The library alone would read the first of these as 12.
    assert (5, ":61:", "field_unreadable") in faults(f"{HEAD}:61:2611211121C{amount}NTRFNONREF//FT1\n{TAIL}")


@pytest.mark.parametrize("amount", ["0,00", "0,", "000,0"])
def test_a_line_of_zero_is_refused(amount: str) -> None:
    assert faults(f"{HEAD}:61:261121C{amount}NTRF\n:62F:C261121IDR1000000,00\n") == [(5, ":61:", "amount_not_positive")]


@pytest.mark.parametrize(
    "line",
    [
        ":61:2611211121C150000,00",  # no type code: the library lets the next line overwrite it
        ":61:2611211121X150000,00NTRFNONREF",
        ":61:2611211121RRC150000,00NTRFNONREF",
        ":61:2611211121c150000,00NTRFNONREF",
        ":61:26112111C150000,00NTRFNONREF",
        ":61:150000,00",
        ":61:",
        ":61:2611211121C150000,00NTRFNONREF\nrow one\nrow two",
        ":61:2611211121C150000,00NTRFRÉF",
    ],
)
def test_a_line_of_another_shape_is_refused_by_its_number(line: str) -> None:
    assert faults(f"{HEAD}{line}\n{LINE}{TAIL}") == [(5, ":61:", "field_unreadable")]


@pytest.mark.parametrize("day", ["260230", "261301", "261100", "2611211131"])
def test_a_day_that_the_calendar_does_not_have_is_refused(day: str) -> None:
    assert faults(f"{HEAD}:61:{day}C150000,00NTRF\n{TAIL}") == [(5, ":61:", "date_unreadable")]


def test_a_displaced_tag_is_refused_though_the_statement_foots() -> None:
    assert faults(f"{HEAD}{LINE} :61:261121C1,00NTRF\n:61 :261121D1,00NTRF\n{TAIL}") == [
        (7, None, "tag_displaced"),
        (8, None, "tag_displaced"),
    ]


def test_a_line_lost_in_a_remark_does_not_foot() -> None:
    assert faults(f"{HEAD}:61:261121C1,00NTRF\n:86:PEMBAYARAN :61:261121C149999,00NTRF\n{TAIL}") == [
        (7, ":62F:", "does_not_foot")
    ]


def test_a_statement_that_does_not_foot_says_by_how_much() -> None:
    with pytest.raises(StatementUnreadable) as refused:
        Mt940Reader().read((HEAD + LINE + ":62F:C261121IDR1150000,01\n").encode(), filename="contoh.sta")
    (problem,) = refused.value.problems
    assert (problem.line, problem.field, problem.code) == (7, ":62F:", "does_not_foot")
    assert problem.message_en == (
        "Opening Rp1,000,000 and movements Rp150,000 do not give closing Rp1,150,000.01; difference Rp0.01."
    )
    assert problem.message_id == (
        "Saldo awal Rp1.000.000 dan mutasi Rp150.000 tidak menghasilkan saldo akhir Rp1.150.000,01; selisih Rp0,01."
    )


def test_a_debit_read_as_a_credit_would_not_foot() -> None:
    assert faults(HEAD + LINE.replace("C150000", "D150000") + TAIL) == [(7, ":62F:", "does_not_foot")]


@pytest.mark.parametrize(
    ("missing", "field"),
    [(":25:", ":25:"), (":28C:", ":28C:"), (":60F:", ":60F:"), (":62F:", ":62F:")],
)
def test_a_missing_field_is_named_at_the_start_of_its_statement(missing: str, field: str) -> None:
    kept = "".join(row for row in (HEAD + TAIL).splitlines(keepends=True) if not row.startswith(missing))
    assert faults(kept) == [(1, field, "tag_missing")]


def test_a_file_cut_off_is_refused() -> None:
    envelope = "{1:F01LNSBIDJAXXXX0000000000}{2:I940LNSBIDJAXXXXN}{4:\n"
    assert faults(envelope + HEAD + LINE) == [(2, ":62F:", "tag_missing"), (7, "-}", "trailer_missing")]
    assert faults(envelope + HEAD + LINE + TAIL) == [(8, "-}", "trailer_missing")]
    assert faults(envelope + HEAD + LINE + TAIL + "-}\n" + envelope) == [(11, "-}", "trailer_missing")]
    assert faults(HEAD + LINE + TAIL + ":20:CONTOH02\n:25:1400099990002\n") == [
        (8, ":28C:", "tag_missing"),
        (8, ":60F:", "tag_missing"),
        (8, ":62F:", "tag_missing"),
    ]


def test_a_doubled_reference_field_starts_a_statement_that_lacks_everything() -> None:
    assert faults(":20:CONTOH01\n" + HEAD + LINE + TAIL) == [
        (1, ":25:", "tag_missing"),
        (1, ":28C:", "tag_missing"),
        (1, ":60F:", "tag_missing"),
        (1, ":62F:", "tag_missing"),
    ]


@pytest.mark.parametrize("doubled", [":25:1400099990001", ":28C:00326", ":60F:C261120IDR1000000,00"])
def test_two_of_a_field_in_one_statement_are_refused(doubled: str) -> None:
    # Two accounts in one statement among them: neither is chosen.
    tag = doubled[: doubled.index(":", 1) + 1]
    rows = HEAD.splitlines()
    at = next(index for index, row in enumerate(rows) if row.startswith(tag)) + 1
    file = "\n".join([*rows[:at], doubled, *rows[at:]]) + "\n" + LINE + TAIL
    assert faults(file) == [(at + 1, tag, "tag_repeated")]


def test_a_line_after_the_closing_balance_is_refused() -> None:
    assert faults(HEAD + TAIL + LINE) == [(6, ":61:", "tag_out_of_order")]


def test_an_unknown_tag_is_refused() -> None:
    assert faults(HEAD + LINE + ":16:261121C1,00\n" + TAIL) == [(7, ":16:", "tag_unknown")]


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (HEAD.replace("IDR", "USD") + LINE + TAIL, (4, ":60F:", "currency_not_idr")),
        (HEAD + LINE + TAIL.replace("IDR", "SGD"), (7, ":62F:", "currency_not_idr")),
        (HEAD + LINE + TAIL.replace("IDR", "idr"), (7, ":62F:", "field_unreadable")),
    ],
)
def test_another_currency_is_refused(file: str, fault: tuple[int, str, str]) -> None:
    assert faults(file) == [fault]


@pytest.mark.parametrize(
    ("was", "now", "fault"),
    [
        ("C261120IDR1000000,00", "X261120IDR1000000,00", (4, ":60F:", "field_unreadable")),
        ("C261120IDR1000000,00", "C261120IDR1000000.00", (4, ":60F:", "field_unreadable")),
        ("C261120IDR1000000,00", "C261120IDR1000000,00 CR", (4, ":60F:", "field_unreadable")),
        ("C261120IDR1000000,00", "C260231IDR1000000,00", (4, ":60F:", "date_unreadable")),
        ("C261120IDR1000000,00", "C261122IDR1000000,00", (7, ":62F:", "dates_reversed")),
        (":28C:00325", ":28C:A1", (3, ":28C:", "field_unreadable")),
        (":28C:00325", ":28C:123456", (3, ":28C:", "field_unreadable")),
        (":25:1400099990002", ":25:", (2, ":25:", "field_unreadable")),
        (":25:1400099990002", ":25:" + "9" * 36, (2, ":25:", "field_unreadable")),
    ],
)
def test_a_field_of_the_statement_of_another_shape_is_refused(was: str, now: str, fault: tuple[int, str, str]) -> None:
    assert faults((HEAD + LINE + TAIL).replace(was, now)) == [fault]


def test_statements_of_one_account_must_follow_each_other() -> None:
    second = (HEAD + TAIL).replace("1150000,00", "1000000,00").replace("00325", "00326")
    assert faults(HEAD + LINE + TAIL + second) == [(11, ":60F:", "not_continuous")]


def test_a_statement_twice_in_one_file_is_refused() -> None:
    still = HEAD + ":62F:C261121IDR1000000,00\n"
    assert faults(still + "-\n" + still) == [(10, ":28C:", "statement_repeated")]


def test_pages_that_do_not_meet_are_refused() -> None:
    first = (HEAD + LINE + TAIL).replace("00325", "325/1").replace(":62F:", ":62M:")
    third = (HEAD + TAIL).replace("1000000,00", "1150000,00").replace("00325", "325/3").replace(":60F:", ":60M:")
    assert faults(first) == [(7, ":62M:", "page_without_end")]
    assert faults(third) == [(4, ":60M:", "page_without_start")]
    assert faults(first + third) == [(7, ":62M:", "page_without_end"), (11, ":60M:", "page_without_start")]


def test_all_faults_are_listed_in_the_order_of_the_file() -> None:
    file = HEAD + ":61:nonsense\n" + LINE + ":61:261121C5.000,00NTRF\n" + TAIL.replace("IDR", "USD")
    assert faults(file) == [
        (5, ":61:", "field_unreadable"),
        (8, ":61:", "field_unreadable"),
        (9, ":62F:", "currency_not_idr"),
    ]


def test_a_file_with_thousands_of_faults_lists_two_hundred_and_says_so() -> None:
    found = faults(HEAD + ":61:nonsense\n" * 5000 + TAIL)
    assert len(found) == 201
    assert found[0] == (5, ":61:", "field_unreadable")
    assert found[-1] == (None, None, "too_many_problems")


def test_the_refusal_speaks_both_languages_and_carries_all_problems() -> None:
    with pytest.raises(BankFileRefused) as refused:
        Mt940Reader().read((HEAD + ":61:{x}\n" + TAIL).encode(), filename="contoh.sta")
    assert refused.value.as_dict() == {
        "code": "statement_unreadable",
        "message": {
            "id": "Rekening koran ditolak, 1 masalah. Baris 5: Isi '{x}' tidak sesuai format.",
            "en": "The bank statement is refused, 1 problem(s). Line 5: The content '{x}' is not as the format says.",
        },
        "field": ":61:",
        "line": 5,
        "problems": [
            {
                "code": "field_unreadable",
                "message": {
                    "id": "Isi '{x}' tidak sesuai format.",
                    "en": "The content '{x}' is not as the format says.",
                },
                "line": 5,
                "field": ":61:",
            }
        ],
    }
    assert refused.value.http_status == 422
