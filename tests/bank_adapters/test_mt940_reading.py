"""What an MT940 file says is read to the sen, whatever its envelope, line ends and encoding.

For: files that are accepted.
Not for: files that are refused (test_mt940_refusals).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bank_adapters.contract import StatementFile, StatementLine, StatementReader
from bank_adapters.statements import Mt940Reader
from foundation.money import Money

SAMPLES = Path(__file__).parents[2] / "samples" / "statements"
NOV_20, NOV_21 = date(2026, 11, 20), date(2026, 11, 21)

PLAIN = """\
:20:CONTOH01
:25:1400099990002
:28C:00325
:60F:C261120IDR1000000,00
:61:2611211121C150000,00NTRFNONREF//FT26326000000001
:86:PELIMPAHAN STL261121BC01
:62F:C261121IDR1150000,00
-
"""


def read(text: str) -> tuple[StatementFile, ...]:
    return Mt940Reader().read(text.encode("ascii"), filename="contoh.sta")


def body(lines: str, closing: str = "C261121IDR1000000,00", opening: str = "C261120IDR1000000,00") -> str:
    return f":20:CONTOH01\n:25:1400099990002\n:28C:00325\n:60F:{opening}\n{lines}:62F:{closing}\n"


def test_a_statement_is_read_with_its_balances_and_lines() -> None:
    assert read(PLAIN) == (
        StatementFile(
            account_no="1400099990002",
            statement_no="00325",
            opening_on=NOV_20,
            opening=Money(100000000),
            closing_on=NOV_21,
            closing=Money(115000000),
            lines=(
                StatementLine(
                    line_no=5,
                    value_on=NOV_21,
                    entry_on=NOV_21,
                    amount=Money(15000000),
                    direction="credit",
                    bank_reference="FT26326000000001",
                    owner_reference=None,
                    text="PELIMPAHAN STL261121BC01",
                ),
            ),
            reference="CONTOH01",
        ),
    )


def test_the_reader_is_a_statement_reader() -> None:
    reader: StatementReader = Mt940Reader()
    assert len(reader.read(PLAIN.encode(), filename="contoh.sta")) == 1


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        PLAIN.encode() + b"\x1a",
        PLAIN.replace("\n-\n", "\n").encode(),
        PLAIN.replace("\n-\n", "\n-}\n").encode(),
        PLAIN.replace("\n", "   \n").encode(),
        PLAIN.replace("\n-\n", "\n:64:C261121IDR1150000,00\n-\n").encode(),
    ],
    ids=["CRLF", "CR", "BOM", "UTF-16", "Ctrl-Z", "no trailer", "brace trailer", "padded", "available balance"],
)
def test_line_ends_marks_and_trailers_change_nothing(data: bytes) -> None:
    assert Mt940Reader().read(data, filename="contoh.sta") == read(PLAIN)


def test_swift_envelopes_are_taken_off_also_when_two_meet_on_one_line() -> None:
    opens = "{1:F01LNSBIDJAXXXX0000000000}{2:I940LNSBIDJAXXXXN}{3:{108:CONTOH}}{4:"
    first = PLAIN.replace("\n-\n", "\n")
    second = body("").replace("1000000,00", "1150000,00").replace("00325", "00326")
    file = f"{opens}\n{first}-}}{{5:{{CHK:0123456789AB}}}}{opens}\n{second}-}}{{5:}}\n"
    statements = read(file)
    assert [(s.statement_no, s.opening, s.closing) for s in statements] == [
        ("00325", Money(100000000), Money(115000000)),
        ("00326", Money(115000000), Money(115000000)),
    ]
    # The line number is that of the file, envelope counted.
    assert statements[0].lines[0].line_no == 6


@pytest.mark.parametrize(
    ("mark", "direction", "reversal", "closing"),
    [
        ("C", "credit", False, "C261121IDR1000500,25"),
        ("D", "debit", False, "C261121IDR999499,75"),
        ("RC", "debit", True, "C261121IDR999499,75"),
        ("RD", "credit", True, "C261121IDR1000500,25"),
        ("CR", "credit", False, "C261121IDR1000500,25"),
    ],
    ids=["credit", "debit", "credit taken back", "debit taken back", "funds code R"],
)
def test_marks_say_which_way_the_money_went(mark: str, direction: str, reversal: bool, closing: str) -> None:
    (statement,) = read(body(f":61:2611211121{mark}500,25NTRFNONREF//FT1\n", closing))
    (line,) = statement.lines
    assert (line.amount, line.direction, line.reversal) == (Money(50025), direction, reversal)


@pytest.mark.parametrize(("written", "sen"), [("500,", 50000), ("500,5", 50050), ("0,01", 1), ("000500,00", 50000)])
def test_amounts_may_leave_decimals_out_after_the_comma(written: str, sen: int) -> None:
    closing = Money(100000000 + sen).plain().replace(".", ",")
    (statement,) = read(body(f":61:261121C{written}NTRF\n", f"C261121IDR{closing}"))
    assert statement.lines[0].amount == Money(sen)


def test_an_overdrawn_account_has_negative_balances() -> None:
    (statement,) = read(
        body(":61:261121D1500000,00NTRFNONREF//FT1\n", "D261121IDR2500000,50", opening="D261120IDR1000000,50")
    )
    assert (statement.opening, statement.closing) == (Money(-100000050), Money(-250000050))


def test_a_day_without_lines_is_a_statement() -> None:
    (statement,) = read(body(""))
    assert statement.lines == ()
    assert statement.closing == statement.opening == Money(100000000)


def test_a_missing_entry_date_is_the_value_date_and_one_across_new_year_keeps_its_year() -> None:
    (statement,) = read(
        ":20:CONTOH01\n:25:1400099990002\n:28C:1\n:60F:C261231IDR0,00\n"
        ":61:261231C1,00NTRF\n:61:2612310102C1,00NTRF\n:61:2701021231C1,00NTRF\n:61:261231    C1,00NTRF\n"
        ":62F:C270102IDR4,00\n"
    )
    assert [(line.value_on, line.entry_on) for line in statement.lines] == [
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2026, 12, 31), date(2027, 1, 2)),
        (date(2027, 1, 2), date(2026, 12, 31)),
        (date(2026, 12, 31), date(2026, 12, 31)),
    ]


def test_references_are_kept_whole_and_nonref_is_none() -> None:
    (statement,) = read(
        body(
            ":61:261121C1,00NTRFINV/2026/0001//BRI-0123456789-0123456789-01\n"
            ":61:261121C1,00NTRFNONREF\n"
            ":61:261121C1,00S940\n",
            "C261121IDR1000003,00",
        )
    )
    assert [(line.owner_reference, line.bank_reference) for line in statement.lines] == [
        ("INV/2026/0001", "BRI-0123456789-0123456789-01"),
        (None, None),
        (None, None),
    ]


def test_two_honest_equal_payments_stay_two() -> None:
    (statement,) = read(
        body(
            ":61:261121C150000,00NTRFNONREF\n:86:SETOR TUNAI\n"
            ":61:261121C150000,00NTRFNONREF\n:86:SETOR TUNAI\n"
            ":61:261121C150000,00NTRFNONREF\n:86:SETOR LAIN\n",
            "C261121IDR1450000,00",
        )
    )
    assert [(line.line_no, line.text, line.occurrence) for line in statement.lines] == [
        (5, "SETOR TUNAI", 1),
        (7, "SETOR TUNAI", 2),
        (9, "SETOR LAIN", 1),
    ]


def test_a_remark_of_several_rows_is_one_text_and_a_full_row_is_joined_without_a_blank() -> None:
    full = "X" * 60 + "STL26"
    (statement,) = read(
        body(
            f":61:261121C1,00NTRFNONREF//FT1\nRINCIAN BANK\n:86:BARIS SATU\nBARIS DUA\n{full}\n1121BC01 AKHIR\n",
            "C261121IDR1000001,00",
        )
    )
    assert statement.lines[0].text == "RINCIAN BANK BARIS SATU BARIS DUA " + "X" * 60 + "STL261121BC01 AKHIR"


def test_a_remark_of_the_statement_is_not_put_on_its_last_line() -> None:
    (statement,) = read(
        body(":61:261121C1,00NTRFNONREF//FT1\n:86:PEMBAYARAN\n", "C261121IDR1000001,00") + ":86:INFO REKENING\n"
    )
    assert statement.lines[0].text == "PEMBAYARAN"


@pytest.mark.parametrize("data", ["Réné Contoh".encode(), "Réné Contoh".encode("cp1252")], ids=["UTF-8", "cp1252"])
def test_letters_beyond_ascii_may_stand_in_remarks(data: bytes) -> None:
    head, tail = body(":61:261121C1,00NTRF\n:86:@\n", "C261121IDR1000001,00").encode().split(b"@")
    (statement,) = Mt940Reader().read(head + data + tail, filename="contoh.sta")
    assert statement.lines[0].text == "Réné Contoh"


def test_a_stated_encoding_is_used() -> None:
    head, tail = body(":61:261121C1,00NTRF\n:86:@\n", "C261121IDR1000001,00").encode().split(b"@")
    (statement,) = Mt940Reader(encoding="cp437").read(head + b"R\x82n\x82" + tail, filename="contoh.sta")
    assert statement.lines[0].text == "Réné"


def test_pages_of_a_statement_are_joined() -> None:
    page = (
        ":20:CONTOH{n}\n:25:1400099990002\n:28C:325/{n}\n:60{o}:C261120IDR{a}\n"
        ":61:261121C1,00NTRF\n:62{c}:C261121IDR{b}\n-\n"
    )
    file = (
        page.format(n=1, o="F", a="0,00", c="M", b="1,00")
        + page.format(n=2, o="M", a="1,00", c="M", b="2,00")
        + page.format(n=3, o="M", a="2,00", c="F", b="3,00")
    )
    (statement,) = read(file)
    assert (statement.statement_no, statement.opening, statement.closing) == ("325", Money(0), Money(300))
    # Lines of several pages that look alike are counted through.
    assert [(line.line_no, line.occurrence) for line in statement.lines] == [(5, 1), (12, 2), (19, 3)]


def test_two_accounts_in_one_file_are_two_statements() -> None:
    other = body(":61:261121D1,00NTRFNONREF//FT2\n", "C261121IDR999999,00").replace("1400099990002", "1400099990001")
    statements = read(PLAIN + other)
    assert [(s.account_no, s.closing, len(s.lines)) for s in statements] == [
        ("1400099990002", Money(115000000), 1),
        ("1400099990001", Money(99999900), 1),
    ]


def test_the_samples_are_read() -> None:
    found = {
        path.name: [
            (s.account_no, s.statement_no, s.opening.plain(), s.closing.plain(), len(s.lines))
            for s in Mt940Reader().read(path.read_bytes(), filename=path.name)
        ]
        for path in SAMPLES.glob("*.sta")
    }
    assert found == {
        "mt940-holding.sta": [("1400099990001", "00325", "0.00", "0.00", 4)],
        "mt940-rkud.sta": [("1400099990002", "00325", "1250000000.00", "1250441734.56", 3)],
        "mt940-two-days.sta": [
            ("1400099990002", "00324", "1000000.00", "1375000.50", 3),
            ("1400099990002", "00325", "1375000.50", "1293500.00", 2),
        ],
    }
